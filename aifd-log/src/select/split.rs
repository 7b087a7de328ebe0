//! Parts of a dataset, such as one to train with and one to test with.

use super::identity;
use crate::exchange::Exchange;
use std::{fmt, str::FromStr};

/// Named parts and their shares. A conversation's part follows from a hash of how it begins (its messages up to the
/// first of the user): data that is added moves nothing, and all turns of a conversation are in one part.
#[derive(Clone, Debug, PartialEq)]
pub struct Split(Vec<(String, f64)>);

/// Why a text is no split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// Not of the form `name=share`.
    #[error("expected NAME=SHARE,… such as train=0.9,test=0.1")]
    Form,
    /// A name that could not be part of a file's.
    #[error("a part's name is made of letters, digits, `_` and `-`")]
    Name,
    /// Two parts of one name.
    #[error("two parts have the same name")]
    Twice,
    /// Shares that leave something out, or take something twice.
    #[error("the shares must add up to 1")]
    Sum,
}

/// What shares may be off by: thirds are written with a few digits.
const TOLERANCE: f64 = 1e-3;

impl Split {
    /// The parts' names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The number of the part that an exchange is in.
    pub fn part(&self, exchange: &Exchange) -> usize {
        let [a, b, c, d, ..] = identity::beginning(exchange);
        let place = f64::from(u32::from_le_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0);
        let mut end = 0.0;
        let within = self.0.iter().position(|(_, share)| {
            end += share;
            place < end
        });
        within.unwrap_or(self.0.len().saturating_sub(1))
    }
}

impl FromStr for Split {
    type Err = SplitError;

    fn from_str(text: &str) -> Result<Self, SplitError> {
        let mut parts: Vec<(String, f64)> = Vec::new();
        for part in text.split(',') {
            let (name, share) = part.split_once('=').ok_or(SplitError::Form)?;
            let (name, share) = (name.trim(), share.trim().parse::<f64>().map_err(|_| SplitError::Form)?);
            let sound = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(sound) {
                return Err(SplitError::Name);
            }
            if !(share > 0.0 && share <= 1.0) {
                return Err(SplitError::Sum);
            }
            if parts.iter().any(|(other, _)| other == name) {
                return Err(SplitError::Twice);
            }
            parts.push((name.to_owned(), share));
        }
        let sum: f64 = parts.iter().map(|(_, share)| share).sum();
        if (sum - 1.0).abs() > TOLERANCE { Err(SplitError::Sum) } else { Ok(Split(parts)) }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, share)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={share}", if at > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}
