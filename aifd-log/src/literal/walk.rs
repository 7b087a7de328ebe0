//! The walk over a value: one grammar for both notations, without recursion.

use super::{Dialect, Fault, FaultKind, MAX_DEPTH, escape::Quoted, number};

/// What becomes of the parts of a value.
pub(super) trait Sink {
    /// A container begins; `empty` says that nothing is in it.
    fn open(&mut self, container: Container, empty: bool);
    fn close(&mut self, container: Container, items: usize);
    /// Before every item but the first.
    fn comma(&mut self);
    /// A text; gives back where it ends, past its closing quote.
    fn text(&mut self, quoted: Quoted<'_>, place: Place) -> Result<usize, Fault>;
    fn number(&mut self, digits: &[u8], kind: number::Form, place: Place);
    fn word(&mut self, word: Word, place: Place);
    /// A key that is a container.
    fn key(&mut self, literal: &[u8]);
    fn colon(&mut self);
}

/// Whether a value is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Key,
    Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    List,
    Tuple,
    /// `set()`, which has no braces.
    EmptySet,
    Set,
    /// `frozenset()`
    EmptyFrozenSet,
    /// The braces within `frozenset(…)`.
    FrozenSet,
    Dict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    None,
    True,
    False,
    Infinity,
    NegativeInfinity,
    NotANumber,
}

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) dialect: Dialect,
}

/// Walks over a whole text.
pub(super) fn whole(text: &[u8], dialect: Dialect, sink: &mut impl Sink) -> Result<(), Fault> {
    check_utf8(text)?;
    let mut cursor = Cursor { text, at: 0, dialect };
    cursor.value(sink)?;
    cursor.end()
}

/// Both notations are UTF-8.
pub(super) fn check_utf8(text: &[u8]) -> Result<(), Fault> {
    match simdutf8::basic::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(_) => {
            let at = std::str::from_utf8(text).err().map_or(0, |error| error.valid_up_to());
            Err(Fault { at, what: FaultKind::NotUtf8 })
        }
    }
}

/// What comes next in a container.
struct Level {
    container: Container,
    items: usize,
    /// What is in it must be hashable: no lists, dicts or sets.
    hashable: bool,
}

impl<'t> Cursor<'t> {
    #[cold]
    pub(super) fn fault<T>(&self, what: FaultKind) -> Result<T, Fault> {
        let what = if self.at >= self.text.len() && what == FaultKind::Unexpected {
            FaultKind::EndsEarly
        } else {
            what
        };
        Err(Fault { at: self.at.min(self.text.len()), what })
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes a byte and the one space behind it, if they are next and no more space is.
    #[inline]
    pub(super) fn take_written(&mut self, byte: u8) -> bool {
        let written = matches!(self.text.get(self.at..), Some([next, b' ', after, ..]) if *next == byte && *after > b' ');
        self.at += if written { 2 } else { 0 };
        written
    }

    /// Takes a colon and the space around it.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Fault> {
        if self.take_written(b':') {
            return Ok(());
        }
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        Ok(())
    }

