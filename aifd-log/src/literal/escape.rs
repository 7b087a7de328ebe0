//! Texts within quotes: their plain runs and their escapes.

use super::{
    Dialect, Fault, FaultKind,
    run::{self, Runs},
};

/// A text whose opening quote was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quoted<'t> {
    pub(super) text: &'t [u8],
    pub(super) from: usize,
    pub(super) quote: u8,
    /// A bytes literal.
    pub(super) bytes: bool,
    pub(super) dialect: Dialect,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// Bytes that stand for themselves; whole characters.
    Plain(&'t [u8]),
    /// A character that was escaped, or a control character that was not.
    Char(char),
    /// Half of a surrogate pair.
    Half(u16),
    /// A byte of a bytes literal that is no ASCII.
    Byte(u8),
}

impl<'t> Quoted<'t> {
    /// Tells the parts of the text in order; gives back where it ends, past its closing quote. Runs of plain bytes end
    /// before `"` too, which the other notation may have to escape.
    pub(super) fn parts(&self, on_part: &mut impl FnMut(Part<'t>)) -> Result<usize, Fault> {
        let text = self.text;
        let (mut at, mut runs) = (self.from, Runs::new(text, [self.quote, b'\\', b'"']));
        loop {
            let end = runs.next(at);
            if end > at {
                let run = &text[at..end];
                if let (true, Some(wide)) = (self.bytes, run.iter().position(|byte| !byte.is_ascii())) {
                    return Err(Fault { at: at + wide, what: FaultKind::Unexpected });
                }
                on_part(Part::Plain(run));
                at = end;
            }
            match text.get(at) {
                None => return Err(self.unfinished()),
                Some(byte) if *byte == self.quote => return Ok(at + 1),
                Some(b'\\') => at += self.escape(at, on_part)?,
                Some(b'"') => {
                    on_part(Part::Char('"'));
                    at += 1;
                }
                Some(control) => {
                    self.check(*control, at)?;
                    on_part(Part::Char(char::from(*control)));
                    at += 1;
                }
            }
        }
    }

    /// Where the text ends, past its closing quote; all of it is checked.
    pub(super) fn end(&self) -> Result<usize, Fault> {
        if self.bytes {
            return self.parts(&mut |_| {});
        }
        let text = self.text;
        let (mut at, mut runs) = (self.from, Runs::new(text, [self.quote, b'\\']));
        loop {
            at = runs.next(at);
            match text.get(at) {
                None => return Err(self.unfinished()),
                Some(byte) if *byte == self.quote => return Ok(at + 1),
                Some(b'\\') => at += self.escape_length(at)?,
                Some(control) => {
                    self.check(*control, at)?;
                    at += 1;
                }
            }
        }
    }

    /// Where a text that was checked before ends: nothing but its quote is looked for.
    pub(super) fn known_end(&self) -> Result<usize, Fault> {
        let mut at = self.from;
        loop {
            let rest = &self.text[at.min(self.text.len())..];
            at += run::find(self.quote, rest).ok_or(self.unfinished())?;
            let escapes = self.text[self.from..at].iter().rev().take_while(|byte| **byte == b'\\').count();
            at += 1;
            if escapes % 2 == 0 {
                return Ok(at);
            }
        }
    }

    pub(super) fn unfinished(&self) -> Fault {
        Fault { at: self.from - 1, what: FaultKind::UnfinishedText }
    }

    /// Whether a control character may stand there as it is.
    pub(super) fn check(&self, control: u8, at: usize) -> Result<(), Fault> {
        match self.dialect == Dialect::Json || matches!(control, b'\n' | b'\r' | 0) {
            true => Err(Fault { at, what: FaultKind::Control }),
            false => Ok(()),
        }
    }

    /// The length of an escape.
    #[inline]
    fn escape_length(&self, at: usize) -> Result<usize, Fault> {
        match self.text.get(at + 1) {
            Some(b'\\' | b'n' | b'r' | b't' | b'"') => Ok(2),
            Some(b'\'') if self.dialect == Dialect::Python => Ok(2),
            _ => self.escape(at, &mut |_| {}),
        }
    }

    /// One escape; gives back its length.
    pub(super) fn escape(&self, at: usize, on_part: &mut impl FnMut(Part<'t>)) -> Result<usize, Fault> {
        let fault = Fault { at, what: FaultKind::Escape };
        let rest = &self.text[at..];
        let python = self.dialect == Dialect::Python;
        let simple = match rest.get(1).ok_or(fault)? {
            b'\\' => '\\',
            b'"' => '"',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'/' if !python => '/',
            b'\'' if python => '\'',
            b'a' if python => '\u{7}',
            b'v' if python => '\u{b}',
            b'x' if python => {
                let byte = hex(rest, 2).and_then(|code| u8::try_from(code).ok()).ok_or(fault)?;
                on_part(if self.bytes && byte >= 128 {
                    Part::Byte(byte)
                } else {
                    Part::Char(char::from(byte))
                });
                return Ok(4);
            }
            b'u' if !self.bytes => return self.unicode(rest, on_part).ok_or(fault),
            b'U' if python && !self.bytes => {
                let code = hex(rest, 8).ok_or(fault)?;
                let half = u16::try_from(code).ok().filter(|_| (0xd800..0xe000).contains(&code));
                on_part(match half {
                    Some(half) => Part::Half(half),
                    None => Part::Char(char::from_u32(code).ok_or(fault)?),
                });
                return Ok(10);
            }
            b'0'..=b'7' if python => {
                let digits =
                    rest[1..].iter().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
                let code =
                    rest[1..=digits].iter().fold(0_u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                match u8::try_from(code) {
                    Ok(byte) if self.bytes && byte >= 128 => on_part(Part::Byte(byte)),
                    Err(_) if self.bytes => return Err(fault),
                    _ => on_part(Part::Char(char::from_u32(code).ok_or(fault)?)),
                }
                return Ok(1 + digits);
            }
            _ => return Err(fault),
        };
        on_part(Part::Char(simple));
        Ok(2)
    }

    /// `\uXXXX`, and in JSON the other half of a pair behind it.
    fn unicode(&self, rest: &[u8], on_part: &mut impl FnMut(Part<'t>)) -> Option<usize> {
        let first = hex(rest, 4)?;
        if let Some(c) = char::from_u32(first) {
            on_part(Part::Char(c));
            return Some(6);
        }
        let second = rest.get(6..).filter(|rest| rest.starts_with(b"\\u")).and_then(|rest| hex(rest, 4));
        let pair = match second {
            Some(second @ 0xdc00..0xe000) if self.dialect == Dialect::Json && first < 0xdc00 => {
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            }
            _ => None,
        };
        if let Some(c) = pair {
            on_part(Part::Char(c));
            return Some(12);
        }
        on_part(Part::Half(u16::try_from(first).ok()?));
        Some(6)
    }
}

/// So many hex digits behind the two characters that begin an escape.
fn hex(rest: &[u8], digits: usize) -> Option<u32> {
    let digits = rest.get(2..2 + digits)?;
    digits.iter().try_fold(0_u32, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}
