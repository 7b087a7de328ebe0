//! The values at chosen paths of a JSON text that comes in pieces.

use super::{
    JsonFault,
    scan::{Kind, Scanner, Visit},
    utf8::{NotUtf8, Utf8},
};

/// Bytes of a chosen value; a longer one is told as [`Raw::TooLong`].
pub(crate) const MAX_CAPTURE: usize = 16 * 1024;

/// The segment of a path that stands for any item of an array.
pub(crate) const ITEM: &str = "[]";

/// Keys from the root to a value. Compared without regard to ASCII case, since some servers read keys so.
pub(crate) type Path = &'static [&'static str];

/// Segments of a path at most.
const MAX_SEGMENTS: usize = 4;

/// The paths of a scan: at most 32, of at most 4 segments, none leading through another.
#[derive(Debug)]
pub(crate) struct Paths {
    list: &'static [Path],
    /// By depth: a bit for what each segment there begins with and how long it is, so that most keys are told apart
    /// from all of them at a glance.
    marks: [u64; MAX_SEGMENTS + 1],
}

impl Paths {
    /// Made once, at compile time.
    pub(crate) const fn new(list: &'static [Path]) -> Self {
        assert!(!list.is_empty() && list.len() <= 32);
        let mut marks = [0; MAX_SEGMENTS + 1];
        let mut path = 0;
        while path < list.len() {
            assert!(!list[path].is_empty() && list[path].len() <= MAX_SEGMENTS);
            let mut segment = 0;
            while segment < list[path].len() {
                marks[segment + 1] |= mark(list[path][segment].as_bytes());
                segment += 1;
            }
            path += 1;
        }
        Paths { list, marks }
    }
}

/// A bit for the first letter, whatever its case, and the length of a key.
const fn mark(key: &[u8]) -> u64 {
    let first = if key.is_empty() { 0 } else { key[0] | 0x20 };
    1 << ((first as usize + key.len() * 3) % 64)
}

/// A chosen value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// It is longer than [`MAX_CAPTURE`].
    TooLong,
}

/// Takes the chosen values, each time that one ends, so a key given twice is told twice; and hears of the rest.
pub(crate) trait Take {
    /// The value at the path with this index.
    fn field(&mut self, index: usize, raw: Raw<'_>);
    /// See [`Visit::key`].
    fn key(&mut self, _depth: u32, _key: &[u8]) {}
    /// See [`Visit::begin`].
    fn begin(&mut self, _kind: Kind, _depth: u32) {}
    /// See [`Visit::end`].
    fn end(&mut self, _kind: Kind, _depth: u32) {}
    /// See [`Visit::text`].
    fn text(&mut self, _run: &[u8]) {}
    /// See [`Visit::escaped`].
    fn escaped(&mut self, _c: char) {}
}

/// A scan for chosen values, in constant memory: at most [`MAX_CAPTURE`] bytes are held, and none while the text
/// comes in one piece.
#[derive(Debug)]
pub(crate) struct Fields {
    scanner: Scanner,
    utf8: Utf8,
    places: Places,
}

/// Which paths lead to where the scan is.
#[derive(Debug)]
struct Places {
    paths: &'static Paths,
    /// By depth: the paths that lead into the container there, one bit each.
    inside: [u32; MAX_SEGMENTS + 1],
    /// By depth: those that lead to the value that comes next there.
    next: [u32; MAX_SEGMENTS + 1],
    capture: Option<Capture>,
    /// What came of the captured value in earlier pieces.
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Capture {
    index: usize,
    depth: u32,
    from: u64,
}

impl Fields {
    /// A scan for these paths.
    pub(crate) fn new(paths: &'static Paths) -> Self {
        let all = u32::MAX >> (32 - paths.list.len());
        let mut next = [0; MAX_SEGMENTS + 1];
        next[0] = all;
        let places = Places { paths, inside: [0; MAX_SEGMENTS + 1], next, capture: None, held: Vec::new() };
        Fields { scanner: Scanner::default(), utf8: Utf8::default(), places }
    }

    /// Begins anew, for another text.
    pub(crate) fn restart(&mut self) {
        self.scanner = Scanner::default();
        self.utf8 = Utf8::default();
        self.places.capture = None;
        self.places.held.clear();
    }

    /// Bytes held of a chosen value that is not whole.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.places.held.capacity()
    }

    /// Follows a piece.
    ///
    /// # Errors
    /// The text is not JSON, or nested too deep; nothing may be pushed after that.
    pub(crate) fn push(&mut self, piece: &[u8], take: &mut impl Take) -> Result<(), JsonFault> {
        let (scanner, places) = (&mut self.scanner, &mut self.places);
        let pushed = self.utf8.push(piece, |text| {
            let base = scanner.offset();
            let mut tracker = Tracker { places, piece: text.as_bytes(), base, take };
            scanner.push(text, &mut tracker).map_err(Ended::Json)?;
            places.hold(text.as_bytes(), base);
            Ok(())
        });
        pushed.map_err(|ended| match ended {
            Ended::Json(fault) => fault,
            Ended::NotUtf8 => JsonFault::Syntax { offset: self.scanner.offset() },
        })
    }

