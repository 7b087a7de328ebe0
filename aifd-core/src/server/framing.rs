//! Watches the bytes of an HTTP/1 connection for what different parsers read differently, before any parser sees them.
//!
//! RFC 9112 lets a recipient be lenient; two lenient parsers in a row are how requests are smuggled. The scanner
//! follows the messages of a connection just closely enough to know where each begins, and refuses ambiguous ones.

use crate::error::Malformed;
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

/// What the lines of a head say of the message's framing.
#[derive(Default)]
struct Head {
    lines: usize,
    old: bool,
    length: Option<u64>,
    chunked: bool,
    host: Option<()>,
    upgrade: bool,
}

impl Head {
    fn line(&mut self, line: &[u8]) -> Result<(), Violation> {
        self.lines += 1;
        if self.lines == 1 {
            return self.request_line(line).map_err(Violation::Malformed);
        }
        if self.lines > MAX_HEAD_LINES + 1 {
            return Err(Violation::HeadTooLarge);
        }
        self.header(line).map_err(Violation::Malformed)
    }

    fn request_line(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let mut words = line.split(|b| *b == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Malformed::RequestLine);
        };
        self.old = version == b"HTTP/1.0";
        if method.is_empty() || !method.iter().copied().all(is_token) || !(self.old || version == b"HTTP/1.1")
        {
            return Err(Malformed::RequestLine);
        }
        let absolute = [&b"http://"[..], b"https://"]
            .iter()
            .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if method == b"CONNECT" || !(target.first() == Some(&b'/') || absolute) {
            return Err(Malformed::Target);
        }
        if target.iter().any(|b| *b <= b' ' || *b == 0x7f) { Err(Malformed::RequestLine) } else { Ok(()) }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Malformed> {
        if matches!(line[0], b' ' | b'\t') {
            return Err(Malformed::FoldedLine);
        }
        let colon = memchr(b':', line).filter(|at| *at > 0).ok_or(Malformed::HeaderLine)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if memchr::memchr2(b'\r', 0, value).is_some() || !name.iter().copied().all(is_token) {
            return Err(Malformed::HeaderLine);
        }
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => once(self.host.replace(()), Malformed::SeveralHosts)?,
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade = !self.old,
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                once(self.length.replace(length(value)?), Malformed::SeveralLengths)?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let known = value.trim_ascii().eq_ignore_ascii_case(b"chunked");
                if !known || std::mem::replace(&mut self.chunked, true) {
                    return Err(Malformed::EncodingUnknown);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Refuses what replaced an earlier one.
fn once<T>(earlier: Option<T>, rule: Malformed) -> Result<(), Malformed> {
    if earlier.is_some() { Err(rule) } else { Ok(()) }
}

fn length(value: &[u8]) -> Result<u64, Malformed> {
    let digits = value.trim_ascii();
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Malformed::LengthInvalid);
    }
    Ok(digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    const TOKEN: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let marks = b"!#$%&'*+-.^_`|~";
        let mut at = 0;
        while at < marks.len() {
            table[marks[at] as usize] = true;
            at += 1;
        }
        table
    };
    TOKEN[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use Malformed::*;

    const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Shows the bytes in pieces of `step`; what was passed, and the violation.
    fn feed(input: &[u8], step: usize) -> (usize, Option<Violation>) {
        let mut scanner = Scanner::new(1024);
        let (mut passed, mut shown) = (0, 0);
        while shown < input.len() {
            shown = (shown + step).min(input.len());
            let scan = scanner.scan(&input[passed..shown]);
            passed += scan.passed;
            if scan.violation.is_some() {
                return (passed, scan.violation);
            }
        }
        (passed, None)
    }

    #[test]
    fn whole_messages_pass_however_they_are_cut() {
        let messages = [
            GET.to_owned(),
            format!("\r\n{GET}{GET}"),
            format!("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello{GET}"),
            format!("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n{GET}"),
            format!("POST / HTTP/1.1\r\ntransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n{GET}"),
            format!(
                "POST / HTTP/1.1\r\nTransfer-Encoding:chunked \r\n\r\nA\r\n0123456789\r\n00\r\nx-t: 1\r\ny: 2\r\n\r\n{GET}"
            ),
            "BREW http://other/x HTTP/1.0\r\nx:\r\n\r\n".to_owned(),
        ];
        for message in &messages {
            for step in [1, 2, 3, 7, 1000] {
                assert_eq!(feed(message.as_bytes(), step), (message.len(), None), "{message:?} by {step}");
            }
        }
    }

    #[test]
    fn an_unfinished_head_is_held_back() {
        let input = format!("{GET}GET /b HTTP/1.1\r\nx: y\r\n");
        assert_eq!(feed(input.as_bytes(), 9), (GET.len(), None));
    }

    #[test]
    fn ambiguous_messages_are_refused_and_what_precedes_them_passes() {
        let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(1100));
        let endless = format!("GET /{}", "a".repeat(1100));
        let lines = format!("GET / HTTP/1.1\r\n{}\r\n", "a:\r\n".repeat(101));
        for (message, violation) in [
            (
                "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                Violation::Malformed(LengthAndEncoding),
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                Violation::Malformed(LengthAndEncoding),
            ),
            (
                "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
                Violation::Malformed(SeveralLengths),
            ),
            ("POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", Violation::Malformed(LengthInvalid)),
            ("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", Violation::Malformed(LengthInvalid)),
            ("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", Violation::Malformed(LengthInvalid)),
            (
                "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                Violation::Malformed(LengthInvalid),
            ),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                Violation::Malformed(EncodingUnknown),
            ),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", Violation::Malformed(EncodingUnknown)),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                Violation::Malformed(EncodingUnknown),
            ),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Violation::Malformed(EncodingUnknown)),
            ("GET / HTTP/1.1\nhost: x\n\n", Violation::Malformed(BareLineEnd)),
            ("GET / HTTP/1.1\r\nhost: x\n\r\n", Violation::Malformed(BareLineEnd)),
            ("GET / HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n", Violation::Malformed(FoldedLine)),
            ("GET / HTTP/1.1\r\n\thost: x\r\n\r\n", Violation::Malformed(FoldedLine)),
            ("GET / HTTP/1.1\r\nhost: x\r\nHost: y\r\n\r\n", Violation::Malformed(SeveralHosts)),
            ("GET / HTTP/1.1\r\nhost : x\r\n\r\n", Violation::Malformed(HeaderLine)),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", Violation::Malformed(HeaderLine)),
            ("GET / HTTP/1.1\r\n: x\r\n\r\n", Violation::Malformed(HeaderLine)),
            ("GET / HTTP/1.1\r\nx: a\rb\r\n\r\n", Violation::Malformed(HeaderLine)),
            ("GET / HTTP/1.1\r\nx: a\0b\r\n\r\n", Violation::Malformed(HeaderLine)),
            ("GET  / HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
            ("GET / HTTP/1.2\r\n\r\n", Violation::Malformed(RequestLine)),
            ("GET /\r\n\r\n", Violation::Malformed(RequestLine)),
            ("GET /a\tb HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
            ("G(T / HTTP/1.1\r\n\r\n", Violation::Malformed(RequestLine)),
            ("CONNECT a:443 HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
            ("GET a:80 HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
            ("OPTIONS * HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
            ("GET ftp://x/ HTTP/1.1\r\n\r\n", Violation::Malformed(Target)),
            (&long, Violation::HeadTooLarge),
            (&endless, Violation::HeadTooLarge),
            (&lines, Violation::HeadTooLarge),
        ] {
            for step in [1, 5, 5000] {
                let input = format!("{GET}{message}");
                assert_eq!(
                    feed(input.as_bytes(), step),
                    (GET.len(), Some(violation)),
                    "{message:?} by {step}"
                );
            }
        }
    }

    #[test]
    fn a_badly_framed_chunk_ends_the_connection() {
        for body in [
            "x\r\n",
            "\r\n",
            "5\nhello",
            "5\r\nhello0\r\n",
            "5\r\nhelloworld",
            "ffffffffffffffff\r\n",
            "5;\0\r\n",
            "5 \r\nhello",
            "-1\r\n",
            "0\r\nx\n\r\n",
        ] {
            let input = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            for step in [1, 5000] {
                assert_eq!(feed(input.as_bytes(), step).1, Some(Violation::Chunk), "{body:?}");
            }
        }
    }

    #[test]
    fn what_follows_an_upgrade_waits_for_the_answer() {
        let head = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
        let mut scanner = Scanner::new(1024);
        let input = format!("{head}{GET}");
        assert_eq!(scanner.scan(input.as_bytes()), Scan { passed: head.len(), violation: None });
        assert!(scanner.undecided());
        scanner.resume();
        assert_eq!(scanner.scan(GET.as_bytes()).passed, GET.len());
        assert_eq!(scanner.heads(), 2);
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_pass_more_than_was_shown() {
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut input = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (state >> 33) as usize % input.len();
                match state & 1 {
                    0 => input[at] = (state >> 20) as u8,
                    _ => drop(input.remove(at)),
                }
            }
            let (passed, _) = feed(&input, 1 + (state >> 60) as usize);
            assert!(passed <= input.len());
        }
    }
}
