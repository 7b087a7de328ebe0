//! Plays one HTTP/1.1 connection.

use super::{Received, Shared};
use crate::{
    Answer, Gate, Socket,
    answer::{AnswerFraming, End, Kind},
    head::{Framing, fill, read_head, read_line},
};
use bytes::{Bytes, BytesMut};
use std::{io, sync::Arc};
use tokio::io::AsyncWriteExt;

struct Connection {
    socket: Socket,
    buffer: BytesMut,
    shared: Arc<Shared>,
}

/// What becomes of a connection after an answer.
enum Next {
    Request,
    Done,
    Reset,
    TakenOver(crate::Conversation, crate::Head),
}

pub(super) async fn serve(socket: Socket, index: usize, shared: Arc<Shared>) {
    let mut connection = Connection { socket, buffer: BytesMut::new(), shared };
    let mut nth = 0;
    while let Ok(Some(head)) = read_head(&mut connection.socket, &mut connection.buffer).await {
        let request = Received { connection: index, nth, head, ..Received::default() };
        nth += 1;
        match connection.exchange(request).await {
            Ok(Next::Request) => {}
            Ok(Next::Done) => break,
            Ok(Next::Reset) => return connection.socket.reset(),
            Ok(Next::TakenOver(conversation, head)) => {
                assert!(
                    connection.buffer.is_empty(),
                    "bytes behind the head of a connection to be taken over"
                );
                return conversation(connection.socket, head).await;
            }
            Err(_) => {
                connection.shared.note(|state| state.left += 1);
                break;
            }
        }
    }
}

impl Connection {
    /// Reads one request and answers it; an error means that the peer left before the end.
    async fn exchange(&mut self, request: Received) -> io::Result<Next> {
        let shared = self.shared.clone();
        let mut answer = (shared.handler)(&request);
        let framing = request.head.framing();
        let expects =
            request.header("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"));
        let head = request.head.clone();
        let index = shared.note(|state| {
            state.requests.push(Received { complete: framing == Framing::None, ..request });
            state.requests.len() - 1
        });
        if answer.reads_body {
            if expects && framing != Framing::None {
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            }
            self.read_body(index, framing).await?;
        }
        if let Some(gate) = answer.hold.clone() {
            self.pass(&gate, answer.reads_body).await?;
        }
        match answer.kind.clone() {
            Kind::TakenOver(conversation) => return Ok(Next::TakenOver(conversation, head)),
            Kind::Raw(bytes) => self.write(&bytes).await?,
            Kind::Nothing => {}
            Kind::Echo => {
                let body = shared.state.lock().requests[index].body.clone();
                let content_type = head.header("content-type").unwrap_or("application/octet-stream");
                answer = answer.header("content-type", content_type).body(body);
                self.message(&answer, head.word(0)).await?;
            }
            Kind::Message => self.message(&answer, head.word(0)).await?,
        }
        match answer.end {
            End::Keep => Ok(Next::Request),
            End::Close => {
                self.socket.shutdown().await?;
                Ok(Next::Done)
            }
            End::Reset => Ok(Next::Reset),
            End::Stall => loop {
                self.hear().await?;
            },
        }
    }

    async fn message(&mut self, answer: &Answer, method: &str) -> io::Result<()> {
        for head in &answer.interim {
            self.write(format!("{head}\r\n\r\n").as_bytes()).await?;
        }
        self.write(answer.head().as_bytes()).await?;
        if method == "HEAD" {
            return Ok(());
        }
        for part in answer.sent_parts() {
            if let Some(gate) = &answer.gate {
                self.pass(gate, answer.reads_body).await?;
            }
            self.part(&part, answer.framing).await?;
            self.shared.note(|state| state.sent += part.len() as u64);
        }
        if let Some(gate) = answer.gate.as_ref().filter(|_| answer.has_end()) {
            self.pass(gate, answer.reads_body).await?;
        }
        if answer.framing == AnswerFraming::Chunked && answer.until.is_none() {
            let mut last = "0\r\n".to_owned();
            for (name, value) in &answer.trailers {
                last += &format!("{name}: {value}\r\n");
            }
            self.write((last + "\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    async fn part(&mut self, part: &Bytes, framing: AnswerFraming) -> io::Result<()> {
        if framing != AnswerFraming::Chunked {
            return self.write(part).await;
        }
        let mut chunk = format!("{:x}\r\n", part.len()).into_bytes();
        chunk.extend_from_slice(part);
        chunk.extend_from_slice(b"\r\n");
        self.write(&chunk).await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await?;
        self.socket.flush().await
    }

    /// Waits to pass; notices meanwhile when the peer leaves, unless a body that nobody reads is in the way.
    async fn pass(&mut self, gate: &Gate, hears: bool) -> io::Result<()> {
        if !hears {
            gate.wait().await;
            return Ok(());
        }
        loop {
            tokio::select! {
                () = gate.wait() => return Ok(()),
                heard = fill(&mut self.socket, &mut self.buffer) => if !heard? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                },
            }
        }
    }

    async fn hear(&mut self) -> io::Result<()> {
        let more = fill(&mut self.socket, &mut self.buffer).await?;
        if more { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    async fn read_body(&mut self, index: usize, framing: Framing) -> io::Result<()> {
        match framing {
            Framing::None => {}
            Framing::Length(length) => self.read_sized(index, length).await?,
            Framing::Chunked => self.read_chunked(index).await?,
        }
        self.shared.note(|state| state.requests[index].complete = true);
        Ok(())
    }

    async fn read_sized(&mut self, index: usize, mut length: usize) -> io::Result<()> {
        while length > 0 {
            if self.buffer.is_empty() {
                self.hear().await?;
            }
            let part = self.buffer.split_to(self.buffer.len().min(length));
            length -= part.len();
            self.shared.note(|state| state.requests[index].body.extend_from_slice(&part));
        }
        Ok(())
    }

    async fn read_chunked(&mut self, index: usize) -> io::Result<()> {
        loop {
            let line = read_line(&mut self.socket, &mut self.buffer).await?;
            let size =
                usize::from_str_radix(String::from_utf8_lossy(&line).trim(), 16).expect("a chunk size");
            if size == 0 {
                break;
            }
            self.shared.note(|state| state.requests[index].chunks.push(size));
            self.read_sized(index, size).await?;
            read_line(&mut self.socket, &mut self.buffer).await?;
        }
        loop {
            let line = read_line(&mut self.socket, &mut self.buffer).await?;
            if line.is_empty() {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            let (name, value) = text.split_once(':').expect("a trailer");
            let field = (name.to_owned(), value.trim().to_owned());
            self.shared.note(|state| state.requests[index].trailers.push(field));
        }
    }
}
