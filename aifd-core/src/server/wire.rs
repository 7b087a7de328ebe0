//! The bytes of one HTTP/1 connection: only well-framed messages reach the parser behind.
//!
//! What a refused message gets instead: the parser sees [`STAND_IN`], the request handler finds the
//! [`Refusal`] that belongs to it, and the connection takes nothing more. So an answer to an earlier, pipelined
//! request still goes out first, and the refusal is an ordinary answer.

use super::{
    framing::{Scan, Scanner, Violation},
    signals::{Refusal, Signals},
    socket::Socket,
};
use bytes::{Buf, BytesMut};
use std::{
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

/// What the parser sees in the place of a refused message.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";

/// Bytes held at most while it is open whether an upgrade is granted.
const MAX_EARLY: usize = 64 * 1024;

/// How soon it is noticed that a caller has left whose bytes nobody reads.
const WATCH: Duration = Duration::from_millis(200);

/// How long the rest of a message that nobody wants is read after the answer, so that a caller who is still sending
/// gets to see the answer before a reset (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(3);

/// The bytes of one HTTP/1 connection.
pub(crate) struct Wire {
    socket: Socket,
    scanner: Scanner,
    signals: Arc<Signals>,
    /// Received and not yet passed on.
    held: BytesMut,
    /// How much of `held` may be passed on.
    ready: usize,
    mode: Mode,
    header_timeout: Duration,
    /// Until when a begun head may arrive; once closing, until when the rest of a message is read.
    deadline: Option<Pin<Box<Sleep>>>,
    closing: bool,
    /// When to look again whether the caller has left.
    watch: Option<Pin<Box<Sleep>>>,
    /// A write waits: its success must be told, since the parser behind does not look again by itself.
    write_waits: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Scanned,
    Tunnel,
    /// A message was refused: nothing more is read.
    Refused,
    /// A body was badly framed: reading fails.
    Broken,
}

impl Wire {
    pub(crate) fn new(
        socket: Socket,
        begun: BytesMut,
        max_head: usize,
        header_timeout: Duration,
        signals: Arc<Signals>,
    ) -> Self {
        let scanner = Scanner::new(max_head);
        let mut wire = Wire {
            socket,
            scanner,
            signals,
            held: begun,
            ready: 0,
            mode: Mode::Scanned,
            header_timeout,
            deadline: None,
            closing: false,
            watch: None,
            write_waits: false,
        };
        wire.scan_held();
        wire
    }

    fn scan_held(&mut self) {
        let scan = self.scanner.scan(&self.held[self.ready..]);
        self.ready += scan.passed;
        if scan.passed > 0 {
            self.deadline = None;
        }
        if let Some(violation) = scan.violation {
            self.refuse(Refusal::Violation(violation));
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.held.truncate(self.ready);
        if refusal == Refusal::Violation(Violation::Chunk) {
            self.mode = Mode::Broken;
            return;
        }
        self.mode = Mode::Refused;
        self.held.extend_from_slice(STAND_IN);
        self.ready = self.held.len();
        *self.signals.refusal.lock() = Some(refusal);
        self.signals.refused.store(self.scanner.heads() + 1, Relaxed);
    }

    fn pass_ready(&mut self, buf: &mut ReadBuf<'_>) {
        let taken = self.ready.min(buf.remaining());
        buf.put_slice(&self.held[..taken]);
        self.held.advance(taken);
        self.ready -= taken;
        if self.held.is_empty() {
            self.held = BytesMut::new();
        }
    }

    /// The common case: whole messages are scanned where the parser reads them, without a copy.
    fn poll_straight(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<Progress>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        let Scan { passed, violation } = self.scanner.scan(&buf.filled()[before..]);
        let end = buf.filled().len() == before;
        if before + passed < buf.filled().len() {
            self.held.extend_from_slice(&buf.filled()[before + passed..]);
            buf.set_filled(before + passed);
        }
        if let Some(violation) = violation {
            self.refuse(Refusal::Violation(violation));
        }
        Poll::Ready(Ok(if end || passed > 0 { Progress::Passed } else { Progress::Again }))
    }

    /// The rest of a message whose beginning is held.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Progress>> {
        if let Poll::Ready(()) = self.poll_deadline(cx) {
            self.refuse(Refusal::Slow);
            return Poll::Ready(Ok(Progress::Again));
        }
        let mut chunk = [0; 4096];
        let mut read = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.socket).poll_read(cx, &mut read))?;
        if read.filled().is_empty() {
            self.held.clear();
            return Poll::Ready(Ok(Progress::Passed));
        }
        self.held.extend_from_slice(read.filled());
        self.scan_held();
        Poll::Ready(Ok(Progress::Again))
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timeout = self.header_timeout;
        self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout))).as_mut().poll(cx)
    }

    /// While it is open whether an upgrade is granted, what arrives is held; the end is seen.
    fn poll_undecided(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Progress>> {
        match self.signals.upgrade(self.scanner.heads()) {
            Some(true) => {
                self.mode = Mode::Tunnel;
                self.ready = self.held.len();
                return Poll::Ready(Ok(Progress::Again));
            }
            Some(false) => {
                self.scanner.resume();
                self.scan_held();
                return Poll::Ready(Ok(Progress::Again));
            }
            None => {}
        }
        if self.held.len() >= MAX_EARLY {
            return Poll::Pending;
        }
        let mut chunk = [0; 4096];
        let mut read = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.socket).poll_read(cx, &mut read))?;
        self.held.extend_from_slice(read.filled());
        let end = read.filled().is_empty();
        Poll::Ready(Ok(if end { Progress::Passed } else { Progress::Again }))
    }

    /// Sends interim answers; only between messages of the parser behind, which awaits an answer meanwhile.
    fn poll_inform(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let signals = self.signals.clone();
        let mut waiting = signals.informational.lock();
        while !waiting.is_empty() {
            let sent = ready!(Pin::new(&mut self.socket).poll_write(cx, &waiting))?;
            waiting.advance(sent);
        }
        signals.has_informational.store(false, Relaxed);
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    /// Reads what is left of a message that was answered before its end; nothing where there is no such rest.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.mode == Mode::Scanned && self.scanner.between_messages() || self.mode == Mode::Tunnel {
            return Poll::Ready(());
        }
        let mut chunk = [0; 16 * 1024];
        while self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_pending()) {
            let mut rest = ReadBuf::new(&mut chunk);
            match ready!(Pin::new(&mut self.socket).poll_read(cx, &mut rest)) {
                Ok(()) if !rest.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(())
    }

    /// Whether the caller has left while nobody reads: the parser behind reads only what it needs, so a caller with
    /// an upload that is stuck, or a request that waits its turn, would not be missed.
    fn is_gone(&mut self, cx: &mut Context<'_>) -> bool {
        if !matches!(self.mode, Mode::Scanned) || self.closing {
            return false;
        }
        loop {
            match self.socket.poll_left(cx) {
                Poll::Ready(true) => return true,
                // What is there unread hides the end from the event loop: looked for now and then.
                Poll::Ready(false) => {}
                Poll::Pending => {
                    self.watch = None;
                    return false;
                }
            }
            let watch = self.watch.get_or_insert_with(|| Box::pin(tokio::time::sleep(WATCH)));
            if watch.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.watch = None;
        }
    }

    /// Has the connection's task look again after a write that had to wait.
    fn note_write<T>(&mut self, written: Poll<T>, cx: &Context<'_>) -> Poll<T> {
        let waited = std::mem::replace(&mut self.write_waits, written.is_pending());
        if waited && written.is_ready() {
            cx.waker().wake_by_ref();
        }
        written
    }

    fn poll_informed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.signals.has_informational.load(Relaxed) { self.poll_inform(cx) } else { Poll::Ready(Ok(())) }
    }
}

