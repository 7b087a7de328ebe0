//! Token quotas: reserved when a request is let in, settled with what its answer says it used.

use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, Response, ask, assert_refusal, eventually};
use bytes::Bytes;
use serde_json::{Value, json};

const CHAT: &str = "/v1/chat/completions";

async fn with_quota(upstream: &FakeUpstream, quota: &str) -> Gateway {
    let config = format!(
        "api_key: {{openai_key: {{sk-a: [0]}}, forward_key: {{0: [fk-0, fk-00]}}}}\nretry: {{attempts: 0}}\n\
         rate_limit: {{token_quota: [{{route: /, value: [{{level: 0, limit: {quota}}}]}}]}}\n"
    );
    Gateway::configured(upstream, &config).await
}

fn post(path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-0\r\ncontent-type: application/json\r\n\
         accept-encoding: gzip\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn chat(max_tokens: u64, stream: bool) -> String {
    let messages = json!([{"role": "user", "content": "hi"}]);
    post(CHAT, &json!({"model": "m", "messages": messages, "max_tokens": max_tokens, "stream": stream}))
}

fn remaining(answer: &Response) -> u64 {
    answer.head.header("x-ratelimit-remaining-tokens").expect("tokens are counted").parse().unwrap()
}

fn usage(prompt: u64, completion: u64) -> Value {
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion})
}

fn completion(usage: &Value) -> Answer {
    let message = json!({"role": "assistant", "content": "hello"});
    let choices = json!([{"index": 0, "message": message, "finish_reason": "stop"}]);
    Answer::json(
        json!({"id": "1", "object": "chat.completion", "choices": choices, "usage": usage}).to_string(),
    )
}

#[tokio::test]
async fn an_answer_is_charged_what_its_usage_says_whatever_was_reserved() {
    for (path, body) in [
        (CHAT, json!({"object": "chat.completion", "choices": [], "usage": usage(300, 200)})),
        ("/v1/completions", json!({"object": "text_completion", "choices": [], "usage": usage(300, 200)})),
        (
            "/v1/embeddings",
            json!({"object": "list", "data": [], "usage": {"prompt_tokens": 500, "total_tokens": 500}}),
        ),
        (
            "/v1/responses",
            json!({"object": "response", "usage": {"input_tokens": 300, "output_tokens": 200, "total_tokens": 500}}),
        ),
        (
            "/v1/messages",
            json!({"type": "message", "usage": {"input_tokens": 100, "cache_read_input_tokens": 200, "output_tokens": 200}}),
        ),
    ] {
        let answer = Answer::json(body.to_string());
        let upstream = FakeUpstream::script([answer, completion(&usage(0, 0))]).await;
        let gateway = with_quota(&upstream, "1000/hour").await;
        let asked = post(
            path,
            &json!({"model": "m", "max_tokens": 700, "max_output_tokens": 700, "input": "hi", "messages": []}),
        );
        let first = ask(&mut gateway.connect().await, &asked).await;
        assert_eq!(first.status(), 200, "{first}");
        assert!(remaining(&first) < 300, "700 and the prompt are reserved: {first}");
        let second = ask(&mut gateway.connect().await, &chat(490, false)).await;
        assert_eq!(second.status(), 200, "500 are left of 1000: {path} {second}");
        assert!(remaining(&second) < 10, "{path} {second}");
    }
}

