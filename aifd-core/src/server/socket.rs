//! A caller's socket: TCP, TLS over TCP, or a Unix socket.

use futures_util::FutureExt;
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::server::TlsStream;

/// A caller's socket.
pub(crate) enum Socket {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl Socket {
    /// The caller's address; a Unix socket has none.
    ///
    /// # Errors
    /// The caller has left with a reset: then nobody knows it any more.
    pub(crate) fn peer(&self) -> io::Result<Option<IpAddr>> {
        let address = self.tcp().map(TcpStream::peer_addr).transpose()?;
        Ok(address.map(|address| address.ip().to_canonical()))
    }

    /// Makes the coming close a reset, so that an answer without a length does not seem to end well.
    pub(crate) fn reset_on_close(&self) {
        if let Some(tcp) = self.tcp() {
            // A socket that is gone already needs no reset.
            let _ = socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO));
        }
    }

    /// Whether the caller has left, where something of it is unread; pending where there is nothing to read.
    pub(crate) fn poll_left(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let Some(tcp) = self.tcp() else { return Poll::Pending };
        match tcp.poll_read_ready(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(_)) => Poll::Ready(true),
            Poll::Ready(Ok(())) => {
                let ready = tcp.ready(Interest::READABLE).now_or_never();
                Poll::Ready(matches!(ready, Some(Ok(ready)) if ready.is_read_closed()))
            }
        }
    }

    fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Socket::Tcp(tcp) => Some(tcp),
            Socket::Tls(tls) => Some(tls.get_ref().0),
            Socket::Unix(_) => None,
        }
    }
}

macro_rules! each {
    ($self:ident, $socket:ident => $call:expr) => {
        match $self.get_mut() {
            Socket::Tcp($socket) => $call,
            Socket::Tls($socket) => $call,
            Socket::Unix($socket) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self, socket => Pin::new(socket).poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, socket => Pin::new(socket).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, socket => Pin::new(socket).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Socket::Tcp(socket) => socket.is_write_vectored(),
            Socket::Tls(socket) => socket.is_write_vectored(),
            Socket::Unix(socket) => socket.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, socket => Pin::new(socket).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, socket => Pin::new(socket).poll_shutdown(cx))
    }
}