    /// Takes a byte, if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { self.fault(FaultKind::Unexpected) }
    }

    /// Nothing may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { self.fault(FaultKind::Trailing) }
    }

    /// Walks over one value.
    #[inline]
    pub(super) fn value(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        self.skip_space();
        match self.peek() {
            Some(b'[' | b'{' | b'(' | b's' | b'f') => self.containers(false, sink),
            _ => self.scalar(sink, Place::Value),
        }
    }

    /// Walks over one value that a set could hold, or a dict as a key.
    pub(super) fn hashable(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        self.containers(true, sink)
    }

    /// Walks over one value that may be a container.
    fn containers(&mut self, hashable: bool, sink: &mut impl Sink) -> Result<(), Fault> {
        let mut levels: Vec<Level> = Vec::new();
        loop {
            self.skip_space();
            let hashable = levels.last().map_or(hashable, |level| level.hashable);
            match self.opens(hashable)? {
                None => self.scalar(sink, Place::Value)?,
                Some(_) if levels.len() == MAX_DEPTH => return self.fault(FaultKind::TooDeep),
                Some(container) => {
                    self.skip_space();
                    let empty = self.peek() == Some(closing(container));
                    sink.open(container, empty);
                    if empty {
                        self.close(container, 0, sink)?;
                    } else {
                        let hashable = hashable || matches!(container, Container::Set | Container::FrozenSet);
                        levels.push(Level { container, items: 0, hashable });
                        self.begin_item(&levels, sink)?;
                        continue;
                    }
                }
            }
            if self.close_all(&mut levels, sink)? {
                return Ok(());
            }
        }
    }

    /// Behind a value: closes what ends here; whether all has ended, else the next item begins.
    fn close_all(&mut self, levels: &mut Vec<Level>, sink: &mut impl Sink) -> Result<bool, Fault> {
        loop {
            let Some(level) = levels.last_mut() else { return Ok(true) };
            level.items += 1;
            let (container, items) = (level.container, level.items);
            let one_tuple = container == Container::Tuple && items == 1;
            let comma = self.take_written(b',') || {
                self.skip_space();
                self.take(b',')
            };
            if comma {
                self.skip_space();
                // The comma that makes one item a tuple.
                if !(one_tuple && self.peek() == Some(b')')) {
                    sink.comma();
                    self.begin_item(levels, sink)?;
                    return Ok(false);
                }
            } else if one_tuple {
                return self.fault(FaultKind::Unexpected);
            }
            self.close(container, items, sink)?;
            levels.pop();
        }
    }

    fn close(&mut self, container: Container, items: usize, sink: &mut impl Sink) -> Result<(), Fault> {
        self.expect(closing(container))?;
        sink.close(container, items);
        if container == Container::FrozenSet {
            self.skip_space();
            self.expect(b')')?;
        }
        Ok(())
    }

    /// The key of a dict's item, and its colon.
    fn begin_item(&mut self, levels: &[Level], sink: &mut impl Sink) -> Result<(), Fault> {
        if levels.last().is_none_or(|level| level.container != Container::Dict) {
            return Ok(());
        }
        self.skip_space();
        if self.dialect == Dialect::Json && self.peek() != Some(b'"') {
            return self.fault(FaultKind::Unexpected);
        }
        match self.peek() {
            Some(b'(' | b'f') if self.dialect == Dialect::Python => {
                let from = self.at;
                self.hashable(&mut super::scan::Skip)?;
                sink.key(&self.text[from..self.at]);
            }
            _ => self.scalar(sink, Place::Key)?,
        }
        self.colon()?;
        sink.colon();
        Ok(())
    }

    /// Takes the beginning of a container, if one is next that may be there.
    fn opens(&mut self, hashable: bool) -> Result<Option<Container>, Fault> {
        let python = self.dialect == Dialect::Python;
        let container = match self.peek() {
            Some(b'[' | b'{' | b's') if hashable => return Ok(None),
            Some(b'[') => Container::List,
            Some(b'{') if !python || self.is_dict()? => Container::Dict,
            Some(b'{') => Container::Set,
            Some(b'(') if python => Container::Tuple,
            Some(b's') if python && self.text[self.at..].starts_with(b"set()") => {
                self.at += 3;
                Container::EmptySet
            }
            Some(b'f') if python && self.text[self.at..].starts_with(b"frozenset()") => {
                self.at += 9;
                Container::EmptyFrozenSet
            }
            Some(b'f') if python && self.text[self.at..].starts_with(b"frozenset({") => {
                self.at += 10;
                Container::FrozenSet
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(container))
    }

    /// Whether a brace begins a dict: it is empty, or a colon follows its first item.
    fn is_dict(&self) -> Result<bool, Fault> {
        let mut ahead = Cursor { at: self.at + 1, ..*self };
        ahead.skip_space();
        if ahead.peek() == Some(b'}') {
            return Ok(true);
        }
        // Nothing that is hashable holds such a brace, so that this looks at no byte twice and calls itself not once.
        ahead.hashable(&mut super::scan::Skip)?;
        ahead.skip_space();
        Ok(ahead.peek() == Some(b':'))
    }

    /// A text, a number or a word.
    pub(super) fn scalar(&mut self, sink: &mut impl Sink, place: Place) -> Result<(), Fault> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote, false, sink, place),
            Some(b'b') if self.dialect == Dialect::Python => match self.text.get(self.at + 1) {
                Some(quote @ (b'"' | b'\'')) => {
                    self.at += 1;
                    self.quoted(*quote, true, sink, place)
                }
                _ => self.fault(FaultKind::Unexpected),
            },
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with(b"-inf") => {
                let (length, form) = match number::read(&self.text[self.at..]) {
                    Some(read) => read,
                    None => return self.fault(FaultKind::Number),
                };
                sink.number(&self.text[self.at..self.at + length], form, place);
                self.at += length;
                self.after_word()
            }
            _ => self.named(sink, place),
        }
    }

    #[inline]
    fn quoted(&mut self, quote: u8, bytes: bool, sink: &mut impl Sink, place: Place) -> Result<(), Fault> {
        if self.dialect == Dialect::Json && quote != b'"' {
            return self.fault(FaultKind::Unexpected);
        }
        let quoted = Quoted { text: self.text, from: self.at + 1, quote, bytes, dialect: self.dialect };
        self.at = sink.text(quoted, place)?;
        // Neither three quotes nor two texts side by side.
        match self.peek() {
            Some(b'"' | b'\'') => self.fault(FaultKind::Unexpected),
            _ => Ok(()),
        }
    }

    fn named(&mut self, sink: &mut impl Sink, place: Place) -> Result<(), Fault> {
        let rest = &self.text[self.at.min(self.text.len())..];
        let (length, word) = match (self.dialect, rest) {
            (Dialect::Python, [b'N', b'o', b'n', b'e', ..]) => (4, Word::None),
            (Dialect::Python, [b'T', b'r', b'u', b'e', ..]) => (4, Word::True),
            (Dialect::Python, [b'F', b'a', b'l', b's', b'e', ..]) => (5, Word::False),
            (Dialect::Python, [b'i', b'n', b'f', ..]) => (3, Word::Infinity),
            (Dialect::Python, [b'-', b'i', b'n', b'f', ..]) => (4, Word::NegativeInfinity),
            (Dialect::Python, [b'n', b'a', b'n', ..]) => (3, Word::NotANumber),
            (Dialect::Json, [b'n', b'u', b'l', b'l', ..]) => (4, Word::None),
            (Dialect::Json, [b't', b'r', b'u', b'e', ..]) => (4, Word::True),
            (Dialect::Json, [b'f', b'a', b'l', b's', b'e', ..]) => (5, Word::False),
            _ => return self.fault(FaultKind::Unexpected),
        };
        sink.word(word, place);
        self.at += length;
        self.after_word()
    }

    /// A word or a number must end where it ends.
    fn after_word(&self) -> Result<(), Fault> {
        match self.peek() {
            Some(b)
                if b.is_ascii_alphanumeric()
                    || b >= 128
                    || matches!(b, b'_' | b'.' | b'"' | b'\'' | b'(') =>
            {
                self.fault(FaultKind::Unexpected)
            }
            _ => Ok(()),
        }
    }
}

fn closing(container: Container) -> u8 {
    match container {
        Container::List => b']',
        Container::Tuple | Container::EmptySet | Container::EmptyFrozenSet => b')',
        Container::Set | Container::FrozenSet | Container::Dict => b'}',
    }
}
