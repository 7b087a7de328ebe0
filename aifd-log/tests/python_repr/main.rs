//! What a real Python prints is read as it is meant, and what is printed here is what Python prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod data;
#[path = "../golden/mod.rs"]
mod golden;
mod python;

use aifd_log::literal::{Dialect, Fault, Layout, is_truthy, text, to_json, to_python};
use data::{Data, Spelling, data, json_data};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};
use python::{Python, Taken};
use std::cell::RefCell;

fn json(text: &str, dialect: Dialect) -> Result<String, Fault> {
    let mut out = Vec::new();
    to_json(text.as_bytes(), dialect, Layout::Compact, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn python(text: &str, dialect: Dialect) -> Result<String, Fault> {
    let mut out = Vec::new();
    to_python(text.as_bytes(), dialect, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// Asks one Python about many values.
fn with_python<S: Strategy>(
    cases: u32,
    strategy: S,
    test: impl Fn(&mut Python, S::Value) -> Result<(), TestCaseError>,
) {
    let process = RefCell::new(Python::start());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&strategy, |value| test(&mut process.borrow_mut(), value));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn what_python_prints_is_read_as_it_is_and_printed_again_as_it_was() {
    with_python(3_000, data(), |process, data| {
        let said = process.value(&data.source());
        prop_assert!(said.taken == Taken::Yes, "{}", said.repr);
        let printed = said.repr;
        prop_assert_eq!(json(&printed, Dialect::Python), Ok(said.json), "{}", printed);
        prop_assert_eq!(python(&printed, Dialect::Python), Ok(printed.clone()));
        prop_assert_eq!(is_truthy(printed.as_bytes()), said.truth, "{}", printed);
        let decoded = text(printed.as_bytes(), Dialect::Python);
        match data {
            Data::Text(codes) => {
                let lossy: String =
                    codes.iter().map(|code| char::from_u32(*code).unwrap_or('\u{fffd}')).collect();
                prop_assert_eq!(decoded.as_deref(), Some(lossy.as_str()));
            }
            _ => prop_assert_eq!(decoded, None),
        }
        Ok(())
    });
}

#[test]
fn json_is_printed_as_python_prints_what_it_reads_of_it() {
    let spelled = (json_data(), any::<u64>());
    with_python(3_000, spelled, |process, (data, choices)| {
        let written = data.json(&mut Spelling { choices: choices | 1 });
        let said = process.json(&written);
        prop_assert!(said.taken == Taken::Yes, "{}: {}", said.repr, written);
        prop_assert_eq!(python(&written, Dialect::Json), Ok(said.repr.clone()), "{}", written);
        prop_assert_eq!(is_truthy(written.as_bytes()), said.truth, "{}", written);
        // By way of the other notation nothing is lost.
        let again = json(&said.repr, Dialect::Python).unwrap();
        prop_assert_eq!(&again, &said.json);
        prop_assert_eq!(python(&again, Dialect::Json), Ok(said.repr));
        Ok(())
    });
}

#[test]
fn values_as_deep_as_are_taken_are_those_of_python() {
    let mut process = Python::start();
    for (open, close, depth) in [
        ("[", "]", 190),
        ("(", ",)", 190),
        ("{'a': ", "}", 190),
        ("{1: [", "]}", 95),
        ("{(1, ", ")}", 1),
        ("frozenset({", "})", 90),
    ] {
        let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let said = process.literal(&nested);
        assert_ne!(said.taken, Taken::No, "{}: {nested}", said.repr);
        assert_eq!(json(&nested, Dialect::Python), Ok(said.json));
        assert_eq!(python(&nested, Dialect::Python), Ok(said.repr));
    }
}

/// What may be put into a line.
const PIECES: [&str; 40] = [
    "'",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    " ",
    "None",
    "True",
    "inf",
    "-inf",
    "nan",
    "-",
    "0",
    "1.5",
    "1e16",
    "e+16",
    "b'a'",
    "b",
    "\\x41",
    "\\101",
    "\\u00e9",
    "\\U0001f600",
    "\\ud83d",
    "é",
    "😀",
    "set()",
    "frozenset()",
    "frozenset({1})",
    "(1,)",
    "{2}",
    "\t",
    "'a'",
    "null",
    "u",
];

#[derive(Clone, Debug)]
enum Change {
    Insert(Index, &'static str),
    Remove(Index, usize),
    Swap(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), 1..4_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn change_line(line: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = line.chars().collect();
    for change in changes {
        match change {
            Change::Insert(at, piece) => {
                let at = at.index(text.len() + 1);
                text.splice(at..at, piece.chars());
            }
            Change::Remove(at, length) if !text.is_empty() => {
                let at = at.index(text.len());
                text.drain(at..text.len().min(at + length));
            }
            Change::Swap(one, other) if !text.is_empty() => {
                let (one, other) = (one.index(text.len()), other.index(text.len()));
                text.swap(one, other);
            }
            _ => {}
        }
    }
    text.into_iter().collect()
}

/// Short lines, and parts of lines: most changes would only hit the text of a message.
fn changed_line() -> impl Strategy<Value = String> {
    let lines: Vec<String> = golden::lines().into_iter().filter(|line| line.len() < 700).collect();
    let printed = [
        "{'a': (1, 2.5, -3), 'b': {1, 2}, 'c': b'\\xff\\'', \"d'\": None}",
        "[inf, -inf, nan, 1e+16, -0.0, {'x'}, frozenset({1, (2,)}), set()]",
        "{1: 'a\\n', None: \"it's\", (1, 'b'): [], True: '\\ud83d\\\\'}",
        "[1, 2]",
        "'\\x00\\'\"'",
    ];
    let line = prop_oneof![
        prop::sample::select(lines),
        prop::sample::select(printed.to_vec()).prop_map(str::to_owned),
    ];
    (line, prop::collection::vec(change(), 1..4)).prop_map(|(line, changes)| change_line(&line, &changes))
}

#[test]
fn of_damaged_lines_only_those_are_taken_that_python_takes_and_as_it_takes_them() {
    with_python(6_000, changed_line(), |process, line| {
        let said = process.literal(&line);
        match json(&line, Dialect::Python) {
            Ok(json) => {
                prop_assert_ne!(said.taken, Taken::No, "{}: {}", said.repr, line);
                if !said.reordered {
                    prop_assert_eq!(json, said.json, "{}", line);
                }
            }
            // Python takes more, but prints none of it.
            Err(fault) => prop_assert_ne!(&line, &said.repr, "{}", fault),
        }
        Ok(())
    });
}
