//! What went wrong, what to do about it, and the exit code.

use crate::{
    cli::Cli,
    commands::{Fault, Faults},
    ui::{Paint, Ui},
};
use aifd_core::{
    config::{Problem, Problems, Severity},
    control::{ControlError, ReachError},
    server::StartError,
};
use aifd_log::{
    convert::{ConvertError, write::WriteFault},
    pair::ReadError,
    redact::{RedactError, UnknownBuiltin},
};
use clap::{CommandFactory, error::ErrorKind};
use std::{error::Error, io, path::PathBuf, process::ExitCode};

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments make no sense, or ask for help only.
    #[error(transparent)]
    Usage(clap::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is there already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// No command has this name.
    #[error("no manual page for `{0}`")]
    NoSuchPage(String),
    /// The configuration keeps the gateway from starting.
    #[error(transparent)]
    Configuration(#[from] Problems),
    /// `config check` has listed that many errors.
    #[error("the configuration has {0} error{plural}", plural = if *.0 == 1 { "" } else { "s" })]
    Unsound(usize),
    /// The diagnostics' filter is none.
    #[error("`{0}` is no log level")]
    LogLevel(String),
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The gateway does not do what it was asked for.
    #[error("{error}")]
    Control {
        /// Why.
        error: ControlError,
        /// The name meant most likely, where no key has the one given.
        nearest: Option<String>,
    },
    /// Neither a server nor the store can be reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The server answered something else than it was asked.
    #[error("the server answered something else than it was asked")]
    OtherAnswer,
    /// Nobody is there to say yes.
    #[error(
        "this cannot be undone, and nobody can be asked: standard input or standard error is no terminal"
    )]
    Unconfirmed,
    /// A person said no.
    #[error("nothing was changed")]
    Declined,
    /// Standard input cannot be read.
    #[error("cannot read standard input")]
    Input(#[source] io::Error),
    /// No secret came from standard input.
    #[error("cannot take the secret from standard input")]
    Secret(#[source] io::Error),
    /// A file cannot be read.
    #[error("cannot read {}", if path.as_os_str() == "-" { "standard input".into() } else { path.display().to_string() })]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of a file cannot be taken.
    #[error("{}:{line}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: usize,
        /// Why.
        why: String,
    },
    /// A file to import has faults.
    #[error("{} cannot be imported", .0.file)]
    Import(Faults),
    /// Secrets would be made that nobody would see.
    #[error("{0} secret{plural} would be made, and --quiet prints none", plural = if *.0 == 1 { "" } else { "s" })]
    Unseen(usize),
    /// A conversion came to nothing.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// What is to be cut out cannot be looked for.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// A pattern to cut out that there is not.
    #[error(transparent)]
    Builtin(#[from] UnknownBuiltin),
    /// There is nothing to convert.
    #[error("no logs in {}", listed(.0))]
    NoLogs(Vec<PathBuf>),
    /// The file to write is a log.
    #[error("{} is a log, or a folder of logs, and would be written to", .0.display())]
    TargetIsLog(PathBuf),
    /// The file to write is one that is read.
    #[error("{} is read and would be written to", .0.display())]
    TargetIsInput(PathBuf),
    /// Lines cannot be read, and that was to be an error.
    #[error("{0} line{plural} cannot be read", plural = if *.0 == 1 { "" } else { "s" })]
    Malformed(u64),
    /// No exchange has this uid.
    #[error("no exchange with the uid `{0}`")]
    NoSuchExchange(String),
    /// Several exchanges may be meant.
    #[error("the uids of several exchanges begin with `{0}`")]
    AmbiguousUid(String),
    /// Nothing was found, which is told by the exit code alone.
    #[error("nothing matches")]
    NoMatch,
    /// Who read along has seen enough.
    #[error("interrupted")]
    Left,
    /// A signal ended it.
    #[error("interrupted")]
    Interrupted,
    /// Threads or signals are not to be had.
    #[error("cannot {0}")]
    System(&'static str, #[source] io::Error),
}

/// Everything a failure ends in.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Failure::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(USAGE),
            // Whoever closed the pipe has seen enough.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
            Failure::Output(_)
            | Failure::Write { .. }
            | Failure::Exists(_)
            | Failure::Control { .. }
            | Failure::Reach(_)
            | Failure::OtherAnswer
            | Failure::Declined
            | Failure::Input(_)
            | Failure::Read { .. }
            | Failure::Line { .. }
            | Failure::Import(_)
            | Failure::Convert(_)
            | Failure::NoLogs(_)
            | Failure::Malformed(_)
            | Failure::NoSuchExchange(_)
            | Failure::AmbiguousUid(_)
            | Failure::NoMatch
            | Failure::System(..) => FAILED,
            Failure::Interrupted | Failure::Left => INTERRUPTED,
            Failure::TargetIsLog(_)
            | Failure::TargetIsInput(_)
            | Failure::Redact(_)
            | Failure::Builtin(_)
            | Failure::Unconfirmed
            | Failure::Secret(_)
            | Failure::Unseen(_)
            | Failure::NoSuchPage(_)
            | Failure::Configuration(_)
            | Failure::Unsound(_)
            | Failure::LogLevel(_)
            | Failure::Start(_) => USAGE,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Failure::Exists(_) => Some("replace it with --force, or name another place".to_owned()),
            Failure::NoSuchPage(_) => Some("`aifd --help` lists the commands".to_owned()),
            Failure::LogLevel(_) => Some("error, warn, info, debug and trace are levels".to_owned()),
            Failure::Start(error) => Some(error.hint().to_owned()),
            Failure::Control { error, nearest } => control_hint(error, nearest.as_deref()),
            Failure::Reach(error) => Some(error.hint().to_owned()),
            Failure::Unconfirmed => Some("say --yes to do it without asking".to_owned()),
            Failure::Secret(_) => {
                Some("pipe it in: printf %s \"$SECRET\" | aifd keys … --secret-stdin".to_owned())
            }
            Failure::Unseen(_) => Some("leave --quiet out, or take --json".to_owned()),
            Failure::Import(_) => Some("nothing was stored".to_owned()),
            Failure::Line { .. } => Some("the lines before it may have been taken".to_owned()),
            Failure::NoLogs(_) => {
                Some("log.openai: true logs chats; --log-folder or PATH names another folder".to_owned())
            }
            Failure::NoSuchExchange(_) => Some("`aifd logs tail` shows the uids of the newest".to_owned()),
            Failure::AmbiguousUid(_) => Some("give more of its digits".to_owned()),
            Failure::TargetIsLog(_) => Some("name the file to write with --output".to_owned()),
            Failure::Convert(error) => convert_hint(error),
            Failure::TargetIsInput(_) => Some("name another file to write".to_owned()),
            Failure::Malformed(_) | Failure::Interrupted => {
                Some("nothing was written; what stood there is as it was".to_owned())
            }
            Failure::OtherAnswer => {
                Some("the server is another version: restart it with this one".to_owned())
            }
            Failure::Usage(_)
            | Failure::Output(_)
            | Failure::Write { .. }
            | Failure::Declined
            | Failure::Input(_)
            | Failure::Read { .. }
            | Failure::Configuration(_)
            | Failure::Unsound(_)
            | Failure::NoMatch
            | Failure::Left
            | Failure::Redact(_)
            | Failure::Builtin(_)
            | Failure::System(..) => None,
        }
    }
}

