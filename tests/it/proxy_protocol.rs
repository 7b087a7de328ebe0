//! The PROXY protocol on the listener: a trusted proxy names the caller, and nobody else does.

use crate::http2::http2;
use aifd_tests::{Certs, Ending, FakeUpstream, Gateway, RawClient, Sandbox, Socket, within};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use std::net::Ipv4Addr;
use tokio::net::TcpSocket;

/// The proxies of these tests connect from here.
const TRUSTED: &str = "proxy_protocol: true\ntrusted_proxies: [127.0.0.1]\n";
const V1: &[u8] = b"PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n";
const GET: &[u8] = b"GET /x HTTP/1.1\r\nhost: g\r\n\r\n";

/// A header of version 2.
fn v2(command: u8, family: u8, said: &[u8]) -> Vec<u8> {
    let length = u16::try_from(said.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, said].concat()
}

/// Addresses and ports of IPv4, and what proxies tell beside them.
fn v2_of_ipv4(more: &[u8]) -> Vec<u8> {
    v2(0x21, 0x11, &[&[203, 0, 113, 7, 10, 0, 0, 1, 0xdc, 4, 1, 0xbb][..], more].concat())
}

/// Sends a header and a request at once.
async fn ask(client: &mut RawClient, header: &[u8]) -> u16 {
    client.send([header, GET].concat()).await;
    client.response().await.status()
}

/// A connection from another address of the loopback.
async fn connect_from(gateway: &Gateway, address: [u8; 4]) -> RawClient {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::from(address), 0).into()).unwrap();
    RawClient::new(Socket::Tcp(socket.connect(gateway.tcp()).await.unwrap()))
}

/// The `x-forwarded-for` of the upstream's request `index`.
async fn forwarded_for(upstream: &FakeUpstream, index: usize) -> String {
    upstream.request(index).await.header("x-forwarded-for").unwrap_or("none").to_owned()
}

#[tokio::test]
async fn the_address_that_a_trusted_proxy_names_is_the_callers() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    let v6 = [&"2001:db8::7".parse::<std::net::Ipv6Addr>().unwrap().octets()[..], &[0; 20]].concat();
    let mapped = [&Ipv4Addr::new(203, 0, 113, 7).to_ipv6_mapped().octets()[..], &[0; 20]].concat();
    let cases: [(&[u8], &str); 11] = [
        (V1, "203.0.113.7"),
        (b"PROXY TCP6 2001:DB8::7 ::1 1 2\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (b"PROXY UNKNOWN 203.0.113.7 10.0.0.1 1 2\r\n", "127.0.0.1"),
        (&v2_of_ipv4(b""), "203.0.113.7"),
        (&v2_of_ipv4(&[4, 0, 3, 1, 2, 3, 0xe0, 0, 1, 7]), "203.0.113.7"),
        (&v2_of_ipv4(&[0; 4000]), "203.0.113.7"),
        (&v2(0x21, 0x21, &v6), "2001:db8::7"),
        (&v2(0x21, 0x21, &mapped), "203.0.113.7"),
        (&v2(0x20, 0x00, b""), "127.0.0.1"),
        (&v2(0x20, 0x11, &[203, 0, 113, 7, 10, 0, 0, 1, 0, 1, 0, 2]), "127.0.0.1"),
    ];
    for (index, (header, address)) in cases.into_iter().enumerate() {
        let mut client = gateway.connect().await;
        assert_eq!(ask(&mut client, header).await, 200, "{header:?}");
        assert_eq!(forwarded_for(&upstream, index).await, address, "{header:?}");
    }
}

#[tokio::test]
async fn it_holds_for_every_request_of_the_connection_and_in_the_access_line() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    let mut client = gateway.connect().await;
    client.send(V1).await;
    for n in 0..3 {
        assert_eq!(client.get(&format!("/{n}")).await.status(), 200);
        assert_eq!(forwarded_for(&upstream, n).await, "203.0.113.7");
        assert_eq!(gateway.access_line(&format!("/{n}")).await["client"], "203.0.113.7");
    }
    client.send("GET /3 HTTP/1.1\r\nhost: g\r\nx-forwarded-for: 198.51.100.1\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 200);
    assert_eq!(forwarded_for(&upstream, 3).await, "198.51.100.1, 203.0.113.7");
    // A second header is no request.
    client.send(V1).await;
    assert_eq!(client.response().await.status(), 400);
    assert_eq!(upstream.count(), 4);
}

