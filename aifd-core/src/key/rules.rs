//! What a key may be: the bounds of its name, secret, lists, quotas and notes.

use super::{ForwardKey, KeyId, MAX_ENTRIES, MAX_TEXT};
use crate::secret::Secret;
use chrono::{DateTime, SubsecRound, Utc};

/// Characters of a secret at most.
const MAX_SECRET: usize = 512;

/// A field of a key that is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct KeyFault {
    /// The field, as it is called in JSON.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: TextFault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Longer than allowed.
    #[error("is longer than {most} characters")]
    TooLong {
        /// Characters allowed.
        most: usize,
    },
    /// Control characters, or white space at an end.
    #[error("holds control characters, or white space at its beginning or end")]
    Invisible,
    /// The form of an id, which would be another key's.
    #[error("looks like the id of another key")]
    LikeId,
    /// More entries than allowed.
    #[error("has more than {most} entries")]
    TooMany {
        /// Entries allowed.
        most: usize,
    },
    /// No path.
    #[error("`{0}` does not begin with `/`")]
    NoPath(String),
    /// Characters of a secret that no header carries.
    #[error("holds other characters than visible ASCII")]
    NotVisibleAscii,
    /// A bound of no request at all.
    #[error("must be 1 or more")]
    Zero,
    /// An end that is over already.
    #[error("is in the past")]
    Past,
}

impl TextFault {
    fn of(self, field: &'static str) -> KeyFault {
        KeyFault { field, why: self }
    }
}

/// Checks a secret that was chosen by its administrator.
pub(crate) fn check_secret(secret: &Secret) -> Result<(), KeyFault> {
    let text = secret.expose();
    let fault = match text.len() {
        0 => TextFault::Empty,
        length if length > MAX_SECRET => TextFault::TooLong { most: MAX_SECRET },
        _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => TextFault::NotVisibleAscii,
        _ => return Ok(()),
    };
    Err(fault.of("secret"))
}

/// Checks that an end lies ahead.
pub(crate) fn check_expiry(expires: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), KeyFault> {
    match expires {
        Some(expires) if expires <= now => Err(TextFault::Past.of("expires")),
        _ => Ok(()),
    }
}

impl ForwardKey {
    /// Brings what can be written in several ways into one: a route without a slash at its end, no empty
    /// notes, times to the millisecond.
    pub(crate) fn tidy(&mut self) {
        for route in &mut self.routes {
            let kept = route.trim_end_matches('/').len().max(usize::from(route.starts_with('/')));
            route.truncate(kept);
        }
        self.metadata.retain(|_, value| !value.is_empty());
        self.created = self.created.trunc_subsecs(3);
        self.expires = self.expires.map(|expires| expires.trunc_subsecs(3));
        if let Some(previous) = &mut self.previous {
            previous.until = previous.until.trunc_subsecs(3);
        }
    }

    /// Checks everything but its secret and its end.
    pub(crate) fn check(&self) -> Result<(), KeyFault> {
        text(&self.name).map_err(|why| why.of("name"))?;
        if KeyId::is_like(&self.name) && self.name != self.id.0 {
            return Err(TextFault::LikeId.of("name"));
        }
        list("models", &self.models, text)?;
        list("routes", &self.routes, route)?;
        for (field, quotas) in [("requests", &self.quotas.requests), ("tokens", &self.quotas.tokens)] {
            few(field, quotas.0.len())?;
        }
        if self.quotas.concurrent == Some(0) {
            return Err(TextFault::Zero.of("concurrent"));
        }
        few("metadata", self.metadata.len())?;
        for (name, value) in &self.metadata {
            text(name).and_then(|()| note(value)).map_err(|why| why.of("metadata"))?;
        }
        Ok(())
    }
}

fn list(
    field: &'static str,
    entries: &[String],
    check: fn(&str) -> Result<(), TextFault>,
) -> Result<(), KeyFault> {
    few(field, entries.len())?;
    entries.iter().try_for_each(|entry| check(entry)).map_err(|why| why.of(field))
}

fn few(field: &'static str, entries: usize) -> Result<(), KeyFault> {
    if entries > MAX_ENTRIES { Err(TextFault::TooMany { most: MAX_ENTRIES }.of(field)) } else { Ok(()) }
}

fn text(text: &str) -> Result<(), TextFault> {
    if text.is_empty() { Err(TextFault::Empty) } else { note(text) }
}

fn note(text: &str) -> Result<(), TextFault> {
    if text.chars().count() > MAX_TEXT {
        Err(TextFault::TooLong { most: MAX_TEXT })
    } else if text.chars().any(char::is_control) || text.trim() != text {
        Err(TextFault::Invisible)
    } else {
        Ok(())
    }
}

fn route(path: &str) -> Result<(), TextFault> {
    text(path)?;
    if path.starts_with('/') { Ok(()) } else { Err(TextFault::NoPath(path.to_owned())) }
}
