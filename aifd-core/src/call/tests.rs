//! What bodies ask for.

use super::*;
use proptest::prelude::*;

fn read(body: &str) -> CallFields {
    CallFields::read(body.as_bytes(), true).unwrap()
}

fn fault(body: &str) -> CallFault {
    CallFields::read(body.as_bytes(), true).unwrap_err()
}

#[test]
fn a_chat_request_says_what_it_asks() {
    let fields = read(
        r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Hi there"}],"stream":true,
            "stream_options":{"include_usage":true},"max_tokens":10,"n":3}"#,
    );
    // "gpt-4o", "user" and "Hi there" are 18 bytes.
    let expected = CallFields {
        model: Some("gpt-4o".to_owned()),
        more_models: Vec::new(),
        stream: true,
        include_usage: Some(true),
        max_answer: Some(30),
        prompt_estimate: 5 + 3,
    };
    assert_eq!(fields, expected);
    assert_eq!(read("{}"), CallFields::default());
}

#[test]
fn the_model_is_read_as_any_upstream_may_read_it() {
    for (body, model) in [
        (r#"{"mod\u0065l":"g\u0070t"}"#, "gpt"),
        (r#"{"model":"a","model":"\u0061"}"#, "a"),
        (r#"{"MODEL":"a"}"#, "a"),
        (r#"{"x":{"model":"b"},"model":"a"}"#, "a"),
        (r#"{"model":""}"#, ""),
    ] {
        assert_eq!(read(body).model.as_deref(), Some(model), "{body}");
    }
    assert_eq!(read(r#"{"x":[{"model":"b"}]}"#).model, None);
    assert_eq!(read(r#"{"models":["a",{"id":"b"},"\u0063"],"x":{"models":["d"]}}"#).more_models, ["a", "c"]);
}

#[test]
fn what_could_be_read_in_two_ways_is_a_fault() {
    for (body, expected) in [
        (r#"{"model":"a","model":"b"}"#, CallFault::ModelTwice),
        (r#"{"model":"a","Model":"b"}"#, CallFault::ModelTwice),
        (r#"{"model":1}"#, CallFault::ModelNotText),
        (r#"{"model":null,"model":"a"}"#, CallFault::ModelNotText),
        (r#"{"model":["a"]}"#, CallFault::ModelNotText),
        (r#"{"model":"\ud800"}"#, CallFault::ModelNotText),
        (r#"["model"]"#, CallFault::NotAnObject),
        (r#"{"model":"a"} {"model":"b"}"#, CallFault::NotJson { offset: 14 }),
        (r#"{"model":"a","model":"b""#, CallFault::NotJson { offset: 24 }),
        ("", CallFault::NotJson { offset: 0 }),
        ("\u{feff}{}", CallFault::NotJson { offset: 0 }),
    ] {
        assert_eq!(fault(body), expected, "{body}");
    }
    assert_eq!(fault(&"[".repeat(200)), CallFault::TooDeep);
    let long = format!(r#"{{"model":"{}"}}"#, "m".repeat(16 * 1024));
    assert_eq!(fault(&long), CallFault::ModelNotText);
}

#[test]
fn the_answer_is_bounded_by_the_largest_bound_given() {
    for (body, expected) in [
        (r#"{"max_tokens":5,"max_completion_tokens":7}"#, Some(7)),
        (r#"{"max_output_tokens":9}"#, Some(9)),
        (r#"{"generationConfig":{"maxOutputTokens":11,"candidateCount":2}}"#, Some(22)),
        (r#"{"generation_config":{"max_output_tokens":11}}"#, Some(11)),
        (r#"{"max_tokens":18446744073709551615,"n":2}"#, Some(u64::MAX)),
        (r#"{"max_tokens":4,"n":0}"#, Some(4)),
        (r#"{"max_tokens":4,"n":2,"best_of":5}"#, Some(20)),
        (r#"{"max_tokens":-1,"n":2}"#, None),
        (r#"{"max_tokens":null}"#, None),
        (r#"{"n":2}"#, None),
    ] {
        assert_eq!(read(body).max_answer, expected, "{body}");
    }
}

#[test]
fn prompts_are_estimated() {
    let base64 = "aGVsbG8+".repeat(1000);
    let lines = "aGVsbG8+\\n".repeat(1000);
    let sentence = "some words ".repeat(1000);
    for (body, expected) in [
        (r#"{"input":"12345678"}"#.to_owned(), 2),
        (r#"{"input":["1234","5678","9"]}"#.to_owned(), 3),
        (r#"{"input":[[1,2,3],[4]],"seed":7}"#.to_owned(), 4),
        (r#"{"contents":[{"parts":[{"text":"1234"}]},{"parts":[]}]}"#.to_owned(), 1 + 6),
        (r#"{"prompt":"\u4e2d\u6587\ud83d\ude00ab"}"#.to_owned(), 3),
        (r#"{"tools":[{"name":"1234"}]}"#.to_owned(), 2),
        (format!(r#"{{"input":"{base64}"}}"#), 768),
        (format!(r#"{{"input":"{lines}"}}"#), 768),
        (format!(r#"{{"input":"data:image/png;base64,{base64}"}}"#), 768),
        (format!(r#"{{"input":"data: {sentence}"}}"#), 2752),
        (format!(r#"{{"input":"dat{sentence}"}}"#), 2751),
        (format!(r#"{{"input":"{}"}}"#, "x".repeat(1024)), 256),
        (r#"{"input":"data:,x"}"#.to_owned(), 2),
    ] {
        assert_eq!(read(&body).prompt_estimate, expected, "{}", &body[..body.len().min(80)]);
    }
}

fn jsonish() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"model\":\"a\"",
        "\"model\":\"b\"",
        "\"mod\\u0065l\":",
        "\"messages\":[",
        "{\"content\":\"data:",
        "x",
        "\"",
        "\"n\":2",
        "\"max_tokens\":12",
        "\"stream\":true",
        "\"input\":[1,2]",
        "\"tools\":{\"a\":\"ä\"}",
        " ",
        "\\n",
    ]);
    prop::collection::vec(token, 0..16).prop_map(|tokens| tokens.concat().into_bytes())
}

fn in_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<CallFields, CallFault> {
    let mut reader = CallReader::new(true);
    for piece in pieces {
        reader.push(piece)?;
    }
    reader.finish()
}

#[test]
fn a_body_reads_alike_wherever_it_is_cut() {
    let base64 = "aGVsbG8+".repeat(130);
    let body = format!(
        r#"{{"model":"gpt\u002d4o","messages":[{{"role":"user","content":[{{"text":"Grüße \ud83d\ude00"}},
           {{"url":"data:image\/png;base64,{base64}"}}]}}],"n":2,"max_tokens":1e2,"stream":true}}"#
    );
    let whole = CallFields::read(body.as_bytes(), true).unwrap();
    assert_eq!(whole.model.as_deref(), Some("gpt-4o"));
    for cut in 0..=body.len() {
        let (left, right) = body.as_bytes().split_at(cut);
        assert_eq!(in_pieces([left, right]).as_ref(), Ok(&whole), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn pieces_read_as_the_whole_does(body in jsonish(), at: prop::sample::Index) {
        let (left, right) = body.split_at(at.index(body.len() + 1));
        let whole = CallFields::read(&body, true);
        prop_assert_eq!(&whole, &in_pieces([left, right]));
        prop_assert_eq!(&whole, &in_pieces(body.chunks(1)));
    }

    #[test]
    fn the_model_is_the_one_that_serde_reads(members in prop::collection::vec(("model|mod|x", "[ab]"), 0..4)) {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("{key:?}:{value:?}")).collect();
        let body = format!("{{{}}}", members.join(","));
        let theirs: serde_json::Value = serde_json::from_str(&body).unwrap();
        match CallFields::read(body.as_bytes(), true) {
            Ok(fields) => prop_assert_eq!(fields.model.as_deref(), theirs["model"].as_str()),
            Err(fault) => prop_assert_eq!(fault, CallFault::ModelTwice),
        }
    }

    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        let _ = CallFields::read(&body, true);
    }
}
