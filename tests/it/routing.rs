//! Which upstream a request goes to, and with which path.

use aifd_tests::{Answer, FakeUpstream, Gateway, Sandbox, settings};

/// Answers with its own name.
async fn named(name: &'static str) -> FakeUpstream {
    FakeUpstream::always(Answer::new(200).header("x-upstream", name)).await
}

/// A gateway with one route for each prefix and base URL.
async fn routed(routes: &[(&str, String)]) -> Gateway {
    let sandbox = Sandbox::new();
    let route = |(prefix, base): &(&str, String)| {
        format!("  - {{base_url: \"{base}\", route: \"{prefix}\", type: general}}\n")
    };
    sandbox.write("aifd.yaml", format!("forward:\n{}", routes.iter().map(route).collect::<String>()));
    sandbox.serve().await
}

#[tokio::test]
async fn the_longest_prefix_wins_on_a_segment_boundary_whatever_the_order() {
    let [root, openai, europe, deep] =
        [named("root").await, named("openai").await, named("europe").await, named("deep").await];
    let gateway = routed(&[
        ("/openai", openai.url()),
        ("/", root.url()),
        ("/openai/eu", europe.url() + "/base"),
        ("b/c/", deep.url() + "/x/"),
    ])
    .await;
    let mut client = gateway.connect().await;
    for (asked, name, upstream, sent) in [
        ("/v1/models", "root", &root, "/v1/models"),
        ("/", "root", &root, "/"),
        ("/openai", "openai", &openai, "/"),
        ("/openai/", "openai", &openai, "/"),
        ("/openai/v1/models", "openai", &openai, "/v1/models"),
        ("/openaix/v1", "root", &root, "/openaix/v1"),
        ("/openai.example/v1", "root", &root, "/openai.example/v1"),
        ("/OpenAI/v1", "root", &root, "/OpenAI/v1"),
        ("/openai/eu", "europe", &europe, "/base"),
        ("/openai/eu/", "europe", &europe, "/base/"),
        ("/openai/eu/v1", "europe", &europe, "/base/v1"),
        ("/openai/europe", "openai", &openai, "/europe"),
        ("/openai?x=1", "openai", &openai, "/?x=1"),
        ("/openai/eu?x=1", "europe", &europe, "/base?x=1"),
        ("/b/c/v1/", "deep", &deep, "/x/v1/"),
        ("//openai///eu//v1//", "europe", &europe, "/base/v1/"),
        ("/healthz/x", "root", &root, "/healthz/x"),
    ] {
        let before = upstream.count();
        let response = client.get(asked).await;
        assert_eq!(response.head.header("x-upstream"), Some(name), "{asked}");
        assert_eq!(upstream.request(before).await.target(), sent, "{asked}");
    }
}

#[tokio::test]
async fn the_rest_of_the_path_and_the_query_pass_as_they_came() {
    let upstream = FakeUpstream::echo().await;
    let gateway = routed(&[("/p", upstream.url())]).await;
    let mut client = gateway.connect().await;
    for target in [
        "/a%2Fb%20c+d",
        "/a%2fb/%C3%A9/%e4",
        "/~user/(x)/a;b=c/@v/a:b/$&'()*+,=!",
        "/models/ft:gpt-4o:org::id",
        "/a..b/.well-known/.../x.",
        "/x?",
        "/x?a=%2F&a=&a&b=c+d&&=&e=%zz",
        "/x?url=http://other/../?y",
        "/x?q=//a//b/../c",
        "/x/?",
        "/%",
        "/%zz%00%0d%0a",
        "/{model}|\\^`\"<>",
        "/x?a={\"b\":[1]}|\\^`",
    ] {
        let before = upstream.count();
        let response = client.get(&format!("/p{target}")).await;
        if response.status() == 400 {
            // Whatever the parser refuses must be refused in words, and must not be what clients send.
            assert!(target.contains(['"', '<', '{', '\\']), "{target}: {}", response.text());
            client = gateway.connect().await;
            continue;
        }
        assert_eq!(upstream.request(before).await.target(), target);
    }
}

