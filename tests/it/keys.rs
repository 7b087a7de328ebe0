//! Forward keys: which upstream key takes their place, where, and what each may use.

use aifd_tests::{Answer, FakeUpstream, Gateway, Received, Sandbox, ask, assert_refusal};
use serde_json::json;

/// The configuration of openai-forward's documentation, in YAML.
const LEVELS: &str = "api_key:\n  \
    openai_key: {\"sk-a-0123456789\": [0], \"sk-b-0123456789\": [1], \"sk-c-0123456789\": [1, 2]}\n  \
    forward_key: {0: [\"fk-0\"], 1: [\"fk-1\", \"fk-11\"], 2: [\"fk-2\"]}\n  \
    level: {1: [\"gpt-4o-mini\", \"text-embedding-*\"], 2: []}\n";

const CHAT: &str = "/v1/chat/completions";

/// Answers with what it was asked.
async fn upstream() -> FakeUpstream {
    FakeUpstream::answering(|_| Answer::json("{}")).await
}

async fn levelled(upstream: &FakeUpstream, more: &str) -> Gateway {
    Gateway::configured(upstream, &format!("{LEVELS}{more}")).await
}

fn request(method: &str, target: &str, headers: &str, body: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nhost: g\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn chat_as(credential: &str, model: &str) -> String {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]}).to_string();
    let headers = format!("{credential}\r\ncontent-type: application/json\r\n");
    request("POST", CHAT, &headers, &body)
}

fn bearer(received: &Received) -> &str {
    received.header("authorization").unwrap_or_default()
}

#[tokio::test]
async fn the_upstream_keys_of_a_level_take_the_place_of_its_forward_keys_in_turn() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    for (index, (key, sent)) in [
        ("fk-1", "sk-b-0123456789"),
        ("fk-1", "sk-c-0123456789"),
        ("fk-1", "sk-b-0123456789"),
        ("fk-11", "sk-c-0123456789"),
        ("fk-11", "sk-b-0123456789"),
        ("fk-0", "sk-a-0123456789"),
        ("fk-0", "sk-a-0123456789"),
        // What is no forward key passes as it came.
        ("sk-own", "sk-own"),
        ("fk-999", "fk-999"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = ask(&mut client, chat_as(&format!("authorization: Bearer {key}"), "gpt-4o-mini")).await;
        assert_eq!(answer.status(), 200, "{answer}");
        assert_eq!(bearer(&upstream.request(index).await), format!("Bearer {sent}"), "{key}");
    }
}

#[tokio::test]
async fn a_forward_key_is_found_wherever_clients_put_one_and_the_upstream_key_goes_there() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let sk = "sk-a-0123456789";
    for (index, (headers, target, name, value, sent)) in [
        ("authorization: bearer fk-0\r\n", "/v1/x", "authorization", Some(format!("Bearer {sk}")), "/v1/x"),
        ("authorization: fk-0\r\n", "/v1/x", "authorization", Some(sk.to_owned()), "/v1/x"),
        ("x-api-key: fk-0\r\n", "/v1/x", "x-api-key", Some(sk.to_owned()), "/v1/x"),
        ("api-key: fk-0\r\n", "/v1/x", "api-key", Some(sk.to_owned()), "/v1/x"),
        ("x-goog-api-key: fk-0\r\n", "/v1/x", "x-goog-api-key", Some(sk.to_owned()), "/v1/x"),
        ("", "/v1/x?alt=sse&key=fk-0", "authorization", None, "/v1/x?alt=sse&key=sk-a-0123456789"),
        (
            "authorization: Basic Zms6MA==\r\n",
            "/v1/x",
            "authorization",
            Some("Basic Zms6MA==".into()),
            "/v1/x",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        ask(&mut client, request("GET", target, headers, "")).await;
        let received = upstream.request(index).await;
        assert_eq!(
            (received.header(name), received.target()),
            (value.as_deref(), sent),
            "{headers} {target}"
        );
    }
}

#[tokio::test]
async fn no_forward_key_reaches_an_upstream_even_if_several_are_sent() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let headers = "authorization: Bearer fk-0\r\nx-api-key: fk-1\r\nx-goog-api-key: sk-own\r\n";
    ask(&mut client, request("GET", "/v1/x?key=fk-2&a=1", headers, "")).await;
    let received = upstream.request(0).await;
    assert_eq!(bearer(&received), "Bearer sk-a-0123456789");
    assert_eq!(received.header("x-api-key"), None);
    assert_eq!(received.header("x-goog-api-key"), Some("sk-own"));
    assert_eq!(received.target(), "/v1/x?a=1");
}

