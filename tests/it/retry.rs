//! What is sent again, and what is never.

use aifd_tests::{Answer, Certs, FakeUpstream, Gateway, SocksProxy};

const QUICK: &str = "retry: {base_delay: 1ms}\nworkers: 1\n";

fn post(body: &str) -> String {
    format!("POST /v1/x HTTP/1.1\r\nhost: g\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn failed_connects_are_tried_again_up_to_three_times_whatever_the_method() {
    for (refused, status, tries) in [(0, 200, 1), (1, 200, 2), (3, 200, 4), (4, 502, 4)] {
        let upstream = FakeUpstream::echo().await;
        let proxy = SocksProxy::start(upstream.address(), false, refused).await;
        let gateway =
            Gateway::configured(&upstream, &format!("proxy: \"socks5://{}\"\n{QUICK}", proxy.address()))
                .await;
        let mut client = gateway.connect().await;
        client.send(post("hello")).await;
        let response = client.response().await;
        assert_eq!(
            (response.status(), proxy.targets().len()),
            (status, tries),
            "{refused} refused: {response}"
        );
        if status == 200 {
            assert_eq!((response.text().as_str(), upstream.count()), ("hello", 1));
        } else {
            assert_eq!((response.code().as_str(), upstream.count()), ("provider_proxy_failed", 0));
        }
    }
}

#[tokio::test]
async fn a_refused_port_that_opens_is_reached() {
    let refusing = super::errors::Refusing::new();
    let address = refusing.address();
    let upstream = FakeUpstream::echo().await;
    let forward = upstream.forward().replace(&upstream.address().to_string(), &address.to_string());
    let sandbox = aifd_tests::Sandbox::new();
    sandbox.write("aifd.yaml", forward + "retry: {attempts: 100, base_delay: 10ms, max_delay: 20ms}\n");
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client.send(post("hello")).await;
    let late = FakeUpstream::builder().on(refusing.listen()).answering(|_| Answer::echo()).await;
    assert_eq!(client.response().await.text(), "hello");
    assert_eq!(late.count(), 1);
}

#[tokio::test]
async fn a_broken_tls_handshake_is_tried_again_and_a_bad_certificate_is_not() {
    let certs = Certs::new();
    let sandbox = aifd_tests::Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    let upstream = FakeUpstream::builder().tls(&certs, &[]).refusing(2).answering(|_| Answer::echo()).await;
    sandbox.write("aifd.yaml", format!("{}ca_file: {}\n{QUICK}", upstream.forward(), ca.display()));
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client.send(post("hello")).await;
    assert_eq!(client.response().await.text(), "hello");
    assert_eq!((upstream.connections(), upstream.count()), (3, 1));

    let untrusted = FakeUpstream::builder().tls(&certs, &[]).answering(|_| Answer::echo()).await;
    let gateway = Gateway::configured(&untrusted, QUICK).await;
    assert_eq!(gateway.connect().await.get("/").await.code(), "provider_tls_failed");
    assert_eq!(untrusted.connections(), 1);
}

#[tokio::test]
async fn a_reset_of_a_reused_idle_connection_is_forgiven_once() {
    for end in [Answer::reset(), Answer::close()] {
        // Every connection serves one request and dies on its second.
        let upstream = FakeUpstream::answering(move |request| match request.nth {
            0 => Answer::echo(),
            _ => end.clone(),
        })
        .await;
        let gateway = Gateway::configured(&upstream, QUICK).await;
        let mut client = gateway.connect().await;
        for body in ["one", "two", "three"] {
            client.send(post(body)).await;
            let response = client.response().await;
            assert_eq!((response.status(), response.text().as_str()), (200, body));
        }
        let taken: Vec<_> =
            upstream.requests().iter().map(|request| (request.connection, request.text())).collect();
        let expected = [(0, "one"), (0, "two"), (1, "two"), (1, "three"), (2, "three")];
        assert_eq!(taken, expected.map(|(connection, text)| (connection, text.to_owned())));
    }
}

#[tokio::test]
async fn an_idle_connection_that_the_upstream_closed_costs_nothing() {
    let upstream = FakeUpstream::always(Answer::echo().then_close()).await;
    let gateway = Gateway::configured(&upstream, "retry: {attempts: 0}\nworkers: 1\n").await;
    let mut client = gateway.connect().await;
    for count in 1..=5 {
        client.send(post("hello")).await;
        assert_eq!(client.response().await.text(), "hello");
        upstream.closed(count).await;
    }
}

#[tokio::test]
async fn a_call_that_a_new_connection_took_is_never_sent_again() {
    for (end, what) in [
        (Answer::reset(), "reset"),
        (Answer::close(), "close"),
        (Answer::raw("HTTP/1.1 200 OK\r\nconte").then_close(), "half a head"),
        (Answer::raw("garbage\r\n\r\n").then_close(), "garbage"),
    ] {
        let upstream = FakeUpstream::always(end).await;
        let gateway = Gateway::configured(&upstream, QUICK).await;
        let mut client = gateway.connect().await;
        client.send(post("{\"billed\":true}")).await;
        assert_eq!(client.response().await.status(), 502, "{what}");
        assert_eq!(upstream.count(), 1, "{what}: the upstream may have begun");
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_tried_again() {
    let upstream = FakeUpstream::always(Answer::sse(["a", "b"]).cut_at(9)).await;
    let gateway =
        Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [429, 500, 503]}\n").await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    assert_eq!(client.head().await.unwrap().word(1), "200");
    client.rest().await;
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn statuses_are_passed_on_unless_the_configuration_asks() {
    for (status, tries) in [(429, 1), (500, 1), (503, 1)] {
        let upstream = FakeUpstream::always(Answer::json("{}").status(status)).await;
        let gateway = Gateway::configured(&upstream, QUICK).await;
        assert_eq!(gateway.connect().await.get("/").await.status(), status);
        assert_eq!(upstream.count(), tries);
    }
    let busy = || Answer::json("{\"error\":1}").status(429).header("retry-after", "0");
    let upstream = FakeUpstream::script([busy(), busy().status(503), Answer::echo()]).await;
    let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [429, 503]}\n").await;
    let mut client = gateway.connect().await;
    client.send(post("hello")).await;
    let response = client.response().await;
    assert_eq!((response.status(), response.text().as_str()), (200, "hello"));
    assert!(upstream.requests().iter().all(|request| request.text() == "hello"));
    assert_eq!(upstream.count(), 3);
}

#[tokio::test]
async fn the_last_refusal_is_passed_on_whole() {
    let body = "{\"error\":{\"message\":\"busy\"}}";
    let upstream = FakeUpstream::always(Answer::json(body).status(503).header("retry-after-ms", "1")).await;
    let gateway =
        Gateway::configured(&upstream, "retry: {attempts: 2, base_delay: 1ms, on_status: [503]}\n").await;
    let response = gateway.connect().await.get("/").await;
    assert_eq!((response.status(), response.text().as_str()), (503, body));
    assert_eq!(upstream.count(), 3);
}

#[tokio::test]
async fn a_retry_after_is_honoured_up_to_the_longest_delay() {
    // 0.3 s asked and allowed: it is waited for. An hour: the answer is passed on at once.
    let soon = Answer::json("{}").status(429).header("retry-after-ms", "300");
    let upstream = FakeUpstream::script([soon, Answer::echo()]).await;
    let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [429]}\n").await;
    let begun = std::time::Instant::now();
    assert_eq!(gateway.connect().await.get("/").await.status(), 200);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(300), "it was asked to wait");

    let late = Answer::json("{}").status(429).header("retry-after", "3600");
    let upstream = FakeUpstream::always(late).await;
    let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [429]}\n").await;
    assert_eq!(gateway.connect().await.get("/").await.status(), 429);
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn large_and_unfinished_bodies_are_not_sent_again() {
    let busy = || Answer::json("{}").status(503);
    for (size, tries) in [(60_000, 2), (70_000, 1), (1_000_000, 1)] {
        let upstream = FakeUpstream::script([busy(), Answer::echo()]).await;
        let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [503]}\n").await;
        let mut client = gateway.connect().await;
        client.send(post(&"a".repeat(size))).await;
        let response = client.response().await;
        assert_eq!(upstream.count(), tries, "{size}");
        assert_eq!(response.status(), if tries == 2 { 200 } else { 503 });
    }
    // An answer that comes before the upload has ended.
    let upstream = FakeUpstream::always(busy().unread().then_close()).await;
    let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [503]}\n").await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
    assert_eq!(client.response().await.status(), 503);
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn a_small_chunked_body_is_sent_again_whole() {
    let upstream = FakeUpstream::script([Answer::json("{}").status(503), Answer::echo()]).await;
    let gateway = Gateway::configured(&upstream, "retry: {base_delay: 1ms, on_status: [503]}\n").await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").await;
    assert_eq!(client.response().await.text(), "hello world");
    let texts: Vec<String> = upstream.requests().iter().map(aifd_tests::Received::text).collect();
    assert_eq!(texts, ["hello world", "hello world"]);
}

#[tokio::test]
async fn a_client_that_leaves_while_a_retry_waits_ends_it() {
    let upstream = FakeUpstream::always(Answer::json("{}").status(503).then_close()).await;
    let gateway =
        Gateway::configured(&upstream, "retry: {base_delay: 20s, max_delay: 60s, on_status: [503]}\n").await;
    let mut client = gateway.connect().await;
    client.send("GET /gone HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.closed(1).await;
    client.leave();
    assert_eq!(gateway.access_line("/gone").await["end"], "cancelled");
    assert_eq!(upstream.count(), 1);
}
