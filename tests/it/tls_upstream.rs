//! TLS to the upstream: whom it trusts, and HTTP/2 by ALPN.

use aifd_tests::{Answer, Certs, Ending, FakeUpstream, Gate, Gateway, Sandbox, sse_frames};

async fn trusting(upstream: &FakeUpstream, certs: &Certs, more: &str) -> Gateway {
    let sandbox = Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    sandbox.write("aifd.yaml", format!("{}ca_file: {}\n{more}", upstream.forward(), ca.display()));
    sandbox.serve().await
}

#[tokio::test]
async fn a_certificate_of_an_authority_in_ca_file_is_trusted() {
    let certs = Certs::new();
    for protocols in [&[][..], &["http/1.1"], &["h2", "http/1.1"], &["h2"]] {
        let upstream = FakeUpstream::builder().tls(&certs, protocols).answering(|_| Answer::echo()).await;
        let gateway = trusting(&upstream, &certs, "").await;
        let mut client = gateway.connect().await;
        for n in 0..3 {
            client
                .send(format!("POST /v1/x?q=%2F HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\n\r\n{n}"))
                .await;
            assert_eq!(client.response().await.text(), n.to_string(), "{protocols:?}");
        }
        let request = upstream.request(2).await;
        let version = if protocols.contains(&"h2") { "HTTP/2" } else { "HTTP/1.1" };
        assert_eq!((request.target(), request.head.word(2)), ("/v1/x?q=%2F", version));
        assert_eq!(upstream.connections(), 1);
    }
}

#[tokio::test]
async fn ssl_cert_file_is_read_from_the_environment() {
    let certs = Certs::new();
    let upstream = FakeUpstream::builder().tls(&certs, &[]).answering(|_| Answer::echo()).await;
    let sandbox = Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    sandbox.write("aifd.yaml", upstream.forward());
    let gateway = sandbox.serve_with(|command| command.env("SSL_CERT_FILE", ca)).await;
    assert_eq!(gateway.connect().await.get("/").await.status(), 200);
}

#[tokio::test]
async fn an_untrusted_or_foreign_certificate_is_refused_and_nothing_is_sent() {
    let (ours, theirs) = (Certs::new(), Certs::new());
    let elsewhere = Certs::for_names(&["elsewhere.example"]);
    for (served, trusted, words) in
        [(&theirs, &ours, "issuer is not trusted"), (&elsewhere, &elsewhere, "not valid for this host")]
    {
        let upstream = FakeUpstream::builder().tls(served, &[]).answering(|_| Answer::echo()).await;
        let gateway = trusting(&upstream, trusted, "").await;
        let response = gateway.connect().await.get("/").await;
        assert_eq!((response.status(), response.code().as_str()), (502, "provider_tls_failed"));
        assert!(response.text().contains(words), "{response}");
        assert_eq!(upstream.count(), 0);
    }
}

#[tokio::test]
async fn an_unreadable_ca_file_is_told_at_start() {
    for content in [None, Some("no certificate")] {
        let sandbox = Sandbox::new();
        if let Some(content) = content {
            sandbox.write("ca.pem", content);
        }
        sandbox.write("aifd.yaml", "ca_file: ca.pem\n");
        let output = sandbox.aifd(["run", "--port", "0"]).run();
        assert_eq!(output.status, Some(2), "{output}");
        assert!(output.stderr.contains("ca.pem") && output.stderr.contains("hint"), "{output}");
        assert!(!output.stdout.contains("istening"), "nothing half started: {output}");
    }
}

