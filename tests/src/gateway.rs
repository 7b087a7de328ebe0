//! A running `aifd run`.

use crate::{Aifd, FakeUpstream, Lines, Process, RawClient, Sandbox, Socket};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::{TcpStream, UnixStream};

/// A gateway that listens. Dropping it kills it.
pub struct Gateway {
    // Dropped in this order: the process before its directory.
    process: Process,
    sandbox: Sandbox,
    address: String,
}

impl Gateway {
    /// Starts `command` and waits until it says where it listens.
    ///
    /// # Panics
    /// When it ends instead.
    pub async fn start(sandbox: Sandbox, command: &Aifd) -> Self {
        let process = command.start();
        let listening =
            |line: &str| line.contains("istening on").then(|| line.rsplit(' ').next().map(str::to_owned));
        let address = process.stdout().find("the listening address", listening).await.flatten();
        let Some(address) = address else {
            panic!("no listening address; it said:\n{}{}", process.stdout(), process.stderr());
        };
        Gateway { process, sandbox, address }
    }

    /// A gateway whose one route `/` leads to `upstream`.
    pub async fn before(upstream: &FakeUpstream) -> Self {
        Gateway::configured(upstream, "").await
    }

    /// The same with more lines of configuration.
    pub async fn configured(upstream: &FakeUpstream, more: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward() + more);
        sandbox.serve().await
    }

    /// Stops it, and gives back what it ran in.
    ///
    /// # Panics
    /// When it does not end well.
    pub async fn stopped(self) -> Sandbox {
        assert_eq!(self.stop().await, Some(0));
        self.sandbox
    }

    /// Where it listens, as it said: a URL.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// `host:port` of its listener.
    pub fn authority(&self) -> &str {
        self.address.split_once("://").map_or(&self.address, |(_, authority)| authority)
    }

    /// Its TCP address.
    pub fn tcp(&self) -> SocketAddr {
        self.authority().parse().expect("a TCP address")
    }

    /// A new plain TCP connection to it.
    pub async fn connect(&self) -> RawClient {
        let stream = TcpStream::connect(self.tcp()).await.expect("a connection to the gateway");
        stream.set_nodelay(true).expect("nodelay");
        RawClient::new(Socket::Tcp(stream))
    }

    /// A new connection to its Unix socket.
    pub async fn connect_unix(&self, path: impl AsRef<std::path::Path>) -> RawClient {
        let stream = UnixStream::connect(path).await.expect("a connection to the gateway");
        RawClient::new(Socket::Unix(stream))
    }

    /// An HTTP/1.1 client that follows no redirect and uses no proxy.
    pub fn client(&self) -> reqwest::Client {
        crate::http_client().build().expect("a client")
    }

    /// The process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its directory.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// What it said on standard error.
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// Waits for a diagnostic line that `wanted` accepts.
    ///
    /// # Panics
    /// When none comes.
    pub async fn event(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let parse = |line: &str| serde_json::from_str(line).ok().filter(&wanted);
        let found = self.log().find(what, parse).await;
        found.unwrap_or_else(|| panic!("no {what} in:\n{}", self.log()))
    }

    /// Waits for the access line of the request to `path`.
    pub async fn access_line(&self, path: &str) -> Value {
        let wanted = |line: &Value| field(line, "message") == "request" && field(line, "path") == path;
        self.event(&format!("access line of {path}"), wanted).await
    }

    /// Asks it to stop and waits until it has; its exit code.
    pub async fn stop(&self) -> Option<i32> {
        self.process.terminate();
        self.process.ended().await.code()
    }

    /// Memory it holds now, in KiB.
    pub fn resident_kib(&self) -> usize {
        self.memory("VmRSS:")
    }

    /// The most memory that it ever held, in KiB.
    pub fn peak_kib(&self) -> usize {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.pid())).expect("/proc");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field");
        line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
    }
}

/// A field of a diagnostic line, at the top or under `fields`.
fn field<'a>(line: &'a Value, name: &str) -> &'a Value {
    match &line[name] {
        Value::Null => &line["fields"][name],
        found => found,
    }
}
