//! Logs and what becomes of them, byte for byte: those that openai-forward wrote and its own converter read, and further
//! ones whose expected output was made apart from this crate.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use aifd_log::{
    convert::direct,
    pair::{Options, ReadError, Reading},
    source::Input,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder of logs, and the files of what is expected.
struct Case {
    name: String,
    logs: PathBuf,
    /// Nothing is lost. Where openai-forward loses nothing either, there is only the other.
    default: PathBuf,
    /// What openai-forward's converter made of it; where it dies, there is none.
    compat: PathBuf,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let golden = fixtures().join("golden");
    for name in names(&golden) {
        let folder = golden.join(&name);
        if folder.join("logs").is_dir() {
            let (default, compat) = (folder.join("default.json"), folder.join("expected.json"));
            cases.push(Case { name, logs: folder.join("logs"), default, compat });
            continue;
        }
        // As the server lays them out: a folder for each route.
        for route in names(&folder.join("Log")) {
            cases.push(Case {
                name: format!("{name} {route}"),
                logs: folder.join("Log").join(&route).join("chat"),
                default: folder.join(format!("default_chat_{route}.json")),
                compat: folder.join(format!("expected_chat_{route}.json")),
            });
        }
    }
    let further = fixtures().join("logs");
    for name in names(&further) {
        let folder = further.join(&name);
        let (default, compat) = (folder.join("default.json"), folder.join("compat.json"));
        cases.push(Case { name, logs: folder, default, compat });
    }
    cases
}

fn open(case: &Case, compat: bool) -> Result<Reading, ReadError> {
    let spool = tempfile::tempdir().unwrap();
    let options = Options { compat, ..Options::default() };
    Reading::open(vec![Input::Path(case.logs.clone())], spool.path(), options, &())
}

fn converted(reading: &Reading) -> String {
    let mut out = Vec::new();
    direct::write(reading, &(), &mut out, &|_| true).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn by_default_all_that_a_log_holds_is_kept() {
    let cases = cases();
    assert!(cases.len() > 40, "{}", cases.len());
    for case in cases {
        let expected = if case.default.exists() { &case.default } else { &case.compat };
        let expected = fs::read_to_string(expected).unwrap();
        assert_eq!(converted(&open(&case, false).unwrap()), expected, "{}", case.name);
    }
}

#[test]
fn as_openai_forward_does_it_the_bytes_are_its_own() {
    let mut count = 0;
    for case in cases().into_iter().filter(|case| case.compat.exists()) {
        let expected = fs::read_to_string(&case.compat).unwrap();
        assert_eq!(converted(&open(&case, true).unwrap()), expected, "{}", case.name);
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn where_openai_forward_dies_of_a_line_the_line_is_told() {
    let dies_at = [
        ("20_truncated_last_line", 4),
        ("21_blank_line", 3),
        ("35_utf8_bom", 1),
        ("36_stray_text_line", 3),
        ("37_missing_uid", 3),
        ("both_forms", 2),
        ("odd_lines", 1),
    ];
    for case in cases().iter().filter(|case| !case.compat.exists()) {
        let Some((_, line)) = dies_at.iter().find(|(name, _)| *name == case.name) else {
            // It dies of the markup that it prints its own warning with, not of the log.
            assert_eq!(case.name, "30_markup_in_warning");
            continue;
        };
        match open(case, true) {
            Err(ReadError::Malformed(told)) => {
                assert_eq!(
                    (told.location.file, told.location.line),
                    (case.logs.join("chat.log"), *line),
                    "{}",
                    case.name
                );
            }
            other => panic!("{}: {:?}", case.name, other.map(|reading| reading.report().clone())),
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    // Exchanges, requests and answers that are alone, malformed lines, unfinished ones.
    type Counts = (u64, u64, u64, &'static [u64], &'static [u64]);
    let counts: [(&str, Counts); 10] = [
        ("16_request_without_answer", (3, 6, 0, &[], &[])),
        ("17_answer_without_request", (3, 0, 1, &[], &[])),
        ("18_rotated_files", (18, 0, 0, &[], &[])),
        ("20_truncated_last_line", (1, 1, 0, &[], &[4])),
        ("21_blank_line", (2, 0, 0, &[], &[])),
        ("27_duplicate_uid", (3, 0, 0, &[], &[])),
        ("36_stray_text_line", (2, 0, 0, &[3], &[])),
        ("37_missing_uid", (1, 0, 1, &[3], &[])),
        ("further_fields", (10, 1, 1, &[], &[])),
        ("odd_lines", (6, 0, 1, &[10, 11, 12, 13], &[21])),
    ];
    let cases = cases();
    for (name, expected) in counts {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        let reading = open(case, false).unwrap();
        let report = reading.report();
        let malformed: Vec<u64> = report.faults.iter().map(|fault| fault.location.line).collect();
        let unfinished: Vec<u64> = report.unfinished.iter().map(|fault| fault.location.line).collect();
        let told = (report.exchanges, report.unpaired_requests, report.unpaired_answers);
        assert_eq!(told, (expected.0, expected.1, expected.2), "{name}");
        assert_eq!((malformed.as_slice(), unfinished.as_slice()), (expected.3, expected.4), "{name}");
        assert_eq!(report.malformed, expected.3.len() as u64, "{name}");
    }
}
