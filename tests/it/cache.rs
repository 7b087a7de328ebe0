//! The cache: answers served again, in either form, to those who may share them.

use super::openai_client::run_suite;
use aifd_tests::{Answer, FakeUpstream, Gateway, Response, Sandbox, ask};
use serde_json::{Value, json};

pub(super) const CHAT: &str = "/v1/chat/completions";
pub(super) const ON: &str = "cache: {openai: true, default_request_caching_value: true}\n";

/// An upstream whose every answer has a number of its own.
pub(super) async fn numbered() -> FakeUpstream {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    let count = AtomicUsize::new(0);
    FakeUpstream::answering(move |_| {
        let number = count.fetch_add(1, Relaxed);
        Answer::after_body(move |request| {
            let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            match asked["stream"] == true {
                true => Answer::sse(stream(number, asked["stream_options"]["include_usage"] == true)),
                false => Answer::json(whole(number).to_string()).header("x-request-id", "theirs"),
            }
        })
    })
    .await
}

fn usage() -> Value {
    json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7})
}

fn whole(number: usize) -> Value {
    let message = json!({"role": "assistant", "content": format!("answer {number}, with words")});
    json!({
        "id": format!("chatcmpl-{number}"), "object": "chat.completion", "created": 17, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage(),
    })
}

pub(super) fn stream(number: usize, with_usage: bool) -> Vec<String> {
    let chunk = |delta: Value, finish: Value| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        json!({"id": format!("chatcmpl-{number}"), "object": "chat.completion.chunk", "created": 17, "model": "m", "choices": choices})
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    for piece in ["answer ".to_owned(), format!("{number},"), " with".into(), " words".into()] {
        chunks.push(chunk(json!({"content": piece}), Value::Null));
    }
    chunks.push(chunk(json!({}), json!("stop")));
    if with_usage {
        let mut last = chunk(json!({}), Value::Null);
        (last["choices"], last["usage"]) = (json!([]), usage());
        chunks.push(last);
    }
    chunks.iter().map(Value::to_string).chain(["[DONE]".to_owned()]).collect()
}

