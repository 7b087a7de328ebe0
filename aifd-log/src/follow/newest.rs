//! The newest exchanges of a file, read from its end.

use super::{kind, told};
use crate::{
    exchange::Exchange,
    pair::{Heard, Live, MOST_WAITING, Uid},
    source::{self, Input, Text},
};
use std::{collections::VecDeque, fs::File, io, os::unix::fs::FileExt, path::Path};

/// Bytes at the end that are looked at first; if they hold too few exchanges, four times as many are.
const FIRST: u64 = 256 << 10;

/// Read at once.
const BLOCK: usize = 256 << 10;

/// Something that was found in a file.
enum Found {
    Whole(Box<Exchange>),
    /// An answer whose request may stand further up.
    Answer(Uid),
}

/// The newest exchanges that are wanted, oldest first, and the place from where the file is to be read on. Lines that
/// wait for their other side are left with `live`.
pub(super) fn newest(
    path: &Path,
    file: &File,
    spool: &Path,
    count: usize,
    wanted: &dyn Fn(&Exchange) -> bool,
    live: &mut Live,
) -> io::Result<(Vec<Exchange>, u64)> {
    let input = Input::Open { shown: path.to_owned(), file: file.try_clone()? };
    let texts = source::open(vec![input], spool, &|| false).map_err(io::Error::other)?;
    let Some(text) = texts.first() else { return Ok((Vec::new(), 0)) };
    let grows = is_plain(file);
    let mut size = FIRST;
    loop {
        let from = text.bytes().saturating_sub(size);
        let mut waiting = Live::default();
        let (last, at) = window(text, from, count, wanted, &mut waiting)?;
        if from == 0 || last.is_whole() {
            live.merge(waiting);
            return Ok((last.exchanges(), if grows { at } else { file.metadata()?.len() }));
        }
        size = size.saturating_mul(4);
    }
}

/// Whether what is added to a file is more of its text: packed files and pipes were put by, and have no more.
fn is_plain(file: &File) -> bool {
    let mut magic = [0; 4];
    let read = file.read_at(&mut magic, 0);
    read.is_ok() && !matches!(magic, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd])
}

/// The last that was found from a place on, and the place behind the last whole line.
fn window(
    text: &Text,
    from: u64,
    count: usize,
    wanted: &dyn Fn(&Exchange) -> bool,
    live: &mut Live,
) -> io::Result<(Last, u64)> {
    let kind = kind(text.shown());
    let mut last = Last { count, ..Last::default() };
    let mut hear = |line: &[u8]| {
        let mut exchange = None;
        // What tells the encoding may stand at the start of a file.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let Ok(heard) = live.line(line, &mut |lines| exchange = told(lines, kind)) else { return false };
        last.hear(heard, exchange.filter(|exchange| wanted(exchange)));
        true
    };
    let (mut line, mut block, mut at) = (Vec::new(), vec![0; BLOCK], from);
    // The window begins somewhere within a line.
    let mut cut = from > 0;
    loop {
        let read = text.read_at(&mut block, at)?;
        if read == 0 {
            break;
        }
        at += read as u64;
        for piece in block[..read].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                if !std::mem::take(&mut cut) {
                    hear(&line);
                }
                line.clear();
            }
        }
    }
    // The last line may be whole without an end, or still be written.
    let whole = !line.is_empty() && !cut && hear(&line);
    Ok((last, if whole { at } else { at - line.len() as u64 }))
}

/// The last exchanges, and answers that stand among them.
#[derive(Default)]
struct Last {
    count: usize,
    found: VecDeque<Found>,
    exchanges: usize,
}

impl Last {
    fn hear(&mut self, heard: Heard, exchange: Option<Exchange>) {
        match heard {
            // Seldom are there any.
            Heard::Last(uid) if self.found.len() > self.exchanges => {
                self.found.retain(|it| !matches!(it, Found::Answer(answer) if *answer == uid));
            }
            Heard::Answer(uid) => self.found.push_back(Found::Answer(uid)),
            _ => (),
        }
        if let Some(exchange) = exchange {
            self.found.push_back(Found::Whole(Box::new(exchange)));
            self.exchanges += 1;
        }
        self.trim();
    }

    /// Leaves so many exchanges, and the answers behind the first of these.
    fn trim(&mut self) {
        while self.exchanges > self.count
            || (self.exchanges == self.count && matches!(self.found.front(), Some(Found::Answer(_))))
            || self.found.len() > self.count.saturating_add(MOST_WAITING)
        {
            self.exchanges -= usize::from(matches!(self.found.pop_front(), Some(Found::Whole(_))));
        }
    }

    /// Whether nothing further up belongs here.
    fn is_whole(&self) -> bool {
        self.exchanges == self.count && self.found.len() == self.exchanges
    }

    fn exchanges(self) -> Vec<Exchange> {
        let whole = self.found.into_iter().filter_map(|found| match found {
            Found::Whole(exchange) => Some(*exchange),
            Found::Answer(_) => None,
        });
        whole.collect()
    }
}
