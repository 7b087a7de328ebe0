//! Server-sent events, framed as the WHATWG's standard says, while the bytes pass.

pub(crate) mod filter;
mod parts;

pub(crate) use parts::{Part, SseParts};

/// Whether a content type is that of a stream of events, whatever its parameters.
pub(crate) fn is_stream(content_type: &[u8]) -> bool {
    content_type.get(..17).is_some_and(|start| start.eq_ignore_ascii_case(b"text/event-stream"))
}

/// Calls back with the name and the data of each event of a stream, also of one that broke off behind its data; says
/// whether it ended behind a blank line.
pub(crate) fn events(body: &[u8], on_event: &mut impl FnMut(&[u8], &[u8])) -> bool {
    let (mut parts, mut data) = (SseParts::default(), Vec::with_capacity(512));
    let mut on_part = |part: Part<'_>| match part {
        Part::Data(bytes) => data.extend_from_slice(bytes),
        Part::End { name } => {
            on_event(name, &data);
            data.clear();
        }
    };
    let (mut rest, mut ended) = (body, false);
    while !rest.is_empty() {
        let step = parts.step(rest, &mut on_part);
        (rest, ended) = (&rest[step.used..], step.ended);
    }
    parts.finish(&mut on_part);
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events of a stream that comes in pieces: name, and lines of data joined by line feeds.
    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
        let (mut parts, mut data, mut events) = (SseParts::default(), Vec::new(), Vec::new());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for mut rest in pieces {
            while !rest.is_empty() {
                let step = parts.step(rest, &mut |part| match part {
                    Part::Data(bytes) => data.extend_from_slice(bytes),
                    Part::End { name } => events.push((text(name), text(&std::mem::take(&mut data)))),
                });
                rest = &rest[step.used..];
            }
        }
        events
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
