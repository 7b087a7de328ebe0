//! Which headers pass, which do not, and which are added.

use aifd_tests::{Answer, Ending, FakeUpstream, Gateway, Sandbox, settings};

/// What SDKs and browsers send; openai-forward lost most of it.
const SDK_HEADERS: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "de, en;q=0.5"),
    ("authorization", "Bearer sk-user"),
    ("x-api-key", "sk-ant"),
    ("anthropic-version", "2023-06-01"),
    ("anthropic-beta", "a,b"),
    ("openai-organization", "org-1"),
    ("openai-project", "proj-1"),
    ("openai-beta", "assistants=v2"),
    ("x-stainless-lang", "python"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-raw-response", "stream"),
    ("idempotency-key", "k-1"),
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("tracestate", "a=b"),
    ("baggage", "k=v"),
    ("user-agent", "OpenAI/Python 3"),
    ("cookie", "a=1; b=2"),
    ("origin", "https://app.example"),
    ("referer", "https://app.example/x"),
    ("content-type", "application/json"),
    ("x-goog-api-key", "g-1"),
    ("api-key", "azure-1"),
    ("helicone-auth", "Bearer h"),
    ("if-none-match", "\"tag\""),
    ("range", "bytes=0-5"),
    ("x-real-ip", "203.0.113.7"),
    ("forwarded", "for=203.0.113.7"),
    ("via", "1.1 other"),
    ("x-empty", ""),
];

#[tokio::test]
async fn what_an_sdk_sends_reaches_both_types_of_upstream() {
    let upstream = FakeUpstream::always(Answer::json("{}")).await;
    let sandbox = Sandbox::new();
    let url = upstream.url();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n  - {{base_url: \"{url}\", route: /o, type: openai}}\n  - {{base_url: \"{url}\", route: /g, type: general}}\n"
        ),
    );
    let gateway = sandbox.serve().await;
    let sent: String = SDK_HEADERS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    for (index, route) in ["/o", "/g"].into_iter().enumerate() {
        let mut client = gateway.connect().await;
        client
            .send(format!("POST {route}/v1/x HTTP/1.1\r\nhost: g\r\n{sent}content-length: 2\r\n\r\n{{}}"))
            .await;
        assert_eq!(client.response().await.status(), 200);
        let request = upstream.request(index).await;
        for (name, value) in SDK_HEADERS {
            assert_eq!(request.head.all(name), [*value], "{route} {name}");
        }
    }
}

