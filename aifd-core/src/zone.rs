//! The time zone of the times in chat logs.

use crate::clock;
use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// A time zone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Zone {
    /// Of the IANA time zone database.
    Named(Tz),
    /// That of the system: the variable `TZ` in any form, else `/etc/localtime`.
    System,
}

impl Zone {
    /// The zone of this name; the system's if there is none.
    pub(crate) fn of(name: Option<&str>) -> Self {
        name.and_then(find).map_or(Zone::System, Zone::Named)
    }

    /// Now, as the clocks there show it.
    pub(crate) fn now(self) -> DateTime<FixedOffset> {
        let now = clock::utc();
        match self {
            Zone::Named(zone) => now.with_timezone(&zone).fixed_offset(),
            Zone::System => now.with_timezone(&Local).fixed_offset(),
        }
    }

    /// What the clocks there show.
    pub(crate) fn local(self, at: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Zone::Named(zone) => at.with_timezone(&zone).naive_local(),
            Zone::System => at.with_timezone(&Local).naive_local(),
        }
    }
}

/// The zone of this name, in whatever case.
pub(crate) fn find(name: &str) -> Option<Tz> {
    name.parse()
        .ok()
        .or_else(|| TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)).copied())
}

/// Every name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_the_time_of_their_zone_with_its_minutes_and_its_summer() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (zone, utc, shown) in [
            ("Asia/Shanghai", "2026-11-23T20:00:01Z", "2026-11-24 04:00:01"),
            ("asia/kolkata", "2026-11-23T20:00:01Z", "2026-11-24 01:30:01"),
            ("America/New_York", "2026-11-23T20:00:01Z", "2026-11-23 15:00:01"),
            ("America/New_York", "2026-07-23T20:00:01Z", "2026-07-23 16:00:01"),
            ("UTC", "2026-11-23T20:00:01Z", "2026-11-23 20:00:01"),
        ] {
            assert_eq!(Zone::of(Some(zone)).local(at(utc)).to_string(), shown, "{zone}");
        }
        assert!(
            matches!(Zone::of(Some("Mars/Olympus")), Zone::System) && matches!(Zone::of(None), Zone::System)
        );
    }
}
