//! Everything HTTP passes: methods, bodies, statuses, streams, byte for byte and as it comes.

use aifd_tests::{Answer, Ending, FakeUpstream, Gate, Gateway, sse_frames};
use bytes::Bytes;

/// Bytes without a pattern that a compressor or a line reader could rely on.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn chunked(chunks: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in chunks {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

#[tokio::test]
async fn every_method_passes_with_and_without_a_body() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "M-SEARCH", "FOO",
        "get",
    ] {
        for body in ["", "{\"a\":1}"] {
            let before = upstream.count();
            let length =
                if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            client.send(format!("{method} /v1/x HTTP/1.1\r\nhost: g\r\n{length}\r\n{body}")).await;
            let response = client.response().await;
            assert_eq!((response.status(), response.text().as_str()), (200, body), "{method}");
            let request = upstream.request(before).await;
            assert_eq!((request.method(), request.text().as_str()), (method, body));
            let framed =
                request.header("content-length").is_some() || request.header("transfer-encoding").is_some();
            assert_eq!(framed, !body.is_empty(), "{method}: a body is framed if there is one");
        }
    }
}

#[tokio::test]
async fn an_empty_body_with_a_length_stays_one() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 200);
    assert_eq!(upstream.request(0).await.header("content-length"), Some("0"));
}

#[tokio::test]
async fn head_is_answered_with_the_length_and_no_body() {
    let upstream = FakeUpstream::always(Answer::json("{\"a\":\"0123456789\"}").header("etag", "\"x\"")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        client.send("HEAD /v1/models HTTP/1.1\r\nhost: g\r\n\r\n").await;
        let response = client.response_to("HEAD").await;
        assert_eq!(response.head.header("content-length"), Some("18"));
        assert_eq!(response.head.header("etag"), Some("\"x\""));
    }
    assert_eq!(upstream.request(1).await.method(), "HEAD");
    // Nothing was left on the connection.
    assert_eq!(client.get("/").await.text().len(), 18);
}

#[tokio::test]
async fn bodies_pass_byte_for_byte_sized_and_chunked_both_ways() {
    let boundary = "----b0undary";
    let multipart = [
        format!("--{boundary}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n")
            .into_bytes(),
        format!("--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x.bin\"\r\n\r\n")
            .into_bytes(),
        noise(70_000),
        format!("\r\n--{boundary}--\r\n").into_bytes(),
    ]
    .concat();
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\x54\xb2\x32\xa8\x05\x00\xd4\xe1\x53\x25\x07\x00\x00\x00";
    let cases: &[(&str, &[u8])] = &[
        (
            "application/json",
            br#"{ "z":1,"a" : 1.0, "big": 123456789012345678901234567890, "u":"\u00e9", "z":2 }"#,
        ),
        ("application/json", b"not json at all"),
        (&format!("multipart/form-data; boundary={boundary}"), &multipart),
        ("application/octet-stream", &noise(300_000)),
        ("application/octet-stream", b"\0\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        ("text/event-stream", b"data: a\r\n\r\n\xef\xbb\xbfdata: b\n\n: comment\nid: 1\n\n"),
        ("application/gzip", gzip),
        ("text/plain", b""),
    ];
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for (content_type, body) in cases {
        let before = upstream.count();
        let head = format!("POST / HTTP/1.1\r\nhost: g\r\ncontent-type: {content_type}\r\n");
        client.send(format!("{head}content-length: {}\r\n\r\n", body.len())).await.send(body).await;
        let response = client.response().await;
        assert_eq!((response.status(), response.body.as_slice()), (200, *body), "{content_type}");
        assert_eq!(response.head.header("content-type"), Some(*content_type));
        assert_eq!(
            upstream.request(before).await.header("content-length"),
            Some(body.len().to_string().as_str())
        );

        client.send(format!("{head}transfer-encoding: chunked\r\n\r\n")).await;
        let pieces: Vec<&[u8]> = body.chunks(7_001).collect();
        client.send(chunked(&pieces)).await;
        assert_eq!(client.response().await.body, *body, "{content_type} in chunks");
        let request = upstream.request(before + 1).await;
        assert_eq!(request.header("transfer-encoding"), Some("chunked"));
        assert_eq!(request.header("content-length"), None);
    }
}

#[tokio::test]
async fn compressed_answers_pass_untouched() {
    let bytes: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\x54\xb2\x32\xa8\x05\x00\xd4\xe1\x53\x25\x07\x00\x00\x00";
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let answer = Answer::new(200).header("content-encoding", encoding).header("vary", "accept-encoding");
        let upstream = FakeUpstream::always(answer.body(bytes)).await;
        let gateway = Gateway::before(&upstream).await;
        let response = gateway.connect().await.get("/").await;
        assert_eq!(response.head.header("content-encoding"), Some(encoding));
        assert_eq!(response.head.header("content-length"), Some(bytes.len().to_string().as_str()));
        assert_eq!(response.body, bytes);
        // The client did not offer an encoding, so neither did the gateway.
        assert_eq!(upstream.request(0).await.header("accept-encoding"), None);
    }
}

