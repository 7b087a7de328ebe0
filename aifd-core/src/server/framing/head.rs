//! What the lines of a request head say of its framing.

use super::{MAX_HEAD_LINES, Violation};
use crate::error::Malformed;
use memchr::memchr;

/// What the lines of a head say of the message's framing.
#[derive(Default)]
pub(super) struct Head {
    pub(super) lines: usize,
    pub(super) old: bool,
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    host: Option<()>,
    pub(super) upgrade: bool,
}

impl Head {
    /// Takes the next line, without its end.
    ///
    /// # Errors
    /// It is against the rules, or one too many.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Violation> {
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
        if target.iter().any(|b| *b <= b' ' || *b == 0x7f) {
            return Err(Malformed::RequestLine);
        }
        // What the parser behind takes for a target has its own rules; most targets need not be parsed twice.
        let plain =
            !absolute && target.iter().all(|b| b.is_ascii_alphanumeric() || b"/-_.?=&%:~+,".contains(b));
        if plain || http::Uri::try_from(target).is_ok() { Ok(()) } else { Err(Malformed::Target) }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Malformed> {
        if matches!(line[0], b' ' | b'\t') {
            return Err(Malformed::FoldedLine);
        }
        let colon = memchr(b':', line).filter(|at| *at > 0).ok_or(Malformed::HeaderLine)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let control = |b: &u8| (*b < b' ' && *b != b'\t') || *b == 0x7f;
        if value.iter().any(control) || !name.iter().copied().all(is_token) {
            return Err(Malformed::HeaderLine);
        }
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => once(self.host.replace(()), Malformed::SeveralHosts)?,
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade = !self.old,
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                once(self.length.replace(length(value)?), Malformed::SeveralLengths)?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                let known = trimmed(value).eq_ignore_ascii_case(b"chunked");
                if !known || std::mem::replace(&mut self.chunked, true) {
                    return Err(Malformed::EncodingUnknown);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A value without the white space around it (RFC 9110 section 5.6.3).
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Refuses what replaced an earlier one.
fn once<T>(earlier: Option<T>, rule: Malformed) -> Result<(), Malformed> {
    if earlier.is_some() { Err(rule) } else { Ok(()) }
}

fn length(value: &[u8]) -> Result<u64, Malformed> {
    let digits = trimmed(value);
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
