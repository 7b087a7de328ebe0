//! What a [`FakeUpstream`](crate::FakeUpstream) does about one request.

use crate::{Gate, Head, Received, Socket};
use bytes::Bytes;
use std::{fmt, sync::Arc};
use tokio::io::AsyncWriteExt;

/// Decides once the body of a request has come.
pub(crate) type AfterBody = Arc<dyn Fn(&Received) -> Answer + Send + Sync>;

/// Takes over a connection.
pub type Conversation =
    Arc<dyn Fn(Socket, Head) -> futures_util::future::BoxFuture<'static, ()> + Send + Sync>;

/// One scripted answer.
#[derive(Clone)]
pub struct Answer {
    pub(crate) kind: Kind,
    /// Waited for before the first byte.
    pub(crate) hold: Option<Gate>,
    /// Whether the request's body is read first.
    pub(crate) reads_body: bool,
    pub(crate) interim: Vec<String>,
    pub(crate) first_line: Option<String>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) framing: AnswerFraming,
    pub(crate) parts: Vec<Bytes>,
    /// Passed before each part.
    pub(crate) gate: Option<Gate>,
    pub(crate) trailers: Vec<(String, String)>,
    /// After this many bytes of the body comes the end.
    pub(crate) until: Option<usize>,
    pub(crate) end: End,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Message,
    /// The request's own body and content-type.
    Echo,
    /// These bytes.
    Raw(Bytes),
    /// No byte.
    Nothing,
    TakenOver(Conversation),
    AfterBody(AfterBody),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerFraming {
    Length,
    Chunked,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Keep,
    Close,
    Reset,
    Stall,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("end", &self.end).finish_non_exhaustive()
    }
}

impl Answer {
    /// An empty answer.
    pub fn new(status: u16) -> Self {
        Answer {
            kind: Kind::Message,
            hold: None,
            reads_body: true,
            interim: Vec::new(),
            first_line: None,
            status,
            headers: Vec::new(),
            framing: AnswerFraming::Length,
            parts: Vec::new(),
            gate: None,
            trailers: Vec::new(),
            until: None,
            end: End::Keep,
        }
    }

    /// 200 with a JSON body.
    pub fn json(body: impl AsRef<str>) -> Self {
        Answer::new(200).header("content-type", "application/json").body(body.as_ref().to_owned())
    }

    /// 200 with server-sent events, each in a chunk of its own.
    pub fn sse<T: AsRef<str>>(events: impl IntoIterator<Item = T>) -> Self {
        let frames = events.into_iter().map(|event| Bytes::from(format!("data: {}\n\n", event.as_ref())));
        Answer::new(200).header("content-type", "text/event-stream").chunks(frames)
    }

    /// The request's own body and content-type.
    pub fn echo() -> Self {
        Answer { kind: Kind::Echo, ..Answer::new(200) }
    }

