//! What can be wrong with a configuration, as data; the one place that turns it into words.

use super::{origin::Origin, policy::Level};
use crate::limit::quota::QuotaError;
use std::{collections::BTreeSet, fmt, io, path::PathBuf};

/// Everything found wrong, in the order of the sources.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.lines())]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    fn lines(&self) -> String {
        let line = |problem: &Problem| match problem.hint() {
            Some(hint) => format!("{problem}\n  hint: {hint}"),
            None => problem.to_string(),
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// One thing that is wrong, or worth a warning.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Whether it keeps the gateway from starting.
    pub severity: Severity,
    /// Where it is.
    pub origin: Origin,
    /// The key, with the place inside its value (`forward[1].base_url`); empty where there is none.
    pub key: String,
    /// What it is.
    pub what: What,
}

/// A value, or the one problem that takes its place.
pub(super) type Checked<T> = Result<T, Box<Problem>>;

/// Whether a problem keeps the gateway from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not.
    Warning,
}

/// What was found where something else was expected; never a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This text.
    Text(String),
    /// Text that may be a credential.
    Hidden,
    /// A list.
    List,
    /// A mapping.
    Map,
    /// Nothing.
    Nothing,
}

/// The kinds of problem.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key that no part of the gateway reads.
    UnknownKey {
        /// The known key meant most likely.
        nearest: Option<String>,
    },
    /// An `AIFD_…` variable that no part of the gateway reads.
    UnknownVariable {
        /// The known variable meant most likely.
        nearest: Option<&'static str>,
    },
    /// A value of the wrong form.
    Wrong {
        /// The form expected.
        expected: String,
        /// What stands there.
        found: Found,
        /// The known value meant most likely.
        nearest: Option<String>,
    },
    /// A part that has to be given.
    Missing {
        /// The form expected.
        expected: &'static str,
    },
    /// A limit that does not parse.
    Limit(QuotaError),
    /// A base URL that cannot be forwarded to.
    BaseUrl(UrlFault),
    /// A proxy that cannot be used.
    Proxy(UrlFault),
    /// A route prefix that cannot match.
    Route(RouteFault),
    /// Two routes with one prefix.
    DuplicateRoute {
        /// The prefix, normalised.
        prefix: String,
        /// The key of the first one (`forward[0]`).
        key: String,
        /// Where the first one stands.
        first: Origin,
    },
    /// A name given twice in one mapping.
    DuplicateName {
        /// Where the first one stands.
        first: Origin,
    },
    /// One setting given under two spellings with different values.
    TwoSpellings {
        /// The other spelling.
        other: String,
        /// Where it stands.
        first: Origin,
    },
    /// Two settings that exclude each other.
    Conflict {
        /// The other setting.
        other: &'static str,
        /// Where it stands.
        first: Origin,
    },
    /// A setting that is of no use without another.
    Alone {
        /// The setting that is missing.
        missing: &'static str,
    },
    /// Not YAML, or more than a configuration may use of it.
    Yaml(YamlFault),
    /// Not JSON.
    Json {
        /// Line within the value, from 1.
        line: usize,
        /// Column within the line, from 1.
        column: usize,
        /// What the parser says, without its own position.
        reason: String,
    },
    /// Deeper or larger than any configuration is.
    TooBig,
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// Where the first such byte stands, from 0.
        byte: usize,
    },
    /// A file that cannot be read.
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        kind: io::ErrorKind,
    },
    /// `${NAME}` of a variable that is not set.
    NoVariable(String),
    /// `${NAME}` of a variable that is made of itself, or of variables within variables without end.
    Circular(String),
    /// A `${` without its `}` or without a name.
    Placeholder,
    /// A line of `.env` that is no assignment.
    DotEnvLine,
    /// An empty key, which would let callers in that show none.
    EmptyKey,
    /// Counters of limits in a server, which nothing can keep there yet.
    BackendToCome {
        /// Which, without its credentials.
        backend: String,
    },
    /// The PROXY protocol, where no peer is trusted to speak it.
    NoTrustedProxy,
    /// A level of forward keys that no key of an upstream serves, though other levels have one.
    LevelWithoutKey {
        /// The level.
        level: Level,
        /// The key that lists upstream keys by level.
        keys: &'static str,
    },
    /// A level of forward keys that may use no model.
    LevelWithoutModels {
        /// The level.
        level: Level,
    },
    /// A regular expression that cannot be used, and why.
    Redaction(String),
    /// A time zone that is not in the IANA database.
    UnknownZone {
        /// The known one meant most likely.
        nearest: Option<&'static str>,
    },
    /// Something that is no folder, where one has to be.
    NoFolder {
        /// Its path.
        path: PathBuf,
    },
    /// Two routes whose chats are logged in one folder.
    SharedLogFolder {
        /// The folder.
        folder: String,
        /// The other route.
        other: String,
    },
}

/// What is wrong with a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YamlFault {
    /// What the parser says.
    Syntax(String),
    /// A second document.
    SecondDocument,
    /// An alias within the value that it stands for.
    AliasOfItself,
    /// A list or mapping as a key.
    Key,
    /// `<<` with something that is no mapping.
    Merge,
}

/// What is wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It names no scheme.
    NoScheme {
        /// The whole of it, when it looks like a host.
        suggestion: Option<String>,
    },
    /// A scheme that is not spoken.
    Scheme(String),
    /// It carries a user name or a password.
    Credentials,
    /// It carries a `?query`.
    Query,
    /// It carries a `#fragment`.
    Fragment,
    /// Its host is missing or not a host.
    Host,
    /// Its port is not a port.
    Port,
    /// A character that no address may hold.
    Character(char),
}

/// What is wrong with a route prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteFault {
    /// `.` or `..` as a segment.
    Dots,
    /// `?`, `#`, a blank, a control character, a backslash or a character outside ASCII.
    Character(char),
    /// A whole address in place of a path.
    Address,
}

/// Problems in the order of their places, each once, without those that only follow from another.
pub(super) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| problem.origin.place());
    let unresolved = |problem: &&Problem| {
        matches!(problem.what, What::NoVariable(_) | What::Circular(_) | What::Placeholder)
    };
    let unresolved: BTreeSet<String> =
        problems.iter().filter(unresolved).map(|problem| problem.origin.to_string()).collect();
    let mut told = BTreeSet::new();
    problems.retain(|problem| {
        let follows = matches!(problem.what, What::Missing { .. });
        !(follows && unresolved.contains(&problem.origin.to_string())) && told.insert(problem.to_string())
    });
    problems
}

impl Problem {
    /// An error.
    pub(super) fn error(origin: &Origin, key: impl Into<String>, what: What) -> Self {
        Problem { severity: Severity::Error, origin: origin.clone(), key: key.into(), what }
    }

    /// A warning.
    pub(super) fn warning(origin: &Origin, key: impl Into<String>, what: What) -> Self {
        Problem { severity: Severity::Warning, ..Problem::error(origin, key, what) }
    }
}

impl What {
    /// The same without anything that may be a credential.
    pub(super) fn hidden(self) -> Self {
        match self {
            What::Wrong { expected, found: Found::Text(_), .. } => {
                What::Wrong { expected, found: Found::Hidden, nearest: None }
            }
            other => other,
        }
    }
}

/// Where it is, which key it concerns, and what it is; [`Problem::hint`] stands apart.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        self.what.fmt(f)
    }
}
