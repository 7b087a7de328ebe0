//! What is converted into what: one conversion, or one for each route.

use super::sources::{holds_logs, is_log};
use crate::{
    cli::Convert,
    report::{Failure, usage},
    settings,
};
use aifd_core::config::{self, RouteKind};
use aifd_log::{convert::Format, folder_name};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// One conversion.
#[derive(Debug, PartialEq)]
pub(super) struct Job {
    /// Files, folders, or `-`.
    pub(super) from: Vec<PathBuf>,
    /// File, folder, or `-`.
    pub(super) to: PathBuf,
}

/// What a place is that stands for a stream.
pub(super) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads the arguments, and the configuration where they say nothing.
pub(super) fn of(arguments: &Convert) -> Result<Vec<Job>, Failure> {
    let paths = match &arguments.log_folder {
        Some(folder) => vec![folder.clone()],
        None => arguments.paths.clone(),
    };
    let job = match (paths.as_slice(), &arguments.output) {
        ([], output) => return of_routes(arguments, output.as_deref()),
        ([from, to], None) => {
            refuse_log(to)?;
            Job { from: vec![from.clone()], to: to.clone() }
        }
        (_, None) => {
            return Err(usage("convert", "where to? Name a file with --output, or `-` for standard output"));
        }
        (from, Some(to)) => Job { from: from.to_vec(), to: to.clone() },
    };
    refuse_input(&job)?;
    Ok(vec![job])
}

/// For each OpenAI-style route, its folder of chats and the file that openai-forward makes of it.
fn of_routes(arguments: &Convert, output: Option<&Path>) -> Result<Vec<Job>, Failure> {
    let config = config::load(&settings::of_file(arguments.file.config.clone())?)?.config;
    let routes = config.routes.iter().filter(|route| route.kind == RouteKind::OpenAi);
    let mut names: Vec<_> = routes.map(|route| folder_name(&route.prefix)).collect();
    // The root and `/openai` share a folder.
    names.sort();
    names.dedup();
    let format = arguments.format.dataset();
    let mut jobs: Vec<Job> = names
        .iter()
        .map(|name| Job {
            from: vec![config.logs.dir.join(name).join("chat")],
            to: config.logs.dir.join(target_name(&format!("chat_{name}"), format)),
        })
        .collect();
    let looked_for: Vec<PathBuf> = jobs.iter().flat_map(|job| job.from.clone()).collect();
    jobs.retain(|job| job.from.iter().all(|from| from.is_dir()));
    match (jobs.as_mut_slice(), output) {
        ([], _) => Err(Failure::NoLogs(looked_for)),
        (_, None) => Ok(jobs),
        ([job], Some(output)) => {
            output.clone_into(&mut job.to);
            refuse_input(job)?;
            Ok(jobs)
        }
        (_, Some(_)) => {
            Err(usage("convert", "several routes have chats: name the folder of one before --output"))
        }
    }
}

fn target_name(stem: &str, format: Format) -> String {
    format.extension().map_or_else(|| stem.to_owned(), |extension| format!("{stem}.{extension}"))
}

/// Two paths are a folder and a file to write, as openai-forward has it. Who means two logs must not lose the second.
fn refuse_log(to: &Path) -> Result<(), Failure> {
    if to.exists() && (is_log(to) || holds_logs(to)) {
        return Err(Failure::TargetIsLog(to.to_owned()));
    }
    Ok(())
}

/// A dataset must not take the place of what it is made of.
fn refuse_input(job: &Job) -> Result<(), Failure> {
    let identity = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    if is_stream(&job.to) || !job.to.is_file() {
        return Ok(());
    }
    let target = identity(&job.to);
    let same = |path: &Path| identity(path).is_some_and(|found| Some(found) == target);
    let within = |folder: &Path| {
        fs::read_dir(folder)
            .is_ok_and(|mut all| all.any(|entry| entry.is_ok_and(|entry| same(&entry.path()))))
    };
    let taken = job.from.iter().any(|from| same(from) || within(from) || within(&from.join("data")));
    if taken { Err(Failure::TargetIsInput(job.to.clone())) } else { Ok(()) }
}
