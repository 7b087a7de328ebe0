//! What is wrong with a file to import, line by line.

use crate::moment;
use aifd_core::{
    config::{Origin, Problem},
    control::ControlError,
    limit::quota::QuotaError,
};
use std::path::Path;

/// All that is wrong with a file.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The file as it is told of.
    pub(crate) file: String,
    /// What is wrong, in the order of its lines.
    pub(crate) faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The line, from 1, where it is known.
    pub(crate) line: Option<u64>,
    /// What it is.
    pub(crate) what: What,
}

/// The kinds of fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum What {
    /// Nothing that can be imported.
    #[error("neither JSON nor a table nor a .env file")]
    Unknown,
    /// A configuration without forward keys.
    #[error("no forward key stands in it (FORWARD_KEY_CONFIG, api_key.forward_key)")]
    NoKeys,
    /// Not JSON, or not of the form of a key.
    #[error("{0}")]
    Json(String),
    /// Not a table.
    #[error("{0}")]
    Table(String),
    /// A column that there is not.
    #[error("unknown column `{name}`{}", nearest.map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default())]
    Column {
        /// Its name.
        name: String,
        /// The column meant most likely.
        nearest: Option<&'static str>,
    },
    /// A column that there is twice.
    #[error("the column `{0}` stands there twice")]
    SecondColumn(&'static str),
    /// A row that is too long or too short.
    #[error("expected {expected} cells, as the first line has, found {found}")]
    Cells {
        /// Cells of the first line.
        expected: usize,
        /// Cells of this one.
        found: usize,
    },
    /// A value of the wrong form.
    #[error("{column}: expected {expected}")]
    Value {
        /// Its column.
        column: &'static str,
        /// The form.
        expected: &'static str,
    },
    /// A quota that does not parse.
    #[error("{column}: {fault}")]
    Quota {
        /// Its column.
        column: &'static str,
        /// What is wrong.
        fault: QuotaError,
    },
    /// A time that is none.
    #[error("expires: {0}")]
    Time(moment::Fault),
    /// A name or secret that another line has.
    #[error("the same {field} as in {}", first.map_or("another entry".to_owned(), |line| format!("line {line}")))]
    Twice {
        /// `name` or `secret`.
        field: &'static str,
        /// The other line.
        first: Option<u64>,
    },
    /// Something is wrong with the configuration.
    #[error("{}{}{}", .0.key, if .0.key.is_empty() { "" } else { ": " }, .0.what)]
    Configuration(Box<Problem>),
    /// The gateway does not want it.
    #[error("{0}")]
    Refused(ControlError),
}

impl What {
    /// What can be done.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            What::Unknown => Some("say what it is with --format".to_owned()),
            What::Configuration(problem) => problem.hint().map(|hint| hint.to_string()),
            What::Refused(ControlError::SecretTaken { name, .. }) if name.starts_with("cfg_") => {
                let hint = "this key is in force already: take it out of the configuration that aifd runs with first";
                Some(hint.to_owned())
            }
            _ => None,
        }
    }
}

/// A problem of a configuration at its line.
impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let line = match &problem.origin {
            Origin::File { line, .. } | Origin::DotEnv { line, .. } if *line > 0 => Some(*line as u64),
            _ => None,
        };
        Fault { line, what: What::Configuration(Box::new(problem)) }
    }
}

/// A refusal at the line of the draft that it is about; one that is about none stays as it is.
pub(super) fn refused(mut error: ControlError, lines: &[Option<u64>]) -> Result<Fault, ControlError> {
    let (ControlError::NameTaken { index, .. }
    | ControlError::SecretTaken { index, .. }
    | ControlError::Invalid { index, .. }) = &mut error
    else {
        return Err(error);
    };
    // The only entry has no number.
    let line =
        index.or((lines.len() == 1).then_some(0)).and_then(|index| lines.get(index).copied().flatten());
    // Where the line is known, it says more than the number of the entry.
    if line.is_some() {
        *index = None;
    }
    Ok(Fault { line, what: What::Refused(error) })
}

/// A file as it is told of.
pub(super) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() }
}
