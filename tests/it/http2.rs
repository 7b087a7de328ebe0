//! HTTP/2 on the listener: streams, their breaks and bounds, and nothing that becomes ambiguous as HTTP/1.1.

use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, Sandbox, Socket, http_client, within};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

#[tokio::test]
async fn http_2_with_prior_knowledge_is_served_on_the_plain_listener() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let client = http_client().http2_prior_knowledge().build().unwrap();
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
    let client = http_client().http2_prior_knowledge().build().unwrap();
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

pub(crate) async fn http2(socket: Socket) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let io = TokioIo::new(socket);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

#[tokio::test]
async fn what_http_1_1_promises_holds_over_http_2() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let forward = upstream.forward().replace("route: \"/\"", "route: \"/v1\"");
    sandbox.write("aifd.yaml", forward + "max_body_size: 5\n");
    let gateway = sandbox.serve().await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    for (method, path, body, status, code) in [
        ("POST", "/v1/x", "hello", 200, ""),
        ("PROPFIND", "/v1/x?a=%2F", "", 200, ""),
        ("GET", "/healthz", "", 200, ""),
        ("GET", "/nowhere", "", 404, "caller_route_unknown"),
        ("GET", "/v1/../x", "", 400, "caller_path_invalid"),
        ("GET", "/v1/%2e%2e/x", "", 400, "caller_path_invalid"),
        ("POST", "/v1/x", "too long", 413, "caller_body_too_large"),
    ] {
        let request =
            http::Request::builder().method(method).uri(gateway.url(path)).header("x-request-id", "mine");
        let request = request.body(Full::from(body)).unwrap();
        let answer = within("an answer", sender.send_request(request)).await.unwrap();
        let (head, answered) = answer.into_parts();
        let text = answered.collect().await.unwrap().to_bytes();
        assert_eq!(
            (head.status.as_u16(), &head.headers["x-request-id"]),
            (status, &"mine".parse().unwrap()),
            "{path}"
        );
        assert!(
            code.is_empty() || String::from_utf8_lossy(&text).contains(code),
            "{method} {path}: {text:?}"
        );
        for gone in ["connection", "transfer-encoding", "keep-alive"] {
            assert!(!head.headers.contains_key(gone), "{gone} does not exist in HTTP/2");
        }
        if path.starts_with("/v1/x") && status == 200 {
            let request = upstream.requests().pop().unwrap();
            assert_eq!((request.method(), request.text().as_str()), (method, body));
            assert_eq!(request.header("host"), Some(upstream.address().to_string().as_str()));
        }
    }
}