#[tokio::test]
async fn a_stream_is_asked_for_its_usage_and_the_caller_sees_no_more_than_it_asked_for() {
    let chunk = |delta: &str| json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": delta}}], "usage": null});
    let events = [
        chunk("one").to_string(),
        chunk(" two").to_string(),
        json!({"object": "chat.completion.chunk", "choices": [], "usage": usage(300, 200)}).to_string(),
        "[DONE]".to_owned(),
    ];
    let sent = events.clone();
    let upstream = FakeUpstream::answering(move |request| {
        let told = sent.clone();
        let _ = request;
        Answer::sse(told)
    })
    .await;
    let gateway = with_quota(&upstream, "1000/hour").await;
    let answer = ask(&mut gateway.connect().await, &chat(600, true)).await;
    let text = answer.text();
    assert!(text.contains("one") && text.contains(" two") && text.ends_with("data: [DONE]\n\n"), "{text}");
    assert!(!text.contains("prompt_tokens"), "{text}");
    let received = upstream.request(0).await;
    let body: Value = serde_json::from_str(&received.text()).unwrap();
    assert_eq!(body["stream_options"], json!({"include_usage": true}));
    assert_eq!(received.header("content-length"), Some(received.text().len().to_string().as_str()));
    assert_eq!(received.header("accept-encoding"), Some("identity"));
    // 500 of 1000 were used, so 490 fit once more and not 520.
    assert_eq!(ask(&mut gateway.connect().await, &chat(600, true)).await.status(), 429);
    // A caller that asks for the usage itself gets it.
    let asked = json!({"model": "m", "messages": [], "max_tokens": 1, "stream": true, "stream_options": {"include_usage": true}});
    let answer = ask(&mut gateway.connect().await, &post(CHAT, &asked)).await;
    assert!(answer.text().contains("prompt_tokens"), "{answer}");
    assert_eq!(upstream.request(1).await.text(), asked.to_string(), "nothing was changed");
}

#[tokio::test]
async fn without_a_token_quota_no_body_is_changed() {
    let upstream = FakeUpstream::echo().await;
    let keys = "api_key: {openai_key: {sk-a: [0]}, forward_key: {0: [fk-0]}}\n";
    let gateway = Gateway::configured(&upstream, keys).await;
    ask(&mut gateway.connect().await, &chat(1, true)).await;
    let received = upstream.request(0).await;
    assert!(!received.text().contains("stream_options"));
    assert_eq!(received.header("accept-encoding"), Some("gzip"));
}

/// Servers take JSON with a byte order mark, or with a name given twice; the gateway reads neither.
#[tokio::test]
async fn a_prompt_that_is_written_so_that_it_cannot_be_read_is_not_free() {
    let upstream = FakeUpstream::always(Answer::sse(["data: {}\n\n"])).await;
    let gateway = with_quota(&upstream, "10000/year").await;
    let prompt = "some words ".repeat(200);
    for (body, least) in [
        (format!("\u{feff}{{\"model\":\"m\",\"stream\":true,\"prompt\":\"{prompt}\"}}"), 550),
        (format!("{{\"model\":\"m\",\"Model\":\"n\",\"prompt\":\"{prompt}\"}}"), 550),
    ] {
        let mut client = gateway.connect().await;
        let before = remaining(&ask(&mut client, &post(CHAT, &json!({"max_tokens": 0}))).await);
        let request = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-0\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(ask(&mut client, &request).await.status(), 200);
        let after = remaining(&ask(&mut client, &post(CHAT, &json!({"max_tokens": 0}))).await);
        assert!(before - after >= least, "{before} {after}");
    }
}

#[tokio::test]
async fn refusals_say_what_is_left_or_that_it_can_never_pass() {
    let upstream = FakeUpstream::always(completion(&usage(400, 500))).await;
    let gateway = with_quota(&upstream, "1000/hour").await;
    let mut client = gateway.connect().await;
    assert_eq!(ask(&mut client, &chat(500, false)).await.status(), 200);
    let refused = ask(&mut client, &chat(500, false)).await;
    assert_refusal("refused_token_quota", &refused);
    assert!(refused.head.header("retry-after").is_some());
    let never = ask(&mut client, &chat(5_000, false)).await;
    assert_refusal("refused_token_quota_never", &never);
    assert_eq!(upstream.count(), 1);
}