    /// Ends the text.
    ///
    /// # Errors
    /// It is not whole.
    pub(crate) fn finish(&mut self, take: &mut impl Take) -> Result<(), JsonFault> {
        let base = self.scanner.offset();
        if !self.utf8.whole() {
            return Err(JsonFault::Syntax { offset: base });
        }
        self.scanner.finish(&mut Tracker { places: &mut self.places, piece: &[], base, take })
    }
}

enum Ended {
    Json(JsonFault),
    NotUtf8,
}

impl From<NotUtf8> for Ended {
    fn from(_: NotUtf8) -> Self {
        Ended::NotUtf8
    }
}

impl Places {
    /// Of the paths in `mask`, those whose segment at this depth is right.
    #[inline]
    fn choose(&self, mask: u32, depth: usize, right: impl Fn(&str) -> bool) -> u32 {
        let mut chosen = 0;
        for index in Bits(mask) {
            let segment = self.paths.list.get(index).and_then(|path| path.get(depth - 1));
            chosen |= u32::from(segment.is_some_and(|segment| right(segment))) << index;
        }
        chosen
    }

    /// The path that ends at this depth, if one in `mask` does.
    fn ends(&self, mask: u32, depth: usize) -> Option<usize> {
        Bits(mask).find(|&index| self.paths.list.get(index).is_some_and(|path| path.len() == depth))
    }

    fn open(&mut self, kind: Kind, depth: usize, mask: u32) {
        let inner = depth + 1;
        if inner <= MAX_SEGMENTS {
            self.inside[inner] = mask;
            self.next[inner] =
                if kind == Kind::Array { self.choose(mask, inner, |segment| segment == ITEM) } else { 0 };
        }
    }

    /// Keeps what this piece has of the value that is captured.
    fn hold(&mut self, piece: &[u8], base: u64) {
        if let Some(capture) = self.capture {
            self.keep(&piece[(capture.from.saturating_sub(base)) as usize..]);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        // One byte too many is kept, as the mark of a value that is too long.
        let room = (MAX_CAPTURE + 1).saturating_sub(self.held.len());
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// The places of the bits that are set.
struct Bits(u32);

impl Iterator for Bits {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let index = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (index < u32::BITS).then_some(index as usize)
    }
}

struct Tracker<'a, T> {
    places: &'a mut Places,
    piece: &'a [u8],
    base: u64,
    take: &'a mut T,
}

impl<T: Take> Tracker<'_, T> {
    fn captured(&mut self, capture: Capture, at: u64) {
        self.places.capture = None;
        let from = capture.from.saturating_sub(self.base) as usize;
        let part = &self.piece[from..(at - self.base) as usize];
        let raw = if self.places.held.is_empty() {
            part
        } else {
            self.places.keep(part);
            &self.places.held
        };
        let raw = if raw.len() > MAX_CAPTURE { Raw::TooLong } else { Raw::Whole(raw) };
        self.take.field(capture.index, raw);
        self.places.held.clear();
    }
}

impl<T: Take> Visit for Tracker<'_, T> {
    fn key(&mut self, depth: u32, key: &[u8]) {
        let level = depth as usize;
        if level <= MAX_SEGMENTS {
            let inside = self.places.inside[level];
            self.places.next[level] = if inside == 0 || self.places.paths.marks[level] & mark(key) == 0 {
                0
            } else {
                self.places.choose(inside, level, |segment| {
                    segment.len() == key.len()
                        && segment.as_bytes().eq_ignore_ascii_case(key)
                        && segment != ITEM
                })
            };
        }
        self.take.key(depth, key);
    }

    fn begin(&mut self, kind: Kind, depth: u32, at: u64) {
        let level = depth as usize;
        if level <= MAX_SEGMENTS && self.places.capture.is_none() {
            let mask = self.places.next[level];
            if let Some(index) = self.places.ends(mask, level) {
                self.places.capture = Some(Capture { index, depth, from: at });
            }
            if matches!(kind, Kind::Object | Kind::Array) {
                self.places.open(kind, level, mask);
            }
        }
        self.take.begin(kind, depth);
    }

    fn end(&mut self, kind: Kind, depth: u32, at: u64) {
        if let Some(capture) = self.places.capture
            && capture.depth == depth
        {
            self.captured(capture, at);
        }
        self.take.end(kind, depth);
    }

    fn text(&mut self, run: &[u8]) {
        self.take.text(run);
    }

