//! Errors that the gateway makes itself: their shape, code and words, and what they never say.

use aifd_tests::{Answer, Certs, FakeUpstream, Gateway, Response, Sandbox, settings};
use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{io::AsyncWriteExt, net::TcpListener};

/// A port that refuses connections as long as this is held.
pub(crate) struct Refusing(Socket);

impl Refusing {
    pub(crate) fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        // Bound, so that nobody else gets the port, and not listening, so that it refuses.
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        Refusing(socket)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap().as_socket().unwrap()
    }

    /// Refuses no more; the port is not let go in between.
    pub(crate) fn listen(self) -> std::net::TcpListener {
        self.0.listen(16).unwrap();
        self.0.into()
    }
}

const NO_RETRY: &str = "retry: {attempts: 0}\n";

async fn gateway_to(base_url: &str, more: &str) -> Gateway {
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        format!("forward:\n  - {{base_url: \"{base_url}\", route: \"/\", type: general}}\n{NO_RETRY}{more}"),
    );
    sandbox.serve().await
}

async fn asked(gateway: &Gateway) -> Response {
    gateway.connect().await.get("/v1/models").await
}

fn assert_snapshot(name: &str, response: &Response) {
    let mut settings = settings();
    // Messages name ports, which have four or five digits.
    settings.add_filter(r"content-length: \d+", "content-length: [LENGTH]");
    settings.bind(|| insta::assert_snapshot!(name, response));
}

#[tokio::test]
async fn a_refused_connection() {
    let refusing = Refusing::new();
    let gateway = gateway_to(&format!("http://{}", refusing.address()), "").await;
    assert_snapshot("error_provider_connect_failed", &asked(&gateway).await);
}

#[tokio::test]
async fn a_name_without_an_address() {
    let gateway = gateway_to("http://no-such-host.invalid:81", "").await;
    assert_snapshot("error_provider_dns_failed", &asked(&gateway).await);
}

#[tokio::test]
async fn an_untrusted_certificate() {
    let upstream = FakeUpstream::builder().tls(&Certs::new(), &[]).answering(|_| Answer::json("{}")).await;
    assert_snapshot("error_provider_tls_failed_issuer", &asked(&gateway_to(&upstream.url(), "").await).await);
}

#[tokio::test]
async fn an_upstream_that_does_not_speak_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway_to(&format!("https://{}", listener.local_addr().unwrap()), "").await;
    let plain = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Held until the peer has left, so that nothing is reset before it was read.
        drop(tokio::io::copy(&mut socket, &mut tokio::io::sink()).await);
    });
    let response = asked(&gateway).await;
    assert_eq!((response.status(), response.code().as_str()), (502, "provider_tls_failed"), "{response}");
    plain.await.unwrap();
}

