//! Cross-origin requests of browsers.

use aifd_tests::{Answer, FakeUpstream, Gateway, RawClient, Response};

async fn ask(client: &mut RawClient, method: &str, headers: &str) -> Response {
    client.send(format!("{method} /v1/models HTTP/1.1\r\nhost: g\r\n{headers}\r\n")).await;
    client.response().await
}

const PREFLIGHT: &str = "origin: https://app.example\r\naccess-control-request-method: POST\r\n\
                         access-control-request-headers: authorization, x-stainless-lang\r\n";

#[tokio::test]
async fn a_preflight_is_answered_here_for_any_origin() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    let response = ask(&mut client, "OPTIONS", PREFLIGHT).await;
    for (name, value) in [
        ("access-control-allow-origin", Some("https://app.example")),
        ("access-control-allow-methods", Some("POST")),
        ("access-control-allow-headers", Some("authorization, x-stainless-lang")),
        ("access-control-max-age", Some("600")),
        ("access-control-allow-credentials", None),
    ] {
        assert_eq!(response.head.header(name), value, "{response}");
    }
    assert_eq!((response.status(), response.text().as_str()), (200, "OK"));
    assert!(response.head.all("vary").join(",").to_ascii_lowercase().contains("origin"));
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn other_options_requests_are_forwarded() {
    let upstream = FakeUpstream::always(Answer::new(204).header("allow", "GET")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for headers in ["", "origin: https://app.example\r\n", "access-control-request-method: POST\r\n"] {
        let response = ask(&mut client, "OPTIONS", headers).await;
        assert_eq!((response.status(), response.head.header("allow")), (204, Some("GET")), "{headers}");
    }
    assert_eq!(upstream.count(), 3);
}

#[tokio::test]
async fn answers_are_marked_for_the_origin_that_asked_errors_included() {
    let theirs = Answer::json("{}")
        .header("access-control-allow-origin", "https://other.example")
        .header("access-control-allow-credentials", "true")
        .header("vary", "Accept-Encoding");
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/v1/models" => theirs.clone(),
        _ => Answer::close(),
    })
    .await;
    let gateway = Gateway::configured(&upstream, "retry: {attempts: 0}\n").await;
    let mut client = gateway.connect().await;
    let response = ask(&mut client, "GET", "origin: https://app.example\r\n").await;
    assert_eq!(response.head.all("access-control-allow-origin"), ["https://app.example"]);
    assert_eq!(response.head.header("access-control-allow-credentials"), None);
    assert!(response.head.header("access-control-expose-headers").is_some());
    let vary = response.head.all("vary").join(", ").to_ascii_lowercase();
    assert!(vary.contains("accept-encoding") && vary.contains("origin"), "{vary}");
    client.send("GET /fails HTTP/1.1\r\nhost: g\r\norigin: https://app.example\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!(
        (response.status(), response.head.header("access-control-allow-origin")),
        (502, Some("https://app.example"))
    );
    client.send("GET /healthz HTTP/1.1\r\nhost: g\r\norigin: https://app.example\r\n\r\n").await;
    assert_eq!(
        client.response().await.head.header("access-control-allow-origin"),
        Some("https://app.example")
    );
}

#[tokio::test]
async fn answers_to_nobodys_page_are_left_alone() {
    let theirs = Answer::json("{}").header("access-control-allow-origin", "https://other.example");
    let upstream = FakeUpstream::always(theirs).await;
    let gateway = Gateway::before(&upstream).await;
    let response = ask(&mut gateway.connect().await, "GET", "").await;
    assert_eq!(response.head.all("access-control-allow-origin"), ["https://other.example"]);
}

#[tokio::test]
async fn switched_off_all_is_the_upstreams() {
    let upstream = FakeUpstream::always(Answer::new(204).header("access-control-allow-origin", "*")).await;
    let gateway = Gateway::configured(&upstream, "cors: false\n").await;
    let mut client = gateway.connect().await;
    let response = ask(&mut client, "OPTIONS", PREFLIGHT).await;
    assert_eq!((response.status(), response.head.all("access-control-allow-origin")), (204, vec!["*"]));
    let request = upstream.request(0).await;
    assert_eq!(request.header("origin"), Some("https://app.example"));
    assert_eq!(request.header("access-control-request-method"), Some("POST"));
}

#[tokio::test]
async fn only_listed_origins_are_allowed_and_credentials_where_configured() {
    let upstream = FakeUpstream::echo().await;
    let rules = "cors: {allow_origins: [\"https://app.example\"], allow_credentials: true, max_age: 60}\n";
    let gateway = Gateway::configured(&upstream, rules).await;
    let mut client = gateway.connect().await;
    let allowed = ask(&mut client, "OPTIONS", PREFLIGHT).await;
    assert_eq!(allowed.head.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(allowed.head.header("access-control-max-age"), Some("60"));
    for origin in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        let refused = ask(&mut client, "OPTIONS", &PREFLIGHT.replace("https://app.example", origin)).await;
        assert_eq!(refused.head.header("access-control-allow-origin"), None, "{origin}");
        assert_ne!(refused.status(), 200, "{origin}");
        let answer = ask(&mut client, "GET", &format!("origin: {origin}\r\n")).await;
        assert_eq!(
            (answer.status(), answer.head.header("access-control-allow-origin")),
            (200, None),
            "{origin}"
        );
    }
}
