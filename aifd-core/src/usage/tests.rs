//! What answers of each API tell.

use super::*;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";

fn observe(content_type: &str, body: &str) -> Observed {
    let whole = observe_pieces(content_type, [body.as_bytes()]);
    for size in [1, 7] {
        assert_eq!(
            observe_pieces(content_type, body.as_bytes().chunks(size)),
            whole,
            "in pieces of {size}: {body}"
        );
    }
    whole
}

fn observe_pieces<'a>(content_type: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Observed {
    let mut reader = UsageReader::new(Some(content_type), None);
    pieces.into_iter().for_each(|piece| reader.push(piece));
    reader.finish()
}

fn usage(prompt: u64, completion: u64, total: u64) -> Option<Usage> {
    Some(Usage { prompt, completion, total })
}

/// Events with the data of each line, each ended by a blank line.
fn stream(data: &[&str]) -> String {
    data.iter().map(|data| format!("data: {data}\n\n")).collect()
}

#[test]
fn only_the_usage_of_the_answer_itself_counts_wherever_it_stands() {
    let own = r#""usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"#;
    let other = r#""usage":{"prompt_tokens":70,"completion_tokens":80,"total_tokens":150}"#;
    for body in [
        format!(r#"{{{own},"choices":[{{"message":{{"content":"x"}}}}]}}"#),
        format!(r#"{{{own},"choices":[{{{other}}}]}}"#),
        format!(r#"{{"choices":[{{{other}}}],{own}}}"#),
        format!(r#"{{{own},"x":{{{other}}}}}"#),
        format!(r#"{{{own},"kind":"usage"}}"#),
        format!(r#"{{{own},"content":"\"usage\":{{\"prompt_tokens\":9}}"}}"#),
        format!(r#"{{{other},{own}}}"#),
        format!(r#"{{"long":"{}",{own}}}"#, "x".repeat(20_000)),
    ] {
        assert_eq!(observe_pieces(JSON, [body.as_bytes()]).usage, usage(1, 2, 3), "{body}");
        assert_eq!(observe_pieces(JSON, body.as_bytes().chunks(5)).usage, usage(1, 2, 3), "{body}");
    }
    let nested = format!(r#"{{"choices":[{{{other}}}]}}"#);
    assert_eq!(observe(JSON, &nested).usage, None);
}

#[test]
fn usage_of_json_answers() {
    for (body, expected) in [
        (
            r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#,
            usage(9, 3, 12),
        ),
        (
            r#"{"data":[{"embedding":[0.1,-2e-3]}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
            usage(8, 0, 8),
        ),
        (
            r#"{"object":"response","error":null,"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":4},
                "output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":12}}"#,
            usage(5, 7, 12),
        ),
        (
            r#"{"type":"message","usage":{"input_tokens":5,"cache_creation_input_tokens":20,
                "cache_read_input_tokens":100,"output_tokens":7}}"#,
            usage(125, 7, 132),
        ),
        (
            r#"{"candidates":[],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":6,
                "totalTokenCount":15}}"#,
            usage(4, 11, 15),
        ),
        (
            r#"[{"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1,"totalTokenCount":5}},
                {"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":3,"totalTokenCount":7}}]"#,
            usage(4, 3, 7),
        ),
        (
            r#"{"text":"hi","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,"total_tokens":59}}"#,
            usage(14, 45, 59),
        ),
        (r#"{"text":"hi","usage":{"type":"duration","seconds":7}}"#, None),
        (r#"{"usage":null}"#, None),
        (r#"{"data":[{"usage":{"prompt_tokens":1}}]}"#, None),
        ("{}", None),
        (
            r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":2}}"#,
            usage(u64::MAX, 2, u64::MAX),
        ),
    ] {
        let observed = observe(JSON, body);
        assert_eq!(observed.usage, expected, "{body}");
        assert!(observed.done && !observed.stream_error && observed.events == 0, "{body}");
    }
}

#[test]
fn an_answer_in_json_that_breaks_off_is_not_done() {
    let observed = observe(JSON, r#"{"choices":[{"message":{"content":"12345678"#);
    assert_eq!(observed, Observed { answer_estimate: 2, ..Observed::default() });
    assert!(observe(JSON, r#"{"error":{"message":"no"}}"#).stream_error);
    assert_eq!(observe(JSON, "<html>"), Observed::default());
}

#[test]
fn usage_of_chat_streams() {
    let chunk = r#"{"choices":[{"delta":{"content":"Hello wörld"}}],"usage":null}"#;
    let last = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;
    let observed = observe(EVENTS, &stream(&[chunk, chunk, last, "[DONE]"]));
    let expected =
        Observed { usage: usage(9, 3, 12), answer_estimate: 6, events: 4, done: true, stream_error: false };
    assert_eq!(observed, expected);

    let cumulative = |n: u32| {
        format!(
            r#"{{"choices":[{{"delta":{{"content":"a"}}}}],"usage":{{"prompt_tokens":9,"completion_tokens":{n}}}}}"#
        )
    };
    let observed = observe(EVENTS, &stream(&[&cumulative(1), &cumulative(2), &cumulative(3)]));
    let expected =
        Observed { usage: usage(9, 3, 12), answer_estimate: 3, events: 3, done: false, stream_error: false };
    assert_eq!(observed, expected);

    let groq =
        r#"{"choices":[],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}}"#;
    assert_eq!(observe(EVENTS, &stream(&[groq])).usage, usage(1, 2, 3));
}

#[test]
fn usage_of_response_streams() {
    let events = [
        r#"{"type":"response.created","response":{"error":null,"instructions":"x","usage":null}}"#,
        r#"{"type":"response.output_text.delta","delta":"12345678"}"#,
        r#"{"type":"response.output_text.done","text":"12345678"}"#,
        r#"{"type":"response.output_item.done","item":{"content":[{"text":"12345678"}]}}"#,
        r#"{"type":"response.completed","response":{"output":[{"content":[{"text":"12345678"}]}],"error":null,
            "usage":{"input_tokens":5,"output_tokens":2,"total_tokens":7}}}"#,
    ]
    .map(|event| event.replace('\n', ""));
    let observed = observe(EVENTS, &stream(&events.each_ref().map(String::as_str)));
    let expected =
        Observed { usage: usage(5, 2, 7), answer_estimate: 2, events: 5, done: true, stream_error: false };
    assert_eq!(observed, expected);

    let failed = r#"{"type":"response.failed","response":{"error":{"code":"x"},"usage":null}}"#;
    let observed = observe(EVENTS, &stream(&[failed]));
    assert!(observed.done && observed.stream_error);
    let incomplete =
        r#"{"type":"response.incomplete","response":{"usage":{"input_tokens":1,"output_tokens":2}}}"#;
    let observed = observe(EVENTS, &stream(&[incomplete]));
    assert!(observed.done && !observed.stream_error && observed.usage == usage(1, 2, 3));
}

#[test]
fn usage_of_anthropic_streams() {
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":\
                 {\"input_tokens\":25,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":10,\"output_tokens\":1}}}\n\n";
    let delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\
                 \"text\":\"Hello\"}}\n\n";
    let end = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\
               \"usage\":{\"output_tokens\":15,\"input_tokens\":0}}\n\n";
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let observed =
        observe(EVENTS, &[start, "event: ping\ndata: {\"type\": \"ping\"}\n\n", delta, end, stop].concat());
    let expected =
        Observed { usage: usage(35, 15, 50), answer_estimate: 2, events: 5, done: true, stream_error: false };
    assert_eq!(observed, expected);

    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";
    let observed = observe(EVENTS, &[start, delta, error].concat());
    let expected =
        Observed { usage: usage(35, 1, 36), answer_estimate: 2, events: 3, done: false, stream_error: true };
    assert_eq!(observed, expected);
}

#[test]
fn usage_of_gemini_streams() {
    let chunk =
        r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":4}}"#;
    let last = r#"{"candidates":[{"content":{"parts":[{"text":"!"}]},"finishReason":"STOP"}],"usageMetadata":
        {"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6}}"#
        .replace('\n', "");
    assert!(!observe(EVENTS, &stream(&[chunk])).done);
    let observed = observe(EVENTS, &stream(&[chunk, &last]));
    let expected =
        Observed { usage: usage(4, 2, 6), answer_estimate: 2, events: 2, done: true, stream_error: false };
    assert_eq!(observed, expected);
}

#[test]
fn ends_and_errors_of_streams() {
    for (events, done, error) in [
        ("data: [DONE]\n\n", true, false),
        ("data:[DONE]", true, false),
        ("data: [DONE]x\n\n", false, false),
        ("data: {\"error\":{\"message\":\"no\"}}\n\n", false, true),
        ("data: {\"error\":null}\n\n", false, false),
        ("event: error\ndata: oh\n\n", false, true),
        ("data: {\"type\":\"transcript.text.done\",\"usage\":{}}\n\n", true, false),
        ("data: {\"type\":\"image_generation.completed\"}\n\n", true, false),
        ("", false, false),
    ] {
        let observed = observe(EVENTS, events);
        assert_eq!((observed.done, observed.stream_error), (done, error), "{events}");
    }
}

#[test]
fn encoded_answers_are_read() {
    let body = r#"{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    let encoded = encoder.finish().unwrap();
    let mut reader = UsageReader::new(Some("application/problem+json"), Some("gzip"));
    encoded.chunks(5).for_each(|piece| reader.push(piece));
    assert_eq!(reader.finish().usage, usage(1, 2, 3));

    for (content_type, encoding) in
        [(Some(JSON), Some("compress")), (Some("audio/mpeg"), None), (None, None), (Some(JSON), Some("gzip"))]
    {
        let mut reader = UsageReader::new(content_type, encoding);
        reader.push(body.as_bytes());
        assert_eq!(reader.finish(), Observed::default());
    }
}

#[test]
fn what_breaks_while_it_is_decoded_keeps_what_was_seen() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"data: {\"content\":\"1234\"}\n\n").unwrap();
    encoder.flush().unwrap();
    let mut reader = UsageReader::new(Some(EVENTS), Some("gzip"));
    reader.push(encoder.get_ref());
    reader.push(&[0xff; 32]);
    reader.push(b"\n\ndata: {\"error\":1}\n\n");
    assert_eq!(reader.finish(), Observed { answer_estimate: 1, events: 1, ..Observed::default() });
}

#[test]
fn a_large_answer_is_not_held() {
    let mut reader = UsageReader::new(Some(JSON), None);
    reader.push(br#"{"data":[{"b64_json":""#);
    (0..1000).for_each(|_| reader.push(&[b'A'; 10_000]));
    reader.push(br#""},{"embedding":[0.5"#);
    (0..1000).for_each(|_| reader.push(&b",-0.0123".repeat(100)));
    reader.push(br#"]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#);
    let Body::Json(document) = &reader.body else { unreachable!() };
    assert_eq!(document.fields.held(), 0);
    assert_eq!(reader.finish().usage, usage(1, 0, 1));
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_stream_is_cut(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "data: ", "\n", "\r\n\r\n", "\n\n", "event: error", "[DONE]", "{\"usage\":", "{\"prompt_tokens\":1}", "}", "\"a\":", "x",
            "{\"type\":\"message_stop\"}", "{\"content\":\"ä\\n\"}", "[{\"text\":\"", "\"", ":",
        ]), 0..24),
        at: prop::sample::Index,
        content_type in prop::sample::select(vec![JSON, EVENTS]),
    ) {
        let body = tokens.concat().into_bytes();
        let (left, right) = body.split_at(at.index(body.len() + 1));
        let whole = observe_pieces(content_type, [&body[..]]);
        prop_assert_eq!(whole, observe_pieces(content_type, [left, right]));
        prop_assert_eq!(whole, observe_pieces(content_type, body.chunks(1)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, encoding in prop::sample::select(vec!["", "gzip", "br", "zstd", "deflate"])) {
        for content_type in [JSON, EVENTS] {
            let mut reader = UsageReader::new(Some(content_type), Some(encoding));
            reader.push(&bytes);
            reader.finish();
        }
    }
}
