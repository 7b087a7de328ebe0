//! Cuts the bytes of an event stream into its events, so that each can leave apart.

use bytes::{Bytes, BytesMut};

/// Bytes of an event that are held at most; a longer one leaves in pieces.
const MAX_EVENT: usize = 64 * 1024;

/// What is held of an event stream: the start of an event whose end has not come.
#[derive(Debug, Default)]
pub(crate) struct Events {
    held: BytesMut,
    /// Bytes that have come and are not looked at; they follow what is held.
    ahead: Bytes,
    /// What the bytes before those ahead were.
    seen: Seen,
}

/// Where in an event the bytes stand. A line ends with `\n`, `\r` or both, and an event with an empty line.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The event has a line.
    begun: bool,
    /// The line has a byte.
    in_line: bool,
    /// The last byte was `\r`, so a `\n` belongs to it.
    after_cr: bool,
}

impl Events {
    /// Takes bytes as they came; all events of those before must have been taken with [`next`](Events::next).
    pub(crate) fn push(&mut self, bytes: Bytes) {
        if self.ahead.is_empty() {
            self.ahead = bytes;
        } else {
            self.held.extend_from_slice(&self.ahead);
            self.held.extend_from_slice(&bytes);
            self.ahead = std::mem::take(&mut self.held).freeze();
            self.seen = Seen::default();
        }
    }

    /// The next whole event, its end included; with none, what came is held, up to [`MAX_EVENT`].
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        if let Some(length) = self.seen.end(&self.ahead) {
            let end = self.ahead.split_to(length);
            return Some(self.after_held(end));
        }
        let rest = std::mem::take(&mut self.ahead);
        if self.held.len() + rest.len() > MAX_EVENT {
            return Some(self.after_held(rest));
        }
        self.held.extend_from_slice(&rest);
        None
    }

    /// What is held when the stream has ended, if anything.
    pub(crate) fn rest(&mut self) -> Option<Bytes> {
        let rest = std::mem::take(&mut self.ahead);
        let rest = self.after_held(rest);
        self.seen = Seen::default();
        (!rest.is_empty()).then_some(rest)
    }

    fn after_held(&mut self, bytes: Bytes) -> Bytes {
        if self.held.is_empty() {
            return bytes;
        }
        self.held.extend_from_slice(&bytes);
        self.held.split().freeze()
    }
}

impl Seen {
    /// Reads on, to behind the end of an event, if it is there.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(found) = memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
            if found > 0 {
                (self.begun, self.in_line, self.after_cr) = (true, true, false);
            }
            at += found + 1;
            let is_cr = bytes[at - 1] == b'\r';
            let belongs = !is_cr && self.after_cr;
            self.after_cr = is_cr;
            if belongs {
                continue;
            }
            if self.begun && !self.in_line {
                *self = Seen { after_cr: is_cr, ..Seen::default() };
                return Some(at + self.second_half(&bytes[at..]));
            }
            self.in_line = false;
        }
        if at < bytes.len() {
            (self.begun, self.in_line, self.after_cr) = (true, true, false);
        }
        None
    }

    /// Length of the `\n` that the `\r` at the end of an event has beside it, if it is there already.
    fn second_half(&mut self, rest: &[u8]) -> usize {
        let belongs = self.after_cr && rest.first() == Some(&b'\n');
        self.after_cr &= !belongs;
        usize::from(belongs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What leaves, piece by piece, when these come.
    fn cut(pieces: &[&str]) -> Vec<String> {
        let mut events = Events::default();
        let mut cut = Vec::new();
        for piece in pieces {
            events.push(Bytes::copy_from_slice(piece.as_bytes()));
            cut.extend(std::iter::from_fn(|| events.next()));
        }
        cut.extend(events.rest());
        cut.iter().map(|event| String::from_utf8(event.to_vec()).unwrap()).collect()
    }

    #[test]
    fn each_event_leaves_apart() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["data: a\n\ndata: b\n\n"], &["data: a\n\n", "data: b\n\n"]),
            (&["data: a\r\n\r\ndata: b\r\n\r\n"], &["data: a\r\n\r\n", "data: b\r\n\r\n"]),
            (&["data: a\r\rdata: b\r\r"], &["data: a\r\r", "data: b\r\r"]),
            (&["data: a\n\r\ndata: b\r\n\n"], &["data: a\n\r\n", "data: b\r\n\n"]),
            (&["event: x\ndata: a\n\n: ping\n\n"], &["event: x\ndata: a\n\n", ": ping\n\n"]),
            (&["da", "ta: a\n", "\nda", "ta: b\n\nd"], &["data: a\n\n", "data: b\n\n", "d"]),
            (&["data: a\r\n\r", "\ndata: b\r\n\r\n"], &["data: a\r\n\r", "\ndata: b\r\n\r\n"]),
            (&["data: a\r", "\n\r", "\n"], &["data: a\r\n\r", "\n"]),
            (&["\n\ndata: a\n\n\n\ndata: b\n\n"], &["\n\ndata: a\n\n", "\n\ndata: b\n\n"]),
            (&["data: a\ndata: b"], &["data: a\ndata: b"]),
            (&["{\"json\": 1}"], &["{\"json\": 1}"]),
            (&[""], &[]),
        ];
        for (pieces, events) in cases {
            assert_eq!(cut(pieces), *events, "{pieces:?}");
        }
    }

    #[test]
    fn bytes_that_come_before_all_was_taken_are_not_lost() {
        let mut events = Events::default();
        events.push("data: a\n\ndata: ".into());
        events.push("b\n\n".into());
        assert_eq!(events.next(), Some("data: a\n\n".into()));
        assert_eq!(events.next(), Some("data: b\n\n".into()));
        assert_eq!((events.next(), events.rest()), (None, None));
    }

    #[test]
    fn what_is_held_of_an_event_without_end_is_bounded() {
        let mut events = Events::default();
        let line = Bytes::from(vec![b'a'; 1_000]);
        let mut left = 0;
        for _ in 0..1_000 {
            events.push(line.clone());
            left += events.next().map_or(0, |piece| piece.len());
            assert!(events.held.len() <= MAX_EVENT);
        }
        left += events.rest().map_or(0, |piece| piece.len());
        assert_eq!(left, 1_000_000);
    }

    proptest! {
        #[test]
        fn the_bytes_stay_the_same_and_the_cuts_do_not_depend_on_how_they_came(
            text in "[ab\n]{0,60}",
            cuts in prop::collection::vec(0..60_usize, 0..6),
        ) {
            let mut at: Vec<_> = cuts.iter().map(|cut| cut % (text.len() + 1)).chain([0, text.len()]).collect();
            at.sort_unstable();
            let pieces: Vec<_> = at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(cut(&pieces).concat(), text.clone());
            prop_assert_eq!(cut(&pieces), cut(&[&text]));
            let crlf = text.replace('\n', "\r\n");
            let as_lf: Vec<_> = cut(&[&crlf]).iter().map(|event| event.replace("\r\n", "\n")).collect();
            prop_assert_eq!(as_lf, cut(&[&text]));
        }
    }
}
