//! Hostile bytes: nothing ambiguous is passed on, nothing is smuggled, and the refusal is clear.

use aifd_tests::{Answer, Ending, FakeUpstream, Gateway, within};

const HOST: &str = "host: g\r\n";
/// What would be a second request if the first one were misread.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: g\r\n\r\n";

fn post(headers: &str, rest: &str) -> String {
    format!("POST /x HTTP/1.1\r\n{HOST}{headers}\r\n{rest}")
}

fn get(headers: &str) -> String {
    format!("GET /x HTTP/1.1\r\n{HOST}{headers}\r\n")
}

#[tokio::test]
async fn ambiguous_or_broken_messages_are_refused_with_400_and_reach_no_upstream() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let cases: Vec<(&str, String)> = vec![
        (
            "length, then encoding",
            post("content-length: 5\r\ntransfer-encoding: chunked\r\n", &format!("0\r\n\r\n{SMUGGLED}")),
        ),
        ("encoding, then length", post("transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n")),
        (
            "length and unknown encoding",
            post("content-length: 5\r\ntransfer-encoding: identity\r\n", "hello"),
        ),
        ("two different lengths", post("content-length: 5\r\ncontent-length: 6\r\n", "hello!")),
        ("two equal lengths", post("content-length: 5\r\ncontent-length: 5\r\n", "hello")),
        ("a list of lengths", post("content-length: 5, 5\r\n", "hello")),
        ("a signed length", post("content-length: +5\r\n", "hello")),
        ("a negative length", post("content-length: -1\r\n", "hello")),
        ("a hexadecimal length", post("content-length: 0x5\r\n", "hello")),
        ("an empty length", post("content-length:\r\n", "hello")),
        ("a length past every number", post("content-length: 99999999999999999999\r\n", "hello")),
        ("a length with text", post("content-length: 5 5\r\n", "hello")),
        ("encoding xchunked", post("transfer-encoding: xchunked\r\n", "0\r\n\r\n")),
        ("encoding chunked twice", post("transfer-encoding: chunked, chunked\r\n", "0\r\n\r\n")),
        ("two encodings", post("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", "0\r\n\r\n")),
        ("encoding not ending in chunked", post("transfer-encoding: chunked, gzip\r\n", "0\r\n\r\n")),
        ("an encoding before chunked", post("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        ("a quoted encoding", post("transfer-encoding: \"chunked\"\r\n", "0\r\n\r\n")),
        ("encoding with a vertical tab", post("transfer-encoding: \x0bchunked\r\n", "0\r\n\r\n")),
        ("an empty encoding", post("transfer-encoding:\r\n", "0\r\n\r\n")),
        (
            "an encoding in HTTP/1.0",
            format!("POST /x HTTP/1.0\r\n{HOST}transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("a blank before the colon", post("content-length : 5\r\n", "hello")),
        ("a blank before the colon of an encoding", post("transfer-encoding : chunked\r\n", "0\r\n\r\n")),
        ("a folded header", post("x-a: b\r\n c\r\n", "")),
        ("a folded encoding", post("transfer-encoding:\r\n chunked\r\n", "0\r\n\r\n")),
        ("a folded header with a tab", post("x-a: b\r\n\tcontent-length: 5\r\n", "hello")),
        ("a header before the first one that begins with a blank", format!("GET /x HTTP/1.1\r\n {HOST}\r\n")),
        ("bare LF after the first line", format!("GET /x HTTP/1.1\n{HOST}\r\n")),
        ("bare LF after a header", "GET /x HTTP/1.1\r\nhost: g\nx-a: b\r\n\r\n".to_owned()),
        ("bare LF at the end of the head", "GET /x HTTP/1.1\r\nhost: g\r\n\n".to_owned()),
        ("bare LF everywhere", "GET /x HTTP/1.1\nhost: g\n\n".to_owned()),
        ("bare CR in a value", get("x-a: b\rx-c: d\r\n")),
        ("bare CR before a header", get("x-a: b\r\r\n")),
        ("NUL in a value", get("x-a: b\0c\r\n")),
        ("NUL in a name", get("x\0a: b\r\n")),
        ("a control in a name", get("x\x01a: b\r\n")),
        ("a header without a name", get(": b\r\n")),
        ("a header without a colon", get("x-a\r\n")),
        ("a name with a blank", get("x a: b\r\n")),
        ("a name beyond ASCII", get("x\u{e9}: b\r\n")),
        ("two hosts", "GET /x HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned()),
        ("two equal hosts", "GET /x HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n".to_owned()),
        ("CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n".to_owned()),
        ("authority-form", "GET evil.example:443 HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("asterisk-form", "OPTIONS * HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a relative target", "GET x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("another scheme", "GET ftp://g/x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a scheme without slashes", "GET http:/x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("no target", "GET  HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a blank in the target", "GET /a b HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("two blanks in the first line", "GET  /x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a tab in the first line", "GET\t/x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a control in the target", "GET /a\x01b HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("DEL in the target", "GET /a\x7fb HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a method with a colon", "GE:T /x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("no version", "GET /x\r\nhost: g\r\n\r\n".to_owned()),
        ("version 0.9", "GET /x HTTP/0.9\r\nhost: g\r\n\r\n".to_owned()),
        ("version 1.2", "GET /x HTTP/1.2\r\nhost: g\r\n\r\n".to_owned()),
        ("version 2.0", "GET /x HTTP/2.0\r\nhost: g\r\n\r\n".to_owned()),
        ("a lower-case version", "GET /x http/1.1\r\nhost: g\r\n\r\n".to_owned()),
        ("a version with text behind it", "GET /x HTTP/1.1x\r\nhost: g\r\n\r\n".to_owned()),
        ("no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\r\n\r\n".to_owned()),
        (
            "an injected header in the target",
            "GET /x%0d%0a HTTP/1.1\r\nx: y\r\nhost: g\r\nhost: h\r\n\r\n".to_owned(),
        ),
        ("an HTTP/2 preface that is none", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_owned()),
    ];
    for (what, message) in &cases {
        let mut client = gateway.connect().await;
        client.send(message).await;
        let Some(head) = client.head().await else { panic!("{what}: no answer") };
        assert_eq!(head.word(1), "400", "{what}");
        assert_eq!(head.header("connection"), Some("close"), "{what}");
        let (body, _) = client.rest().await;
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("\"code\":\"caller_request_malformed\""), "{what}: {body}");
        assert_eq!(body.matches("HTTP/1.1 2").count(), 0, "{what}: one answer only: {body}");
        assert_eq!(upstream.count(), 0, "{what} reached the upstream");
    }
    assert_eq!(gateway.connect().await.get("/after").await.status(), 200);
    assert_eq!((upstream.count(), upstream.request(0).await.target()), (1, "/after"));
}

#[tokio::test]
async fn nothing_behind_a_refused_message_is_answered() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let bad = post("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n");
    client.send(format!("GET /first HTTP/1.1\r\nhost: g\r\n\r\n{bad}{SMUGGLED}")).await;
    assert_eq!(client.response().await.status(), 200, "what came before it is answered");
    assert_eq!(client.response().await.code(), "caller_request_malformed");
    assert_eq!(client.rest().await.0, b"");
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn a_broken_chunked_body_is_never_passed_on_as_a_whole_one() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let cases = [
        ("no size", "\r\nhello\r\n0\r\n\r\n"),
        ("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
        ("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        ("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a size past every number", "ffffffffffffffff1\r\nhello\r\n0\r\n\r\n"),
        ("a size that wraps", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        ("a size behind a blank", " 5\r\nhello\r\n0\r\n\r\n"),
        ("a size before a blank and text", "5 x\r\nhello\r\n0\r\n\r\n"),
        ("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
        ("bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
        ("bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        ("bare LF behind the data", "5\r\nhello\n0\r\n\r\n"),
        ("data longer than its size", "4\r\nhello\r\n0\r\n\r\n"),
        ("data shorter than its size", "6\r\nhello\r\n0\r\n\r\n"),
        ("bare LF at the end", "5\r\nhello\r\n0\r\n\n"),
        ("bare LF behind the last size", "5\r\nhello\r\n0\n\r\n"),
        ("bare LF in a trailer", "5\r\nhello\r\n0\r\nx-a: b\nx-c: d\r\n\r\n"),
    ];
    for (what, body) in cases {
        let mut client = gateway.connect().await;
        // A peer that has already been refused may not take all of it.
        drop(client.try_send(post("transfer-encoding: chunked\r\n", &format!("{body}{SMUGGLED}"))).await);
        let answer = client.head().await;
        if let Some(head) = answer {
            assert_eq!(head.word(1), "400", "{what}");
        }
        let (rest, _) = client.rest().await;
        assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"), "{what}: {rest:?}");
    }
    for request in upstream.requests() {
        assert_eq!(request.target(), "/x", "nothing was smuggled");
        assert!(!request.complete, "a broken body does not end: {:?}", request.text());
    }
    assert_eq!(gateway.connect().await.get("/after").await.status(), 200);
}

#[tokio::test]
async fn odd_but_clear_messages_are_served() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    for (what, message, body) in [
        ("an empty line before the request", "\r\nGET /x HTTP/1.1\r\nhost: g\r\n\r\n".to_owned(), ""),
        (
            "no blank behind the colon",
            "POST /x HTTP/1.1\r\nhost:g\r\ncontent-length:2\r\n\r\nhi".to_owned(),
            "hi",
        ),
        ("blanks around a value", post("content-length: \t 2 \t\r\n", "hi"), "hi"),
        ("mixed case", post("Transfer-ENCODING: CHUNKED\r\n", "2\r\nhi\r\n0\r\n\r\n"), "hi"),
        (
            "sizes with leading zeros and capitals",
            post("transfer-encoding: chunked\r\n", "0002\r\nhi\r\nA\r\n0123456789\r\n00\r\n\r\n"),
            "hi0123456789",
        ),
        (
            "extensions of chunks",
            post("transfer-encoding: chunked\r\n", "2;a=b;c=\"d\"\r\nhi\r\n0;x\r\n\r\n"),
            "hi",
        ),
        ("trailers", post("transfer-encoding: chunked\r\n", "2\r\nhi\r\n0\r\nx-a: b\r\nx-c:\r\n\r\n"), "hi"),
        ("HTTP/1.0 without a host", "POST /x HTTP/1.0\r\ncontent-length: 2\r\n\r\nhi".to_owned(), "hi"),
        ("a GET with a body", format!("GET /x HTTP/1.1\r\n{HOST}content-length: 2\r\n\r\nhi"), "hi"),
        ("a length with leading zeros", post("content-length: 0002\r\n", "hi"), "hi"),
    ] {
        let before = upstream.count();
        let mut client = gateway.connect().await;
        client.send(&message).await;
        let response = client.response().await;
        assert_eq!((response.status(), response.text().as_str()), (200, body), "{what}");
        let request = upstream.request(before).await;
        assert_eq!((request.target(), request.text().as_str()), ("/x", body), "{what}");
        let framed = (request.head.all("content-length").len(), request.head.all("transfer-encoding").len());
        assert!(framed.0 + framed.1 <= 1, "{what}: framed once");
    }
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let message = post("transfer-encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")
        + &post("content-length: 2\r\n", "hi");
    for byte in message.as_bytes() {
        client.send([*byte]).await;
    }
    assert_eq!(client.response().await.text(), "hello");
    assert_eq!(client.response().await.text(), "hi");
}

#[tokio::test]
async fn a_body_that_looks_like_requests_is_a_body() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let body = SMUGGLED.repeat(3);
    client.send(post(&format!("content-length: {}\r\n", body.len()), &body)).await;
    assert_eq!(client.response().await.text(), body);
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    client.send(post("transfer-encoding: chunked\r\n", &chunk)).await;
    assert_eq!(client.response().await.text(), body);
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn an_oversized_head_is_refused_with_431() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let big = "a".repeat(70_000);
    for (what, message) in [
        ("a header", get(&format!("x-big: {big}\r\n"))),
        (
            "many headers",
            get(&(0..2_000).map(|n| format!("x-{n}: {}\r\n", "a".repeat(30))).collect::<String>()),
        ),
        ("many short headers", get(&"a:\r\n".repeat(500))),
        ("a target", format!("GET /{big} HTTP/1.1\r\nhost: g\r\n\r\n")),
        ("a head without an end", format!("GET /x HTTP/1.1\r\nx-big: {big}")),
        ("a first line without an end", format!("GET /{big}")),
        ("a method without an end", big.to_uppercase()),
    ] {
        let mut client = gateway.connect().await;
        // The refusal may come before all of it was taken.
        drop(client.try_send(&message).await);
        let head = client.head().await.unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(head.word(1), "431", "{what}");
        let (body, _) = client.rest().await;
        assert!(String::from_utf8_lossy(&body).contains("\"code\":\"caller_head_too_large\""), "{what}");
    }
    assert_eq!(upstream.count(), 0);
    let fits = "a".repeat(50_000);
    let response = gateway.connect().await.get(&format!("/{fits}")).await;
    assert_eq!(response.status(), 200, "a head that fits passes");
    let gateway = Gateway::configured(&upstream, "max_header_size: 8KiB\n").await;
    let mut client = gateway.connect().await;
    client.send(get(&format!("x-big: {}\r\n", "a".repeat(9_000)))).await;
    assert_eq!(client.response().await.status(), 431);
}

#[tokio::test]
async fn an_oversized_body_is_refused_with_413() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "max_body_size: 10\n").await;
    for (what, message) in [
        ("a length", post("content-length: 11\r\n", "")),
        ("chunks", post("transfer-encoding: chunked\r\n", "8\r\n01234567\r\n3\r\n890\r\n")),
        ("one chunk", post("transfer-encoding: chunked\r\n", "ff\r\n0123456789abcdef")),
    ] {
        let mut client = gateway.connect().await;
        client.send(&message).await;
        let head = client.head().await.unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(head.word(1), "413", "{what}");
        let (body, _) = client.rest().await;
        assert!(String::from_utf8_lossy(&body).contains("\"code\":\"caller_body_too_large\""), "{what}");
    }
    assert!(upstream.requests().iter().all(|request| !request.complete));
    let mut client = gateway.connect().await;
    for message in [
        post("content-length: 10\r\n", "0123456789"),
        post("transfer-encoding: chunked\r\n", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"),
    ] {
        client.send(message).await;
        assert_eq!(client.response().await.text(), "0123456789");
    }
}

#[tokio::test]
async fn an_answer_cannot_inject_headers() {
    for (what, bytes) in [
        (
            "bare CR in a value",
            &b"HTTP/1.1 200 OK\r\nx-a: b\rset-cookie: evil=1\r\ncontent-length: 0\r\n\r\n"[..],
        ),
        ("NUL in a value", b"HTTP/1.1 200 OK\r\nx-a: b\0c\r\ncontent-length: 0\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi!"),
        ("a signed length", b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nhi"),
    ] {
        let upstream = FakeUpstream::always(Answer::raw(bytes).then_close()).await;
        let gateway = Gateway::before(&upstream).await;
        let response = gateway.connect().await.get("/").await;
        assert_eq!(
            (response.status(), response.code().as_str()),
            (502, "provider_protocol_invalid"),
            "{what}"
        );
        assert_eq!(response.head.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn an_answer_with_length_and_encoding_is_framed_once() {
    let raw =
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let upstream = FakeUpstream::always(Answer::raw(raw).then_close()).await;
    let gateway = Gateway::before(&upstream).await;
    let response = gateway.connect().await.get("/").await;
    let framed = response.head.all("content-length").len() + response.head.all("transfer-encoding").len();
    if response.status() == 200 {
        assert_eq!((response.text().as_str(), framed), ("hi", 1), "{response}");
    } else {
        assert_eq!(response.code(), "provider_protocol_invalid");
    }
}

#[tokio::test]
async fn bytes_behind_an_answer_are_not_taken_for_the_next_one() {
    let upstream = FakeUpstream::answering(|request| match request.nth {
        0 if request.target() == "/first" => Answer::raw(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
        ),
        _ => Answer::new(200).body("clean"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    assert_eq!(client.get("/first").await.text(), "first");
    for _ in 0..3 {
        assert_eq!(client.get("/next").await.text(), "clean");
    }
}

#[tokio::test]
async fn an_unfinished_head_is_answered_with_408_and_an_idle_connection_is_closed() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "header_timeout: 200ms\n").await;
    for begun in ["G", "GET /x HTTP/1.1\r\n", "GET /x HTTP/1.1\r\nhost: g\r\n"] {
        let mut client = gateway.connect().await;
        client.send(begun).await;
        let response = client.response().await;
        assert_eq!((response.status(), response.code().as_str()), (408, "caller_head_timeout"), "{begun:?}");
    }
    let gateway = Gateway::configured(&upstream, "keepalive_timeout: 200ms\n").await;
    let mut client = gateway.connect().await;
    assert_eq!(client.get("/").await.status(), 200);
    assert_eq!(client.rest().await, (Vec::new(), Ending::Closed), "idle after a request");
    let mut client = gateway.connect().await;
    assert_eq!(client.rest().await.0, b"", "idle from the beginning");
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn a_body_that_ends_early_is_not_passed_on_as_a_whole_one() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    for message in [
        post("content-length: 10\r\n", "01234"),
        post("transfer-encoding: chunked\r\n", "5\r\n01234\r\n"),
        post("transfer-encoding: chunked\r\n", "5\r\n01"),
    ] {
        let (before, left) = (upstream.count(), upstream.count());
        let mut client = gateway.connect().await;
        client.send(&message).await;
        within("the request", upstream.begun(before)).await;
        client.finish().await;
        upstream.left(left + 1).await;
        assert!(!upstream.requests()[before].complete);
    }
}