#[tokio::test]
async fn a_header_may_come_in_pieces() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    for (index, header) in [V1, &v2_of_ipv4(b"\x04\0\x01x")].into_iter().enumerate() {
        let mut client = gateway.connect().await;
        for byte in header {
            client.send([*byte]).await;
            // So that the pieces do not come together.
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&mut client, b"").await, 200);
        assert_eq!(forwarded_for(&upstream, index).await, "203.0.113.7");
    }
}

#[tokio::test]
async fn a_trusted_proxy_without_a_header_is_closed_unheard() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    let long = [b"PROXY UNKNOWN ", &[b'x'; 200][..], b"\r\n"].concat();
    let cases: [(&[u8], &str); 9] = [
        (b"", "no PROXY protocol header"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "no PROXY protocol header"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "no PROXY protocol header"),
        (b" PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n", "no PROXY protocol header"),
        (b"PROXY TCP4 203.0.113.7 10.0.0.1 1 2\n", "CR LF"),
        (b"PROXY TCP4 203.0.113.7 10.0.0.1 1\r\n", "two of each"),
        (&long, "longer than 107"),
        (&v2(0x21, 0x11, &[203, 0, 113, 7]), "too few"),
        (&v2(0x21, 0x11, &[0; 5000]), "more than 4096"),
    ];
    for (header, fault) in cases {
        let mut client = gateway.connect().await;
        // It may be closed while it still sends.
        drop(client.try_send([header, GET].concat()).await);
        let (answer, _) = client.rest().await;
        assert_eq!(answer, b"", "{header:?}");
        let told = |line: &serde_json::Value| line.to_string().contains(fault) && line["level"] == "WARN";
        let line = gateway.event("warning of the proxy", told).await;
        assert!(line.to_string().contains("127.0.0.1"), "{line}");
    }
    assert_eq!(upstream.count(), 0);
    // One that leaves at once, as checks of health do, is not worth a warning; the next is served.
    let warned = gateway.log().text().matches("WARN").count();
    gateway.connect().await.leave();
    let mut client = gateway.connect().await;
    client.send(&V1[..20]).await.finish().await;
    assert_eq!(client.rest().await.1, Ending::Closed);
    assert_eq!(ask(&mut gateway.connect().await, V1).await, 200);
    assert_eq!(gateway.log().text().matches("WARN").count(), warned, "{}", gateway.log());
}

#[tokio::test]
async fn a_header_that_does_not_come_in_time_closes_the_connection() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, &format!("{TRUSTED}header_timeout: 100ms\n")).await;
    for begun in [&b""[..], &V1[..V1.len() - 1], &v2_of_ipv4(b"x")[..28]] {
        let mut client = gateway.connect().await;
        client.send(begun).await;
        assert_eq!(client.rest().await, (Vec::new(), Ending::Closed), "{begun:?}");
    }
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    let mut client = connect_from(&gateway, [127, 0, 0, 2]).await;
    assert_eq!(ask(&mut client, b"").await, 200);
    assert_eq!(forwarded_for(&upstream, 0).await, "127.0.0.2");
    assert_eq!(gateway.access_line("/x").await["client"], "127.0.0.2");
    for header in [V1, &v2_of_ipv4(b"")] {
        let mut client = connect_from(&gateway, [127, 0, 0, 2]).await;
        client.send([header, GET].concat()).await;
        let refused = client.response().await;
        assert_eq!(
            (refused.status(), refused.code().as_str()),
            (400, "caller_request_malformed"),
            "{header:?}"
        );
    }
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn without_proxy_protocol_a_header_is_malformed_http() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "trusted_proxies: [127.0.0.1]\n").await;
    for header in [V1, &v2_of_ipv4(b"")] {
        assert_eq!(ask(&mut gateway.connect().await, header).await, 400, "{header:?}");
    }
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn the_header_stands_before_tls() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let certs = Certs::new();
    let [_, certfile, keyfile] = certs.write(&sandbox);
    let tls = format!("ssl_certfile: {}\nssl_keyfile: {}\n", certfile.display(), keyfile.display());
    sandbox.write("aifd.yaml", upstream.forward() + TRUSTED + &tls);
    let gateway = sandbox.serve().await;
    for (index, (header, address)) in
        [(V1, "203.0.113.7"), (&v2_of_ipv4(b"x"), "203.0.113.7"), (b"PROXY UNKNOWN\r\n", "127.0.0.1")]
            .into_iter()
            .enumerate()
    {
        let mut client = gateway.connect().await;
        client.send(header).await;
        let Socket::Tcp(stream) = client.into_socket() else { unreachable!() };
        let mut client = certs.over(stream, &["http/1.1"]).await;
        assert_eq!(ask(&mut client, b"").await, 200);
        assert_eq!(forwarded_for(&upstream, index).await, address);
        assert_eq!(upstream.request(index).await.header("x-forwarded-proto"), Some("https"));
    }
    let mut client = gateway.connect().await;
    client.send(V1).await;
    let Socket::Tcp(stream) = client.into_socket() else { unreachable!() };
    let client = certs.over(stream, &["h2"]).await;
    get_by_http2(&gateway, client).await;
    assert_eq!(forwarded_for(&upstream, 3).await, "203.0.113.7");
    // Another peer speaks TLS from its first byte.
    let client = connect_from(&gateway, [127, 0, 0, 2]).await;
    let Socket::Tcp(stream) = client.into_socket() else { unreachable!() };
    assert_eq!(ask(&mut certs.over(stream, &[]).await, b"").await, 200);
    assert_eq!(forwarded_for(&upstream, 4).await, "127.0.0.2");
}

