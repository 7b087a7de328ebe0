//! JSON: every string, decoded; nothing else.

use super::{
    super::{Builtin, Redactions, Redactor},
    tables::{builtin, own},
};
use proptest::prelude::*;
use std::{borrow::Cow, sync::LazyLock};

fn redacted(redactor: &Redactor, json: &str) -> String {
    String::from_utf8(redactor.redact_json(json.as_bytes()).into_owned()).unwrap()
}

#[test]
fn strings_and_keys_are_redacted_and_the_rest_stays() {
    let cases = [
        (r#"{ "a" : "mail a@b.io\n" , "n":1.0e5 }"#, r#"{ "a" : "mail [redacted:email]\n" , "n":1.0e5 }"#),
        (
            r#"{"a@b.io":{"x":["\u0061\u0040b.io","é\/\u00e9"]}}"#,
            r#"{"[redacted:email]":{"x":["[redacted:email]","é\/\u00e9"]}}"#,
        ),
        (r#""\u4f60\ud83d\ude00a@b.io\ud83d""#, r#""\u4f60\ud83d\ude00[redacted:email]\ud83d""#),
        (r#"{"arguments":"{\"to\":\"\\na@b.io\"}"}"#, r#"{"arguments":"{\"to\":\"\\n[redacted:email]\"}"}"#),
        (r#"["\"a@b.io\"","\\"]"#, r#"["\"[redacted:email]\"","\\"]"#),
        // No JSON at all.
        (r#""a@b.io"#, r#""[redacted:email]"#),
        (r#""a@b.io\"#, r#""[redacted:email]\"#),
        (r#""\qa@b.io \u12 \u"#, r#""\[redacted:email] \u12 \u"#),
        ("a@b.io", "a@b.io"),
        ("", ""),
    ];
    for (json, expected) in cases {
        assert_eq!(redacted(&builtin("emails"), json), expected, "{json}");
        assert_eq!(redacted(&builtin("emails"), expected), expected, "again: {json}");
    }
}

#[test]
fn a_string_that_is_not_utf_8_is_redacted_all_the_same() {
    let redacted = builtin("emails").redact_json(b"{\"\xff\xfe\":\"\xff a@b.io \xc3\"}").into_owned();
    assert_eq!(redacted, b"{\"\xff\xfe\":\"\xff [redacted:email] \xc3\"}");
}

#[test]
fn json_without_a_match_is_not_copied() {
    let json = br#"{"id":"chatcmpl-9a8b7c6d5e4f3a2b1c","created":1732380000,"content":"a task-based \"thing\" \u00e9 @home\n"}"#;
    for redactor in
        [builtin("all"), own(&["nothing"]), Redactor::new(&Redactions::default(), ["s"; 0]).unwrap()]
    {
        assert!(matches!(redactor.redact_json(json), Cow::Borrowed(_)));
        assert!(matches!(redactor.redact("a task-based thing of 12345678 @home"), Cow::Borrowed(_)));
    }
}

#[test]
fn own_expressions_see_each_string_for_itself() {
    assert_eq!(redacted(&own(&["^b$"]), r#"["b","ab","\u0062"]"#), r#"["[redacted]","ab","[redacted]"]"#);
}

/// A JSON string of a text, in which every character may be escaped in any way.
fn encoded(text: &str, choices: &[u8]) -> String {
    let mut json = String::new();
    for (index, c) in text.chars().enumerate() {
        let choice = choices[index % choices.len()];
        match (c, choice) {
            ('\n', 0..128) => json.push_str("\\n"),
            ('/', 0..96) => json.push_str("\\/"),
            ('"' | '\\', 0..128) => json.extend(['\\', c]),
            ('"' | '\\' | '\0'..' ', _) | (_, 0..64) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => json.push(c),
        }
    }
    json
}

/// Texts made of what is to be found and of what stands around it.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "\\PC{0,6}",
        2 => "[ -~\n]{0,12}",
        1 => prop::sample::select(vec![
            "sk-abcdefghijklmnop1234", "a@b.io", "+1 555 010 9999", "4111 1111 1111 1111", "Bearer abc123def456", "[redacted]",
            "[redacted:key]", "[redacted:", "\\n", "\\u4f60", "0612345678", "030/901820", "-", " ", "\"", "\\",
        ]).prop_map(str::to_owned),
        1 => "[0-9+() ./-]{1,20}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

static EVERYTHING: LazyLock<Redactor> = LazyLock::new(|| {
    let own = vec!["x+[a-z]".to_owned(), "ed\\] *.".to_owned(), "\\d{3}$".to_owned()];
    Redactor::new(&Redactions { builtin: Builtin::ALL.to_vec(), own }, ["s3cret/\"q", "]", "hunter2"])
        .unwrap()
});

/// One whose JSON texts are screened before their strings are looked at.
static SCREENED: LazyLock<Redactor> = LazyLock::new(|| {
    Redactor::new(&Redactions { builtin: Builtin::ALL.to_vec(), own: Vec::new() }, ["hunter2"]).unwrap()
});

proptest! {
    #[test]
    fn a_redacted_text_redacts_to_itself(text in texts()) {
        let redactor = &*EVERYTHING;
        let once = redactor.redact(&text).into_owned();
        prop_assert!(matches!(redactor.redact(&once), Cow::Borrowed(_)), "{text:?} {once:?}");
    }

    #[test]
    fn a_redacted_json_string_decodes_to_the_redacted_text(text in texts(), choices in prop::collection::vec(any::<u8>(), 1..9)) {
        let redactor = &*EVERYTHING;
        let json = format!("[1, \"{}\" ]", encoded(&text, &choices));
        let result = redacted(redactor, &json);
        let plain: Vec<u8> = encoded(&redactor.redact(&text), &[255]).into_bytes();
        let decoded = super::super::json::Decoded::of(&result.as_bytes()[5..result.len() - 3]).text.into_owned();
        prop_assert_eq!(encoded(&decoded, &[255]).into_bytes(), plain);
        prop_assert_eq!(redacted(redactor, &result), result);
    }

    #[test]
    fn the_screen_of_json_passes_no_match_by(text in texts(), choices in prop::collection::vec(any::<u8>(), 1..9)) {
        // Characters are mostly not escaped, as the screen takes every text with `\\u00` for one with a match.
        let choices: Vec<u8> = choices.iter().map(|it| 64 + it % 64).collect();
        let json = format!("[\"{}\"]", encoded(&text, &choices));
        let kept = matches!(SCREENED.redact_json(json.as_bytes()), Cow::Borrowed(_));
        prop_assert_eq!(kept, matches!(SCREENED.redact(&text), Cow::Borrowed(_)), "{}", json);
    }

    #[test]
    fn no_secret_survives(
        secret in "[!-~]{4,24}|\\PC{4,12}",
        before in texts(),
        after in texts(),
        choices in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let redactions = Redactions { builtin: Builtin::ALL.to_vec(), own: vec!["[a-z]{7}".to_owned()] };
        let redactor = Redactor::new(&redactions, [&secret]).unwrap();
        let text = format!("{before}{secret}{after}");
        let outside = |text: &str| text.replace("[redacted", "\0").contains(&secret);
        let once = redactor.redact(&text);
        prop_assert!(!outside(&once), "{once:?}");
        let result = redacted(&redactor, &format!("{{\"a\":\"{}\"}}", encoded(&text, &choices)));
        let decoded = super::super::json::Decoded::of(&result.as_bytes()[6..result.len() - 2]).text.into_owned();
        prop_assert!(!outside(&decoded), "{decoded:?}");
    }

    #[test]
    fn what_is_no_json_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\"\\\\u0-9a@.\\[\\]:{}ed]{0,64}") {
        let redactor = &*EVERYTHING;
        redactor.redact_json(&bytes);
        redactor.redact_json(text.as_bytes());
    }
}