#[tokio::test]
async fn no_request_can_change_the_upstreams_host_or_port() {
    let (upstream, other) = (named("right").await, named("wrong").await);
    // Without a port, so that anything glued behind the host would change it.
    let gateway = routed(&[("/oai", upstream.url()), ("/base", upstream.url() + "/api")]).await;
    let port = other.address().port();
    for target in [
        format!("/oai:{port}/steal"),
        format!("/oai@127.0.0.1:{port}/steal"),
        "/oai.evil.example/x".to_owned(),
        format!("/base:{port}/x"),
        format!("/base@127.0.0.1:{port}/x"),
    ] {
        let response = gateway.connect().await.get(&target).await;
        assert_eq!((response.status(), response.code().as_str()), (404, "caller_route_unknown"), "{target}");
    }
    for (target, sent) in [
        (format!("/oai/@127.0.0.1:{port}/x"), format!("/@127.0.0.1:{port}/x")),
        (format!("/oai/:{port}/x"), format!("/:{port}/x")),
        (format!("/oai//127.0.0.1:{port}/x"), format!("/127.0.0.1:{port}/x")),
        (format!("/oai/http://127.0.0.1:{port}/x"), format!("/http:/127.0.0.1:{port}/x")),
        (format!("/base//127.0.0.1:{port}/x"), format!("/api/127.0.0.1:{port}/x")),
        (format!("http://127.0.0.1:{port}/oai/x"), "/x".to_owned()),
        (format!("HTTPS://127.0.0.1:{port}/oai?a=b"), "/?a=b".to_owned()),
    ] {
        let before = upstream.count();
        let response = gateway.connect().await.get(&target).await;
        assert_eq!(response.head.header("x-upstream"), Some("right"), "{target}");
        let request = upstream.request(before).await;
        assert_eq!(request.target(), sent, "{target}");
        assert_eq!(request.header("host"), Some(upstream.address().to_string().as_str()), "{target}");
    }
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn a_target_in_absolute_form_names_the_host_that_was_asked_for() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET http://named.example:81/v1/models?a=b HTTP/1.1\r\nhost: other.example\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 200);
    let request = upstream.request(0).await;
    assert_eq!(request.target(), "/v1/models?a=b");
    assert_eq!(request.header("x-forwarded-host"), Some("named.example:81"));
}

#[tokio::test]
async fn dot_segments_are_refused_in_every_encoding_and_reach_no_upstream() {
    let upstream = FakeUpstream::echo().await;
    let gateway = routed(&[("/p", upstream.url() + "/base"), ("/", upstream.url())]).await;
    for target in [
        "/p/..",
        "/p/../x",
        "/p/.",
        "/p/./x",
        "/..",
        "/../../etc/passwd",
        "/p/%2e%2e/x",
        "/p/%2E%2e/x",
        "/p/.%2e/x",
        "/p/%2e./x",
        "/p/%2e/x",
        "/p/..%2fx",
        "/p/a%2f..%2fx",
        "/p/a%2F%2e%2E",
        "/p/..%5cx",
        "/p/a%5C..%5Cx",
        "/p/..\\x",
        "/p/%252e%252e/x",
        "/p/%252e%252e%252fx",
        "/p/..;a=b/x",
        "/p//..//x",
        "http://h/p/../x",
    ] {
        let response = gateway.connect().await.get(target).await;
        let code = response.code();
        assert!(
            response.status() == 400 && ["caller_path_invalid", "caller_request_malformed"].contains(&&*code),
            "{target}: {response}"
        );
    }
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn a_path_without_a_route_is_told_the_routes() {
    let upstream = FakeUpstream::echo().await;
    let gateway = routed(&[("/openai", upstream.url()), ("/gemini", upstream.url())]).await;
    let response = gateway.connect().await.get("/v1/models").await;
    settings().bind(|| insta::assert_snapshot!(response));
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn health_and_readiness_are_answered_here_and_other_methods_are_forwarded() {
    let upstream = named("up").await;
    let gateway = Gateway::before(&upstream).await;
    let mut client = gateway.connect().await;
    for path in ["/healthz", "//healthz//", "/healthz?x=1"] {
        let response = client.get(path).await;
        assert_eq!((response.status(), response.text().as_str()), (200, "\"OK\""), "{path}");
        assert_eq!(response.head.header("content-type"), Some("application/json"), "{path}");
        assert!(response.head.header("x-request-id").is_some(), "{path}");
    }
    let ready = client.get("/readyz").await;
    assert_eq!((ready.status(), &ready.json()["status"]), (200, &"serving".into()));
    assert_eq!(upstream.count(), 0);
    for (method, path) in
        [("POST", "/healthz"), ("DELETE", "/readyz"), ("GET", "/healthz/deep"), ("GET", "/healthzz")]
    {
        let before = upstream.count();
        client.send(format!("{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert_eq!(client.response().await.head.header("x-upstream"), Some("up"), "{method} {path}");
        assert_eq!(upstream.request(before).await.target(), path);
    }
}

#[tokio::test]
async fn readiness_says_so_when_the_gateway_stops() {
    let gate = aifd_tests::Gate::new();
    let upstream = FakeUpstream::always(Answer::json("{}").held(&gate)).await;
    let gateway = Gateway::before(&upstream).await;
    let mut idle = gateway.connect().await;
    let mut busy = gateway.connect().await;
    busy.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    upstream.request(0).await;
    // A request that has begun when the stop is asked for is still answered.
    idle.send("GET /readyz HTTP/1.1\r\n").await;
    gateway.process().terminate();
    gateway.log().find("a line about stopping", |line| line.contains("stop").then_some(())).await;
    if idle.try_send("host: x\r\n\r\n").await.is_ok()
        && let Some(head) = idle.head().await
    {
        assert_eq!(head.word(1), "503");
    }
    gate.open();
    assert_eq!(busy.response().await.status(), 200);
    assert_eq!(gateway.process().ended().await.code(), Some(0));
}
