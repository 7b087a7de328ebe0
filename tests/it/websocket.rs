//! WebSocket upgrades are tunnelled both ways, close codes included.

use aifd_tests::{Answer, FakeUpstream, Gateway, Head, RawClient, Socket, within};
use futures_util::{SinkExt, StreamExt};
use std::sync::{Arc, Mutex};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message, Utf8Bytes,
        client::IntoClientRequest,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

type Server = WebSocketStream<Socket>;
type Client = WebSocketStream<TcpStream>;

/// An upstream that accepts every WebSocket and has this conversation.
async fn speaking<F>(conversation: impl Fn(Server) -> F + Send + Sync + Clone + 'static) -> FakeUpstream
where
    F: Future<Output = ()> + Send + 'static,
{
    FakeUpstream::always(Answer::taken_over(move |mut socket, head: Head| {
        let conversation = conversation.clone();
        async move {
            let accept = derive_accept_key(head.header("sec-websocket-key").unwrap_or_default().as_bytes());
            let chosen = head.header("sec-websocket-protocol").and_then(|offered| offered.split(',').next());
            let protocol =
                chosen.map_or_else(String::new, |name| format!("sec-websocket-protocol: {name}\r\n"));
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
                 sec-websocket-accept: {accept}\r\n{protocol}x-theirs: 1\r\n\r\n"
            );
            socket.write_all(answer.as_bytes()).await.unwrap();
            conversation(WebSocketStream::from_raw_socket(socket, Role::Server, None).await).await;
        }
    }))
    .await
}

async fn echo(mut server: Server) {
    while let Some(Ok(message)) = server.next().await {
        if (message.is_text() || message.is_binary()) && server.send(message).await.is_err() {
            break;
        }
    }
}

async fn connect(gateway: &Gateway, path: &str) -> Client {
    let stream = TcpStream::connect(gateway.tcp()).await.unwrap();
    let url = format!("ws://{}{path}", gateway.authority());
    within("the handshake", client_async(url, stream)).await.unwrap().0
}

async fn next(client: &mut Client) -> Message {
    within("a message", client.next()).await.unwrap().unwrap()
}

fn close(code: u16, reason: &str) -> CloseFrame {
    CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::from(reason) }
}

#[tokio::test]
async fn messages_of_every_kind_pass_both_ways() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = connect(&gateway, "/v1/realtime?model=gpt-realtime").await;
    for message in [
        Message::text("{\"type\":\"session.update\"}"),
        Message::text(""),
        Message::binary(vec![0; 3]),
        Message::binary(vec![7; 300_000]),
        Message::text("é".repeat(70_000)),
    ] {
        client.send(message.clone()).await.unwrap();
        assert!(next(&mut client).await == message);
    }
    assert_eq!(upstream.begun(0).await.target(), "/v1/realtime?model=gpt-realtime");
}