pub(super) fn post_to(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(super) fn body(more: Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub(super) async fn chat(gateway: &Gateway, more: Value) -> Response {
    chat_with(gateway, "", more).await
}

pub(super) async fn chat_with(gateway: &Gateway, headers: &str, more: Value) -> Response {
    ask(&mut gateway.connect().await, &post_to(CHAT, headers, &body(more).to_string())).await
}

pub(super) fn status(answer: &Response) -> &str {
    answer.head.header("cache-status").unwrap_or("none")
}

fn said(answer: &Response) -> String {
    let text = answer.text();
    if !text.starts_with("data:") {
        return answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    }
    let events = text.split("\n\n").filter_map(|event| event.strip_prefix("data: {"));
    let deltas = events.map(|event| serde_json::from_str::<Value>(&format!("{{{event}")).unwrap());
    deltas.filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn an_answer_is_served_again_byte_for_byte() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    for stream in [false, true] {
        let asked = json!({"stream": stream, "seed": stream as u8});
        let first = chat(&gateway, asked.clone()).await;
        assert_eq!(status(&first), "aifd; fwd=miss; stored");
        assert_eq!(first.head.header("x-cache"), Some("MISS"));
        let again = chat(&gateway, asked).await;
        assert_eq!(status(&again), "aifd; hit");
        assert_eq!((again.head.header("x-cache"), again.head.header("age")), (Some("HIT"), Some("0")));
        assert_eq!(again.head.header("content-type"), first.head.header("content-type"));
        assert_eq!(again.text(), first.text());
        assert_ne!(again.head.header("x-request-id"), Some("theirs"), "that was another request");
    }
    assert_eq!(upstream.count(), 2);
    let lines = gateway.access_line(CHAT).await;
    assert_eq!(lines["cache"], "miss");
}

#[tokio::test]
async fn one_entry_serves_both_forms() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    // Stored whole, asked for as a stream, with and without its usage.
    assert_eq!(said(&chat(&gateway, json!({})).await), "answer 0, with words");
    let streamed = chat(&gateway, json!({"stream": true})).await;
    assert_eq!((status(&streamed), &*said(&streamed)), ("aifd; hit", "answer 0, with words"));
    assert_eq!(streamed.head.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let text = streamed.text();
    assert!(text.ends_with("data: [DONE]\n\n") && !text.contains("total_tokens"), "{text}");
    assert!(text.contains("chatcmpl-0") && text.matches("data: ").count() > 4, "{text}");
    let counted = chat(&gateway, json!({"stream": true, "stream_options": {"include_usage": true}})).await;
    assert!(counted.text().contains("\"total_tokens\":7"), "{counted}");
    // Stored as a stream, asked for whole: with the usage that the caller did not ask for.
    let first = chat(&gateway, json!({"seed": 1, "stream": true})).await;
    assert!(!first.text().contains("total_tokens"), "{first}");
    let made = chat(&gateway, json!({"seed": 1})).await;
    assert_eq!((status(&made), &*said(&made)), ("aifd; hit", "answer 1, with words"));
    let made = made.json();
    assert_eq!((&made["usage"], &made["object"]), (&usage(), &json!("chat.completion")));
    assert_eq!((&made["id"], &made["choices"][0]["finish_reason"]), (&json!("chatcmpl-1"), &json!("stop")));
    let again = chat(&gateway, json!({"seed": 1, "stream": true})).await;
    assert_eq!(again.text(), first.text());
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn the_body_decides_and_its_word_does_not_reach_the_upstream() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, "cache: {openai: true}\n").await;
    // It does not say, and the configuration neither.
    for _ in 0..2 {
        assert_eq!(status(&chat(&gateway, json!({})).await), "aifd; fwd=bypass");
    }
    assert_eq!(status(&chat(&gateway, json!({"caching": true})).await), "aifd; fwd=miss; stored");
    assert_eq!(status(&chat(&gateway, json!({"caching": true, "user": "other"})).await), "aifd; hit");
    assert_eq!(status(&chat(&gateway, json!({"caching": false})).await), "aifd; fwd=bypass");
    assert_eq!(upstream.count(), 4);
    let first: Value = serde_json::from_str(&upstream.request(2).await.text()).unwrap();
    assert_eq!(first, body(json!({})), "everything else stays");
    assert_eq!(upstream.request(0).await.text(), body(json!({})).to_string(), "nothing was changed");
    assert!(!upstream.request(3).await.text().contains("caching"));
}

#[tokio::test]
async fn every_parameter_that_changes_an_answer_is_another_request() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    chat(&gateway, json!({})).await;
    for (name, value) in [
        ("temperature", json!(0.5)),
        ("top_p", json!(0.5)),
        ("stop", json!(["x"])),
        ("max_tokens", json!(5)),
        ("n", json!(2)),
        ("seed", json!(1)),
        ("presence_penalty", json!(1)),
        ("logit_bias", json!({"1": 2})),
        ("model", json!("other")),
        ("response_format", json!({"type": "json_object"})),
        ("tools", json!([])),
        ("logprobs", json!(true)),
        ("reasoning_effort", json!("low")),
        ("service_tier", json!("flex")),
        ("unheard_of", json!(1)),
    ] {
        assert_eq!(status(&chat(&gateway, json!({name: value})).await), "aifd; fwd=miss; stored", "{name}");
    }
    for (name, value) in
        [("user", json!("u")), ("metadata", json!({"a": "b"})), ("safety_identifier", json!("s"))]
    {
        assert_eq!(status(&chat(&gateway, json!({name: value})).await), "aifd; hit", "{name}");
    }
}

