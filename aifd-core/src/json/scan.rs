//! Follows a JSON text piece by piece, as strictly as RFC 8259 asks, and tells what it meets.

use super::{JsonFault, digits::Digits};

/// Arrays and objects that may lie within each other; deeper is a fault. As deep as the common parsers go.
pub(crate) const MAX_DEPTH: u32 = 128;

/// Bytes of a key, escapes resolved, that are told; longer ones are cut there.
pub(crate) const MAX_KEY: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Literal,
}

/// Hears what a scan meets, in the order of the text. Depths count the containers around: the root's is 0. Offsets
/// count the bytes of the whole text.
pub(crate) trait Visit {
    /// A key, escapes resolved, cut at [`MAX_KEY`]; its depth is that of the value that follows.
    fn key(&mut self, _depth: u32, _key: &[u8]) {}
    /// A value begins with the byte at `at`.
    fn begin(&mut self, _kind: Kind, _depth: u32, _at: u64) {}
    /// A value ended before `at`.
    fn end(&mut self, _kind: Kind, _depth: u32, _at: u64) {}
    /// A run of a string value without escapes.
    fn text(&mut self, _run: &[u8]) {}
    /// An escaped character of a string value; half a surrogate pair is U+FFFD.
    fn escaped(&mut self, _c: char) {}
}

/// Where the text has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    FirstItem,
    FirstKey,
    Key,
    Colon,
    AfterValue,
    End,
    Text,
    Escape,
    Hex { left: u8, code: u16 },
    Number(Digits),
    Literal,
}

/// A scan under way, in constant memory.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    /// Bytes of the pieces before this one.
    offset: u64,
    depth: u32,
    /// One bit a container, the innermost lowest: 1 is an object.
    objects: u128,
    /// The string under way is a key.
    in_key: bool,
    /// The first half of a surrogate pair whose second has not come, or 0.
    high: u16,
    key: [u8; MAX_KEY],
    key_length: usize,
    /// What has to come of a literal.
    literal: &'static [u8],
}

impl Default for Scanner {
    fn default() -> Self {
        Scanner {
            state: State::Value,
            offset: 0,
            depth: 0,
            objects: 0,
            in_key: false,
            high: 0,
            key: [0; MAX_KEY],
            key_length: 0,
            literal: b"",
        }
    }
}

impl Scanner {
    /// Follows a piece.
    ///
    /// # Errors
    /// The text is not JSON, or nested too deep; nothing may be pushed after that.
    pub(crate) fn push(&mut self, piece: &str, visit: &mut impl Visit) -> Result<(), JsonFault> {
        let bytes = piece.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = match self.state {
                State::Text => self.text(bytes, at, visit)?,
                State::Escape => self.escape(bytes, at, visit)?,
                State::Hex { left, code } => self.hex(bytes, at, (left, code), visit)?,
                State::Number(digits) => self.number(bytes, at, digits, visit)?,
                State::Literal => self.literal(bytes, at, visit)?,
                _ => self.structure(bytes, at, visit)?,
            };
        }
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Ends the text.
    ///
    /// # Errors
    /// It is not whole.
    pub(crate) fn finish(&mut self, visit: &mut impl Visit) -> Result<(), JsonFault> {
        if let (State::Number(digits), 0) = (self.state, self.depth)
            && digits.may_end()
        {
            self.value_ended(Kind::Number, self.offset, visit);
        }
        if self.state == State::End { Ok(()) } else { Err(self.fault(0)) }
    }

