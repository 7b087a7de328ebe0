//! What the scanner accepts, refuses and tells.

use super::*;
use proptest::prelude::*;

/// Everything told, runs of a string as one.
#[derive(Debug, Default, PartialEq)]
struct Heard(Vec<String>, String);

impl Heard {
    fn tell(&mut self, what: String) {
        let text = std::mem::take(&mut self.1);
        if !text.is_empty() {
            self.0.push(format!("text {text}"));
        }
        self.0.push(what);
    }
}

impl Visit for Heard {
    fn key(&mut self, depth: u32, key: &[u8]) {
        self.tell(format!("key {depth} {}", String::from_utf8_lossy(key)));
    }
    fn begin(&mut self, kind: Kind, depth: u32, at: u64) {
        self.tell(format!("begin {kind:?} {depth} {at}"));
    }
    fn end(&mut self, kind: Kind, depth: u32, at: u64) {
        self.tell(format!("end {kind:?} {depth} {at}"));
    }
    fn text(&mut self, run: &[u8]) {
        self.1.push_str(std::str::from_utf8(run).unwrap());
    }
    fn escaped(&mut self, c: char) {
        self.1.push(c);
    }
}

fn scan(pieces: &[&str]) -> (Result<(), JsonFault>, Heard) {
    let (mut scanner, mut heard) = (Scanner::default(), Heard::default());
    let result = pieces.iter().try_for_each(|piece| scanner.push(piece, &mut heard));
    (result.and_then(|()| scanner.finish(&mut heard)), heard)
}

fn accepts(text: &str) -> bool {
    scan(&[text]).0.is_ok()
}

#[test]
fn tells_keys_values_and_text() {
    let (result, heard) = scan(&[r#" {"a": [1, "x\ny"], "\u0062":null}"#]);
    assert_eq!(result, Ok(()));
    let expected = "begin Object 0 1|key 1 a|begin Array 1 7|begin Number 2 8|end Number 2 9|begin String 2 11\
                    |text x\ny|end String 2 17|end Array 1 18|key 1 b|begin Literal 1 29|end Literal 1 33\
                    |end Object 0 34";
    assert_eq!(heard.0.join("|"), expected);
}

#[test]
fn accepts_what_rfc_8259_allows() {
    for text in [
        "{}",
        " [ ] ",
        "0",
        "-0",
        "-1.5e+10",
        "1E5",
        "true",
        "\"\"",
        "[1,2]",
        r#""\ud83d\ude00\/""#,
        "[\"\u{7f}\u{2028}\"]",
        r#""\ud800""#,
        r#"{"":0,"":0}"#,
        "\t\r\n null",
    ] {
        assert!(accepts(text), "{text}");
    }
}

#[test]
fn refuses_what_it_does_not() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "[,]",
        "{\"a\"}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "nul",
        "nulll",
        "True",
        "1 2",
        "{}{}",
        "[1}",
        "{\"a\":1]",
        "]",
        "\"\t\"",
        "\"\n\"",
        "\"\0\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\u12g4""#,
        "\"abc",
        "\u{feff}{}",
        "[1]//c",
        "[1/**/]",
        "{\"a\":1 \"b\":2}",
        "{\"a\":,}",
        "\u{a0}1",
        "\u{c}1",
        r#"{"\ud800":1}"#,
        r#"{"\udc00a":1}"#,
        r#"{"\ud800\n":1}"#,
        r#"{"\ud800\u0061":1}"#,
    ] {
        assert!(!accepts(text), "{text}");
    }
}

#[test]
fn the_offset_is_of_the_first_byte_that_cannot_be() {
    for (text, offset) in [("", 0), ("[1,]", 3), ("{\"a\":1} x", 8), ("[1", 2), ("01", 1), ("\"a\u{1}\"", 2)]
    {
        assert_eq!(scan(&[text]).0, Err(JsonFault::Syntax { offset }), "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(accepts(&nested(MAX_DEPTH as usize)));
    assert_eq!(scan(&[&nested(MAX_DEPTH as usize + 1)]).0, Err(JsonFault::TooDeep));
    let mixed = "[{\"a\":".repeat(64) + "1" + &"}]".repeat(64);
    assert!(accepts(&mixed));
}

#[test]
fn a_long_key_is_cut() {
    let long = "k".repeat(1000);
    let whole = format!("{{\"{long}\":1}}");
    let (left, right) = whole.split_at(10);
    let expected = format!("key 1 {}", &long[..MAX_KEY]);
    assert_eq!(scan(&[&whole]).1.0[1], expected);
    assert_eq!(scan(&[left, right]).1.0[1], expected);
}

#[test]
fn runs_stop_at_each_special_byte_wherever_it_lies() {
    for special in (0..=255_u8).filter(|b| matches!(b, b'"' | b'\\' | ..0x20)) {
        for place in 0..20 {
            let mut bytes = vec![0xc3; 20];
            bytes[place] = special;
            assert_eq!(plain_run(&bytes), place);
        }
    }
    for plain in (0x20..=255_u8).filter(|b| !matches!(b, b'"' | b'\\')) {
        assert_eq!(plain_run(&[plain; 19]), 19);
    }
}

/// Text made of what JSON is made of.
fn jsonish() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"a\":",
        "\\",
        "\\u00e4",
        "\\ud83d",
        "\\ude00",
        "ä😀",
        "1",
        "-0.5e3",
        "0",
        "true",
        "null",
        " ",
        "\n",
        "x",
        "\u{1}",
        "abcdefghijkl",
    ]);
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_text_is_cut(text in jsonish(), at: prop::sample::Index) {
        let whole = scan(&[&text]);
        let mut cut = at.index(text.len() + 1);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let (left, right) = text.split_at(cut);
        let parts = scan(&[left, right]);
        prop_assert_eq!(whole.0, parts.0);
        if whole.0.is_ok() {
            prop_assert_eq!(whole.1, parts.1);
        }
        let mut buffer = [0; 4];
        let (mut scanner, mut heard) = (Scanner::default(), Heard::default());
        let result = text.chars().try_for_each(|c| scanner.push(c.encode_utf8(&mut buffer), &mut heard));
        prop_assert_eq!(result.and_then(|()| scanner.finish(&mut heard)), whole.0);
    }

    #[test]
    fn what_serde_writes_is_accepted(value in any_json(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert!(accepts(&text), "{}", text);
    }

    #[test]
    fn what_is_accepted_serde_reads_too(text in jsonish()) {
        let ours = accepts(&text);
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        // Raw values of serde_json are not looked into as strictly: their strings may hold anything escaped.
        prop_assert!(!ours || theirs, "{}", text);
        if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
            prop_assert!(ours, "{}", text);
        }
    }
}