#[tokio::test]
async fn a_forward_key_is_known_in_every_spelling_of_its_place() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    for (index, (headers, target)) in [
        ("", "/v1/x?%6bey=fk-0"),
        ("", "/v1/x?KEY=fk%2D0"),
        ("authorization: Bearer fk-0\r\n", "/v1/x?%6bey=fk-0"),
        ("authorization: Bearer\tfk-0\r\n", "/v1/x"),
        ("x-api-key: Bearer fk-0\r\n", "/v1/x"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(ask(&mut client, request("GET", target, headers, "")).await.status(), 200);
        let sent = format!("{:?}", upstream.request(index).await);
        assert!(!sent.contains("fk-0") && !sent.contains("fk%2D0"), "{headers}{target}: {sent}");
        assert!(sent.contains("sk-a-0123456789"), "{headers}{target}: {sent}");
    }
}

#[tokio::test]
async fn a_route_can_name_another_place_and_keys_of_its_own() {
    let (first, second) = (upstream().await, upstream().await);
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n  - {{base_url: \"{}\", route: \"/\", type: openai}}\n  \
             - {{base_url: \"{}\", route: \"/claude\", type: general, upstream_auth: x-api-key, \
             openai_key: {{\"sk-ant-0123456789\": [0]}}}}\n  \
             - {{base_url: \"{}\", route: \"/gemini\", type: general, upstream_auth: \"query:key\", \
             openai_key: {{\"AIza/+0123456789\": [0]}}}}\n{LEVELS}",
            first.url(),
            second.url(),
            second.url()
        ),
    );
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    let with_key = "authorization: Bearer fk-0\r\n";
    ask(&mut client, request("GET", "/v1/x", with_key, "")).await;
    ask(&mut client, request("GET", "/claude/v1/x", with_key, "")).await;
    ask(&mut client, request("GET", "/gemini/v1/x?a=1", with_key, "")).await;
    assert_eq!(bearer(&first.request(0).await), "Bearer sk-a-0123456789");
    let claude = second.request(0).await;
    assert_eq!(
        (claude.header("authorization"), claude.header("x-api-key")),
        (None, Some("sk-ant-0123456789"))
    );
    let gemini = second.request(1).await;
    assert_eq!(
        (gemini.header("authorization"), gemini.target()),
        (None, "/v1/x?a=1&key=AIza%2F%2B0123456789")
    );
    // The levels of the route's own keys count there.
    let answer = ask(&mut client, chat_as_on("/claude", "authorization: Bearer fk-1", "gpt-4o-mini")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (503, "gateway_upstream_key_missing"), "{answer}");
}

fn chat_as_on(route: &str, credential: &str, model: &str) -> String {
    chat_as(credential, model).replacen(CHAT, &format!("{route}{CHAT}"), 1)
}

