//! Proxies between the gateway and its upstreams.

use aifd_tests::{Answer, Certs, FakeUpstream, Gateway, Sandbox, SocksProxy, within};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

/// A proxy that tunnels every CONNECT to `upstream`.
async fn tunnelling(upstream: SocketAddr) -> FakeUpstream {
    FakeUpstream::always(Answer::taken_over(move |mut client, head| async move {
        assert_eq!(head.word(0), "CONNECT");
        let mut upstream = TcpStream::connect(upstream).await.unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        drop(copy_bidirectional(&mut client, &mut upstream).await);
    }))
    .await
}

#[tokio::test]
async fn http_upstreams_are_asked_in_absolute_form() {
    let proxy = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n  - {{base_url: \"http://upstream.example:81/base\", route: /, type: general}}\nproxy: \"{}\"\n",
            proxy.url()
        ),
    );
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    for n in 0..2 {
        client.send(format!("POST /v1/x?a=%2F HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\n\r\n{n}")).await;
        assert_eq!(client.response().await.text(), n.to_string());
    }
    let request = proxy.request(0).await;
    assert_eq!(request.target(), "http://upstream.example:81/base/v1/x?a=%2F");
    assert_eq!(request.head.all("host"), ["upstream.example:81"]);
    assert_eq!(request.header("proxy-authorization"), None);
    assert_eq!(proxy.connections(), 1, "connections to a proxy are reused");
}

