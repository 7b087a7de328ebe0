//! Asks a stream for its usage: sets `stream_options.include_usage` in a body of which every other byte stays.

use crate::json::{Kind, Scanner, Visit};
use bytes::{Bytes, BytesMut};
use std::ops::Range;

/// The same body with `stream_options.include_usage` true: added, or in the place of another value. The body itself
/// where it is so already, or where it is no JSON object whose `stream_options` are an object, null or absent.
pub(crate) fn with_usage_asked(body: &Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(body) else { return body.clone() };
    let (mut scanner, mut search) = (Scanner::default(), Search::new(body));
    let scanned = scanner.push(text, &mut search).and_then(|()| scanner.finish(&mut search));
    if scanned.is_err() || !search.object || search.other {
        return body.clone();
    }
    let edits = search.edits();
    let Some(last) = edits.last() else { return body.clone() };
    let mut out =
        BytesMut::with_capacity(body.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let tail = last.place.end;
    let mut from = 0;
    for edit in &edits {
        out.extend_from_slice(&body[from..edit.place.start]);
        out.extend_from_slice(edit.text.as_bytes());
        from = edit.place.end;
    }
    out.extend_from_slice(&body[tail..]);
    out.freeze()
}

/// A part of the body and what stands there instead.
#[derive(Clone, Debug)]
struct Edit {
    place: Range<usize>,
    text: &'static str,
}

/// Where the options are. As long as the body has `stream_options`, so bounded by it.
#[derive(Debug)]
struct Search<'a> {
    body: &'a [u8],
    object: bool,
    /// The root has a member.
    member: bool,
    /// Where the root ends.
    end: usize,
    at: Place,
    /// Options of a form that cannot be edited.
    other: bool,
    options: usize,
    /// The options under way: a member was seen; `include_usage` was.
    inside: (bool, bool),
    from: usize,
    edits: Vec<Edit>,
}

/// Which value comes next, or is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Elsewhere,
    Options,
    IncludeUsage,
}

impl<'a> Search<'a> {
    fn new(body: &'a [u8]) -> Self {
        Search {
            body,
            object: false,
            member: false,
            end: 0,
            at: Place::Elsewhere,
            other: false,
            options: 0,
            inside: (false, false),
            from: 0,
            edits: Vec::new(),
        }
    }

    fn edits(mut self) -> Vec<Edit> {
        if self.options == 0 {
            let before_brace = self.end - 1;
            let text = match self.member {
                true => r#","stream_options":{"include_usage":true}"#,
                false => r#""stream_options":{"include_usage":true}"#,
            };
            self.edits.push(Edit { place: before_brace..before_brace, text });
        }
        self.edits
    }

    fn options_ended(&mut self, at: usize) {
        self.options += 1;
        let before_brace = at - 1;
        let text = match self.inside {
            (_, true) => return,
            (true, false) => r#","include_usage":true"#,
            (false, false) => r#""include_usage":true"#,
        };
        self.edits.push(Edit { place: before_brace..before_brace, text });
    }
}

