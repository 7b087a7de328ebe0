//! Where a value came from, so that `show` and every problem can name it.

use std::{fmt, sync::Arc};

/// The place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A flag of the command line, as typed (`--port`).
    Flag(&'static str),
    /// A variable of the process environment.
    Environment(Arc<str>),
    /// A variable of the `.env` in the working directory.
    DotEnv {
        /// Its name.
        name: Arc<str>,
        /// The line it begins on, from 1.
        line: usize,
    },
    /// A place in the configuration file.
    File {
        /// The file as it was named.
        file: Arc<str>,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
}

impl Origin {
    /// A file as a whole.
    pub(super) fn whole(file: &str) -> Self {
        Origin::File { file: file.into(), line: 0, column: 0 }
    }

    /// What problems are told in the order of: the file from its top, `.env` from its top, variables, flags.
    pub(super) fn place(&self) -> (u8, usize, usize) {
        match self {
            Origin::File { line, column, .. } => (0, *line, *column),
            Origin::DotEnv { line, .. } => (1, *line, 0),
            Origin::Environment(_) => (2, 0, 0),
            Origin::Flag(_) => (3, 0, 0),
            Origin::Default => (4, 0, 0),
        }
    }

    /// Precedence: flag, environment, file, default.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Origin::Flag(_) => 3,
            Origin::Environment(_) | Origin::DotEnv { .. } => 2,
            Origin::File { .. } => 1,
            Origin::Default => 0,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Flag(flag) => write!(f, "flag {flag}"),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::DotEnv { name, line } if name.is_empty() => write!(f, ".env:{line}"),
            Origin::DotEnv { name, line } => write!(f, ".env:{line} {name}"),
            Origin::File { file, line: 0, .. } => f.write_str(file),
            Origin::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
        }
    }
}
