//! Diagnostics: one access line a request, in text or JSON, and never a secret.

use aifd_tests::{Answer, FakeUpstream, Gateway, Sandbox};
use serde_json::Value;

#[tokio::test]
async fn every_request_ends_in_one_line_with_what_is_known_of_it() {
    let upstream = FakeUpstream::always(Answer::json("{\"a\":1}").status(201)).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward().replace("route: \"/\"", "route: \"/openai\""));
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client
        .send("POST /openai/v1/x?b=c HTTP/1.1\r\nhost: g\r\nx-request-id: mine\r\ncontent-length: 5\r\n\r\nhello")
        .await;
    client.response().await;
    let line = gateway.access_line("/openai/v1/x").await;
    for (name, value) in [
        ("level", "INFO".into()),
        ("message", "request".into()),
        ("id", "mine".into()),
        ("client", "127.0.0.1".into()),
        ("route", "/openai".into()),
        ("method", "POST".into()),
        ("path", "/openai/v1/x".into()),
        ("query", "b=c".into()),
        ("status", 201.into()),
        ("bytes_in", 5.into()),
        ("bytes_out", 7.into()),
        ("end", "complete".into()),
    ] {
        assert_eq!(line[name], Value::clone(&value), "{name} in {line}");
    }
    let (upstream_ms, total_ms) = (line["upstream_ms"].as_f64().unwrap(), line["total_ms"].as_f64().unwrap());
    assert!(upstream_ms > 0.0 && total_ms >= upstream_ms, "{line}");
    assert_eq!(line.get("error"), None, "{line}");
}

#[tokio::test]
async fn refusals_are_lines_too() {
    let upstream = FakeUpstream::always(Answer::close()).await;
    let sandbox = Sandbox::new();
    let forward = upstream.forward().replace("route: \"/\"", "route: \"/a\"");
    sandbox.write("aifd.yaml", forward + "retry: {attempts: 0}\nmax_body_size: 5\n");
    let gateway = sandbox.serve().await;
    for (request, path, status, error) in [
        ("GET /b HTTP/1.1\r\nhost: g\r\n\r\n", "/b", 404, "caller_route_unknown"),
        ("GET /a/x HTTP/1.1\r\nhost: g\r\n\r\n", "/a/x", 502, "provider_reset"),
        ("POST /a/y HTTP/1.1\r\nhost: g\r\ncontent-length: 6\r\n\r\n", "/a/y", 413, "caller_body_too_large"),
        ("GET /a/../z HTTP/1.1\r\nhost: g\r\n\r\n", "/a/../z", 400, "caller_path_invalid"),
    ] {
        let mut client = gateway.connect().await;
        client.send(request).await;
        assert_eq!(client.response().await.status(), status);
        let line = gateway.access_line(path).await;
        assert_eq!(
            (&line["status"], &line["error"], &line["end"]),
            (&status.into(), &error.into(), &"failed".into()),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_request_that_breaks_the_rules_of_http_is_a_line_too() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\ncontent-length: x\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 400);
    gateway.event("line", |line| line["error"] == "caller_request_malformed" && line["status"] == 400).await;
}

#[tokio::test]
async fn query_values_named_like_keys_are_masked_and_nothing_secret_is_said() {
    let upstream =
        FakeUpstream::always(Answer::json("{\"answer\":\"s3cret-answer\"}").header("set-cookie", "s3cret"))
            .await;
    for format in ["json", "text"] {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward() + "log_level: trace\n");
        let gateway = sandbox.serve_with(|command| command.args(["--log-format", format])).await;
        let mut client = gateway.connect().await;
        let query = "a=b&key=s3cret&api_key=s3cret&api-key=s3cret&apikey=s3cret&KEY=s3cret&token=s3cret&access_token=s3cret\
                     &secret=s3cret&client_secret=s3cret&password=s3cret&sig=s3cret&signature=s3cret&x-goog-api-key=s3cret\
                     &X-Amz-Signature=s3cret&X-Amz-Security-Token=s3cret&%6bey=s3cret&key=&plain";
        client
            .send(format!(
                "POST /v1/x?{query} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer s3cret\r\nx-api-key: s3cret\r\n\
                 api-key: s3cret\r\ncookie: s3cret\r\nx-custom: s3cret\r\ncontent-length: 6\r\n\r\ns3cret"
            ))
            .await;
        assert_eq!(client.response().await.status(), 200);
        gateway.log().line_with("/v1/x").await;
        assert_eq!(gateway.stop().await, Some(0));
        let said = gateway.log().text();
        let query = said.lines().find(|line| line.contains("/v1/x")).unwrap_or_default();
        assert!(query.contains("key=***") && query.contains("a=b"), "{query}");
        assert!(!said.contains("s3cret"), "{said}");
        assert!(
            upstream.requests().last().unwrap().target().contains("key=s3cret"),
            "the upstream gets it all"
        );
    }
}

#[tokio::test]
async fn a_line_cannot_be_forged() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client
        .send(
            "GET /x%0a{\"message\":\"request\",\"path\":\"/forged\"}?a=\"%0d%0a HTTP/1.1\r\nhost: g\r\n\r\n",
        )
        .await;
    client.response().await;
    client = gateway.connect().await;
    client.get("/last").await;
    gateway.access_line("/last").await;
    for line in gateway.log().text().lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_ne!(line["path"], "/forged");
    }
}

#[tokio::test]
async fn text_lines_are_for_people_and_standard_output_holds_none() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    let gateway = sandbox.serve_with(|command| command.args(["--log-format", "text"])).await;
    gateway.connect().await.get("/v1/x").await;
    let line = gateway.log().line_with("/v1/x").await;
    assert!(line.contains("INFO") && line.contains("request") && line.contains("status=200"), "{line}");
    assert!(!line.contains('\u{1b}'), "no colours without a terminal: {line}");
    assert!(!gateway.process().stdout().text().contains("/v1/x"));
}

#[tokio::test]
async fn the_level_decides_what_is_said() {
    let upstream = FakeUpstream::echo().await;
    for (level, said) in [("warn", false), ("info", true), ("debug", true), ("aifd::access=warn,info", false)]
    {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward());
        let gateway = sandbox.serve_with(|command| command.args(["--log-level", level])).await;
        gateway.connect().await.get("/v1/x").await;
        assert_eq!(gateway.stop().await, Some(0));
        assert_eq!(gateway.log().text().contains("\"request\""), said, "{level}: {}", gateway.log());
    }
}

#[tokio::test]
async fn bytes_are_counted_in_streams_both_ways() {
    let upstream = FakeUpstream::always(Answer::sse(["one", "two"])).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("POST /s HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n").await;
    client.response().await;
    let line = gateway.access_line("/s").await;
    assert_eq!((&line["bytes_in"], &line["bytes_out"]), (&8.into(), &22.into()), "{line}");
}

#[tokio::test]
async fn a_credential_that_is_the_id_too_is_not_shown() {
    let upstream = FakeUpstream::always(Answer::json("{}")).await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for (at, id, shown) in [
        ("a", "sk-own-s3cret-00001", "***"),
        ("b", "x-sk%2Down-s3cret-00001-y", "x-***-y"),
        ("c", "another", "another"),
    ] {
        client.send(format!("GET /{at} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer sk-own-s3cret-00001\r\nx-request-id: {id}\r\n\r\n")).await;
        assert_eq!(client.response().await.head.header("x-request-id"), Some(id));
        let line = gateway.access_line(&format!("/{at}")).await;
        assert_eq!(line["id"], shown, "{line}");
    }
}
