//! What lines look like in both notations.

use super::*;
use crate::{
    Kind,
    literal::{self, Dialect, Layout},
    record::{About, Answer, Choice, End, Facts, Raw, Request, Target},
};
use std::borrow::Cow;

fn raw(json: &str) -> Raw<'_> {
    Cow::Borrowed(json.as_bytes())
}

fn about(kind: Kind) -> About<'static> {
    About {
        kind,
        uid: "u1",
        datetime: "2026-11-23 18:42:43",
        ip: "192.0.2.7",
        route: "/",
        key: Some("key_1"),
        caching: false,
        body_bytes: None,
        request_id: None,
    }
}

const NO_TARGET: Target<'static> = Target { method: "", path: "" };

const FACTS: Facts<'static> =
    Facts { status: Some(200), end: End::Complete, latency_ms: 12.5, ttft_ms: Some(3.0), cache: None };

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn request(kind: Kind, body: &str) -> String {
    let mut out = Vec::new();
    push_request(&about(kind), NO_TARGET, &Request::Json(raw(body)), &mut out);
    text(out)
}

fn answer(kind: Kind, answer: &Answer<'_>) -> String {
    let mut out = Vec::new();
    push_answer(&about(kind), &FACTS, answer, &mut out);
    text(out)
}

const TAIL: &str = "'status': 200, 'end': 'complete', 'model': None, 'finish_reason': None, 'usage': None, 'latency_ms': 12.5, \
                    'ttft_ms': 3.0, 'cache': None";

