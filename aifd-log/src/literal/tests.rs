//! Tables of literals, and the lines that openai-forward wrote.

use super::*;
use std::{fs, path::PathBuf};

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

#[test]
fn python_literals_become_json() {
    for (literal, expected) in [
        ("None", "null"),
        ("True", "true"),
        ("[False, 1, -2]", "[false,1,-2]"),
        ("{'a': 1, \"it's\": [], 'b': {}}", r#"{"a":1,"it's":[],"b":{}}"#),
        ("()", "[]"),
        ("(1,)", "[1]"),
        ("(1, (2, 3))", "[1,[2,3]]"),
        ("{1, 2}", "[1,2]"),
        ("{'a'}", r#"["a"]"#),
        ("{(1, 2)}", "[[1,2]]"),
        ("set()", "[]"),
        ("frozenset()", "[]"),
        ("frozenset({1, 'a'})", r#"[1,"a"]"#),
        ("{frozenset({1})}", "[[1]]"),
        (
            "{1: 2, None: 3, True: 4, 1.5: 5, (1,\"a\"): 6}",
            r#"{"1":2,"null":3,"true":4,"1.5":5,"(1, 'a')":6}"#,
        ),
        ("inf", "null"),
        ("[-inf, nan]", "[null,null]"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e-05", "0.00001"),
        ("1e-07", "1e-7"),
        ("2.5e-10", "2.5e-10"),
        ("1e+16", "1e+16"),
        ("1e+22", "1e+22"),
        ("1000000000000000.0", "1000000000000000.0"),
        ("1.7976931348623157e+308", "1.7976931348623157e+308"),
        ("5e-324", "5e-324"),
        ("-0.0", "-0.0"),
        ("1e400", "null"),
        ("-0", "0"),
        // The middle of two floats of as many digits.
        ("169896110633060.62", "169896110633060.62"),
        ("16989611063306.062e1", "169896110633060.62"),
        ("0.30000000000000004", "0.30000000000000004"),
        (
            r#"'it\'s "q" \\ \n\r\t\x00\x7f\xe9\u4f60\U0001f600'"#,
            "\"it's \\\"q\\\" \\\\ \\n\\r\\t\\u0000\u{7f}é你😀\"",
        ),
        (r#"'\a\b\f\v\0\101\777'"#, "\"\\u0007\\b\\f\\u000b\\u0000Aǿ\""),
        (r"'\ud83d'", r#""\ud83d""#),
        (r"'\U0000d83d'", r#""\ud83d""#),
        ("b'a\\xff\\xc3\\xa9'", "\"a\\udcffé\""),
        ("'\t'", "\"\\t\""),
        (" [ 1 , 2 ] ", "[1,2]"),
    ] {
        assert_eq!(json(literal, Dialect::Python).as_deref(), Ok(expected), "{literal}");
    }
}

#[test]
fn json_becomes_python_literals() {
    for (literal, expected) in [
        ("null", "None"),
        ("[true, false]", "[True, False]"),
        (r#"{"a":{"b":[1,2]},"c":{}}"#, "{'a': {'b': [1, 2]}, 'c': {}}"),
        ("1e0", "1.0"),
        ("1E-5", "1e-05"),
        ("1e16", "1e+16"),
        ("0.0001", "0.0001"),
        ("1234567890123456.7", "1234567890123456.8"),
        ("1e22", "1e+22"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("100000000000000000000000", "1e+23"),
        (r#""it's""#, "\"it's\""),
        (r#""\"q\"""#, "'\"q\"'"),
        (r#""it's \"q\"""#, r#"'it\'s "q"'"#),
        (r#""it's \\' \n""#, "\"it's \\\\' \\n\""),
        (
            r#""\u0000\u001b\u007f\u00a0\u00ad\u2028\u4f60\ud83d\ude00\/""#,
            "'\\x00\\x1b\\x7f\\xa0\\xad\\u2028你😀/'",
        ),
        (r#""\ud83d x""#, "'\\ud83d x'"),
        ("\"\u{10ffff}\u{1fae8}\"", "'\\U0010ffff\\U0001fae8'"),
        (r#""""#, "''"),
    ] {
        assert_eq!(python(literal, Dialect::Json).as_deref(), Ok(expected), "{literal}");
        let back = json(expected, Dialect::Python).unwrap();
        assert_eq!(python(&back, Dialect::Json).as_deref(), Ok(expected), "{literal} there and back");
    }
}

#[test]
fn what_repr_does_not_print_is_refused_with_its_place() {
    use FaultKind::*;
    for (literal, at, what) in [
        ("", 0, EndsEarly),
        ("[1, 2", 5, EndsEarly),
        ("{'a'", 4, EndsEarly),
        ("{'a': }", 6, Unexpected),
        ("[1 2]", 3, Unexpected),
        ("[1,]", 3, Unexpected),
        ("[,1]", 1, Unexpected),
        ("(1)", 2, Unexpected),
        ("{'a': 1, 'b'}", 12, Unexpected),
        ("{'a', 'b': 1}", 9, Unexpected),
        ("{[1]: 2}", 1, Unexpected),
        ("{[1]}", 1, Unexpected),
        ("{1, [2]}", 4, Unexpected),
        ("{(1, {2}): 3}", 5, Unexpected),
        ("{1, set()}", 4, Unexpected),
        ("'''a'''", 2, Unexpected),
        ("'a' 'b'", 4, Trailing),
        ("'a''b'", 3, Unexpected),
        ("'a", 0, UnfinishedText),
        ("'a\nb'", 2, Control),
        ("'\\N{DASH}'", 1, Escape),
        ("'\\x1'", 1, Escape),
        ("'\\ud8'", 1, Escape),
        ("'\\U00110000'", 1, Escape),
        ("'\\q'", 1, Escape),
        ("r'a'", 0, Unexpected),
        ("u'a'", 0, Unexpected),
        ("f'a'", 0, Unexpected),
        ("b'\\u0041'", 2, Escape),
        ("b'aé'", 3, Unexpected),
        ("0x10", 1, Unexpected),
        ("1_000", 1, Unexpected),
        ("007", 0, Number),
        ("1.", 0, Number),
        (".5", 0, Unexpected),
        ("+1", 0, Unexpected),
        ("1+2j", 1, Trailing),
        ("2j", 1, Unexpected),
        ("--1", 0, Number),
        ("Nones", 4, Unexpected),
        ("null", 0, Unexpected),
        ("x", 0, Unexpected),
        ("dict()", 0, Unexpected),
        ("set([1])", 0, Unexpected),
        ("[1] # x", 4, Trailing),
        ("1 2", 2, Trailing),
    ] {
        assert_eq!(json(literal, Dialect::Python), Err(Fault { at, what }), "{literal}");
    }
    for literal in [
        "None",
        "'a'",
        "(1,)",
        "{1:2}",
        "[1,]",
        "{\"a\":1,}",
        "\"\\x41\"",
        "\"\t\"",
        "inf",
        "NaN",
        "b\"a\"",
        "01",
        "\"\\ud83\"",
    ] {
        assert!(json(literal, Dialect::Json).is_err(), "{literal}");
    }
    assert_eq!(
        to_json(b"'\xff'", Dialect::Python, Layout::Compact, &mut Vec::new()),
        Err(Fault { at: 1, what: NotUtf8 })
    );
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), ("(", ",)"), ("{'a': ", "}")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(json(&nested(MAX_DEPTH), Dialect::Python).is_ok());
        assert_eq!(json(&nested(MAX_DEPTH + 1), Dialect::Python).unwrap_err().what, FaultKind::TooDeep);
        assert!(json(&nested(100_000), Dialect::Python).is_err());
    }
    // Braces of which each one's kind is told by what is behind the next.
    for open in ["{(", "{frozenset({", "{(1, ", "{1, (", "{((", "{1: ({("] {
        assert!(json(&open.repeat(100_000), Dialect::Python).is_err(), "{open}");
    }
    let sets = format!("{}1{}", "{frozenset(".repeat(60), ")}".repeat(60));
    assert!(json(&sets, Dialect::Python).is_err());
}

#[test]
fn an_indented_layout_is_that_of_orjson() {
    let mut out = Vec::new();
    let text = b"{'a': [1, {'b': []}, {}], 'c': ()}";
    to_json(text, Dialect::Python, Layout::Indented { level: 1 }, &mut out).unwrap();
    let expected = "{\n    \"a\": [\n      1,\n      {\n        \"b\": []\n      },\n      {}\n    ],\n    \"c\": []\n  }";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn fields_and_items_are_told_in_order() {
    let told = |text: &'static str, dialect| {
        let mut told = Vec::new();
        let end = fields(text.as_bytes(), dialect, &mut |name, value| {
            told.push((name.into_owned(), std::str::from_utf8(value).unwrap()));
        });
        (told, end.is_ok())
    };
    let pair = |name: &str, value: &'static str| (name.to_owned(), value);
    assert_eq!(
        told("{'a': [1, {'x': 2}], 'it\\'s' : 'b, c'}", Dialect::Python),
        (vec![pair("a", "[1, {'x': 2}]"), pair("it's", "'b, c'")], true)
    );
    assert_eq!(told(" { } ", Dialect::Json), (vec![], true));
    assert_eq!(told("{\"a\":1,\"b\"", Dialect::Json), (vec![pair("a", "1")], false));
    assert!(
        !told("{1: 2}", Dialect::Python).1
            && !told("[1]", Dialect::Python).1
            && !told("{'a': 1} x", Dialect::Python).1
    );
    for (text, expected) in [
        ("[1, 'a', [2]]", vec!["1", "'a'", "[2]"]),
        ("(1,)", vec!["1"]),
        ("()", vec![]),
        ("{1, 2}", vec!["1", "2"]),
    ] {
        let mut told = Vec::new();
        items(text.as_bytes(), Dialect::Python, &mut |item| told.push(std::str::from_utf8(item).unwrap()))
            .unwrap();
        assert_eq!(told, expected);
    }
    assert!(
        items(b"{1: 2}", Dialect::Python, &mut |_| {}).is_err()
            && items(b"[1", Dialect::Json, &mut |_| {}).is_err()
            && items(b"(1)", Dialect::Python, &mut |_| {}).is_err()
            && items(b"{1, {}}", Dialect::Python, &mut |_| {}).is_err()
            && items("[b'é']".as_bytes(), Dialect::Python, &mut |_| {}).is_err()
    );
}

#[test]
fn truth_and_texts() {
    for (value, truth) in [
        ("None", false),
        ("null", false),
        ("False", false),
        ("0", false),
        ("0.0", false),
        ("-0.0", false),
        ("''", false),
        ("[]", false),
        ("{ }", false),
        ("()", false),
        ("set()", false),
        ("b''", false),
        ("1", true),
        ("' '", true),
        ("[None]", true),
        ("True", true),
        ("inf", true),
        ("\"\"", false),
        ("\"0\"", true),
        ("b'0'", true),
    ] {
        assert_eq!(is_truthy(value.as_bytes()), truth, "{value}");
    }
    assert_eq!(text(b"'a\\n'", Dialect::Python).as_deref(), Some("a\n"));
    assert_eq!(text(b"\"\\ud83d\\ude00\"", Dialect::Json).as_deref(), Some("😀"));
    assert_eq!(text(b"'\\ud83d'", Dialect::Python).as_deref(), Some("\u{fffd}"));
    assert_eq!(text(b"'a'", Dialect::Json), None);
    assert_eq!(text(b"1", Dialect::Json), None);
    assert_eq!(dialect(b"{'a': 1}"), Dialect::Python);
    assert_eq!(dialect(b"{\"a\": 1}"), Dialect::Json);
    assert_eq!(dialect(b"{\"it's\": None}"), Dialect::Python);
}

/// Every log that openai-forward wrote.
fn golden_lines() -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/golden")];
    let mut lines = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "log") {
                let text = fs::read_to_string(&path).unwrap();
                lines.extend(text.lines().map(|line| (path.clone(), line.to_owned())));
            }
        }
    }
    lines
}

#[test]
fn every_line_of_openai_forward_is_read_and_printed_again_as_it_was() {
    let lines = golden_lines();
    let whole = lines.iter().filter(|(path, line)| {
        // Cases that were damaged on purpose.
        let damaged = ["20_truncated", "21_blank", "35_utf8_bom", "36_stray", "38_old"];
        line.starts_with('{')
            && line.ends_with('}')
            && !damaged.iter().any(|case| path.to_string_lossy().contains(case))
    });
    let mut count = 0;
    for (path, line) in whole {
        let place = path.display();
        assert_eq!(python(line, Dialect::Python).as_ref(), Ok(line), "{place}");
        let json = json(line, Dialect::Python).unwrap_or_else(|fault| panic!("{place}: {fault}: {line}"));
        assert_eq!(python(&json, Dialect::Json).as_ref(), Ok(line), "{place}, by way of JSON");
        count += 1;
    }
    assert!(count > 500, "{count}");
}

proptest::proptest! {
    /// What was looked through once is leapt over later, and written: neither may find what the other did not.
    #[test]
    fn every_way_over_a_literal_ends_at_the_same_place(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..24),
        python in proptest::bool::ANY,
    ) {
        let dialect = if python { Dialect::Python } else { Dialect::Json };
        let line = parts.concat();
        let line = line.as_bytes();
        let checked = Steps::new(line, dialect).unwrap().skip();
        let written = Steps::new(line, dialect).unwrap().json(Layout::Compact, &mut Vec::new());
        let printed = Steps::new(line, dialect).unwrap().python(&mut Vec::new());
        proptest::prop_assert_eq!(checked.map(|_| ()), written);
        proptest::prop_assert_eq!(checked.map(|_| ()), printed);
        if checked.is_ok() {
            proptest::prop_assert_eq!(Steps::new(line, dialect).unwrap().leap(), checked);
        }
    }
}

/// Pieces of literals, sound and not.
const PARTS: &[&str] = &[
    "'",
    "'",
    "\"",
    "\"",
    "b'",
    "\\",
    "\\\\",
    "\\'",
    "\\\"",
    "\\n",
    "\\x",
    "\\xe9",
    "\\ud83d",
    "\\U0001f600",
    "\\7",
    "\\/",
    "\\b",
    "a",
    "é",
    "\t",
    "\n",
    "\u{1}",
    " ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ", ",
    ":",
    ": ",
    "1",
    "-0.5e3",
    "None",
    "null",
    "True",
    "set()",
    "'a': ",
    "\"a\": ",
    "'long enough to be looked at in words of eight bytes'",
];
