//! Leaves the usage chunk, which the caller did not ask for, out of a stream for which the gateway asked it.

use super::{Part, SseParts};
use crate::json::{Fields, Paths, Raw, Take};
use bytes::{Bytes, BytesMut};

/// Bytes of an event that has not ended that are held back; a longer one passes from there on as it comes. Usage
/// chunks have a few hundred.
pub(crate) const MAX_HELD: usize = 16 * 1024;

/// Passes a stream of events through as it is, but for OpenAI's extra usage chunk: one without choices and with usage.
///
/// The `"usage":null` that asking for usage adds to every other chunk stays: it is in the documented shape of a chunk,
/// and taking it out would mean to rewrite each. Nothing is copied but an event that comes in several pieces. An event
/// that the stream's end cuts off passes.
#[derive(Debug, Default)]
pub(crate) struct UsageFilter {
    parts: SseParts,
    chunk: Chunk,
    held: BytesMut,
    /// The event under way is too long to be held: its beginning has passed.
    passing: bool,
    /// The event before was left out, so the rest of its line end is too.
    left_out: bool,
}

impl UsageFilter {
    /// Takes a piece; gives back what passes now.
    pub(crate) fn push(&mut self, piece: Bytes) -> Option<Bytes> {
        let mut out = Out::default();
        // A line feed may still belong to the event before, and shares its fate.
        let between = self.held.is_empty() && !self.passing;
        let line_feed = between && self.parts.after_cr() && piece.first() == Some(&b'\n');
        // Where the event under way began, and where the bytes begin that pass with this piece.
        let mut begin = usize::from(line_feed);
        let mut from = usize::from(line_feed && self.left_out);
        let mut at = 0;
        while at < piece.len() {
            let chunk = &mut self.chunk;
            let step = self.parts.step(&piece[at..], &mut |part| chunk.part(part));
            at += step.used;
            if !step.ended {
                break;
            }
            self.left_out = self.chunk.end() && !self.passing;
            if self.left_out {
                out.push(piece.slice(from..begin));
                self.held.clear();
                from = at;
            } else if !self.held.is_empty() {
                out.push(self.held.split().freeze());
            }
            self.passing = false;
            begin = at;
        }
        let open = piece.len() - begin;
        self.passing |= self.held.len() + open > MAX_HELD;
        if self.passing {
            if !self.held.is_empty() {
                out.push(self.held.split().freeze());
            }
            out.push(piece.slice(from..));
        } else {
            out.push(piece.slice(from..begin));
            self.held.extend_from_slice(&piece[begin..]);
        }
        out.take()
    }

    /// Ends the stream; gives back what was held.
    pub(crate) fn finish(&mut self) -> Option<Bytes> {
        (!self.held.is_empty()).then(|| self.held.split().freeze())
    }
}

/// What passes of one piece, in order.
#[derive(Debug, Default)]
struct Out {
    first: Bytes,
    more: BytesMut,
}

impl Out {
    fn push(&mut self, bytes: Bytes) {
        if self.first.is_empty() {
            self.first = bytes;
        } else if !bytes.is_empty() {
            if self.more.is_empty() {
                self.more.extend_from_slice(&self.first);
            }
            self.more.extend_from_slice(&bytes);
        }
    }

    fn take(self) -> Option<Bytes> {
        let all = if self.more.is_empty() { self.first } else { self.more.freeze() };
        (!all.is_empty()).then_some(all)
    }
}

/// Whether the event under way is a usage chunk.
#[derive(Debug)]
struct Chunk {
    fields: Fields,
    seen: Seen,
    broken: bool,
    whole: bool,
}

#[derive(Debug, Default)]
struct Seen {
    no_choices: bool,
    usage: bool,
    other_object: bool,
}

static PATHS: Paths = Paths::new(&[&["choices"], &["usage"], &["object"]]);

impl Default for Chunk {
    fn default() -> Self {
        Chunk { fields: Fields::new(&PATHS), seen: Seen::default(), broken: false, whole: false }
    }
}

impl Chunk {
    fn part(&mut self, part: Part<'_>) {
        match part {
            Part::Data(bytes) if !self.broken => {
                self.broken = self.fields.push(bytes, &mut self.seen).is_err();
            }
            Part::Data(_) => {}
            Part::End { .. } => self.whole = !self.broken && self.fields.finish(&mut self.seen).is_ok(),
        }
    }

    /// Ends the event: whether it was one.
    fn end(&mut self) -> bool {
        let seen = std::mem::take(&mut self.seen);
        self.fields.restart();
        self.broken = false;
        std::mem::take(&mut self.whole) && seen.no_choices && seen.usage && !seen.other_object
    }
}

