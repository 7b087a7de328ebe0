//! Follows a JSON text piece by piece, as strictly as RFC 8259 asks, and tells what it meets.

use super::JsonFault;

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
    Literal(&'static [u8]),
}

/// Where a number has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    Minus,
    Zero,
    Whole,
    Dot,
    Fraction,
    Exponent,
    Sign,
    Power,
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
                State::Literal(rest) => self.literal(bytes, at, rest, visit)?,
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
            b't' => (Kind::Literal, State::Literal(b"rue")),
            b'f' => (Kind::Literal, State::Literal(b"alse")),
            b'n' => (Kind::Literal, State::Literal(b"ull")),
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
        for (more, &byte) in bytes[from..].iter().enumerate() {
            match digits.after(byte) {
                Some(next) => digits = next,
                None if digits.may_end() => {
                    self.value_ended(Kind::Number, self.offset + (from + more) as u64, visit);
                    return Ok(from + more);
                }
                None => return Err(self.fault(from + more)),
            }
        }
        self.state = State::Number(digits);
        Ok(bytes.len())
    }

    fn literal(
        &mut self,
        bytes: &[u8],
        from: usize,
        mut rest: &'static [u8],
        visit: &mut impl Visit,
    ) -> Result<usize, JsonFault> {
        let mut at = from;
        while let Some((&expected, more)) = rest.split_first() {
            match bytes.get(at) {
                None => {
                    self.state = State::Literal(rest);
                    return Ok(at);
                }
                Some(&byte) if byte == expected => at += 1,
                Some(_) => return Err(self.fault(at)),
            }
            rest = more;
        }
        self.value_ended(Kind::Literal, self.offset + at as u64, visit);
        Ok(at)
    }
}

