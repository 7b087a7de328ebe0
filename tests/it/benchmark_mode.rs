//! Benchmark mode: a chat endpoint that answers by itself.

use aifd_tests::{FakeUpstream, Gateway, RawClient, Response, Sandbox};
use serde_json::Value;

const PATH: &str = "/benchmark/v1/chat/completions";

async fn ask(client: &mut RawClient, body: &str) -> Response {
    let length = body.len();
    client.send(format!("POST {PATH} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")).await;
    client.response().await
}

#[tokio::test]
async fn it_answers_in_json_and_in_events_without_an_upstream() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "benchmark_mode: true\n").await;
    let mut client = gateway.connect().await;
    let messages = r#""model":"gpt-4o","messages":[{"role":"user","content":"hi there"}]"#;
    let whole = ask(&mut client, &format!("{{{messages}}}")).await;
    assert_eq!((whole.status(), whole.head.header("content-type")), (200, Some("application/json")));
    let body = whole.json();
    assert_eq!((&body["object"], &body["model"]), (&"chat.completion".into(), &"gpt-4o".into()));
    assert_eq!(body["choices"][0]["message"]["role"], "assistant");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let usage = |name: &str| body["usage"][name].as_u64().unwrap();
    assert!(usage("completion_tokens") > 0);
    assert_eq!(usage("total_tokens"), usage("prompt_tokens") + usage("completion_tokens"));

    let streamed = ask(
        &mut client,
        &format!(r#"{{{messages},"stream":true,"stream_options":{{"include_usage":true}}}}"#),
    )
    .await;
    assert!(streamed.head.header("content-type").unwrap().starts_with("text/event-stream"));
    let text = streamed.text();
    let events: Vec<&str> = text.split("\n\n").filter(|event| !event.is_empty()).collect();
    assert_eq!(events.last(), Some(&"data: [DONE]"));
    let chunks: Vec<Value> = events[..events.len() - 1]
        .iter()
        .map(|event| serde_json::from_str(&event["data: ".len()..]).unwrap())
        .collect();
    let content: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert!(content.len() > 20, "{content}");
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == chunks[0]["id"])
    );
    assert!(chunks.iter().any(|chunk| chunk["choices"][0]["finish_reason"] == "stop"));
    assert!(chunks.last().unwrap()["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn answers_differ_from_one_to_the_next_and_an_empty_request_is_fine() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "benchmark_mode: true\n").await;
    let mut client = gateway.connect().await;
    let content = |response: &Response| response.json()["choices"][0]["message"]["content"].clone();
    let (first, second) = (ask(&mut client, "{}").await, ask(&mut client, "{}").await);
    assert_ne!(content(&first), content(&second));
    for bad in ["", "[1]", "not json", "{\"stream\":\"yes\"}"] {
        let response = ask(&mut client, bad).await;
        assert_eq!(response.status(), 400, "{bad:?}: {response}");
        assert!(response.json()["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn other_methods_and_a_gateway_without_it_forward_the_path() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "benchmark_mode: true\n").await;
    assert_eq!(gateway.connect().await.get(PATH).await.status(), 200);
    assert_eq!(upstream.request(0).await.target(), PATH);
    let gateway = Gateway::before(&upstream).await;
    assert_eq!(ask(&mut gateway.connect().await, "{}").await.text(), "{}");
    assert_eq!(upstream.request(1).await.target(), PATH);
}

#[tokio::test]
async fn the_variable_of_the_original_switches_it_on() {
    let sandbox = Sandbox::new();
    let gateway = sandbox.serve_with(|command| command.env("BENCHMARK_MODE", "true")).await;
    assert_eq!(ask(&mut gateway.connect().await, "{}").await.status(), 200);
    let line = gateway.access_line(PATH).await;
    assert_eq!((&line["end"], &line["status"]), (&"complete".into(), &200.into()), "{line}");
}
