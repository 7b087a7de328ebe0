//! How the parts of an error are written.

use crate::limit::{Exceeded, Whose};
use std::{fmt, net::IpAddr, time::Duration};

/// An address, or what stands for none.
pub(super) struct Address<'a>(pub(super) &'a Option<IpAddr>);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("of a local socket"),
        }
    }
}

/// A time in whole seconds, rounded up.
pub(super) struct Whole<'a>(pub(super) &'a Duration);

impl Whole<'_> {
    pub(super) fn seconds(&self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seconds().fmt(f)
    }
}

/// Whose bound a bound is.
pub(super) struct Place<'a>(pub(super) &'a Whose);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Whose::Key => f.write_str("with this key"),
            Whose::Global => f.write_str("on this gateway"),
            Whose::Route(route) => write!(f, "on {route}"),
        }
    }
}

/// When a limit may let a request pass again; a limit of 0 never does.
pub(super) struct Again<'a>(pub(super) &'a Exceeded);

impl fmt::Display for Again<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.never {
            true => Ok(()),
            false => write!(f, "; try again in {} s", Whole(&self.0.retry_after)),
        }
    }
}

/// What is wrong with a token quota.
pub(super) struct Tokens<'a>(pub(super) &'a Exceeded);

impl fmt::Display for Tokens<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quota = self.0.quota.sentence();
        if self.0.never {
            return write!(
                f,
                "Token quota exceeded: the request may take more tokens than the quota ever holds ({quota}); \
                 lower max_tokens or shorten the prompt"
            );
        }
        write!(f, "Token quota exceeded: {quota}{}", Again(self.0))
    }
}

/// A time in seconds.
pub(super) struct Seconds<'a>(pub(super) &'a Duration);

impl fmt::Display for Seconds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}
