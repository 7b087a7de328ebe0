//! What the cache must not do: show one tenant's answer to another, serve what is not whole, or what was replaced.

use super::cache::{CHAT, ON, body, chat, chat_with, numbered, post_to, status, stream};
use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, ask};
use serde_json::json;

const KEYS: &str = "api_key: {openai_key: {sk-up-0123456789: [0, 1]}, forward_key: {0: [fk-zero]}}\n";

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: g\r\n{headers}\r\n")
}

async fn general(answer: Answer) -> (FakeUpstream, Gateway) {
    let upstream = FakeUpstream::always(answer).await;
    let forward = upstream.forward().replace("openai", "general");
    let sandbox = aifd_tests::Sandbox::new();
    sandbox.write("aifd.yaml", forward + "cache: {general: true, scope: level}\n");
    (upstream, sandbox.serve().await)
}

#[tokio::test]
async fn nobody_without_a_key_gets_what_a_key_was_answered() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, &format!("{KEYS}{ON}")).await;
    let of_key = chat_with(&gateway, "authorization: Bearer fk-zero\r\n", json!({})).await;
    assert_eq!(status(&of_key), "aifd; fwd=miss; stored");
    for other in ["", "x-api-key: sk-\u{eb}1\r\n", "authorization: Basic dTpw\r\n", "cookie: a=b\r\n"] {
        assert_eq!(status(&chat_with(&gateway, other, json!({})).await), "aifd; fwd=miss; stored", "{other}");
    }
    // What goes to the upstream beside the forward key counts too, whatever the scope but one.
    for scope in ["level", "key"] {
        let config =
            format!("{KEYS}cache: {{openai: true, default_request_caching_value: true, scope: {scope}}}\n");
        let gateway = Gateway::configured(&upstream, &config).await;
        for more in ["", "cookie: s=1\r\n", "cookie: s=2\r\n", "x-api-key: sk-two\r\n", "x-auth-token: t\r\n"]
        {
            let headers = format!("authorization: Bearer fk-zero\r\n{more}");
            assert_eq!(
                status(&chat_with(&gateway, &headers, json!({})).await),
                "aifd; fwd=miss; stored",
                "{scope} {more}"
            );
            assert_eq!(
                status(&chat_with(&gateway, &headers, json!({})).await),
                "aifd; hit",
                "{scope} {more}"
            );
        }
    }
}

#[tokio::test]
async fn general_routes_keep_apart_what_a_server_may_tell_apart() {
    let (_upstream, gateway) = general(Answer::json("{}").header("etag", "\"1\"")).await;
    let mut client = gateway.connect().await;
    for headers in [
        "",
        "private-token: A\r\n",
        "private-token: B\r\n",
        "cookie: n=Zo\u{eb}; s=A\r\n",
        "cookie: n=Zo\u{eb}; s=B\r\n",
    ] {
        assert_eq!(
            status(&ask(&mut client, &get("/kv", headers)).await),
            "aifd; fwd=miss; stored",
            "{headers}"
        );
        let again = ask(&mut client, &get("/kv", headers)).await;
        assert_eq!((status(&again), again.head.header("etag")), ("aifd; hit", Some("\"1\"")), "{headers}");
    }
    for query in ["/kv?key=a", "/kv?key=b"] {
        assert_eq!(status(&ask(&mut client, &get(query, "")).await), "aifd; fwd=miss; stored", "{query}");
    }
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assert_eq!(status(&ask(&mut client, &get("/kv", upgrade)).await), "none");
    for (header, value) in [
        ("vary", "x-tenant"),
        ("vary", "*"),
        ("cache-control", "private"),
        ("cache-control", "max-age=0"),
        ("expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("set-cookie", "a=b"),
    ] {
        let (_upstream, gateway) = general(Answer::json("{}").header(header, value)).await;
        let mut client = gateway.connect().await;
        for _ in 0..2 {
            assert_eq!(status(&ask(&mut client, &get("/", "")).await), "aifd; fwd=miss", "{header}: {value}");
        }
    }
    let (_upstream, gateway) = general(Answer::json("{}").header("cache-control", "max-age=100")).await;
    let mut client = gateway.connect().await;
    ask(&mut client, &get("/", "")).await;
    let hit = ask(&mut client, &get("/", "")).await;
    assert!(["aifd; hit; ttl=100", "aifd; hit; ttl=99"].contains(&status(&hit)), "{hit}");
}

/// The real client leaves at the last event, before the end of the transfer has come.
#[tokio::test]
async fn a_stream_whose_reader_leaves_at_its_end_is_kept() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |_| {
        let events = stream(1, true).concat_events();
        Answer::new(200)
            .header("content-type", "text/event-stream")
            .chunks([events, String::new()])
            .gated(&held)
    })
    .await;
    let gateway = Gateway::configured(&upstream, ON).await;
    let mut client = gateway.connect().await;
    client.send(post_to(CHAT, "", &body(json!({"stream": true})).to_string())).await;
    gate.open();
    client.until("[DONE]").await;
    client.leave();
    assert_eq!(status(&chat(&gateway, json!({"stream": true})).await), "aifd; hit");
}