#[tokio::test]
async fn without_upstream_keys_a_forward_key_is_taken_out_and_nothing_put_in() {
    let upstream = upstream().await;
    let gateway = Gateway::configured(&upstream, "api_key: {forward_key: {0: [fk-local]}}\n").await;
    let mut client = gateway.connect().await;
    let answer = ask(&mut client, chat_as("authorization: Bearer fk-local", "llama3")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(upstream.request(0).await.header("authorization"), None);
}

#[tokio::test]
async fn a_level_may_use_its_models_on_every_endpoint_whether_chats_are_logged_or_not() {
    let upstream = upstream().await;
    for log in ["", "log: {openai: true}\n"] {
        let gateway = levelled(&upstream, log).await;
        let mut client = gateway.connect().await;
        for path in [
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/responses",
            "/v1/embeddings",
            "/v1/images/generations",
            "/v1/messages",
            "/v1/audio/speech",
            "/V1/Chat/Completions",
            "/v1/threads/runs",
            "/anything",
        ] {
            for (body, status) in [
                (r#"{"model":"gpt-4o-mini"}"#, 200),
                (r#"{"model":"text-embedding-3-small"}"#, 200),
                (r#"{"model":"gpt-4"}"#, 403),
                (r#"{"model":"gpt-4o-mini-x"}"#, 403),
                (r#"{"model":"GPT-4O-MINI"}"#, 403),
                (r#"{"messages":[]}"#, 403),
                (r#"{"model":"gpt-4o-mini","mod\u0065l":"gpt-4"}"#, 400),
                (r#"{"model":"gpt-4o-mini","MODEL":"gpt-4"}"#, 400),
                (r#"{"model":"models/gpt-4o-mini"}"#, 200),
                (r#"{"model":null}"#, 400),
                ("not json", 400),
            ] {
                let headers = "authorization: Bearer fk-1\r\ncontent-type: application/json\r\n";
                let answer = ask(&mut client, request("POST", path, headers, body)).await;
                assert_eq!(answer.status(), status, "{path} {body}: {answer}");
            }
            // Level 0 may use everything, and what is not understood passes.
            for body in [r#"{"model":"gpt-4"}"#, "{}", "not json"] {
                let headers = "authorization: Bearer fk-0\r\ncontent-type: application/json\r\n";
                assert_eq!(
                    ask(&mut client, request("POST", path, headers, body)).await.status(),
                    200,
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn models_in_the_path_the_query_and_forms_count_too() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let key = "x-goog-api-key: fk-1\r\n";
    for (method, target, status) in [
        ("POST", "/v1beta/models/gpt-4o-mini:generateContent", 200),
        ("POST", "/v1beta/models/gemini-pro:streamGenerateContent?alt=sse", 403),
        ("POST", "/openai/deployments/gpt-4o-mini/chat/completions?api-version=1", 200),
        ("POST", "/openai/deployments/gpt-4/chat/completions", 403),
        ("GET", "/v1/models/gpt-4o-mini", 200),
        ("GET", "/v1/models/gpt-4", 403),
        ("DELETE", "/v1/models/ft%3Agpt-4", 403),
        ("GET", "/v1/realtime?model=gpt-4", 403),
        ("GET", "/v1/files", 200),
    ] {
        let answer = ask(&mut client, request(method, target, key, "")).await;
        assert_eq!(answer.status(), status, "{method} {target}: {answer}");
    }
    let form = |fields: &[(&str, &str)]| {
        let part = |(name, value): &(&str, &str)| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        fields.iter().map(part).collect::<String>() + "--b--\r\n"
    };
    let headers = format!("{key}content-type: multipart/form-data; boundary=b\r\n");
    for (target, fields, status) in [
        ("/v1/audio/transcriptions", &[("model", "gpt-4o-mini"), ("file", "RIFF")][..], 200),
        ("/v1/audio/transcriptions", &[("file", "RIFF"), ("model", "whisper-1")], 403),
        ("/v1/audio/transcriptions", &[("file", "RIFF")], 403),
        ("/v1/audio/transcriptions", &[("model", "gpt-4o-mini"), ("model", "whisper-1")], 400),
        ("/v1/images/edits", &[("image", "x")], 403),
        ("/v1/files", &[("purpose", "user_data"), ("file", "x")], 200),
    ] {
        let answer = ask(&mut client, request("POST", target, &headers, &form(fields))).await;
        assert_eq!(answer.status(), status, "{target} {fields:?}: {answer}");
    }
    let broken = request("POST", "/v1/audio/transcriptions", &headers, "--b\r\nno end");
    assert_eq!(ask(&mut client, broken).await.code(), "caller_body_unreadable");
}

#[tokio::test]
async fn the_list_of_models_shows_what_the_key_may_use() {
    let models = ["gpt-4", "gpt-4o-mini", "text-embedding-3-small", "tts-1"];
    let entries: Vec<_> = models.map(|id| json!({"id": id, "object": "model", "owned_by": "x"})).into();
    let list = json!({"object": "list", "data": entries, "extra": 1}).to_string();
    let upstream = FakeUpstream::answering(move |_| Answer::json(list.clone())).await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let mut shown = async |key: &str| {
        let headers = format!("authorization: Bearer {key}\r\naccept-encoding: gzip\r\n");
        let answer = ask(&mut client, request("GET", "/v1/models", &headers, "")).await;
        let body = answer.json();
        assert_eq!((&body["object"], &body["extra"]), (&json!("list"), &json!(1)));
        let ids = body["data"].as_array().unwrap().iter();
        ids.map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown("fk-1").await, ["gpt-4o-mini", "text-embedding-3-small"]);
    assert_eq!(shown("fk-2").await, [""; 0]);
    assert_eq!(shown("fk-0").await, models);
    assert_eq!(shown("sk-own").await, models);
    assert_eq!(upstream.request(0).await.header("accept-encoding"), Some("identity"));
    assert_eq!(upstream.request(2).await.header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_query_that_names_two_models_passes_where_no_rule_asks_for_one() {
    let upstream = upstream().await;
    let gateway = Gateway::before(&upstream).await;
    let target = "/v1/x?model=a&model=b;model=c";
    assert_eq!(gateway.connect().await.get(target).await.status(), 200);
    assert_eq!(upstream.request(0).await.target(), target);
}

/// A gateway reads a body as JSON; a service may read the same bytes by their content type.
#[tokio::test]
async fn no_reading_of_a_body_names_a_model_that_was_not_checked() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let (json, form) =
        ("content-type: application/json", "content-type: application/x-www-form-urlencoded; charset=UTF-8");
    for (content_type, body, expected) in [
        (form.to_owned(), r#"{"model":"gpt-4o-mini","x":"&model=gpt-4o&"}"#, "policy_model_forbidden"),
        (
            form.to_owned(),
            r#"{"model":"gpt-4o","x":"&model=gpt-4o-mini&","y":NaN}"#,
            "caller_body_unreadable",
        ),
        (form.to_owned(), "x=1&model=gpt-4o", "policy_model_forbidden"),
        (form.to_owned(), "x=1", "policy_model_missing"),
        (form.to_owned(), "x=1&m%6fdel=gpt-4o-mini", ""),
        (form.to_owned(), r#"{"model":"gpt-4o-mini","x":"a&b"}"#, ""),
        (format!("{json}\r\n{form}"), r#"{"model":"gpt-4o-mini"}"#, "caller_body_unreadable"),
        (
            format!("{json}; charset=utf-7"),
            r#"{"model":"gpt-4o-mini","+AG0AbwBkAGUAbA-":"gpt-4o"}"#,
            "caller_body_unreadable",
        ),
        (format!("{json}; charset=\"utf-8\""), r#"{"model":"gpt-4o-mini"}"#, ""),
        // OpenRouter goes on to these.
        (json.to_owned(), r#"{"model":"gpt-4o-mini","models":["gpt-4o"]}"#, "policy_model_forbidden"),
        (json.to_owned(), r#"{"models":["gpt-4o-mini","text-embedding-3"]}"#, ""),
    ] {
        let headers = format!("authorization: Bearer fk-1\r\n{content_type}\r\n");
        let answer = ask(&mut client, request("POST", CHAT, &headers, body)).await;
        let code = if answer.status() == 200 { String::new() } else { answer.code() };
        assert_eq!(code, expected, "{content_type} {body}: {answer}");
    }
}

#[tokio::test]
async fn no_spelling_of_the_path_shows_other_models() {
    let list = r#"{"data":[{"id":"gpt-4o"},{"id":"gpt-4o-mini"}]}"#;
    let upstream = FakeUpstream::answering(move |request: &Received| {
        Answer::json(list).status(if request.header("range").is_some() { 206 } else { 200 })
    })
    .await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    for path in ["/v1/models", "/v1/mode%6cs", "/v1/models%2F", "/v1/models;x", "/v1/MODELS/"] {
        let headers = "authorization: Bearer fk-1\r\nrange: bytes=0-\r\n";
        let answer = ask(&mut client, request("GET", path, headers, "")).await;
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (200, r#"{"data":[{"id":"gpt-4o-mini"}]}"#),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_forward_key_can_be_required_everywhere_or_on_a_route() {
    let upstream = upstream().await;
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n  - {{base_url: \"{0}\", route: \"/\", type: openai}}\n  \
             - {{base_url: \"{0}\", route: \"/open\", type: general, require_forward_key: false}}\n\
             access: {{require_forward_key: true}}\n{LEVELS}",
            upstream.url()
        ),
    );
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    let missing = ask(&mut client, request("GET", "/v1/models", "", "")).await;
    assert_refusal("refused_key_missing", &missing);
    let unknown = ask(&mut client, chat_as("authorization: Bearer sk-own-0123456789", "gpt-4")).await;
    assert_refusal("refused_key_unknown", &unknown);
    assert!(!unknown.to_string().contains("sk-own"));
    let anthropic = ask(&mut client, request("POST", "/v1/messages", "x-api-key: wrong\r\n", "{}")).await;
    assert_refusal("refused_key_unknown_anthropic", &anthropic);
    assert_eq!(ask(&mut client, chat_as("x-api-key: fk-0", "gpt-4")).await.status(), 200);
    assert_eq!(ask(&mut client, request("GET", "/open/x", "", "")).await.status(), 200);
    assert_eq!(ask(&mut client, request("GET", "/healthz", "", "")).await.status(), 200);
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn refusals_name_the_model_and_what_the_key_may_use() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "").await;
    let mut client = gateway.connect().await;
    let with = |body: &str| {
        let headers = "authorization: Bearer fk-1\r\ncontent-type: application/json\r\n";
        request("POST", CHAT, headers, body)
    };
    assert_refusal("refused_model", &ask(&mut client, with(r#"{"model":"gpt-4"}"#)).await);
    assert_refusal("refused_model_missing", &ask(&mut client, with("{}")).await);
    assert_refusal("refused_body_unreadable", &ask(&mut client, with("{\"model\": gpt-4}")).await);
    let nothing = ask(&mut client, chat_as("authorization: Bearer fk-2", "gpt-4")).await;
    assert_eq!(nothing.json()["error"]["message"], "model: gpt-4 is not allowed; this key may use: none");
    let zipped = request(
        "POST",
        CHAT,
        "authorization: Bearer fk-1\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n",
        "x",
    );
    assert_refusal("refused_body_compressed", &ask(&mut client, zipped).await);
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn a_body_that_a_rule_has_to_read_is_bounded_and_others_are_not() {
    let upstream = upstream().await;
    let gateway = levelled(&upstream, "access: {max_inspected_body: 1KiB}\n").await;
    let long = json!({"model": "gpt-4o-mini", "input": "x".repeat(2_000)}).to_string();
    for (key, status) in [("fk-1", 413), ("fk-0", 200)] {
        let headers = format!("authorization: Bearer {key}\r\ncontent-type: application/json\r\n");
        let answer = ask(&mut gateway.connect().await, request("POST", CHAT, &headers, &long)).await;
        assert_eq!(answer.status(), status, "{answer}");
        if status == 413 {
            assert_refusal("refused_inspected_too_large", &answer);
        }
    }
}

#[tokio::test]
async fn the_body_of_a_request_whose_model_was_checked_passes_byte_for_byte() {
    let upstream = FakeUpstream::echo().await;
    let gateway = levelled(&upstream, "").await;
    let odd = "{ \"model\" : \"gpt-4o-mini\",\n\"n\":1e2, \"x\":18446744073709551616, \"s\":\"\\u00e9é\" }";
    for framing in ["content-length", "chunked"] {
        let head = format!("POST {CHAT} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-1\r\n");
        let (first, rest) = odd.split_at(20);
        let message = match framing {
            "chunked" => format!(
                "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n",
                first.len(),
                rest.len()
            ),
            _ => format!("{head}content-length: {}\r\n\r\n{odd}", odd.len()),
        };
        let answer = ask(&mut gateway.connect().await, message).await;
        assert_eq!(answer.text(), odd, "{framing}");
    }
    assert_eq!(upstream.request(1).await.header("content-length"), Some(odd.len().to_string().as_str()));
}

#[tokio::test]
async fn websockets_carry_forward_keys_too_also_as_browsers_send_them() {
    let upstream = FakeUpstream::always(Answer::echoing_tunnel()).await;
    let gateway = levelled(&upstream, "").await;
    let upgrade = |target: &str, credential: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n{credential}\r\n\r\n"
        )
    };
    for (index, (target, credential, name, sent)) in [
        ("/v1/realtime?model=gpt-4", "authorization: Bearer fk-0", "authorization", "Bearer sk-a-0123456789"),
        (
            "/v1/realtime?model=gpt-4",
            "sec-websocket-protocol: realtime, openai-insecure-api-key.fk-0",
            "sec-websocket-protocol",
            "realtime, openai-insecure-api-key.sk-a-0123456789",
        ),
        (
            "/v1/realtime?model=gpt-4o-mini",
            "authorization: Bearer fk-1",
            "authorization",
            "Bearer sk-b-0123456789",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut client = gateway.connect().await;
        client.send(upgrade(target, credential)).await;
        assert_eq!(client.head().await.unwrap().word(1), "101", "{target} {credential}");
        assert_eq!(upstream.begun(index).await.header(name), Some(sent));
        client.send("ping").await;
        client.until("ping").await;
    }
    for target in ["/v1/realtime?model=gpt-4", "/v1/realtime"] {
        let refused = ask(&mut gateway.connect().await, upgrade(target, "authorization: Bearer fk-1")).await;
        assert_eq!(refused.status(), 403, "{refused}");
    }
}

/// openai-forward cut its prefix by length, left other schemes alone and sent a key of a level without upstream keys on.
#[tokio::test]
async fn a_level_without_an_upstream_key_is_refused_and_its_forward_key_stays_here() {
    let upstream = upstream().await;
    let keys = "api_key: {openai_key: {sk-a-0123456789: [0]}, forward_key: {0: [fk-0], 3: [fk-3]}, level: {3: [\"*\"]}}\n";
    let gateway = Gateway::configured(&upstream, keys).await;
    let answer = ask(&mut gateway.connect().await, chat_as("authorization: Bearer fk-3", "gpt-4")).await;
    assert_refusal("refused_upstream_key_missing", &answer);
    assert_eq!(upstream.count(), 0);
}
