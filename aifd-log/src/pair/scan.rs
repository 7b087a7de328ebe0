//! The first pass: finds the lines of texts and what each of them is.

use super::{
    Malformed, Options, Progress, ReadError, Report,
    index::{Index, Span},
    join::Join,
    lanes,
    line::{self, Known},
    report::{Location, Unreadable},
    texts::{Block, Texts},
};

/// Bytes whose lines one thread looks at before it tells of them.
const PART: u64 = 512 << 10;

/// Bytes of the longest line that is read.
pub const LONGEST_LINE: u64 = 1 << 30;

/// Read at once behind a part, for the end of its last line.
const BEHIND: usize = 64 << 10;

/// Bytes that a block keeps when it is used again; a very long line takes more.
const KEPT: usize = 4 * PART as usize;

/// What tells the encoding at the start of a file.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What a part of a text holds.
#[derive(Debug, Default)]
struct Found {
    /// Lines that begin in it.
    lines: u64,
    known: Vec<(Known, Span)>,
    /// Lines by their number within the part.
    faults: Vec<(u64, Unreadable)>,
    /// The last line of the text, if it cannot be read and has no end.
    unfinished: Option<(u64, Unreadable)>,
}

/// Looks at every line of all texts, and joins them.
pub(super) fn scan(
    texts: &Texts,
    options: Options,
    progress: &dyn Progress,
) -> Result<(Index, Report), ReadError> {
    progress.expect(texts.bytes());
    let mut parts: Vec<(usize, u64)> = Vec::new();
    for (number, text) in texts.all.iter().enumerate() {
        parts.extend((0..text.bytes().div_ceil(PART)).map(|part| (number, part * PART)));
    }
    let mut told = Told { texts, options, join: Join::new(options), report: Report::default(), lines: 0 };
    let mut next = parts.iter().peekable();
    lanes::in_order(
        lanes::lanes(),
        parts.len(),
        Block::default,
        |block, part| {
            if progress.stopped() {
                return Err(ReadError::Stopped);
            }
            let (text, start) = parts[part];
            let found = find(texts, text, start, options, block)?;
            progress.add(PART.min(texts.all[text].bytes() - start));
            Ok(found)
        },
        |found| {
            let text = next.next().map_or(0, |(text, _)| *text);
            let is_last = next.peek().is_none_or(|(next, _)| *next != text);
            told.part(found, text, is_last)
        },
    )?;
    let Told { join, mut report, .. } = told;
    Ok((join.finish(&mut report), report))
}

struct Told<'t> {
    texts: &'t Texts,
    options: Options,
    join: Join,
    report: Report,
    /// Of this text so far.
    lines: u64,
}

impl Told<'_> {
    fn part(&mut self, found: Found, text: usize, is_last: bool) -> Result<(), ReadError> {
        for (known, span) in found.known {
            self.join.line(known, span, &mut self.report);
        }
        let cut_off = is_last && self.texts.all[text].is_cut_off();
        for (line, what) in found.faults {
            let fault = self.malformed(text, line, what);
            self.fault(fault)?;
        }
        if let Some((line, what)) = found.unfinished.filter(|_| !cut_off) {
            let fault = self.malformed(text, line, what);
            if self.options.compat {
                return Err(ReadError::Malformed(fault));
            }
            self.report.unfinished.push(fault);
        }
        self.lines += found.lines;
        self.report.lines += found.lines;
        if cut_off {
            let fault = self.malformed(text, 0, Unreadable::CutOff);
            self.fault(fault)?;
        }
        if is_last {
            self.lines = 0;
        }
        Ok(())
    }

    fn malformed(&self, text: usize, line: u64, what: Unreadable) -> Malformed {
        let file = self.texts.all[text].shown().to_owned();
        Malformed { location: Location { file, line: self.lines + line }, what }
    }

    fn fault(&mut self, fault: Malformed) -> Result<(), ReadError> {
        if self.options.compat {
            return Err(ReadError::Malformed(fault));
        }
        self.report.fault(fault);
        Ok(())
    }
}

/// Finds the lines that begin in a part.
fn find(
    texts: &Texts,
    number: usize,
    start: u64,
    options: Options,
    block: &mut Block,
) -> Result<Found, ReadError> {
    let (begin, bytes) = (texts.begins[number], texts.all[number].bytes());
    let end = (start + PART).min(bytes);
    // The byte before tells whether a line begins with the part.
    let from = start.saturating_sub(1);
    block.clear(KEPT);
    block.append(texts, begin + from, (end - from) as usize)?;
    let mut found = Found::default();
    let mut at = if start == 0 { Some(0) } else { memchr::memchr(b'\n', block).map(|newline| newline + 1) };
    while let Some(line_at) = at.filter(|at| from + (*at as u64) < end && *at < block.len()) {
        found.lines += 1;
        let newline = newline(texts, begin + from, line_at, block)?;
        let (line_end, is_ended) = match newline {
            Newline::At(newline) => (newline, true),
            Newline::None => (block.len(), false),
            Newline::TooFar => {
                found.faults.push((found.lines, Unreadable::TooLong));
                break;
            }
        };
        let is_first = start == 0 && line_at == 0;
        look(
            &block[line_at..line_end],
            begin + from + line_at as u64,
            is_first,
            is_ended,
            options,
            &mut found,
        );
        at = is_ended.then_some(line_end + 1);
    }
    Ok(found)
}

enum Newline {
    At(usize),
    /// The text ends.
    None,
    TooFar,
}

/// The end of a line in a block that begins at `from`; reads on if need be.
fn newline(texts: &Texts, from: u64, line: usize, block: &mut Block) -> Result<Newline, ReadError> {
    let mut searched = line;
    let mut step = BEHIND;
    loop {
        if let Some(newline) = memchr::memchr(b'\n', &block[searched..]) {
            return Ok(Newline::At(searched + newline));
        }
        searched = block.len();
        if (searched - line) as u64 > LONGEST_LINE {
            return Ok(Newline::TooFar);
        }
        // Behind the last byte of a text another one may begin.
        let same = |place| texts.at(place).map(|(_, begin)| begin) == texts.at(from).map(|(_, begin)| begin);
        let place = from + searched as u64;
        if place >= texts.bytes() || !same(place) || block.append(texts, place, step)? == 0 {
            return Ok(Newline::None);
        }
        step = (step * 2).min(PART as usize * 16);
    }
}

/// Looks at one line without its end, which stands at a place in all texts.
fn look(line: &[u8], at: u64, is_first: bool, is_ended: bool, options: Options, found: &mut Found) {
    let mark = if is_first && line.starts_with(MARK) { MARK.len() } else { 0 };
    if mark > 0 && options.compat {
        return found.faults.push((found.lines, Unreadable::Mark));
    }
    let space = line[mark..].len() - line[mark..].trim_ascii_start().len();
    let text = line[mark..].trim_ascii();
    if text.is_empty() {
        if options.compat {
            found.faults.push((found.lines, Unreadable::Blank));
        }
        return;
    }
    let skipped = mark + space;
    match line::look(text, options) {
        Ok(known) => {
            // A line is shorter than the longest, which has less than 32 bits.
            let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
            found.known.push((known, Span { at: at + skipped as u64, bytes, dialect: known.dialect }));
        }
        Err(mut what) => {
            if let Unreadable::Literal(fault) = &mut what {
                fault.at += skipped;
            }
            match is_ended {
                true => found.faults.push((found.lines, what)),
                false => found.unfinished = Some((found.lines, what)),
            }
        }
    }
}