trait ConcatEvents {
    fn concat_events(self) -> String;
}

impl ConcatEvents for Vec<String> {
    fn concat_events(self) -> String {
        self.iter().map(|event| format!("data: {event}\n\n")).collect()
    }
}

#[tokio::test]
async fn a_body_that_can_be_read_in_two_ways_takes_no_part() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    let mut client = gateway.connect().await;
    for body in [
        r#"{"model":"m","temperature":1,"temperature":1,"messages":[],"stream":true}"#,
        "\u{feff}{\"model\":\"m\",\"messages\":[]}",
        "no json",
    ] {
        for _ in 0..2 {
            assert_eq!(
                status(&ask(&mut client, post_to(CHAT, "", body)).await),
                "aifd; fwd=bypass",
                "{body}"
            );
        }
    }
    // What takes no part is not answered where nothing else is wanted.
    let only = post_to(CHAT, "cache-control: only-if-cached\r\n", "no json");
    assert_eq!(ask(&mut client, only).await.status(), 504);
}

#[tokio::test]
async fn a_list_of_models_is_not_shared_with_a_key_that_sees_less() {
    let models = json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model"}, {"id": "secret", "object": "model"}]});
    let upstream = FakeUpstream::always(Answer::json(models.to_string())).await;
    let config = "api_key: {openai_key: {sk-up-0123456789: [0, 1]}, forward_key: {0: [fk-zero], 1: [fk-one]}, level: {1: [gpt-4o]}}\n\
                  cache: {openai: true, default_request_caching_value: true, scope: global, routes: [/v1/models]}\n";
    let gateway = Gateway::configured(&upstream, config).await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        let all = ask(&mut client, &get("/v1/models", "authorization: Bearer fk-zero\r\n")).await;
        assert!(all.text().contains("secret"), "{all}");
    }
    let some = ask(&mut client, &get("/v1/models", "authorization: Bearer fk-one\r\n")).await;
    assert!(!some.text().contains("secret"), "{some}");
}

#[tokio::test]
async fn an_answer_that_ends_by_closing_is_not_kept_unless_it_says_that_it_is_whole() {
    for (path, answer, hits) in [
        (
            "/v1/audio/speech",
            Answer::new(200).header("content-type", "audio/mpeg").body("PARTIAL").until_close(),
            false,
        ),
        (CHAT, Answer::sse(stream(1, true)).until_close(), true),
    ] {
        let upstream = FakeUpstream::always(answer).await;
        let gateway = Gateway::configured(&upstream, ON).await;
        let request = post_to(path, "", &body(json!({"stream": true})).to_string());
        for round in 0..2 {
            let answer = ask(&mut gateway.connect().await, &request).await;
            assert_eq!(status(&answer).contains("hit"), hits && round == 1, "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_was_replaced_does_not_come_back_after_a_restart() {
    let upstream = numbered().await;
    let gateway = Gateway::configured(&upstream, ON).await;
    chat(&gateway, json!({})).await;
    // Written apart: a command waits for what came before it.
    gateway.sandbox().aifd(["cache", "stats"]).run();
    let short = "cache-control: no-cache\r\nx-aifd-cache-ttl: 1s\r\n";
    assert_eq!(status(&chat_with(&gateway, short, json!({})).await), "aifd; fwd=request; stored");
    gateway.sandbox().aifd(["cache", "purge"]).run();
    let gateway = gateway.stopped().await.serve().await;
    assert_eq!(status(&chat(&gateway, json!({})).await), "aifd; fwd=miss; stored");
}

#[tokio::test]
async fn a_replay_sends_nothing_upstream_whatever_is_asked() {
    let upstream = numbered().await;
    let sandbox = aifd_tests::Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    let record = sandbox.aifd(["run", "--host", "127.0.0.1", "--port", "0", "--cache-mode", "record"]);
    let gateway = Gateway::start(sandbox, &record).await;
    let recorded = chat_with(&gateway, "authorization: Bearer sk-real\r\n", json!({})).await.text();
    let sandbox = gateway.stopped().await;
    let replay = sandbox.aifd(["run", "--host", "127.0.0.1", "--port", "0", "--cache-mode", "replay"]);
    let gateway = Gateway::start(sandbox, &replay).await;
    // Without a key, or with another one.
    for headers in ["", "authorization: Bearer sk-dummy\r\n", "if-none-match: \"1\"\r\n"] {
        let answer = chat_with(&gateway, headers, json!({})).await;
        assert_eq!((status(&answer), answer.text()), ("aifd; hit", recorded.clone()), "{headers}");
    }
    let mut client = gateway.connect().await;
    for request in [
        get("/v1/models", ""),
        post_to("/v1/fine_tuning/jobs", "", "{}"),
        post_to(CHAT, "", &body(json!({"conversation": "c"})).to_string()),
        "DELETE /v1/files/f HTTP/1.1\r\nhost: g\r\n\r\n".to_owned(),
    ] {
        let refused = ask(&mut client, &request).await;
        assert_eq!((refused.status(), &*refused.code()), (504, "policy_not_recorded"), "{request}");
    }
    assert_eq!(upstream.count(), 1);
}
