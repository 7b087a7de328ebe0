//! A scripted service: it answers each request as the test says, and records what it saw.

mod http1;
mod http2;

use crate::{Answer, Certs, Head, Socket, within};
use parking_lot::Mutex;
use rustls::ServerConfig;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::AbortHandle,
};
use tokio_rustls::{TlsAcceptor, TlsStream};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Which connection brought it, counted from 0.
    pub connection: usize,
    /// Which request of that connection it is, counted from 0.
    pub nth: usize,
    /// Its head.
    pub head: Head,
    /// Its body so far.
    pub body: Vec<u8>,
    /// Fields behind a chunked body.
    pub trailers: Vec<(String, String)>,
    /// Sizes of the chunks of a chunked body.
    pub chunks: Vec<usize>,
    /// Whether its body has come to its end.
    pub complete: bool,
}

impl Received {
    /// The method.
    pub fn method(&self) -> &str {
        self.head.word(0)
    }

    /// The request target.
    pub fn target(&self) -> &str {
        self.head.word(1)
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Received>,
    connections: usize,
    closed: usize,
    left: usize,
    sent: u64,
}

type Handler = Arc<dyn Fn(&Received) -> Answer + Send + Sync>;

/// What connections share.
struct Shared {
    handler: Handler,
    state: Mutex<State>,
    changed: Notify,
    tls: Option<Arc<ServerConfig>>,
    /// How many connections are reset as soon as they are made.
    refused: usize,
    /// Never answers a TLS handshake.
    mute: bool,
    /// Bytes of the receive buffer.
    receive_buffer: Option<usize>,
}

/// A service on the loopback. Dropping it closes its connections.
pub struct FakeUpstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

/// How a [`FakeUpstream`] is set up.
#[derive(Default)]
pub struct UpstreamBuilder {
    tls: Option<Arc<ServerConfig>>,
    refused: usize,
    mute: bool,
    receive_buffer: Option<usize>,
    listener: Option<std::net::TcpListener>,
}

impl UpstreamBuilder {
    /// Speaks TLS and offers these protocols.
    pub fn tls(mut self, certs: &Certs, protocols: &[&str]) -> Self {
        self.tls = Some(certs.server(protocols));
        self
    }

    /// Resets the first `count` connections as soon as they are made.
    pub fn refusing(mut self, count: usize) -> Self {
        self.refused = count;
        self
    }

    /// Accepts connections and says nothing.
    pub fn mute(mut self) -> Self {
        self.mute = true;
        self
    }

