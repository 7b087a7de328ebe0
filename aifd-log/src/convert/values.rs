//! Objects of a JSON array or of JSON lines, one after the other: never more than one is held.

use crate::exchange::Fields;
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
    /// The text is not JSON from here on.
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
    /// The end came within a value, or an array has none.
    #[error("line {0}: the file ends within a value")]
    Unfinished(u64),
}

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

    fn step(&mut self) -> Result<Option<Fields>, ValuesError> {
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
            None if self.array => Err(ValuesError::Unfinished(self.line)),
            None => Ok(None),
            Some(b']') if self.array => {
                self.array = false;
                self.source.consume(1);
                match self.peek()? {
                    None => Ok(None),
                    Some(_) => Err(ValuesError::NoObject(self.line)),
                }
            }
            Some(b'{') => {
                let line = self.line;
                if self.array {
                    self.object(line)?;
                } else {
                    self.whole_line(line)?;
                };
                serde_json::from_slice(&self.text)
                    .map(Some)
                    .map_err(|source| ValuesError::Json { line, source })
            }
            Some(_) => Err(ValuesError::NoObject(self.line)),
        }
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

    /// Takes an object's text: up to the brace that closes the first.
    fn object(&mut self, line: u64) -> Result<(), ValuesError> {
        self.text.clear();
        let mut scan = Scan::default();
        loop {
            let held = self.source.fill_buf()?;
            if held.is_empty() {
                return Err(ValuesError::Unfinished(line));
            }
            let (taken, done) = scan.end(held);
            self.text.extend_from_slice(&held[..taken]);
            self.line += memchr::memchr_iter(b'\n', &held[..taken]).count() as u64;
            self.source.consume(taken);
            if done {
                return Ok(());
            }
            if self.text.len() > MAX_OBJECT {
                return Err(ValuesError::TooLong(line));
            }
        }
    }
}

impl<R: BufRead> Iterator for Values<R> {
    type Item = Result<Fields, ValuesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step().transpose();
        // Whatever follows a text that is not JSON means nothing, except that the next line begins anew.
        self.failed = match &step {
            Some(Err(ValuesError::Json { .. })) => self.array,
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
        let told = |value: Result<Fields, ValuesError>| match value {
            Ok(fields) => serde_json::to_string(&fields).unwrap(),
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
        for (text, told) in [
            ("[{}", vec!["{}", "! line 1: the file ends within a value"]),
            ("[{},\n{\"a\":", vec!["{}", "! line 2: the file ends within a value"]),
            ("1", vec!["! line 1: expected an object"]),
            ("[\n[]]", vec!["! line 2: expected an object"]),
            ("[] x", vec!["! line 1: expected an object"]),
            ("{}\n{\"a\" 1}\n{}", vec!["{}", "! line 2: expected `:` at line 1 column 6", "{}"]),
            (
                "{\"a\":\"\n{}",
                vec![
                    "! line 1: control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
                    "{}",
                ],
            ),
            ("[{\"a\" 1},{}]", vec!["! line 1: expected `:` at line 1 column 6"]),
        ] {
            assert_eq!(read(text, 64), told, "{text}");
        }
    }
}
