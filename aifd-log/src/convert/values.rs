//! Objects of a JSON array or of JSON lines, one after the other: never more than one is held.

use crate::{
    exchange::{Fields, Mended, parse_mended},
    literal::Dialect,
};
use memchr::memchr2;
use std::io::{self, BufRead, Read};

/// Bytes of one object at most; a longer one is a fault, not a file that is held whole.
pub const MAX_OBJECT: usize = 256 << 20;

/// Why there is no further object.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// The source cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// An object that is not JSON.
    #[error("line {line}: {source}")]
    Json {
        /// The line, from 1, in which the value begins.
        line: u64,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A value that is no object.
    #[error("line {0}: expected an object")]
    NoObject(u64),
    /// A value that is too long.
    #[error("line {0}: an object of more than {MAX_OBJECT} bytes")]
    TooLong(u64),
    /// What follows cannot be found.
    #[error("line {line}: {why}; what follows in the file cannot be found")]
    Lost {
        /// The line, from 1, in which the value begins.
        line: u64,
        /// What is wrong.
        why: &'static str,
    },
}

/// The end came within a value, or an array has none.
const CUT: &str = "the file ends within a value";

/// Objects as they come.
#[derive(Debug)]
pub struct Values<R> {
    source: R,
    line: u64,
    begun: bool,
    failed: bool,
    /// Within an array, whose end must come.
    array: bool,
    text: Vec<u8>,
}

impl<R: BufRead> Values<R> {
    /// The objects of a source: of an array if it begins with `[`, else one a line.
    pub fn new(source: R) -> Self {
        Values { source, line: 1, begun: false, failed: false, array: false, text: Vec::new() }
    }

    /// The line, from 1, in which reading stands.
    pub fn line(&self) -> u64 {
        self.line
    }

