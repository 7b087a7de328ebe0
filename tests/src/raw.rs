//! A client that sends exactly the bytes it is given, and sees exactly what comes back.

use crate::{
    Head, Socket,
    head::{Framing, fill, read_head, read_line},
    within,
};
use bytes::BytesMut;
use std::{fmt, io};
use tokio::io::AsyncWriteExt;

/// One connection.
#[derive(Debug)]
pub struct RawClient {
    socket: Socket,
    buffer: BytesMut,
}

/// How a message or connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As its framing says.
    Complete,
    /// By a FIN.
    Closed,
    /// By an RST or another error.
    Reset,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Interim answers before it.
    pub interim: Vec<Head>,
    /// Its head.
    pub head: Head,
    /// Its body, or what came of it.
    pub body: Vec<u8>,
    /// Fields behind a chunked body.
    pub trailers: Vec<(String, String)>,
    /// How it ended.
    pub ending: Ending,
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.word(1).parse().expect("a status")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The `code` of an error that the gateway made.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = String::from_utf8_lossy(&self.head.raw).replace("\r\n", "\n");
        write!(f, "{head}{}", self.text())
    }
}

impl RawClient {
    /// Speaks over `socket`.
    pub fn new(socket: Socket) -> Self {
        RawClient { socket, buffer: BytesMut::new() }
    }

    /// The socket, to be set up or taken over; nothing must have been read ahead.
    pub fn into_socket(self) -> Socket {
        assert!(self.buffer.is_empty(), "bytes were read ahead");
        self.socket
    }

    /// The socket.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Sends these bytes.
    ///
    /// # Panics
    /// When the peer has gone.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.try_send(bytes).await.expect("the peer takes the bytes");
        self
    }

    /// Sends these bytes, if the peer takes them.
    ///
    /// # Errors
    /// When the peer has gone.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        within("the peer to take bytes", async {
            self.socket.write_all(bytes.as_ref()).await?;
            self.socket.flush().await
        })
        .await
    }

    /// Says that nothing more will be sent.
    pub async fn finish(&mut self) -> &mut Self {
        self.socket.shutdown().await.expect("shutdown");
        self
    }

    /// Sends a request without a body and reads its answer.
    pub async fn get(&mut self, target: &str) -> Response {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: gateway.test\r\n\r\n")).await;
        self.response().await
    }

    /// Reads the head of an answer, interim or final; `None` when the connection ends instead.
    pub async fn head(&mut self) -> Option<Head> {
        within("the head of an answer", read_head(&mut self.socket, &mut self.buffer)).await.ok().flatten()
    }

    /// Reads an answer to a request other than HEAD.
    ///
    /// # Panics
    /// When the connection ends before its head.
    pub async fn response(&mut self) -> Response {
        self.response_to("GET").await
    }

    /// Reads an answer; one to HEAD has no body.
    ///
    /// # Panics
    /// When the connection ends before its head.
    pub async fn response_to(&mut self, method: &str) -> Response {
        let mut interim = Vec::new();
        let head = loop {
            let head = self.head().await.expect("an answer");
            if !head.word(1).starts_with('1') || head.word(1) == "101" {
                break head;
            }
            interim.push(head);
        };
        let mut response =
            Response { interim, head, body: Vec::new(), trailers: Vec::new(), ending: Ending::Complete };
        let bodiless = method == "HEAD" || matches!(response.head.word(1), "101" | "204" | "304");
        if !bodiless {
            response.ending = within("the end of an answer", self.body(&mut response)).await;
        }
        response
    }

    async fn body(&mut self, response: &mut Response) -> Ending {
        let read = match response.head.framing() {
            Framing::Chunked => self.chunked(response).await,
            Framing::Length(length) => self.sized(length, &mut response.body).await,
            Framing::None => {
                let (body, ending) = self.read_rest().await;
                response.body = body;
                return ending;
            }
        };
        read.map_or_else(|error| ending(&error), |()| Ending::Complete)
    }

    async fn sized(&mut self, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        while body.len() < length {
            if self.buffer.is_empty() && !fill(&mut self.socket, &mut self.buffer).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let taken = self.buffer.len().min(length - body.len());
            body.extend_from_slice(&self.buffer.split_to(taken));
        }
        Ok(())
    }

    async fn chunked(&mut self, response: &mut Response) -> io::Result<()> {
        while let Some(chunk) = self.try_chunk(&mut response.body).await? {
            response.body.extend_from_slice(&chunk);
        }
        response.trailers = self.trailers().await?;
        Ok(())
    }

    async fn trailers(&mut self) -> io::Result<Vec<(String, String)>> {
        let mut trailers = Vec::new();
        loop {
            let line = read_line(&mut self.socket, &mut self.buffer).await?;
            if line.is_empty() {
                return Ok(trailers);
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            let (name, value) = text.split_once(':').expect("a trailer");
            trailers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    /// A chunk; what came of a broken one goes to `broken`.
    async fn try_chunk(&mut self, broken: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        let line = read_line(&mut self.socket, &mut self.buffer).await?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).unwrap_or_else(|_| panic!("{line:?} is no chunk size"));
        if size == 0 {
            return Ok(None);
        }
        let mut chunk = Vec::new();
        if let Err(error) = self.sized(size, &mut chunk).await {
            broken.extend_from_slice(&chunk);
            return Err(error);
        }
        let end = read_line(&mut self.socket, &mut self.buffer).await?;
        assert!(end.is_empty(), "a chunk longer than its size");
        Ok(Some(chunk))
    }

    /// Reads one chunk of a chunked body; `None` is the last, with the trailers behind it.
    ///
    /// # Panics
    /// When the connection ends first.
    pub async fn chunk(&mut self) -> Option<Vec<u8>> {
        within("a chunk", async {
            let chunk = self.try_chunk(&mut Vec::new()).await?;
            if chunk.is_none() {
                self.trailers().await?;
            }
            io::Result::Ok(chunk)
        })
        .await
        .expect("a chunk")
    }

    /// Reads until `text` has come; all that came with it.
    ///
    /// # Panics
    /// When the connection ends first.
    pub async fn until(&mut self, text: &str) -> Vec<u8> {
        within(&format!("`{text}`"), async {
            loop {
                if let Some(at) = crate::head::find(&self.buffer, text.as_bytes()) {
                    return self.buffer.split_to(at + text.len()).to_vec();
                }
                let more = fill(&mut self.socket, &mut self.buffer).await;
                assert!(more.is_ok_and(|more| more), "the end came before `{text}`: {:?}", self.buffer);
            }
        })
        .await
    }

    /// Reads until the connection ends.
    pub async fn rest(&mut self) -> (Vec<u8>, Ending) {
        within("the end of the connection", self.read_rest()).await
    }

    async fn read_rest(&mut self) -> (Vec<u8>, Ending) {
        let ending = loop {
            match fill(&mut self.socket, &mut self.buffer).await {
                Ok(true) => {}
                Ok(false) => break Ending::Closed,
                Err(error) => break ending(&error),
            }
        };
        (self.buffer.split().to_vec(), ending)
    }

    /// Leaves with a FIN; what was not read yet makes it an RST.
    pub fn leave(self) {}

    /// Leaves with an RST.
    pub fn reset(self) {
        self.socket.reset();
    }
}

fn ending(error: &io::Error) -> Ending {
    if error.kind() == io::ErrorKind::UnexpectedEof { Ending::Closed } else { Ending::Reset }
}

/// Sends a request and reads its answer.
pub async fn ask(client: &mut RawClient, request: impl AsRef<[u8]>) -> Response {
    client.send(request).await;
    client.response().await
}