#[test]
fn requests_have_the_fields_of_openai_forward_and_ours_behind_them() {
    let behind = "'ip': '192.0.2.7', 'uid': 'u1', 'caching': False, 'datetime': '2026-11-23 18:42:43', 'route': '/', 'key': 'key_1'}\n";
    let completion = "'ip': '192.0.2.7', 'uid': 'u1', 'datetime': '2026-11-23 18:42:43', 'caching': False, 'route': '/', 'key': 'key_1'}\n";
    for (kind, body, expected) in [
        (
            Kind::Chat,
            r#"{"stream":true,"temperature":null,"messages":[{"role":"user","content":"it's"}],"model":"m"}"#,
            format!(
                "{{'messages': [{{'role': 'user', 'content': \"it's\"}}], 'model': 'm', 'stream': True, 'max_tokens': None, \
                 'response_format': None, 'n': 1, 'temperature': None, 'top_p': 1, 'logit_bias': None, 'frequency_penalty': 0, \
                 'presence_penalty': 0, 'seed': None, 'stop': None, 'user': None, 'tools': None, 'tool_choice': None, {behind}"
            ),
        ),
        (
            Kind::Completion,
            r#"{"prompt":"The sky","model":"m"}"#,
            format!("{{'prompt': 'The sky', 'model': 'm', 'stream': True, 'temperature': 1, {completion}"),
        ),
        (
            Kind::Embedding,
            r#"{"input":"hi","model":"m"}"#,
            format!("{{'input': 'hi', 'model': 'm', 'encoding_format': 'float', {behind}"),
        ),
    ] {
        assert_eq!(request(kind, body), expected);
    }
    let more = request(Kind::Embedding, r#"{"model":"m","caching":true,"uid":"theirs","dimensions":3}"#);
    assert!(more.contains("'uid': 'u1', 'caching': True,"), "{more}");
    assert!(more.ends_with("'extra': {'uid': 'theirs', 'dimensions': 3}}\n"), "{more}");
    let broken = request(Kind::Chat, r#"{"messages":[1,"#);
    assert!(broken.starts_with("{'messages': None, 'model': None,"), "{broken}");
    assert!(broken.ends_with("'extra': {'body': '{\"messages\":[1,'}}\n"), "{broken}");
}

#[test]
fn answers_have_their_message_under_its_role_and_the_rest_only_where_there_is_any() {
    let choice = |content: Option<&'static str>| Choice {
        role: Some(raw("\"assistant\"")),
        content: content.map(raw),
        ..Choice::default()
    };
    let of = |choice: Choice<'static>| Answer { choices: vec![choice], ..Answer::default() };
    let plain = of(choice(Some("\"hi\"")));
    assert_eq!(
        answer(Kind::Chat, &plain),
        format!("{{'assistant': 'hi', 'is_tool_calls': False, 'uid': 'u1', {TAIL}}}\n")
    );
    let calls = of(Choice {
        tool_calls: Some(raw(r#"[{"id":"a"}]"#)),
        reasoning: Some(raw("\"hm\"")),
        ..choice(Some("\"look\""))
    });
    assert_eq!(
        answer(Kind::Chat, &calls),
        format!(
            "{{'assistant': [{{'id': 'a'}}], 'is_tool_calls': True, 'uid': 'u1', {TAIL}, 'content': 'look', 'reasoning_content': 'hm'}}\n"
        )
    );
    let odd_role = of(Choice { role: Some(raw("\"uid\"")), ..choice(None) });
    assert!(
        answer(Kind::Chat, &odd_role).starts_with("{'assistant': None, 'is_tool_calls': False, 'uid': 'u1'")
            && answer(Kind::Chat, &odd_role).ends_with(", 'message': {'role': 'uid'}}\n")
    );
    let failed = Answer { error: Some(raw(r#"{"message":"no"}"#)), ..Answer::default() };
    assert_eq!(
        answer(Kind::Chat, &failed),
        format!("{{'uid': 'u1', {TAIL}, 'error': {{'message': 'no'}}}}\n")
    );
    let second =
        Choice { index: raw("1"), more: vec![("audio".to_owned(), raw("1"))], ..choice(Some("\"b\"")) };
    let several = Answer {
        choices: vec![choice(Some("\"a\"")), second],
        left_out: 7,
        unread_events: 2,
        ..Answer::default()
    };
    assert!(answer(Kind::Chat, &several).ends_with(
        "'choices': [{'index': 1, 'finish_reason': None, 'message': {'role': 'assistant', 'content': 'b', 'audio': 1}}], 'left_out': 7, 'unread_events': 2}\n"
    ));
    let embedding = Answer {
        object: Some(raw("\"list\"")),
        usage: Some(raw("{}")),
        model: Some(raw("\"m\"")),
        ..Answer::default()
    };
    assert!(
        answer(Kind::Embedding, &embedding)
            .starts_with("{'object': 'list', 'usage': {}, 'model': 'm', 'uid': 'u1', 'status': 200")
    );
    assert!(answer(Kind::Completion, &plain).starts_with("{'text': 'hi', 'uid': 'u1', "));
}

#[test]
fn an_exchange_is_one_json_object_in_one_line() {
    let body = "{\n \"messages\": [],\n \"caching\": true}";
    let target = Target { method: "GET", path: "/x" };
    let said = Answer {
        choices: vec![Choice { content: Some(raw("\"hi\"")), ..Choice::default() }],
        ..Answer::default()
    };
    for (kind, expected) in [
        (Kind::Chat, r#""kind":"chat","caching":true,"request":{"messages":[],"caching":true},"status":200"#),
        (Kind::General, r#""kind":"general","caching":true,"method":"GET","path":"/x","request":{"#),
    ] {
        let mut out = Vec::new();
        push_exchange(&about(kind), target, &Request::Json(raw(body)), &FACTS, &said, &mut out);
        let line = text(out);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.contains(expected), "{line}");
        let mut again = Vec::new();
        literal::to_json(line.as_bytes(), Dialect::Json, Layout::Compact, &mut again).unwrap();
        assert_eq!(text(again), line.trim_end());
    }
}

#[test]
fn what_is_nested_too_deep_for_python_is_logged_as_its_text() {
    let deep = format!("{{\"messages\":{}{}}}", "[".repeat(150), "]".repeat(150));
    assert!(request(Kind::Chat, &deep).starts_with("{'messages': [[[["));
    let deeper = format!("{{\"messages\":{}{}}}", "[".repeat(300), "]".repeat(300));
    let line = request(Kind::Chat, &deeper);
    assert!(literal::fields(line.as_bytes(), Dialect::Python, &mut |_, _| {}).is_ok(), "{line}");
    assert!(line.contains("'extra': {'body': '{\"messages\":[[["), "{line}");
}
