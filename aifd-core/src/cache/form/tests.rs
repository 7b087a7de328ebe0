//! What answers say of themselves, and what becomes of odd ones: tables for each API.

use super::*;
use serde_json::json;

const STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";

pub(super) fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

/// A stream of these events, and `[DONE]`.
fn chunks(chunks: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    chunks.iter().for_each(|chunk| frame::data(&mut out, chunk));
    out.extend_from_slice(frame::DONE);
    out
}

fn chat_chunks(choices: &[Value]) -> Vec<u8> {
    let chunk = |choices: &Value| json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices});
    chunks(&choices.iter().map(chunk).collect::<Vec<_>>())
}

fn delta(index: u64, delta: Value) -> Value {
    json!({"index": index, "delta": delta, "finish_reason": null})
}

fn end(index: u64, reason: &str) -> Value {
    json!({"index": index, "delta": {}, "finish_reason": reason})
}

fn whole_of(api: Api, stream: &[u8]) -> Option<Value> {
    whole(api, stream).map(|whole| json(&whole))
}

/// The message of the first choice.
fn message(choices: &[Value]) -> Option<Value> {
    whole_of(Api::Chat, &chat_chunks(choices)).map(|mut whole| whole["choices"][0]["message"].take())
}

#[test]
fn an_answer_is_all_there_if_it_says_so() {
    use Api::{Chat, Completion, Messages, Responses};
    use Lack::{BrokenOff, Error, NotUnderstood, Unfinished};
    let chunk = r#"data: {"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#;
    let last = r#"data: {"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let begun = r#"data: {"type":"message_start","message":{"type":"message","model":"m","content":[]}}"#;
    let reason = r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#;
    let block = r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let stop = r#"data: {"type":"message_stop"}"#;
    for (api, content_type, body, lack) in [
        (Some(Chat), STREAM, format!("{chunk}\n\n{last}\n\ndata: [DONE]\n\n"), None),
        (Some(Chat), STREAM, format!(": ping\r\n\r\n{chunk}\r\n\r\n{last}\r\n\r\ndata:[DONE]"), None),
        (Some(Chat), STREAM, format!("{last}\n\ndata: [DONE]\n\n: bye\n\ndata: [DONE]\n\n"), None),
        (Some(Completion), STREAM, format!("{last}\n\ndata: [DONE]\n\n"), None),
        (Some(Chat), STREAM, format!("{chunk}\n\n{last}\n\n"), Some(BrokenOff)),
        (Some(Chat), STREAM, format!("{chunk}\n\n{last}\n\ndata: [DON"), Some(NotUnderstood)),
        (Some(Chat), STREAM, format!("{chunk}\n\ndata: [DONE]\n\n"), Some(Unfinished)),
        (Some(Chat), STREAM, format!("{last}\n\ndata: [DONE]\n\n{chunk}\n\n"), Some(NotUnderstood)),
        (Some(Chat), STREAM, format!("{chunk}\n\ndata: {{\"error\":{{}}}}\n\ndata: [DONE]\n\n"), Some(Error)),
        (Some(Chat), STREAM, format!("{chunk}\n\nevent: error\ndata: no\n\ndata: [DONE]\n\n"), Some(Error)),
        (Some(Chat), STREAM, "data: [DONE]\n\n".into(), Some(NotUnderstood)),
        (Some(Chat), STREAM, String::new(), Some(BrokenOff)),
        (Some(Chat), JSON, r#"{"choices":[{"finish_reason":"stop"}]}"#.into(), None),
        (Some(Chat), "", r#"{"choices":[{"finish_reason":"stop"}],"error":null}"#.into(), None),
        (Some(Chat), JSON, r#"{"choices":[{"finish_reason":"stop"}],"error":{}}"#.into(), Some(Error)),
        (Some(Chat), JSON, r#"{"choices":[{"finish_reason":"error"}]}"#.into(), Some(Error)),
        (Some(Chat), JSON, r#"{"choices":[{"finish_reason":null}]}"#.into(), Some(Unfinished)),
        (Some(Chat), JSON, r#"{"choices":[{"finish_reason":"stop"}"#.into(), Some(BrokenOff)),
        (Some(Chat), JSON, r#"{"choices":[]}"#.into(), Some(NotUnderstood)),
        (Some(Chat), JSON, "<html>".into(), Some(NotUnderstood)),
        (Some(Responses), JSON, r#"{"status":"completed","output":[],"error":null}"#.into(), None),
        (Some(Responses), JSON, r#"{"status":"in_progress","output":[]}"#.into(), Some(Unfinished)),
        (Some(Responses), JSON, r#"{"status":"failed","output":[]}"#.into(), Some(Error)),
        (Some(Responses), JSON, r#"{"status":"incomplete","output":[]}"#.into(), Some(Unfinished)),
        (
            Some(Responses),
            STREAM,
            "event: response.completed\ndata: {\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n"
                .into(),
            None,
        ),
        (Some(Responses), STREAM, "data: {\"type\":\"response.created\"}\n\n".into(), Some(BrokenOff)),
        (Some(Responses), STREAM, "data: {\"type\":\"response.failed\"}\n\n".into(), Some(Error)),
        (Some(Responses), STREAM, "data: {\"type\":\"error\",\"code\":null}\n\n".into(), Some(Error)),
        (Some(Messages), STREAM, format!("{begun}\n\n{reason}\n\n{stop}\n\n"), None),
        (Some(Messages), STREAM, format!("{begun}\n\n{reason}\n\n"), Some(BrokenOff)),
        (Some(Messages), STREAM, format!("{begun}\n\n{stop}\n\n"), Some(Unfinished)),
        (Some(Messages), STREAM, format!("{begun}\n\n{block}\n\n{reason}\n\n{stop}\n\n"), Some(Unfinished)),
        (Some(Messages), STREAM, format!("{begun}\n\nevent: error\ndata: {{}}\n\n"), Some(Error)),
        (Some(Messages), JSON, r#"{"type":"error","error":{}}"#.into(), Some(Error)),
        (Some(Messages), JSON, r#"{"type":"message","content":[],"stop_reason":"end_turn"}"#.into(), None),
        (
            Some(Messages),
            JSON,
            r#"{"type":"message","content":[],"stop_reason":null}"#.into(),
            Some(Unfinished),
        ),
        (None, JSON, r#"{"object":"list","data":[[[1]]]}"#.into(), None),
        (None, "application/problem+json", r#"[{"error":1}]"#.into(), None),
        (None, JSON, r#"{"error":"no"}"#.into(), Some(Error)),
        (None, JSON, r#"{"data":["#.into(), Some(BrokenOff)),
        (None, JSON, "{}}".into(), Some(NotUnderstood)),
        (None, STREAM, "data: a\r\n\r\n".into(), None),
        (None, STREAM, "data: a\n".into(), Some(BrokenOff)),
        (None, STREAM, "data: a\n\ndata: {\"error\":{}}\n\n".into(), Some(Error)),
        (None, STREAM, "event: error\ndata: a\n\n".into(), Some(Error)),
        (None, "audio/mpeg", "{".into(), None),
    ] {
        let complete = completeness(api, content_type, body.as_bytes());
        let found = match complete {
            Complete::Yes(_) => None,
            Complete::No(lack) => Some(lack),
        };
        assert_eq!(found, lack, "{api:?} {content_type} {body}");
    }
}

#[test]
fn an_answer_tells_model_filter_and_usage() {
    let usage = json!({"prompt_tokens": 5, "completion_tokens": 2});
    let anthropic = json!({"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 2});
    let cut = json!({"reason": "content_filter"});
    for (api, body, content_filter, usage) in [
        (
            Some(Api::Chat),
            json!({"choices": [{"finish_reason": "stop"}], "usage": usage}),
            false,
            Some((5, 2)),
        ),
        (Some(Api::Chat), json!({"choices": [{"finish_reason": "content_filter"}]}), true, None),
        (
            Some(Api::Responses),
            json!({"status": "incomplete", "output": [], "incomplete_details": cut}),
            true,
            None,
        ),
        (
            Some(Api::Messages),
            json!({"type": "message", "content": [], "stop_reason": "refusal", "usage": anthropic}),
            true,
            Some((12, 2)),
        ),
        (None, json!({"data": [], "usage": {"prompt_tokens": 4, "total_tokens": 4}}), false, Some((4, 0))),
    ] {
        let mut body = body;
        body["model"] = "m".into();
        let told = Told { model: Some("m".into()), content_filter, usage };
        assert_eq!(completeness(api, JSON, body.to_string().as_bytes()), Complete::Yes(told), "{body}");
    }
}

#[test]
fn the_chunks_of_a_chat_make_a_whole_answer() {
    let stream = concat!(
        ": OPENROUTER PROCESSING\r\n\r\n",
        "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":[{\"prompt_index\":0}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\r\ndata: \"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}],\"created\":7,\"id\":\"c1\",\"model\":\"m\",\"object\":\"chat.completion.chunk\",\"system_fingerprint\":\"fp\",\"usage\":null,\"obfuscation\":\"x\"}\r\n\r\n",
        "data: {\"choices\":[{\"index\":1,\"delta\":{\"role\":\"assistant\",\"content\":\"B\"},\"finish_reason\":null}],\"created\":7,\"id\":\"c1\",\"model\":\"m\"}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\",\"mood\":\"gl\"},\"logprobs\":{\"content\":[{\"token\":\"Hi\"}]},\"content_filter_results\":{\"hate\":{\"filtered\":false}}}]}\n\n",
        "data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"!\",\"mood\":\"ad\"},\"logprobs\":{\"content\":[{\"token\":\"!\"}]},\"content_filter_results\":{}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"service_tier\":\"default\"}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    );
    let expected = json!({
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hi!", "refusal": null, "mood": "glad"},
             "logprobs": {"content": [{"token": "Hi"}, {"token": "!"}]},
             "content_filter_results": {"hate": {"filtered": false}}, "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": "B"}, "finish_reason": "length"},
        ],
        "created": 7, "id": "c1", "model": "m", "object": "chat.completion",
        "prompt_filter_results": [{"prompt_index": 0}], "system_fingerprint": "fp", "service_tier": "default",
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    });
    assert_eq!(whole_of(Api::Chat, stream.as_bytes()), Some(expected));
}

#[test]
fn calls_of_tools_are_put_together() {
    let of = |calls: Value| delta(0, json!({"tool_calls": calls}));
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let begun = |index: u64, id: &str, name: &str| {
        let mut call = call(id, name, "");
        call["index"] = json!(index);
        call
    };
    let more = |index: u64, piece: &str| json!({"index": index, "function": {"arguments": piece}});
    let both = json!([call("a", "f", "{\"x\":1}"), call("b", "g", "{}")]);
    for (case, pieces, expected) in [
        (
            "interleaved",
            vec![
                of(json!([begun(0, "a", "f"), begun(1, "b", "g")])),
                of(json!([more(1, "{}"), more(0, "{\"x\"")])),
                of(json!([more(0, ":1}")])),
            ],
            both.clone(),
        ),
        (
            "id and name with every piece",
            vec![
                of(json!([call("a", "f", "{\"x\"")])),
                of(json!([call("a", "f", ":1}")])),
                of(json!([call("b", "g", "{}")])),
            ],
            both.clone(),
        ),
        (
            "one index for all",
            vec![
                of(json!([begun(0, "a", "f")])),
                of(json!([more(0, "{\"x\":1}")])),
                of(json!([begun(0, "b", "g")])),
                of(json!([more(0, "{}")])),
            ],
            both,
        ),
        ("none", vec![of(json!([]))], json!([])),
    ] {
        let pieces: Vec<Value> =
            pieces.into_iter().chain([end(0, "tool_calls")]).map(|choice| json!([choice])).collect();
        let expected = json!({"role": "assistant", "content": null, "tool_calls": expected});
        assert_eq!(message(&pieces), Some(expected), "{case}");
    }
}

#[test]
fn what_cannot_be_told_exactly_is_not_told() {
    for piece in [
        json!({"content": [{"type": "text", "text": "a"}]}),
        json!({"tool_calls": {"0": 1}}),
        json!({"tool_calls": ["a"]}),
        json!({"audio": {"data": "A"}}),
    ] {
        let sound = delta(0, json!({"audio": {"data": "AAA"}}));
        assert_eq!(
            message(&[json!([sound]), json!([delta(0, piece.clone())]), json!([end(0, "stop")])]),
            None,
            "{piece}"
        );
    }
    for block in [
        json!({"type": "input_json_delta", "partial_json": "{\"a\":"}),
        json!({"type": "news_delta", "news": 1}),
        json!("text"),
    ] {
        assert_eq!(
            whole_of(
                Api::Messages,
                &of_blocks(&[json!({"type": "tool_use", "input": {}})], &[(0, block.clone())])
            ),
            None,
            "{block}"
        );
    }
    for (api, answer) in [
        (Api::Chat, json!({"choices": [{"finish_reason": "stop"}]})),
        (Api::Chat, json!({"choices": [{"finish_reason": "stop", "message": {"content": [1]}}]})),
        (Api::Completion, json!({"choices": [{"finish_reason": "stop", "text": 1}]})),
        (Api::Responses, json!({"status": "completed", "output": [1]})),
        (Api::Messages, json!({"type": "message", "stop_reason": "end_turn", "content": "a"})),
    ] {
        assert_eq!(stream(api, answer.to_string().as_bytes(), true), None, "{answer}");
    }
}

/// A stream of Messages with these blocks and deltas.
fn of_blocks(blocks: &[Value], deltas: &[(usize, Value)]) -> Vec<u8> {
    let mut out = Vec::new();
    let begun = json!({"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 1}});
    frame::named(&mut out, &json!({"type": "message_start", "message": begun}));
    frame::named(&mut out, &json!({"type": "ping"}));
    for (index, block) in blocks.iter().enumerate() {
        frame::named(
            &mut out,
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        );
        for (_, delta) in deltas.iter().filter(|(of, _)| *of == index) {
            frame::named(&mut out, &json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        frame::named(&mut out, &json!({"type": "content_block_stop", "index": index}));
    }
    let delta = json!({"stop_reason": "tool_use", "stop_sequence": null});
    frame::named(&mut out, &json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 15}}));
    frame::named(&mut out, &json!({"type": "message_stop"}));
    out
}

#[test]
fn the_blocks_of_a_message_are_put_together() {
    let stream = of_blocks(
        &[
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            json!({"type": "text", "text": "", "citations": []}),
            json!({"type": "tool_use", "id": "t", "name": "f", "input": {}}),
            json!({"type": "tool_use", "id": "u", "name": "g", "input": {}}),
            json!({"type": "redacted_thinking", "data": "x"}),
        ],
        &[
            (0, json!({"type": "thinking_delta", "thinking": "I "})),
            (0, json!({"type": "thinking_delta", "thinking": "see"})),
            (0, json!({"type": "signature_delta", "signature": "sig"})),
            (1, json!({"type": "citations_delta", "citation": {"cited_text": "q"}})),
            (1, json!({"type": "text_delta", "text": "Hel"})),
            (1, json!({"type": "text_delta", "text": "lo"})),
            (2, json!({"type": "input_json_delta", "partial_json": ""})),
            (2, json!({"type": "input_json_delta", "partial_json": "{\"a\":"})),
            (2, json!({"type": "input_json_delta", "partial_json": "[1]}"})),
            (3, json!({"type": "input_json_delta", "partial_json": ""})),
        ],
    );
    let expected = json!({
        "id": "m1", "type": "message", "role": "assistant", "model": "m",
        "content": [
            {"type": "thinking", "thinking": "I see", "signature": "sig"},
            {"type": "text", "text": "Hello", "citations": [{"cited_text": "q"}]},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1]}},
            {"type": "tool_use", "id": "u", "name": "g", "input": {}},
            {"type": "redacted_thinking", "data": "x"},
        ],
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 15},
    });
    assert_eq!(whole_of(Api::Messages, &stream), Some(expected));
}
