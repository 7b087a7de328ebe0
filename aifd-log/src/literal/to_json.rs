//! Writes what a walk finds as JSON.

use super::{
    Dialect, Fault, Layout,
    emit::hex4,
    escape::{Part, Quoted},
    number::{self, Form},
    run::{self, Runs},
    to_python,
    walk::{Container, Place, Sink as Walk, Word},
};

pub(super) struct Sink<'o> {
    out: &'o mut Vec<u8>,
    dialect: Dialect,
    layout: Layout,
}

impl<'o> Sink<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, dialect: Dialect, layout: Layout) -> Self {
        Sink { out, dialect, layout }
    }

    fn line(&mut self) {
        if let Layout::Indented { level } = self.layout {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * level, b' ');
        }
    }

    fn deeper(&mut self, by: isize) {
        if let Layout::Indented { level } = &mut self.layout {
            *level = level.saturating_add_signed(by);
        }
    }

    /// A key is a text, whatever it was.
    fn as_key(&mut self, place: Place) {
        if place == Place::Key {
            self.out.push(b'"');
        }
    }
}

impl Walk for Sink<'_> {
    fn open(&mut self, container: Container, empty: bool) {
        self.out.push(if container == Container::Dict { b'{' } else { b'[' });
        if !empty {
            self.deeper(1);
            self.line();
        }
    }

    fn close(&mut self, container: Container, items: usize) {
        if items > 0 {
            self.deeper(-1);
            self.line();
        }
        self.out.push(if container == Container::Dict { b'}' } else { b']' });
    }

    fn comma(&mut self) {
        self.out.push(b',');
        self.line();
    }

    fn text(&mut self, quoted: Quoted<'_>, _: Place) -> Result<usize, Fault> {
        self.out.push(b'"');
        let out = &mut *self.out;
        let end = if quoted.bytes { push_bytes(quoted, out)? } else { push_text(quoted, out)? };
        self.out.push(b'"');
        Ok(end)
    }

    fn number(&mut self, digits: &[u8], form: Form, place: Place) {
        self.as_key(place);
        match form {
            // Python and orjson know no negative nothing that is whole.
            Form::Whole if digits == b"-0" => self.out.push(b'0'),
            Form::Whole => self.out.extend_from_slice(digits),
            Form::Float => number::push_json(digits, self.out),
        }
        self.as_key(place);
    }

    fn word(&mut self, word: Word, place: Place) {
        self.as_key(place);
        self.out.extend_from_slice(match word {
            Word::True => b"true",
            Word::False => b"false",
            Word::None | Word::Infinity | Word::NegativeInfinity | Word::NotANumber => b"null",
        });
        self.as_key(place);
    }

    fn key(&mut self, literal: &[u8]) {
        debug_assert_eq!(self.dialect, Dialect::Python, "JSON has texts as keys");
        let mut printed = Vec::new();
        to_python::push_key(literal, &mut printed);
        self.out.push(b'"');
        push_run(&printed, self.out);
        self.out.push(b'"');
    }

    fn colon(&mut self) {
        self.out.push(b':');
        if self.layout != Layout::Compact {
            self.out.push(b' ');
        }
    }
}

/// Appends what a text says. Most escapes are the same in both notations: they are copied with what is around them.
fn push_text(quoted: Quoted<'_>, out: &mut Vec<u8>) -> Result<usize, Fault> {
    let text = quoted.text;
    let (mut from, mut at) = (quoted.from, quoted.from);
    let mut runs = Runs::new(text, [quoted.quote, b'\\', b'"']);
    loop {
        at = runs.next(at);
        match text.get(at) {
            None => return Err(quoted.unfinished()),
            Some(byte) if *byte == quoted.quote => {
                out.extend_from_slice(&text[from..at]);
                return Ok(at + 1);
            }
            Some(b'\\') => match text.get(at + 1) {
                Some(b'n' | b'\\' | b't' | b'r' | b'"' | b'b' | b'f') => at += 2,
                Some(b'\'') if quoted.dialect == Dialect::Python => {
                    out.extend_from_slice(&text[from..at]);
                    from = at + 1;
                    at += 2;
                }
                _ => {
                    out.extend_from_slice(&text[from..at]);
                    at += quoted.escape(at, &mut |part| push_part(part, out))?;
                    from = at;
                }
            },
            Some(b'"') => {
                out.extend_from_slice(&text[from..at]);
                out.push(b'\\');
                from = at;
                at += 1;
            }
            Some(control) => {
                quoted.check(*control, at)?;
                out.extend_from_slice(&text[from..at]);
                push_ascii(*control, out);
                at += 1;
                from = at;
            }
        }
    }
}

fn push_part(part: Part<'_>, out: &mut Vec<u8>) {
    match part {
        Part::Plain(bytes) => out.extend_from_slice(bytes),
        Part::Char(c) if !c.is_ascii() => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        Part::Char(c) => push_ascii(c as u8, out),
        Part::Half(half) => {
            out.extend_from_slice(b"\\u");
            out.extend_from_slice(&hex4(half));
        }
        Part::Byte(byte) => push_part(Part::Half(0xdc00 + u16::from(byte)), out),
    }
}

/// A bytes literal as a text: UTF-8 where it is that.
fn push_bytes(quoted: Quoted<'_>, out: &mut Vec<u8>) -> Result<usize, Fault> {
    let mut bytes = Vec::new();
    let end = quoted.parts(&mut |part| match part {
        Part::Plain(plain) => bytes.extend_from_slice(plain),
        Part::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        Part::Byte(byte) => bytes.push(byte),
        Part::Half(_) => {}
    })?;
    for chunk in bytes.utf8_chunks() {
        push_run(chunk.valid().as_bytes(), out);
        chunk.invalid().iter().for_each(|byte| push_part(Part::Byte(*byte), out));
    }
    Ok(end)
}

/// Appends UTF-8 with the escapes that JSON needs.
pub(super) fn push_run(mut text: &[u8], out: &mut Vec<u8>) {
    loop {
        let length = run::until(text, [b'"', b'\\', b'"']);
        out.extend_from_slice(&text[..length]);
        let Some(byte) = text.get(length) else { return };
        push_ascii(*byte, out);
        text = &text[length + 1..];
    }
}

fn push_ascii(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        0..0x20 => {
            out.extend_from_slice(b"\\u");
            return out.extend_from_slice(&hex4(u16::from(byte)));
        }
        _ => return out.push(byte),
    };
    out.extend_from_slice(&[b'\\', short]);
}
