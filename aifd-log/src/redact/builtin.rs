//! The names of the built-in patterns.

use std::{fmt, str::FromStr};

/// A built-in pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// Keys of LLM services, clouds and code hosts, by the prefixes that they are known by.
    ApiKeys,
    /// What follows `Bearer`, and JSON web tokens.
    BearerTokens,
    /// E-mail addresses.
    Emails,
    /// Numbers of 13 to 19 digits whose check digit is right.
    Cards,
    /// International phone numbers, and national ones in the common ways of writing.
    Phones,
}

/// A name of no built-in pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no pattern; there are {names}", names = Builtin::NAMES.join(", "))]
pub struct UnknownBuiltin(pub String);

impl Builtin {
    /// All of them.
    pub const ALL: [Builtin; 5] =
        [Builtin::ApiKeys, Builtin::BearerTokens, Builtin::Emails, Builtin::Cards, Builtin::Phones];

    /// All names that [`Builtin::named`] takes.
    pub const NAMES: [&str; 6] = ["all", "api_keys", "bearer_tokens", "emails", "cards", "phones"];

    /// The patterns of a name: one, or all of them for `all`.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn named(name: &str) -> Result<Vec<Builtin>, UnknownBuiltin> {
        if name == "all" { Ok(Builtin::ALL.to_vec()) } else { Ok(vec![name.parse()?]) }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Builtin::ApiKeys => "api_keys",
            Builtin::BearerTokens => "bearer_tokens",
            Builtin::Emails => "emails",
            Builtin::Cards => "cards",
            Builtin::Phones => "phones",
        }
    }
}

impl fmt::Display for Builtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Builtin {
    type Err = UnknownBuiltin;

    fn from_str(name: &str) -> Result<Self, UnknownBuiltin> {
        let found = Builtin::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| UnknownBuiltin(name.to_owned()))
    }
}
