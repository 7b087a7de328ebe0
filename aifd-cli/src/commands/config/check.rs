//! `aifd config check`: every problem at once, and what is understood without doing anything yet.

use crate::{
    cli::Listing,
    report::{Failure, problem_list},
    settings,
    ui::{Paint, Ui},
};
use aifd_core::config::{Loaded, Origin, Problem, Problems, Setting, Severity, Status, load};
use serde_json::{Value, json};
use std::fmt::Write;

/// Prints the list; problems that keep the gateway from starting are a failure.
pub(super) fn check(arguments: Listing, ui: &Ui) -> Result<(), Failure> {
    let loaded = load(&settings::of_file(arguments.file.config)?);
    let (problems, idle) = match &loaded {
        Ok(loaded) => (loaded.warnings.as_slice(), loaded.not_in_effect.as_slice()),
        Err(Problems(problems)) => (problems.as_slice(), [].as_slice()),
    };
    if arguments.json {
        let problems: Vec<Value> = problems.iter().map(problem_json).collect();
        let idle: Vec<Value> = idle.iter().map(idle_json).collect();
        ui.json(&json!({ "problems": problems, "not_in_effect": idle }))?;
    } else {
        ui.data(text(problems, idle, ui.paint()))?;
    }
    match loaded {
        Ok(loaded) => {
            ui.talk(format_args!("ok: {}", sources(&loaded)));
            Ok(())
        }
        Err(Problems(problems)) => Err(Failure::Unsound(errors(&problems))),
    }
}

/// What the configuration was read from.
fn sources(loaded: &Loaded) -> String {
    let settings = loaded.settings();
    let from = |is: fn(&Origin) -> bool| settings.iter().any(|setting| is(&setting.origin));
    let file = loaded.file.as_ref().map(|file| file.display().to_string());
    let dotenv = from(|origin| matches!(origin, Origin::DotEnv { .. })).then(|| ".env".to_owned());
    let environment = from(|origin| matches!(origin, Origin::Environment(_)));
    let environment = environment.then(|| "the environment".to_owned());
    let sources: Vec<String> = [file, dotenv, environment].into_iter().flatten().collect();
    if sources.is_empty() { "no configuration: every default holds".to_owned() } else { sources.join(", ") }
}

fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

fn text(problems: &[Problem], idle: &[Setting], paint: Paint) -> String {
    let mut text = problem_list(problems, paint);
    for setting in idle {
        let why = match setting.key.status {
            Status::NoEffect(reason) => format!("no effect, since {reason}"),
            Status::NotYet | Status::InEffect => "not yet in effect".to_owned(),
        };
        let _ =
            writeln!(text, "{} {}: `{}`: {why}", paint.warning("note:"), setting.origin, setting.key.path);
    }
    text
}

fn problem_json(problem: &Problem) -> Value {
    let (line, column) = match &problem.origin {
        Origin::File { line, column, .. } if *line > 0 => (Some(*line), Some(*column)),
        Origin::DotEnv { line, .. } => (Some(*line), None),
        _ => (None, None),
    };
    json!({
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "key": problem.key,
        "from": problem.origin.to_string(),
        "line": line,
        "column": column,
        "message": problem.what.to_string(),
        "hint": problem.hint(),
    })
}

fn idle_json(setting: &Setting) -> Value {
    json!({
        "key": setting.key.path,
        "from": setting.origin.to_string(),
        "not_yet": setting.key.status == Status::NotYet,
    })
}