enum Progress {
    /// Something, or the end, was passed on.
    Passed,
    Again,
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        wire.signals.reader.register(cx.waker());
        if let Poll::Ready(Err(error)) = wire.poll_informed(cx) {
            return Poll::Ready(Err(error));
        }
        loop {
            if wire.ready > 0 {
                wire.pass_ready(buf);
                return Poll::Ready(Ok(()));
            }
            let progress = match wire.mode {
                Mode::Tunnel => return Pin::new(&mut wire.socket).poll_read(cx, buf),
                Mode::Refused => return Poll::Pending,
                Mode::Broken => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                Mode::Scanned if wire.scanner.undecided() => ready!(wire.poll_undecided(cx))?,
                Mode::Scanned if wire.held.is_empty() => {
                    wire.deadline = None;
                    ready!(wire.poll_straight(cx, buf))?
                }
                Mode::Scanned => ready!(wire.poll_rest(cx))?,
            };
            if let Progress::Passed = progress {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        ready!(wire.poll_informed(cx))?;
        let written = Pin::new(&mut wire.socket).poll_write(cx, buf);
        wire.note_write(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        ready!(wire.poll_informed(cx))?;
        let written = Pin::new(&mut wire.socket).poll_write_vectored(cx, bufs);
        wire.note_write(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.is_gone(cx) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut wire.socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.signals.reset.load(Relaxed) {
            wire.socket.reset_on_close();
            return Poll::Ready(Ok(()));
        }
        if !wire.closing {
            ready!(Pin::new(&mut wire.socket).poll_shutdown(cx))?;
            wire.closing = true;
            wire.deadline = Some(Box::pin(tokio::time::sleep(LINGER)));
        }
        wire.poll_linger(cx).map(Ok)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.signals.reset.load(Relaxed) {
            self.socket.reset_on_close();
        }
    }
}
