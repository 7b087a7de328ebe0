//! The control socket of a running server.

use super::*;
use crate::control::{
    client::{Client, Reached},
    socket::{CONTROL_PATH, ControlSocket},
};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

/// A running server, as far as administration goes.
struct Running {
    on: Arc<Administration>,
    control: ControlServer,
}

impl Running {
    fn start(place: &Place) -> Self {
        let on = place.open();
        on.tell_status(Box::new(status));
        let control = ControlServer::start(&on).unwrap().unwrap();
        Running { on, control }
    }
}

async fn raw(place: &Place, request: &[u8]) -> String {
    let path = ControlSocket::of(place.data_dir()).short_path().unwrap();
    let mut stream = UnixStream::connect(path.as_path()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {CONTROL_PATH} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// Requests of every kind, some of them refused.
fn script() -> Vec<Request> {
    let change = |name: &str, json| Request::ChangeKeys {
        keys: vec![KeyName(name.into())],
        change: serde_json::from_value(json).unwrap(),
    };
    let secret = |text: &str| Some(crate::secret::Secret::new(text));
    vec![
        Request::ListKeys,
        create([draft("a", "fk-a"), draft("b", "fk-long-enough-to-be-shown")]),
        create([draft("a", "")]),
        create([draft("c", "fk-configured")]),
        create([draft("\u{7}", "")]),
        change("a", serde_json::json!({"enabled": false, "requests": "3/minute", "concurrent": [4]})),
        change("a", serde_json::json!({"concurrent": [], "metadata": {"k": "v"}, "level": 2})),
        change("nobody", serde_json::json!({})),
        Request::RotateKey { key: name("b"), grace_s: 60, secret: secret("fk-b-2") },
        Request::RotateKey { key: name("b"), grace_s: u64::MAX, secret: None },
        Request::ShowKey { key: name("b") },
        Request::ExportKeys,
        Request::ListKeys,
        Request::Usage { since: None, until: None, key: Some(name("a")), model: Some("*".into()) },
        Request::Usage { since: None, until: None, key: Some(name("zzz")), model: None },
        Request::DeleteKeys { keys: vec![name("a"), name("a")] },
        Request::ListKeys,
    ]
}

/// An answer without what differs from store to store and from time to time.
fn comparable(answer: &Result<Response, ControlError>) -> serde_json::Value {
    fn plain(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(items) => items.iter_mut().for_each(plain),
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    let varies = ["id", "created", "previous_until", "until", "hash", "hash_key"];
                    let is_id = value.as_str().is_some_and(KeyId::is_like);
                    if !value.is_null() && (varies.contains(&name.as_str()) || is_id) {
                        *value = "…".into();
                    } else {
                        plain(value);
                    }
                }
            }
            _ => {}
        }
    }
    let mut value = match answer {
        Ok(response) => serde_json::to_value(response).unwrap(),
        Err(error) => serde_json::to_value(error).unwrap(),
    };
    plain(&mut value);
    value
}

#[tokio::test]
async fn a_server_and_the_store_itself_answer_alike() {
    let (live, offline) = (Place::new(), Place::new());
    let running = Running::start(&live);
    for request in script() {
        let asked = serde_json::to_string(&request).unwrap();
        let admin = live.admin().await;
        assert!(admin.is_live());
        let from_server = admin.ask(request.clone()).await;
        // Each command opens the store anew, and leaves no lock behind.
        let admin = offline.admin().await;
        assert!(!admin.is_live());
        let from_store = admin.ask(request).await;
        assert_eq!(comparable(&from_server), comparable(&from_store), "{asked}");
    }
    assert_eq!(
        offline.admin().await.ask(Request::Status).await.unwrap_err(),
        ControlError::NotRunning { path: offline.data_dir().display().to_string() }
    );
    let Response::Status(status) = live.admin().await.ask(Request::Status).await.unwrap() else {
        panic!("status")
    };
    let store = status.store.unwrap();
    assert_eq!((store.path, store.keys), (live.data_dir().join("state").display().to_string(), 1));
    assert!(store.bytes > 0);
    drop(running.control);
}

#[tokio::test]
async fn what_was_asked_over_the_socket_is_in_effect_at_once() {
    let place = Place::new();
    let running = Running::start(&place);
    let admin = place.admin().await;
    admin.ask(create([draft("a", "fk-a")])).await.unwrap();
    assert_eq!(running.on.book().find("fk-a").unwrap().key.name(), "a");
    admin.ask(Request::DeleteKeys { keys: vec![name("a")] }).await.unwrap();
    assert!(running.on.book().find("fk-a").is_none());
}