    fn escaped(&mut self, c: char) {
        self.take.escaped(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static PATHS: Paths = Paths::new(&[
        &["model"],
        &["a", "b"],
        &["list", ITEM, "x"],
        &[ITEM, "top"],
        &["a", "c", ITEM, "deep"],
    ]);

    #[derive(Debug, Default, PartialEq)]
    struct Found(Vec<(usize, Option<String>)>);

    impl Take for Found {
        fn field(&mut self, index: usize, raw: Raw<'_>) {
            let text = match raw {
                Raw::Whole(raw) => Some(String::from_utf8(raw.to_vec()).unwrap()),
                Raw::TooLong => None,
            };
            self.0.push((index, text));
        }
    }

    fn find<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Result<(), JsonFault>, Found) {
        let (mut fields, mut found) = (Fields::new(&PATHS), Found::default());
        let result = pieces.into_iter().try_for_each(|piece| fields.push(piece, &mut found));
        (result.and_then(|()| fields.finish(&mut found)), found)
    }

    fn values(text: &str) -> Vec<(usize, String)> {
        let (result, found) = find([text.as_bytes()]);
        assert_eq!(result, Ok(()), "{text}");
        found.0.into_iter().map(|(index, raw)| (index, raw.unwrap())).collect()
    }

    #[test]
    fn finds_what_was_chosen_and_nothing_else() {
        for (text, expected) in [
            (r#"{"model":"m","other":{"model":"x"}}"#, vec![(0, r#""m""#)]),
            (r#"{"mod\u0065l": 1 ,"MODEL":[{"model":2}]}"#, vec![(0, "1"), (0, r#"[{"model":2}]"#)]),
            (r#"{"b":0,"a":{"b":{"b":1},"x":{"b":2}},"c":{"b":3}}"#, vec![(1, r#"{"b":1}"#)]),
            (r#"{"list":[{"x":1},[{"x":2}],{"y":{"x":3},"x":4}]}"#, vec![(2, "1"), (2, "4")]),
            (r#"[{"top":true},{"model":1}]"#, vec![(3, "true")]),
            (r#"{"[]":{"top":1},"list":{"[]":{"x":1}}}"#, vec![]),
            (r#"{"a":{"c":[{"deep":{"e":[]}}]}}"#, vec![(4, r#"{"e":[]}"#)]),
            (r#"{"a":[{"b":1}],"a":{"b":2}}"#, vec![(1, "2")]),
            ("1", vec![]),
        ] {
            let expected: Vec<(usize, String)> =
                expected.into_iter().map(|(i, t)| (i, t.to_owned())).collect();
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn a_value_is_bounded_however_it_comes() {
        for (length, fits) in [(MAX_CAPTURE - 2, true), (MAX_CAPTURE - 1, false), (MAX_CAPTURE * 3, false)] {
            let text = format!(r#"{{"model":"{}","a":{{"b":1}}}}"#, "x".repeat(length));
            for size in [1, 1000, text.len()] {
                let (result, found) = find(text.as_bytes().chunks(size));
                assert_eq!(result, Ok(()));
                assert_eq!(found.0[0].1.is_some(), fits, "{length} in pieces of {size}");
                assert_eq!(found.0[1], (1, Some("1".to_owned())));
            }
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_a_fault_where_they_stand() {
        for (bytes, offset) in [
            (&b"{\"a\":\"\xff\"}"[..], 6),
            (b"[\"\xe4\xb8", 2),
            (b"{\"model\xc0\xaf\":1}", 7),
            (b"[1]\xf0", 3),
            (b"\xef\xbb\xbf{}", 0),
        ] {
            for size in [1, bytes.len()] {
                assert_eq!(find(bytes.chunks(size)).0, Err(JsonFault::Syntax { offset }));
            }
        }
    }

    #[test]
    fn a_scan_can_begin_anew() {
        let (mut fields, mut found) = (Fields::new(&PATHS), Found::default());
        fields.push(br#"{"a":{"b":"half"#, &mut found).unwrap();
        fields.restart();
        fields.push(br#"{"model":1}"#, &mut found).unwrap();
        fields.finish(&mut found).unwrap();
        assert_eq!(found.0, [(0, Some("1".to_owned()))]);
    }

    fn jsonish() -> impl Strategy<Value = Vec<u8>> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"model\":",
            "\"mod\\u0065l\":",
            "\"a\":",
            "\"b\":",
            "\"list\":",
            "{\"x\":",
            "\"t\"",
            "12",
            "ä",
            "null",
            " ",
            "{\"model\":\"m\",\"a\":{\"b\":12}}",
        ]);
        prop::collection::vec(token, 0..20).prop_map(|tokens| tokens.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_text_is_cut(text in jsonish(), at: prop::sample::Index) {
            let (left, right) = text.split_at(at.index(text.len() + 1));
            prop_assert_eq!(find([&text[..]]), find([left, right]));
            prop_assert_eq!(find([&text[..]]), find(text.chunks(1)));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, size in 1..9_usize) {
            prop_assert_eq!(find([&bytes[..]]), find(bytes.chunks(size)));
        }
    }
}
