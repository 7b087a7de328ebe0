//! Times as people write and read them: `30d`, `2027-01-31`, `3m ago`.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Utc};

/// Longest span that may be given, so that every time computed from it is in range.
const MOST_DAYS: i64 = 100 * 366;

/// A text that is no time of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// No span of time.
    #[error("expected a span of time such as 90s, 30m, 24h or 30d")]
    Span,
    /// No day.
    #[error("expected a date such as 2027-01-31, or how long ago such as 7d")]
    Day,
    /// No time.
    #[error("expected 30d, 2027-01-31 or 2027-01-31T12:00:00Z")]
    Time,
    /// A time that lies behind.
    #[error("this time has passed")]
    Past,
}

/// A whole number and a unit: `90s`, `30m`, `24h`, `30d`, `2w`.
pub(crate) fn span(text: &str) -> Result<TimeDelta, Fault> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or(Fault::Span)?;
    let (number, unit) = text.split_at(end);
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err(Fault::Span),
    };
    let span = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds));
    let span = span.and_then(TimeDelta::try_seconds).filter(|span| span.num_days() <= MOST_DAYS);
    span.ok_or(Fault::Span)
}

/// When something ends: after a span, at the end of a day (UTC), or at a time.
pub(crate) fn expiry(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    let time = end(text, now)?;
    if time > now { Ok(time) } else { Err(Fault::Past) }
}

/// The same, also where it lies behind: what is imported may have ended.
pub(crate) fn end(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    // Nobody means a part of a second.
    Ok(time(text, now)?.trunc_subsecs(0))
}

fn time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    let text = text.trim();
    if let Ok(span) = span(text) {
        return Ok(now + span);
    }
    if let Some(day) = date(text) {
        let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        return Ok(day.and_time(last).and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| Fault::Time)
}

/// A day: a date, or how long ago.
pub(crate) fn day(text: &str, now: DateTime<Utc>) -> Result<NaiveDate, Fault> {
    let text = text.trim();
    match (date(text), span(text)) {
        (Some(day), _) => Ok(day),
        (None, Ok(span)) => Ok((now - span).date_naive()),
        (None, Err(_)) => Err(Fault::Day),
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // Days that a computation could leave the calendar from are nobody's.
    let within = day.checked_add_days(Days::new(1)).is_some() && text.len() == "2027-01-31".len();
    within.then_some(day)
}

/// How long, in its largest unit: `45s`, `3m`, `5h`, `12d`.
fn short(seconds: i64, rounding: Rounding) -> String {
    let (unit, name) = match seconds {
        ..60 => (1, "s"),
        60..3_600 => (60, "m"),
        3_600..172_800 => (3_600, "h"),
        172_800..63_072_000 => (86_400, "d"),
        _ => (31_536_000, "y"),
    };
    let more = match rounding {
        Rounding::Down => 0,
        Rounding::Nearest => unit / 2,
    };
    format!("{}{name}", (seconds + more) / unit)
}

/// What is left of a unit.
#[derive(Clone, Copy)]
enum Rounding {
    /// What is over is over when it is full.
    Down,
    /// What was given as 30 days reads so a moment later, too.
    Nearest,
}

/// How long, in its two largest units: `3d 4h`.
pub(crate) fn long(seconds: u64) -> String {
    let parts =
        [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
    let shown =
        parts.iter().skip(first).take(2).filter(|(count, unit)| *count > 0 || (first == 3 && *unit == "s"));
    shown.map(|(count, unit)| format!("{count}{unit}")).collect::<Vec<_>>().join(" ")
}

/// A time by how far it is: `3m ago`, `in 5h`.
pub(crate) fn relative(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match time.signed_duration_since(now) {
        ahead if ahead > TimeDelta::zero() => format!("in {}", short(ahead.num_seconds(), Rounding::Nearest)),
        behind => format!("{} ago", short(-behind.num_seconds(), Rounding::Down)),
    }
}

/// A time as it stands in data.
pub(crate) fn exact(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn now() -> DateTime<Utc> {
        at("2027-01-10T12:00:00Z")
    }

    #[test]
    fn spans() {
        let cases = [
            ("90s", Ok(90)),
            ("30m", Ok(1_800)),
            ("24h", Ok(86_400)),
            ("30d", Ok(2_592_000)),
            ("2w", Ok(1_209_600)),
            (" 5 min ", Ok(300)),
            ("0s", Ok(0)),
        ];
        let faults = ["", "30", "d", "-1d", "1.5h", "1y", "99999999999999999999d", "9999999d", "1d 2h"];
        for (text, seconds) in cases.into_iter().chain(faults.map(|text| (text, Err(Fault::Span)))) {
            assert_eq!(span(text), seconds.map(TimeDelta::seconds), "{text:?}");
        }
    }

    #[test]
    fn an_expiry_lies_ahead_and_a_day_is_good_to_its_end() {
        let cases = [
            ("30d", Ok("2027-02-09T12:00:00Z")),
            ("2027-01-31", Ok("2027-01-31T23:59:59Z")),
            ("2027-01-10", Ok("2027-01-10T23:59:59Z")),
            ("2027-01-31T12:00:00+02:00", Ok("2027-01-31T10:00:00Z")),
            ("2027-01-09", Err(Fault::Past)),
            ("0s", Err(Fault::Past)),
            ("2027-01-10T11:59:59Z", Err(Fault::Past)),
            ("2027-02-30", Err(Fault::Time)),
            ("27-1-31", Err(Fault::Time)),
            ("2027-01-31 12:00", Err(Fault::Time)),
            ("tomorrow", Err(Fault::Time)),
            ("", Err(Fault::Time)),
        ];
        for (text, expected) in cases {
            assert_eq!(expiry(text, now()), expected.map(at), "{text:?}");
        }
    }

    #[test]
    fn a_day_is_a_date_or_so_long_ago() {
        let cases = [("2027-01-31", Ok("2027-01-31")), ("7d", Ok("2027-01-03")), ("13h", Ok("2027-01-09"))];
        for (text, expected) in cases.into_iter().chain([("soon", Err(Fault::Day)), ("", Err(Fault::Day))]) {
            assert_eq!(day(text, now()).map(|day| day.to_string()), expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn distances_are_told_in_their_largest_unit() {
        let cases = [
            ("2027-01-10T12:00:00Z", "0s ago"),
            ("2027-01-10T11:59:15Z", "45s ago"),
            ("2027-01-10T11:57:00Z", "3m ago"),
            ("2027-01-09T12:00:00Z", "24h ago"),
            ("2026-12-29T11:00:00Z", "12d ago"),
            ("2027-01-10T17:30:00Z", "in 6h"),
            ("2027-02-09T12:00:00Z", "in 30d"),
            ("2027-02-09T11:00:00Z", "in 30d"),
            ("2027-01-31T23:59:59Z", "in 21d"),
            ("2999-01-31T23:59:59Z", "in 973y"),
        ];
        for (time, expected) in cases {
            assert_eq!(relative(at(time), now()), expected, "{time}");
        }
    }

    #[test]
    fn uptimes_are_told_in_two_units() {
        for (seconds, expected) in
            [(0, "0s"), (59, "59s"), (60, "1m"), (3_661, "1h 1m"), (273_600, "3d 4h"), (86_401, "1d")]
        {
            assert_eq!(long(seconds), expected);
        }
    }
}
