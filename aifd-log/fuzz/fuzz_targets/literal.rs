//! Any bytes as a literal of either notation: nothing panics, faults lie within the text, and what was read is read
//! again as the same.
#![no_main]

use aifd_log_fuzz::literal::{
    Dialect, Fault, Layout, dialect, fields, is_truthy, items, text, to_json, to_python,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (dialect(bytes), is_truthy(bytes));
    for notation in [Dialect::Python, Dialect::Json] {
        let whole = read(bytes, notation);
        let _ = text(bytes, notation).map(|text| text.len());
        parts(bytes, notation, whole.is_some());
        if let Some(json) = whole {
            stays(&json);
        }
    }
});

/// Both forms of a text, or none: the readers agree on what is a literal.
fn read(bytes: &[u8], notation: Dialect) -> Option<Vec<u8>> {
    let (mut compact, mut indented, mut python) = (Vec::new(), Vec::new(), Vec::new());
    let outcomes: [Result<(), Fault>; 3] = [
        to_json(bytes, notation, Layout::Compact, &mut compact),
        to_json(bytes, notation, Layout::Indented { level: 1 }, &mut indented),
        to_python(bytes, notation, &mut python),
    ];
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    match outcomes[0] {
        Ok(()) => {
            assert_eq!(json(&indented, Dialect::Json), json(&compact, Dialect::Json), "layouts differ");
            // Printed again, it is what was printed.
            let again = json(&python, Dialect::Python).expect("what was printed is read");
            if notation == Dialect::Python {
                assert_eq!(again, compact, "printing changed it");
            }
            Some(compact)
        }
        Err(fault) => {
            assert!(fault.at <= bytes.len(), "{fault:?} in {} bytes", bytes.len());
            None
        }
    }
}

fn json(bytes: &[u8], notation: Dialect) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    to_json(bytes, notation, Layout::Compact, &mut out).ok().map(|()| out)
}

fn python(bytes: &[u8], notation: Dialect) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    to_python(bytes, notation, &mut out).ok().map(|()| out)
}

/// JSON that was written goes to Python and back without change once numbers have found their form, and two halves of a
/// surrogate pair, which only Python keeps apart, each other.
fn stays(first: &[u8]) {
    let settled = json(first, Dialect::Json).expect("written JSON is read");
    assert_eq!(json(&settled, Dialect::Json).as_deref(), Some(&settled[..]), "JSON does not settle");
    let printed = python(first, Dialect::Json).expect("written JSON is read");
    assert_eq!(python(&settled, Dialect::Json).as_deref(), Some(&printed[..]), "settling changed it");
    let second = json(&printed, Dialect::Python).expect("printed Python is read");
    assert_eq!(python(&second, Dialect::Json).as_deref(), Some(&printed[..]), "there and back");
}

/// Fields and items are found where the whole is a literal, and each of them is one by itself.
fn parts(bytes: &[u8], notation: Dialect, whole: bool) {
    let mut found = Vec::new();
    let listed = items(bytes, notation, &mut |item| found.push(item));
    check(&found, listed, notation, whole);
    found.clear();
    let named = fields(bytes, notation, &mut |_, value| found.push(value));
    check(&found, named, notation, whole);
}

fn check(found: &[&[u8]], outcome: Result<(), Fault>, notation: Dialect, whole: bool) {
    if outcome.is_ok() {
        assert!(whole, "parts of what is no literal");
        for part in found {
            assert!(json(part, notation).is_some(), "a part that is no literal");
        }
    }
}
