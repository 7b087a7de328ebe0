//! Request limits: whom they count, by which rule, and what a refusal says.

use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, Response, Sandbox, ask, assert_refusal};

async fn upstream() -> FakeUpstream {
    FakeUpstream::answering(|_| Answer::json("{}")).await
}

async fn limited(upstream: &FakeUpstream, more: &str) -> Gateway {
    Gateway::configured(upstream, more).await
}

fn get(target: &str, credential: &str) -> String {
    let header =
        if credential.is_empty() { String::new() } else { format!("authorization: {credential}\r\n") };
    format!("GET {target} HTTP/1.1\r\nhost: g\r\n{header}\r\n")
}

/// The statuses of `count` requests.
async fn statuses(gateway: &Gateway, count: usize, target: &str, credential: &str) -> Vec<u16> {
    let mut client = gateway.connect().await;
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(ask(&mut client, get(target, credential)).await.status());
    }
    statuses
}

const CHAT: &str = "/v1/chat/completions";

#[tokio::test]
async fn the_global_limit_counts_each_caller_on_each_path() {
    let upstream = upstream().await;
    let gateway = limited(&upstream, "rate_limit: {global_rate_limit: 2/hour}\n").await;
    assert_eq!(statuses(&gateway, 3, CHAT, "Bearer sk-a").await, [200, 200, 429]);
    // Another path, the same without its last slash, another caller, and one without a credential.
    assert_eq!(statuses(&gateway, 3, "/v1/models", "Bearer sk-a").await, [200, 200, 429]);
    assert_eq!(statuses(&gateway, 1, &format!("{CHAT}/"), "Bearer sk-a").await, [429]);
    assert_eq!(statuses(&gateway, 1, &format!("/{CHAT}?x=1"), "Bearer sk-a").await, [429]);
    assert_eq!(statuses(&gateway, 3, CHAT, "Bearer sk-b").await, [200, 200, 429]);
    assert_eq!(statuses(&gateway, 3, CHAT, "").await, [200, 200, 429]);
    // openai-forward's limiter was switched off by a comma.
    assert_eq!(statuses(&gateway, 3, CHAT, "Bearer sk,c").await, [200, 200, 429]);
    assert_eq!(statuses(&gateway, 3, "/v1/a,b", "Bearer sk-a").await, [200, 200, 429]);
    assert_eq!(statuses(&gateway, 3, "/healthz", "").await, [200, 200, 200]);
}

#[tokio::test]
async fn no_spelling_of_a_path_goes_around_its_limit() {
    let upstream = upstream().await;
    let config = "rate_limit: {req_rate_limit: [{route: /v1/Chat/completions, value: 1/hour}]}\n";
    let gateway = limited(&upstream, config).await;
    assert_eq!(statuses(&gateway, 2, CHAT, "").await, [200, 429]);
    for path in [
        "/v1/ch%61t/completions",
        "/v1/chat%2Fcompletions",
        "/v1/chat/completions;a=1",
        "/V1/chat/Completions",
        "/v1/chat/completions%2f",
        "/v1/%2Fchat/completions/",
    ] {
        assert_eq!(statuses(&gateway, 1, path, "").await, [429], "{path}");
    }
}

#[tokio::test]
async fn the_limit_of_a_route_and_level_takes_the_place_of_the_global_one() {
    let upstream = upstream().await;
    let config = "api_key: {openai_key: {sk-a: [0, 1, 2]}, forward_key: {0: [fk-0], 1: [fk-1], 2: [fk-2]}, level: {1: ['*'], 2: ['*']}}\n\
        rate_limit:\n  global_rate_limit: 1/hour\n  req_rate_limit:\n    \
        - {route: /v1/chat/completions, value: [{level: 0, limit: 3/hour}, {level: 1, limit: 2/hour}]}\n    \
        - {route: /v1/chat, value: [{level: 0, limit: 0/hour}]}\n    - {route: /v1/files, value: 4/hour}\n";
    let gateway = limited(&upstream, config).await;
    for (credential, path, passed) in [
        ("Bearer fk-0", CHAT, 3),
        ("Bearer fk-1", CHAT, 2),
        // A level that is not listed has the global limit.
        ("Bearer fk-2", CHAT, 1),
        // What is no forward key has the limits of level 0.
        ("Bearer sk-own", CHAT, 3),
        ("Bearer fk-0", "/v1/chat/completions/xyz", 3),
        ("Bearer fk-0", "/v1/chat/other", 0),
        ("Bearer fk-0", "/v1/chat/completionsx", 0),
        ("Bearer fk-0", "/v1/chatx", 1),
        ("Bearer fk-2", "/v1/files", 4),
    ] {
        let all = statuses(&gateway, 5, path, credential).await;
        let expected = [vec![200; passed], vec![429; 5 - passed]].concat();
        assert_eq!(all, expected, "{credential} {path}");
    }
}

