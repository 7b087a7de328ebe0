//! Writes what a walk finds as Python's `repr` prints it.

use super::{
    Dialect, Fault,
    emit::{hex2, hex4},
    escape::{Part, Quoted},
    number::{self, Form},
    printable::is_printable,
    run,
    walk::{self, Container, Place, Sink as Walk, Word},
};

pub(super) struct Sink<'o> {
    out: &'o mut Vec<u8>,
    dialect: Dialect,
}

impl<'o> Sink<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, dialect: Dialect) -> Self {
        Sink { out, dialect }
    }
}

impl Walk for Sink<'_> {
    fn open(&mut self, container: Container, _: bool) {
        self.out.extend_from_slice(match container {
            Container::List => b"[",
            Container::Tuple => b"(",
            Container::EmptySet => b"set(",
            Container::EmptyFrozenSet => b"frozenset(",
            Container::FrozenSet => b"frozenset({",
            Container::Set | Container::Dict => b"{",
        });
    }

    fn close(&mut self, container: Container, items: usize) {
        self.out.extend_from_slice(match container {
            Container::List => b"]",
            Container::Tuple if items == 1 => b",)",
            Container::Tuple | Container::EmptySet | Container::EmptyFrozenSet => b")",
            Container::FrozenSet => b"})",
            Container::Set | Container::Dict => b"}",
        });
    }

    fn comma(&mut self) {
        self.out.extend_from_slice(b", ");
    }

    fn text(&mut self, quoted: Quoted<'_>, _: Place) -> Result<usize, Fault> {
        if quoted.bytes {
            self.out.push(b'b');
        }
        push_quoted(self.out, |text| quoted.parts(&mut |part| text.part(part, quoted.bytes)))
    }

    fn number(&mut self, digits: &[u8], form: Form, _: Place) {
        match (form, self.dialect) {
            (Form::Whole, _) if digits == b"-0" => self.out.push(b'0'),
            (Form::Whole, Dialect::Json) if !number::fits(digits) => number::push_python(digits, self.out),
            (Form::Whole, _) => self.out.extend_from_slice(digits),
            (Form::Float, _) => number::push_python(digits, self.out),
        }
    }

    fn word(&mut self, word: Word, _: Place) {
        self.out.extend_from_slice(match word {
            Word::None => b"None",
            Word::True => b"True",
            Word::False => b"False",
            Word::Infinity => b"inf",
            Word::NegativeInfinity => b"-inf",
            Word::NotANumber => b"nan",
        });
    }

    fn key(&mut self, literal: &[u8]) {
        push_key(literal, self.out);
    }

    fn colon(&mut self) {
        self.out.extend_from_slice(b": ");
    }
}

/// Appends a key that is a container, which the walk has read.
pub(super) fn push_key(literal: &[u8], out: &mut Vec<u8>) {
    let _ = walk::whole(literal, Dialect::Python, &mut Sink::new(out, Dialect::Python));
}

/// A text under way, in single quotes until it turns out that double ones are needed.
struct Text<'o> {
    out: &'o mut Vec<u8>,
    single: bool,
    double: bool,
}

/// Appends a text that `tell` tells.
fn push_quoted<T>(
    out: &mut Vec<u8>,
    tell: impl FnOnce(&mut Text<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let start = out.len();
    out.push(b'\'');
    let mut text = Text { out, single: false, double: false };
    let told = tell(&mut text)?;
    let double = text.single && !text.double;
    out.push(b'\'');
    if double {
        requote(out, start);
    }
    Ok(told)
}

/// Puts double quotes around a text in single ones, in which none of its single quotes is escaped then.
fn requote(out: &mut Vec<u8>, start: usize) {
    let (mut from, mut to) = (start, start);
    while from < out.len() {
        let skip = out[from] == b'\\' && out[from + 1] == b'\'';
        if !skip && out[from] == b'\\' {
            // The character behind it belongs to it, whatever it is.
            out[to] = b'\\';
            (from, to) = (from + 1, to + 1);
        }
        from += usize::from(skip);
        out[to] = out[from];
        (from, to) = (from + 1, to + 1);
    }
    out.truncate(to);
    out[start] = b'"';
    if let Some(last) = out.last_mut() {
        *last = b'"';
    }
}

/// Appends a text.
pub(super) fn push_text(text: &str, out: &mut Vec<u8>) {
    // Telling does not fail.
    let _ = push_quoted(out, |quoted| {
        quoted.run(text.as_bytes());
        Ok(())
    });
}

impl Text<'_> {
    fn part(&mut self, part: Part<'_>, bytes: bool) {
        match part {
            Part::Plain(run) => self.run(run),
            Part::Char(c) => self.char(c),
            Part::Half(half) => {
                self.out.extend_from_slice(b"\\u");
                self.out.extend_from_slice(&hex4(half));
            }
            Part::Byte(byte) => {
                debug_assert!(bytes, "only bytes literals have bytes");
                self.out.extend_from_slice(b"\\x");
                self.out.extend_from_slice(&hex2(byte));
            }
        }
    }

    /// Plain UTF-8.
    fn run(&mut self, mut text: &[u8]) {
        while !text.is_empty() {
            let length = run::ascii_until(text, [b'\'', b'"', b'\\']);
            self.out.extend_from_slice(&text[..length]);
            text = &text[length..];
            let others = text.iter().take_while(|byte| !byte.is_ascii()).count();
            let (wide, rest) = text.split_at(others);
            if others > 0 {
                std::str::from_utf8(wide).unwrap_or_default().chars().for_each(|c| self.char(c));
                text = rest;
            } else if let Some((byte, rest)) = text.split_first() {
                self.char(char::from(*byte));
                text = rest;
            }
        }
    }

    fn char(&mut self, c: char) {
        match c {
            '\'' => {
                self.single = true;
                self.out.extend_from_slice(b"\\'");
            }
            '"' => {
                self.double = true;
                self.out.push(b'"');
            }
            '\\' => self.out.extend_from_slice(b"\\\\"),
            '\n' => self.out.extend_from_slice(b"\\n"),
            '\r' => self.out.extend_from_slice(b"\\r"),
            '\t' => self.out.extend_from_slice(b"\\t"),
            c if is_printable(c) => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            c => self.escaped(c.into()),
        }
    }

    fn escaped(&mut self, code: u32) {
        match (u8::try_from(code), u16::try_from(code)) {
            (Ok(code), _) => {
                self.out.extend_from_slice(b"\\x");
                self.out.extend_from_slice(&hex2(code));
            }
            (_, Ok(code)) => {
                self.out.extend_from_slice(b"\\u");
                self.out.extend_from_slice(&hex4(code));
            }
            _ => {
                self.out.extend_from_slice(b"\\U");
                self.out.extend_from_slice(&hex4((code >> 16) as u16));
                self.out.extend_from_slice(&hex4(code as u16));
            }
        }
    }
}