#[tokio::test]
async fn a_stop_removes_the_socket_and_frees_the_store() {
    let place = Place::new();
    let running = Running::start(&place);
    let socket = ControlSocket::of(place.data_dir()).path();
    let found = std::fs::metadata(&socket).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    place.admin().await.ask(create([draft("a", "fk-a")])).await.unwrap();
    drop(running.control);
    assert!(!socket.exists());
    assert_eq!(Arc::strong_count(&running.on), 1, "the thread is gone");
    drop(running.on);
    let admin = place.admin().await;
    assert!(!admin.is_live());
    assert_eq!(views(admin.ask(Request::ShowKey { key: name("a") }).await.unwrap())[0].name, "a");
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_file_is_not() {
    let place = Place::new();
    drop(place.open());
    let path = ControlSocket::of(place.data_dir()).path();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "its owner left it behind");
    assert!(!place.admin().await.is_live(), "nobody listens there");
    let running = Running::start(&place);
    assert!(place.admin().await.is_live());
    drop(running);
    std::fs::write(&path, "mine").unwrap();
    let error = ControlServer::start(&place.open()).err().unwrap();
    assert_eq!(error.path, path);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[tokio::test]
async fn a_path_longer_than_a_sockets_is_reached_all_the_same() {
    let place = Place::with_data_dir(&format!("{}/{}", "long".repeat(40), "path".repeat(40)));
    assert!(place.data_dir().as_os_str().len() > 300);
    let running = Running::start(&place);
    assert!(ControlSocket::of(place.data_dir()).path().exists());
    let admin = place.admin().await;
    assert!(admin.is_live());
    admin.ask(create([draft("a", "fk-a")])).await.unwrap();
    drop(running.control);
    assert!(!ControlSocket::of(place.data_dir()).path().exists());
}

#[tokio::test]
async fn garbage_is_refused_and_harms_nobody() {
    let place = Place::new();
    let _running = Running::start(&place);
    let spoken = "x-aifd-protocol: 1\r\n";
    assert!(raw(&place, b"\0\x01garbage\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let elsewhere = raw(&place, b"GET /other HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(elsewhere.starts_with("HTTP/1.1 404"));
    for body in ["", "{", "[]", r#"{"ask":"nothing"}"#, r#"{"ask":"create_keys","drafts":[{"secret":7}]}"#] {
        let answer = raw(&place, &post(spoken, body)).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains(r#""field":"request""#), "{answer}");
    }
    let secret = raw(&place, &post(spoken, r#"{"ask":"create_keys","drafts":"fk-secret"}"#)).await;
    assert!(!secret.contains("fk-secret"), "{secret}");
    let list = raw(&place, &post(spoken, r#"{"ask":"list_keys"}"#)).await;
    assert!(list.contains(r#"{"ok":{"answer":"keys","value":[{"id":"cfg_"#), "{list}");
}

#[tokio::test]
async fn silent_callers_do_not_keep_others_waiting() {
    let place = Place::new();
    let running = Running::start(&place);
    let path = ControlSocket::of(place.data_dir()).path();
    let mut silent = Vec::new();
    for number in 0..10 {
        let mut stream = UnixStream::connect(&path).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"POST /v1/control HTTP/1.1\r\ncontent-length: 9\r\n").await.unwrap();
        }
        silent.push(stream);
    }
    assert!(place.admin().await.ask(Request::ListKeys).await.is_ok());
    let since = crate::clock::now();
    drop(running.control);
    assert!(crate::clock::now().duration_since(since) < Duration::from_secs(8), "nor a stop");
}

#[tokio::test]
async fn who_asked_before_a_stop_is_answered() {
    let place = Place::new();
    let on = place.open();
    let request = post("x-aifd-protocol: 1\r\n", r#"{"ask":"list_keys"}"#);
    for _ in 0..50 {
        let server = ControlServer::start(&on).unwrap().unwrap();
        let path = ControlSocket::of(place.data_dir()).path();
        let mut asked = Vec::new();
        for _ in 0..8 {
            let mut stream = UnixStream::connect(&path).await.unwrap();
            stream.write_all(&request).await.unwrap();
            asked.push(stream);
        }
        drop(server);
        for mut stream in asked {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_server_refuses_another_protocol() {
    let place = Place::new();
    let _running = Running::start(&place);
    for (headers, ours) in [("x-aifd-protocol: 2\r\n", 2), ("x-aifd-protocol: x\r\n", 0), ("", 0)] {
        let answer = raw(&place, &post(headers, r#"{"ask":"list_keys"}"#)).await;
        let version = env!("CARGO_PKG_VERSION");
        let told =
            format!(r#"{{"error":{{"error":"version","server":"{version}","theirs":1,"ours":{ours}}}}}"#);
        assert!(answer.ends_with(&told), "{answer}");
    }
}

/// Answers each connection to the control socket so.
fn scripted(place: &Place, answer: &'static str) -> tokio::task::JoinHandle<()> {
    std::fs::create_dir_all(place.data_dir()).unwrap();
    let listener = UnixListener::bind(ControlSocket::of(place.data_dir()).path()).unwrap();
    crate::tasks::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 65536];
            let _ = stream.read(&mut head).await;
            if answer.is_empty() {
                let _ = stream.read(&mut head).await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
}

#[tokio::test]
async fn a_command_refuses_another_protocol() {
    let place = Place::new();
    let server = scripted(
        &place,
        "HTTP/1.1 200 OK\r\nx-aifd-protocol: 7\r\nx-aifd-version: 9.9.9\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    );
    let admin = place.admin().await;
    let refused = admin.ask(Request::ListKeys).await.unwrap_err();
    assert_eq!(refused, ControlError::Version { server: "9.9.9".into(), theirs: 7, ours: 1 });
    server.abort();
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_told() {
    let place = Place::new();
    let server = scripted(
        &place,
        "HTTP/1.1 200 OK\r\nx-aifd-protocol: 1\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    );
    let told = place.admin().await.ask(Request::ListKeys).await.unwrap_err();
    assert!(matches!(told, ControlError::Unanswered { .. }), "{told}");
    server.abort();
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named() {
    let place = Place::new();
    let server = scripted(&place, "");
    let reached = Client::find_within(place.data_dir(), Duration::from_millis(50), WAIT).await.unwrap();
    assert!(matches!(reached, Reached::Silent(Some(pid)) if pid == std::process::id()), "{reached:?}");
    server.abort();
}
