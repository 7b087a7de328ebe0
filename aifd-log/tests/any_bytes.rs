//! Whatever bytes a line has: nothing panics, faults lie within it, and its parts agree with the whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod golden;

use aifd_log::literal::{
    Dialect, Fault, Layout, dialect, fields, is_truthy, items, push_json_text, push_python_text, text,
    to_json, to_python,
};
use proptest::prelude::*;

const NOTATIONS: [Dialect; 2] = [Dialect::Python, Dialect::Json];

fn json(text: &[u8], notation: Dialect) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    to_json(text, notation, Layout::Compact, &mut out).map(|()| out)
}

fn python(text: &[u8], notation: Dialect) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    to_python(text, notation, &mut out).map(|()| out)
}

/// The JSON of a container put together from that of its parts, which are told one by one.
fn of_parts(text: &[u8], notation: Dialect) -> Option<Vec<u8>> {
    let part = |value: &[u8]| String::from_utf8(json(value, notation).expect("a part is a value")).unwrap();
    let mut parts: Vec<String> = Vec::new();
    let named = fields(text, notation, &mut |name, value| {
        let mut field = Vec::new();
        push_json_text(&name, &mut field);
        parts.push(format!("{}:{}", String::from_utf8(field).unwrap(), part(value)));
    });
    if named.is_ok() {
        return Some(format!("{{{}}}", parts.join(",")).into_bytes());
    }
    parts.clear();
    let listed = items(text, notation, &mut |item| parts.push(part(item)));
    listed.ok().map(|()| format!("[{}]", parts.join(",")).into_bytes())
}

/// What holds for all bytes.
fn check(text: &[u8]) -> Result<(), TestCaseError> {
    let _ = (dialect(text), is_truthy(text), aifd_log::literal::text(text, Dialect::Json));
    for notation in NOTATIONS {
        let whole = json(text, notation);
        prop_assert_eq!(whole.clone().err(), python(text, notation).err());
        if let Err(fault) = &whole {
            prop_assert!(fault.at <= text.len(), "{:?} of {}", fault, text.len());
        }
        // Halves of surrogate pairs in names are told as U+FFFD, and `{}` is a dict rather than a set.
        let halves = text.windows(2).any(|pair| pair == b"\\u" || pair == b"\\U");
        match (of_parts(text, notation), whole) {
            (Some(parts), Ok(whole)) if !halves => prop_assert_eq!(parts, whole),
            (Some(_), Err(fault)) => prop_assert!(false, "parts of what is none: {}", fault),
            _ => {}
        }
    }
    Ok(())
}

/// Bytes that a literal is made of, and some that it is not.
fn literalish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(
        &b"'\"\\{}[](),: \t\n0123456789-+.eEbruxU'\"\\{}[](),:NoneTrueFalseinfnanset()\x00\x7f\xc3\xa9\xff"[..],
    );
    prop::collection::vec(piece, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        check(&bytes)?;
    }

    #[test]
    fn nor_do_those_of_literals_in_any_order(bytes in literalish()) {
        check(&bytes)?;
    }

    #[test]
    fn a_text_is_quoted_so_that_it_says_the_same(plain: String) {
        let (mut quoted, mut printed) = (Vec::new(), Vec::new());
        push_json_text(&plain, &mut quoted);
        push_python_text(&plain, &mut printed);
        prop_assert!(text(&quoted, Dialect::Json).is_some_and(|text| text == plain));
        prop_assert!(text(&printed, Dialect::Python).is_some_and(|text| text == plain));
        prop_assert_eq!(json(&printed, Dialect::Python), Ok(quoted.clone()));
        prop_assert_eq!(python(&quoted, Dialect::Json), Ok(printed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn damaged_lines_are_told_apart_from_whole_ones(
        line in prop::sample::select(golden::lines()),
        at: prop::sample::Index,
        length in 0..5_usize,
        with in literalish(),
    ) {
        let mut bytes = line.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + length).min(line.len()), with.into_iter().take(4));
        check(&bytes)?;
        // Cut off, it is no line.
        prop_assert!(json(&line.as_bytes()[..at], Dialect::Python).is_err());
    }
}