#[tokio::test]
async fn an_upstream_that_closes_or_resets_before_it_answers() {
    for (index, answer) in [Answer::close(), Answer::reset()].into_iter().enumerate() {
        let upstream = FakeUpstream::always(answer).await;
        let response = asked(&gateway_to(&upstream.url(), "").await).await;
        if index == 0 {
            assert_snapshot("error_provider_reset", &response);
        }
        assert_eq!((response.status(), response.code().as_str()), (502, "provider_reset"));
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_http() {
    for bytes in
        ["SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"]
    {
        let upstream = FakeUpstream::always(Answer::raw(bytes).then_close()).await;
        let response = asked(&gateway_to(&upstream.url(), "").await).await;
        assert_eq!(
            (response.status(), response.code().as_str()),
            (502, "provider_protocol_invalid"),
            "{bytes:?}"
        );
        if bytes.starts_with("SSH") {
            assert_snapshot("error_provider_protocol_invalid", &response);
        }
    }
}

#[tokio::test]
async fn an_upstream_whose_answer_head_is_cut() {
    let upstream = FakeUpstream::always(Answer::raw("HTTP/1.1 200 OK\r\ncontent-le").then_close()).await;
    let response = asked(&gateway_to(&upstream.url(), "").await).await;
    assert_eq!(response.status(), 502);
    assert!(["provider_reset", "provider_protocol_invalid"].contains(&&*response.code()), "{response}");
}

#[tokio::test]
async fn an_upstream_whose_answer_head_has_no_end() {
    let endless = format!("HTTP/1.1 200 OK\r\nx-big: {}", "a".repeat(1_000_000));
    let upstream = FakeUpstream::always(Answer::raw(endless).then_close()).await;
    let response = asked(&gateway_to(&upstream.url(), "").await).await;
    assert_eq!(
        (response.status(), response.code().as_str()),
        (502, "provider_protocol_invalid"),
        "{response}"
    );
}

#[tokio::test]
async fn timeouts() {
    let mute = FakeUpstream::builder().mute().answering(|_| Answer::stall()).await;
    let base = format!("https://localhost:{}", mute.address().port());
    assert_snapshot(
        "error_provider_connect_timeout",
        &asked(&gateway_to(&base, "timeout: 200ms\n").await).await,
    );
    let stalling = FakeUpstream::always(Answer::stall()).await;
    let gateway = gateway_to(&stalling.url(), "first_byte_timeout: 200ms\n").await;
    assert_snapshot("error_provider_first_byte_timeout", &asked(&gateway).await);
}

#[tokio::test]
async fn a_caller_at_fault() {
    let upstream = FakeUpstream::echo().await;
    let gateway = gateway_to(&upstream.url(), "max_body_size: 5\n").await;
    for (name, request) in [
        ("error_caller_path_invalid", "GET /a/../b HTTP/1.1\r\nhost: g\r\n\r\n".to_owned()),
        (
            "error_caller_request_malformed",
            "GET / HTTP/1.1\r\nhost: g\r\ncontent-length: x\r\n\r\n".to_owned(),
        ),
        (
            "error_caller_head_too_large",
            format!("GET / HTTP/1.1\r\nhost: g\r\nx: {}\r\n\r\n", "a".repeat(70_000)),
        ),
        ("error_caller_body_too_large", "POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 6\r\n\r\n".to_owned()),
    ] {
        let mut client = gateway.connect().await;
        drop(client.try_send(request).await);
        assert_snapshot(name, &client.response().await);
    }
}

#[tokio::test]
async fn anthropics_shape_on_its_paths() {
    let refusing = Refusing::new();
    let gateway = gateway_to(&format!("http://{}", refusing.address()), "max_body_size: 5\n").await;
    for (path, anthropic) in [
        ("/v1/messages", true),
        ("/anthropic/v1/messages", true),
        ("/v1/messages/count_tokens", true),
        ("/v1/messages?beta=true", true),
        ("/v1/messages/", true),
        ("/v1/messagesx", false),
        ("/v1/chat/completions", false),
        ("/x?y=/v1/messages", false),
    ] {
        let mut client = gateway.connect().await;
        client
            .send(format!(
                "POST {path} HTTP/1.1\r\nhost: g\r\nx-request-id: mine\r\ncontent-length: 0\r\n\r\n"
            ))
            .await;
        let response = client.response().await;
        let body = response.json();
        if path == "/v1/messages" {
            assert_snapshot("error_anthropic", &response);
        }
        if anthropic {
            assert_eq!((&body["type"], &body["request_id"]), (&"error".into(), &"mine".into()), "{path}");
            assert_eq!(body["error"]["type"], "api_error");
        } else {
            assert_eq!(body["type"], serde_json::Value::Null, "{path}");
            assert_eq!(body["error"]["param"], serde_json::Value::Null);
            assert!(body["error"].as_object().unwrap().contains_key("param"));
        }
        assert_eq!(response.head.header("content-type"), Some("application/json"));
    }
    let mut client = gateway.connect().await;
    client.send("POST /v1/messages HTTP/1.1\r\nhost: g\r\ncontent-length: 6\r\n\r\n").await;
    assert_eq!(client.response().await.json()["error"]["type"], "request_too_large");
}

#[tokio::test]
async fn errors_of_the_upstream_pass_unchanged() {
    let body =
        r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let upstream = FakeUpstream::always(Answer::json(body).status(429).header("retry-after", "20")).await;
    let gateway = Gateway::before(&upstream).await;
    let response = asked(&gateway).await;
    assert_eq!((response.status(), response.text().as_str()), (429, body));
    assert_eq!(response.head.header("retry-after"), Some("20"));
    assert_eq!(upstream.count(), 1, "nothing was sent again");
}

#[tokio::test]
async fn no_error_and_no_log_line_holds_a_secret() {
    let refusing = Refusing::new();
    let proxy = format!("proxy: \"http://user:pr0xy-s3cret@{}\"\nlog_level: trace\n", refusing.address());
    let resetting = FakeUpstream::always(Answer::reset()).await;
    let upstreams = [
        gateway_to(&format!("http://{}", refusing.address()), "log_level: debug\n").await,
        gateway_to(&resetting.url(), "log_level: debug\n").await,
        gateway_to("http://upstream.example", &proxy).await,
        gateway_to("https://upstream.example", &proxy).await,
    ];
    for gateway in upstreams {
        let mut client = gateway.connect().await;
        client
            .send(
                "POST /v1/x?key=s3cret-query&api_key=s3cret-query&access_token=s3cret-query&x=1 HTTP/1.1\r\nhost: g\r\n\
                 authorization: Bearer s3cret-bearer\r\nx-api-key: s3cret-key\r\ncookie: s3cret-cookie\r\n\
                 content-length: 13\r\n\r\ns3cret-in-body",
            )
            .await;
        let response = client.response().await;
        assert_eq!(response.status(), 502, "{response}");
        assert!(!response.to_string().contains("s3cret"), "{response}");
        gateway.access_line("/v1/x").await;
        assert_eq!(gateway.stop().await, Some(0));
        let said = gateway.log().text() + &gateway.process().stdout().text();
        assert!(!said.contains("s3cret"), "{said}");
    }
}
