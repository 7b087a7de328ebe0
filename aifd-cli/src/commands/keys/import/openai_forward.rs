//! Keys from openai-forward's configuration, read as `aifd run` reads it.

use super::{
    super::entry::Entry,
    Content, Draft,
    fault::{Fault, What},
};
use crate::{
    report::{Failure, problem_list},
    ui::Ui,
};
use aifd_core::config::{self, Environment, ForwardKeyConfig, Problem, Problems, Severity, Sources};
use std::path::{Path, PathBuf};

/// A file that is empty, so that no other file is looked for.
const NO_FILE: &str = "/dev/null";

/// From a configuration file.
pub(super) fn yaml(path: &Path, ui: &Ui) -> Result<Result<Content, Vec<Fault>>, Failure> {
    keys(path, Environment::default(), ui)
}

/// From the text of a `.env`.
pub(super) fn env(text: &str, ui: &Ui) -> Result<Result<Content, Vec<Fault>>, Failure> {
    keys(Path::new(NO_FILE), Environment::default().with_dotenv(text), ui)
}

/// The variables of this process do not count: they are another configuration's.
fn keys(file: &Path, environment: Environment, ui: &Ui) -> Result<Result<Content, Vec<Fault>>, Failure> {
    let directory = std::env::current_dir();
    let directory = directory.map_err(|source| Failure::System("find the working directory", source))?;
    Ok(read(file, directory, environment).map(|(drafts, warnings)| {
        if !warnings.is_empty() {
            ui.talk(problem_list(&warnings, ui.paint_talk()).trim_end());
        }
        Content::Drafts(drafts)
    }))
}

fn read(
    file: &Path,
    directory: PathBuf,
    environment: Environment,
) -> Result<(Vec<Draft>, Vec<Problem>), Vec<Fault>> {
    let sources = Sources { config_flag: Some(file.to_owned()), flags: Vec::new(), directory, environment };
    let loaded = config::load(&sources).map_err(|Problems(problems)| {
        let errors = problems.into_iter().filter(|problem| problem.severity == Severity::Error);
        errors.map(Fault::from).collect::<Vec<_>>()
    })?;
    let drafts: Vec<Draft> = loaded.config.access.forward_keys.into_iter().map(draft).collect();
    if drafts.is_empty() {
        return Err(vec![Fault { line: None, what: What::NoKeys }]);
    }
    let about_keys =
        |problem: &Problem| problem.key.is_empty() || problem.key.starts_with("api_key.forward_key");
    Ok((drafts, loaded.warnings.into_iter().filter(about_keys).collect()))
}

fn draft(key: ForwardKeyConfig) -> Draft {
    let entry = Entry { secret: Some(key.key), level: Some(key.level), ..Entry::default() };
    Draft { line: None, entry }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<(String, u32)>, Vec<String>> {
        let environment = Environment::default().with_dotenv(text);
        match read(Path::new(NO_FILE), PathBuf::from("."), environment) {
            Ok((drafts, _)) => Ok(drafts
                .into_iter()
                .map(|draft| (draft.entry.secret.unwrap().expose().to_owned(), draft.entry.level.unwrap().0))
                .collect()),
            Err(faults) => {
                let told = |fault: &Fault| {
                    let line = fault.line.map(|line| format!("{line}: ")).unwrap_or_default();
                    format!("{line}{}", fault.what)
                };
                Err(faults.iter().map(told).collect())
            }
        }
    }

    #[test]
    fn keys_are_read_in_both_spellings() {
        let expected = || vec![("fk-0".to_owned(), 0), ("fk-1".to_owned(), 1), ("fk-11".to_owned(), 1)];
        let levels =
            "# openai-forward\nFORWARD_KEY_CONFIG={\"0\": [\"fk-0\"], \"1\": [\"fk-1\", \"fk-11\"]}\n";
        assert_eq!(of(levels), Ok(expected()));
        assert_eq!(of("FORWARD_KEY_CONFIG='{\n\"fk-0\": 0, \"fk-1\": 1,\n\"fk-11\": 1}'\n"), Ok(expected()));
    }

    #[test]
    fn faults_name_their_line_and_no_secret() {
        let faults =
            of("PRINT_CHAT=false\nFORWARD_KEY_CONFIG={\"fk-s3cret-key-abc\": \"x\"}\nTIMEOUT=soon\n")
                .unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults.iter().any(|fault| fault.starts_with("2: api_key.forward_key")), "{faults:?}");
        assert!(faults.iter().all(|fault| !fault.contains("s3cret")), "{faults:?}");
        assert!(of("PRINT_CHAT=false\n").unwrap_err()[0].contains("no forward key"));
    }
}
