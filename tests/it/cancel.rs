//! A client that goes away cancels its upstream request, in every phase.

use aifd_tests::{Answer, Certs, FakeUpstream, Gateway, Sandbox};

#[tokio::test]
async fn before_the_first_byte() {
    for reset in [false, true] {
        let upstream = FakeUpstream::always(Answer::stall()).await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = gateway.connect().await;
        client.send("POST /a HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
        upstream.request(0).await;
        if reset {
            client.reset();
        } else {
            client.leave();
        }
        upstream.left(1).await;
        let line = gateway.access_line("/a").await;
        assert_eq!(
            (&line["end"], &line["status"]),
            (&"cancelled".into(), &serde_json::Value::Null),
            "{line}"
        );
    }
}

#[tokio::test]
async fn in_the_middle_of_a_stream() {
    for reset in [false, true] {
        let upstream = FakeUpstream::always(Answer::sse(["one", "two"]).stall_at(11)).await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = gateway.connect().await;
        client.send("GET /b HTTP/1.1\r\nhost: g\r\n\r\n").await;
        client.head().await.unwrap();
        assert_eq!(client.chunk().await.unwrap(), b"data: one\n\n");
        if reset {
            client.reset();
        } else {
            client.leave();
        }
        upstream.left(1).await;
        let line = gateway.access_line("/b").await;
        assert_eq!((&line["end"], &line["status"]), (&"cancelled".into(), &200.into()), "{line}");
    }
}

#[tokio::test]
async fn in_the_middle_of_an_upload() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST /c HTTP/1.1\r\nhost: g\r\ncontent-length: 100\r\n\r\nbegin").await;
    upstream.body_with(0, "begin").await;
    client.leave();
    upstream.left(1).await;
    assert_ne!(gateway.access_line("/c").await["end"], "complete");
}

#[tokio::test]
async fn while_connecting() {
    let mute = FakeUpstream::builder().mute().answering(|_| Answer::stall()).await;
    let sandbox = Sandbox::new();
    let forward = mute.forward().replace("http:", "https:").replace("127.0.0.1", "localhost");
    sandbox.write("aifd.yaml", forward + "timeout: 1h\n");
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client.send("GET /d HTTP/1.1\r\nhost: g\r\n\r\n").await;
    mute.connected(1).await;
    client.leave();
    mute.left(1).await;
    assert_eq!(gateway.access_line("/d").await["end"], "cancelled");
}

#[tokio::test]
async fn over_tls_and_http_2_to_the_upstream() {
    let certs = Certs::new();
    for protocols in [&["http/1.1"][..], &["h2"]] {
        let sandbox = Sandbox::new();
        let [ca, ..] = certs.write(&sandbox);
        let builder = FakeUpstream::builder().tls(&certs, protocols);
        let upstream = builder.answering(|_| Answer::sse(["one", "two"]).stall_at(11)).await;
        sandbox.write("aifd.yaml", format!("{}ca_file: {}\n", upstream.forward(), ca.display()));
        let gateway = sandbox.serve().await;
        let mut client = gateway.connect().await;
        client.send("GET /e HTTP/1.1\r\nhost: g\r\n\r\n").await;
        client.head().await.unwrap();
        assert_eq!(client.chunk().await.unwrap(), b"data: one\n\n");
        client.leave();
        upstream.left(1).await;
        assert_eq!(gateway.access_line("/e").await["end"], "cancelled");
    }
}

#[tokio::test]
async fn other_requests_go_on() {
    let gate = aifd_tests::Gate::new();
    let held = Answer::json("{}").held(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/stall" => Answer::stall(),
        _ => held.clone(),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let (mut leaving, mut staying) = (gateway.connect().await, gateway.connect().await);
    leaving.send("GET /stall HTTP/1.1\r\nhost: g\r\n\r\n").await;
    staying.send("GET /held HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.request(1).await;
    leaving.reset();
    upstream.left(1).await;
    gate.open();
    assert_eq!(staying.response().await.status(), 200);
}

#[tokio::test]
async fn a_cancelled_stream_gives_no_half_read_connection_to_the_next_request() {
    let gate = aifd_tests::Gate::new();
    let streaming = Answer::sse(["one", "poison"]).gated(&gate);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/stream" => streaming.clone(),
        _ => Answer::new(200).body("clean"),
    })
    .await;
    let gateway = Gateway::configured(&upstream, "workers: 1\n").await;
    let mut client = gateway.connect().await;
    client.send("GET /stream HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    gate.pass();
    client.chunk().await;
    client.leave();
    gateway.access_line("/stream").await;
    gate.open();
    let mut client = gateway.connect().await;
    for _ in 0..3 {
        assert_eq!(client.get("/").await.text(), "clean");
    }
}

#[tokio::test]
async fn while_an_upgrade_is_awaited() {
    let upstream = FakeUpstream::always(Answer::stall()).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET /f HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    upstream.request(0).await;
    client.leave();
    upstream.left(1).await;
    assert_eq!(gateway.access_line("/f").await["end"], "cancelled");
}