#[tokio::test]
async fn the_standard_controls_are_followed() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    let none = chat_with(&gateway, "cache-control: only-if-cached\r\n", json!({})).await;
    assert_eq!((none.status(), &*none.code()), (504, "policy_cache_only"));
    assert_eq!(none.head.header("x-should-retry"), Some("false"));
    assert_eq!(
        status(&chat_with(&gateway, "cache-control: no-store\r\n", json!({})).await),
        "aifd; fwd=request"
    );
    assert_eq!(status(&chat(&gateway, json!({})).await), "aifd; fwd=miss; stored");
    assert_eq!(
        said(&chat_with(&gateway, "cache-control: no-cache\r\n", json!({})).await),
        "answer 2, with words"
    );
    // What is fetched anew takes the place of what was there.
    let answer = chat_with(&gateway, "cache-control: only-if-cached, max-age=1000\r\n", json!({})).await;
    assert_eq!((status(&answer), &*said(&answer)), ("aifd; hit", "answer 2, with words"));
    assert_eq!(
        status(&chat_with(&gateway, "cache-control: max-age=0\r\n", json!({})).await),
        "aifd; fwd=request; stored"
    );
    // A time of its own, and a place of its own.
    let timed = "x-aifd-cache-ttl: 1h\r\nx-aifd-cache-namespace: tests\r\n";
    assert_eq!(status(&chat_with(&gateway, timed, json!({})).await), "aifd; fwd=miss; stored");
    let hit = chat_with(&gateway, timed, json!({})).await;
    assert!(["aifd; hit; ttl=3600", "aifd; hit; ttl=3599"].contains(&status(&hit)), "{}", status(&hit));
    let received = upstream.request(upstream.count() - 1).await;
    assert_eq!(
        (received.header("x-aifd-cache-ttl"), received.header("x-aifd-cache-namespace")),
        (None, None)
    );
    let wrong = chat_with(&gateway, "x-aifd-cache-ttl: soon\r\n", json!({})).await;
    assert_eq!((wrong.status(), &*wrong.code()), (400, "caller_header_invalid"));
}

#[tokio::test]
async fn callers_share_only_what_they_may() {
    for (scope, shared) in [
        // Another key of the level, another level, another account.
        ("level", [true, false, false]),
        ("key", [false, false, false]),
        ("global", [true, true, true]),
    ] {
        let upstream = numbered().await;
        let config = format!(
            "api_key: {{openai_key: {{sk-a: [0, 1]}}, forward_key: {{0: [fk-one, fk-two], 1: [fk-three]}}, level: {{1: ['*']}}}}\n\
             cache: {{openai: true, default_request_caching_value: true, scope: {scope}}}\n"
        );
        let gateway = Gateway::configured(&upstream, &config).await;
        let bearer = |key: &str| format!("authorization: Bearer {key}\r\n");
        assert_eq!(
            status(&chat_with(&gateway, &bearer("fk-one"), json!({})).await),
            "aifd; fwd=miss; stored"
        );
        assert_eq!(status(&chat_with(&gateway, &bearer("fk-one"), json!({})).await), "aifd; hit");
        for (key, shared) in ["fk-two", "fk-three", "sk-of-somebody"].iter().zip(shared) {
            let answer = chat_with(&gateway, &bearer(key), json!({})).await;
            assert_eq!(status(&answer) == "aifd; hit", shared, "{scope} {key}");
        }
    }
}

