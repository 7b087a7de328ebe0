//! Appending, rotating and repairing.

use super::{super::LogFile, append, files, noon, rotation, time};
use crate::rotation::Rotation;
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    fs::{self, File, FileTimes},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

const NONE: [&str; 0] = [];

#[test]
fn the_first_append_makes_a_private_file_in_a_private_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openai/chat/chat.log");
    let mut log = LogFile::new(path.clone(), Rotation::default());
    assert_eq!(append(&mut log, "", noon()), NONE);
    assert!(!path.parent().unwrap().exists());
    assert_eq!(append(&mut log, "a\nb\n", noon()), NONE);
    assert_eq!(append(&mut log, "c\n", noon()), NONE);
    assert_eq!(append(&mut log, "no newline", noon()), NONE);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\nc\nno newline\n");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn an_existing_file_is_gone_on_with_and_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    fs::write(&path, "old\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(append(&mut LogFile::new(path.clone(), Rotation::default()), "new\n", noon()), NONE);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old\nnew\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
}

#[test]
fn a_batch_is_split_where_the_bound_is_and_no_line_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = LogFile::new(folder.path().join("chat.log"), rotation(10));
    append(&mut log, "12345\n", noon());
    let events = append(&mut log, "6\n7\n8\na line of its own, too long\n9\n", noon());
    assert_eq!(
        events,
        [
            "rotated 10 to chat.2026-11-23_12-00-00_000007.log",
            "rotated 2 to chat.2026-11-23_12-00-00_000007.2.log",
            "rotated 28 to chat.2026-11-23_12-00-00_000007.3.log",
        ]
    );
    let texts: Vec<_> = files(folder.path()).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["8\n", "a line of its own, too long\n", "12345\n6\n7\n", "9\n"]);
}

#[test]
fn a_rotated_file_is_named_after_its_last_line_and_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let taken = ["chat.2026-11-23_12-00-00_000007.log.gz", "chat.2026-11-23_12-00-00_000007.2.log"];
    for name in taken {
        fs::write(folder.path().join(name), "older\n").unwrap();
    }
    let mut log = LogFile::new(folder.path().join("chat.log"), rotation(2));
    append(&mut log, "1\n", noon());
    let later = time("2026-11-23T13:00:00+08:00");
    assert_eq!(append(&mut log, "2\n", later), ["rotated 2 to chat.2026-11-23_12-00-00_000007.3.log"]);
    // The clock is set back: the order of the names stays the order of the lines.
    assert_eq!(append(&mut log, "3\n", noon()), ["rotated 2 to chat.2026-11-23_13-00-00_000000.log"]);
    assert_eq!(append(&mut log, "4\n", later), ["rotated 2 to chat.2026-11-23_13-00-00_000000.2.log"]);
    for name in taken {
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), "older\n");
    }
}

#[test]
fn a_day_has_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    let daily = Rotation { daily: true, ..Rotation::default() };
    let mut log = LogFile::new(path.clone(), daily);
    let evening = time("2026-11-23T23:59:59.999999+08:00");
    append(&mut log, "1\n", noon());
    assert_eq!(append(&mut log, "2\n", evening), NONE);
    let midnight = time("2026-11-24T00:00:00+08:00");
    assert_eq!(append(&mut log, "3\n", midnight), ["rotated 4 to chat.2026-11-23_23-59-59_999999.log"]);
    drop(log);
    // After a restart the file's own time tells: 15:59:59 UTC is the evening of the 23rd.
    let written = SystemTime::UNIX_EPOCH + Duration::from_secs(evening.timestamp() as u64);
    let file = File::options().append(true).open(&path).unwrap();
    file.set_times(FileTimes::new().set_modified(written)).unwrap();
    let mut log = LogFile::new(path, daily);
    assert_eq!(append(&mut log, "4\n", midnight), ["rotated 2 to chat.2026-11-23_23-59-59_000000.log"]);
    assert_eq!(append(&mut log, "5\n", noon()), NONE);
}