#[tokio::test]
async fn requests_share_one_http_2_connection() {
    let certs = Certs::new();
    let gate = Gate::new();
    let held = Answer::json("{}").held(&gate);
    let builder = FakeUpstream::builder().tls(&certs, &["h2"]);
    let upstream = builder.answering(move |request| match request.target() {
        "/first" => Answer::json("{}"),
        _ => held.clone(),
    });
    let upstream = upstream.await;
    let gateway = trusting(&upstream, &certs, "workers: 1\n").await;
    assert_eq!(gateway.connect().await.get("/first").await.status(), 200);
    let mut clients = Vec::new();
    for n in 0..10 {
        let mut client = gateway.connect().await;
        client.send(format!("GET /{n} HTTP/1.1\r\nhost: g\r\n\r\n")).await;
        clients.push(client);
    }
    upstream.request(10).await;
    gate.open();
    for client in &mut clients {
        assert_eq!(client.response().await.status(), 200);
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn streams_trailers_and_breaks_pass_from_http_2() {
    let certs = Certs::new();
    let frames = sse_frames(&["one", "two"]);
    let whole: String = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect();
    let stream = Answer::sse(frames).header("trailer", "x-end").trailer("x-end", "1");
    let gate = Gate::new();
    let cut = Answer::sse(["one", "two"]).cut_at(11).gated(&gate);
    let builder = FakeUpstream::builder().tls(&certs, &["h2"]);
    let upstream = builder.answering(move |request| match request.target() {
        "/cut" => cut.clone(),
        _ => stream.clone(),
    });
    let upstream = upstream.await;
    let gateway = trusting(&upstream, &certs, "").await;
    let mut client = gateway.connect().await;
    client.send("GET /stream HTTP/1.1\r\nhost: g\r\nte: trailers\r\nconnection: te\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.text(), response.ending), (whole, Ending::Complete));
    assert_eq!(response.trailers, [("x-end".to_owned(), "1".to_owned())]);
    assert_eq!(response.head.word(0), "HTTP/1.1");
    client.send("GET /cut HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    gate.pass();
    assert_eq!(client.chunk().await.unwrap(), b"data: one\n\n");
    gate.open();
    let (rest, _) = client.rest().await;
    assert_eq!(rest, b"", "no clean end");
    assert_eq!(gateway.access_line("/cut").await["end"], "failed");
}

#[tokio::test]
async fn a_websocket_is_asked_for_over_http_1_1_even_where_http_2_is_spoken() {
    use tokio::io::AsyncWriteExt;
    let certs = Certs::new();
    let builder = FakeUpstream::builder().tls(&certs, &["h2", "http/1.1"]);
    let upstream = builder.answering(|_| {
        Answer::taken_over(|mut socket, _| async move {
            let head =
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhi";
            socket.write_all(head.as_bytes()).await.unwrap();
        })
    });
    let upstream = upstream.await;
    let gateway = trusting(&upstream, &certs, "").await;
    let mut client = gateway.connect().await;
    client
        .send("GET /v1/realtime HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        .await;
    assert_eq!(client.response().await.status(), 101);
    client.until("hi").await;
    assert_eq!(upstream.begun(0).await.head.word(2), "HTTP/1.1");
}

#[tokio::test]
async fn clients_that_do_not_read_do_not_hold_up_others_on_the_shared_connection() {
    let certs = Certs::new();
    let part = bytes::Bytes::from(vec![b'x'; 64 * 1024]);
    let builder = FakeUpstream::builder().tls(&certs, &["h2"]);
    let upstream = builder.answering(move |request| match request.target() {
        "/large" => Answer::new(200).chunks(vec![part.clone(); 1600]),
        _ => Answer::json("{}"),
    });
    let upstream = upstream.await;
    let gateway = trusting(&upstream, &certs, "workers: 1\n").await;
    assert_eq!(gateway.connect().await.get("/first").await.status(), 200);
    let mut stuck = Vec::new();
    for _ in 0..8 {
        let mut client = gateway.connect().await;
        client.send("GET /large HTTP/1.1\r\nhost: g\r\n\r\n").await;
        assert_eq!(client.head().await.unwrap().word(1), "200");
        stuck.push(client);
    }
    upstream.settled().await;
    assert_eq!(gateway.connect().await.get("/small").await.text(), "{}");
    assert_eq!(upstream.connections(), 1);
}