#[tokio::test]
async fn https_upstreams_are_reached_through_connect() {
    let certs = Certs::new();
    let upstream =
        FakeUpstream::builder().tls(&certs, &["h2", "http/1.1"]).answering(|_| Answer::echo()).await;
    let proxy = tunnelling(upstream.address()).await;
    let sandbox = Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    let target = format!("localhost:{}", upstream.address().port());
    sandbox.write(
        "aifd.yaml",
        format!("{}proxy: \"{}\"\nca_file: {}\n", upstream.forward(), proxy.url(), ca.display()),
    );
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client
        .send("POST /v1/x HTTP/1.1\r\nhost: g\r\nauthorization: Bearer sk\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    assert_eq!(client.response().await.text(), "hi");
    let connect = proxy.begun(0).await;
    assert_eq!((connect.method(), connect.target()), ("CONNECT", target.as_str()));
    assert_eq!(connect.header("authorization"), None, "the proxy sees nothing of the request");
    assert_eq!(upstream.request(0).await.header(":authority"), Some(target.as_str()));
}

#[tokio::test]
async fn the_proxys_name_and_password_go_to_the_proxy_alone() {
    let certs = Certs::new();
    let secure = FakeUpstream::builder().tls(&certs, &[]).answering(|_| Answer::echo()).await;
    let tunnel = tunnelling(secure.address()).await;
    let plain = FakeUpstream::echo().await;
    // "user:p@ss", percent-encoded in the URL.
    let url = |proxy: &FakeUpstream| format!("http://user:p%40ss@{}", proxy.address());
    let basic = "Basic dXNlcjpwQHNz";
    let sandbox = Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    sandbox.write(
        "aifd.yaml",
        format!("{}proxy: \"{}\"\nca_file: {}\n", secure.forward(), url(&tunnel), ca.display()),
    );
    let gateway = sandbox.serve().await;
    assert_eq!(gateway.connect().await.get("/").await.status(), 200);
    assert_eq!(tunnel.begun(0).await.header("proxy-authorization"), Some(basic));
    assert_eq!(secure.request(0).await.header("proxy-authorization"), None);

    let sandbox = Sandbox::new();
    let forward = "forward:\n  - {base_url: \"http://upstream.example\", route: /, type: general}\n";
    sandbox.write("aifd.yaml", format!("{forward}proxy: \"{}\"\n", url(&plain)));
    let gateway = sandbox.serve().await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\nproxy-authorization: Basic Zm9yZ2Vk\r\n\r\n").await;
    assert_eq!(client.response().await.status(), 200);
    assert_eq!(plain.request(0).await.head.all("proxy-authorization"), [basic]);
}

#[tokio::test]
async fn socks5_resolves_here_and_socks5h_there() {
    let upstream = FakeUpstream::echo().await;
    let port = upstream.address().port();
    for (scheme, host, asked) in [
        ("socks5", "127.0.0.1", "127.0.0.1"),
        ("socks5h", "only-the-proxy-knows.test", "only-the-proxy-knows.test"),
    ] {
        for password in [false, true] {
            let proxy = SocksProxy::start(upstream.address(), password, 0).await;
            let login = if password { "user:p%40ss@" } else { "" };
            let sandbox = Sandbox::new();
            sandbox.write(
                "aifd.yaml",
                format!(
                    "forward:\n  - {{base_url: \"http://{host}:{port}\", route: /, type: general}}\nproxy: \"{scheme}://{login}{}\"\n",
                    proxy.address()
                ),
            );
            let gateway = sandbox.serve().await;
            let before = upstream.count();
            assert_eq!(gateway.connect().await.get("/v1/x").await.status(), 200, "{scheme}");
            assert_eq!(proxy.targets(), [format!("{asked}:{port}")]);
            assert_eq!(upstream.request(before).await.target(), "/v1/x", "origin-form, since it is a tunnel");
            let credentials = [("user".to_owned(), "p@ss".to_owned())];
            assert_eq!(proxy.credentials(), if password { &credentials[..] } else { &[] });
        }
    }
}

#[tokio::test]
async fn no_proxy_exempts_hosts() {
    let (direct, proxy) = (FakeUpstream::echo().await, FakeUpstream::echo().await);
    let port = direct.address().port();
    let proxied = |exempt: &str, from_file: bool| {
        let sandbox = Sandbox::new();
        let line = if from_file { format!("no_proxy: \"{exempt}\"\n") } else { String::new() };
        sandbox.write("aifd.yaml", format!("{}proxy: \"{}\"\n{line}", direct.forward(), proxy.url()));
        let exempt = exempt.to_owned();
        sandbox.serve_with(move |command| if from_file { command } else { command.env("NO_PROXY", exempt) })
    };
    for (exempt, is_direct) in [
        ("127.0.0.1", true),
        ("*", true),
        ("127.0.0.0/8", true),
        ("example.com, 127.0.0.1", true),
        ("", false),
        ("example.com,10.0.0.0/8", false),
    ] {
        for from_file in [true, false] {
            let before = (direct.count(), proxy.count());
            let gateway = proxied(exempt, from_file).await;
            assert_eq!(gateway.connect().await.get("/").await.status(), 200, "{exempt}");
            let came = (direct.count() - before.0, proxy.count() - before.1);
            assert_eq!(
                came,
                if is_direct { (1, 0) } else { (0, 1) },
                "{exempt:?} for 127.0.0.1:{port}, in the file: {from_file}"
            );
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_its_answer_is_not_taken_for_the_upstreams() {
    for refusal in [
        Answer::new(407).header("proxy-authenticate", "Basic").body("who are you"),
        Answer::new(502).body("bad gateway"),
        Answer::reset(),
    ] {
        let proxy = FakeUpstream::always(refusal).await;
        let sandbox = Sandbox::new();
        let forward = "forward:\n  - {base_url: \"https://upstream.example\", route: /, type: general}\n";
        sandbox.write(
            "aifd.yaml",
            format!("{forward}proxy: \"{}\"\nretry: {{attempts: 1, base_delay: 1ms}}\n", proxy.url()),
        );
        let gateway = sandbox.serve().await;
        let response = gateway.connect().await.get("/").await;
        assert_eq!(
            (response.status(), response.code().as_str()),
            (502, "provider_proxy_failed"),
            "{response}"
        );
        assert_eq!(proxy.count(), 2);
    }
}

#[tokio::test]
async fn the_variable_of_the_original_is_read() {
    let proxy = FakeUpstream::echo().await;
    let sandbox = Sandbox::new();
    let routes = r#"[{"base_url":"http://upstream.example","route":"/","type":"openai"}]"#;
    let url = proxy.url();
    let gateway = sandbox.serve_with(|command| command.env("PROXY", url).env("FORWARD_CONFIG", routes)).await;
    assert_eq!(gateway.connect().await.get("/v1/models").await.status(), 200);
    assert_eq!(proxy.request(0).await.target(), "http://upstream.example/v1/models");
}

#[tokio::test]
async fn websockets_go_through_a_tunnel_too() {
    let upstream = FakeUpstream::always(Answer::echoing_tunnel()).await;
    let proxy = SocksProxy::start(upstream.address(), false, 0).await;
    let gateway =
        Gateway::configured(&upstream, &format!("proxy: \"socks5h://{}\"\n", proxy.address())).await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n").await;
    assert_eq!(within("the answer", client.response()).await.status(), 101);
    client.send("anything").await;
    client.until("anything").await;
    assert_eq!(proxy.targets().len(), 1);
}

#[tokio::test]
async fn a_proxy_may_be_spoken_to_over_tls() {
    let certs = Certs::new();
    let proxy = FakeUpstream::builder().tls(&certs, &[]).answering(|_| Answer::echo()).await;
    let sandbox = Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    let forward = "forward:\n  - {base_url: \"http://upstream.example\", route: /, type: general}\n";
    sandbox.write("aifd.yaml", format!("{forward}proxy: \"{}\"\nca_file: {}\n", proxy.url(), ca.display()));
    let gateway = sandbox.serve().await;
    assert_eq!(gateway.connect().await.get("/v1/x").await.status(), 200);
    assert_eq!(proxy.request(0).await.target(), "http://upstream.example/v1/x");
}
