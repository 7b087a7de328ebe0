//! Stopping and not starting.

use aifd_tests::{Answer, Ending, FakeUpstream, Gate, Gateway, RawClient, Sandbox};

/// A gateway with one stream under way that has brought its first frame.
async fn streaming(gate: &Gate, more: &str) -> (FakeUpstream, Gateway, RawClient) {
    let upstream = FakeUpstream::always(Answer::sse(["one", "two"]).gated(gate)).await;
    let gateway = Gateway::configured(&upstream, more).await;
    let mut client = gateway.connect().await;
    client.send("GET /stream HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    gate.pass();
    assert_eq!(client.chunk().await.unwrap(), b"data: one\n\n");
    (upstream, gateway, client)
}

async fn stopping(gateway: &Gateway) {
    gateway.event("line about the stop", |line| line["message"] == "stopping").await;
}

#[tokio::test]
async fn a_stop_lets_streams_finish_and_exits_0() {
    for interrupt in [false, true] {
        let gate = Gate::new();
        let (_upstream, gateway, mut client) = streaming(&gate, "").await;
        let mut idle = gateway.connect().await;
        assert_eq!(idle.get("/healthz").await.status(), 200);
        if interrupt {
            gateway.process().interrupt();
        } else {
            gateway.process().terminate();
        }
        stopping(&gateway).await;
        assert_eq!(idle.rest().await, (Vec::new(), Ending::Closed), "idle connections are closed");
        assert!(gateway.process().running());
        gate.open();
        assert_eq!(client.chunk().await.unwrap(), b"data: two\n\n");
        assert_eq!(client.chunk().await, None, "the stream ends as it should");
        assert_eq!(gateway.process().ended().await.code(), Some(0));
        assert_eq!(gateway.access_line("/stream").await["end"], "complete", "the last line was written");
        assert!(tokio::net::TcpStream::connect(gateway.tcp()).await.is_err());
    }
}

#[tokio::test]
async fn no_connection_is_accepted_while_it_stops() {
    let gate = Gate::new();
    let (_upstream, gateway, mut client) = streaming(&gate, "").await;
    gateway.process().terminate();
    stopping(&gateway).await;
    // Once idle connections are closed, the listener is too.
    aifd_tests::within("connections to be refused", async {
        while tokio::net::TcpStream::connect(gateway.tcp()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    gate.open();
    assert_eq!(client.chunk().await.unwrap(), b"data: two\n\n");
    assert_eq!(gateway.process().ended().await.code(), Some(0));
}

#[tokio::test]
async fn the_last_answer_on_a_connection_says_so() {
    let gate = Gate::new();
    let upstream = FakeUpstream::always(Answer::json("{}").held(&gate)).await;
    let gateway = Gateway::configured(&upstream, "workers: 1\n").await;
    let (mut client, mut idle) = (gateway.connect().await, gateway.connect().await);
    assert_eq!(idle.get("/healthz").await.status(), 200);
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.request(0).await;
    gateway.process().terminate();
    // Once the idle connection is closed, the worker knows of the stop.
    idle.rest().await;
    gate.open();
    let response = client.response().await;
    assert_eq!((response.status(), response.head.header("connection")), (200, Some("close")));
    assert_eq!(client.rest().await.1, Ending::Closed);
    assert_eq!(gateway.process().ended().await.code(), Some(0));
}

#[tokio::test]
async fn what_outlasts_the_grace_is_cut_and_it_still_exits_0() {
    let gate = Gate::new();
    let (upstream, gateway, mut client) = streaming(&gate, "shutdown_grace: 200ms\n").await;
    gateway.process().terminate();
    let (rest, _) = client.rest().await;
    assert_eq!(rest, b"", "a cut stream must not end as if complete");
    upstream.left(1).await;
    assert_eq!(gateway.process().ended().await.code(), Some(0));
    assert_ne!(gateway.access_line("/stream").await["end"], "complete");
}

#[tokio::test]
async fn a_second_signal_cuts_at_once() {
    let gate = Gate::new();
    let (upstream, gateway, mut client) = streaming(&gate, "shutdown_grace: 1h\n").await;
    gateway.process().terminate();
    stopping(&gateway).await;
    gateway.process().interrupt();
    assert_eq!(client.rest().await.0, b"");
    upstream.left(1).await;
    assert_eq!(gateway.process().ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_grace_of_zero_cuts_at_once() {
    let gate = Gate::new();
    let (upstream, gateway, mut client) = streaming(&gate, "shutdown_grace: 0\n").await;
    gateway.process().terminate();
    assert_eq!(client.rest().await.0, b"");
    upstream.left(1).await;
    assert_eq!(gateway.process().ended().await.code(), Some(0));
}

#[tokio::test]
async fn websockets_and_http_2_streams_are_drained_or_cut_too() {
    let upstream = FakeUpstream::always(Answer::echoing_tunnel()).await;
    let gateway = Gateway::configured(&upstream, "shutdown_grace: 300ms\n").await;
    let mut client = gateway.connect().await;
    client.send("GET /ws HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 101);
    gateway.process().terminate();
    client.send("still there").await;
    client.until("still there").await;
    client.rest().await;
    assert_eq!(gateway.process().ended().await.code(), Some(0));
    gateway.access_line("/ws").await;
}

#[tokio::test]
async fn an_idle_gateway_stops_at_once() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "shutdown_grace: 1h\n").await;
    let mut client = gateway.connect().await;
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(gateway.stop().await, Some(0));
}

#[tokio::test]
async fn what_cannot_be_listened_with_is_one_clear_error_with_a_hint() {
    for (name, yaml) in [
        ("run_missing_certificate", "ssl_certfile: none.pem\nssl_keyfile: none.pem\n"),
        ("run_bad_unix_path", "listen: unix:no/such/folder/aifd.sock\n"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", yaml);
        let output = sandbox.aifd(["run"]).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{output}");
        output.assert_snapshot(name);
    }
}

#[tokio::test]
async fn a_bad_configuration_is_refused_before_anything_starts() {
    for (file, content, words) in [
        ("aifd.yaml", &b"timeout: soon\n"[..], "aifd.yaml:1:10"),
        ("aifd.yaml", b"forwrd: []\n", "forward"),
        ("aifd.yaml", b"forward: [\n", "aifd.yaml"),
        ("aifd.yaml", b"timeout: \xff\n", "UTF-8"),
        (".env", b"FORWARD_CONFIG=[{\n", "FORWARD_CONFIG"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(file, content);
        let output = sandbox.aifd(["run", "--port", "0"]).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{output}");
        assert!(output.stderr.contains(words), "{words}: {output}");
    }
    let sandbox = Sandbox::new();
    let output = sandbox.aifd(["run", "--config", "none.yaml"]).run();
    assert_eq!(output.status, Some(2), "{output}");
    assert!(output.stderr.contains("none.yaml"), "{output}");
}