#[tokio::test]
async fn pings_and_pongs_pass_both_ways() {
    let upstream = speaking(|mut server: Server| async move {
        server.send(Message::Ping("from above".into())).await.unwrap();
        while let Some(Ok(message)) = server.next().await {
            if let Message::Pong(payload) = message {
                server.send(Message::text(String::from_utf8(payload.to_vec()).unwrap())).await.unwrap();
            }
        }
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = connect(&gateway, "/").await;
    assert_eq!(next(&mut client).await, Message::Ping("from above".into()));
    // The pong that answers the ping goes out with what is sent next.
    client.send(Message::Ping("from below".into())).await.unwrap();
    let mut got = vec![next(&mut client).await, next(&mut client).await];
    got.sort_by_key(Message::is_text);
    assert_eq!(got, [Message::Pong("from below".into()), Message::text("from above")]);
}

#[tokio::test]
async fn the_close_code_of_the_client_reaches_the_upstream_and_its_echo_comes_back() {
    let seen = Arc::new(Mutex::new(None));
    let note = seen.clone();
    let upstream = speaking(move |mut server: Server| {
        let note = note.clone();
        async move {
            while let Some(Ok(message)) = server.next().await {
                if let Message::Close(frame) = message {
                    *note.lock().unwrap() = frame;
                }
            }
        }
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = connect(&gateway, "/").await;
    client.close(Some(close(4001, "bye"))).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Close(Some(close(4001, "bye"))));
    assert!(within("the end", client.next()).await.is_none());
    upstream.closed(1).await;
    assert_eq!(*seen.lock().unwrap(), Some(close(4001, "bye")));
}

#[tokio::test]
async fn the_close_code_of_the_upstream_reaches_the_client() {
    let upstream = speaking(|mut server: Server| async move {
        server.send(Message::text("last words")).await.unwrap();
        server.close(Some(close(1011, "overloaded"))).await.unwrap();
        while let Some(Ok(_)) = server.next().await {}
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = connect(&gateway, "/").await;
    assert_eq!(next(&mut client).await, Message::text("last words"));
    assert_eq!(next(&mut client).await, Message::Close(Some(close(1011, "overloaded"))));
    assert!(within("the end", client.next()).await.is_none());
    upstream.closed(1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_upstream_connection_with_it() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    for (index, reset) in [false, true].into_iter().enumerate() {
        let mut client = connect(&gateway, &format!("/{index}")).await;
        client.send(Message::text("x")).await.unwrap();
        next(&mut client).await;
        let stream = client.into_inner();
        if reset {
            Socket::Tcp(stream).reset();
        } else {
            drop(stream);
        }
        upstream.closed(index + 1).await;
        gateway.access_line(&format!("/{index}")).await;
    }
}

#[tokio::test]
async fn an_upstream_that_goes_away_takes_the_client_connection_with_it() {
    for reset in [false, true] {
        let upstream = FakeUpstream::always(Answer::taken_over(move |mut socket, head: Head| async move {
            let accept = derive_accept_key(head.header("sec-websocket-key").unwrap().as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
            );
            // A text frame of two bytes right behind the head.
            socket.write_all(&[answer.as_bytes(), b"\x81\x02hi"].concat()).await.unwrap();
            if reset {
                socket.reset();
            }
        }))
        .await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = connect(&gateway, "/").await;
        let first = within("a message", client.next()).await;
        if !reset {
            assert_eq!(first.unwrap().unwrap(), Message::text("hi"), "what was sent before the end arrives");
        }
        let end = within("the end", client.next()).await;
        assert!(!matches!(end, Some(Ok(_))), "{end:?}");
    }
}

#[tokio::test]
async fn handshake_headers_pass_both_ways() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    let stream = TcpStream::connect(gateway.tcp()).await.unwrap();
    let mut request = format!("ws://{}/v1/realtime", gateway.authority()).into_client_request().unwrap();
    for (name, value) in [
        ("sec-websocket-protocol", "realtime, openai-insecure-api-key.sk-x, openai-beta.realtime-v1"),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("authorization", "Bearer sk-x"),
        ("openai-beta", "realtime=v1"),
        ("origin", "https://app.example"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (_, answer) = within("the handshake", client_async(request, stream)).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "realtime");
    assert_eq!(answer.headers()["x-theirs"], "1");
    assert!(answer.headers().contains_key("x-request-id"));
    let request = upstream.begun(0).await;
    for (name, value) in [
        ("sec-websocket-protocol", "realtime, openai-insecure-api-key.sk-x, openai-beta.realtime-v1"),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("sec-websocket-version", "13"),
        ("authorization", "Bearer sk-x"),
        ("openai-beta", "realtime=v1"),
        ("origin", "https://app.example"),
        ("x-forwarded-for", "127.0.0.1"),
        ("host", &upstream.address().to_string()),
    ] {
        assert_eq!(request.head.all(name), [value], "{name}");
    }
    assert!(request.header("connection").unwrap().eq_ignore_ascii_case("upgrade"));
    assert_eq!(request.header("upgrade"), Some("websocket"));
}

#[tokio::test]
async fn a_refused_upgrade_passes_its_answer_and_leaves_the_connection_usable() {
    let upstream = FakeUpstream::answering(|request| match request.header("upgrade") {
        Some(_) => {
            Answer::json("{\"error\":{\"message\":\"no\"}}").status(401).header("www-authenticate", "Bearer")
        }
        None => Answer::json("{}"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let stream = TcpStream::connect(gateway.tcp()).await.unwrap();
    let refused =
        within("the handshake", client_async(format!("ws://{}/", gateway.authority()), stream)).await;
    let Err(Error::Http(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["www-authenticate"].to_str().unwrap()),
        (401, "Bearer")
    );

    let mut client = gateway.connect().await;
    client
        .send(
            "GET / HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await;
    let answer = client.response().await;
    assert_eq!((answer.status(), answer.text().as_str()), (401, "{\"error\":{\"message\":\"no\"}}"));
    assert_eq!(client.get("/").await.status(), 200);
}

#[tokio::test]
async fn an_upgrade_without_an_upstream_is_answered_like_any_request() {
    let upstream = FakeUpstream::always(Answer::reset()).await;
    let gateway = Gateway::configured(&upstream, "retry: {attempts: 0}\n").await;
    let stream = TcpStream::connect(gateway.tcp()).await.unwrap();
    let refused =
        within("the handshake", client_async(format!("ws://{}/", gateway.authority()), stream)).await;
    let Err(Error::Http(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.status(), 502);
    assert!(String::from_utf8_lossy(answer.body().as_deref().unwrap()).contains("provider_reset"));
}

#[tokio::test]
async fn other_upgrades_are_no_matter_of_the_upstream() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send(
            "GET /a HTTP/1.1\r\nhost: g\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\n\
             http2-settings: AAMAAABkAAQAAP__\r\n\r\n",
        )
        .await;
    assert_eq!(client.response().await.status(), 200);
    client.send("GET /b HTTP/1.1\r\nhost: g\r\nupgrade: websocket\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 200, "without connection: upgrade it is none");
    for index in 0..2 {
        let request = upstream.request(index).await;
        for name in ["upgrade", "connection", "http2-settings"] {
            assert_eq!(request.header(name), None);
        }
    }
}

#[tokio::test]
async fn bytes_sent_right_behind_an_upgrade_request_are_not_lost_or_smuggled() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let head = "GET / HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // A masked text frame "hi" with the mask 0.
    client.send([head.as_bytes(), b"\x81\x82\0\0\0\0hi"].concat()).await;
    assert_eq!(client.response().await.status(), 101);
    assert_eq!(client.until("hi").await, b"\x81\x02hi");

    let refusing = FakeUpstream::always(Answer::json("{}").status(400)).await;
    let gateway = Gateway::before(&refusing).await;
    let mut client = gateway.connect().await;
    client.send(format!("{head}GET /next HTTP/1.1\r\nhost: g\r\n\r\n")).await;
    assert_eq!(client.response().await.status(), 400);
    assert_eq!(client.response().await.status(), 400, "the request behind it is the next one");
    assert_eq!(refusing.request(1).await.target(), "/next");
}

#[tokio::test]
async fn a_tunnel_ends_in_one_access_line() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = connect(&gateway, "/v1/realtime?key=sk-secret").await;
    client.send(Message::text("hello")).await.unwrap();
    next(&mut client).await;
    client.close(None).await.unwrap();
    while let Some(Ok(_)) = within("the end", client.next()).await {}
    drop(client);
    let line = gateway.access_line("/v1/realtime").await;
    assert_eq!((&line["status"], &line["end"]), (&101.into(), &"complete".into()), "{line}");
    assert!(line["bytes_in"].as_u64().unwrap() > 5 && line["bytes_out"].as_u64().unwrap() > 5, "{line}");
    assert!(!gateway.log().text().contains("sk-secret"));
}

/// An earlier request's answer was once taken as the word on a later upgrade of the same connection.
#[tokio::test]
async fn an_upgrade_follows_other_requests_of_its_connection() {
    let upstream = speaking(echo).await;
    let gateway = Gateway::before(&upstream).await;
    let stream = TcpStream::connect(gateway.tcp()).await.unwrap();
    let mut earlier = RawClient::new(Socket::Tcp(stream));
    // An upstream that switches protocols unasked is at fault.
    assert_eq!(earlier.get("/v1/models").await.code(), "provider_protocol_invalid");
    // The gateway's own answers are the word on an upgrade, too.
    for (target, status) in [("/healthz", 200), ("/a/../b", 400)] {
        let asked =
            format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        earlier.send(asked).await;
        assert_eq!(earlier.response().await.status(), status);
    }
    let url = format!("ws://{}/v1/realtime", gateway.authority());
    let joined = within("the handshake", client_async(url, earlier.into_socket())).await;
    let mut client = joined.unwrap().0;
    for text in ["one", "two"] {
        client.send(Message::text(text)).await.unwrap();
        let echoed = within("a message", client.next()).await.unwrap().unwrap();
        assert_eq!(echoed, Message::text(text));
    }
}
