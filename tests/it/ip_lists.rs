//! IP lists, and whose word counts for a caller's address.

use aifd_tests::{FakeUpstream, Gateway, RawClient, Response, Sandbox, assert_refusal};

async fn ask(client: &mut RawClient, target: &str, forwarded: &[&str]) -> Response {
    let headers: String = forwarded.iter().map(|line| format!("x-forwarded-for: {line}\r\n")).collect();
    client.send(format!("GET {target} HTTP/1.1\r\nhost: g\r\n{headers}\r\n")).await;
    client.response().await
}

async fn statuses(more: &str, chains: &[&[&str]]) -> Vec<u16> {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, more).await;
    let mut client = gateway.connect().await;
    let mut statuses = Vec::new();
    for chain in chains {
        statuses.push(ask(&mut client, "/v1/models", chain).await.status());
    }
    statuses
}

/// openai-forward took the first address of any `x-forwarded-for` for the caller's.
#[tokio::test]
async fn x_forwarded_for_of_a_stranger_opens_nothing() {
    let chains: &[&[&str]] = &[&[], &["10.1.1.1"], &["10.1.1.1, 127.0.0.1"], &["10.1.1.1", "10.1.1.1"]];
    assert_eq!(statuses("ip_whitelist: [10.1.1.1]\n", chains).await, [403, 403, 403, 403]);
    assert_eq!(statuses("ip_blacklist: [127.0.0.1]\n", chains).await, [403, 403, 403, 403]);
    assert_eq!(
        statuses("ip_whitelist: 127.0.0.0/8\nip_blacklist: 10.0.0.0/8\n", chains).await,
        [200, 200, 200, 200]
    );
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_rightmost_address_that_is_no_proxy() {
    let chains: &[&[&str]] = &[
        &["10.1.1.1"],
        &["10.1.1.1, 192.0.2.9"],
        &["192.0.2.9, 10.1.1.1"],
        &["192.0.2.9", "10.1.1.1, 127.0.0.2"],
        &["[2001:db8::1]:443"],
        &[],
        &["unknown"],
    ];
    let trusted = "trusted_proxies: [127.0.0.0/8]\n";
    let allowed = statuses(&format!("{trusted}ip_whitelist: [10.1.1.1, \"2001:db8::/32\"]\n"), chains).await;
    assert_eq!(allowed, [200, 403, 200, 200, 200, 403, 403]);
    let denied = statuses(&format!("{trusted}ip_blacklist: [192.0.2.0/24]\n"), chains).await;
    assert_eq!(denied, [200, 403, 200, 200, 200, 200, 200]);
}

#[tokio::test]
async fn the_refusal_names_the_address_and_the_access_line_too() {
    let upstream = FakeUpstream::echo().await;
    let gateway =
        Gateway::configured(&upstream, "trusted_proxies: [127.0.0.1]\nip_blacklist: [192.0.2.0/24]\n").await;
    let mut client = gateway.connect().await;
    let refused = ask(&mut client, "/v1/models", &["192.0.2.77"]).await;
    assert_refusal("refused_address", &refused);
    assert!(gateway.access_line("/v1/models").await.to_string().contains("192.0.2.77"));
    assert_eq!(ask(&mut client, "/healthz", &["192.0.2.77"]).await.status(), 200);
    assert_eq!(upstream.count(), 0);
}

/// A refused address once learned the routes from the answer to a path without one.
#[tokio::test]
async fn a_refused_address_is_told_nothing_of_the_routes() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let route = upstream.forward().replace("route: \"/\"", "route: \"/internal\"");
    sandbox.write("aifd.yaml", format!("{route}benchmark_mode: true\nip_blacklist: [127.0.0.1]\n"));
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    for target in ["/v1/models", "/internal/x", "/"] {
        let refused = ask(&mut client, target, &[]).await;
        assert_eq!((refused.status(), refused.code().as_str()), (403, "policy_ip_forbidden"), "{refused}");
        assert!(!refused.text().contains("internal"), "{refused}");
    }
    client
        .send("POST /benchmark/v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-length: 2\r\n\r\n{}")
        .await;
    assert_eq!(client.response().await.code(), "policy_ip_forbidden");
}
