//! The head of an HTTP/1.1 message, kept byte for byte and readable by name.

use bytes::BytesMut;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A message head as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The bytes up to and with the empty line (HTTP/2: as if it had been HTTP/1.1).
    pub raw: Vec<u8>,
    /// The first line.
    pub first_line: String,
    /// Names as they came, and values, in order.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads `raw`, which ends in an empty line.
    pub fn parse(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw);
        let mut lines = text.split("\r\n").take_while(|line| !line.is_empty());
        let first_line = lines.next().unwrap_or_default().to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.to_owned(), value.trim().to_owned())
        };
        Head { first_line, headers: lines.map(header).collect(), raw: raw.to_vec() }
    }

    /// The first value of a header, by any case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// All values of a header, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Names in lower case, in order.
    pub fn names(&self) -> Vec<String> {
        self.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
    }

    /// A word of the first line: method, target, version; or version, status, reason.
    pub fn word(&self, index: usize) -> &str {
        self.first_line.splitn(3, ' ').nth(index).unwrap_or_default()
    }

    /// How the body is framed.
    pub(crate) fn framing(&self) -> Framing {
        match (self.header("transfer-encoding"), self.header("content-length")) {
            (Some(encoding), _) if encoding.to_ascii_lowercase().contains("chunked") => Framing::Chunked,
            (_, Some(length)) => Framing::Length(length.parse().unwrap_or_default()),
            _ => Framing::None,
        }
    }
}

/// How a body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(usize),
    Chunked,
}

/// Reads more into `buffer`; `false` at the end of the stream.
pub(crate) async fn fill(socket: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> io::Result<bool> {
    buffer.reserve(64 * 1024);
    Ok(socket.read_buf(buffer).await? > 0)
}

/// Reads a head; `None` when the stream ends before its first byte.
pub(crate) async fn read_head(
    socket: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> io::Result<Option<Head>> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            return Ok(Some(Head::parse(&buffer.split_to(end + 4))));
        }
        if !fill(socket, buffer).await? {
            return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    }
}

/// Reads a line without its CR LF.
pub(crate) async fn read_line(
    socket: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> io::Result<Vec<u8>> {
    loop {
        if let Some(end) = find(buffer, b"\r\n") {
            let line = buffer.split_to(end + 2);
            return Ok(line[..end].to_vec());
        }
        if !fill(socket, buffer).await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Where `needle` begins.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
