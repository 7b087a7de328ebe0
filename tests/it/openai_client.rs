//! The real OpenAI client for Python, through the gateway: `python/suite.py` says what it promises.

use super::errors::Refusing;
use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, Received, Sandbox, Socket, told, within};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Command, sync::Arc};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};

/// The interpreter with the client: `AIFD_TEST_PYTHON`, else the one that `./test` installs.
pub(crate) fn python() -> PathBuf {
    let installed = || {
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(3).unwrap().join("python/bin/python")
    };
    let python = told("AIFD_TEST_PYTHON").map_or_else(installed, PathBuf::from);
    assert!(python.exists(), "{} is not there: run `./test`, which installs the client", python.display());
    python
}

#[tokio::test]
async fn the_real_client_chats_streams_uploads_fails_and_cancels_as_it_does_without_a_gateway() {
    let gates = Gates::default();
    let service = Arc::new(service(&gates).await);
    let control = control(service.clone(), gates).await;
    let refusing = Refusing::new();
    let sandbox = Sandbox::new();
    let route =
        |prefix: &str, url: &str| format!("  - {{base_url: \"{url}\", route: \"{prefix}\", type: openai}}\n");
    let refused = format!("http://{}", refusing.address());
    let routes = route("/v1", &format!("{}/v1", service.url())) + &route("/refused", &refused);
    sandbox.write("aifd.yaml", format!("forward:\n{routes}retry: {{base_delay: 1ms}}\n"));
    let gateway = sandbox.serve().await;
    let environment = [("AIFD_URL", gateway.address().to_owned()), ("CONTROL_URL", control.url())];
    run_suite("suite.py", &gateway, environment).await;
}

/// Runs a suite of the real client against a gateway.
pub(crate) async fn run_suite<const N: usize>(
    name: &str,
    gateway: &Gateway,
    environment: [(&'static str, String); N],
) {
    let suite = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("python").join(name);
    let mut command = Command::new(python());
    command.arg("-B").arg(suite).env_clear().envs(environment).current_dir(gateway.sandbox().path());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n--- the gateway said\n{}", gateway.log());
    assert!(said.contains("\nOK\n"), "{said}");
}

/// What the streams of two models wait for.
#[derive(Clone, Default)]
struct Gates {
    gated: Gate,
    broken: Gate,
}

/// Waits for what the service sees, or lets it go on.
async fn control(service: Arc<FakeUpstream>, gates: Gates) -> FakeUpstream {
    FakeUpstream::always(Answer::taken_over(move |mut socket: Socket, head| {
        let (service, gates) = (service.clone(), gates.clone());
        async move {
            let (what, count) = head.word(1)[1..].split_once('/').unwrap_or((&head.word(1)[1..], ""));
            let body = match (what, count.parse::<usize>()) {
                ("pass", _) => {
                    gates.gated.pass();
                    String::new()
                }
                ("break", _) => {
                    gates.broken.pass();
                    String::new()
                }
                ("left", Ok(count)) => {
                    service.left(count).await;
                    String::new()
                }
                ("begun", Ok(count)) => {
                    service.begun(count - 1).await;
                    String::new()
                }
                ("left", Err(_)) => service.left_count().to_string(),
                ("begun", Err(_)) => service.count().to_string(),
                other => panic!("{other:?}"),
            };
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            drop(socket.write_all((head + &body).as_bytes()).await);
        }
    }))
    .await
}

/// A small service in the style of OpenAI's.
async fn service(gates: &Gates) -> FakeUpstream {
    let gates = gates.clone();
    FakeUpstream::answering(move |request| {
        if request.header("upgrade").is_some() {
            return Answer::taken_over(realtime);
        }
        let gates = gates.clone();
        Answer::after_body(move |request| answer(request, &gates))
    })
    .await
}

fn answer(request: &Received, gates: &Gates) -> Answer {
    assert_eq!(request.header("authorization"), Some("Bearer sk-test"));
    assert!(request.header("x-stainless-lang").is_some(), "the client's own headers arrive");
    let answer = match (request.method(), request.target()) {
        ("POST", "/v1/chat/completions") => chat(request, gates),
        ("POST", "/v1/responses") => responses(request),
        ("POST", "/v1/embeddings") => embeddings(request),
        ("POST", "/v1/files") => {
            assert!(request.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
            // Its own body is its content, so that the client gets back what arrived here.
            UPLOADED.lock().unwrap().clone_from(&request.body);
            let file = json!({
                "id": "file-1", "object": "file", "bytes": request.body.len(), "created_at": 1,
                "filename": "data.bin", "purpose": "user_data", "status": "processed",
            });
            Answer::json(file.to_string())
        }
        ("GET", "/v1/files/file-1/content") => Answer::new(200).body(UPLOADED.lock().unwrap().clone()),
        ("POST", "/v1/audio/speech") => {
            let audio = Bytes::from((0..=255).collect::<Vec<u8>>());
            Answer::new(200).header("content-type", "audio/mpeg").chunks(vec![audio; 100])
        }
        ("POST", "/v1/audio/transcriptions") => Answer::json("{\"text\":\"heard\"}"),
        ("GET", "/v1/models") => {
            Answer::json(json!({"object": "list", "data": [model("gpt-test")]}).to_string())
        }
        ("GET", target) if target.starts_with("/v1/models/") => {
            Answer::json(model(target.trim_start_matches("/v1/models/")).to_string())
        }
        other => panic!("{other:?}"),
    };
    answer
        .header("x-request-id", "req_service")
        .header("openai-organization", "org-1")
        .header("x-ratelimit-remaining-requests", "99")
}

static UPLOADED: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 1, "owned_by": "test"})
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn completion(content: &str) -> Answer {
    let message = json!({"role": "assistant", "content": content});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    let usage = json!({"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7});
    let whole = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-test",
        "choices": [choice], "usage": usage,
    });
    Answer::json(whole.to_string())
}

fn words(words: &[&str]) -> Vec<String> {
    let chunk = |word: &&str| {
        let choice =
            json!({"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": null});
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test",
            "choices": [choice],
        })
        .to_string()
    };
    words.iter().map(chunk).chain(["[DONE]".to_owned()]).collect()
}