impl Digits {
    fn after(self, byte: u8) -> Option<Digits> {
        use Digits::{Dot, Exponent, Fraction, Minus, Power, Sign, Whole, Zero};
        Some(match (self, byte) {
            (Whole, b'0'..=b'9') => Whole,
            (Fraction | Dot, b'0'..=b'9') => Fraction,
            (Minus, b'0') => Zero,
            (Minus, b'1'..=b'9') => Whole,
            (Zero | Whole, b'.') => Dot,
            (Zero | Whole | Fraction, b'e' | b'E') => Exponent,
            (Exponent, b'+' | b'-') => Sign,
            (Exponent | Sign | Power, b'0'..=b'9') => Power,
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        matches!(self, Digits::Zero | Digits::Whole | Digits::Fraction | Digits::Power)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything told, runs of a string as one.
    #[derive(Debug, Default, PartialEq)]
    struct Heard(Vec<String>, String);

    impl Heard {
        fn tell(&mut self, what: String) {
            let text = std::mem::take(&mut self.1);
            if !text.is_empty() {
                self.0.push(format!("text {text}"));
            }
            self.0.push(what);
        }
    }

    impl Visit for Heard {
        fn key(&mut self, depth: u32, key: &[u8]) {
            self.tell(format!("key {depth} {}", String::from_utf8_lossy(key)));
        }
        fn begin(&mut self, kind: Kind, depth: u32, at: u64) {
            self.tell(format!("begin {kind:?} {depth} {at}"));
        }
        fn end(&mut self, kind: Kind, depth: u32, at: u64) {
            self.tell(format!("end {kind:?} {depth} {at}"));
        }
        fn text(&mut self, run: &[u8]) {
            self.1.push_str(std::str::from_utf8(run).unwrap());
        }
        fn escaped(&mut self, c: char) {
            self.1.push(c);
        }
    }

    fn scan(pieces: &[&str]) -> (Result<(), JsonFault>, Heard) {
        let (mut scanner, mut heard) = (Scanner::default(), Heard::default());
        let result = pieces.iter().try_for_each(|piece| scanner.push(piece, &mut heard));
        (result.and_then(|()| scanner.finish(&mut heard)), heard)
    }

    fn accepts(text: &str) -> bool {
        scan(&[text]).0.is_ok()
    }

    #[test]
    fn tells_keys_values_and_text() {
        let (result, heard) = scan(&[r#" {"a": [1, "x\ny"], "\u0062":null}"#]);
        assert_eq!(result, Ok(()));
        let expected = "begin Object 0 1|key 1 a|begin Array 1 7|begin Number 2 8|end Number 2 9|begin String 2 11\
                        |text x\ny|end String 2 17|end Array 1 18|key 1 b|begin Literal 1 29|end Literal 1 33\
                        |end Object 0 34";
        assert_eq!(heard.0.join("|"), expected);
    }

    #[test]
    fn accepts_what_rfc_8259_allows() {
        for text in [
            "{}", " [ ] ", "0", "-0", "-1.5e+10", "1E5", "true", "\"\"", "[1,2]", r#""\ud83d\ude00\/""#,
            "[\"\u{7f}\u{2028}\"]", r#""\ud800""#, r#"{"":0,"":0}"#, "\t\r\n null",
        ] {
            assert!(accepts(text), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_does_not() {
        for text in [
            "", " ", "{", "[1,]", "{\"a\":1,}", "[,]", "{\"a\"}", "{\"a\" 1}", "{a:1}", "{'a':1}", "01", "-", "+1", "1.",
            ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "nul", "nulll", "True", "1 2", "{}{}", "[1}", "{\"a\":1]", "]",
            "\"\t\"", "\"\n\"", "\"\0\"", r#""\x""#, r#""\u12""#, r#""\u12g4""#, "\"abc", "\u{feff}{}", "[1]//c", "[1/**/]",
            "{\"a\":1 \"b\":2}", "{\"a\":,}", "\u{a0}1", "\u{c}1", r#"{"\ud800":1}"#, r#"{"\udc00a":1}"#, r#"{"\ud800\n":1}"#,
            r#"{"\ud800\u0061":1}"#,
        ] {
            assert!(!accepts(text), "{text}");
        }
    }

    #[test]
    fn the_offset_is_of_the_first_byte_that_cannot_be() {
        for (text, offset) in [("", 0), ("[1,]", 3), ("{\"a\":1} x", 8), ("[1", 2), ("01", 1), ("\"a\u{1}\"", 2)] {
            assert_eq!(scan(&[text]).0, Err(JsonFault::Syntax { offset }), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(accepts(&nested(MAX_DEPTH as usize)));
        assert_eq!(scan(&[&nested(MAX_DEPTH as usize + 1)]).0, Err(JsonFault::TooDeep));
        let mixed = "[{\"a\":".repeat(64) + "1" + &"}]".repeat(64);
        assert!(accepts(&mixed));
    }

    #[test]
    fn a_long_key_is_cut() {
        let long = "k".repeat(1000);
        let whole = format!("{{\"{long}\":1}}");
        let (left, right) = whole.split_at(10);
        let expected = format!("key 1 {}", &long[..MAX_KEY]);
        assert_eq!(scan(&[&whole]).1.0[1], expected);
        assert_eq!(scan(&[left, right]).1.0[1], expected);
    }

    #[test]
    fn runs_stop_at_each_special_byte_wherever_it_lies() {
        for special in (0..=255_u8).filter(|b| matches!(b, b'"' | b'\\' | ..0x20)) {
            for place in 0..20 {
                let mut bytes = vec![0xc3; 20];
                bytes[place] = special;
                assert_eq!(plain_run(&bytes), place);
            }
        }
        for plain in (0x20..=255_u8).filter(|b| !matches!(b, b'"' | b'\\')) {
            assert_eq!(plain_run(&[plain; 19]), 19);
        }
    }

    /// Text made of what JSON is made of.
    fn jsonish() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "\\", "\\u00e4", "\\ud83d", "\\ude00", "ä😀", "1", "-0.5e3", "0",
            "true", "null", " ", "\n", "x", "\u{1}", "abcdefghijkl",
        ]);
        prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_text_is_cut(text in jsonish(), at: prop::sample::Index) {
            let whole = scan(&[&text]);
            let mut cut = at.index(text.len() + 1);
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let (left, right) = text.split_at(cut);
            let parts = scan(&[left, right]);
            prop_assert_eq!(whole.0, parts.0);
            if whole.0.is_ok() {
                prop_assert_eq!(whole.1, parts.1);
            }
            let mut buffer = [0; 4];
            let (mut scanner, mut heard) = (Scanner::default(), Heard::default());
            let result = text.chars().try_for_each(|c| scanner.push(c.encode_utf8(&mut buffer), &mut heard));
            prop_assert_eq!(result.and_then(|()| scanner.finish(&mut heard)), whole.0);
        }

        #[test]
        fn what_serde_writes_is_accepted(value in any_json(), pretty: bool) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert!(accepts(&text), "{}", text);
        }

        #[test]
        fn what_is_accepted_serde_reads_too(text in jsonish()) {
            let ours = accepts(&text);
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            // Raw values of serde_json are not looked into as strictly: their strings may hold anything escaped.
            prop_assert!(!ours || theirs, "{}", text);
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                prop_assert!(ours, "{}", text);
            }
        }
    }
}