    /// Bytes pushed so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    #[cold]
    fn fault(&self, at: usize) -> JsonFault {
        JsonFault::Syntax { offset: self.offset + at as u64 }
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// White space and what stands between values.
    fn structure(&mut self, bytes: &[u8], from: usize, visit: &mut impl Visit) -> Result<usize, JsonFault> {
        let mut at = from;
        let byte = loop {
            match bytes.get(at) {
                None => return Ok(at),
                Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
                Some(&byte) => break byte,
            }
        };
        match (self.state, byte) {
            (State::FirstKey | State::Key, b'"') => {
                self.in_key = true;
                self.key_length = 0;
                self.state = State::Text;
            }
            (State::Colon, b':') => self.state = State::Value,
            (State::AfterValue, b',') => {
                self.state = if self.in_object() { State::Key } else { State::Value };
            }
            (State::FirstKey, b'}') | (State::FirstItem, b']') => self.close(at, visit),
            (State::AfterValue, b'}') if self.in_object() => self.close(at, visit),
            (State::AfterValue, b']') if !self.in_object() => self.close(at, visit),
            (State::Value | State::FirstItem, _) => self.begin(byte, at, visit)?,
            _ => return Err(self.fault(at)),
        }
        Ok(at + 1)
    }

    /// The first byte of a value.
    fn begin(&mut self, byte: u8, at: usize, visit: &mut impl Visit) -> Result<(), JsonFault> {
        let (kind, state) = match byte {
            b'"' => (Kind::String, State::Text),
            b'{' => (Kind::Object, State::FirstKey),
            b'[' => (Kind::Array, State::FirstItem),
            b'-' => (Kind::Number, State::Number(Digits::Minus)),
            b'0' => (Kind::Number, State::Number(Digits::Zero)),
            b'1'..=b'9' => (Kind::Number, State::Number(Digits::Whole)),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            _ => return Err(self.fault(at)),
        };
        let container = matches!(kind, Kind::Object | Kind::Array);
        if container && self.depth == MAX_DEPTH {
            return Err(JsonFault::TooDeep);
        }
        visit.begin(kind, self.depth, self.offset + at as u64);
        if container {
            self.depth += 1;
            self.objects = self.objects << 1 | u128::from(kind == Kind::Object);
        }
        self.in_key = false;
        self.state = state;
        Ok(())
    }

    fn word(&mut self, rest: &'static [u8]) -> (Kind, State) {
        self.literal = rest;
        (Kind::Literal, State::Literal)
    }

    fn close(&mut self, at: usize, visit: &mut impl Visit) {
        let kind = if self.in_object() { Kind::Object } else { Kind::Array };
        self.depth -= 1;
        self.objects >>= 1;
        self.value_ended(kind, self.offset + at as u64 + 1, visit);
    }

    fn value_ended(&mut self, kind: Kind, at: u64, visit: &mut impl Visit) {
        visit.end(kind, self.depth, at);
        self.state = if self.depth == 0 { State::End } else { State::AfterValue };
    }

    /// A run of a string, and what ends it.
    fn text(&mut self, bytes: &[u8], from: usize, visit: &mut impl Visit) -> Result<usize, JsonFault> {
        let stop = from + plain_run(&bytes[from..]);
        let run = &bytes[from..stop];
        let next = bytes.get(stop).copied();
        if self.high != 0 && (!run.is_empty() || next.is_some_and(|next| next != b'\\')) {
            self.half(from, visit)?;
        }
        if !self.in_key {
            if !run.is_empty() {
                visit.text(run);
            }
            if next == Some(b'"') {
                self.value_ended(Kind::String, self.offset + stop as u64 + 1, visit);
            }
        } else if next == Some(b'"') {
            self.key_ended(run, visit);
        } else {
            self.keep(run);
        }
        match next {
            None => return Ok(stop),
            Some(b'"') => {}
            Some(b'\\') => self.state = State::Escape,
            Some(_) => return Err(self.fault(stop)),
        }
        Ok(stop + 1)
    }

    fn key_ended(&mut self, run: &[u8], visit: &mut impl Visit) {
        if self.key_length == 0 {
            visit.key(self.depth, &run[..run.len().min(MAX_KEY)]);
        } else {
            self.keep(run);
            visit.key(self.depth, &self.key[..self.key_length]);
        }
        self.state = State::Colon;
    }

    /// Adds to the key that is not whole yet.
    fn keep(&mut self, run: &[u8]) {
        let room = &mut self.key[self.key_length..];
        let length = run.len().min(room.len());
        room[..length].copy_from_slice(&run[..length]);
        self.key_length += length;
    }

    fn escape(&mut self, bytes: &[u8], at: usize, visit: &mut impl Visit) -> Result<usize, JsonFault> {
        let c = match bytes[at] {
            b'u' => {
                self.state = State::Hex { left: 4, code: 0 };
                return Ok(at + 1);
            }
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return Err(self.fault(at)),
        };
        if self.high != 0 {
            self.half(at, visit)?;
        }
        self.character(c, visit);
        Ok(at + 1)
    }

    fn hex(
        &mut self,
        bytes: &[u8],
        from: usize,
        (mut left, mut code): (u8, u16),
        visit: &mut impl Visit,
    ) -> Result<usize, JsonFault> {
        let mut at = from;
        while left > 0 {
            let Some(&byte) = bytes.get(at) else {
                self.state = State::Hex { left, code };
                return Ok(at);
            };
            let digit = char::from(byte).to_digit(16).ok_or_else(|| self.fault(at))?;
            code = code << 4 | digit as u16;
            left -= 1;
            at += 1;
        }
        self.unit(code, at, visit)?;
        Ok(at)
    }

    /// An escaped code unit of UTF-16.
    fn unit(&mut self, code: u16, at: usize, visit: &mut impl Visit) -> Result<(), JsonFault> {
        let high = std::mem::take(&mut self.high);
        self.state = State::Text;
        if high != 0 {
            if let Some(Ok(c)) = char::decode_utf16([high, code]).next() {
                self.character(c, visit);
                return Ok(());
            }
            self.half(at, visit)?;
        }
        match char::from_u32(u32::from(code)) {
            Some(c) => self.character(c, visit),
            None if code < 0xDC00 => self.high = code,
            None => self.half(at, visit)?,
        }
        Ok(())
    }

    fn character(&mut self, c: char, visit: &mut impl Visit) {
        self.state = State::Text;
        if self.in_key {
            self.keep(c.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            visit.escaped(c);
        }
    }

    /// Half a surrogate pair: parsers differ on what it is, so a key must not have one.
    fn half(&mut self, at: usize, visit: &mut impl Visit) -> Result<(), JsonFault> {
        self.high = 0;
        if self.in_key {
            return Err(self.fault(at));
        }
        visit.escaped(char::REPLACEMENT_CHARACTER);
        Ok(())
    }

    fn number(
        &mut self,
        bytes: &[u8],
        from: usize,
        mut digits: Digits,
        visit: &mut impl Visit,
    ) -> Result<usize, JsonFault> {
        let mut at = from;
        loop {
            if matches!(digits, Digits::Whole | Digits::Fraction | Digits::Power) {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            }
            let Some(&byte) = bytes.get(at) else {
                self.state = State::Number(digits);
                return Ok(at);
            };
            match digits.after(byte) {
                Some(next) => digits = next,
                None if digits.may_end() => {
                    self.value_ended(Kind::Number, self.offset + at as u64, visit);
                    return Ok(at);
                }
                None => return Err(self.fault(at)),
            }
            at += 1;
        }
    }

    fn literal(&mut self, bytes: &[u8], from: usize, visit: &mut impl Visit) -> Result<usize, JsonFault> {
        let mut at = from;
        while let Some((&expected, more)) = self.literal.split_first() {
            match bytes.get(at) {
                None => return Ok(at),
                Some(&byte) if byte == expected => at += 1,
                Some(_) => return Err(self.fault(at)),
            }
            self.literal = more;
        }
        self.value_ended(Kind::Literal, self.offset + at as u64, visit);
        Ok(at)
    }
}

/// How many bytes come before the first quote, backslash or control character; eight are looked at together.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = ONES << 7;
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // A byte's high bit is set where it is zero (below 0x20); a borrow can only set more of them above it.
        let zero = |v: u64| v.wrapping_sub(ONES) & !v & HIGHS;
        let low = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | low;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    words.len() * 8 + tail.iter().position(special).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests;
