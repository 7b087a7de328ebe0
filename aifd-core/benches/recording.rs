//! How long the lines of an exchange take, from its bodies as they passed: on one thread, without writing them.
#![allow(missing_docs, reason = "criterion's macros make functions without documents")]

use aifd_core::measured::Recording;
use criterion::{Criterion, criterion_group, criterion_main};
use std::{fmt::Write, hint::black_box};

const ASKED: &str = r#"{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"What should a proxy add to an answer?"}],"temperature":0.7}"#;
const ANSWER: &str = r#"{"id":"chatcmpl-00000000000000000000001746705","object":"chat.completion","created":1715367049,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"The quick brown fox jumps over the lazy dog, and then it sits down to consider what a proxy should add to an answer: nothing at all, if it can be helped.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":32,"total_tokens":51,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_0000000000000000"}"#;

/// A stream of 60 chunks, each with a fingerprint of its own.
fn stream() -> String {
    let mut body = String::new();
    for number in 0..60 {
        let role = if number == 0 { r#""role":"assistant","# } else { "" };
        let _ = write!(
            body,
            "data: {{\"id\":\"chatcmpl-00000000000000000000001746706\",\"object\":\"chat.completion.chunk\",\"created\":1715367049,\
             \"model\":\"gpt-4o-mini\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_{number:016x}\",\"choices\":[{{\"index\":0,\
             \"delta\":{{{role}\"content\":\"tok{number} \"}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
        );
    }
    body + "data: [DONE]\n\n"
}

fn recording(criterion: &mut Criterion) {
    for format in ["python", "jsonl"] {
        let Some(recording) = Recording::new(format) else { return };
        let bodies = [
            ("an answer of 600 bytes", "application/json", ANSWER.to_owned()),
            ("a stream of 60 chunks", "text/event-stream", stream()),
        ];
        for (what, content_type, body) in bodies {
            let exchange = recording.exchange(ASKED, content_type, &body);
            criterion.bench_function(&format!("{format} lines of {what}, 100 times"), |bencher| {
                bencher.iter(|| black_box(recording.log(black_box(&exchange), 100)));
            });
        }
    }
}

criterion_group!(benches, recording);
criterion_main!(benches);
