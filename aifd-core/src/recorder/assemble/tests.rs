//! What answers of each API amount to, whatever shape their bytes come in.

use super::*;
use aifd_log::record::Choice;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::io::Write;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";

fn value(raw: &Raw<'_>) -> Value {
    serde_json::from_slice(raw).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(raw)))
}

fn choice(choice: &Choice<'_>) -> Value {
    let mut fields = Map::new();
    if &*choice.index != b"0" {
        fields.insert("index".into(), value(&choice.index));
    }
    for (name, raw) in [
        ("role", &choice.role),
        ("content", &choice.content),
        ("calls", &choice.tool_calls),
        ("reasoning", &choice.reasoning),
        ("refusal", &choice.refusal),
        ("finish", &choice.finish_reason),
    ] {
        fields.extend(raw.as_ref().map(|raw| (name.to_owned(), value(raw))));
    }
    fields.extend(choice.more.iter().map(|(name, raw)| (name.clone(), value(raw))));
    fields.into()
}

/// Everything that was understood, as JSON.
fn understood(answer: &Answer<'_>) -> Value {
    let mut fields = Map::new();
    for (name, raw) in [
        ("model", &answer.model),
        ("usage", &answer.usage),
        ("error", &answer.error),
        ("body", &answer.body),
        ("output", &answer.output),
        ("object", &answer.object),
    ] {
        fields.extend(raw.as_ref().map(|raw| (name.to_owned(), value(raw))));
    }
    if !answer.choices.is_empty() {
        fields.insert("choices".into(), answer.choices.iter().map(choice).collect());
    }
    if answer.unread_events > 0 {
        fields.insert("unread".into(), answer.unread_events.into());
    }
    fields.into()
}

fn read(kind: Kind, content_type: &str, body: impl AsRef<[u8]>) -> Value {
    understood(&answer(
        kind,
        Answered { body: body.as_ref(), content_type, content_encoding: "", max_decoded: 1 << 20 },
    ))
}

fn chat(body: impl AsRef<[u8]>) -> Value {
    read(Kind::Chat, EVENTS, body)
}

/// Events with the data of each.
fn stream(data: &[&str]) -> String {
    data.iter().map(|data| format!("data: {data}\n\n")).collect()
}

/// A chunk with one choice that has this delta.
fn chunk(delta: &str) -> String {
    format!(
        r#"{{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
    )
}

/// A stream of chunks with these deltas, and its ordinary end.
fn deltas(deltas: &[&str]) -> String {
    let chunks: Vec<String> = deltas.iter().map(|delta| chunk(delta)).collect();
    let end = r#"{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    stream(&chunks.iter().map(String::as_str).chain([end, "[DONE]"]).collect::<Vec<_>>())
}

fn said(content: &str) -> Value {
    json!({"model": "m", "choices": [{"role": "assistant", "content": content, "finish": "stop"}]})
}

