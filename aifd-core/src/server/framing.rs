//! Watches the bytes of an HTTP/1 connection for what different parsers read differently, before any parser sees them.
//!
//! RFC 9112 lets a recipient be lenient; two lenient parsers in a row are how requests are smuggled. The scanner
//! follows the messages of a connection just closely enough to know where each begins, and refuses ambiguous ones.

mod head;

use crate::error::Malformed;
use head::Head;
use memchr::memchr;

/// Lines of a head at most, as many as the parser behind takes (the first line not counted).
pub(crate) const MAX_HEAD_LINES: usize = 100;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// A head that must be refused with 400.
    Malformed(Malformed),
    /// A head that must be refused with 431.
    HeadTooLarge,
    /// The framing of a chunked body; the message has begun, so only the connection can end.
    Chunk,
}

/// Where in the stream of messages the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Head,
    Fixed(u64),
    ChunkSize {
        size: u64,
        digits: u8,
        seen: u16,
        extension: bool,
        cr: bool,
    },
    ChunkData(u64),
    ChunkEnd {
        cr: bool,
    },
    Trailers {
        line: usize,
        total: usize,
        cr: bool,
    },
    /// After a head that asks for an upgrade: what follows is a message or not HTTP, as the answer says.
    Undecided,
}

/// How much of what was shown to the scanner may be passed on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Bytes that may be passed on; the rest belongs to an unfinished head.
    pub passed: usize,
    /// Why nothing behind `passed` may be.
    pub violation: Option<Violation>,
}

/// Follows the messages of one connection.
#[derive(Debug)]
pub(crate) struct Scanner {
    place: Place,
    max_head: usize,
    heads: u64,
    upgrade_after_body: bool,
}

impl Scanner {
    pub(crate) fn new(max_head: usize) -> Self {
        Scanner { place: Place::Head, max_head, heads: 0, upgrade_after_body: false }
    }

    /// Heads passed so far.
    pub(crate) fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether an upgrade was asked for and the answer decides what follows.
    pub(crate) fn undecided(&self) -> bool {
        self.place == Place::Undecided
    }

    /// Whether no message is under way.
    pub(crate) fn between_messages(&self) -> bool {
        matches!(self.place, Place::Head | Place::Undecided)
    }

    /// The upgrade was not granted: messages go on.
    pub(crate) fn resume(&mut self) {
        self.place = Place::Head;
    }