async fn get_by_http2(gateway: &Gateway, client: RawClient) {
    let mut sender = http2(client.into_socket()).await;
    let request = http::Request::get(gateway.url("/h2")).body(Full::<Bytes>::default()).unwrap();
    let answer = within("an answer", sender.send_request(request)).await.unwrap();
    assert_eq!(answer.status(), 200);
    within("its end", answer.into_body().collect()).await.unwrap();
}

#[tokio::test]
async fn http_2_with_prior_knowledge_may_follow() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, TRUSTED).await;
    for (index, header) in [V1, &v2_of_ipv4(b"")].into_iter().enumerate() {
        let mut client = gateway.connect().await;
        client.send(header).await;
        get_by_http2(&gateway, client).await;
        assert_eq!(forwarded_for(&upstream, index).await, "203.0.113.7");
    }
    assert_eq!(gateway.access_line("/h2").await["client"], "203.0.113.7");
}

#[tokio::test]
async fn behind_a_unix_socket_stands_a_proxy() {
    let upstream = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let path = sandbox.file("aifd.sock");
    let listen = format!("listen: \"unix:{}\"\nproxy_protocol: true\n", path.display());
    sandbox.write("aifd.yaml", upstream.forward() + &listen);
    let command = sandbox.aifd(["run", "--log-format", "json"]);
    let gateway = Gateway::start(sandbox, &command).await;
    let cases: [(&[u8], &str); 3] =
        [(V1, "203.0.113.7"), (&v2_of_ipv4(b""), "203.0.113.7"), (&v2(0x20, 0, b""), "none")];
    for (index, (header, address)) in cases.into_iter().enumerate() {
        let mut client = gateway.connect_unix(&path).await;
        assert_eq!(ask(&mut client, header).await, 200);
        assert_eq!(forwarded_for(&upstream, index).await, address, "{header:?}");
    }
    let mut client = gateway.connect_unix(&path).await;
    client.send(GET).await;
    assert_eq!(client.rest().await.0, b"");
    assert_eq!(upstream.count(), 3);
}

/// What a caller sent can still be read when it has reset its connection, but then the system no longer knows whose it
/// was: it would pass for a Unix socket's.
#[tokio::test]
async fn a_caller_that_has_reset_its_connection_is_not_served_as_nobody() {
    let upstream = FakeUpstream::echo().await;
    let gateway = Gateway::configured(&upstream, "workers: 1\n").await;
    for _ in 0..200 {
        let mut client = gateway.connect().await;
        let head =
            "POST /x HTTP/1.1\r\nhost: g\r\nx-forwarded-for: 10.0.0.1\r\ncontent-length: 50000\r\n\r\n";
        client.send(head.to_owned() + &"x".repeat(50_000)).await;
        client.reset();
    }
    // Behind all of them, in the one worker's queue.
    assert_eq!(gateway.connect().await.get("/last").await.status(), 200);
    assert_eq!(gateway.stop().await, Some(0));
    for line in gateway.log().text().lines().filter(|line| line.contains("/x")) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["client"], "127.0.0.1", "{line}");
    }
    for request in upstream.requests() {
        let named = request.header("x-forwarded-for");
        assert!(named.is_some_and(|list| list.ends_with("127.0.0.1")), "{:?}", request.head);
    }
}
