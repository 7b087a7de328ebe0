//! Connections to the listener: HTTP/1.1 and HTTP/2, TLS, Unix socket, keep-alive and pipelining.

use aifd_tests::{Answer, Certs, Ending, FakeUpstream, Gate, Gateway, Sandbox, Socket, within};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

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

#[tokio::test]
async fn a_client_that_half_closes_still_gets_its_answer() {
    let gate = Gate::new();
    let upstream = FakeUpstream::always(Answer::sse(["a"]).gated(&gate)).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
    client.head().await.unwrap();
    gate.open();
    assert_eq!(client.chunk().await.unwrap(), b"data: a\n\n");
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_served_on_the_plain_listener() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let request = |n: usize| client.post(gateway.url(&format!("/v1/{n}?a=%2F"))).body(n.to_string());
    let answers = futures_util::future::join_all((0..20).map(|n| request(n).send())).await;
    for (n, answer) in answers.into_iter().enumerate() {
        let answer = answer.unwrap();
        assert_eq!(answer.version(), http::Version::HTTP_2);
        assert!(answer.headers().contains_key("x-request-id"));
        assert_eq!(answer.text().await.unwrap(), n.to_string());
    }
    let request = upstream.request(0).await;
    assert_eq!(request.header("x-forwarded-host"), Some(gateway.authority()));
    assert!(request.header("content-length").is_some() || request.header("transfer-encoding").is_some());
}

#[tokio::test]
async fn cookie_crumbs_of_http_2_are_joined_for_http_1() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let request = client
        .get(gateway.url("/"))
        .header("cookie", "a=1")
        .header("cookie", "b=2; c=3")
        .header("x-two", "1");
    assert_eq!(request.header("x-two", "2").send().await.unwrap().status(), 200);
    let request = upstream.request(0).await;
    assert_eq!(request.head.all("cookie"), ["a=1; b=2; c=3"]);
    assert_eq!(request.head.all("x-two"), ["1", "2"]);
}

#[tokio::test]
async fn http_2_streams_frames_as_they_come_and_trailers_behind_them() {
    let gate = Gate::new();
    let answer = Answer::sse(["a", "b"]).gated(&gate).header("trailer", "x-end").trailer("x-end", "1");
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    let request =
        http::Request::get(gateway.url("/")).header("te", "trailers").body(Full::<Bytes>::default()).unwrap();
    let mut body = within("an answer", sender.send_request(request)).await.unwrap().into_body();
    for frame in ["data: a\n\n", "data: b\n\n"] {
        gate.pass();
        let got = within("a frame", body.frame()).await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(got, frame);
    }
    gate.open();
    let trailers = within("trailers", body.frame()).await.unwrap().unwrap().into_trailers().unwrap();
    assert_eq!(trailers["x-end"], "1");
}

#[tokio::test]
async fn a_break_of_an_http_2_stream_resets_that_stream_only() {
    let gate = Gate::new();
    let cut = Answer::sse(["a", "b"]).cut_at(9).gated(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/cut" => cut.clone(),
        _ => Answer::json("{}"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    let get = |path: &str| http::Request::get(gateway.url(path)).body(Full::<Bytes>::default()).unwrap();
    let cut = within("an answer", sender.send_request(get("/cut"))).await.unwrap();
    gate.open();
    assert!(
        within("its end", cut.into_body().collect()).await.is_err(),
        "a truncated stream must not end cleanly"
    );
    let next = within("an answer", sender.send_request(get("/next"))).await.unwrap();
    assert_eq!(within("its end", next.into_body().collect()).await.unwrap().to_bytes(), "{}");
}

#[tokio::test]
async fn an_http_2_stream_that_the_client_drops_cancels_its_upstream_request_only() {
    let gate = Gate::new();
    let slow = Answer::sse(["a", "b"]).stall_at(9);
    let held = Answer::json("{}").held(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/stalls" => slow.clone(),
        _ => held.clone(),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    let get = |path: &str| http::Request::get(gateway.url(path)).body(Full::<Bytes>::default()).unwrap();
    let other = sender.send_request(get("/other"));
    let stalled = within("an answer", sender.send_request(get("/stalls"))).await.unwrap();
    drop(stalled);
    upstream.left(1).await;
    gate.open();
    assert_eq!(within("an answer", other).await.unwrap().status(), 200);
}

async fn http2(socket: Socket) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let io = TokioIo::new(socket);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
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