    /// Follows `bytes`, which begin where the last scan's `passed` ended.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut at = 0;
        while at < bytes.len() {
            let step = match self.place {
                Place::Head => self.head(&bytes[at..]),
                Place::Undecided => Ok(0),
                Place::Fixed(left) => Ok(self.fixed(left, bytes.len() - at)),
                Place::ChunkData(left) => Ok(self.chunk_data(left, bytes.len() - at)),
                _ => self.chunk_byte(bytes[at]).map(|()| 1),
            };
            match step {
                Ok(0) => break,
                Ok(taken) => at += taken,
                Err(violation) => return Scan { passed: at, violation: Some(violation) },
            }
        }
        Scan { passed: at, violation: None }
    }

    /// Length of the complete head at the beginning of `bytes`; 0 while it is not complete.
    fn head(&mut self, bytes: &[u8]) -> Result<usize, Violation> {
        if bytes.starts_with(b"\r\n") {
            // An empty line before a message belongs to none (RFC 9112 section 2.2).
            return Ok(2);
        }
        let mut head = Head::default();
        let mut at = 0;
        while let Some(end) = memchr(b'\n', &bytes[at..]) {
            let line = &bytes[at..at + end];
            at += end + 1;
            if at > self.max_head {
                return Err(Violation::HeadTooLarge);
            }
            let Some(line) = line.strip_suffix(b"\r") else {
                return Err(Violation::Malformed(Malformed::BareLineEnd));
            };
            if !line.is_empty() {
                head.line(line)?;
            } else if head.lines > 0 {
                self.enter_body(&head)?;
                return Ok(at);
            }
        }
        if bytes.len() > self.max_head { Err(Violation::HeadTooLarge) } else { Ok(0) }
    }

    fn enter_body(&mut self, head: &Head) -> Result<(), Violation> {
        let malformed = |rule| Err(Violation::Malformed(rule));
        self.place = match (head.chunked, head.length) {
            (true, Some(_)) => return malformed(Malformed::LengthAndEncoding),
            (true, None) if head.old => return malformed(Malformed::EncodingUnknown),
            (true, None) => chunk_start(),
            (false, Some(length)) if length > 0 => Place::Fixed(length),
            _ => Place::Head,
        };
        self.heads += 1;
        self.upgrade_after_body = head.upgrade;
        if self.place == Place::Head {
            self.end_body();
        }
        Ok(())
    }

    fn end_body(&mut self) {
        let upgrade = std::mem::take(&mut self.upgrade_after_body);
        self.place = if upgrade { Place::Undecided } else { Place::Head };
    }

    fn fixed(&mut self, left: u64, have: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(have);
        let left = left - taken as u64;
        match left {
            0 => self.end_body(),
            _ => self.place = Place::Fixed(left),
        }
        taken
    }

    fn chunk_data(&mut self, left: u64, have: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(have);
        let left = left - taken as u64;
        self.place = if left == 0 { Place::ChunkEnd { cr: false } } else { Place::ChunkData(left) };
        taken
    }

    /// One byte of a chunk's size line, its end, or the trailers (RFC 9112 section 7.1).
    fn chunk_byte(&mut self, byte: u8) -> Result<(), Violation> {
        const LINE: usize = 4096;
        self.place = match (&self.place, byte) {
            (&Place::ChunkSize { size, digits, cr: true, .. }, b'\n') if digits > 0 => {
                if size == 0 {
                    Place::Trailers { line: 0, total: 0, cr: false }
                } else {
                    Place::ChunkData(size)
                }
            }
            (&Place::ChunkSize { size, digits, seen, extension, cr: false }, byte) => {
                chunk_size_byte(size, digits, seen, extension, byte).ok_or(Violation::Chunk)?
            }
            (Place::ChunkEnd { cr: false }, b'\r') => Place::ChunkEnd { cr: true },
            (Place::ChunkEnd { cr: true }, b'\n') => chunk_start(),
            (&Place::Trailers { line: 0, cr: true, .. }, b'\n') => {
                self.end_body();
                return Ok(());
            }
            (&Place::Trailers { total, cr: true, .. }, b'\n') => {
                Place::Trailers { line: 0, total, cr: false }
            }
            (&Place::Trailers { line, total, cr: false }, b'\r') => Place::Trailers { line, total, cr: true },
            (&Place::Trailers { line, total, cr: false }, byte)
                if byte != b'\n' && byte != 0 && total < LINE * 4 =>
            {
                Place::Trailers { line: line + 1, total: total + 1, cr: false }
            }
            _ => return Err(Violation::Chunk),
        };
        Ok(())
    }
}

fn chunk_start() -> Place {
    Place::ChunkSize { size: 0, digits: 0, seen: 0, extension: false, cr: false }
}

fn chunk_size_byte(size: u64, digits: u8, seen: u16, extension: bool, byte: u8) -> Option<Place> {
    let place =
        |size, digits, extension, cr| Place::ChunkSize { size, digits, seen: seen + 1, extension, cr };
    if seen > 4096 {
        return None;
    }
    Some(match byte {
        b'\r' => place(size, digits, extension, true),
        b'\n' | 0 => return None,
        _ if extension => place(size, digits, true, false),
        b';' if digits > 0 => place(size, digits, true, false),
        _ if digits < 15 => {
            let digit = char::from(byte).to_digit(16)?;
            place(size << 4 | u64::from(digit), digits + 1, false, false)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
