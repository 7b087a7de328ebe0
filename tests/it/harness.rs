//! The harness itself: what it plays is what goes over the wire.

use aifd_tests::{
    Answer, Certs, Ending, FakeUpstream, Gate, RawClient, Socket, SocksProxy, http_client, sse_frames,
};
use tokio::net::TcpStream;

async fn connect(upstream: &FakeUpstream) -> RawClient {
    RawClient::new(Socket::Tcp(TcpStream::connect(upstream.address()).await.unwrap()))
}

#[tokio::test]
async fn a_request_is_recorded_byte_by_byte_and_answered_by_its_echo() {
    let upstream = FakeUpstream::echo().await;
    let mut client = connect(&upstream).await;
    let head =
        "POST /v1/x?a=%2F HTTP/1.1\r\nHost: here\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Type: text/x\r\n";
    client.send(format!("{head}Content-Length: 5\r\n\r\nhello")).await;
    let response = client.response().await;
    assert_eq!((response.status(), response.text().as_str()), (200, "hello"));
    assert_eq!(response.head.header("content-type"), Some("text/x"));
    let request = upstream.request(0).await;
    assert_eq!(request.head.raw, format!("{head}Content-Length: 5\r\n\r\n").as_bytes());
    assert_eq!(
        (request.method(), request.target(), request.text().as_str()),
        ("POST", "/v1/x?a=%2F", "hello")
    );
    assert_eq!(request.head.all("x-twice"), ["1", "2"]);
}

#[tokio::test]
async fn frames_come_when_their_gate_lets_them() {
    let gate = Gate::new();
    let upstream =
        FakeUpstream::always(Answer::sse(sse_frames(&["a"])).gated(&gate).trailer("x-end", "1")).await;
    let mut client = connect(&upstream).await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.head().await.unwrap().header("content-type"), Some("text/event-stream"));
    gate.pass();
    assert!(String::from_utf8(client.chunk().await.unwrap()).unwrap().contains("\"a\""));
    gate.open();
    assert_eq!(client.chunk().await.unwrap(), b"data: [DONE]\n\n");
    assert_eq!(client.chunk().await, None);
    assert_eq!(client.get("/").await.trailers, [("x-end".to_owned(), "1".to_owned())]);
}

#[tokio::test]
async fn every_scripted_end_is_seen_as_such() {
    let long = || Answer::new(200).body("0123456789");
    for (answer, ending) in [
        (long(), Ending::Complete),
        (long().cut_at(4), Ending::Closed),
        (long().reset_at(4), Ending::Reset),
        (Answer::new(200).chunks(["01", "23", "45"]).cut_at(4), Ending::Closed),
        (Answer::new(200).chunks(["01", "23", "45"]), Ending::Complete),
        (Answer::new(200).body("0123").until_close(), Ending::Closed),
    ] {
        let upstream = FakeUpstream::always(answer.clone()).await;
        let mut client = connect(&upstream).await;
        let response = client.get("/").await;
        assert_eq!(response.ending, ending, "{answer:?}");
        assert!(response.text().starts_with("0123"));
    }
    for (answer, ending) in [(Answer::reset(), Ending::Reset), (Answer::close(), Ending::Closed)] {
        let upstream = FakeUpstream::always(answer).await;
        let mut client = connect(&upstream).await;
        client.send("GET / HTTP/1.1\r\n\r\n").await;
        assert_eq!(client.rest().await, (Vec::new(), ending));
    }
}

#[tokio::test]
async fn a_peer_that_leaves_is_noticed() {
    let upstream = FakeUpstream::script([Answer::stall(), Answer::sse(["x"]).stall_at(2)]).await;
    let mut client = connect(&upstream).await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    upstream.request(0).await;
    client.leave();
    upstream.left(1).await;
    let mut client = connect(&upstream).await;
    client.send("GET / HTTP/1.1\r\n\r\n").await;
    client.until("da").await;
    client.reset();
    upstream.left(2).await;
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn http2_is_played_over_tls() {
    let certs = Certs::new();
    let answer = Answer::sse(["a", "b"]).trailer("x-end", "1");
    let upstream =
        FakeUpstream::builder().tls(&certs, &["h2", "http/1.1"]).answering(move |_| answer.clone()).await;
    let authority = reqwest::Certificate::from_der(certs.authority_der()).unwrap();
    let client = http_client().tls_certs_only([authority]).build().unwrap();
    let response = client.post(upstream.url() + "/p?q").header("x-a", "1").body("body").send().await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    assert_eq!(response.text().await.unwrap(), "data: a\n\ndata: b\n\n");
    let request = upstream.request(0).await;
    assert_eq!((request.method(), request.target(), request.text().as_str()), ("POST", "/p?q", "body"));
    assert_eq!(
        request.header(":authority"),
        Some(format!("localhost:{}", upstream.address().port()).as_str())
    );
    let mut client = certs.connect(upstream.address(), &["http/1.1"]).await;
    assert_eq!(client.get("/").await.text(), "data: a\n\ndata: b\n\n");
}

#[tokio::test]
async fn a_socks_proxy_tunnels_and_records() {
    let upstream = FakeUpstream::echo().await;
    let proxy = SocksProxy::start(upstream.address(), false, 0).await;
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    let mut client = RawClient::new(Socket::Tcp(stream));
    client.send(b"\x05\x01\x00\x05\x01\x00\x03\x04host\x00\x50").await;
    client.until("\x05\x00").await;
    client.until("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00").await;
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(proxy.targets(), ["host:80"]);
}
