//! What clients see of a whole answer that is given as a stream: the framing and the order of events of each API.

use super::*;
use serde_json::json;

fn streamed(api: Api, answer: &Value, usage: bool) -> String {
    String::from_utf8(stream(api, answer.to_string().as_bytes(), usage).unwrap()).unwrap()
}

/// The types of the events, runs of one as one.
fn types(stream: &str) -> Vec<String> {
    let mut types = Vec::new();
    crate::sse::events(stream.as_bytes(), &mut |name, data| {
        let data: Value = serde_json::from_slice(data).unwrap();
        assert_eq!(data["type"].as_str().map(str::as_bytes), Some(name));
        types.push(data["type"].as_str().unwrap().to_owned());
    });
    types.dedup();
    types
}

#[test]
fn a_chat_comes_in_chunks() {
    let call = json!({"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let answer = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Good morning, dear world", "refusal": null},
             "logprobs": null, "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": null, "tool_calls": [call]}, "finish_reason": "tool_calls"},
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "service_tier": "default",
    });
    let chunk = |choices: &str, usage: &str| {
        let head =
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"default""#;
        format!("data: {head},\"choices\":[{choices}]{usage}}}\n\n")
    };
    let choices = [
        r#"{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}"#,
        r#"{"index":0,"delta":{"content":"Good morning, dear"},"logprobs":null,"finish_reason":null}"#,
        r#"{"index":0,"delta":{"content":" world"},"logprobs":null,"finish_reason":null}"#,
        r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}"#,
        r#"{"index":1,"delta":{"role":"assistant","content":null},"finish_reason":null}"#,
        r#"{"index":1,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}"#,
        r#"{"index":1,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null}"#,
        r#"{"index":1,"delta":{},"finish_reason":"tool_calls"}"#,
    ];
    let plain: String = choices.iter().map(|choice| chunk(choice, "")).collect();
    assert_eq!(streamed(Api::Chat, &answer, false), plain + "data: [DONE]\n\n");
    let asked: String = choices.iter().map(|choice| chunk(choice, ",\"usage\":null")).collect();
    let usage = chunk("", r#","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#);
    assert_eq!(streamed(Api::Chat, &answer, true), asked + &usage + "data: [DONE]\n\n");
}

#[test]
fn log_probabilities_come_with_their_tokens() {
    let token = |token: &str| json!({"token": token, "logprob": -0.5});
    let of = |content: &str| {
        let logprobs = json!({"content": [token("Hi"), token("!")], "refusal": null});
        let choice = json!({"index": 0, "message": {"content": content}, "logprobs": logprobs, "finish_reason": "stop"});
        let mut found = Vec::new();
        crate::sse::events(
            streamed(Api::Chat, &json!({"choices": [choice]}), false).as_bytes(),
            &mut |_, data| {
                let Ok(chunk) = serde_json::from_slice::<Value>(data) else { return };
                let choice = &chunk["choices"][0];
                if let Some(tokens) = choice["logprobs"]["content"].as_array() {
                    let tokens: String = tokens.iter().filter_map(|token| token["token"].as_str()).collect();
                    found.push((choice["delta"]["content"].as_str().map(str::to_owned), tokens));
                }
            },
        );
        found
    };
    assert_eq!(of("Hi!"), [(Some("Hi".into()), "Hi".into()), (Some("!".into()), "!".into())]);
    assert_eq!(of("Hello"), [(Some("Hello".into()), "Hi!".into())]);
    assert_eq!(of(""), [(None, "Hi!".into())]);
}

#[test]
fn a_response_comes_item_by_item() {
    let answer = json!({
        "id": "r", "object": "response", "status": "completed", "model": "m", "usage": {"input_tokens": 1},
        "output": [
            {"type": "reasoning", "id": "a", "summary": [{"type": "summary_text", "text": "So"}]},
            {"type": "web_search_call", "id": "b", "status": "completed"},
            {"type": "function_call", "id": "c", "name": "f", "arguments": "{}", "status": "completed"},
            {"type": "message", "id": "d", "role": "assistant", "status": "completed", "content": [
                {"type": "output_text", "text": "Hi", "annotations": [{"type": "url_citation"}], "logprobs": []},
                {"type": "refusal", "refusal": "No"},
            ]},
        ],
    });
    let stream = streamed(Api::Responses, &answer, false);
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.content_part.added",
        "response.refusal.delta",
        "response.refusal.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(types(&stream), expected);
    let mut sequence = 0;
    crate::sse::events(stream.as_bytes(), &mut |_, data| {
        let event: Value = serde_json::from_slice(data).unwrap();
        assert_eq!(event["sequence_number"], sequence);
        if event["type"] == "response.created" {
            let begun = json!({"id": "r", "object": "response", "status": "in_progress", "model": "m", "usage": null, "output": []});
            assert_eq!(event["response"], begun);
        }
        if event["type"] == "response.output_item.added" && event["output_index"] == 3 {
            let begun = json!({"type": "message", "id": "d", "role": "assistant", "status": "in_progress", "content": []});
            assert_eq!(event["item"], begun);
        }
        sequence += 1;
    });
}

#[test]
fn a_message_comes_block_by_block() {
    let answer = json!({
        "id": "m1", "type": "message", "role": "assistant", "model": "m",
        "content": [
            {"type": "thinking", "thinking": "So", "signature": "s"},
            {"type": "text", "text": "Hi"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 15},
    });
    let event = |name: &str, rest: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n");
    let begun = r#","message":{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}"#;
    let reason = r#","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"output_tokens":15}"#;
    let delta = |index: u8, delta: &str| {
        event("content_block_delta", &format!(",\"index\":{index},\"delta\":{delta}"))
    };
    let block = |index: u8, block: &str, deltas: String| {
        let begun = event("content_block_start", &format!(",\"index\":{index},\"content_block\":{block}"));
        begun + &deltas + &event("content_block_stop", &format!(",\"index\":{index}"))
    };
    let expected = [
        event("message_start", begun),
        block(
            0,
            r#"{"type":"thinking","thinking":"","signature":""}"#,
            [
                delta(0, r#"{"type":"thinking_delta","thinking":"So"}"#),
                delta(0, r#"{"type":"signature_delta","signature":"s"}"#),
            ]
            .concat(),
        ),
        block(1, r#"{"type":"text","text":""}"#, delta(1, r#"{"type":"text_delta","text":"Hi"}"#)),
        block(
            2,
            r#"{"type":"tool_use","id":"t","name":"f","input":{}}"#,
            [
                delta(2, r#"{"type":"input_json_delta","partial_json":""}"#),
                delta(2, r#"{"type":"input_json_delta","partial_json":"{\"a\":1}"}"#),
            ]
            .concat(),
        ),
        event("message_delta", reason),
        event("message_stop", ""),
    ];
    assert_eq!(streamed(Api::Messages, &answer, false), expected.concat());
}