#[tokio::test]
async fn permissions_and_limits_come_before_the_cache() {
    let upstream = numbered().await;
    let config = "api_key: {openai_key: {sk-a: [0, 1]}, forward_key: {0: [fk-0], 1: [fk-1]}, level: {1: [other]}}\n\
                  cache: {openai: true, default_request_caching_value: true, scope: global}\n\
                  rate_limit: {req_rate_limit: [{route: /v1/chat/completions, value: [{level: 0, limit: 3/hour}]}], \
                  token_quota: [{route: /, value: [{level: 0, limit: 100000/hour}]}]}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let first = chat_with(&gateway, "authorization: Bearer fk-0\r\n", json!({})).await;
    let left = |answer: &Response| -> u64 {
        answer.head.header("x-ratelimit-remaining-tokens").unwrap().parse().unwrap()
    };
    let hit = chat_with(&gateway, "authorization: Bearer fk-0\r\n", json!({})).await;
    assert_eq!(status(&hit), "aifd; hit");
    let third = chat_with(&gateway, "authorization: Bearer fk-0\r\n", json!({})).await;
    // The first cost its seven tokens, and what was served again nothing.
    assert!(left(&third) >= left(&first) - 7, "{} {}", left(&first), left(&third));
    let limited = chat_with(&gateway, "authorization: Bearer fk-0\r\n", json!({})).await;
    assert_eq!((limited.status(), &*limited.code()), (429, "policy_request_limit_exceeded"));
    let forbidden = chat_with(&gateway, "authorization: Bearer fk-1\r\n", json!({})).await;
    assert_eq!((forbidden.status(), &*forbidden.code()), (403, "policy_model_forbidden"));
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn what_is_not_complete_is_never_kept() {
    let events = stream(1, true);
    let error = "{\"error\":{\"message\":\"overloaded\"}}".to_owned();
    let mut unfinished = whole(1);
    unfinished["choices"][0]["finish_reason"] = Value::Null;
    for (what, answer) in [
        ("cut off", Answer::sse(events.clone()).cut_at(300)),
        ("no end", Answer::sse(events[..3].to_vec())),
        ("an error within", Answer::sse([events[0].clone(), error, "[DONE]".to_owned()])),
        ("no finish", Answer::json(unfinished.to_string())),
        ("an error as an answer", Answer::json("{\"error\":{\"message\":\"no\"}}")),
        ("no JSON", Answer::json("{\"choices\":")),
        ("a refusal", Answer::json("{}").status(400)),
        ("an upstream's fault", Answer::json("{}").status(500)),
        ("a part", Answer::json(whole(1).to_string()).status(206)),
        ("encoded", Answer::json(whole(1).to_string()).header("content-encoding", "br")),
    ] {
        let upstream = FakeUpstream::always(answer).await;
        let gateway = Gateway::configured(&upstream, &format!("{ON}retry: {{attempts: 0}}\n")).await;
        for _ in 0..2 {
            let mut client = gateway.connect().await;
            client
                .send(post_to(CHAT, "connection: close\r\n", &body(json!({"stream": true})).to_string()))
                .await;
            client.rest().await;
        }
        assert_eq!(upstream.count(), 2, "{what}");
    }
}

#[tokio::test]
async fn refusals_are_kept_for_a_while_if_that_is_wanted() {
    let upstream =
        FakeUpstream::always(Answer::json("{\"error\":{\"message\":\"no such model\"}}").status(404)).await;
    let config = "cache: {openai: true, default_request_caching_value: true, negative_ttl: 1h}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let (first, again) = (chat(&gateway, json!({})).await, chat(&gateway, json!({"stream": true})).await);
    assert_eq!((first.status(), again.status(), first.text()), (404, 404, again.text()));
    assert!(status(&again).starts_with("aifd; hit; ttl="), "{again}");
}

#[tokio::test]
async fn other_endpoints_and_routes_are_cached_as_they_are() {
    let upstream = FakeUpstream::answering(|request| {
        let target = request.target().to_owned();
        Answer::after_body(move |request| match &*target {
            "/v1/audio/speech" => {
                Answer::new(200).header("content-type", "audio/mpeg").body(vec![0xff, 0xfb, 0, 1])
            }
            _ => {
                let data = String::from_utf8_lossy(&request.body).len();
                Answer::json(json!({"object": "list", "data": [data], "at": target}).to_string())
            }
        })
    })
    .await;
    let sandbox = Sandbox::new();
    let url = upstream.url();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n  - {{base_url: \"{url}\", route: /, type: openai}}\n  - {{base_url: \"{url}\", route: /general, type: general}}\n\
             \x20 - {{base_url: \"{url}\", route: /off, type: openai, cache: false}}\n\
             cache: {{openai: true, general: true, default_request_caching_value: true}}\n"
        ),
    );
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    for (path, body, cached) in [
        ("/v1/embeddings", r#"{"model":"e","input":"x"}"#, true),
        ("/v1/embeddings", r#"{"model":"e","input":"x","encoding_format":"base64"}"#, true),
        ("/v1/embeddings", r#"{"model":"e","input":"x","dimensions":5}"#, true),
        ("/v1/audio/speech", r#"{"model":"tts-1","input":"x"}"#, true),
        ("/v1/images/generations", r#"{"prompt":"a cat"}"#, true),
        ("/v1/files", r#"{"purpose":"batch"}"#, false),
        ("/general/anything?a=1", "plain text", true),
        ("/general/anything?a=2", "plain text", true),
        ("/off/v1/embeddings", r#"{"model":"e","input":"x"}"#, false),
    ] {
        let first = ask(&mut client, &post_to(path, "", body)).await;
        assert!(!status(&first).contains("hit"), "{path} {body}");
        let again = ask(&mut client, &post_to(path, "", body)).await;
        assert_eq!(status(&again).contains("hit"), cached, "{path} {body}: {}", status(&again));
        assert_eq!(again.body, first.body);
        assert_eq!(again.head.header("content-type"), first.head.header("content-type"));
    }
    let first = client.get("/general/page").await;
    assert_eq!(status(&first), "aifd; fwd=miss; stored");
    assert_eq!(status(&client.get("/general/page").await), "aifd; hit");
    assert_eq!(status(&client.get("/v1/models").await), "none", "a list that changes");
    for private in ["cookie: a=b\r\n", "authorization: Basic dTpw\r\n", "x-api-key: k-of-another\r\n"] {
        let request = format!("GET /general/page HTTP/1.1\r\nhost: g\r\n{private}\r\n");
        assert_eq!(status(&ask(&mut client, &request).await), "aifd; fwd=miss; stored", "{private}");
    }
    let part = ask(&mut client, "GET /general/page HTTP/1.1\r\nhost: g\r\nrange: bytes=0-1\r\n\r\n").await;
    assert_eq!(status(&part), "none");
}

#[tokio::test]
async fn answers_outlive_a_restart_and_their_damage_is_not_served() {
    let upstream = numbered().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + ON);
    let gateway = sandbox.serve().await;
    let whole = chat(&gateway, json!({})).await.text();
    let stream = chat(&gateway, json!({"seed": 1, "stream": true})).await.text();
    let gateway = gateway.stopped().await.serve().await;
    for (asked, text) in [(json!({}), &whole), (json!({"seed": 1, "stream": true}), &stream)] {
        let answer = chat(&gateway, asked).await;
        assert_eq!((status(&answer), &answer.text()), ("aifd; hit", text));
    }
    assert_eq!(said(&chat(&gateway, json!({"stream": true})).await), "answer 0, with words");
    assert_eq!(said(&chat(&gateway, json!({"seed": 1})).await), "answer 1, with words");
    assert_eq!(upstream.count(), 2);
    let sandbox = gateway.stopped().await;
    // Every byte of the files may be another one: then it is a miss, and never another answer.
    let files = sandbox.file(".aifd/cache");
    let records = std::fs::read_dir(&files)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_file())
        .unwrap();
    let mut bytes = std::fs::read(&records).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        bytes[at] ^= 0x20;
    }
    std::fs::write(&records, bytes).unwrap();
    let gateway = sandbox.serve().await;
    let answer = chat(&gateway, json!({})).await;
    assert_eq!((status(&answer), &*said(&answer)), ("aifd; fwd=miss; stored", "answer 2, with words"));
}

#[tokio::test]
async fn a_backend_in_memory_writes_nothing() {
    let upstream = numbered().await;
    let config = "cache: {openai: true, default_request_caching_value: true, backend: MEMORY}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    chat(&gateway, json!({})).await;
    assert_eq!(status(&chat(&gateway, json!({})).await), "aifd; hit");
    assert!(!gateway.sandbox().path().join(".aifd/cache").exists());
}

#[tokio::test]
async fn several_answers_to_one_request_are_kept_if_that_is_wanted() {
    let upstream = numbered().await;
    let config = "cache: {openai: true, default_request_caching_value: true, variants: 3}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    for _ in 0..3 {
        chat_with(&gateway, "cache-control: no-cache\r\n", json!({})).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        seen.insert(said(&chat(&gateway, json!({})).await));
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert_eq!(upstream.count(), 3);
}

#[tokio::test]
async fn a_replay_answers_from_what_was_recorded_alone() {
    let upstream = numbered().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "cache: {openai: true, mode: record}\n");
    let gateway = sandbox.serve().await;
    let recorded = chat(&gateway, json!({"stream": true, "temperature": 0})).await.text();
    let sandbox = gateway.stopped().await;
    let replay = sandbox.aifd(["run", "--port", "0", "--cache-mode", "replay", "--cache-timing", "real"]);
    let gateway = Gateway::start(sandbox, &replay).await;
    let answer = chat(&gateway, json!({"stream": true, "temperature": 0})).await;
    assert_eq!(answer.text(), recorded);
    let unknown = chat(&gateway, json!({"temperature": 1})).await;
    assert_eq!((unknown.status(), &*unknown.code()), (504, "policy_not_recorded"));
    let message = unknown.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("- temperature: 0\n+ temperature: 1"), "{message}");
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn the_documented_example_hits_through_the_real_client_before_and_after_a_restart() {
    let upstream = numbered().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "cache: {openai: true}\n");
    let mut gateway = sandbox.serve().await;
    for round in ["first", "again"] {
        let told = [("AIFD_URL", gateway.address().to_owned()), ("AIFD_ROUND", round.to_owned())];
        run_suite("cache.py", &gateway, told).await;
        gateway = gateway.stopped().await.serve().await;
    }
    // Four answers were stored, and one request each round wanted none.
    assert_eq!(upstream.count(), 6);
}

/// Servers are killed while answers are written; what is served afterwards is what was answered.
#[tokio::test]
async fn a_kill_while_answers_are_written_leaves_no_wrong_one() {
    let upstream = numbered().await;
    let data = Sandbox::new();
    let mut answered = Vec::new();
    for round in 0..50 {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward() + ON);
        let gateway = sandbox.serve_with(|command| command.env("AIFD_DATA_DIR", data.file("data"))).await;
        let mut client = gateway.connect().await;
        for number in 0..4 {
            let asked = body(json!({"seed": round * 10 + number, "stream": number % 2 == 0})).to_string();
            let answer = ask(&mut client, &post_to(CHAT, "", &asked)).await;
            // A command waits until all is written that came before it.
            let written = round % 2 == 0 && number < 2;
            answered.push((asked, answer.text(), written));
            if written {
                let stats =
                    gateway.sandbox().aifd(["cache", "stats"]).env("AIFD_DATA_DIR", data.file("data"));
                let stats = tokio::task::spawn_blocking(move || stats.run()).await.unwrap();
                assert_eq!(stats.status, Some(0), "{stats}");
            }
        }
        // Dropping it kills it with SIGKILL.
        drop(gateway);
    }
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + ON);
    let gateway = sandbox.serve_with(|command| command.env("AIFD_DATA_DIR", data.file("data"))).await;
    let mut client = gateway.connect().await;
    for (asked, text, written) in &answered {
        let answer = ask(&mut client, &post_to(CHAT, "", asked)).await;
        let hit = status(&answer).contains("hit");
        assert!(hit || !written, "{asked} was written");
        assert!(!hit || answer.text() == *text, "{asked} is answered with {answer}");
    }
    assert_eq!(gateway.log().text().matches("damaged").count(), 0, "{}", gateway.log());
}

#[tokio::test]
async fn the_bounds_hold_under_ten_times_as_much() {
    let upstream = FakeUpstream::answering(|_| {
        Answer::after_body(|request| {
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            let mut answer = whole(asked["seed"].as_u64().unwrap() as usize);
            answer["choices"][0]["message"]["content"] = json!("x".repeat(20_000));
            Answer::json(answer.to_string())
        })
    })
    .await;
    let config =
        "cache: {openai: true, default_request_caching_value: true, max_size: 2MiB, memory_size: 1MiB}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let mut client = gateway.connect().await;
    for seed in 0..1000 {
        let request = post_to(CHAT, "", &body(json!({"seed": seed})).to_string());
        assert_eq!(ask(&mut client, request).await.status(), 200);
        // One of them is asked for again and again, and stays.
        if seed % 10 == 0 {
            let request = post_to(CHAT, "", &body(json!({"seed": 0})).to_string());
            assert!(status(&ask(&mut client, request).await).contains("hit"), "{seed}");
        }
    }
    let stats = gateway.sandbox().aifd(["cache", "stats", "--json"]).run();
    let stats: Value = serde_json::from_str(&stats.stdout).unwrap();
    assert!(stats["bytes"].as_u64().unwrap() <= 2 << 20, "{stats}");
    assert!(stats["memory_bytes"].as_u64().unwrap() <= 1 << 20, "{stats}");
    assert!(stats["evicted"].as_u64().unwrap() > 800 && stats["entries"].as_u64().unwrap() > 40, "{stats}");
    let sandbox = gateway.stopped().await;
    assert!(bytes_below(&sandbox.file(".aifd/cache")) <= 3 << 20);
}

fn bytes_below(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(
            |entry| {
                if entry.path().is_dir() {
                    bytes_below(&entry.path())
                } else {
                    entry.metadata().unwrap().len()
                }
            },
        )
        .sum()
}