#[tokio::test]
async fn a_whole_request_and_its_whole_answer() {
    let answer = Answer::json(r#"{"id":"x"}"#)
        .header("date", "Mon, 01 Jan 2024 00:00:00 GMT")
        .header("server", "upstream/1")
        .header("openai-version", "2020-10-01")
        .header("x-ratelimit-remaining-requests", "9999")
        .header("retry-after", "3");
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let body = r#"{"model": "m", "n":1.0, "unknown": [ ]}"#;
    client
        .send(format!(
            "POST /v1/chat/completions?a=%2F HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Bearer sk-user\r\n\
             Content-Type: application/json\r\nX-Request-Id: given\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    let response = client.response().await;
    let request = upstream.request(0).await;
    let received = String::from_utf8_lossy(&request.head.raw).replace("\r\n", "\n") + &request.text();
    settings().bind(|| insta::assert_snapshot!(format!("{received}\n\n---\n{response}")));
}

#[tokio::test]
async fn nothing_is_added_to_a_bare_request_but_where_it_came_from() {
    let upstream = FakeUpstream::always(Answer::new(204)).await;
    let gateway = Gateway::before(&upstream).await;
    assert_eq!(gateway.connect().await.get("/v1/models").await.status(), 204);
    let mut names = upstream.request(0).await.head.names();
    names.sort();
    assert_eq!(names, ["host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"]);
}

#[tokio::test]
async fn hop_by_hop_headers_and_those_named_in_connection_stay_on_their_side() {
    let answer = Answer::json("{}")
        .header("connection", "keep-alive, X-Theirs")
        .header("x-theirs", "1")
        .header("keep-alive", "timeout=5")
        .header("proxy-connection", "keep-alive")
        .header("upgrade", "h2c")
        .header("x-kept", "1");
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send(
            "GET / HTTP/1.1\r\nhost: g\r\nconnection: X-Mine, keep-alive\r\nConnection: x-other\r\nx-mine: 1\r\n\
             X-Other: 1\r\nkeep-alive: timeout=5\r\nproxy-connection: keep-alive\r\nproxy-authorization: Basic eDp5\r\n\
             te: gzip\r\nx-kept: 1\r\n\r\n",
        )
        .await;
    let response = client.response().await;
    let request = upstream.request(0).await;
    for gone in
        ["x-mine", "x-other", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade"]
    {
        assert_eq!(request.header(gone), None, "{gone} reached the upstream");
    }
    assert_eq!(request.header("x-kept"), Some("1"));
    for gone in ["x-theirs", "keep-alive", "proxy-connection", "upgrade"] {
        assert_eq!(response.head.header(gone), None, "{gone} reached the client");
    }
    assert_eq!(response.head.header("x-kept"), Some("1"));
    for head in [&request.head, &response.head] {
        let connection = head.all("connection").join(",").to_ascii_lowercase();
        assert!(!connection.contains("x-"), "{connection}");
    }
}

#[tokio::test]
async fn a_connection_header_cannot_take_out_what_frames_or_identifies_a_message() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send(
            "POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 5\r\ncontent-type: text/x\r\n\
             connection: content-length, host, content-type, x-forwarded-for\r\n\r\nhello",
        )
        .await;
    let response = client.response().await;
    assert_eq!((response.status(), response.text().as_str()), (200, "hello"));
    let request = upstream.request(0).await;
    assert_eq!(request.header("content-type"), Some("text/x"));
    assert_eq!(request.header("host"), Some(upstream.address().to_string().as_str()));
    assert_eq!(request.header("x-forwarded-for"), Some("127.0.0.1"));
}

#[tokio::test]
async fn the_upstream_learns_where_a_request_came_from() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for (given, chain) in [
        ("", "127.0.0.1"),
        ("x-forwarded-for: 203.0.113.9\r\n", "203.0.113.9, 127.0.0.1"),
        (
            "X-Forwarded-For: 203.0.113.9, 10.0.0.1\r\nx-forwarded-for: 10.0.0.2\r\n",
            "203.0.113.9, 10.0.0.1, 10.0.0.2, 127.0.0.1",
        ),
    ] {
        let before = upstream.count();
        client
            .send(format!(
                "GET / HTTP/1.1\r\nhost: asked.example:81\r\n{given}x-forwarded-proto: gopher\r\nx-forwarded-host: forged\r\n\r\n"
            ))
            .await;
        client.response().await;
        let request = upstream.request(before).await;
        assert_eq!(request.head.all("x-forwarded-for"), [chain]);
        assert_eq!(request.head.all("x-forwarded-proto"), ["http"]);
        assert_eq!(request.head.all("x-forwarded-host"), ["asked.example:81"]);
        assert_eq!(request.head.all("host"), [upstream.address().to_string()]);
    }
}

#[tokio::test]
async fn every_header_of_the_upstream_reaches_the_client_duplicates_in_order() {
    let answer = Answer::json("{}")
        .header("set-cookie", "a=1; Path=/")
        .header("set-cookie", "b=2")
        .header("set-cookie", "a=3")
        .header("link", "<a>")
        .header("link", "<b>")
        .header("x-ratelimit-limit-requests", "1")
        .header("openai-processing-ms", "12")
        .header("cache-control", "no-cache, must-revalidate")
        .header("retry-after", "7")
        .header("retry-after-ms", "7000")
        .header("server", "cloudflare")
        .header("via", "1.1 edge")
        .header("alt-svc", "h3=\":443\"")
        .header("x-empty", "")
        .header("date", "Mon, 01 Jan 2024 00:00:00 GMT");
    let sent = answer.clone();
    let upstream = FakeUpstream::always(answer).await;
    let gateway = Gateway::before(&upstream).await;
    let response = gateway.connect().await.get("/").await;
    assert_eq!(response.head.all("set-cookie"), ["a=1; Path=/", "b=2", "a=3"]);
    assert_eq!(response.head.all("link"), ["<a>", "<b>"]);
    for (name, value) in sent.headers() {
        assert!(response.head.all(name).contains(&value), "{name}: {response}");
    }
    assert_eq!(response.head.all("date").len(), 1);
}

#[tokio::test]
async fn header_values_beyond_ascii_pass_byte_by_byte() {
    let upstream = FakeUpstream::always(Answer::raw(
        &b"HTTP/1.1 200 OK\r\nx-name: \xe9\xff\r\ncontent-length: 0\r\n\r\n"[..],
    ))
    .await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send(b"GET / HTTP/1.1\r\nhost: g\r\nx-name: caf\xc3\xa9 \xe9\r\n\r\n").await;
    let response = client.response().await;
    let has = |raw: &[u8], bytes: &[u8]| raw.windows(bytes.len()).any(|window| window == bytes);
    assert!(has(&response.head.raw, b"x-name: \xe9\xff\r\n"));
    assert!(has(&upstream.request(0).await.head.raw, b"x-name: caf\xc3\xa9 \xe9\r\n"));
}

#[tokio::test]
async fn a_request_id_is_accepted_or_made_and_echoed() {
    // The upstream has an id of its own when asked at /own.
    let upstream = FakeUpstream::answering(|request| match request.target() {
        "/own" => Answer::json("{}").header("x-request-id", "req_upstream"),
        _ => Answer::json("{}"),
    })
    .await;
    let gateway = Gateway::before(&upstream).await;
    let long = "a".repeat(200);
    let too_long = "a".repeat(201);
    for (target, given, echoed, theirs) in [
        ("/", None, None, None),
        ("/", Some("abc-123"), Some("abc-123"), None),
        ("/", Some(&*long), Some(&*long), None),
        ("/", Some(&*too_long), None, None),
        ("/", Some("has space"), None, None),
        ("/", Some("caf\u{e9}"), None, None),
        ("/", Some(""), None, None),
        ("/own", None, Some("req_upstream"), None),
        ("/own", Some("mine"), Some("mine"), Some("req_upstream")),
        ("/own", Some("req_upstream"), Some("req_upstream"), None),
    ] {
        let before = upstream.count();
        let mut client = gateway.connect().await;
        let header = given.map_or_else(String::new, |given| format!("x-request-id: {given}\r\n"));
        client.send(format!("GET {target} HTTP/1.1\r\nhost: g\r\n{header}\r\n")).await;
        let response = client.response().await;
        let sent = upstream.request(before).await;
        let sent = sent.head.all("x-request-id");
        let got = response.head.all("x-request-id");
        assert_eq!((sent.len(), got.len()), (1, 1), "{given:?}: {sent:?} {got:?}");
        match echoed {
            Some(echoed) => assert_eq!(got, [echoed], "{target} {given:?}"),
            None => {
                assert_eq!(got, sent, "{target} {given:?}");
                assert!(got[0].len() >= 16 && got[0].bytes().all(|b| b.is_ascii_graphic()), "{got:?}");
            }
        }
        assert_eq!(response.head.header("x-upstream-request-id"), theirs, "{target} {given:?}");
    }
}

#[tokio::test]
async fn made_request_ids_differ() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..50 {
        let response = client.get("/").await;
        assert!(ids.insert(response.head.header("x-request-id").unwrap().to_owned()));
    }
}

#[tokio::test]
async fn errors_of_the_gateway_carry_the_request_id_too() {
    let upstream = FakeUpstream::always(Answer::close()).await;
    let gateway = Gateway::configured(&upstream, "retry: {attempts: 0}\n").await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\nx-request-id: mine\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status(), response.head.header("x-request-id")), (502, Some("mine")));
    assert_eq!(response.ending, Ending::Complete);
}
