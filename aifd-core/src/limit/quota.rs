//! The grammar of limits: `100/2minutes;600/hour`, `10 per second`, `inf`.

use std::{fmt, str::FromStr, time::Duration};

/// So many events within so many units of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    /// Events allowed; 0 blocks all.
    pub count: u64,
    /// Units in the period, at least 1.
    pub multiple: u64,
    /// Unit of the period.
    pub unit: Unit,
}

/// Units of time that a quota may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 1 s.
    Second,
    /// 60 s.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 30 days.
    Month,
    /// 12 months, 360 days.
    Year,
}

/// Quotas that hold together; none means no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quotas(pub Vec<Quota>);

/// A limit that does not parse: the part at fault, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} in {part:?}")]
pub struct QuotaError {
    /// The text between two separators.
    pub part: String,
    /// What is wrong with it.
    pub fault: QuotaFault,
}

/// What is wrong with one part of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaFault {
    /// Nothing between two separators, or after the last.
    #[error("an empty limit")]
    Empty,
    /// It does not begin with a whole number.
    #[error("no whole number of events")]
    Count,
    /// The number is not followed by `/` or `per`.
    #[error("no `/` or `per`")]
    Per,
    /// No known unit ends it.
    #[error("no unit of time (second, minute, hour, day, month, year)")]
    Unit,
    /// A number too large to hold.
    #[error("a number too large")]
    TooLarge,
}

/// What `limits` takes as separators.
const SEPARATORS: [char; 3] = [';', ',', '|'];

/// Longest period kept, so that instants computed from it stay in range.
const MOST_SECONDS: u64 = 1_000 * 360 * 86_400;

impl FromStr for Quotas {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        if text.trim().is_empty() || unlimited(text) {
            return Ok(Quotas::default());
        }
        text.split(SEPARATORS).map(str::parse).collect::<Result<_, _>>().map(Quotas)
    }
}

/// As text.
impl serde::Serialize for Quotas {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Quotas {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let part = text.trim();
        parse(&part.to_ascii_lowercase()).map_err(|fault| QuotaError { part: part.to_owned(), fault })
    }
}

/// `inf`, also with the `/second` that some files carry after it.
fn unlimited(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    text.strip_prefix("inf").is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('/'))
}

fn parse(part: &str) -> Result<Quota, QuotaFault> {
    if part.is_empty() {
        return Err(QuotaFault::Empty);
    }
    let (count, rest) = number(part)?;
    let count = count.ok_or(QuotaFault::Count)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('/').or_else(|| rest.strip_prefix("per")).ok_or(QuotaFault::Per)?;
    let (multiple, rest) = number(rest.trim_start())?;
    let unit = Unit::named(rest.trim_start()).ok_or(QuotaFault::Unit)?;
    let multiple = multiple.unwrap_or(1).max(1);
    match multiple.checked_mul(unit.seconds()) {
        Some(seconds) if seconds <= MOST_SECONDS => Ok(Quota { count, multiple, unit }),
        _ => Err(QuotaFault::TooLarge),
    }
}

/// The digits that a text begins with, if any, and what follows.
fn number(text: &str) -> Result<(Option<u64>, &str), QuotaFault> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    digits.parse().map(|n| (Some(n), rest)).map_err(|_| QuotaFault::TooLarge)
}

impl Quota {
    /// The period within which the events are counted.
    pub fn period(&self) -> Duration {
        Duration::from_secs(self.multiple.saturating_mul(self.unit.seconds()))
    }

    /// As openai-forward names it in an error: `100 per 2 minute`.
    pub fn sentence(&self) -> String {
        format!("{} per {} {}", self.count, self.multiple, self.unit.name())
    }
}

impl Unit {
    const ALL: [Unit; 6] = [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day, Unit::Month, Unit::Year];

    fn named(text: &str) -> Option<Unit> {
        let singular = text.strip_suffix('s').unwrap_or(text);
        Unit::ALL.into_iter().find(|unit| unit.name() == singular)
    }

    /// Its name in the singular.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Month => "month",
            Unit::Year => "year",
        }
    }

    fn seconds(self) -> u64 {
        match self {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
            Unit::Month => 30 * 86_400,
            Unit::Year => 360 * 86_400,
        }
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.unit.name();
        if self.multiple == 1 {
            write!(f, "{}/{name}", self.count)
        } else {
            write!(f, "{}/{}{name}s", self.count, self.multiple)
        }
    }
}

impl fmt::Display for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("inf");
        }
        self.0.iter().enumerate().try_for_each(|(i, quota)| {
            let separator = if i == 0 { "" } else { ";" };
            write!(f, "{separator}{quota}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_the_limits_package_reads_them() {
        let cases = [
            ("60/minute;600/hour", "60/minute;600/hour"),
            ("60/minute, 600/hour", "60/minute;600/hour"),
            ("60/minute|600/hour", "60/minute;600/hour"),
            ("100/2minutes", "100/2minutes"),
            ("3 per 10 second", "3/10seconds"),
            ("10per second", "10/second"),
            ("5 / minute", "5/minute"),
            ("5/MINUTE", "5/minute"),
            (" 7 PER Day ", "7/day"),
            ("1/month;2/years", "1/month;2/year"),
            ("0/minute", "0/minute"),
            ("5/0minute", "5/minute"),
            ("inf", "inf"),
            ("INF", "inf"),
            ("inf/second", "inf"),
            ("", "inf"),
            ("  ", "inf"),
        ];
        for (text, read) in cases {
            assert_eq!(text.parse::<Quotas>().unwrap().to_string(), read, "{text:?}");
        }
    }

    #[test]
    fn a_bad_limit_names_its_part() {
        let cases = [
            ("5/min", "5/min", QuotaFault::Unit),
            ("5", "5", QuotaFault::Per),
            ("abc", "abc", QuotaFault::Count),
            ("1.5/minute", "1.5/minute", QuotaFault::Per),
            ("-5/minute", "-5/minute", QuotaFault::Count),
            ("5/week", "5/week", QuotaFault::Unit),
            ("5/minute;", "", QuotaFault::Empty),
            ("5/minute;;6/hour", "", QuotaFault::Empty),
            ("5/minute; 6/fortnight", "6/fortnight", QuotaFault::Unit),
            ("5/minutess", "5/minutess", QuotaFault::Unit),
            ("99999999999999999999/hour", "99999999999999999999/hour", QuotaFault::TooLarge),
            ("1/9999999999999999999years", "1/9999999999999999999years", QuotaFault::TooLarge),
            ("inf;5/minute", "inf", QuotaFault::Count),
            ("infinite", "infinite", QuotaFault::Count),
        ];
        for (text, part, fault) in cases {
            assert_eq!(text.parse::<Quotas>(), Err(QuotaError { part: part.into(), fault }), "{text:?}");
        }
    }

    #[test]
    fn a_month_is_thirty_days_and_a_year_twelve_months() {
        let days = |text: &str| text.parse::<Quota>().unwrap().period().as_secs() / 86_400;
        assert_eq!((days("1/month"), days("1/year"), days("1/2days")), (30, 360, 2));
        assert_eq!("100/2minutes".parse::<Quota>().unwrap().sentence(), "100 per 2 minute");
    }
}
