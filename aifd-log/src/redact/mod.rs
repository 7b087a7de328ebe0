//! Takes out of texts what must not be written down: secrets, credentials, personal data, and what a user names.

mod builtin;
mod cards;
mod digits;
mod edit;
mod find;
mod json;
mod marker;
mod mask;
mod needles;
mod nested;
mod number;
mod phones;
mod rules;

pub use builtin::{Builtin, UnknownBuiltin};

use edit::Edit;
use marker::Label;
use needles::Needles;
use regex::{Regex, RegexBuilder};
use regex_automata::meta;
use rules::Rule;
use std::{borrow::Cow, fmt};

/// Own expressions that may be given.
pub const MAX_OWN: usize = 64;

/// Bytes that one own expression may take compiled.
const MAX_EXPRESSION: usize = 1 << 20;

/// What is taken out, beside the secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redactions {
    /// Built-in patterns.
    pub builtin: Vec<Builtin>,
    /// Regular expressions; all that one matches is taken out. At most [`MAX_OWN`].
    pub own: Vec<String>,
}

/// Redactions that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// An expression that is none, or compiles to more than a mebibyte.
    #[error("{expression:?} is no regular expression that can be used")]
    Expression {
        /// As it was given.
        expression: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// More expressions than [`MAX_OWN`].
    #[error("{count} expressions are more than {MAX_OWN}")]
    TooMany {
        /// So many were given.
        count: usize,
    },
    /// More secrets than can be searched for at once.
    #[error("the secrets cannot be searched for")]
    Secrets(#[source] aho_corasick::BuildError),
}

/// Takes secrets and matches of patterns out of texts, and puts a marker such as `[redacted:email]` in their place.
///
/// A redacted text stays as it is when it is redacted again, unless an own expression asks for a word's end (`\b`) where
/// a marker now is.
pub struct Redactor {
    /// `None` if there are no secrets.
    secrets: Option<Needles>,
    /// No character of any secret is ever escaped in JSON, but for those that somebody escapes on purpose.
    secrets_are_plain: bool,
    rules: Vec<Rule>,
    own: Vec<meta::Regex>,
}

impl fmt::Debug for Redactor {
    /// Not the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("rules", &self.rules.len()).field("own", &self.own).finish()
    }
}

impl Redactor {
    /// A redactor for patterns and for exact secrets, which are taken out wherever they are.
    ///
    /// # Errors
    /// An expression cannot be used, or there are too many.
    pub fn new<S: AsRef<str>>(
        redactions: &Redactions,
        secrets: impl IntoIterator<Item = S>,
    ) -> Result<Self, RedactError> {
        let count = redactions.own.len();
        if count > MAX_OWN {
            return Err(RedactError::TooMany { count });
        }
        let own = redactions.own.iter().map(|it| own_expression(it)).collect::<Result<_, _>>()?;
        let builtin: Vec<_> = Builtin::ALL.into_iter().filter(|it| redactions.builtin.contains(it)).collect();
        let rules = builtin.into_iter().map(Rule::new).collect::<Result<_, _>>()?;
        let mut wanted: Vec<String> = Vec::new();
        for secret in secrets {
            let secret = secret.as_ref();
            if !secret.is_empty() {
                wanted.push(secret.to_owned());
                // Within JSON within JSON, as the arguments of a tool call are, one layer of escapes stays.
                wanted.extend(secret.contains(['"', '\\']).then(|| escaped(secret)));
            }
        }
        let secrets_are_plain = wanted.iter().all(|it| it.bytes().all(is_plain));
        let secrets = if wanted.is_empty() { None } else { Some(Needles::new(&wanted)?) };
        Ok(Redactor { secrets, secrets_are_plain, rules, own })
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_none() && self.rules.is_empty() && self.own.is_empty()
    }

    /// The text without what is to be taken out; borrowed if nothing was. One that is JSON is redacted as such.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        let mut is_json = !self.is_empty() && nested::is_json(text);
        if is_json {
            replace(&mut redacted, &self.json_edits(text.as_bytes(), 0, 1));
        }
        for turn in 0.. {
            let spans = self.find_around(&redacted, turn, is_json);
            if spans.is_empty() {
                break;
            }
            is_json = false;
            // Once more: what is left may be a match now that its surroundings have changed. Each turn leaves less
            // outside of markers, so that there is a last one.
            replace(&mut redacted, &spans.into_iter().map(Edit::span).collect::<Vec<_>>());
        }
        redacted
    }
}

fn replace(text: &mut Cow<'_, str>, edits: &[Edit]) {
    if !edits.is_empty() {
        let edited = edit::applied(text.as_bytes(), edits);
        *text = Cow::Owned(String::from_utf8_lossy(&edited).into_owned());
    }
}

fn compile(expression: &str) -> Result<Regex, RedactError> {
    RegexBuilder::new(expression)
        .size_limit(MAX_EXPRESSION)
        .build()
        .map_err(|source| RedactError::Expression { expression: expression.to_owned(), source })
}

/// An own expression in the form that searches parts of a text; the common form tells better what is wrong with it.
fn own_expression(expression: &str) -> Result<meta::Regex, RedactError> {
    compile(expression)?;
    let limits = meta::Config::new().nfa_size_limit(Some(MAX_EXPRESSION));
    meta::Regex::builder().configure(limits).build(expression).map_err(|error| RedactError::Expression {
        expression: expression.to_owned(),
        source: error
            .size_limit()
            .map_or_else(|| regex::Error::Syntax(error.to_string()), regex::Error::CompiledTooBig),
    })
}

/// The secret as it is within a JSON string.
fn escaped(secret: &str) -> String {
    secret.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Bytes that every JSON writer writes as they are.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~+=:@ !#$%*,;?^|(){}[]".contains(&byte)
}

#[cfg(test)]
mod tests;
