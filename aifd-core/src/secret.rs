//! A credential that cannot be printed by accident.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a credential at least that is looked for in other texts: a shorter one stands in words by chance.
pub(crate) const MIN_HIDDEN: usize = 8;

/// A credential. `Debug` and `Display` show only `…` and its last four characters (none of a short one);
/// [`Secret::expose`] is the one way to its text.
///
/// Serialised, it is in clear text: it is part of a message only where its reader shall have it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a credential in.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Secret(text.into())
    }

    /// The clear text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")?;
        let shown = if self.0.chars().count() >= 12 { 4 } else { 0 };
        let skip = self.0.chars().count() - shown;
        self.0.chars().skip(skip).try_for_each(|c| write!(f, "{c}"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}