fn chat(request: &Received, gates: &Gates) -> Answer {
    let asked = body(request);
    let stream = asked["stream"] == true;
    let retry = request.header("x-stainless-retry-count").unwrap_or_default().to_owned();
    match asked["model"].as_str().unwrap() {
        "gated" => Answer::sse(words(&["one", "two", "three"])).gated(&gates.gated),
        "endless" => {
            let frames = words(&["tick", "tock"]);
            let first = frames[0].len() + "data: \n\n".len();
            Answer::sse(frames).stall_at(first)
        }
        "broken" => {
            let frames = words(&["one", "two"]);
            let first = frames[0].len() + "data: \n\n".len();
            Answer::sse(frames).cut_at(first).gated(&gates.broken)
        }
        "silent" => Answer::stall(),
        "busy-once" if retry == "0" => failure(429),
        "busy-once" => completion(&format!("retry {retry}")),
        fails if fails.starts_with("fails-") => failure(fails["fails-".len()..].parse().unwrap()),
        _ if stream => Answer::sse(words(&["one", " two"])),
        _ => completion("hello ünï"),
    }
}

fn failure(status: u16) -> Answer {
    let error = json!({"message": "it was asked to", "type": "test_error", "param": null, "code": "because"});
    Answer::json(json!({"error": error}).to_string()).status(status).header("retry-after", "0")
}

fn embeddings(request: &Received) -> Answer {
    // 0.5 and -1.0 as little-endian floats, in base64, which the client asks for.
    let vector =
        if body(request)["encoding_format"] == "base64" { json!("AAAAPwAAgL8=") } else { json!([0.5, -1.0]) };
    let item = |index: usize| json!({"object": "embedding", "index": index, "embedding": vector});
    let usage = json!({"prompt_tokens": 2, "total_tokens": 2});
    let data = [item(0), item(1)];
    Answer::json(json!({"object": "list", "data": data, "model": "embed-test", "usage": usage}).to_string())
}

fn responses(request: &Received) -> Answer {
    let whole = |status: &str, output: Value| {
        json!({
            "id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-test", "status": status,
            "output": output, "parallel_tool_calls": true, "tool_choice": "auto", "tools": [],
        })
    };
    let text = json!({"type": "output_text", "text": "hello", "annotations": []});
    let message = json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]});
    if body(request)["stream"] != true {
        return Answer::json(whole("completed", json!([message])).to_string());
    }
    let place = json!({"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []});
    let delta = |text: &str| {
        let mut delta = place.clone();
        delta["delta"] = text.into();
        delta
    };
    let events = [
        ("response.created", json!({"response": whole("in_progress", json!([]))})),
        ("response.output_text.delta", delta("hel")),
        ("response.output_text.delta", delta("lo")),
        ("response.completed", json!({"response": whole("completed", json!([message]))})),
    ];
    let frame = |(number, (name, mut event)): (usize, (&str, Value))| {
        event["type"] = name.into();
        event["sequence_number"] = number.into();
        Bytes::from(format!("event: {name}\ndata: {event}\n\n"))
    };
    let frames = events.into_iter().enumerate().map(frame);
    Answer::new(200).header("content-type", "text/event-stream; charset=utf-8").chunks(frames)
}

async fn realtime(mut socket: Socket, head: aifd_tests::Head) {
    assert_eq!(head.word(1), "/v1/realtime?model=gpt-realtime");
    let accept = derive_accept_key(head.header("sec-websocket-key").unwrap().as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    socket.write_all(answer.as_bytes()).await.unwrap();
    let mut server = WebSocketStream::from_raw_socket(socket, Role::Server, None).await;
    let session =
        json!({"type": "realtime", "id": "sess_1", "object": "realtime.session", "model": "gpt-realtime"});
    let created = json!({"type": "session.created", "event_id": "e1", "session": session});
    server.send(Message::text(created.to_string())).await.unwrap();
    while let Some(Ok(message)) = within("a message", server.next()).await {
        let Message::Text(text) = message else { continue };
        let asked: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(asked["type"], "conversation.item.create");
        let mut item = asked["item"].clone();
        item["id"] = "item_1".into();
        let added = json!({"type": "conversation.item.added", "event_id": "e2", "previous_item_id": null, "item": item});
        server.send(Message::text(added.to_string())).await.unwrap();
    }
}
