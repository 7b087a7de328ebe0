//! Benchmark mode: a chat endpoint that answers at once, without an upstream.

use axum::{body::Body, http::StatusCode, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::Frame;
use http_body_util::{BodyExt, Limited, StreamBody};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// Bytes of a request body at most.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The answers, in turn; some Chinese, since tokenizers and terminals treat it differently.
const ANSWERS: [&str; 5] = [
    "A gateway is at its best when nobody notices it: what goes in comes out, only sooner, safer and counted. \
     水流过桥，桥不改变水。",
    "Measure first, then change one thing, then measure again. 先测量，再改动，然后再测量一次。",
    "Every queue needs a bound, and every bound needs a name. 没有边界的队列，迟早会变成一场洪水。",
    "The fastest request is the one that was answered before; the second fastest is the one that was passed on untouched. \
     温故而知新，可以为师矣。",
    "Errors should say what happened, where, and what to do next; silence is the most expensive error of all. \
     知之为知之，不知为不知，是知也。",
];

/// What the mock reads of a request; everything has a default, so that `{}` is fine.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    model: Option<String>,
    stream: Option<bool>,
    messages: Option<Vec<Value>>,
    stream_options: Option<StreamOptions>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// `POST /benchmark/v1/chat/completions`
pub(crate) async fn chat(body: Body) -> Response {
    let Ok(collected) = Limited::new(body, MAX_BODY).collect().await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or ended early");
    };
    match serde_json::from_slice::<Asked>(&collected.to_bytes()) {
        Ok(asked) if asked.stream == Some(true) => streamed(&asked),
        Ok(asked) => whole(&asked),
        Err(error) => refused(StatusCode::BAD_REQUEST, &format!("the body is no chat request: {error}")),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    let error = json!({"message": message, "type": "invalid_request_error", "param": null, "code": "caller_body_invalid"});
    json_answer(status, &json!({"error": error}))
}

fn json_answer(status: StatusCode, value: &Value) -> Response {
    let mut answer = Response::new(Body::from(value.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn next_answer() -> &'static str {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    ANSWERS[TURN.fetch_add(1, Relaxed) % ANSWERS.len()]
}

fn next_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("chatcmpl-benchmark{:014}", COUNT.fetch_add(1, Relaxed))
}

/// Pieces as a model would stream them; each counts as one token.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let alone = !c.is_ascii() || matches!(c, ' ' | '.' | ',' | ':' | ';' | '!' | '?');
        if alone && at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        if alone && c != ' ' {
            pieces.push(&text[at..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    pieces.extend(Some(&text[start..]).filter(|rest| !rest.is_empty()));
    pieces
}

fn usage(asked: &Asked, completion: usize) -> Value {
    let text =
        |message: &Value| message.get("content").and_then(Value::as_str).map_or(0, |text| pieces(text).len());
    let prompt: usize = asked.messages.iter().flatten().map(text).sum();
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion})
}

fn model(asked: &Asked) -> &str {
    asked.model.as_deref().unwrap_or("robot")
}

fn whole(asked: &Asked) -> Response {
    let text = next_answer();
    json_answer(
        StatusCode::OK,
        &json!({
            "id": next_id(),
            "object": "chat.completion",
            "created": crate::clock::utc().timestamp(),
            "model": model(asked),
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": text, "tool_calls": null},
                "finish_reason": "stop",
            }],
            "usage": usage(asked, pieces(text).len()),
            "system_fingerprint": "fp_benchmark",
        }),
    )
}

fn streamed(asked: &Asked) -> Response {
    let text = pieces(next_answer());
    let (id, created) = (next_id(), crate::clock::utc().timestamp());
    let chunk = |choices: Value, usage: Option<Value>| {
        let mut chunk = json!({
            "id": id, "object": "chat.completion.chunk", "created": created, "model": model(asked),
            "choices": choices, "system_fingerprint": "fp_benchmark",
        });
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        format!("data: {chunk}\n\n")
    };
    let choice = |delta: Value, finish: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), None)
    };
    let mut events = vec![choice(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(text.iter().map(|piece| choice(json!({"content": piece}), Value::Null)));
    events.push(choice(json!({}), "stop".into()));
    if asked.stream_options.as_ref().and_then(|options| options.include_usage) == Some(true) {
        events.push(chunk(json!([]), Some(usage(asked, text.len()))));
    }
    events.push("data: [DONE]\n\n".to_owned());
    let frames = events.into_iter().map(|event| Ok::<_, Infallible>(Frame::data(Bytes::from(event))));
    let mut answer = Response::new(Body::new(StreamBody::new(futures_util::stream::iter(frames))));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_text_again() {
        for text in ANSWERS.into_iter().chain(["", " ", "a", "é", "a  b"]) {
            assert_eq!(pieces(text).concat(), text);
            assert!(pieces(text).iter().all(|piece| !piece.is_empty()));
        }
    }
}
