//! Which protocol a caller speaks, told from its first bytes.

use super::socket::Socket;
use bytes::{Buf, BytesMut};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// The beginning of an HTTP/2 connection (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which protocol a caller speaks, told from the first bytes.
pub(crate) enum Protocol {
    Http1(BytesMut),
    Http2(BytesMut),
}

/// Reads until the protocol is clear.
///
/// # Errors
/// The socket's, or its end before the first byte.
pub(crate) async fn protocol(socket: &mut Socket) -> io::Result<Protocol> {
    let mut begun = BytesMut::with_capacity(4096);
    loop {
        if socket.read_buf(&mut begun).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let compared = begun.len().min(HTTP2_PREFACE.len());
        if begun[..compared] != HTTP2_PREFACE[..compared] {
            return Ok(Protocol::Http1(begun));
        }
        if compared == HTTP2_PREFACE.len() {
            return Ok(Protocol::Http2(begun));
        }
    }
}

/// A socket some of whose bytes were read already.
pub(crate) struct Begun {
    pub(crate) socket: Socket,
    pub(crate) begun: BytesMut,
}

impl AsyncRead for Begun {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.begun.is_empty() {
            return Pin::new(&mut this.socket).poll_read(cx, buf);
        }
        let taken = this.begun.len().min(buf.remaining());
        buf.put_slice(&this.begun[..taken]);
        this.begun.advance(taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Begun {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}