#[test]
fn every_piece_of_a_text_is_there_the_first_one_too() {
    let role = r#"{"role":"assistant","content":""}"#;
    for (pieces, content) in [
        (vec![role, r#"{"content":"Hello"}"#, r#"{"content":" wörld"}"#], "Hello wörld"),
        (vec![r#"{"role":"assistant","content":"Hel"}"#, r#"{"content":"lo"}"#], "Hello"),
        (vec![role], ""),
        (vec![role, r#"{"content":"a"}"#, r#"{"content":null}"#, r#"{"content":"b"}"#], "ab"),
        (
            vec![role, r#"{"content":"\"quoted\" \\"}"#, r#"{"content":"\\\" \u4f60\n"}"#],
            "\"quoted\" \\\\\" 你\n",
        ),
        // A pair of surrogates may come in two pieces.
        (vec![role, r#"{"content":"\ud83d"}"#, r#"{"content":"\ude00"}"#], "😀"),
        (
            vec![
                role,
                r#"{"content":"a"}"#,
                r#"{"content":"}],\"b\":"}"#,
                r#"{"content":""}"#,
                r#"{"content":"c"}"#,
            ],
            "a}],\"b\":c",
        ),
    ] {
        assert_eq!(chat(deltas(&pieces)), said(content), "{pieces:?}");
    }
}

#[test]
fn framing_does_not_matter() {
    let plain = deltas(&[r#"{"role":"assistant","content":"Hi"}"#, r#"{"content":" there"}"#]);
    for framed in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace("data: ", "data:"),
        format!(": keep-alive\n\n{}", plain.replace("\n\n", "\n\n: ping\n\n")),
        plain.replace("data: ", "event: message\nid: 7\nretry: 3\ndata: "),
        plain.replace("\"choices\"", "\ndata: \"choices\""),
        format!("\u{feff}{plain}"),
        plain.trim_end().to_owned(),
    ] {
        assert_eq!(chat(&framed), said("Hi there"), "{framed:?}");
    }
}

#[test]
fn usage_models_errors_and_empty_chunks_are_read() {
    let azure = r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#;
    let usage =
        r#"{"model":"m-2","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;
    let text = chunk(r#"{"role":"assistant","content":"x"}"#);
    let body = stream(&[azure, &text, usage, "[DONE]"]);
    assert_eq!(
        chat(body),
        json!({"model": "m-2", "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
            "choices": [{"role": "assistant", "content": "x"}]})
    );
    let error = r#"{"error":{"message":"overloaded","code":null}}"#;
    let broken = json!({"model": "m", "error": {"message": "overloaded", "code": null},
        "choices": [{"role": "assistant", "content": "x"}]});
    assert_eq!(chat(stream(&[&text, error])), broken);
    assert_eq!(chat(format!("data: {text}\n\nevent: error\ndata: oh no\n\n"))["error"], "oh no");
    assert_eq!(
        chat(stream(&["not json", "", "[DONE]"])),
        json!({"body": "data: not json\n\ndata: \n\ndata: [DONE]\n\n"})
    );
}

#[test]
fn thoughts_and_refusals_are_kept_apart() {
    let body = deltas(&[
        r#"{"role":"assistant","content":null,"reasoning_content":""}"#,
        r#"{"reasoning_content":"Let me "}"#,
        r#"{"reasoning_content":"see"}"#,
        r#"{"content":"Yes","reasoning_content":null}"#,
        r#"{"content":"."}"#,
    ]);
    assert_eq!(
        chat(body),
        json!({"model": "m", "choices": [{"role": "assistant", "content": "Yes.", "reasoning": "Let me see", "finish": "stop"}]})
    );
    let refused = deltas(&[r#"{"role":"assistant","refusal":"I "}"#, r#"{"refusal":"won't"}"#]);
    assert_eq!(chat(refused)["choices"][0]["refusal"], "I won't");
    let further = deltas(&[
        r#"{"annotations":[{"a":1}],"audio":{"id":"x","data":"AA"}}"#,
        r#"{"annotations":[{"a":2}],"audio":{"id":"x","data":"BB"}}"#,
    ]);
    let choice = &chat(further)["choices"][0];
    assert_eq!(choice["annotations"], json!([{"a": 1}, {"a": 2}]));
    assert_eq!(choice["audio"], json!({"id": "x", "data": "AABB"}));
}

#[test]
fn several_choices_are_several_whichever_order_they_come_in() {
    let of = |index: u32, text: &str| {
        format!(r#"{{"model":"m","choices":[{{"index":{index},"delta":{{"content":"{text}"}}}}]}}"#)
    };
    let both = r#"{"model":"m","choices":[{"index":1,"delta":{},"finish_reason":"length"},{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}"#;
    let events = [of(1, "B"), of(0, "A"), of(0, "a"), of(1, "b"), of(1, "b"), both.to_owned()];
    let body = stream(&events.each_ref().map(String::as_str));
    assert_eq!(
        chat(body)["choices"],
        json!([{"content": "Aa!", "finish": "stop"}, {"index": 1, "content": "Bbb", "finish": "length"}])
    );
}

#[test]
fn events_that_cannot_be_read_are_counted_and_the_others_are_read() {
    let role = chunk(r#"{"role":"assistant","content":"a"}"#);
    let (b, end) = (
        chunk(r#"{"content":"b"}"#),
        r#"{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    );
    let with = |between: &[u8]| {
        let pieces = [role.as_bytes(), between, b.as_bytes(), end.as_bytes(), b"[DONE]"];
        pieces.iter().flat_map(|data| [b"data: ", *data, b"\n\n"].concat()).collect::<Vec<u8>>()
    };
    let unread = |count: u64| {
        let mut said = said("ab");
        said["unread"] = count.into();
        said
    };
    for odd in [
        &b"no JSON"[..],
        b"{",
        b"{\"choices\":[",
        b"[1]",
        b"[DONE] x",
        // Like the chunk before it, but for its text.
        &role.replace("\"a\"", "\"\\x\"").into_bytes(),
        &[role.split("\"a\"").next().unwrap().as_bytes(), b"\"\xff\"},\"finish_reason\":null}]}"].concat(),
        &[b.split("\"b\"").next().unwrap().as_bytes(), b"\"\x01\"},\"finish_reason\":null}]}"].concat(),
    ] {
        assert_eq!(chat(with(odd)), unread(1), "{}", String::from_utf8_lossy(odd));
    }
    for even in [&b""[..], b" ", b"[DONE]", b" [DONE] ", b"{}", br#"{"choices":[]}"#] {
        assert_eq!(chat(with(even)), said("ab"), "{}", String::from_utf8_lossy(even));
    }
    let messages = stream(&[
        r#"{"type":"message_start","message":{"role":"assistant","content":[]}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
        r#"{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"b"}}"#,
        "x",
    ]);
    let told = read(Kind::Messages, EVENTS, messages);
    assert_eq!((&told["unread"], &told["output"]), (&json!(2), &json!([{"text": "a"}])));
    let responses = stream(&[
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message"}}"#,
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"a"}"#,
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"b""#,
    ]);
    assert_eq!(read(Kind::Responses, EVENTS, responses)["unread"], 1);
    let speech = stream(&[r#"{"type":"transcript.text.delta","delta":"a"}"#, "x"]);
    assert_eq!(read(Kind::Whisper, EVENTS, speech)["unread"], 1);
}

#[test]
fn a_choice_whose_index_is_none_is_one_by_itself() {
    let part = |index: &str, text: &str| {
        format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"{text}"}}}}]}}"#)
    };
    let parts = [
        part("-1", "x"),
        part("0", "a"),
        part("null", "b"),
        part("\"1\"", "s"),
        part("-1", "y"),
        part("1", "c"),
    ];
    let text = stream(&parts.iter().map(String::as_str).collect::<Vec<_>>());
    let expected = json!([
        {"content": "ab"},
        {"index": 1, "content": "c"},
        {"index": -1, "content": "xy"},
        {"index": "1", "content": "s"},
    ]);
    assert_eq!(chat(text)["choices"], expected);
    let whole = r#"{"choices":[{"index":-1,"message":{"content":"x"}},{"message":{"content":"a"}}]}"#;
    assert_eq!(
        read(Kind::Chat, JSON, whole)["choices"],
        json!([{"content": "a"}, {"index": -1, "content": "x"}])
    );
}

#[test]
fn tool_calls_come_together_with_all_their_pieces() {
    let call = |index: u32, id: &str, name: &str| {
        format!(
            r#"{{"tool_calls":[{{"index":{index},"id":"{id}","type":"function","function":{{"name":"{name}","arguments":""}}}}]}}"#
        )
    };
    let grown = |index: u32, piece: &str| {
        format!(r#"{{"tool_calls":[{{"index":{index},"function":{{"arguments":"{piece}"}}}}]}}"#)
    };
    let whole = |index: u32, id: &str, name: &str, arguments: &str| json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let calls = |pieces: &[String]| {
        chat(deltas(&pieces.iter().map(String::as_str).collect::<Vec<_>>()))["choices"][0].clone()
    };

    let one_after_another = [
        r#"{"role":"assistant","content":null}"#.to_owned(),
        call(0, "a", "f"),
        grown(0, r#"{\"x\""#),
        grown(0, ":1}"),
        call(1, "b", "g"),
        grown(1, "{}"),
    ];
    let told = calls(&one_after_another);
    assert_eq!(told["calls"], json!([whole(0, "a", "f", r#"{"x":1}"#), whole(1, "b", "g", "{}")]));
    assert_eq!(told.get("content"), None);

    let at_once = [call(0, "a", "f"), call(1, "b", "g"), grown(1, "2"), grown(0, "1"), grown(1, "3")];
    assert_eq!(calls(&at_once)["calls"], json!([whole(0, "a", "f", "1"), whole(1, "b", "g", "23")]));

    // Some services give every call the index 0, some none, some repeat the id with each piece.
    let one_index = [call(0, "a", "f"), grown(0, "1"), call(0, "b", "g"), grown(0, "2")];
    assert_eq!(calls(&one_index)["calls"], json!([whole(0, "a", "f", "1"), whole(0, "b", "g", "2")]));
    let no_index = r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"1"}},{"id":"b","function":{"name":"g","arguments":"2"}}]}"#;
    assert_eq!(
        calls(&[no_index.to_owned()])["calls"],
        json!([{"id": "a", "function": {"name": "f", "arguments": "1"}}, {"id": "b", "function": {"name": "g", "arguments": "2"}}])
    );
    let repeated = [
        call(0, "a", "f"),
        r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
            .to_owned(),
    ];
    assert_eq!(calls(&repeated)["calls"], json!([whole(0, "a", "f", "{}")]));

    let with_text = [r#"{"role":"assistant","content":"Let me look."}"#.to_owned(), call(0, "a", "f")];
    let told = calls(&with_text);
    assert_eq!(
        (&told["content"], &told["calls"]),
        (&json!("Let me look."), &json!([whole(0, "a", "f", "")]))
    );
}

#[test]
fn whole_answers_are_read() {
    let message = r#"{"role":"assistant","content":"Hi","refusal":null,"annotations":[],"audio":null,"function_call":{"name":"f","arguments":"{}"}}"#;
    let body = format!(
        r#"  {{"id":"c","object":"chat.completion","model":"m","choices":[{{"index":1,"message":{{"content":"other"}},"finish_reason":"length"}},{{"index":0,"message":{message},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"total_tokens":1}}}} "#
    );
    assert_eq!(
        read(Kind::Chat, JSON, &body),
        json!({"model": "m", "usage": {"total_tokens": 1}, "choices": [
            {"role": "assistant", "content": "Hi", "finish": "stop", "function_call": {"name": "f", "arguments": "{}"}},
            {"index": 1, "content": "other", "finish": "length"},
        ]})
    );
    let calls = r#"{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a"}]}}]}"#;
    assert_eq!(
        read(Kind::Chat, JSON, calls),
        json!({"choices": [{"role": "assistant", "calls": [{"id": "a"}]}]})
    );
    assert_eq!(read(Kind::Chat, JSON, r#"{"error":{"message":"no"}}"#), json!({"error": {"message": "no"}}));
    assert_eq!(read(Kind::Chat, "text/html", "<html>"), json!({"body": "<html>"}));
    assert_eq!(
        read(Kind::Chat, JSON, r#"{"choices":[{"message":{"content":"cut o"#),
        json!({"body": r#"{"choices":[{"message":{"content":"cut o"#})
    );
    assert_eq!(read(Kind::Chat, JSON, ""), json!({}));
    let completion = r#"{"model":"m","choices":[{"text":"sky","index":0,"finish_reason":"stop"}]}"#;
    assert_eq!(
        read(Kind::Completion, JSON, completion),
        json!({"model": "m", "choices": [{"content": "sky", "finish": "stop"}]})
    );
    let pieces = stream(&[
        r#"{"choices":[{"text":" The","index":0}]}"#,
        r#"{"choices":[{"text":" sky","index":0}]}"#,
        r#"{"choices":[{"text":"","index":0,"finish_reason":"stop"}]}"#,
    ]);
    assert_eq!(
        read(Kind::Completion, EVENTS, pieces),
        json!({"choices": [{"content": " The sky", "finish": "stop"}]})
    );
    let embedding =
        r#"{"object":"list","data":[{"embedding":[0.1]}],"model":"e","usage":{"total_tokens":2}}"#;
    assert_eq!(
        read(Kind::Embedding, JSON, embedding),
        json!({"object": "list", "model": "e", "usage": {"total_tokens": 2}})
    );
}

#[test]
fn transcriptions_are_texts_in_every_form() {
    let whisper =
        |content_type, body: &str| read(Kind::Whisper, content_type, body)["choices"][0]["content"].clone();
    assert_eq!(whisper(JSON, r#"{"text":"hi","segments":[]}"#), "hi");
    assert_eq!(whisper("text/plain; charset=utf-8", "1\n00:00 --> 00:01\nhi\n"), "1\n00:00 --> 00:01\nhi\n");
    let delta = r#"{"type":"transcript.text.delta","delta":"h"}"#;
    assert_eq!(whisper(EVENTS, &stream(&[delta, r#"{"type":"transcript.text.done","text":"hi"}"#])), "hi");
    assert_eq!(whisper(EVENTS, &stream(&[delta, delta])), "hh");
}

#[test]
fn responses_are_messages_calls_and_thoughts() {
    let output = json!([
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "thinks"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi "}, {"type": "output_text", "text": "you"}]},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    ]);
    let response = json!({"object": "response", "status": "completed", "model": "m", "error": null, "output": output, "usage": {"total_tokens": 3}});
    let expected = json!({"model": "m", "usage": {"total_tokens": 3}, "output": output, "choices": [{
        "role": "assistant", "content": "Hi you", "reasoning": "thinks", "finish": "completed",
        "calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }]});
    assert_eq!(read(Kind::Responses, JSON, response.to_string()), expected);
    let created = json!({"type": "response.created", "response": {"model": "m", "status": "in_progress", "output": []}}).to_string();
    let completed = json!({"type": "response.completed", "response": response}).to_string();
    assert_eq!(read(Kind::Responses, EVENTS, stream(&[&created, &completed])), expected);

    let added = json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "role": "assistant", "content": []}}).to_string();
    let delta = |text: &str| {
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": text}).to_string()
    };
    let cut = read(Kind::Responses, EVENTS, stream(&[&created, &added, &delta("Hel"), &delta("lo")]));
    assert_eq!(cut["choices"][0]["content"], "Hello");
    assert_eq!(
        cut["output"],
        json!([{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}], "status": "incomplete"}])
    );
    let error = stream(&[r#"{"type":"error","code":"x","message":"no"}"#]);
    assert_eq!(
        read(Kind::Responses, EVENTS, error),
        json!({"error": {"type": "error", "code": "x", "message": "no"}})
    );
}

#[test]
fn messages_are_built_of_their_blocks() {
    let content = json!([{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": "Hi \"you\""}, {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}]);
    let message = json!({"type": "message", "role": "assistant", "model": "claude", "content": content, "stop_reason": "tool_use", "usage": {"input_tokens": 5, "output_tokens": 7}});
    let expected = json!({"model": "claude", "usage": {"input_tokens": 5, "output_tokens": 7}, "output": content, "choices": [{
        "role": "assistant", "content": "Hi \"you\"", "reasoning": "hm", "finish": "tool_use",
        "calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}],
    }]});
    assert_eq!(read(Kind::Messages, JSON, message.to_string()), expected);

    let event = |value: Value| format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap());
    let start = |index: u32, block: Value| {
        event(json!({"type": "content_block_start", "index": index, "content_block": block}))
    };
    let delta = |index: u32, delta: Value| {
        event(json!({"type": "content_block_delta", "index": index, "delta": delta}))
    };
    let events = [
        event(
            json!({"type": "message_start", "message": {"role": "assistant", "model": "claude", "content": [], "stop_reason": null, "usage": {"input_tokens": 5, "output_tokens": 1}}}),
        ),
        event(json!({"type": "ping"})),
        start(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, json!({"type": "thinking_delta", "thinking": "hm"})),
        delta(0, json!({"type": "signature_delta", "signature": "s"})),
        start(1, json!({"type": "text", "text": ""})),
        delta(1, json!({"type": "text_delta", "text": "Hi \"y"})),
        delta(1, json!({"type": "text_delta", "text": "ou\""})),
        start(2, json!({"type": "tool_use", "id": "a", "name": "f", "input": {}})),
        delta(2, json!({"type": "input_json_delta", "partial_json": "{\"x\""})),
        delta(2, json!({"type": "input_json_delta", "partial_json": ":1}"})),
        event(
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 7}}),
        ),
        event(json!({"type": "message_stop"})),
    ];
    assert_eq!(read(Kind::Messages, EVENTS, events.concat()), expected);
    let error = event(json!({"type": "error", "error": {"type": "overloaded_error"}}));
    let cut = read(Kind::Messages, EVENTS, events[..7].concat() + &error);
    assert_eq!(cut["error"], json!({"type": "overloaded_error"}));
    assert_eq!(cut["choices"][0]["content"], "Hi \"y");
}

#[test]
fn encoded_answers_are_decoded_and_what_cannot_be_is_told_by_its_digest() {
    let body = deltas(&[r#"{"role":"assistant","content":"Hi"}"#]);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    let zstd = zstd::encode_all(body.as_bytes(), 3).unwrap();
    for (encoding, encoded) in [("gzip", &gzip), ("zstd", &zstd), ("identity", &body.clone().into_bytes())] {
        let answered = Answered {
            body: encoded,
            content_type: EVENTS,
            content_encoding: encoding,
            max_decoded: 1 << 20,
        };
        assert_eq!(understood(&answer(Kind::Chat, answered)), said("Hi"), "{encoding}");
    }
    let bounded =
        Answered { body: &gzip, content_type: "text/plain", content_encoding: "gzip", max_decoded: 10 };
    let cut = answer(Kind::General, bounded);
    assert_eq!((cut.left_out, understood(&cut)), (body.len() as u64 - 10, json!({"body": &body[..10]})));
    let lied = Answered { body: b"no gzip", content_type: JSON, content_encoding: "gzip", max_decoded: 10 };
    assert_eq!(understood(&answer(Kind::Chat, lied))["body"]["bytes"], 7);
    let unknown =
        Answered { body: b"xyz", content_type: JSON, content_encoding: "compress", max_decoded: 1 << 20 };
    assert_eq!(understood(&answer(Kind::Chat, unknown))["body"]["bytes"], 3);
}

#[test]
fn what_a_general_route_answers_is_json_text_or_a_digest() {
    assert_eq!(read(Kind::General, JSON, r#"{"a": 1}"#), json!({"body": {"a": 1}}));
    assert_eq!(read(Kind::General, "text/plain", "hi\n"), json!({"body": "hi\n"}));
    assert_eq!(read(Kind::General, "image/png", b"\x89PNG\x00")["body"]["bytes"], 5);
}

proptest! {
    /// Texts and marks that vary, against a template that expects those of the chunk before.
    #[test]
    fn streams_say_what_their_pieces_say(pieces in prop::collection::vec((any::<String>(), any::<u32>(), 0..3_u8, 0..4_u8), 0..20)) {
        let mut body = String::new();
        let (mut content, mut reasoning) = (String::new(), String::new());
        for (text, mark, field, shape) in &pieces {
            let text = &if *shape == 0 { text.clone() } else { format!("p{mark}") };
            let (name, sum) = match field {
                0 => ("reasoning_content", &mut reasoning),
                _ => ("content", &mut content),
            };
            sum.push_str(text);
            let fingerprint = if *shape == 1 { json!(format!("fp\\{mark}")) } else { json!(mark) };
            let chunk = json!({"id": "x", "created": mark, "choices": [{"index": 0, "delta": {name: text}}], "system_fingerprint": fingerprint});
            body += &format!("data: {chunk}\n\n");
        }
        let told = chat(&body);
        if !pieces.is_empty() {
            prop_assert_eq!(told["choices"][0]["content"].as_str(), Some(&*content));
            prop_assert_eq!(told["choices"][0].get("reasoning").and_then(Value::as_str).unwrap_or(""), reasoning);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "(data: |event: |\\{|\\}|\"choices\":|\\[|\\]|\"delta\":|\"tool_calls\":|\"index\":0|\"content\":|\"a\"|,|\n|\r)*") {
        for kind in Kind::ALL {
            for content_type in [JSON, EVENTS, "text/plain"] {
                for body in [&bytes[..], text.as_bytes()] {
                    for content_encoding in ["", "gzip", "br", "zstd"] {
                        answer(kind, Answered { body, content_type, content_encoding, max_decoded: 1 << 20 });
                    }
                }
            }
        }
    }
}

#[test]
fn streams_tell_that_they_have_ended() {
    let finished = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let empty = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":""}]}"#;
    let (piece, started) =
        (chunk(r#"{"content":"a"}"#), r#"{"type":"message_start","message":{"content":[]}}"#);
    let whole = |kind: &str| format!(r#"{{"type":"response.{kind}","response":{{"output":[]}}}}"#);
    let [created, completed, incomplete, failed] =
        ["created", "completed", "incomplete", "failed"].map(whole);
    for (kind, events, is_unfinished) in [
        (Kind::Chat, &[&*piece, &*piece, "[DONE]"][..], false),
        (Kind::Chat, &[&*piece, finished], false),
        (Kind::Chat, &[finished, &*piece], false),
        (Kind::Chat, &[&*piece, &*piece], true),
        (Kind::Chat, &[empty, empty], true),
        (Kind::Chat, &["no JSON"], true),
        (Kind::Completion, &[r#"{"choices":[{"text":"a","finish_reason":null}]}"#], true),
        (Kind::Completion, &[r#"{"choices":[{"text":"a","finish_reason":"length"}]}"#], false),
        (Kind::Responses, &[&*created], true),
        (Kind::Responses, &[&*created, &*completed], false),
        (Kind::Responses, &[&*created, &*incomplete], false),
        (Kind::Responses, &[&*created, &*failed], false),
        (Kind::Messages, &[started, r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#], true),
        (Kind::Messages, &[started, r#"{"type":"message_stop"}"#], false),
        (Kind::Whisper, &[r#"{"type":"transcript.text.delta","delta":"a"}"#], false),
    ] {
        let body = stream(events);
        let is_told = |body: &[u8], content_type| {
            let answered = Answered { body, content_type, content_encoding: "", max_decoded: 1 << 20 };
            answer(kind, answered).is_unfinished
        };
        assert_eq!(is_told(body.as_bytes(), EVENTS), is_unfinished, "{kind:?} {events:?}");
        assert!(!is_told(events[0].as_bytes(), JSON), "{kind:?} {events:?}");
    }
}
