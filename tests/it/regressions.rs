//! One test for each defect that was found in what already worked: each once failed.

use aifd_tests::{Answer, FakeUpstream, Gate, Gateway};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_get_keeps_its_chunked_body() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send("GET /s HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        .await;
    assert_eq!(client.response().await.text(), "hello");
}

#[tokio::test]
async fn an_overridden_content_length_does_not_frame_the_answer_again() {
    for length in [1, 5] {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n");
        let upstream = FakeUpstream::always(Answer::raw(head + "2\r\nhi\r\n0\r\n\r\n")).await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = gateway.connect().await;
        assert_eq!(client.get("/a").await.text(), "hi");
        assert_eq!(gateway.access_line("/a").await["end"], "complete");
    }
}

#[tokio::test]
async fn an_answer_with_trailers_is_complete_and_leaves_its_connection_usable() {
    let answer = Answer::new(200).chunks(["hello"]).header("trailer", "x-t").trailer("x-t", "1");
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for path in ["/1", "/2", "/3"] {
        assert_eq!(client.get(path).await.text(), "hello");
        assert_eq!(gateway.access_line(path).await["end"], "complete");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_post_is_not_doubled_once_the_upstream_was_heard() {
    for begun in ["HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"] {
        let upstream = FakeUpstream::answering(move |request| match request.nth {
            0 => Answer::echo(),
            _ => Answer::raw(begun).then_close(),
        })
        .await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = gateway.connect().await;
        client.get("/first").await;
        client.send("POST /second HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
        assert_eq!(client.response().await.status(), 502, "{begun}");
        assert_eq!(upstream.count(), 2, "{begun}");
    }
}

#[tokio::test]
async fn a_caller_that_leaves_is_noticed_while_another_request_of_it_waits() {
    let upstream = FakeUpstream::always(Answer::stall()).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET /g HTTP/1.1\r\nhost: g\r\n\r\nGET /h HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.request(0).await;
    client.leave();
    upstream.left(1).await;
    assert_eq!(gateway.access_line("/g").await["end"], "cancelled");
}

#[tokio::test]
async fn a_caller_that_leaves_is_noticed_while_its_upload_is_stuck() {
    let upstream = FakeUpstream::always(Answer::stall().unread().held(&Gate::new())).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    // More than the sockets between take while nobody reads; the writer would wait for ever.
    client.send("POST /u HTTP/1.1\r\nhost: g\r\ncontent-length: 200000000\r\n\r\n").await;
    upstream.begun(0).await;
    let mut client = client.into_socket();
    let part = vec![b'x'; 100_000_000];
    let stuck = tokio::time::timeout(std::time::Duration::from_secs(1), client.write_all(&part)).await;
    assert!(stuck.is_err(), "the upload was taken");
    // A mere end would wait behind what was sent before it.
    client.reset();
    assert_eq!(gateway.access_line("/u").await["end"], "cancelled");
}

#[tokio::test]
async fn what_the_parser_behind_would_refuse_is_refused_with_a_reason() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    for head in [
        "GET /a<b> HTTP/1.1\r\n",
        "GET /x?a=<b> HTTP/1.1\r\n",
        "GET http:///x HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nx: a\u{1}b\r\n",
        "GET / HTTP/1.1\r\nx: a\u{7f}b\r\n",
        "POST / HTTP/1.1\r\ncontent-length: \u{c}5\r\n",
    ] {
        let mut client = gateway.connect().await;
        client.send(format!("{head}host: g\r\n\r\n")).await;
        let response = client.response().await;
        assert_eq!(
            (response.status(), response.code().as_str()),
            (400, "caller_request_malformed"),
            "{head:?}"
        );
    }
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn credentials_in_a_target_do_not_travel_as_a_host() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET http://user:secret@named.example/x HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.response().await;
    assert_eq!(upstream.request(0).await.header("x-forwarded-host"), Some("named.example"));
}

#[tokio::test]
async fn interim_answers_that_nobody_reads_are_bounded() {
    let interim = format!("HTTP/1.1 103 Early Hints\r\nlink: <{}>\r\n\r\n", "a".repeat(8000));
    let flood = interim.repeat(4000) + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let upstream = FakeUpstream::always(Answer::raw(flood)).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET /flood HTTP/1.1\r\nhost: g\r\n\r\n").await;
    gateway.access_line("/flood").await;
    assert!(gateway.peak_kib() < 60_000, "{} KiB", gateway.peak_kib());
}