    /// These bytes instead of an answer.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Answer { kind: Kind::Raw(bytes.into()), ..Answer::new(0) }
    }

    /// An RST instead of an answer.
    pub fn reset() -> Self {
        Answer { kind: Kind::Nothing, end: End::Reset, ..Answer::new(0) }
    }

    /// A FIN instead of an answer.
    pub fn close() -> Self {
        Answer { kind: Kind::Nothing, end: End::Close, ..Answer::new(0) }
    }

    /// Silence until the peer leaves.
    pub fn stall() -> Self {
        Answer { kind: Kind::Nothing, end: End::Stall, ..Answer::new(0) }
    }

    /// Hands the connection to `conversation` as soon as the request's head has come.
    pub fn taken_over<F>(conversation: impl Fn(Socket, Head) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let conversation: Conversation = Arc::new(move |socket, head| Box::pin(conversation(socket, head)));
        Answer { kind: Kind::TakenOver(conversation), reads_body: false, ..Answer::new(0) }
    }

    /// Grants every upgrade and sends back what comes.
    pub fn echoing_tunnel() -> Self {
        Self::taken_over(|mut socket, _| async move {
            let head =
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
            socket.write_all(head.as_bytes()).await.unwrap();
            let (mut read, mut write) = tokio::io::split(socket);
            drop(tokio::io::copy(&mut read, &mut write).await);
        })
    }

    /// Decides once the request's body has come.
    pub fn after_body(decide: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        Answer { kind: Kind::AfterBody(Arc::new(decide)), ..Answer::new(0) }
    }

    /// Another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Another first line, such as `HTTP/1.0 200 OK`.
    pub fn first_line(mut self, line: &str) -> Self {
        self.first_line = Some(line.to_owned());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The headers added so far.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A body with a content-length.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.parts = vec![body.into()];
        self
    }

    /// A body with a content-length, sent in parts.
    pub fn parts(mut self, parts: impl IntoIterator<Item = Bytes>) -> Self {
        self.parts = parts.into_iter().collect();
        self
    }

    /// A chunked body.
    pub fn chunks<T: Into<Bytes>>(mut self, chunks: impl IntoIterator<Item = T>) -> Self {
        self.framing = AnswerFraming::Chunked;
        self.parts = chunks.into_iter().map(Into::into).collect();
        self
    }

    /// Ends the body by closing the connection instead of by its length.
    pub fn until_close(mut self) -> Self {
        self.framing = AnswerFraming::Close;
        self.end = End::Close;
        self
    }

    /// Passes `gate` before each part of the body, and before the end of a chunked one or a break.
    pub fn gated(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Passes `gate` before the first byte.
    pub fn held(mut self, gate: &Gate) -> Self {
        self.hold = Some(gate.clone());
        self
    }

    /// Answers without reading the request's body.
    pub fn unread(mut self) -> Self {
        self.reads_body = false;
        self
    }

    /// An interim answer before it: its head without the empty line, such as `HTTP/1.1 103 Early Hints\r\nlink: x`.
    pub fn interim(mut self, head: &str) -> Self {
        self.interim.push(head.to_owned());
        self
    }

    /// A field behind the chunked body.
    pub fn trailer(mut self, name: &str, value: &str) -> Self {
        self.trailers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Closes the connection after the answer.
    pub fn then_close(mut self) -> Self {
        self.end = End::Close;
        self
    }

    /// Closes the connection after `bytes` of the body.
    pub fn cut_at(self, bytes: usize) -> Self {
        Answer { until: Some(bytes), end: End::Close, ..self }
    }

    /// Resets the connection after `bytes` of the body.
    pub fn reset_at(self, bytes: usize) -> Self {
        Answer { until: Some(bytes), end: End::Reset, ..self }
    }

    /// Falls silent after `bytes` of the body.
    pub fn stall_at(self, bytes: usize) -> Self {
        Answer { until: Some(bytes), end: End::Stall, ..self }
    }

    /// The body's parts up to where the end comes.
    pub(crate) fn sent_parts(&self) -> impl Iterator<Item = Bytes> + use<> {
        let mut left = self.until.unwrap_or(usize::MAX);
        self.parts.clone().into_iter().filter_map(move |part| {
            let part = part.slice(..part.len().min(left));
            left -= part.len();
            (!part.is_empty()).then_some(part)
        })
    }

    /// Whether something comes behind the last part: the end of a chunked body, or a break.
    pub(crate) fn has_end(&self) -> bool {
        self.framing == AnswerFraming::Chunked || self.until.is_some()
    }

    /// The head of the answer.
    pub(crate) fn head(&self) -> String {
        let status = http::StatusCode::from_u16(self.status).expect("a status");
        let reason = status.canonical_reason().unwrap_or("Custom");
        let mut head =
            self.first_line.clone().unwrap_or_else(|| format!("HTTP/1.1 {} {reason}", self.status));
        for (name, value) in &self.headers {
            head += &format!("\r\n{name}: {value}");
        }
        let bodiless = self.status == 204 || self.status == 304;
        match self.framing {
            AnswerFraming::Length if !bodiless => {
                let length = self.parts.iter().map(Bytes::len).sum::<usize>();
                head += &format!("\r\ncontent-length: {length}");
            }
            AnswerFraming::Chunked => head += "\r\ntransfer-encoding: chunked",
            AnswerFraming::Length | AnswerFraming::Close => {}
        }
        head + "\r\n\r\n"
    }
}

/// Events of a short stream in OpenAI's form, with its end.
pub fn sse_frames(words: &[&str]) -> Vec<String> {
    let frame = |word: &&str| format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{word}"}}}}]}}"#);
    words.iter().map(frame).chain(["[DONE]".to_owned()]).collect()
}