    /// Keeps little of what it has not read.
    pub fn receive_buffer(mut self, bytes: usize) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Accepts from there instead of from a free port.
    pub fn on(mut self, listener: std::net::TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Answers as `handler` says, which is asked once the head of a request has come.
    pub async fn answering(
        self,
        handler: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> FakeUpstream {
        let free = || std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let listener = self.listener.unwrap_or_else(free);
        let address = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let shared = Arc::new(Shared {
            handler: Arc::new(handler),
            state: Mutex::default(),
            changed: Notify::new(),
            tls: self.tls,
            refused: self.refused,
            mute: self.mute,
            receive_buffer: self.receive_buffer,
        });
        let task = crate::runtime().spawn(listen(listener, shared.clone())).abort_handle();
        FakeUpstream { address, shared, task }
    }
}

impl FakeUpstream {
    /// To be set up.
    pub fn builder() -> UpstreamBuilder {
        UpstreamBuilder::default()
    }

    /// Answers as `handler` says, which is asked once the head of a request has come.
    pub async fn answering(handler: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        FakeUpstream::builder().answering(handler).await
    }

    /// Answers every request alike.
    pub async fn always(answer: Answer) -> Self {
        FakeUpstream::answering(move |_| answer.clone()).await
    }

    /// Answers one request after the other; the last answer stays.
    pub async fn script(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect::<std::collections::VecDeque<_>>());
        FakeUpstream::answering(move |_| {
            let mut answers = answers.lock();
            let last = answers.len() == 1;
            if last { answers.front().cloned() } else { answers.pop_front() }
                .expect("an answer in the script")
        })
        .await
    }

    /// Echoes bodies.
    pub async fn echo() -> Self {
        FakeUpstream::always(Answer::echo()).await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        match self.shared.tls {
            Some(_) => format!("https://localhost:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }

    /// Lines of configuration with one route `/` that leads here.
    pub fn forward(&self) -> String {
        format!("forward:\n  - {{base_url: \"{}\", route: \"/\", type: openai}}\n", self.url())
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state.lock().requests.clone()
    }

    /// How many requests have come.
    pub fn count(&self) -> usize {
        self.shared.state.lock().requests.len()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.shared.state.lock().connections
    }

    /// Bytes of answers' bodies handed to the system so far.
    pub fn sent(&self) -> u64 {
        self.shared.state.lock().sent
    }

    /// Waits until answers have stopped to flow: bytes were sent, and for a while no more.
    pub async fn settled(&self) -> u64 {
        crate::wait::settled("answers to stop", || self.sent()).await
    }

    /// Bytes of the body of request `index` so far.
    pub fn body_length(&self, index: usize) -> usize {
        self.shared.state.lock().requests.get(index).map_or(0, |request| request.body.len())
    }

    /// The request `index`, once its head has come.
    pub async fn begun(&self, index: usize) -> Received {
        self.until("a request", |state| state.requests.get(index).cloned()).await
    }

    /// The request `index`, once its body has come to its end.
    pub async fn request(&self, index: usize) -> Received {
        let complete = |state: &State| state.requests.get(index).filter(|request| request.complete).cloned();
        self.until("a request with its body", complete).await
    }

    /// Waits until `text` is in the body of request `index`.
    pub async fn body_with(&self, index: usize, text: &str) {
        let has = |request: &&Received| crate::head::find(&request.body, text.as_bytes()).is_some();
        let what = format!("`{text}` in a request's body");
        self.until(&what, |state| state.requests.get(index).filter(has).map(drop)).await;
    }

    /// In the midst of how many exchanges the peer has left.
    pub fn left_count(&self) -> usize {
        self.shared.state.lock().left
    }

    /// Waits until the peer has left in the midst of `count` exchanges.
    pub async fn left(&self, count: usize) {
        self.until("the peer to leave", |state| (state.left >= count).then_some(())).await;
    }

    /// Waits until `count` connections were made.
    pub async fn connected(&self, count: usize) {
        self.until("a connection", |state| (state.connections >= count).then_some(())).await;
    }

    /// Waits until `count` connections have ended.
    pub async fn closed(&self, count: usize) {
        self.until("the end of a connection", |state| (state.closed >= count).then_some(())).await;
    }

    async fn until<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        within(what, async {
            loop {
                let notified = self.shared.changed.notified();
                tokio::pin!(notified);
                notified.as_mut().enable();
                if let Some(found) = look(&self.shared.state.lock()) {
                    return found;
                }
                notified.await;
            }
        })
        .await
    }
}

impl Drop for FakeUpstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn note<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let value = change(&mut self.state.lock());
        self.changed.notify_waiters();
        value
    }
}

async fn listen(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    if let Some(bytes) = shared.receive_buffer {
        socket2::SockRef::from(&listener).set_recv_buffer_size(bytes).expect("a receive buffer");
    }
    // Ends all connections when the upstream is dropped.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let index = shared.note(|state| {
            state.connections += 1;
            state.connections - 1
        });
        connections.spawn(connection(stream, index, shared.clone()));
    }
}

async fn connection(stream: TcpStream, index: usize, shared: Arc<Shared>) {
    drop(stream.set_nodelay(true));
    if index < shared.refused {
        Socket::Tcp(stream).reset();
    } else if shared.mute {
        let mut ignored = bytes::BytesMut::new();
        let mut socket = Socket::Tcp(stream);
        while matches!(crate::head::fill(&mut socket, &mut ignored).await, Ok(true)) {}
        shared.note(|state| state.left += 1);
    } else if let Some(socket) = encrypted(stream, &shared).await {
        if socket.alpn() == Some(b"h2") {
            http2::serve(socket, index, shared.clone()).await;
        } else {
            http1::serve(socket, index, shared.clone()).await;
        }
    }
    shared.note(|state| state.closed += 1);
}

async fn encrypted(stream: TcpStream, shared: &Shared) -> Option<Socket> {
    let Some(config) = &shared.tls else { return Some(Socket::Tcp(stream)) };
    let stream = TlsAcceptor::from(config.clone()).accept(stream).await.ok()?;
    Some(Socket::Tls(Box::new(TlsStream::Server(stream))))
}
