//! Connections to the listener: keep-alive and pipelining, TLS, Unix socket.

use super::http2::http2;
use aifd_tests::{Answer, Certs, Ending, FakeUpstream, Gate, Gateway, Sandbox, within};
use http_body_util::{BodyExt, Full};

#[tokio::test]
async fn a_connection_serves_many_requests_and_so_does_the_one_upstream() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for n in 0..10 {
        client.send(format!("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\n\r\n{n}")).await;
        assert_eq!(client.response().await.text(), n.to_string());
    }
    assert_eq!((upstream.count(), upstream.connections()), (10, 1));
}

#[tokio::test]
async fn streams_give_their_upstream_connection_back_at_their_end() {
    let upstream = FakeUpstream::always(Answer::sse(["a", "b"])).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for _ in 0..5 {
        assert_eq!(client.get("/").await.text(), "data: a\n\ndata: b\n\n");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let post = |n: usize| format!("POST /{n} HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\n\r\n{n}");
    let chunked = "POST /c HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let get = "GET /g HTTP/1.1\r\nhost: g\r\n\r\n";
    client.send([post(1), post(2), chunked.to_owned(), get.to_owned(), post(3)].concat()).await;
    for body in ["1", "2", "hi", "", "3"] {
        assert_eq!(client.response().await.text(), body);
    }
    let targets: Vec<String> =
        upstream.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(targets, ["/1", "/2", "/c", "/g", "/3"]);
}

#[tokio::test]
async fn a_pipelined_stream_ends_before_the_next_answer_begins() {
    let gate = Gate::new();
    let first = Answer::sse(["a", "b"]).gated(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/stream" => first.clone(),
        _ => Answer::new(200).body("second"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET /stream HTTP/1.1\r\nhost: g\r\n\r\nGET /next HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.request(0).await;
    gate.open();
    assert_eq!(client.response().await.text(), "data: a\n\ndata: b\n\n");
    assert_eq!(client.response().await.text(), "second");
}

#[tokio::test]
async fn connection_close_and_http_1_0_end_the_connection_after_the_answer() {
    let upstream = FakeUpstream::always(Answer::sse(["a"])).await;
    // Each worker has its own connections.
    let gateway = Gateway::configured(&upstream, "workers: 1\n").await;
    for (version, header, closes) in [
        ("1.1", "connection: close\r\n", true),
        ("1.1", "connection: Keep-Alive, Close\r\n", true),
        ("1.1", "", false),
        ("1.0", "", true),
    ] {
        let mut client = gateway.connect().await;
        client.send(format!("GET / HTTP/{version}\r\nhost: g\r\n{header}\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.text(), "data: a\n\n", "{version} {header}");
        if version == "1.0" {
            assert_eq!(response.head.header("transfer-encoding"), None, "HTTP/1.0 knows no chunks");
            assert_eq!(response.ending, Ending::Closed);
        } else if closes {
            assert_eq!(client.rest().await, (Vec::new(), Ending::Closed));
        } else {
            assert_eq!(client.get("/").await.status(), 200);
        }
    }
    // What the client says of its connection is no matter of the upstream's.
    assert_eq!(upstream.connections(), 1);
}

async fn over_tls(upstream: &FakeUpstream, certs: &Certs) -> Gateway {
    let sandbox = Sandbox::new();
    let [_, certificate, key] = certs.write(&sandbox);
    let files = format!("ssl_certfile: {}\nssl_keyfile: {}\n", certificate.display(), key.display());
    sandbox.write("aifd.yaml", upstream.forward() + &files);
    sandbox.serve().await
}

#[tokio::test]
async fn a_tls_listener_serves_http_1_1_and_http_2_by_alpn() {
    let upstream = FakeUpstream::echo().await;
    let certs = Certs::new();
    let gateway = over_tls(&upstream, &certs).await;
    assert!(gateway.address().starts_with("https://"), "{}", gateway.address());
    for (offered, agreed) in [(&["http/1.1"][..], Some(&b"http/1.1"[..])), (&[], None)] {
        let mut client = certs.connect(gateway.tcp(), offered).await;
        assert_eq!(client.socket().alpn(), agreed);
        assert_eq!(client.get("/").await.status(), 200);
    }
    let client = certs.connect(gateway.tcp(), &["h2", "http/1.1"]).await;
    assert_eq!(client.socket().alpn(), Some(&b"h2"[..]));
    let mut sender = http2(client.into_socket()).await;
    let request = http::Request::post(gateway.url("/v1")).body(Full::from("hello")).unwrap();
    let answer = within("an answer", sender.send_request(request)).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    assert_eq!(upstream.request(2).await.header("x-forwarded-proto"), Some("https"));
}

#[tokio::test]
async fn a_tls_listener_survives_clients_that_do_not_speak_tls() {
    let upstream = FakeUpstream::echo().await;
    let certs = Certs::new();
    let gateway = over_tls(&upstream, &certs).await;
    let mut plain = gateway.connect().await;
    plain.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    let (_, _) = plain.rest().await;
    let mut half = gateway.connect().await;
    half.send(b"\x16\x03\x01").await;
    assert_eq!(certs.connect(gateway.tcp(), &[]).await.get("/").await.status(), 200);
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn a_truncated_answer_over_tls_never_ends_cleanly() {
    let upstream = FakeUpstream::always(Answer::sse(["one", "two"]).cut_at(11)).await;
    let certs = Certs::new();
    let gateway = over_tls(&upstream, &certs).await;
    let response = certs.connect(gateway.tcp(), &[]).await.get("/").await;
    assert_ne!(response.ending, Ending::Complete);
}

#[tokio::test]
async fn a_unix_socket_can_be_listened_on() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let path = sandbox.file("aifd.sock");
    sandbox.write("aifd.yaml", format!("{}listen: \"unix:{}\"\n", upstream.forward(), path.display()));
    let command = sandbox.aifd(["run", "--log-format", "json"]);
    let gateway = Gateway::start(sandbox, &command).await;
    let mut client = gateway.connect_unix(&path).await;
    client
        .send("POST /v1 HTTP/1.1\r\nhost: g\r\nx-forwarded-for: 203.0.113.9\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    assert_eq!(client.response().await.text(), "hi");
    let request = upstream.request(0).await;
    assert_eq!(request.header("x-forwarded-for"), Some("203.0.113.9"), "a Unix socket has no peer address");
    assert_eq!(gateway.stop().await, Some(0));
    assert!(!path.exists(), "the socket is removed at the end");
}

#[tokio::test]
async fn a_stale_unix_socket_is_replaced_and_a_file_is_not() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let path = sandbox.file("aifd.sock");
    sandbox.write("aifd.yaml", format!("{}listen: \"unix:{}\"\n", upstream.forward(), path.display()));
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let command = sandbox.aifd(["run"]);
    let gateway = Gateway::start(sandbox, &command).await;
    assert_eq!(gateway.connect_unix(&path).await.get("/").await.status(), 200);
    drop(gateway);

    let sandbox = Sandbox::new();
    let path = sandbox.write("aifd.sock", "precious");
    sandbox.write("aifd.yaml", format!("{}listen: \"unix:{}\"\n", upstream.forward(), path.display()));
    let output = sandbox.aifd(["run"]).run();
    assert_eq!(output.status, Some(2), "{output}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "precious");
}

#[tokio::test]
async fn many_clients_are_served_at_once_on_every_worker() {
    let gate = Gate::new();
    let upstream = FakeUpstream::always(Answer::json("{}").held(&gate)).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    let gateway = sandbox.serve_with(|command| command.args(["--workers", "3"])).await;
    let mut clients = Vec::new();
    for n in 0..60 {
        let mut client = gateway.connect().await;
        client.send(format!("GET /{n} HTTP/1.1\r\nhost: g\r\n\r\n")).await;
        clients.push(client);
    }
    // All of them are under way at once.
    upstream.request(59).await;
    gate.open();
    for client in &mut clients {
        assert_eq!(client.response().await.status(), 200);
    }
}

#[tokio::test]
async fn a_stream_longer_than_keepalive_timeout_leaves_the_connection_usable() {
    let gate = Gate::new();
    let stream = Answer::sse((0..8).map(|n| n.to_string())).gated(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/stream" => stream.clone(),
        _ => Answer::json("{}"),
    })
    .await;
    let gateway = Gateway::configured(&upstream, "keepalive_timeout: 300ms\n").await;
    let mut client = gateway.connect().await;
    client.send("GET /stream HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    let mut turns = tokio::time::interval(std::time::Duration::from_millis(100));
    for n in 0..8 {
        turns.tick().await;
        gate.pass();
        assert_eq!(client.chunk().await.unwrap(), format!("data: {n}\n\n").into_bytes());
    }
    gate.open();
    assert_eq!(client.chunk().await, None);
    assert_eq!(client.get("/next").await.status(), 200, "the connection was never idle");
}

#[tokio::test]
async fn idle_connections_to_the_upstream_are_closed_after_pool_idle_timeout() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "pool_idle_timeout: 100ms\n").await;
    let mut client = gateway.connect().await;
    assert_eq!(client.get("/").await.status(), 200);
    upstream.closed(1).await;
    assert_eq!(client.get("/").await.status(), 200);
}

#[tokio::test]
async fn a_websocket_is_tunnelled_from_a_tls_listener() {
    let upstream = FakeUpstream::always(Answer::echoing_tunnel()).await;
    let certs = Certs::new();
    let gateway = over_tls(&upstream, &certs).await;
    let mut client = certs.connect(gateway.tcp(), &["http/1.1"]).await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 101);
    client.send("anything").await;
    client.until("anything").await;
    client.leave();
    upstream.closed(1).await;
    assert_eq!(upstream.begun(0).await.header("x-forwarded-proto"), Some("https"));
}

#[tokio::test]
async fn ipv6_is_spoken_on_both_sides() {
    // Where the machine has none, there is nothing to promise.
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else { return };
    let upstream = FakeUpstream::builder().on(listener).answering(|_| Answer::echo()).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    let command = sandbox.aifd(["run", "--host", "::1", "--port", "0"]);
    let gateway = Gateway::start(sandbox, &command).await;
    assert!(gateway.address().starts_with("http://[::1]:"), "{}", gateway.address());
    assert_eq!(gateway.connect().await.get("/").await.status(), 200);
    let request = upstream.request(0).await;
    assert_eq!(request.header("host"), Some(upstream.address().to_string().as_str()));
    assert_eq!(request.header("x-forwarded-for"), Some("::1"));
}
