//! Bounds on waiting: for a connection, a first byte, the next byte. Off by default but the first.

use aifd_tests::{Answer, Ending, FakeUpstream, Gate, Gateway, Sandbox};

#[tokio::test]
async fn connecting_is_bounded_by_timeout() {
    let mute = FakeUpstream::builder().mute().answering(|_| Answer::stall()).await;
    let sandbox = Sandbox::new();
    let forward = mute.forward().replace("http:", "https:").replace("127.0.0.1", "localhost");
    sandbox.write("aifd.yaml", forward + "timeout: 100ms\nretry: {attempts: 2, base_delay: 1ms}\n");
    let gateway = sandbox.serve().await;
    let response = gateway.connect().await.get("/").await;
    assert_eq!((response.status(), response.code().as_str()), (504, "provider_connect_timeout"));
    assert_eq!(mute.connections(), 3, "a connect that timed out is tried again like a refused one");
    mute.left(3).await;
}

#[tokio::test]
async fn the_first_byte_is_bounded_by_first_byte_timeout_and_the_request_is_given_up() {
    let upstream = FakeUpstream::always(Answer::stall()).await;
    let gateway =
        Gateway::configured(&upstream, "first_byte_timeout: 100ms\nretry: {base_delay: 1ms}\n").await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.code().as_str()), (504, "provider_first_byte_timeout"));
    upstream.left(1).await;
    assert_eq!(upstream.count(), 1, "the upstream had begun: it is not asked again");
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
    assert_eq!(client.response().await.status(), 504, "the client's connection goes on");
}

#[tokio::test]
async fn an_upgrade_is_bounded_by_first_byte_timeout_too() {
    let upstream = FakeUpstream::always(Answer::stall()).await;
    let gateway = Gateway::configured(&upstream, "first_byte_timeout: 100ms\n").await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.code().as_str()), (504, "provider_first_byte_timeout"));
    upstream.left(1).await;
}

#[tokio::test]
async fn the_time_of_an_upload_does_not_count_as_waiting_for_the_first_byte() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "first_byte_timeout: 1s\n").await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n").await;
    // Slower in all than the bound, and never silent for as long.
    let mut turns = tokio::time::interval(std::time::Duration::from_millis(100));
    for _ in 0..12 {
        turns.tick().await;
        client.send("2\r\nhi\r\n").await;
    }
    client.send("0\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.body.len()), (200, 24), "{response}");
}

#[tokio::test]
async fn silence_within_an_answer_is_bounded_by_idle_timeout_and_cuts_it() {
    for answer in
        [Answer::sse(["one", "two"]).stall_at(11), Answer::new(200).body("data: one\n\nrest").stall_at(11)]
    {
        let upstream = FakeUpstream::always(answer).await;
        let gateway = Gateway::configured(&upstream, "idle_timeout: 100ms\n").await;
        let mut client = gateway.connect().await;
        let response = client.get("/x").await;
        assert_eq!((response.status(), response.text().as_str()), (200, "data: one\n\n"));
        assert_ne!(response.ending, Ending::Complete, "a cut answer must not look complete");
        upstream.left(1).await;
        let line = gateway.access_line("/x").await;
        assert_eq!(
            (&line["end"], &line["error"]),
            (&"failed".into(), &"provider_idle_timeout".into()),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_steady_stream_outlives_idle_timeout() {
    let gate = Gate::new();
    let upstream = FakeUpstream::always(Answer::sse((0..12).map(|n| n.to_string())).gated(&gate)).await;
    let gateway = Gateway::configured(&upstream, "idle_timeout: 1s\n").await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    let mut turns = tokio::time::interval(std::time::Duration::from_millis(100));
    for n in 0..12 {
        turns.tick().await;
        gate.pass();
        assert_eq!(client.chunk().await.unwrap(), format!("data: {n}\n\n").into_bytes());
    }
    gate.open();
    assert_eq!(client.chunk().await, None);
}
