//! A SOCKS5 proxy that records where it was asked to connect, and can refuse.

use parking_lot::Mutex;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// What the proxy saw.
#[derive(Debug, Default)]
struct Seen {
    targets: Vec<String>,
    credentials: Vec<(String, String)>,
}

/// A proxy on the loopback. All that it tunnels goes to one upstream, whatever name was asked for.
pub struct SocksProxy {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: AbortHandle,
}

/// How the proxy behaves.
#[derive(Clone)]
struct Rules {
    upstream: SocketAddr,
    password: bool,
    refused: usize,
    seen: Arc<Mutex<Seen>>,
}

impl SocksProxy {
    /// Tunnels everything to `upstream`, and wants name and password if `password` says so; answers the first
    /// `refused` requests with "connection refused".
    pub async fn start(upstream: SocketAddr, password: bool, refused: usize) -> Self {
        let seen = Arc::<Mutex<Seen>>::default();
        let rules = Rules { upstream, password, refused, seen: seen.clone() };
        let (bound, is_bound) = tokio::sync::oneshot::channel();
        let task = crate::runtime().spawn(async move {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
            let _ = bound.send(listener.local_addr().expect("its address"));
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(tunnel(stream, rules.clone()));
            }
        });
        SocksProxy { address: is_bound.await.expect("a listening address"), seen, task: task.abort_handle() }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `host:port`s asked for.
    pub fn targets(&self) -> Vec<String> {
        self.seen.lock().targets.clone()
    }

    /// Names and passwords given.
    pub fn credentials(&self) -> Vec<(String, String)> {
        self.seen.lock().credentials.clone()
    }
}

impl Drop for SocksProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn tunnel(mut client: TcpStream, rules: Rules) -> io::Result<()> {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).await?;
    let mut methods = vec![0; greeting[1].into()];
    client.read_exact(&mut methods).await?;
    if rules.password {
        client.write_all(&[5, 2]).await?;
        client.read_u8().await?;
        let pair = (text(&mut client).await?, text(&mut client).await?);
        rules.seen.lock().credentials.push(pair);
        client.write_all(&[1, 0]).await?;
    } else {
        client.write_all(&[5, 0]).await?;
    }
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    let host = match request[3] {
        1 => Ipv4Addr::from_bits(client.read_u32().await?).to_string(),
        3 => text(&mut client).await?,
        _ => std::net::Ipv6Addr::from_bits(client.read_u128().await?).to_string(),
    };
    let port = client.read_u16().await?;
    let nth = {
        let mut seen = rules.seen.lock();
        seen.targets.push(format!("{host}:{port}"));
        seen.targets.len() - 1
    };
    if nth < rules.refused {
        return client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    }
    let mut upstream = TcpStream::connect(rules.upstream).await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut client, &mut upstream).await.map(drop)
}

async fn text(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