#[tokio::test]
async fn every_status_passes_with_its_body() {
    let upstream = FakeUpstream::answering(|request| {
        let status = request.target().trim_start_matches('/').parse().unwrap();
        Answer::new(status).header("content-type", "application/json").body(format!("{{\"was\":{status}}}"))
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for status in [
        200, 201, 202, 206, 207, 299, 400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 451, 499, 500, 501,
        503, 529, 599,
    ] {
        let response = client.get(&format!("/{status}")).await;
        assert_eq!((response.status(), response.text()), (status, format!("{{\"was\":{status}}}")));
    }
}

#[tokio::test]
async fn answers_without_a_body_leave_the_connection_usable() {
    let upstream = FakeUpstream::answering(|request| match request.target() {
        "/204" => Answer::new(204),
        "/304" => Answer::new(304).header("etag", "\"x\""),
        "/205" => Answer::new(205),
        _ => Answer::new(200),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for status in [204, 304, 205, 200, 204] {
        let response = client.get(&format!("/{status}")).await;
        assert_eq!((response.status(), response.body.len(), response.ending), (status, 0, Ending::Complete));
        assert_eq!(response.head.header("transfer-encoding"), None, "{status}");
    }
}

#[tokio::test]
async fn redirects_are_passed_on_and_not_followed() {
    let upstream = FakeUpstream::answering(|request| {
        let status = request.target().trim_start_matches('/').parse().unwrap();
        Answer::new(status).header("location", "/elsewhere")
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for (index, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
        let response = client.get(&format!("/{status}")).await;
        assert_eq!((response.status(), response.head.header("location")), (status, Some("/elsewhere")));
        assert_eq!(upstream.count(), index + 1);
    }
}

#[tokio::test]
async fn each_frame_reaches_the_client_before_the_next_is_sent() {
    for iter_chunk in ["efficiency", "one-by-one"] {
        let gate = Gate::new();
        let frames = sse_frames(&["one", "two", "three"]);
        let upstream = FakeUpstream::always(Answer::sse(frames.clone()).gated(&gate)).await;
        let gateway =
            Gateway::configured(&upstream, &format!("rate_limit: {{iter_chunk: {iter_chunk}}}\n")).await;
        let mut client = gateway.connect().await;
        client.send("POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
        let head = client.head().await.unwrap();
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        assert_eq!(head.header("transfer-encoding"), Some("chunked"));
        for frame in frames {
            gate.pass();
            assert_eq!(client.chunk().await, Some(format!("data: {frame}\n\n").into_bytes()), "{iter_chunk}");
        }
        gate.open();
        assert_eq!(client.chunk().await, None);
        assert_eq!(client.get("/").await.status(), 200);
    }
}

#[tokio::test]
async fn a_sized_answer_is_streamed_too() {
    let gate = Gate::new();
    let parts = ["first", "second"].map(Bytes::from);
    let upstream = FakeUpstream::always(Answer::new(200).parts(parts).gated(&gate)).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    assert_eq!(client.head().await.unwrap().header("content-length"), Some("11"));
    gate.pass();
    client.until("first").await;
    gate.pass();
    client.until("second").await;
}

#[tokio::test]
async fn one_by_one_keeps_every_frame_apart_and_efficiency_loses_none() {
    let words: Vec<String> = (0..60).map(|n| format!("word{n}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let frames = sse_frames(&words);
    let whole: String = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect();
    for iter_chunk in ["efficiency", "one-by-one"] {
        let upstream = FakeUpstream::always(Answer::sse(frames.clone())).await;
        let gateway =
            Gateway::configured(&upstream, &format!("rate_limit: {{iter_chunk: {iter_chunk}}}\n")).await;
        let mut client = gateway.connect().await;
        client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
        client.head().await.unwrap();
        let mut chunks = Vec::new();
        while let Some(chunk) = client.chunk().await {
            chunks.push(String::from_utf8(chunk).unwrap());
        }
        assert_eq!(chunks.concat(), whole, "{iter_chunk}");
        if iter_chunk == "one-by-one" {
            assert_eq!(chunks.len(), frames.len());
        }
    }
}

#[tokio::test]
async fn an_upload_reaches_the_upstream_as_it_comes() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for word in ["first", "second", "third"] {
        client.send(format!("{:x}\r\n{word}\r\n", word.len())).await;
        upstream.body_with(0, word).await;
    }
    client.send("0\r\n\r\n").await;
    assert_eq!(client.response().await.text(), "firstsecondthird");

    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 10\r\n\r\n").await;
    for word in ["01234", "56789"] {
        client.send(word).await;
        upstream.body_with(1, word).await;
    }
    assert_eq!(client.response().await.text(), "0123456789");
}

#[tokio::test]
async fn an_answer_may_come_before_the_upload_has_ended() {
    let upstream =
        FakeUpstream::always(Answer::json("{\"error\":1}").status(401).unread().then_close()).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 1000000\r\n\r\nbegin").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.text().as_str()), (401, "{\"error\":1}"));
}

#[tokio::test]
async fn an_upload_and_its_answer_may_flow_at_the_same_time() {
    let gate = Gate::new();
    // Answers frame by frame while the upload goes on.
    let upstream = FakeUpstream::answering({
        let gate = gate.clone();
        move |_| {
            let gate = gate.clone();
            Answer::taken_over(move |mut socket, _| {
                let gate = gate.clone();
                async move {
                    use tokio::io::{AsyncReadExt, AsyncWriteExt};
                    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nready\r\n";
                    socket.write_all(head.as_bytes()).await.unwrap();
                    let mut got = [0; 512];
                    let read = socket.read(&mut got).await.unwrap();
                    assert!(read > 0);
                    gate.open();
                    socket.write_all(b"4\r\ndone\r\n0\r\n\r\n").await.unwrap();
                    while socket.read(&mut got).await.is_ok_and(|read| read > 0) {}
                }
            })
        }
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n").await;
    client.head().await.unwrap();
    assert_eq!(client.chunk().await.unwrap(), b"ready");
    client.send("3\r\nabc\r\n").await;
    gate.wait().await;
    assert_eq!(client.chunk().await.unwrap(), b"done");
    assert_eq!(client.chunk().await, None);
}

#[tokio::test]
async fn trailers_pass_both_ways() {
    let answer = Answer::new(200).header("trailer", "x-sum, x-more").chunks(["body"]);
    let upstream = FakeUpstream::always(answer.trailer("x-sum", "abc").trailer("x-more", "1")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send(
            "POST / HTTP/1.1\r\nhost: g\r\nte: trailers\r\nconnection: te\r\ntrailer: x-end\r\n\
             transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-end: yes\r\n\r\n",
        )
        .await;
    let response = client.response().await;
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(response.trailers, [own("x-sum", "abc"), own("x-more", "1")]);
    assert_eq!(response.text(), "body");
    assert_eq!(upstream.request(0).await.trailers, [own("x-end", "yes")]);
}

#[tokio::test]
async fn trailers_never_break_a_client_that_did_not_ask_for_them() {
    let upstream = FakeUpstream::always(Answer::new(200).chunks(["body"]).trailer("x-sum", "abc")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        let response = client.get("/").await;
        assert_eq!((response.text().as_str(), response.ending), ("body", Ending::Complete));
    }
}

#[tokio::test]
async fn expect_100_continue_is_answered_and_the_body_passes() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n").await;
    assert_eq!(client.head().await.unwrap().word(1), "100");
    client.send("hello").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.text().as_str(), response.interim.len()), (200, "hello", 0));
}

#[tokio::test]
async fn a_refusal_of_an_awaited_body_comes_without_100() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "max_body_size: 10\n").await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.interim.len()), (413, 0));
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn interim_answers_are_relayed_to_http_1_1() {
    let answer = Answer::json("{}")
        .interim("HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\nlink: </b>")
        .interim("HTTP/1.1 102 Processing");
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        let response = client.get("/").await;
        let statuses: Vec<&str> = response.interim.iter().map(|head| head.word(1)).collect();
        assert_eq!((response.status(), statuses), (200, vec!["103", "102"]));
        assert_eq!(response.interim[0].all("link"), ["</a>; rel=preload", "</b>"]);
    }
    client.send("GET / HTTP/1.0\r\nhost: g\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.interim.len()), (200, 0));
}

#[tokio::test]
async fn a_100_of_the_upstream_is_not_taken_for_its_answer() {
    let upstream = FakeUpstream::always(Answer::json("{}").interim("HTTP/1.1 100 Continue")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}").await;
    assert_eq!(client.response().await.status(), 200);
}

#[tokio::test]
async fn answers_of_http_1_0_upstreams_pass() {
    for (answer, body) in [
        (Answer::new(200).first_line("HTTP/1.0 200 OK").body("until the end").until_close(), "until the end"),
        (Answer::new(200).first_line("HTTP/1.0 200 OK").body("sized").then_close(), "sized"),
        (Answer::new(200).first_line("HTTP/1.1 200 Whatever It Says").body("x"), "x"),
        (Answer::new(200).first_line("HTTP/1.1 200").body("x"), "x"),
    ] {
        let upstream = FakeUpstream::always(answer).await;
        let gateway = Gateway::before(&upstream).await;
        let mut client = gateway.connect().await;
        let response = client.get("/").await;
        assert_eq!(
            (response.text().as_str(), response.ending),
            (body, Ending::Complete),
            "{}",
            response.head.first_line
        );
        assert_eq!(client.get("/").await.text(), body, "the client's connection goes on");
    }
}

#[tokio::test]
async fn large_bodies_pass_whole() {
    let body = Bytes::from(noise(3_000_000));
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let response = gateway.client().post(gateway.url("/v1/files")).body(body.clone()).send().await.unwrap();
    assert_eq!(response.headers()["content-length"], "3000000");
    assert!(response.bytes().await.unwrap() == body);
    assert!(upstream.request(0).await.body == body);
}

#[tokio::test]
async fn a_truncated_answer_never_ends_cleanly() {
    let sized = || Answer::new(200).body("0123456789");
    let chunks = || Answer::sse(["one", "two"]);
    let close_delimited = || Answer::new(200).body("0123456789").until_close();
    for (what, answer, sent) in [
        ("a cut of a sized body", sized().cut_at(4), "0123"),
        ("a reset of a sized body", sized().reset_at(4), "0123"),
        ("a cut of a chunked body", chunks().cut_at(11), "data: one\n\n"),
        (
            "a cut within a chunk",
            Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n0123").then_close(),
            "0123",
        ),
        ("a reset of a chunked body", chunks().reset_at(11), "data: one\n\n"),
        (
            "garbage for a chunk size",
            Answer::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n0123\r\nzz\r\n"),
            "0123",
        ),
        ("a reset of a body without an end", close_delimited().reset_at(4), "0123"),
    ] {
        for version in ["1.1", "1.0"] {
            let upstream = FakeUpstream::always(answer.clone()).await;
            let gateway = Gateway::before(&upstream).await;
            let mut client = gateway.connect().await;
            client.send(format!("GET /x HTTP/{version}\r\nhost: g\r\n\r\n")).await;
            let response = client.response().await;
            assert_eq!(response.status(), 200, "{what}");
            assert!(sent.starts_with(&response.text()), "{what}: {:?}", response.text());
            let framed = response.head.header("content-length").is_some()
                || response.head.header("transfer-encoding").is_some();
            if framed {
                assert_ne!(response.ending, Ending::Complete, "{what} to HTTP/{version}");
            } else {
                assert_eq!(
                    response.ending,
                    Ending::Reset,
                    "{what} to HTTP/{version}, whose end is the connection's"
                );
            }
            let line = gateway.access_line("/x").await;
            assert_eq!(line["end"], "failed", "{what}: {line}");
        }
    }
}

#[tokio::test]
async fn what_came_before_a_break_reaches_the_client() {
    let gate = Gate::new();
    let upstream = FakeUpstream::always(Answer::sse(["one", "two", "three"]).gated(&gate).reset_at(22)).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    client.head().await.unwrap();
    gate.pass();
    assert_eq!(client.chunk().await.unwrap(), b"data: one\n\n");
    gate.open();
    let (rest, _) = client.rest().await;
    assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "no clean end");
}