    fn step(&mut self) -> Result<Option<Mended<Fields>>, ValuesError> {
        if !self.begun {
            self.begun = true;
            if self.source.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
                self.source.consume(3);
            }
            if self.peek()? == Some(b'[') {
                self.source.consume(1);
                self.array = true;
            }
        }
        match self.peek_after_comma()? {
            None if self.array => Err(ValuesError::Lost { line: self.line, why: CUT }),
            None => Ok(None),
            Some(b']') if self.array => {
                self.array = false;
                self.source.consume(1);
                match self.peek()? {
                    None => Ok(None),
                    Some(_) => Err(ValuesError::Lost { line: self.line, why: "something behind the array" }),
                }
            }
            Some(b'{') => {
                let line = self.line;
                if self.array {
                    self.object(line)?;
                } else {
                    self.whole_line(line)?;
                };
                self.fields(line).map(Some)
            }
            Some(first) => {
                let line = self.line;
                match first {
                    _ if !self.array => self.whole_line(line)?,
                    b'[' => self.object(line)?,
                    _ => self.other(line)?,
                }
                Err(ValuesError::NoObject(line))
            }
        }
    }

    /// What the text says. What JSON cannot say, but logs can, is read as it is in logs.
    fn fields(&self, line: u64) -> Result<Mended<Fields>, ValuesError> {
        let source = match serde_json::from_slice(&self.text) {
            Ok(value) => return Ok(Mended { value, halves: false }),
            Err(source) => source,
        };
        if let Ok(mended) = parse_mended(self.text.trim_ascii_end(), Dialect::Json) {
            return Ok(mended);
        }
        if self.array && !quotes_are_sound(&self.text) {
            return Err(ValuesError::Lost { line, why: "an object whose end is not clear" });
        }
        Err(ValuesError::Json { line, source })
    }

    /// The next byte that is no blank, without taking it.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let held = self.source.fill_buf()?;
            if held.is_empty() {
                return Ok(None);
            }
            let blanks = held.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.line += memchr::memchr_iter(b'\n', &held[..blanks]).count() as u64;
            let next = held.get(blanks).copied();
            self.source.consume(blanks);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn peek_after_comma(&mut self) -> io::Result<Option<u8>> {
        match self.peek()? {
            Some(b',') if self.array => {
                self.source.consume(1);
                self.peek()
            }
            next => Ok(next),
        }
    }

    /// Takes the text up to the end of the line: a line that was torn must not take the next ones with it.
    fn whole_line(&mut self, line: u64) -> Result<(), ValuesError> {
        self.text.clear();
        let read = (&mut self.source).take(MAX_OBJECT as u64 + 1).read_until(b'\n', &mut self.text)?;
        if read > MAX_OBJECT {
            return Err(ValuesError::TooLong(line));
        }
        self.line += u64::from(self.text.ends_with(b"\n"));
        Ok(())
    }

    /// Takes an element of an array that is neither object nor array.
    fn other(&mut self, line: u64) -> Result<(), ValuesError> {
        let (mut taken, mut quoted, mut escaped) = (0, false, false);
        loop {
            let held = self.source.fill_buf()?;
            let ends = |byte: &u8| {
                let ends = !quoted && matches!(byte, b',' | b']' | b'{' | b'}' | b'\n');
                quoted ^= *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                ends
            };
            let (found, all) = (held.iter().position(ends), held.len());
            let length = found.unwrap_or(all);
            self.line += memchr::memchr_iter(b'\n', &held[..length]).count() as u64;
            // A brace that closes nothing is the element.
            let stray = taken == 0 && length == 0 && all > 0;
            self.source.consume(length + usize::from(stray));
            taken += length;
            match found {
                Some(_) => return Ok(()),
                None if all == 0 || taken > MAX_OBJECT => return Err(ValuesError::Lost { line, why: CUT }),
                None => (),
            }
        }
    }

    /// Takes an object's text: up to the brace that closes the first.
    fn object(&mut self, line: u64) -> Result<(), ValuesError> {
        self.text.clear();
        let mut scan = Scan::default();
        loop {
            let held = self.source.fill_buf()?;
            if held.is_empty() {
                return Err(ValuesError::Lost { line, why: CUT });
            }
            let (taken, done) = scan.end(held);
            self.text.extend_from_slice(&held[..taken]);
            self.line += memchr::memchr_iter(b'\n', &held[..taken]).count() as u64;
            self.source.consume(taken);
            if done {
                return Ok(());
            }
            if self.text.len() > MAX_OBJECT {
                return Err(ValuesError::Lost { line, why: "an object that is too long" });
            }
        }
    }
}

/// Whether texts stand only where texts may: else a quote is missing or too much, and what was taken for the end of an
/// object need not be it.
fn quotes_are_sound(object: &[u8]) -> bool {
    let (mut at, mut before) = (0, b'{');
    while let Some(byte) = object.get(at) {
        at += 1;
        if *byte != b'"' {
            before = if byte.is_ascii_whitespace() { before } else { *byte };
            continue;
        }
        let begins = b"{[,:".contains(&before) || at == 1;
        loop {
            let rest = object.get(at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else { return false };
            at += found + 1;
            if rest[found] == b'"' {
                break;
            }
            at += 1;
        }
        let behind = object[at..].iter().find(|byte| !byte.is_ascii_whitespace());
        if !begins || !behind.is_some_and(|behind| b",:]}".contains(behind)) {
            return false;
        }
        before = b'"';
    }
    true
}

impl<R: BufRead> Iterator for Values<R> {
    type Item = Result<Mended<Fields>, ValuesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step().transpose();
        self.failed = match &step {
            Some(Err(ValuesError::Json { .. } | ValuesError::NoObject(_))) => false,
            Some(Err(_)) | None => true,
            Some(Ok(_)) => false,
        };
        step
    }
}

