//! The secrets of forward keys: known as keyed hashes, shown by their first and last characters.

use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What secrets that are made here begin with.
const PREFIX: &str = "fk-";

/// Random characters of a secret: 43 of 62 are 256 bits.
const RANDOM: usize = 43;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Secret {
    /// A new secret of a forward key: `fk-` and 43 letters and digits.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        // Bytes past the last whole multiple would make the first characters of the alphabet likelier.
        const FAIR: u8 = (256 / ALPHABET.len() * ALPHABET.len()) as u8;
        let mut text = String::from(PREFIX);
        let mut bytes = [0; 64];
        while text.len() < PREFIX.len() + RANDOM {
            getrandom::fill(&mut bytes)?;
            let missing = PREFIX.len() + RANDOM - text.len();
            let fair = bytes.iter().filter(|byte| **byte < FAIR).take(missing);
            text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
        }
        Ok(Secret::new(text))
    }
}

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
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
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
        let secret = Secret::new(secret);
        let prefix = if secret.expose().starts_with(PREFIX) { PREFIX } else { "" };
        Masked(format!("{prefix}{secret}"))
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn secrets_are_random_letters_and_digits() {
        let secrets: HashSet<_> = (0..200).map(|_| Secret::random().unwrap()).collect();
        assert_eq!(secrets.len(), 200);
        let mut seen = HashSet::new();
        for secret in &secrets {
            let random = secret.expose().strip_prefix("fk-").unwrap();
            assert!(random.len() == 43 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            seen.extend(random.bytes());
        }
        assert_eq!(seen.len(), 62, "every character occurs");
    }

    #[test]
    fn a_hash_is_read_back_from_its_digits_and_not_shown_by_accident() {
        let hash = KeyHash(std::array::from_fn(|i| i as u8 * 8));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<KeyHash>(&json).unwrap(), hash);
        for bad in
            ["\"00\"", "\"+1\"", &format!("\"{}\"", "+1".repeat(32)), &format!("\"{}\"", "é".repeat(32))]
        {
            assert!(serde_json::from_str::<KeyHash>(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{hash:?}"), "KeyHash(…)");
    }

    #[test]
    fn a_secret_is_shown_by_its_ends_alone() {
        for (secret, shown) in
            [("fk-abcdefghijk3Qa", "fk-…k3Qa"), ("fk-1", "fk-…"), ("team-secret-0001", "…0001"), ("", "…")]
        {
            assert_eq!(Masked::of(secret).0, shown);
        }
    }
}
