//! Tables of names, bounds and what is kept.

use super::{Keep, LiveName, Packing, RotatedFile, RotatedName, Rotation};
use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn at(day: u32, micros: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_micro_opt(18, 47, 24, micros).unwrap()
}

fn live() -> LiveName {
    LiveName::of(Path::new("Log/openai/chat/chat.log")).unwrap()
}

#[test]
fn rotated_files_are_named_as_loguru_names_them() {
    let cases = [
        (1, Packing::Plain, "chat.2026-11-23_18-47-24_060135.log"),
        (2, Packing::Plain, "chat.2026-11-23_18-47-24_060135.2.log"),
        (1, Packing::Gzip, "chat.2026-11-23_18-47-24_060135.log.gz"),
        (12, Packing::Zstd, "chat.2026-11-23_18-47-24_060135.12.log.zst"),
    ];
    for (counter, packing, name) in cases {
        let rotated = RotatedName { at: at(23, 60_135), counter, packing };
        assert_eq!(live().rotated(rotated), name);
        assert_eq!(live().parse(name), Some(rotated), "{name}");
    }
}

#[test]
fn names_of_other_files_are_not_taken_for_rotated_ones() {
    let names = [
        "chat.log",
        "chat.log.gz",
        "chat.log.1",
        "chat.old.log",
        "chats.2026-11-23_18-47-24_060135.log",
        "chat2026-11-23_18-47-24_060135.log",
        "chat.2026-11-23_18-47-24_060135",
        "chat.2026-11-23_18-47-24_060135.txt",
        "chat.2026-11-23_18-47-24_060135.log.bz2",
        "chat.2026-11-23_18-47-24_060135.log.gz.part",
        "chat.2026-11-23_18-47-24_060135.1.log",
        "chat.2026-11-23_18-47-24_060135.+2.log",
        "chat.2026-11-23_18-47-24_060135.02.log",
        "chat.2026-11-23_18-47-24_060135.2.3.log",
        "chat.2026-11-23_18-47-24.log",
        "chat.2026-11-23_18-47-24_60135.log",
        "chat.2026-1-2_18-47-24_060135.log",
        "chat.2026-13-23_18-47-24_060135.log",
        "chat..log",
        ".chat.2026-11-23_18-47-24_060135.log",
        "",
    ];
    for name in names {
        assert_eq!(live().parse(name), None, "{name:?}");
    }
}

#[test]
fn a_log_without_an_extension_or_with_dots_has_rotated_names_too() {
    for live in ["chat", "a.b.log", ".log", "chat.gz"] {
        let live = LiveName::of(Path::new(live)).unwrap();
        for counter in [1, 2] {
            for packing in Packing::ALL {
                let name = RotatedName { at: at(1, 7), counter, packing };
                let parsed = live.parse(&live.rotated(name));
                // A log called `.gz` itself cannot be told from a packed one; it must not be told wrongly.
                assert!(
                    parsed == Some(name) || parsed.is_none() && live.extension == ".gz",
                    "{live:?} {name:?}"
                );
            }
        }
    }
    assert_eq!(LiveName::of(Path::new("/")), None);
}

#[test]
fn as_many_lines_go_into_a_file_as_fit() {
    let rotation = Rotation { bytes: 10, daily: false };
    let cases: [(u64, &str, usize); 12] = [
        (0, "", 0),
        (0, "1234567\n\n\n", 10),
        (0, "1234567\n\n\n\n", 10),
        (0, "123\n456\n789\n", 8),
        (2, "123\n456\n", 8),
        (3, "123\n456\n", 4),
        (9, "123\n", 0),
        (9, "\n123\n", 1),
        (10, "1\n", 0),
        (99, "1\n", 0),
        (0, "12345678901234\n1\n", 15),
        (1, "12345678901234\n1\n", 0),
    ];
    for (size, lines, fitting) in cases {
        assert_eq!(rotation.fitting(size, lines.as_bytes()), fitting, "{size} {lines:?}");
    }
    let unbound = Rotation { bytes: u64::MAX, daily: false };
    assert_eq!(unbound.fitting(u64::MAX - 5, b"1234\n"), 5);
}

#[test]
fn a_day_is_over_at_midnight_of_local_time() {
    let daily = Rotation { daily: true, ..Rotation::default() };
    let midnight = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let before = midnight - chrono::TimeDelta::microseconds(1);
    assert!(daily.day_is_over(before, midnight));
    assert!(!daily.day_is_over(midnight, midnight));
    assert!(!daily.day_is_over(at(23, 0), before));
    // A clock that was set back ends no day.
    assert!(!daily.day_is_over(midnight, before));
    assert!(!Rotation::default().day_is_over(before, midnight));
}

fn found(day: u32, counter: u32, bytes: u64) -> RotatedFile {
    let name = RotatedName { at: at(day, 0), counter, packing: Packing::Gzip };
    RotatedFile { path: PathBuf::from(live().rotated(name)), name, bytes }
}

#[test]
fn the_oldest_files_go_first() {
    let files = || vec![found(3, 1, 30), found(1, 1, 10), found(3, 10, 7), found(2, 1, 20), found(3, 2, 5)];
    let days = |keep: Keep| -> Vec<(u32, u32)> {
        let day = |file: &RotatedFile| file.path.to_str().unwrap()[13..15].parse().unwrap();
        keep.surplus(files()).iter().map(|file| (day(file), file.name.counter)).collect()
    };
    let cases: [(Keep, &[(u32, u32)]); 9] = [
        (Keep::All, &[]),
        (Keep::Files(5), &[]),
        (Keep::Files(9), &[]),
        (Keep::Files(2), &[(1, 1), (2, 1), (3, 1)]),
        (Keep::Files(0), &[(1, 1), (2, 1), (3, 1), (3, 2), (3, 10)]),
        (Keep::Bytes(72), &[]),
        (Keep::Bytes(71), &[(1, 1)]),
        (Keep::Bytes(12), &[(1, 1), (2, 1), (3, 1)]),
        (Keep::Bytes(6), &[(1, 1), (2, 1), (3, 1), (3, 2), (3, 10)]),
    ];
    for (keep, gone) in cases {
        assert_eq!(days(keep), gone, "{keep:?}");
    }
}

proptest! {
    #[test]
    fn what_fits_is_whole_lines_within_the_bound(bound in 0_u64..40, size in 0_u64..50, lines in "([a-z]{0,12}\n){0,8}") {
        let taken = Rotation { bytes: bound, daily: false }.fitting(size, lines.as_bytes());
        let part = &lines[..taken];
        prop_assert!(part.is_empty() || part.ends_with('\n'));
        prop_assert!(size + taken as u64 <= bound.max(size) || size == 0 && part.matches('\n').count() == 1);
        // An empty file always takes something, so that writing comes to an end.
        prop_assert!(size > 0 || lines.is_empty() || taken > 0);
    }
}
