//! The shape that the events of a stream share, so that the next one need not be parsed to find its piece of text.
//!
//! Most events of a chat stream differ in one short text and some marks that mean nothing to a log. An event that has
//! the fixed parts of the one before it, byte for byte, says the same with another text.

use memchr::memchr2;

/// Fixed parts of an event, and what stands between them.
#[derive(Debug, Default)]
pub(super) struct Template {
    parts: Vec<Part>,
    pub(super) choice: usize,
    pub(super) field: Field,
}

/// Where the text goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Field {
    #[default]
    Content,
    Reasoning,
}

#[derive(Debug)]
enum Part {
    Fixed(Vec<u8>),
    /// A text, a number or a word that says nothing.
    Mark,
    /// What stands between the quotes of the text.
    Text,
}

/// A place within an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hole {
    Mark { from: usize, to: usize },
    Text { from: usize, to: usize },
}

impl Template {
    /// The shape of an event with these holes, in their order.
    pub(super) fn of(event: &[u8], holes: &[Hole], choice: usize, field: Field) -> Self {
        let mut parts = Vec::with_capacity(2 * holes.len() + 1);
        let mut at = 0;
        for hole in holes {
            let (from, to, part) = match *hole {
                Hole::Mark { from, to } => (from, to, Part::Mark),
                Hole::Text { from, to } => (from, to, Part::Text),
            };
            parts.push(Part::Fixed(event[at..from].to_vec()));
            parts.push(part);
            at = to;
        }
        parts.push(Part::Fixed(event[at..].to_vec()));
        Template { parts, choice, field }
    }

    /// The text of an event of this shape, its escapes as they are.
    pub(super) fn text<'e>(&self, event: &'e [u8]) -> Option<&'e [u8]> {
        let (mut rest, mut text) = (event, None);
        for part in &self.parts {
            match part {
                Part::Fixed(fixed) => rest = rest.strip_prefix(&fixed[..])?,
                Part::Mark => rest = &rest[mark(rest)?..],
                Part::Text => {
                    let length = text_end(rest)?;
                    text = Some(&rest[..length]);
                    rest = &rest[length..];
                }
            }
        }
        text.filter(|text| rest.is_empty() && is_sound(text))
    }
}

/// Bytes of a text without escapes, quotes included, or of a number or word.
fn mark(rest: &[u8]) -> Option<usize> {
    if rest.first() == Some(&b'"') {
        let end = 1 + memchr2(b'"', b'\\', &rest[1..])?;
        return (rest[end] == b'"').then_some(end + 1);
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let length = rest.iter().take_while(|byte| plain(byte)).count();
    (length > 0).then_some(length)
}

/// Whether a text is one of JSON, as the parts that were compared are; what is not is left to the parser to judge.
fn is_sound(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let sound = match byte {
            b'\\' => match bytes.next() {
                Some(b'u') => bytes.by_ref().take(4).filter(u8::is_ascii_hexdigit).count() == 4,
                Some(escape) => br#""\/bfnrt"#.contains(&escape),
                None => false,
            },
            byte => byte >= b' ',
        };
        if !sound {
            return false;
        }
    }
    true
}

/// Where a text ends whose opening quote was taken.
fn text_end(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', &rest[at..])?;
        if rest[at] == b'"' {
            return Some(at);
        }
        at += 2;
        if at > rest.len() {
            return None;
        }
    }
}