impl Visit for Search<'_> {
    fn key(&mut self, depth: u32, key: &[u8]) {
        match depth {
            1 => {
                self.member = true;
                self.at = if key == b"stream_options" { Place::Options } else { Place::Elsewhere };
            }
            2 if self.at != Place::Elsewhere => {
                let usage = key == b"include_usage";
                self.inside = (true, self.inside.1 || usage);
                self.at = if usage { Place::IncludeUsage } else { Place::Options };
            }
            _ => {}
        }
    }

    fn begin(&mut self, kind: Kind, depth: u32, at: u64) {
        match (depth, self.at) {
            (0, _) => self.object = kind == Kind::Object,
            (1, Place::Options) => {
                self.inside = (false, false);
                self.from = at as usize;
                let null = self.body.get(self.from) == Some(&b'n');
                self.other |= kind != Kind::Object && !null;
            }
            (2, Place::IncludeUsage) => self.from = at as usize,
            _ => {}
        }
    }

    fn end(&mut self, kind: Kind, depth: u32, at: u64) {
        let at = at as usize;
        match (depth, self.at) {
            (0, _) => self.end = at,
            (1, Place::Options | Place::IncludeUsage) if kind == Kind::Object => self.options_ended(at),
            (1, Place::Options) => {
                self.options += 1;
                self.edits.push(Edit { place: self.from..at, text: r#"{"include_usage":true}"# });
            }
            (2, Place::IncludeUsage) if self.body.get(self.from..at) != Some(b"true") => {
                self.edits.push(Edit { place: self.from..at, text: "true" });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(body: &str) -> String {
        String::from_utf8(with_usage_asked(&Bytes::copy_from_slice(body.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn usage_is_asked_and_every_other_byte_stays() {
        for (body, expected) in [
            ("{}", r#"{"stream_options":{"include_usage":true}}"#),
            (" { \"a\" : 1 \n} ", " { \"a\" : 1 \n,\"stream_options\":{\"include_usage\":true}} "),
            (r#"{"stream_options":{},"b":2}"#, r#"{"stream_options":{"include_usage":true},"b":2}"#),
            (r#"{"stream_options": null}"#, r#"{"stream_options": {"include_usage":true}}"#),
            (
                r#"{"stream_options":{"include_obfuscation":false }}"#,
                r#"{"stream_options":{"include_obfuscation":false ,"include_usage":true}}"#,
            ),
            (
                r#"{"stream_options":{"include_usage":false,"x":1}}"#,
                r#"{"stream_options":{"include_usage":true,"x":1}}"#,
            ),
            (r#"{"stream_options":{"include_usage":[{}]}}"#, r#"{"stream_options":{"include_usage":true}}"#),
            (
                r#"{"stream_\u006fptions":{"x":{"include_usage":0}}}"#,
                r#"{"stream_\u006fptions":{"x":{"include_usage":0},"include_usage":true}}"#,
            ),
            (
                r#"{"stream_options":null,"stream_options":{"include_usage":false}}"#,
                r#"{"stream_options":{"include_usage":true},"stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"x":{"stream_options":{"include_usage":false}}}"#,
                r#"{"x":{"stream_options":{"include_usage":false}},"stream_options":{"include_usage":true}}"#,
            ),
        ] {
            assert_eq!(asked(body), expected, "{body}");
        }
    }

    #[test]
    fn what_cannot_be_edited_stays_whole() {
        for body in [
            "",
            "[]",
            "{",
            "\u{feff}{}",
            r#"{"stream_options":1}"#,
            r#"{"stream_options":[]}"#,
            r#"{"stream_options":true}"#,
        ] {
            assert_eq!(asked(body), body);
        }
    }

    #[test]
    fn a_body_that_asks_already_is_not_copied() {
        let body = Bytes::from_static(br#"{"stream_options":{"include_usage":true}}"#);
        assert_eq!(with_usage_asked(&body).as_ptr(), body.as_ptr());
    }

    proptest! {
        #[test]
        fn the_rest_means_what_it_meant(
            members in prop::collection::vec(("[a-c]", prop::sample::select(vec!["1", "{}", "[{\"b\":2}]", "\"}\""])), 0..5),
            options in prop::sample::select(vec!["", "null", "{}", "{\"include_usage\":false}", "{\"y\":[1]}"]),
        ) {
            let mut parts: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            if !options.is_empty() {
                parts.insert(parts.len() / 2, format!("\"stream_options\":{options}"));
            }
            let body = format!("{{{}}}", parts.join(" , "));
            let mut before: serde_json::Value = serde_json::from_str(&body).unwrap();
            let mut after: serde_json::Value = serde_json::from_str(&asked(&body)).unwrap();
            prop_assert_eq!(&after["stream_options"]["include_usage"], &serde_json::Value::Bool(true));
            before.as_object_mut().unwrap().remove("stream_options");
            after.as_object_mut().unwrap().remove("stream_options");
            prop_assert_eq!(before, after);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let body = Bytes::from(bytes);
            let _ = with_usage_asked(&body);
        }
    }
}
