//! The command's end of the control socket.

use super::{
    Answer, ControlError, PROTOCOL, Request, Response,
    socket::{CONTROL_PATH, ControlSocket, MAX_REQUEST, PROTOCOL_HEADER, VERSION, VERSION_HEADER},
};
use crate::tasks;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{io, path::Path, time::Duration};
use tokio::{net::UnixStream, time::timeout};

/// Bytes of an answer at most.
const MAX_ANSWER: usize = 1 << 30;

/// How long an answer is waited for. A change of very many keys takes seconds.
const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// How long a server may take to say that it is there.
const HELLO_WAIT: Duration = Duration::from_secs(5);

/// A server that answers.
#[derive(Debug)]
pub(super) struct Client {
    socket: ControlSocket,
    answer_wait: Duration,
}

/// Whether there is a server.
#[derive(Debug)]
pub(super) enum Reached {
    /// It answers.
    Server(Client),
    /// Nobody listens.
    Nobody,
    /// Whoever listened broke off: it was stopping, or was killed, and another may be in its place.
    Gone(Option<u32>),
    /// Somebody listens and does not answer; its process, where the system tells.
    Silent(Option<u32>),
}

impl Client {
    /// Looks for the server of a data folder.
    pub(super) async fn find(data_dir: &Path) -> io::Result<Reached> {
        Self::find_within(data_dir, HELLO_WAIT, ANSWER_WAIT).await
    }

    pub(super) async fn find_within(
        data_dir: &Path,
        hello: Duration,
        answer_wait: Duration,
    ) -> io::Result<Reached> {
        let client = Client { socket: ControlSocket::of(data_dir), answer_wait };
        let stream = match client.connect().await {
            Ok(stream) => stream,
            Err(error) if nobody(&error) => return Ok(Reached::Nobody),
            Err(error) => return Err(error),
        };
        let pid = stream.peer_cred().ok().and_then(|peer| u32::try_from(peer.pid()?).ok());
        // Any answer will do: what it speaks is looked at when something is asked.
        match timeout(hello, exchange(stream, http::Method::GET, Bytes::new())).await {
            Ok(Ok(_)) => Ok(Reached::Server(client)),
            Ok(Err(_)) => Ok(Reached::Gone(pid)),
            Err(_) => Ok(Reached::Silent(pid)),
        }
    }

    /// Asks the server; `None` where nobody listens any more, so that nothing was asked.
    pub(super) async fn ask(&self, request: &Request) -> Option<Result<Response, ControlError>> {
        match self.connect().await {
            Err(error) if nobody(&error) => None,
            connected => Some(self.ask_on(connected, request).await),
        }
    }

    /// # Errors
    /// What the server answered, or that it did not.
    async fn ask_on(
        &self,
        connected: io::Result<UnixStream>,
        request: &Request,
    ) -> Result<Response, ControlError> {
        let unanswered =
            |why: String| ControlError::Unanswered { path: self.socket.path().display().to_string(), why };
        let body = serde_json::to_vec(request).map_err(|error| unanswered(error.to_string()))?;
        if body.len() > MAX_REQUEST {
            // The server would close the connection while this still sends, and its reason would be lost.
            let why = format!("has more than {MAX_REQUEST} bytes: ask in several parts");
            return Err(ControlError::Invalid { field: "request".to_owned(), why, index: None });
        }
        let stream = connected.map_err(|error| unanswered(error.to_string()))?;
        let asked = timeout(self.answer_wait, exchange(stream, http::Method::POST, body.into()));
        let (headers, body) = match asked.await {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Err(unanswered(error.to_string())),
            Err(_) => {
                return Err(unanswered(format!("no answer within {} s", self.answer_wait.as_secs_f32())));
            }
        };
        check_version(&headers)?;
        let answer = serde_json::from_slice::<Answer>(&body);
        // Only where it went wrong: an error's own words may quote a secret.
        answer.map_err(|error| unanswered(format!("unreadable at column {}", error.column())))?.into()
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        let path = self.socket.short_path()?;
        UnixStream::connect(path.as_path()).await
    }
}

/// Whether nobody listens: no socket, or one that its owner left behind, be it at this moment.
fn nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotADirectory
    )
}

fn check_version(headers: &HeaderMap) -> Result<(), ControlError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let theirs = text(PROTOCOL_HEADER).and_then(|value| value.parse().ok()).unwrap_or_default();
    if theirs == PROTOCOL {
        return Ok(());
    }
    let server = text(VERSION_HEADER).unwrap_or("unknown").to_owned();
    Err(ControlError::Version { server, theirs, ours: PROTOCOL })
}

#[derive(Debug, thiserror::Error)]
enum ExchangeError {
    #[error("the connection broke off")]
    Http(#[from] hyper::Error),
    #[error("the answer broke off or is too large")]
    Body,
    #[error(transparent)]
    Request(#[from] http::Error),
}

async fn exchange(
    stream: UnixStream,
    method: http::Method,
    body: Bytes,
) -> Result<(HeaderMap, Bytes), ExchangeError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tasks::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the control connection broke off");
        }
    });
    let request = http::Request::builder()
        .method(method)
        .uri(CONTROL_PATH)
        .header(header::HOST, "aifd")
        .header(header::CONTENT_TYPE, "application/json")
        .header(PROTOCOL_HEADER, PROTOCOL)
        .header(VERSION_HEADER, VERSION)
        .body(Full::new(body))?;
    let answered: http::Response<Incoming> = sender.send_request(request).await?;
    let (parts, body) = answered.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|_| ExchangeError::Body)?;
    driver.abort();
    Ok((parts.headers, body.to_bytes()))
}
