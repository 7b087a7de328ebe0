//! Server-sent events, framed as the WHATWG's standard says, while the bytes pass.

pub(crate) mod filter;
mod parts;

pub(crate) use parts::{Part, SseParts};

/// Bytes of the data of an event; a longer one is skipped and counted.
pub(crate) const MAX_EVENT: usize = 1024 * 1024;

/// An event that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// The event's name; empty where it has none.
    pub(crate) name: &'a [u8],
    /// The lines of its data, joined by line feeds.
    pub(crate) data: &'a [u8],
}

/// Gathers events out of a stream: at most [`MAX_EVENT`] bytes are held.
#[derive(Debug, Default)]
pub(crate) struct SseReader {
    parts: SseParts,
    data: Vec<u8>,
    too_long: bool,
    skipped: u64,
}

impl SseReader {
    /// Takes a piece and tells the events that end in it. An event at the end of the stream that no blank line ends
    /// is none, by the standard.
    pub(crate) fn push(&mut self, piece: &[u8], mut on_event: impl FnMut(Event<'_>)) {
        let (data, too_long, skipped) = (&mut self.data, &mut self.too_long, &mut self.skipped);
        let mut rest = piece;
        while !rest.is_empty() {
            let step = self.parts.step(rest, &mut |part| match part {
                Part::Data(bytes) if data.len() + bytes.len() > MAX_EVENT => *too_long = true,
                Part::Data(bytes) => data.extend_from_slice(bytes),
                Part::End { name } => {
                    if *too_long {
                        *skipped += 1;
                    } else {
                        on_event(Event { name, data });
                    }
                    data.clear();
                    *too_long = false;
                }
            });
            rest = &rest[step.used..];
        }
    }

    /// Events that were longer than [`MAX_EVENT`].
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
        let (mut reader, mut out) = (SseReader::default(), Vec::new());
        for piece in pieces {
            reader.push(piece, |event| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                out.push((text(event.name), text(event.data)));
            });
        }
        out
    }

    #[test]
    fn events_are_framed_as_the_standard_says() {
        for (stream, expected) in [
            ("data: a\n\n", vec![("", "a")]),
            ("data:a\r\n\r\ndata:  b\r\rdata: c\n\r\n", vec![("", "a"), ("", " b"), ("", "c")]),
            ("data: a\ndata\ndata: c\n\n", vec![("", "a\n\nc")]),
            ("\u{feff}data: a\n\n", vec![("", "a")]),
            ("\u{feff}\u{feff}data: a\n\ndata: b\n\n", vec![("", "b")]),
            (": note\nevent: ping\nid: 1\nretry: 2\nother: x\ndata: {}\n\n", vec![("ping", "{}")]),
            ("event: none\n\ndata: a\n\n", vec![("", "a")]),
            ("event: a\nevent: b\ndata:\n\n", vec![("b", "")]),
            ("data: a\nevent: late\n\n\n\n\n", vec![("late", "a")]),
            ("Data: a\ndata : b\ndatax: c\ndat: d\n\n", vec![]),
            ("data: a\r\n\ndata: unfinished\n", vec![("", "a")]),
            ("data: a:b: c\n\n", vec![("", "a:b: c")]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(n, d)| ((*n).to_owned(), (*d).to_owned())).collect();
            assert_eq!(events([stream.as_bytes()]), expected, "{stream:?}");
            assert_eq!(events(stream.as_bytes().chunks(1)), expected, "{stream:?} by bytes");
        }
    }

    #[test]
    fn an_event_is_bounded() {
        let mut reader = SseReader::default();
        let mut heard = Vec::new();
        let mut hear = |reader: &mut SseReader, piece: &[u8]| {
            reader.push(piece, |event| heard.push(event.data.len()));
        };
        hear(&mut reader, b"data: ");
        for _ in 0..=1024 {
            hear(&mut reader, &[b'x'; 1024]);
        }
        hear(&mut reader, b"\n\ndata: short\n\n");
        let line = [b"data:".as_slice(), &vec![b'y'; MAX_EVENT], b"\n\n"].concat();
        hear(&mut reader, &line);
        assert_eq!(heard, [5, MAX_EVENT]);
        assert_eq!(reader.skipped(), 1);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            tokens in prop::collection::vec(prop::sample::select(vec![
                "data: ", "data", ":", " ", "\n", "\r", "\r\n", "\n\n", "event: ", "x", "{}", "\u{feff}", "id:",
            ]), 0..30),
            at: prop::sample::Index,
        ) {
            let stream = tokens.concat().into_bytes();
            let (left, right) = stream.split_at(at.index(stream.len() + 1));
            let whole = events([&stream[..]]);
            prop_assert_eq!(&whole, &events([left, right]));
            prop_assert_eq!(&whole, &events(stream.chunks(1)));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            events([&bytes[..]]);
        }
    }
}
