//! The secrets of forward keys: known as keyed hashes, shown by their first and last characters.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The keyed BLAKE3 hash of a secret, under the key that its store holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// As 64 hex digits.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

impl Serialize for KeyHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let digits = text.as_bytes();
        let mut hash = [0; 32];
        if digits.len() != 64 {
            return Err(D::Error::custom("a hash of 64 hex digits"));
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(D::Error::custom)?;
            *byte = u8::from_str_radix(pair, 16).map_err(D::Error::custom)?;
        }
        Ok(KeyHash(hash))
    }
}

/// A secret as it may be shown: `fk-…k3Qa`, or `…` for a short one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked(pub String);

impl Masked {
    /// The first characters of a secret's prefix and its last four, if it is long enough to keep the rest secret.
    pub fn of(secret: &str) -> Self {
        let secret = crate::secret::Secret::new(secret);
        let prefix = if secret.expose().starts_with("fk-") { "fk-" } else { "" };
        Masked(format!("{prefix}{secret}"))
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
