//! Bodies stream in constant memory, and the slower side sets the pace, in both directions.

use aifd_tests::{Answer, FakeUpstream, Gate, Gateway, http_client, settled};
use bytes::Bytes;
use futures_util::StreamExt;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MIB: usize = 1024 * 1024;
/// 10 MB: what a transfer of any size may add.
const ALLOWED_KIB: usize = 10_000_000 / 1024;

/// A gateway that has served a request, so that what is needed once is there.
async fn warm(upstream: &FakeUpstream) -> (Gateway, usize) {
    let gateway = Gateway::before(upstream).await;
    assert_eq!(gateway.connect().await.get("/warm").await.status(), 200);
    let before = gateway.resident_kib();
    (gateway, before)
}

#[track_caller]
fn assert_grown_little(gateway: &Gateway, before: usize) {
    let grown = gateway.peak_kib().saturating_sub(before);
    assert!(grown < ALLOWED_KIB, "grew by {grown} KiB");
}

#[tokio::test]
async fn an_upload_of_20_mb_adds_little() {
    for http2 in [false, true] {
        let upstream = FakeUpstream::always(Answer::json("{}")).await;
        let (gateway, before) = warm(&upstream).await;
        let part = Bytes::from(vec![b'x'; MIB]);
        let parts = futures_util::stream::iter((0..20).map(move |_| Ok::<_, std::io::Error>(part.clone())));
        let body = reqwest::Body::wrap_stream(parts);
        let builder = http_client();
        let client = if http2 { builder.http2_prior_knowledge() } else { builder }.build().unwrap();
        let response = client.post(gateway.url("/v1/files")).body(body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(upstream.body_length(1), 20 * MIB);
        assert_grown_little(&gateway, before);
    }
}

#[tokio::test]
async fn a_download_of_100_mb_adds_little() {
    let part = Bytes::from(vec![b'x'; MIB]);
    for chunked in [false, true] {
        let parts = vec![part.clone(); 100];
        let answer = if chunked { Answer::new(200).chunks(parts) } else { Answer::new(200).parts(parts) };
        let upstream = FakeUpstream::answering(move |request| match request.target() {
            "/warm" => Answer::json("{}"),
            _ => answer.clone(),
        })
        .await;
        let (gateway, before) = warm(&upstream).await;
        let response = gateway.client().get(gateway.url("/v1/files/x/content")).send().await.unwrap();
        let mut stream = response.bytes_stream();
        let mut length = 0;
        while let Some(part) = stream.next().await {
            length += part.unwrap().len();
        }
        assert_eq!(length, 100 * MIB);
        assert_grown_little(&gateway, before);
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_read_stops_the_client() {
    let gate = Gate::new();
    let answer = Answer::taken_over({
        let gate = gate.clone();
        move |mut socket, _| {
            let gate = gate.clone();
            async move {
                gate.wait().await;
                let mut left = 100 * MIB;
                let mut buffer = vec![0; MIB];
                while left > 0 {
                    left -= socket.read(&mut buffer).await.unwrap();
                }
                socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone").await.unwrap();
                drop(socket.read(&mut buffer).await);
            }
        }
    });
    let upstream = FakeUpstream::builder().receive_buffer(64 * 1024).answering(move |request| {
        if request.target() == "/warm" { Answer::json("{}") } else { answer.clone() }
    });
    let upstream = upstream.await;
    let (gateway, before) = warm(&upstream).await;
    let mut client = gateway.connect().await;
    client.send(format!("POST / HTTP/1.1\r\nhost: g\r\ncontent-length: {}\r\n\r\n", 100 * MIB)).await;
    upstream.begun(1).await;
    let sent = Arc::new(AtomicU64::new(0));
    let progress = sent.clone();
    let (mut read, mut write) = tokio::io::split(client.into_socket());
    let writer = tokio::spawn(async move {
        let part = vec![b'x'; 64 * 1024];
        for _ in 0..1600 {
            write.write_all(&part).await.unwrap();
            progress.fetch_add(part.len() as u64, Relaxed);
        }
    });
    let held = settled("the upload to stop", || sent.load(Relaxed)).await;
    assert!(held < 50 * MIB as u64, "{held} bytes were taken though nobody reads them");
    assert_grown_little(&gateway, before);
    gate.open();
    writer.await.unwrap();
    let mut answer = vec![0; 4096];
    let length = aifd_tests::within("the answer", read.read(&mut answer)).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 200"));
    assert_grown_little(&gateway, before);
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_upstream() {
    let part = Bytes::from(vec![b'x'; 64 * 1024]);
    for chunked in [false, true] {
        let parts = vec![part.clone(); 1600];
        let answer = if chunked { Answer::new(200).chunks(parts) } else { Answer::new(200).parts(parts) };
        let upstream = FakeUpstream::answering(move |request| match request.target() {
            "/warm" => Answer::json("{}"),
            _ => answer.clone(),
        })
        .await;
        let (gateway, before) = warm(&upstream).await;
        let mut client = gateway.connect().await;
        client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
        let held = upstream.settled().await;
        assert!(held < 50 * MIB as u64, "{held} bytes were taken though nobody reads them");
        assert_grown_little(&gateway, before);
        let response = client.response().await;
        assert_eq!(response.body.len(), 100 * MIB);
        assert_grown_little(&gateway, before);
    }
}

#[tokio::test]
async fn a_slow_reader_of_an_event_stream_makes_the_gateway_hold_little() {
    let event = format!("data: {}\n\n", "x".repeat(1000));
    let upstream = FakeUpstream::answering(move |request| match request.target() {
        "/warm" => Answer::json("{}"),
        _ => Answer::new(200).header("content-type", "text/event-stream").chunks(vec![event.clone(); 50_000]),
    })
    .await;
    let (gateway, before) = warm(&upstream).await;
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    upstream.settled().await;
    assert_grown_little(&gateway, before);
    assert_eq!(client.response().await.body.len(), 50_000 * 1008);
    assert_grown_little(&gateway, before);
}

#[tokio::test]
async fn windows_of_http_2_do_not_make_the_gateway_hold_an_answer() {
    let certs = aifd_tests::Certs::new();
    let sandbox = aifd_tests::Sandbox::new();
    let [ca, ..] = certs.write(&sandbox);
    let part = Bytes::from(vec![b'x'; 64 * 1024]);
    let builder = FakeUpstream::builder().tls(&certs, &["h2"]);
    let upstream = builder.answering(move |request| match request.target() {
        "/warm" => Answer::json("{}"),
        _ => Answer::new(200).chunks(vec![part.clone(); 1600]),
    });
    let upstream = upstream.await;
    sandbox.write("aifd.yaml", format!("{}ca_file: {}\n", upstream.forward(), ca.display()));
    let gateway = sandbox.serve().await;
    assert_eq!(gateway.connect().await.get("/warm").await.status(), 200);
    let before = gateway.resident_kib();
    let mut client = gateway.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    let held = upstream.settled().await;
    assert!(held < 50 * MIB as u64, "{held} bytes were taken though nobody reads them");
    assert_grown_little(&gateway, before);
    assert_eq!(client.response().await.body.len(), 100 * MIB);
    assert_grown_little(&gateway, before);
}