/// What to do about a conversion that came to nothing.
fn convert_hint(error: &ConvertError) -> Option<String> {
    let hint = match error {
        ConvertError::Logs(ReadError::Malformed(_)) | ConvertError::Direct(_) => {
            "without --compat, such lines are told and the others converted"
        }
        ConvertError::Changed { .. } => "convert it again",
        ConvertError::Write(error) if matches!(error.source, WriteFault::SeveralFiles) => {
            "name a folder with --output"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What to do about what a gateway did not do.
fn control_hint(error: &ControlError, nearest: Option<&str>) -> Option<String> {
    let hint = match error {
        ControlError::NoSuchKey { .. } => match nearest {
            Some(nearest) => return Some(format!("did you mean `{nearest}`?")),
            None => "`aifd keys list` lists all",
        },
        ControlError::Configured { .. } => "change api_key.forward_key there, and restart the server",
        ControlError::NameTaken { .. } => "take another name, or change that key: `aifd keys update`",
        ControlError::SecretTaken { .. } => {
            "a secret is one key's alone: change that key, or take another secret"
        }
        ControlError::Invalid { .. } => return None,
        ControlError::Store { .. } => "check that the folder is there and may be written",
        ControlError::NoStore => {
            "name a folder that can be written with data_dir or --data-dir, and restart the server"
        }
        ControlError::Version { .. } => {
            "restart the server with this version, or take the command of its version"
        }
        ControlError::Unanswered { .. } => "it may have been done all the same: look, and try again",
        ControlError::NotRunning { .. } => "`aifd run` starts one; --data-dir names the folder of another",
    };
    Some(hint.to_owned())
}

/// Arguments of a command (`keys update`) that make no sense together, as clap would tell it.
pub(crate) fn usage(command: &str, message: &str) -> Failure {
    let mut root = Cli::command();
    root.build();
    let named = command.split(' ').try_fold(root.clone(), |above, name| above.find_subcommand(name).cloned());
    let mut found = named.unwrap_or(root);
    Failure::Usage(found.error(ErrorKind::ArgumentConflict, message))
}

/// Tells a failure, if it is one to be told, and turns the outcome into an exit code.
pub(crate) fn exit_code(outcome: Result<(), Failure>, ui: &Ui) -> ExitCode {
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    let code = failure.exit_code();
    match &failure {
        Failure::Usage(error) if !error.use_stderr() => {
            return exit_code(ui.data(ui.paint().styled(&error.render())).map_err(Failure::Output), ui);
        }
        Failure::Usage(error) => ui.complain(ui.paint_talk().styled(&error.render()).trim_end()),
        Failure::Configuration(Problems(problems)) => {
            ui.complain(problem_list(problems, ui.paint_talk()).trim_end());
        }
        Failure::Import(faults) => {
            ui.complain(fault_list(faults, failure.hint(), ui.paint_talk()).trim_end());
        }
        Failure::NoMatch | Failure::Left => (),
        _ if code == DONE => (),
        _ => tell(&failure, ui),
    }
    ExitCode::from(code)
}

/// Problems of the configuration told at most: who has more mends these first.
pub(crate) const MOST_PROBLEMS: usize = 100;

/// Problems of the configuration, how many more there are, and where to look if none of them says what to do.
pub(crate) fn problem_list(problems: &[Problem], paint: Paint) -> String {
    let told = problems.iter().take(MOST_PROBLEMS);
    let mut text: String = told.map(|problem| problem_lines(problem, paint) + "\n").collect();
    if let Some(more @ 1..) = problems.len().checked_sub(MOST_PROBLEMS) {
        text.push_str(&format!("{} and {more} more\n", paint.hint("note:")));
    }
    if !problems.is_empty() && problems.iter().all(|problem| problem.hint().is_none()) {
        let hint = "`aifd config env` explains every key";
        text.push_str(&format!("  {} {hint}\n", paint.hint("hint:")));
    }
    text
}

/// A problem of the configuration, and what to do about it.
fn problem_lines(problem: &Problem, paint: Paint) -> String {
    let severity = match problem.severity {
        Severity::Error => paint.error("error:"),
        Severity::Warning => paint.warning("warning:"),
    };
    let hint = problem.hint().map(|hint| format!("\n  {} {hint}", paint.hint("hint:")));
    format!("{severity} {problem}{}", hint.unwrap_or_default())
}

/// What is wrong with a file to import, line by line, and how much more there is.
fn fault_list(faults: &Faults, hint: Option<String>, paint: Paint) -> String {
    let mut text = String::new();
    for Fault { line, what } in faults.faults.iter().take(MOST_PROBLEMS) {
        let place = line.map_or_else(|| faults.file.clone(), |line| format!("{}:{line}", faults.file));
        text.push_str(&format!("{} {place}: {what}\n", paint.error("error:")));
        if let Some(hint) = what.hint() {
            text.push_str(&format!("  {} {hint}\n", paint.hint("hint:")));
        }
    }
    if let Some(more @ 1..) = faults.faults.len().checked_sub(MOST_PROBLEMS) {
        text.push_str(&format!("{} and {more} more\n", paint.hint("note:")));
    }
    hint.into_iter().for_each(|hint| text.push_str(&format!("{} {hint}\n", paint.hint("note:"))));
    text
}

fn tell(failure: &Failure, ui: &Ui) {
    let paint = ui.paint_talk();
    let mut text = format!("{} {failure}", paint.error("error:"));
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    if let Some(hint) = failure.hint() {
        text.push_str(&format!("\n  {} {hint}", paint.hint("hint:")));
    }
    ui.complain(text);
}
