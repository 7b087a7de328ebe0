//! Upstream keys that the provider refuses are set aside while others of their level serve.

use aifd_tests::{Answer, FakeUpstream, Gateway, Received, ask, assert_refusal};
use serde_json::json;

const KEYS: &str =
    "api_key:\n  openai_key: {sk-bad-0123456789: [0], sk-good-0123456789: [0]}\n  forward_key: {0: [fk-0]}\n";

fn chat(body: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-0\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn refusal(status: u16, code: &str) -> Answer {
    let error =
        json!({"error": {"message": "no sk-bad-0123456789", "type": code, "param": null, "code": code}});
    Answer::json(error.to_string()).status(status).header("x-provider", "said so")
}

/// Refuses the keys that are bad.
async fn refusing(bad: &'static str, status: u16, code: &'static str) -> FakeUpstream {
    FakeUpstream::answering(move |request: &Received| {
        let key = request.header("authorization").unwrap_or_default().to_owned();
        Answer::after_body(
            move |_| if key.contains(bad) { refusal(status, code) } else { Answer::json("{}") },
        )
    })
    .await
}

#[tokio::test]
async fn another_key_serves_the_request_and_the_refused_one_is_not_tried_again() {
    for (status, code) in [(401, "invalid_api_key"), (429, "insufficient_quota")] {
        let upstream = refusing("bad", status, code).await;
        let gateway = Gateway::configured(&upstream, KEYS).await;
        let mut client = gateway.connect().await;
        for _ in 0..4 {
            let answer = ask(&mut client, chat(r#"{"model":"m","messages":[]}"#)).await;
            assert_eq!(answer.status(), 200, "{answer}");
        }
        let sent: Vec<_> =
            upstream.requests().iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
        assert_eq!(sent.len(), 5, "{sent:?}");
        assert_eq!(sent.iter().filter(|key| key.contains("bad")).count(), 1, "{sent:?}");
        assert_eq!(upstream.request(1).await.text(), upstream.request(0).await.text(), "the same body");
        let event = gateway.event("a warning", |line| line["why"] != serde_json::Value::Null).await;
        assert!(event.to_string().contains("…6789") && !event.to_string().contains("sk-bad-0"), "{event}");
    }
}

#[tokio::test]
async fn other_limits_of_the_provider_are_the_callers_matter() {
    let upstream = refusing("sk-", 429, "rate_limit_exceeded").await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let answer = ask(&mut gateway.connect().await, chat("{}")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (429, "rate_limit_exceeded"));
    assert_eq!(answer.head.header("x-provider"), Some("said so"));
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn when_all_are_out_the_caller_gets_a_502_and_never_the_providers_401() {
    let upstream = refusing("sk-", 401, "invalid_api_key").await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let mut client = gateway.connect().await;
    let answer = ask(&mut client, chat("{}")).await;
    assert_refusal("refused_upstream_keys_exhausted", &answer);
    assert_eq!(upstream.count(), 2);
    // Nobody is asked while all are set aside.
    assert_eq!(ask(&mut client, chat("{}")).await.code(), "provider_keys_exhausted");
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn a_key_serves_again_after_its_cooldown() {
    let upstream = FakeUpstream::script([refusal(401, "invalid_api_key"), Answer::json("{}")]).await;
    let keys = "access: {key_cooldown: 1ms}\napi_key: {openai_key: {sk-only-0123456789: [0]}, forward_key: {0: [fk-0]}}\n";
    let gateway = Gateway::configured(&upstream, keys).await;
    let mut client = gateway.connect().await;
    let mut answer = ask(&mut client, chat("{}")).await;
    // The request that finds it out does not try it again, and the next may come before it is back.
    while answer.status() == 502 {
        answer = ask(&mut client, chat("{}")).await;
    }
    assert_eq!(answer.status(), 200, "{answer}");
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn a_websocket_goes_on_with_another_key_too() {
    let upstream = FakeUpstream::answering(|request: &Received| {
        let bad = request.header("authorization").is_some_and(|key| key.contains("bad"));
        if bad { refusal(401, "invalid_api_key") } else { Answer::echoing_tunnel() }
    })
    .await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    for _ in 0..2 {
        let mut client = gateway.connect().await;
        let head = "GET /v1/realtime HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-0\r\n";
        client.send(format!("{head}connection: upgrade\r\nupgrade: websocket\r\n\r\n")).await;
        assert_eq!(client.head().await.unwrap().word(1), "101");
    }
    assert_eq!(upstream.count(), 3);
}

#[tokio::test]
async fn the_callers_own_credential_keeps_its_401() {
    let upstream = refusing("own", 401, "invalid_api_key").await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let request = chat("{}").replace("fk-0", "sk-own");
    let answer = ask(&mut gateway.connect().await, request).await;
    assert_eq!((answer.status(), answer.code().as_str()), (401, "invalid_api_key"));
}

#[tokio::test]
async fn a_body_too_large_to_be_sent_again_is_refused_clearly_and_the_next_request_is_served() {
    let upstream = refusing("bad", 401, "invalid_api_key").await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let mut client = gateway.connect().await;
    let large = json!({"model": "m", "input": "x".repeat(400_000)}).to_string();
    let answer = ask(&mut client, chat(&large)).await;
    assert_refusal("refused_upstream_key", &answer);
    assert_eq!(ask(&mut client, chat(&large)).await.status(), 200);
}

#[tokio::test]
async fn a_request_tries_each_key_once_however_short_the_cooldown() {
    let upstream = refusing("sk-", 401, "invalid_api_key").await;
    let keys = KEYS.to_owned() + "access: {key_cooldown: 0.001ms}\n";
    let gateway = Gateway::configured(&upstream, &keys).await;
    let answer = ask(&mut gateway.connect().await, chat("{}")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (502, "provider_keys_exhausted"));
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn a_refusal_that_never_ends_does_not_hold_up_the_request() {
    let refusal = || refusal(401, "invalid_api_key").stall_at(10);
    let upstream = FakeUpstream::script([refusal(), Answer::json("{}")]).await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let answer = ask(&mut gateway.connect().await, chat("{}")).await;
    assert_eq!(answer.status(), 200, "{answer}");
}

#[tokio::test]
async fn a_redirect_does_not_show_the_upstream_key_to_the_caller() {
    let upstream = FakeUpstream::answering(|request: &Received| {
        Answer::new(307).header("location", format!("http://provider{}", request.target()))
    })
    .await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let answer = gateway.connect().await.get("/v1/x?a=1&key=fk-0").await;
    assert_eq!(answer.head.header("location"), Some("http://provider/v1/x?a=1&key=***"));
}

/// Else one caller could set aside every key of its level.
#[tokio::test]
async fn a_wrong_organization_of_the_caller_sets_no_key_aside() {
    let upstream =
        FakeUpstream::answering(|request: &Received| match request.header("openai-organization") {
            Some(_) => refusal(401, "mismatched_organization"),
            None => Answer::json("{}"),
        })
        .await;
    let gateway = Gateway::configured(&upstream, KEYS).await;
    let mut client = gateway.connect().await;
    let wrong = chat("{}").replace("host: g", "host: g\r\nopenai-organization: org-none");
    let answer = ask(&mut client, wrong).await;
    assert_eq!((answer.status(), answer.code().as_str()), (401, "mismatched_organization"));
    assert_eq!(upstream.count(), 1);
    for _ in 0..2 {
        assert_eq!(ask(&mut client, chat("{}")).await.status(), 200);
    }
}
