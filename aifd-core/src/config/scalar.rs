//! Words, numbers, times and sizes as people write them.

use std::time::Duration;

/// Longest time that may be set, so that instants computed from it stay in range.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;
/// Largest size that may be set: 1 PiB.
const MAX_SIZE: f64 = (1_u64 << 50) as f64;

/// `true` and `false`, also as `1`, `yes`, `on` and their opposites.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A whole number.
pub(super) fn integer(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A number of seconds, or a number with `ms`, `s`, `m`, `h` or `d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let seconds = match unit.as_str() {
        "ms" => number / 1_000.0,
        "" | "s" | "sec" | "second" | "seconds" => number,
        "m" | "min" | "minute" | "minutes" => number * 60.0,
        "h" | "hour" | "hours" => number * 3_600.0,
        "d" | "day" | "days" => number * 86_400.0,
        _ => return None,
    };
    if seconds > MAX_SECONDS { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

/// A number of bytes, or a number with a unit: `KiB` and `k` are 1024, `kB` is 1000.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let factor: u64 = match unit.as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    let bytes = number * factor as f64;
    (bytes <= MAX_SIZE && bytes.fract() == 0.0).then_some(bytes as u64)
}

/// Words that mean: no bound.
/// An amount of money, which is not negative.
pub(super) fn price(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|price: &f64| price.is_finite() && *price >= 0.0)
}

/// A time, or none for `off` and zero.
pub(crate) fn duration_or_off(text: &str) -> Option<Option<Duration>> {
    match is_off(text) {
        true => Some(None),
        false => duration(text).map(|time| Some(time).filter(|time| !time.is_zero())),
    }
}

pub(super) fn is_off(text: &str) -> bool {
    ["off", "none", "never", "unlimited"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The word of a list that a text means: any case, `_` for `-`.
pub(super) fn choice(text: &str, words: &'static [&'static str]) -> Option<&'static str> {
    let text = text.replace('_', "-");
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(&text))
}

/// Texts between commas (also the Chinese one) without blanks around them; empty ones are left out.
pub(super) fn between_commas(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty())
}

fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let cases = [
            ("10", Some(10_000)),
            ("0.2", Some(200)),
            ("200ms", Some(200)),
            ("30s", Some(30_000)),
            ("2 m", Some(120_000)),
            ("1H", Some(3_600_000)),
            ("1e3", None),
            ("inf", None),
            ("-1", None),
            ("", None),
            ("5w", None),
            ("1.2.3", None),
            ("99999999d", None),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn sizes() {
        let cases = [
            ("4096", Some(4096)),
            ("64KiB", Some(65_536)),
            ("64k", Some(65_536)),
            ("1MB", Some(1_000_000)),
            ("1.5 MiB", Some(1_572_864)),
            ("0.3b", None),
            ("1TB", None),
            ("99999999999999999999", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(size(text), bytes, "{text:?}");
        }
    }
}