impl Take for Seen {
    fn field(&mut self, index: usize, raw: Raw<'_>) {
        let Raw::Whole(raw) = raw else { return };
        match index {
            0 => {
                let inner = raw.strip_prefix(b"[").and_then(|raw| raw.strip_suffix(b"]"));
                self.no_choices = inner.is_some_and(|inner| inner.trim_ascii().is_empty());
            }
            1 => self.usage = raw.starts_with(b"{"),
            _ => self.other_object = !matches!(raw, b"\"chat.completion.chunk\"" | b"\"text_completion\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const USAGE: &str = "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":1}}";

    fn through<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let (mut filter, mut out) = (UsageFilter::default(), Vec::new());
        for piece in pieces {
            out.extend(filter.push(Bytes::copy_from_slice(piece)).unwrap_or_default());
        }
        out.extend(filter.finish().unwrap_or_default());
        out
    }

    #[test]
    fn the_usage_chunk_is_left_out_and_nothing_else() {
        for end in ["\n\n", "\r\n\r\n", "\r\r"] {
            let chunk = format!("data: {{\"choices\":[{{\"delta\":{{}}}}],\"usage\":null}}{end}");
            let done = format!("data: [DONE]{end}");
            let usage = format!("{USAGE}{end}");
            let stream = format!(": hi{end}{chunk}{usage}{chunk}{usage}{usage}{done}");
            let expected = format!(": hi{end}{chunk}{chunk}{done}");
            for size in [1, 2, 7, 50, stream.len()] {
                let passed = through(stream.as_bytes().chunks(size));
                assert_eq!(String::from_utf8(passed).unwrap(), expected, "{end:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn what_is_no_usage_chunk_passes() {
        for event in [
            r#"data: {"choices":[],"usage":null}"#,
            r#"data: {"choices":[],"prompt_filter_results":[]}"#,
            r#"data: {"choices":[{}],"usage":{"prompt_tokens":1}}"#,
            r#"data: {"usage":{"prompt_tokens":1}}"#,
            r#"data: {"object":"other","choices":[],"usage":{}}"#,
            r#"data: {"choices":[],"usage":{}} x"#,
            r#"x: {"choices":[],"usage":{}}"#,
            "data: [DONE]",
            "data: not json",
            "",
        ] {
            let stream = format!("{event}\n\n");
            assert_eq!(through([stream.as_bytes()]), stream.as_bytes(), "{event}");
        }
        let left_out =
            "data: {\ndata: \"choices\" : [ ],\ndata: \"us\\u0061ge\":{},\"object\":\"text_completion\"}\n\n";
        assert!(through([left_out.as_bytes()]).is_empty());
    }

    #[test]
    fn whole_events_pass_without_a_copy_and_at_once() {
        let mut filter = UsageFilter::default();
        let piece = Bytes::from("data: a\n\ndata: b\n\n");
        assert_eq!(filter.push(piece.clone()).unwrap().as_ptr(), piece.as_ptr());
        let piece = Bytes::from(format!("data: c\n\n{USAGE}\n\n"));
        let passed = filter.push(piece.clone()).unwrap();
        assert_eq!((passed.as_ptr(), &passed[..]), (piece.as_ptr(), &b"data: c\n\n"[..]));
        assert_eq!(filter.push(Bytes::from("data: d")), None);
        assert_eq!(filter.push(Bytes::from("\n\n")), Some(Bytes::from("data: d\n\n")));
        assert_eq!(filter.finish(), None);
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut filter = UsageFilter::default();
        let half = Bytes::from([b"data: ".as_slice(), &vec![b'x'; MAX_HELD - 6]].concat());
        assert_eq!(filter.push(half.clone()), None);
        assert_eq!(filter.push(Bytes::from("y")).unwrap().len(), MAX_HELD + 1);
        assert_eq!(filter.push(Bytes::from("z")), Some(Bytes::from("z")));
        assert_eq!(filter.push(Bytes::from("\n\ndata: b")), Some(Bytes::from("\n\n")));
        assert_eq!(filter.finish(), Some(Bytes::from("data: b")));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            events in prop::collection::vec(prop::sample::select(vec![
                USAGE, "data: a", "\n", "\r", "\r\n", "\n\n", "data: {\"choices\":[],", "\"usage\":{}}", ":", "event: x",
            ]), 0..20),
            at: prop::sample::Index,
        ) {
            let stream = events.concat().into_bytes();
            let (left, right) = stream.split_at(at.index(stream.len() + 1));
            let whole = through([&stream[..]]);
            prop_assert_eq!(&whole, &through([left, right]));
            prop_assert_eq!(&whole, &through(stream.chunks(1)));
        }

        #[test]
        fn streams_without_usage_pass_whole(bytes: Vec<u8>, size in 1..9_usize) {
            prop_assert_eq!(through(bytes.chunks(size)), bytes);
        }
    }
}