#[test]
fn a_torn_last_line_is_cut_off_and_a_whole_one_is_ended() {
    let is_whole = |line: &[u8]| line.ends_with(b"}");
    let long = "x".repeat(200_000);
    let cases: [(&str, Option<&str>, &str, &str); 9] = [
        ("", None, "", ""),
        ("a\n", None, "a\n", "a\n"),
        ("a\n\n", None, "a\n\n", "a\n\n"),
        ("a\n{b", Some("cut 2"), "a\n", "a\n"),
        ("{b", Some("cut 2"), "", ""),
        ("a\n{b}", Some("cut 3"), "a\n", "a\n{b}\n"),
        ("{b}", Some("cut 3"), "", "{b}\n"),
        (&format!("a\n{long}"), Some("cut 200000"), "a\n", "a\n"),
        (
            &format!("{long}\n{long}\n{{"),
            Some("cut 1"),
            &format!("{long}\n{long}\n"),
            &format!("{long}\n{long}\n"),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    for (found, event, plain, judged) in cases {
        fs::write(&path, found).unwrap();
        let events = append(&mut LogFile::new(path.clone(), Rotation::default()), "new\n", noon());
        assert_eq!(events.first().map(String::as_str), event);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{plain}new\n"));

        fs::write(&path, found).unwrap();
        let mut log = LogFile::new(path.clone(), Rotation::default()).judged_by(is_whole);
        let events = append(&mut log, "new\n", noon());
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{judged}new\n"));
        assert_eq!(events.first().is_some_and(|event| event == "ended"), judged != plain);
    }
}

#[test]
fn what_others_append_is_looked_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    let mut log = LogFile::new(path.clone(), Rotation::default());
    append(&mut log, "1\n", noon());
    fs::write(&path, "1\nwhole\n").unwrap();
    assert_eq!(append(&mut log, "2\n", noon()), NONE);
    fs::write(&path, "1\nwhole\n2\ntor").unwrap();
    assert_eq!(append(&mut log, "3\n", noon()), ["cut 3"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "1\nwhole\n2\n3\n");
}

#[test]
fn while_another_has_its_turn_lines_are_appended_and_nothing_is_cut_or_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    fs::write(&path, "1\ntorn").unwrap();
    let other = File::open(&path).unwrap();
    other.lock().unwrap();
    let mut log = LogFile::new(path.clone(), rotation(2));
    assert_eq!(append(&mut log, "2\n", noon()), NONE);
    other.unlock().unwrap();
    // The one before the broken line could be told from it by nobody; what comes after is in order again.
    assert_eq!(fs::read_to_string(&path).unwrap(), "1\ntorn2\n");
    assert_eq!(append(&mut log, "3\n", noon()), ["rotated 8 to chat.2026-11-23_12-00-00_000007.log"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "3\n");
}

#[test]
fn several_writers_of_one_log_lose_no_line() {
    const WRITERS: usize = 4;
    const LINES: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let mut log = LogFile::new(path.clone(), rotation(1_000));
            scope.spawn(move || {
                for line in 0..LINES {
                    append(&mut log, &format!("{writer} {line}\n"), noon());
                }
            });
        }
    });
    let files = files(folder.path());
    assert!(files.len() > 2, "{}", files.len());
    let mut seen = BTreeMap::new();
    for line in files.iter().flat_map(|(_, text)| text.lines()) {
        *seen.entry(line).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), WRITERS * LINES);
    assert!(seen.values().all(|count| *count == 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_files_together_hold_all_lines_in_order(bound in 1_u64..60, batches in prop::collection::vec("([a-z]{0,20}\n){1,6}", 1..8)) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::new(folder.path().join("chat.log"), rotation(bound));
        let mut order = Vec::new();
        for batch in &batches {
            for event in append(&mut log, batch, noon()) {
                order.push(event.rsplit(' ').next().unwrap().to_owned());
            }
        }
        order.push("chat.log".to_owned());
        let mut all = String::new();
        for name in order {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            prop_assert!(text.len() as u64 <= bound || text.matches('\n').count() == 1);
            all += &text;
        }
        prop_assert_eq!(all, batches.concat());
    }
}
