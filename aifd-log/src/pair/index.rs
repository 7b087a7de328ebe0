//! Where the lines of exchanges stand: 24 bytes for each.

use crate::literal::Dialect;

/// Slots that are allocated at once, so that nothing is copied as the index grows.
const CHUNK: usize = 1 << 15;

/// A line: where it stands in all texts put behind each other, and its bytes without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) dialect: Dialect,
}

impl Span {
    pub(super) fn end(self) -> u64 {
        self.at + u64::from(self.bytes)
    }
}

/// Marks in the upper bits of a place.
const JSON: u64 = 1 << 63;
const OTHER: u64 = 1 << 62;
const PLACE: u64 = OTHER - 1;
/// Places where no line is.
const NONE: u64 = PLACE;
const WHOLE: u64 = PLACE - 1;

/// What answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Nothing was found.
    None,
    /// The line tells both.
    Whole,
    Line(Span),
}

/// An exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    request: u64,
    answer: u64,
    request_bytes: u32,
    answer_bytes: u32,
}

impl Slot {
    pub(super) fn new(request: Option<Span>, reply: Reply, other: bool) -> Self {
        let mut slot = Slot { request: NONE, answer: NONE, request_bytes: 0, answer_bytes: 0 };
        if let Some(request) = request {
            slot.set_request(request);
        }
        slot.set_reply(reply);
        slot.request |= if other { OTHER } else { 0 };
        slot
    }

    pub(super) fn set_request(&mut self, span: Span) {
        (self.request, self.request_bytes) = (packed(span), span.bytes);
    }

    pub(super) fn set_reply(&mut self, reply: Reply) {
        (self.answer, self.answer_bytes) = match reply {
            Reply::None => (NONE, 0),
            Reply::Whole => (WHOLE, 0),
            Reply::Line(span) => (packed(span), span.bytes),
        };
    }

    pub(super) fn is_other(self) -> bool {
        self.request & OTHER != 0
    }

    pub(super) fn request(self) -> Option<Span> {
        (self.request & PLACE != NONE).then(|| unpacked(self.request, self.request_bytes))
    }

    pub(super) fn reply(self) -> Reply {
        match self.answer & PLACE {
            NONE => Reply::None,
            WHOLE => Reply::Whole,
            _ => Reply::Line(unpacked(self.answer, self.answer_bytes)),
        }
    }

    /// Both sides, if both are there and wanted.
    pub(super) fn pair(self) -> Option<(Span, Option<Span>)> {
        let request = self.request().filter(|_| !self.is_other())?;
        match self.reply() {
            Reply::None => None,
            Reply::Whole => Some((request, None)),
            Reply::Line(answer) => Some((request, Some(answer))),
        }
    }
}

fn packed(span: Span) -> u64 {
    span.at | if span.dialect == Dialect::Json { JSON } else { 0 }
}

fn unpacked(place: u64, bytes: u32) -> Span {
    let dialect = if place & JSON == 0 { Dialect::Python } else { Dialect::Json };
    Span { at: place & PLACE, bytes, dialect }
}

/// The exchanges in the order of their requests.
#[derive(Debug, Default)]
pub(super) struct Index {
    chunks: Vec<Vec<Slot>>,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    /// Adds a slot, and gives back its number.
    pub(super) fn push(&mut self, slot: Slot) -> usize {
        let number = self.len();
        if number.is_multiple_of(CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(last) = self.chunks.last_mut() {
            last.push(slot);
        }
        number
    }

    pub(super) fn get(&self, number: usize) -> Option<Slot> {
        self.chunks.get(number / CHUNK)?.get(number % CHUNK).copied()
    }

    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut Slot> {
        self.chunks.get_mut(number / CHUNK)?.get_mut(number % CHUNK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_hold_what_they_are_given() {
        assert_eq!(size_of::<Slot>(), 24);
        let span = |at, dialect| Span { at, bytes: u32::MAX, dialect };
        let (request, answer) = (span(1 << 50, Dialect::Json), span(3, Dialect::Python));
        let mut index = Index::default();
        for number in 0..CHUNK + 2 {
            let reply = if number % 2 == 0 { Reply::Line(answer) } else { Reply::None };
            assert_eq!(index.push(Slot::new(Some(request), reply, number % 3 == 0)), number);
        }
        let pair = |number| index.get(number).and_then(Slot::pair);
        assert_eq!((pair(2), pair(3), pair(0)), (Some((request, Some(answer))), None, None));
        assert_eq!(pair(CHUNK), Some((request, Some(answer))));
        assert!(index.get(CHUNK + 2).is_none());
        let whole = Slot::new(Some(request), Reply::Whole, false);
        assert_eq!((whole.pair(), whole.reply()), (Some((request, None)), Reply::Whole));
        assert!(Slot::new(None, Reply::Line(answer), false).request().is_none());
    }
}
