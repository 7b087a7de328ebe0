//! The parts of server-sent events as they come, without holding any: what readers of events are built on.

use memchr::memchr2;

/// Bytes of an event's name; a longer one is cut.
const MAX_NAME: usize = 256;

/// The longest name of a field that is looked at: `event`.
const MAX_FIELD: usize = 5;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Some of its data; lines are joined by a line feed.
    Data(&'a [u8]),
    /// It is whole; never told of an event without data.
    End {
        /// Its name, or nothing.
        name: &'a [u8],
    },
}

/// What a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Bytes taken; never 0 of a piece that is not empty.
    pub(crate) used: usize,
    /// A blank line was taken: what follows belongs to another event.
    pub(crate) ended: bool,
}

/// Framing under way, in constant memory.
#[derive(Debug)]
pub(crate) struct SseParts {
    line: Line,
    /// The last byte was a carriage return: a line feed would belong to it.
    after_cr: bool,
    /// The name of the field under way.
    field: [u8; MAX_FIELD],
    name: Vec<u8>,
    has_data: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// At the start of the stream, so much of a byte order mark has come.
    Bom(usize),
    Start,
    /// So many bytes of the name of a field have come; more than fit are no known name.
    Field(usize),
    /// Behind the colon, where one space is no part of the value.
    Space(Field),
    Value(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    Other,
}

impl Default for SseParts {
    fn default() -> Self {
        SseParts {
            line: Line::Bom(0),
            after_cr: false,
            field: [0; MAX_FIELD],
            name: Vec::new(),
            has_data: false,
        }
    }
}

impl SseParts {
    /// Takes bytes up to the end of an event, or all.
    pub(crate) fn step(&mut self, bytes: &[u8], on_part: &mut impl FnMut(Part<'_>)) -> Step {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                at += 1;
                continue;
            }
            match self.line {
                Line::Bom(come) => at += self.bom(come, byte),
                Line::Value(field) => at += self.value(field, &bytes[at..], on_part),
                Line::Space(field) => {
                    self.line = Line::Value(field);
                    at += usize::from(byte == b' ');
                }
                Line::Start if matches!(byte, b'\n' | b'\r') => {
                    at = self.line_end(bytes, at);
                    self.event_end(on_part);
                    return Step { used: at, ended: true };
                }
                Line::Start => self.line = Line::Field(0),
                Line::Field(length) => match byte {
                    b'\n' | b'\r' => {
                        self.begin_value(length, on_part);
                        at = self.line_end(bytes, at);
                    }
                    b':' => {
                        self.line = Line::Space(self.begin_value(length, on_part));
                        at += 1;
                    }
                    _ => {
                        if let Some(place) = self.field.get_mut(length) {
                            *place = byte;
                        }
                        self.line = Line::Field((length + 1).min(MAX_FIELD + 1));
                        at += 1;
                    }
                },
            }
        }
        Step { used: at, ended: false }
    }

    /// The stream has ended: an event that no blank line ended is told all the same.
    pub(crate) fn finish(&mut self, on_part: &mut impl FnMut(Part<'_>)) {
        if let Line::Field(length) = self.line {
            self.begin_value(length, on_part);
        }
        self.event_end(on_part);
    }

    /// Whether a line feed that comes next belongs to what was taken.
    pub(crate) fn after_cr(&self) -> bool {
        self.after_cr
    }

    /// A byte where the mark may be; says how many bytes were taken.
    fn bom(&mut self, come: usize, byte: u8) -> usize {
        if BOM.get(come) == Some(&byte) {
            self.line = if come + 1 == BOM.len() { Line::Start } else { Line::Bom(come + 1) };
            return 1;
        }
        // Half a mark is the beginning of a field of no known name.
        self.line = if come == 0 { Line::Start } else { Line::Field(MAX_FIELD + 1) };
        0
    }

    fn begin_value(&mut self, length: usize, on_part: &mut impl FnMut(Part<'_>)) -> Field {
        match self.field.get(..length) {
            Some(b"data") => {
                if std::mem::replace(&mut self.has_data, true) {
                    on_part(Part::Data(b"\n"));
                }
                Field::Data
            }
            Some(b"event") => {
                self.name.clear();
                Field::Event
            }
            _ => Field::Other,
        }
    }

    /// A run of a value; says how many bytes were taken.
    fn value(&mut self, field: Field, bytes: &[u8], on_part: &mut impl FnMut(Part<'_>)) -> usize {
        let end = memchr2(b'\n', b'\r', bytes);
        let run = &bytes[..end.unwrap_or(bytes.len())];
        match field {
            Field::Data if !run.is_empty() => on_part(Part::Data(run)),
            Field::Event => {
                let room = MAX_NAME - self.name.len();
                self.name.extend_from_slice(&run[..run.len().min(room)]);
            }
            _ => {}
        }
        match end {
            Some(end) => self.line_end(bytes, end),
            None => bytes.len(),
        }
    }

    /// A line ends at `at`; says where the next begins.
    fn line_end(&mut self, bytes: &[u8], at: usize) -> usize {
        self.line = Line::Start;
        if bytes[at] == b'\n' {
            return at + 1;
        }
        match bytes.get(at + 1) {
            Some(b'\n') => at + 2,
            Some(_) => at + 1,
            None => {
                self.after_cr = true;
                at + 1
            }
        }
    }

    fn event_end(&mut self, on_part: &mut impl FnMut(Part<'_>)) {
        if std::mem::take(&mut self.has_data) {
            on_part(Part::End { name: &self.name });
        }
        self.name.clear();
    }
}
