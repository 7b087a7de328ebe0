//! `TOKEN_RATE_LIMIT`: the pieces of an answer leave at an even pace.

use aifd_tests::{Answer, FakeUpstream, Gateway, RawClient, sse_frames};
use std::time::{Duration, Instant};

const CHAT: &str = "/v1/chat/completions";

async fn ask(client: &mut RawClient, path: &str, credential: &str) {
    let body = r#"{"model":"m","stream":true,"messages":[]}"#;
    client
        .send(format!(
            "POST {path} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer {credential}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
}

/// When each chunk came, and what it was.
async fn chunks(client: &mut RawClient) -> Vec<(Instant, String)> {
    client.head().await.unwrap();
    let mut chunks = Vec::new();
    while let Some(chunk) = client.chunk().await {
        chunks.push((Instant::now(), String::from_utf8(chunk).unwrap()));
    }
    chunks
}

/// Lower bounds alone: a slow machine only makes them longer.
fn assert_spaced(start: Instant, chunks: &[(Instant, String)], interval: Duration) {
    let total = chunks.last().unwrap().0 - start;
    let least = interval * u32::try_from(chunks.len()).unwrap();
    // Timers tick in milliseconds.
    assert!(total + Duration::from_millis(2) >= least, "{total:?} for {} pieces", chunks.len());
}

#[tokio::test]
async fn events_that_arrive_together_leave_apart_whatever_the_chunking() {
    let words = ["a", "b", "c", "d", "e"];
    let together = sse_frames(&words).iter().map(|event| format!("data: {event}\n\n")).collect::<String>();
    let upstream = FakeUpstream::answering(move |_| {
        Answer::new(200).header("content-type", "text/event-stream").chunks([together.clone()])
    })
    .await;
    for chunking in ["efficiency", "one-by-one"] {
        let config = format!(
            "rate_limit: {{iter_chunk: {chunking}, token_rate_limit: {{{CHAT}: [{{level: 0, limit: 100/second}}]}}}}\n"
        );
        let gateway = Gateway::configured(&upstream, &config).await;
        let mut client = gateway.connect().await;
        let start = Instant::now();
        ask(&mut client, CHAT, "sk").await;
        let chunks = chunks(&mut client).await;
        assert_eq!(chunks.len(), 6, "{chunks:?}");
        assert_spaced(start, &chunks, Duration::from_millis(10));
        assert!(chunks.iter().all(|(_, text)| text.starts_with("data: ") && text.ends_with("\n\n")));
    }
}

#[tokio::test]
async fn the_pace_is_that_of_the_callers_level_and_none_where_none_is_listed() {
    let upstream =
        FakeUpstream::answering(|_| Answer::sse(sse_frames(&["a", "b", "c", "d", "e", "f", "g", "h", "i"])))
            .await;
    let config = format!(
        "api_key: {{openai_key: {{sk-a: [0, 1, 2]}}, forward_key: {{1: [fk-1], 2: [fk-2]}}, level: {{1: ['*'], 2: ['*']}}}}\n\
         rate_limit: {{token_rate_limit: {{{CHAT}: [{{level: 1, limit: 50/second}}, {{level: 2, limit: ''}}]}}}}\n"
    );
    let gateway = Gateway::configured(&upstream, &config).await;
    let mut client = gateway.connect().await;
    let start = Instant::now();
    ask(&mut client, CHAT, "fk-1").await;
    assert_spaced(start, &chunks(&mut client).await, Duration::from_millis(20));
    for (path, credential) in [(CHAT, "fk-2"), (CHAT, "sk-own"), ("/v1/chat/completions/x", "fk-1")] {
        ask(&mut client, path, credential).await;
        // openai-forward sent an empty answer where the level was not listed.
        let text: String = chunks(&mut client).await.into_iter().map(|(_, text)| text).collect();
        assert_eq!(text.matches("data: ").count(), 10, "{path} {credential}");
    }
}

#[tokio::test]
async fn a_paced_caller_slows_its_upstream_down() {
    let event = format!("data: {}\n\n", "x".repeat(100_000));
    let upstream = FakeUpstream::answering(move |_| {
        Answer::new(200).header("content-type", "text/event-stream").chunks(vec![event.clone(); 1_000])
    })
    .await;
    let config = format!("rate_limit: {{token_rate_limit: {{{CHAT}: 1/hour}}}}\n");
    let gateway = Gateway::configured(&upstream, &config).await;
    let mut client = gateway.connect().await;
    ask(&mut client, CHAT, "sk").await;
    client.head().await.unwrap();
    let sent = upstream.settled().await;
    assert!(sent < 50_000_000, "{sent} of 100 MB were taken before the first event left");
    assert!(gateway.peak_kib() < 60_000, "{} KiB", gateway.peak_kib());
    client.leave();
    upstream.left(1).await;
}

/// A break was once told before the last event had left.
#[tokio::test]
async fn every_event_before_a_break_arrives() {
    let event = |n: usize| format!("data: {n}\n\n");
    let all: String = (0..20).map(event).collect();
    let length = all.len();
    let upstream = FakeUpstream::answering(move |_| {
        let answer = Answer::new(200).header("content-type", "text/event-stream");
        answer.chunks([all.clone(), event(99)]).cut_at(length)
    })
    .await;
    let config = format!("rate_limit: {{token_rate_limit: {{{CHAT}: 1000/second}}}}\n");
    let gateway = Gateway::configured(&upstream, &config).await;
    let mut client = gateway.connect().await;
    ask(&mut client, CHAT, "sk").await;
    let (bytes, _) = client.rest().await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("data: 19") && !text.contains("\r\n0\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn the_benchmark_endpoint_is_paced_too() {
    let upstream = FakeUpstream::echo().await;
    let config = "benchmark_mode: true\nrate_limit: {token_rate_limit: {/benchmark/v1/chat/completions: 1000/second}}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let mut client = gateway.connect().await;
    let start = Instant::now();
    ask(&mut client, "/benchmark/v1/chat/completions", "sk").await;
    let chunks = chunks(&mut client).await;
    assert!(chunks.len() > 20, "{}", chunks.len());
    assert_spaced(start, &chunks, Duration::from_millis(1));
}
