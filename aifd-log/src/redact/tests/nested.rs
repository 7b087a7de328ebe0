//! JSON within the strings of JSON, and numbers.

use super::{
    super::{Redactions, Redactor},
    tables::{builtin, own},
};
use serde_json::{Value, json};
use std::borrow::Cow;

fn redacted(redactor: &Redactor, json: &str) -> String {
    String::from_utf8(redactor.redact_json(json.as_bytes()).into_owned()).unwrap()
}

fn check(redactor: &Redactor, cases: &[(&str, &str)]) {
    for (json, expected) in cases {
        assert_eq!(redacted(redactor, json), *expected, "{json}");
        assert_eq!(redacted(redactor, expected), *expected, "again: {json}");
    }
}

#[test]
fn escapes_within_arguments_hide_nothing() {
    check(
        &builtin("all"),
        &[
            (
                r#"{"arguments":"{\"mail\":\"z\\u0040w.com\",\"n\" : \"\\u00e9\"}"}"#,
                r#"{"arguments":"{\"mail\":\"[redacted:email]\",\"n\" : \"\\u00e9\"}"}"#,
            ),
            (
                r#"{"arguments":"{\"k\":\"a\\n\\u0073k-abcdefghijklmnop1234\\n\"}"}"#,
                r#"{"arguments":"{\"k\":\"a\\n[redacted:key]\\n\"}"}"#,
            ),
            (r#"[" [ \"\\u0040\", \"a\\u0040b.io\" ] "]"#, r#"[" [ \"\\u0040\", \"[redacted:email]\" ] "]"#),
            // No JSON: as it is spelled.
            (r#"["{\"a\":\"b@c.io"]"#, r#"["{\"a\":\"[redacted:email]"]"#),
        ],
    );
    let secret = Redactor::new(&Redactions::default(), ["s3cret/key-1"]).unwrap();
    check(&secret, &[(r#"["{\"a\":\"s3cret\\/\\u006bey-1\"}"]"#, r#"["{\"a\":\"[redacted:key]\"}"]"#)]);
}

#[test]
fn arguments_are_read_as_deep_as_they_are_nested_up_to_a_bound() {
    let redactor = builtin("emails");
    let mut value = json!({"mail": "z@w.com", "card": 1});
    for depth in 0..7 {
        let text = value.to_string();
        let hidden = text.replace('@', &format!("{}u0040", "\\".repeat(1 << depth)));
        let result = redacted(&redactor, &hidden);
        assert_eq!(!result.contains("w.com"), depth <= 4, "{depth}: {result}");
        let _: Value = serde_json::from_str(&result).unwrap();
        value = json!([text]);
    }
}

#[test]
fn own_expressions_see_the_texts_of_arguments() {
    check(
        &own(&[r"\bfalcon\b", "^begin", r"\d{3}$"]),
        &[
            (
                r#"{"arguments":"{\"t\":\"x\\nfalcon\\tbegin\",\"u\":\"begin\",\"v\":\"a 123\"}"}"#,
                r#"{"arguments":"{\"t\":\"x\\n[redacted]\\tbegin\",\"u\":\"[redacted]\",\"v\":\"a [redacted]\"}"}"#,
            ),
            (
                r#"{"falcon":"{\"falcon\":\"falcons\",\"role\":\"falcon\"}"}"#,
                r#"{"falcon":"{\"[redacted]\":\"falcons\",\"role\":\"[redacted]\"}"}"#,
            ),
        ],
    );
    // What reaches beyond a text was found before, and still is.
    let reaching = own(&[r#""pin": *\d+"#]);
    assert_eq!(redacted(&reaching, r#"["{\"pin\": 1234, \"a\": 1}"]"#), r#"["{[redacted], \"a\": 1}"]"#);
}

#[test]
fn numbers_become_strings() {
    check(
        &builtin("all"),
        &[
            (
                r#"{"arguments":"{\"card\":4111111111111111,\"n\":[5,13800138000]}"}"#,
                r#"{"arguments":"{\"card\":\"[redacted:card]\",\"n\":[5,\"[redacted:phone]\"]}"}"#,
            ),
            (r#"{"card": 4111111111111111 , "b":1}"#, r#"{"card": "[redacted:card]" , "b":1}"#),
            ("[1,13800138000,4111111111111111]", r#"[1,"[redacted:phone]","[redacted:card]"]"#),
            ("4111111111111111", r#""[redacted:card]""#),
            ("[-4111111111111111]", r#"["[redacted:card]"]"#),
        ],
    );
    check(
        &own(&[r"^12345", r"\b99\b"]),
        &[("[1234567,123456,99,1234567.5,-1234567]", r#"["[redacted]",123456,99,"[redacted]",-1234567]"#)],
    );
    let secret = Redactor::new(&Redactions::default(), ["987654321"]).unwrap();
    check(&secret, &[(r#"{"a":987654321}"#, r#"{"a":"[redacted:key]"}"#)]);
}

#[test]
fn other_numbers_stay() {
    let redactor = builtin("all");
    for number in [
        "1700000000",
        "1732380000",
        "1700000000000",
        "20261125",
        "0",
        "1234567",
        "12345678901234567890123",
        "4111111111111111.5",
        "4.111111111111111",
        "4111111111111111e0",
        "4111111111111112",
        "1e400",
    ] {
        let text = redactor.redact(number);
        assert!(matches!(text, Cow::Borrowed(_)), "{number}");
        for json in [
            format!("[1,{number},2]"),
            format!(r#"{{"created": {number}}}"#),
            format!(r#"["{{\"id\":{number}}}"]"#),
        ] {
            assert!(matches!(redactor.redact_json(json.as_bytes()), Cow::Borrowed(_)), "{json}");
        }
    }
}

#[test]
fn texts_that_are_json_are_read_as_such() {
    let redactor = builtin("all");
    assert_eq!(
        redactor.redact(r#"{"a":"z\u0040w.com","c":4111111111111111}"#),
        r#"{"a":"[redacted:email]","c":"[redacted:card]"}"#
    );
    assert_eq!(redactor.redact_number("4111111111111111"), Some("[redacted:card]"));
    assert_eq!(redactor.redact_number("1700000000"), None);
}