/// Where an object ends, found piece by piece.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Scan {
    /// Bytes of the piece that belong to the object, and whether it ends with them.
    fn end(&mut self, piece: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < piece.len() {
            if self.escaped {
                self.escaped = false;
            } else if self.quoted {
                let Some(found) = memchr2(b'"', b'\\', &piece[at..]) else { return (piece.len(), false) };
                at += found;
                self.quoted = piece[at] != b'"';
                self.escaped = piece[at] == b'\\';
            } else {
                match piece[at] {
                    b'"' => self.quoted = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            return (at + 1, true);
                        }
                    }
                    _ => (),
                }
            }
            at += 1;
        }
        (piece.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn read(text: &str, held: usize) -> Vec<String> {
        let told = |value: Result<Mended<Fields>, ValuesError>| match value {
            Ok(Mended { value, halves }) => {
                serde_json::to_string(&value).unwrap() + if halves { " halves" } else { "" }
            }
            Err(error) => format!("! {error}"),
        };
        Values::new(BufReader::with_capacity(held, text.as_bytes())).map(told).collect()
    }

    #[test]
    fn arrays_and_lines_are_read_whatever_the_pieces() {
        let objects = [r#"{"a":"]}\\\"{"}"#, r#"{"b":[{"c":"\\"},[1]]}"#, "{}"];
        let array = format!("\u{feff} [\n  {},\n{} , {}\n]\n", objects[0], objects[1], objects[2]);
        let lines = format!("{}\n\n{}\r\n{}", objects[0], objects[1], objects[2]);
        for text in [&array, &lines] {
            for held in 1..40 {
                // The mark of the encoding comes in one piece.
                let held = if text.starts_with('\u{feff}') { held + 3 } else { held };
                assert_eq!(read(text, held), objects, "{held}: {text}");
            }
        }
        assert_eq!(read("", 8), [""; 0]);
        assert_eq!(read(" [ ] ", 8), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        const CUT: &str = "! line 1: the file ends within a value; what follows in the file cannot be found";
        const UNCLEAR: &str =
            "! line 1: an object whose end is not clear; what follows in the file cannot be found";
        for (text, told) in [
            ("[{}", vec!["{}", CUT]),
            ("[{\"a\":", vec![CUT]),
            ("1", vec!["! line 1: expected an object"]),
            ("1\n{}", vec!["! line 1: expected an object", "{}"]),
            ("[\n[],{}]", vec!["! line 2: expected an object", "{}"]),
            (
                "[1,\"],{\\\"\",null\n,{}]",
                vec![
                    "! line 1: expected an object",
                    "! line 1: expected an object",
                    "! line 1: expected an object",
                    "{}",
                ],
            ),
            ("[{}},{}]", vec!["{}", "! line 1: expected an object", "{}"]),
            ("[1", vec![CUT]),
            ("[] x", vec!["! line 1: something behind the array; what follows in the file cannot be found"]),
            ("[{\"a\": \"b\"c\"}, {\"d\": 1}, {\"e\": \"f\"g\"}, {}]", vec![UNCLEAR]),
            ("[{\"a\":\"\\ud83d\"},{}]", vec!["{\"a\":\"\u{fffd}\"} halves", "{}"]),
            (
                "{\"a\":\"\\uD83D\"}\r\n{\"a\":\"\\ud83d\\ude00\"}",
                vec!["{\"a\":\"\u{fffd}\"} halves", "{\"a\":\"\u{1f600}\"}"],
            ),
            ("{}\n{\"a\" 1}\n{}", vec!["{}", "! line 2: expected `:` at line 1 column 6", "{}"]),
            (
                "{\"a\":\"\n{}",
                vec![
                    "! line 1: control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
                    "{}",
                ],
            ),
            ("[{\"a\" 1},{}]", vec![UNCLEAR]),
            ("[{\"a\": x},{}]", vec!["! line 1: expected value at line 1 column 7", "{}"]),
        ] {
            assert_eq!(read(text, 64), told, "{text}");
        }
    }
}