#[tokio::test]
async fn answers_without_a_body_and_to_head_pass() {
    let upstream = FakeUpstream::answering(|request| match request.target() {
        "/204" => Answer::new(204),
        "/304" => Answer::new(304).header("etag", "\"x\""),
        _ => Answer::json("{\"a\":1}"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    for (method, path, status, length) in
        [("GET", "/204", 204, None), ("GET", "/304", 304, None), ("HEAD", "/x", 200, Some("7"))]
    {
        let request = http::Request::builder().method(method).uri(gateway.url(path));
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let answer = within("an answer", sender.send_request(request)).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(
            answer.headers().get("content-length").map(|value| value.to_str().unwrap()),
            length,
            "{path}"
        );
        assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
}

#[tokio::test]
async fn a_stream_that_nobody_reads_does_not_hold_up_the_others() {
    let part = Bytes::from(vec![b'x'; 64 * 1024]);
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/large" => Answer::new(200).chunks(vec![part.clone(); 800]),
        _ => Answer::json("{}"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    let get = |path: &str| http::Request::get(gateway.url(path)).body(Full::<Bytes>::default()).unwrap();
    let large = within("an answer", sender.send_request(get("/large"))).await.unwrap();
    for _ in 0..20 {
        let small = within("an answer", sender.send_request(get("/small"))).await.unwrap();
        assert_eq!(within("its end", small.into_body().collect()).await.unwrap().to_bytes(), "{}");
    }
    let length = within("its end", large.into_body().collect()).await.unwrap().to_bytes().len();
    assert_eq!(length, 800 * 64 * 1024);
}

#[tokio::test]
async fn an_upload_that_no_upstream_reads_does_not_hold_up_the_others() {
    let upstream =
        FakeUpstream::builder().receive_buffer(64 * 1024).answering(|request| match request.target() {
            "/stuck" => Answer::stall().unread().held(&Gate::new()),
            _ => Answer::echo(),
        });
    let upstream = upstream.await;
    let gateway = Gateway::before(&upstream).await;
    let mut sender = http2(gateway.connect().await.into_socket()).await;
    let post =
        |path: &str, body: Vec<u8>| http::Request::post(gateway.url(path)).body(Full::from(body)).unwrap();
    let stuck: Vec<_> = (0..4).map(|_| sender.send_request(post("/stuck", vec![b'x'; 40_000_000]))).collect();
    let stuck = tokio::spawn(futures_util::future::join_all(stuck));
    upstream.begun(3).await;
    for _ in 0..20 {
        let answer =
            within("an answer", sender.send_request(post("/echo", vec![b'y'; 100_000]))).await.unwrap();
        assert_eq!(within("its end", answer.into_body().collect()).await.unwrap().to_bytes().len(), 100_000);
    }
    stuck.abort();
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Fields in HPACK, each as a literal of a new name (RFC 7541 section 6.2.2).
fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

#[tokio::test]
async fn nothing_is_smuggled_through_fields_that_only_http_1_would_misread() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let plain = [(":method", "POST"), (":scheme", "http"), (":path", "/x"), (":authority", "g")];
    let with = |name: &'static str, value: &'static str| {
        let mut all: Vec<_> = plain.iter().filter(|(found, _)| *found != name).copied().collect();
        all.insert(if name.starts_with(':') { 0 } else { all.len() }, (name, value));
        all
    };
    let twice = |name: &'static str, value: &'static str| [&[(name, value)], &plain[..]].concat();
    let smuggled = "\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: g\r\n\r\n";
    for (what, head) in [
        (
            "a line end in a value",
            with("x-a", "b\r\ncontent-length: 0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: g"),
        ),
        ("LF in a value", with("x-a", "b\nx-b: c")),
        ("NUL in a value", with("x-a", "b\0c")),
        ("a line end in a name", with("x-a: b\r\nx-b", "c")),
        ("a colon in a name", with("x-a:b", "c")),
        ("a blank in a name", with("x a", "c")),
        ("capitals in a name", with("X-A", "c")),
        ("an empty name", with("", "c")),
        ("a request in the path", with(":path", "/x HTTP/1.1\r\nhost: g\r\n\r\nGET /smuggled")),
        ("a blank in the path", with(":path", "/x y")),
        ("a path without a slash", with(":path", "smuggled")),
        ("an empty path", with(":path", "")),
        ("a whole URL in the path", with(":path", "http://evil.example/smuggled")),
        ("a request in the method", with(":method", "GET /smuggled HTTP/1.1\r\nx: ")),
        ("a blank in the method", with(":method", "GET /smuggled")),
        ("a line end in the authority", with(":authority", "g\r\nx: y")),
        ("a path in the authority", with(":authority", "g/smuggled?")),
        ("a name and password in the authority", with(":authority", "a:b@g")),
        ("transfer-encoding", with("transfer-encoding", "chunked")),
        ("connection", with("connection", "x-a")),
        ("keep-alive", with("keep-alive", "timeout=5")),
        ("upgrade", with("upgrade", "websocket")),
        ("te other than trailers", with("te", "gzip")),
        ("two paths", twice(":path", "/smuggled")),
        ("two methods", twice(":method", "GET")),
        ("no path", plain.iter().filter(|(name, _)| *name != ":path").copied().collect()),
        ("an unknown pseudo field", with(":smuggled", "1")),
        ("a pseudo field behind others", [&plain[..3], &[("x-a", "b"), (":authority", "g")]].concat()),
        ("a length that is none", with("content-length", "x")),
        ("two lengths", [&plain[..], &[("content-length", "47"), ("content-length", "0")]].concat()),
        ("a length less than the body", with("content-length", "0")),
        ("a length more than the body", with("content-length", "100")),
        ("CONNECT", vec![(":method", "CONNECT"), (":authority", "evil.example:443")]),
    ] {
        let before = upstream.count();
        let mut client = gateway.connect().await;
        let bytes = [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            frame(4, 0, 0, &[]),
            frame(1, 4, 1, &fields(&head)),
            frame(0, 1, 1, smuggled.as_bytes()),
        ];
        drop(client.try_send(bytes.concat()).await);
        // A request that is well-formed, so that its answer or the end of the connection follows what became of it.
        let good = [(":method", "GET"), (":scheme", "http"), (":path", "/good"), (":authority", "g")];
        drop(client.try_send(frame(1, 5, 3, &fields(&good))).await);
        drop(client.try_send(frame(7, 0, 0, &[0; 8])).await);
        client.rest().await;
        for request in &upstream.requests()[before..] {
            assert!(["/x", "/good"].contains(&request.target()), "{what}: {request:?}");
            if request.target() == "/x" {
                assert!(!request.complete || request.body == smuggled.as_bytes(), "{what}: {request:?}");
                for gone in ["connection", "keep-alive", "upgrade", "te"] {
                    assert_eq!(request.header(gone), None, "{what}");
                }
                assert!(
                    request.head.headers.iter().all(|(name, _)| !name.contains(' ')),
                    "{what}: {request:?}"
                );
            }
        }
    }
}
