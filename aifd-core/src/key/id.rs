//! Ids of keys: made so that they sort by age, and are never given twice.

use super::KeyId;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;

/// Characters of an id.
pub(super) const LENGTH: usize = 20;

/// In the order of their code points, without those that are taken for others.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Random bits of an id, below its milliseconds.
const RANDOM_BITS: u32 = 35;

/// Makes ids: milliseconds since 1970 and 35 random bits, or one more than the last where that is higher.
#[derive(Default)]
pub(crate) struct Ids {
    last: Mutex<u128>,
}

impl Ids {
    /// An id that sorts after all that were made before it.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn next(&self, now: DateTime<Utc>) -> Result<KeyId, getrandom::Error> {
        let random = u128::from(getrandom::u64()? >> (u64::BITS - RANDOM_BITS));
        let fresh = (u128::from(now.timestamp_millis().unsigned_abs()) << RANDOM_BITS) | random;
        let mut last = self.last.lock();
        *last = fresh.max(*last + 1);
        Ok(KeyId(text(*last)))
    }
}

fn text(number: u128) -> String {
    let digits = (0..16).rev().map(|place| DIGITS[(number >> (place * 5)) as usize % DIGITS.len()]);
    "key_".chars().chain(digits.map(char::from)).collect()
}

impl KeyId {
    /// Whether a text has the form of an id, be it of the store or of the configuration.
    pub(crate) fn is_like(text: &str) -> bool {
        text.len() == LENGTH
            && (text.starts_with("key_") || text.starts_with("cfg_"))
            && text[4..].bytes().all(|byte| byte.is_ascii_alphanumeric())
    }

    /// Whether it has the form of an id of the store.
    pub(crate) fn is_stored(&self) -> bool {
        Self::is_like(&self.0) && self.0.starts_with("key_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_also_within_a_millisecond_and_when_the_clock_goes_back() {
        let ids = Ids::default();
        let at = |ms| DateTime::from_timestamp_millis(ms).unwrap();
        let times = [1_700_000_000_000, 1_700_000_000_000, 1_600_000_000_000, 1_800_000_000_000];
        let made: Vec<_> = times.iter().map(|ms| ids.next(at(*ms)).unwrap()).collect();
        assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
        assert!(made.iter().all(KeyId::is_stored), "{made:?}");
    }

    #[test]
    fn an_id_is_told_from_a_name() {
        for (text, like) in [
            ("key_0123456789abcdef", true),
            ("cfg_0123456789abcdef", true),
            ("key_0123456789abcde", false),
            ("key_0123456789abcdefg", false),
            ("key_0123456789abcd-f", false),
            ("kéy_0123456789abcde", false),
            ("team_0123456789abcde", false),
        ] {
            assert_eq!(KeyId::is_like(text), like, "{text}");
        }
    }
}
