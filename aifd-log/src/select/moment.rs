//! Times as a log writes them: of the clock on the wall, without a zone.

use chrono::NaiveDateTime;

/// How a log writes a time.
const WRITTEN: &str = "%Y-%m-%d %H:%M:%S";

/// A time from or up to which exchanges are taken, itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound(NaiveDateTime);

/// A text that is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date such as 2027-01-31, or a time such as 2027-01-31 18:30")]
pub struct NoMoment;

impl Bound {
    /// The first second that a text means: of a day, of a minute, or itself.
    ///
    /// # Errors
    /// When it is no time.
    pub fn first(text: &str) -> Result<Self, NoMoment> {
        parse(text, "00:00:00")
    }

    /// The last second that a text means.
    ///
    /// # Errors
    /// When it is no time.
    pub fn last(text: &str) -> Result<Self, NoMoment> {
        parse(text, "23:59:59")
    }

    /// This moment.
    pub fn at(time: NaiveDateTime) -> Self {
        Bound(time)
    }

    /// The time of an exchange, to a second; `None` if it is written otherwise.
    pub(super) fn of_log(text: &str) -> Option<Self> {
        let text = text.get(.."2026-11-23 18:42:43".len())?.replace('T', " ");
        NaiveDateTime::parse_from_str(&text, WRITTEN).ok().map(Bound)
    }
}

/// A time; what it leaves open is taken from `rest`.
fn parse(text: &str, rest: &str) -> Result<Bound, NoMoment> {
    let text = text.trim().replacen('T', " ", 1);
    let whole = match text.len() {
        10 => format!("{text} {rest}"),
        16 => format!("{text}{}", &rest[5..]),
        19 => text,
        _ => return Err(NoMoment),
    };
    NaiveDateTime::parse_from_str(&whole, WRITTEN).map(Bound).map_err(|_| NoMoment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_to_its_end() {
        for (text, first, last) in [
            ("2027-01-31", "2027-01-31 00:00:00", "2027-01-31 23:59:59"),
            ("2027-01-31 18:30", "2027-01-31 18:30:00", "2027-01-31 18:30:59"),
            ("2027-01-31T18:30:05", "2027-01-31 18:30:05", "2027-01-31 18:30:05"),
        ] {
            assert_eq!(Bound::first(text).ok(), Bound::of_log(first), "{text}");
            assert_eq!(Bound::last(text).ok(), Bound::of_log(last), "{text}");
        }
        for text in
            ["", "2027-02-30", "2027-01-31 25:00", "tomorrow", "27-1-31", "2027-01-31x18:30", "2027-01-ää"]
        {
            assert_eq!((Bound::first(text), Bound::of_log(text)), (Err(NoMoment), None), "{text}");
        }
    }
}
