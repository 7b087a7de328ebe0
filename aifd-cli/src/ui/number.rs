//! Numbers as people read them.

/// A number in groups of three digits: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in their largest unit: `1.5 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", count as f64 / size as f64),
        None => format!("{count} B"),
    }
}

/// Milliseconds as so many of them or, where there are many, as seconds: `350ms`, `1.24s`, `75.3s`.
pub(crate) fn milliseconds(time: f64) -> String {
    match time {
        ..9.95 => format!("{time:.1}ms"),
        ..999.5 => format!("{time:.0}ms"),
        ..9_995.0 => format!("{:.2}s", time / 1e3),
        _ => format!("{:.1}s", time / 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn times_are_told_in_three_digits() {
        for (time, text) in [
            (0.0, "0.0ms"),
            (0.26, "0.3ms"),
            (1.5, "1.5ms"),
            (12.25, "12ms"),
            (999.4, "999ms"),
            (999.6, "1.00s"),
            (1_234.5, "1.23s"),
            (75_321.0, "75.3s"),
        ] {
            assert_eq!(milliseconds(time), text);
        }
    }

    #[test]
    fn bytes_are_told_in_their_largest_unit() {
        for (count, text) in
            [(0, "0 B"), (1_023, "1023 B"), (1_536, "1.5 KiB"), (524_288, "512.0 KiB"), (3 << 30, "3.0 GiB")]
        {
            assert_eq!(bytes(count), text);
        }
    }
}
