//! The one door to the environment: the process's variables, and those of `.env` in the working directory.

use super::{
    dotenv, interpolate,
    node::{Node, Scalar, Value},
    origin::Origin,
    problem::{Checked, Problem, What},
};
use std::{collections::BTreeMap, fmt, fs, io, path::Path};

/// Bytes of a `.env` that are read at most.
const MAX_DOTENV: usize = 1 << 20;

/// The variables that the configuration is read from; a variable of the process hides that of `.env`.
#[derive(Clone, Default)]
pub struct Environment {
    process: BTreeMap<String, Result<String, usize>>,
    dotenv: BTreeMap<String, (usize, String)>,
    problems: Vec<Problem>,
}

/// A variable as it stands.
pub(super) struct Raw<'a> {
    pub(super) text: &'a str,
    /// Placeholders in it are replaced: so in `.env`, not in the process's own.
    pub(super) interpolated: bool,
}

impl Environment {
    /// Reads the process's variables and `.env` of a directory.
    #[allow(clippy::disallowed_methods, reason = "this is the door")]
    pub fn read(directory: &Path) -> Self {
        let mut environment = Environment::default();
        for (name, value) in std::env::vars_os() {
            if let Ok(name) = name.into_string() {
                let value = value.into_string().map_err(|value| valid_up_to(value.as_encoded_bytes()));
                environment.process.insert(name, value);
            }
        }
        match read_dotenv(&directory.join(".env")) {
            Ok(text) => environment.with_dotenv(&text),
            Err(problem) => {
                environment.problems.push(*problem);
                environment
            }
        }
    }

    /// Variables of a process that has just these.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let process = pairs.into_iter().map(|(name, value)| (name.to_owned(), Ok(value.to_owned())));
        Environment { process: process.collect(), ..Environment::default() }
    }

    /// The same with the text of a `.env` beside it.
    #[must_use]
    pub fn with_dotenv(mut self, text: &str) -> Self {
        for binding in dotenv::read(text) {
            match binding.assignment {
                Some((name, value)) => {
                    self.dotenv.insert(name, (binding.line, value));
                }
                None => {
                    let origin = Origin::DotEnv { name: "".into(), line: binding.line };
                    self.problems.push(Problem::warning(&origin, "", What::DotEnvLine));
                }
            }
        }
        self
    }

    /// What was wrong with `.env` itself.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Every name that begins so.
    pub(super) fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.process.keys().chain(self.dotenv.keys().filter(|n| !self.process.contains_key(*n)));
        names.map(String::as_str).filter(move |name| name.starts_with(prefix))
    }

    /// Where a variable is set.
    pub(super) fn origin(&self, name: &str) -> Origin {
        match (self.process.get(name), self.dotenv.get(name)) {
            (None, Some((line, _))) => Origin::DotEnv { name: name.into(), line: *line },
            _ => Origin::Environment(name.into()),
        }
    }

    /// A variable's text; one that is not UTF-8 is none.
    pub(super) fn raw(&self, name: &str) -> Option<Raw<'_>> {
        match self.process.get(name) {
            Some(value) => value.as_ref().ok().map(|text| Raw { text, interpolated: false }),
            None => self.dotenv.get(name).map(|(_, text)| Raw { text, interpolated: true }),
        }
    }

    /// A variable as a value; `None` when it is not set or empty.
    pub(super) fn node(&self, name: &str) -> Checked<Option<Node>> {
        let origin = self.origin(name);
        if let Some(Err(byte)) = self.process.get(name) {
            return Err(Problem::error(&origin, "", What::NotUtf8 { byte: *byte }).into());
        }
        let Some(raw) = self.raw(name).filter(|raw| !raw.text.trim().is_empty()) else { return Ok(None) };
        let (text, hidden) = match raw.interpolated {
            true => interpolate::text(raw.text, self).map_err(|what| Problem::error(&origin, "", what))?,
            false => (raw.text.to_owned(), false),
        };
        let value = Value::Scalar(Scalar { text: text.trim().to_owned(), quoted: false, hidden });
        Ok(Some(Node { value, origin }))
    }
}

/// The text of `.env`; no such file, or a directory of that name, is an empty one.
fn read_dotenv(path: &Path) -> Checked<String> {
    if path.is_dir() {
        return Ok(String::new());
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => {
            let what = What::Unreadable { file: path.to_owned(), kind: error.kind() };
            return Err(Problem::error(&Origin::whole(".env"), "", what).into());
        }
    };
    if bytes.len() > MAX_DOTENV {
        return Err(Problem::error(&Origin::whole(".env"), "", What::TooBig).into());
    }
    utf8(bytes, ".env")
}

/// Bytes of a file as text; a byte that is not UTF-8 is named with its line.
pub(super) fn utf8(bytes: Vec<u8>, file: &str) -> Checked<String> {
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..byte];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count();
        let origin = Origin::File { file: file.into(), line, column };
        Problem::error(&origin, "", What::NotUtf8 { byte }).into()
    })
}

fn valid_up_to(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables, {} in .env)", self.process.len(), self.dotenv.len())
    }
}