/// openai-forward divided each limit by the number of its routes.
#[tokio::test]
async fn the_number_of_routes_divides_no_limit() {
    let upstream = upstream().await;
    let sandbox = Sandbox::new();
    let route =
        |prefix| format!("  - {{base_url: \"{}\", route: \"{prefix}\", type: openai}}\n", upstream.url());
    let routes: String = ["/", "/b", "/c"].map(route).concat();
    sandbox.write("aifd.yaml", format!("forward:\n{routes}rate_limit: {{global_rate_limit: 6/minute}}\n"));
    let gateway = sandbox.serve().await;
    assert_eq!(statuses(&gateway, 7, "/b/x", "").await, [200, 200, 200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn every_strategy_counts() {
    let upstream = upstream().await;
    for strategy in ["fixed-window", "moving-window", "fixed-window-elastic-expiry", "sliding-window-counter"]
    {
        let config = format!("rate_limit: {{global_rate_limit: 2/year, strategy: {strategy}}}\n");
        let gateway = limited(&upstream, &config).await;
        assert_eq!(statuses(&gateway, 3, CHAT, "").await, [200, 200, 429], "{strategy}");
    }
}

#[tokio::test]
async fn refusals_and_answers_say_what_is_left() {
    let limits = Answer::json("{}")
        .header("x-ratelimit-limit-requests", "500")
        .header("x-ratelimit-limit-tokens", "9");
    let upstream = FakeUpstream::always(limits).await;
    let gateway = limited(&upstream, "rate_limit: {global_rate_limit: \"2/10minutes;100/day\"}\n").await;
    let mut client = gateway.connect().await;
    let first = ask(&mut client, get(CHAT, "")).await;
    let header = |response: &Response, name: &str| response.head.header(name).map(str::to_owned);
    let text = |value: &str| Some(value.to_owned());
    assert_eq!(header(&first, "x-ratelimit-limit-requests"), text("2"));
    assert_eq!(header(&first, "x-ratelimit-remaining-requests"), text("1"));
    assert!(header(&first, "x-ratelimit-reset-requests").unwrap().ends_with('s'));
    assert_eq!(header(&first, "x-upstream-ratelimit-limit-requests"), text("500"));
    assert_eq!(header(&first, "x-ratelimit-limit-tokens"), text("9"));
    assert_eq!(header(&ask(&mut client, get(CHAT, "")).await, "x-ratelimit-remaining-requests"), text("0"));
    let refused = ask(&mut client, get(CHAT, "")).await;
    assert_refusal("refused_request_limit", &refused);
    let seconds: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    let milliseconds: u64 = header(&refused, "retry-after-ms").unwrap().parse().unwrap();
    assert!((590..=600).contains(&seconds) && milliseconds <= seconds * 1_000, "{refused}");
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn concurrency_is_bounded_and_a_place_is_free_again_when_a_request_ends() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |_| Answer::json("{}").held(&held)).await;
    let gateway = limited(&upstream, "rate_limit: {max_concurrent: 2}\n").await;
    let mut clients = [gateway.connect().await, gateway.connect().await];
    for (index, client) in clients.iter_mut().enumerate() {
        client.send(get(CHAT, "")).await;
        upstream.begun(index).await;
    }
    let refused = ask(&mut gateway.connect().await, get(CHAT, "")).await;
    assert_refusal("refused_concurrency", &refused);
    gate.open();
    for client in &mut clients {
        assert_eq!(client.response().await.status(), 200);
    }
    // One that leaves gives its place back too.
    assert_eq!(statuses(&gateway, 3, CHAT, "").await, [200, 200, 200]);
}

#[tokio::test]
async fn a_request_may_wait_for_a_place() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |_| Answer::json("{}").held(&held)).await;
    let gateway = limited(&upstream, "rate_limit: {max_concurrent: 1, queue_timeout: 30s}\n").await;
    let (mut first, mut second) = (gateway.connect().await, gateway.connect().await);
    first.send(get(CHAT, "")).await;
    upstream.begun(0).await;
    second.send(get(CHAT, "")).await;
    gate.pass();
    assert_eq!(first.response().await.status(), 200);
    upstream.begun(1).await;
    gate.pass();
    assert_eq!(second.response().await.status(), 200);
    // One that waits too long is refused.
    let gateway = limited(&upstream, "rate_limit: {max_concurrent: 1, queue_timeout: 1ms}\n").await;
    let mut first = gateway.connect().await;
    first.send(get(CHAT, "")).await;
    upstream.begun(2).await;
    assert_eq!(ask(&mut gateway.connect().await, get(CHAT, "")).await.code(), "policy_concurrency_exceeded");
    first.leave();
    upstream.left(1).await;
    gate.open();
    let mut status = 429;
    while status == 429 {
        status = ask(&mut gateway.connect().await, get(CHAT, "")).await.status();
    }
    assert_eq!(status, 200);
}