/// One row of the table in `account.rs` each, as a caller sees it: how much of 10,000 is left afterwards.
#[tokio::test]
async fn what_is_charged_for_each_way_a_request_can_end() {
    let event = |text: &str| {
        let choices = json!([{"index": 0, "delta": {"content": text}}]);
        format!("data: {}\n\n", json!({"object": "chat.completion.chunk", "choices": choices}))
    };
    let long = "word ".repeat(400);
    let stream = |end: fn(Answer, usize) -> Answer| {
        let first = event(&long);
        let length = first.len();
        let answer = Answer::new(200).header("content-type", "text/event-stream");
        end(answer.chunks([Bytes::from(first), Bytes::from(event("x"))]), length)
    };
    let whole_quota = 10_000;
    // What ended, the answer, and at least and at most what is charged for it.
    for (what, answer, least, most) in [
        ("complete", completion(&usage(300, 200)), 500, 500),
        ("complete without usage", stream(|answer, _| answer), 400, 700),
        ("upstream error before the first byte", Answer::reset(), 0, 0),
        ("an error as the answer", Answer::json("{}").status(500), 0, 0),
        ("broken off in the middle", stream(|answer, length| answer.cut_at(length)), 400, 700),
        ("reset in the middle", stream(|answer, length| answer.reset_at(length)), 400, 700),
    ] {
        let upstream = FakeUpstream::script([answer, completion(&usage(0, 0))]).await;
        let gateway = with_quota(&upstream, &format!("{whole_quota}/hour")).await;
        let mut client = gateway.connect().await;
        client.send(chat(5_000, what != "complete").replace("host: g", "host: g\r\nconnection: close")).await;
        client.rest().await;
        charged(&gateway, whole_quota, what, least, most).await;
    }
}

/// Waits until the first request is settled, and compares what it was charged.
async fn charged(gateway: &Gateway, quota: u64, what: &str, least: u64, most: u64) {
    gateway.access_line(CHAT).await;
    let free = eventually_free(gateway).await;
    let used = quota - free;
    assert!((least..=most + 40).contains(&used), "{what}: {used} charged, not {least} to {most}");
}

/// What is free, from a request's own headers: what remains and what it reserved.
async fn eventually_free(gateway: &Gateway) -> u64 {
    let probe = post(CHAT, &json!({"max_tokens": 1}));
    let answer = ask(&mut gateway.connect().await, &probe).await;
    assert_eq!(answer.status(), 200, "{answer}");
    remaining(&answer) + 1
}

#[tokio::test]
async fn a_caller_that_leaves_pays_the_prompt_before_the_first_byte_and_what_it_saw_after() {
    let word = "word ".repeat(400);
    let event = json!({"choices": [{"index": 0, "delta": {"content": word}}]}).to_string();
    let begun = Answer::sse([event.as_str()]).stall_at(event.len() + "data: \n\n".len());
    for (what, answer, least, most) in
        [("left before the first byte", Answer::stall(), 1, 40), ("left in the middle", begun, 400, 700)]
    {
        let upstream = FakeUpstream::script([answer, completion(&usage(0, 0))]).await;
        let gateway = with_quota(&upstream, "10000/hour").await;
        let mut client = gateway.connect().await;
        client.send(chat(5_000, true)).await;
        upstream.request(0).await;
        if least > 1 {
            client.until("word \"}").await;
        }
        client.leave();
        charged(&gateway, 10_000, what, least, most).await;
    }
}

#[tokio::test]
async fn a_timeout_before_the_first_byte_is_charged_nothing() {
    let upstream = FakeUpstream::script([Answer::stall(), completion(&usage(0, 0))]).await;
    let config = "api_key: {openai_key: {sk-a: [0]}, forward_key: {0: [fk-0]}}\nfirst_byte_timeout: 50ms\n\
        rate_limit: {token_quota: {/: 10000/hour}}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let answer = ask(&mut gateway.connect().await, &chat(5_000, false)).await;
    assert_eq!(answer.code(), "provider_first_byte_timeout");
    charged(&gateway, 10_000, "timeout", 0, 0).await;
}

/// 50 requests at once, each of which may take a tenth of the quota: ten are let in.
#[tokio::test]
async fn reservations_hold_under_concurrency() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |_| completion(&usage(0, 990)).held(&held)).await;
    let gateway = with_quota(&upstream, "10000/hour").await;
    let ask = |_| {
        let (client, url) = (gateway.client(), gateway.url(CHAT));
        tokio::spawn(async move {
            let body = json!({"model": "m", "messages": [], "max_tokens": 990}).to_string();
            client.post(url).bearer_auth("fk-0").body(body).send().await.unwrap().status().as_u16()
        })
    };
    let tasks: Vec<_> = (0..50).map(ask).collect();
    eventually("ten requests", || (upstream.count() == 10).then_some(())).await;
    gate.open();
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap() == 200);
    }
    assert_eq!((passed, upstream.count()), (10, 10));
}