/// A caller that announced a body and sent none held its place for ever.
#[tokio::test]
async fn a_stalled_upload_gives_its_place_back() {
    let upstream = upstream().await;
    let keys =
        "api_key: {openai_key: {sk-a: [0, 1]}, forward_key: {0: [fk-0], 1: [fk-1]}, level: {1: [m]}}\n";
    let config = format!("{keys}body_timeout: 100ms\nrate_limit: {{max_concurrent: 1}}\n");
    let gateway = limited(&upstream, &config).await;
    // A body that is held to be looked into, one whose caller is counted, and one that passes.
    for credential in ["Bearer fk-1", "Bearer fk-0", "Bearer sk-own"] {
        let mut stalled = gateway.connect().await;
        let head = format!("POST {CHAT} HTTP/1.1\r\nhost: g\r\nauthorization: {credential}\r\n");
        stalled.send(format!("{head}content-length: 50\r\n\r\n{{\"mod")).await;
        let refused = stalled.response().await;
        assert_eq!((refused.status(), refused.code().as_str()), (408, "caller_body_timeout"), "{refused}");
        if credential == "Bearer fk-1" {
            assert_refusal("refused_body_timeout", &refused);
        }
        let mut status = 429;
        while status == 429 {
            status = ask(&mut gateway.connect().await, get(CHAT, "")).await.status();
        }
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn the_benchmark_endpoint_is_limited_like_the_others() {
    let upstream = upstream().await;
    let gateway = limited(&upstream, "benchmark_mode: true\nrate_limit: {global_rate_limit: 1/hour}\n").await;
    let mut client = gateway.connect().await;
    let request = "POST /benchmark/v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(ask(&mut client, request).await.status(), 200);
    assert_eq!(ask(&mut client, request).await.code(), "policy_request_limit_exceeded");
}

/// 200 callers at once on one quota: exactly as many pass as it allows.
#[tokio::test]
async fn never_more_than_the_quota_passes_whatever_happens_at_once() {
    let upstream = upstream().await;
    let gateway = limited(&upstream, "workers: 4\nrate_limit: {global_rate_limit: 137/hour}\n").await;
    let client = gateway.client();
    let url = gateway.url(CHAT);
    let ask = |_| {
        let (client, url) = (client.clone(), url.clone());
        tokio::spawn(async move {
            let mut passed = 0;
            for _ in 0..2 {
                let answer = client.get(&url).bearer_auth("sk-one").send().await.unwrap();
                passed += usize::from(answer.status() == 200);
            }
            passed
        })
    };
    let tasks: Vec<_> = (0..200).map(ask).collect();
    let mut passed = 0;
    for task in tasks {
        passed += task.await.unwrap();
    }
    assert_eq!((passed, upstream.count()), (137, 137));
}
