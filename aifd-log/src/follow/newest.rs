//! The newest exchanges of a log, read from its end: of the file that is written to, and of rotated ones if it holds too few.

use super::{kind, told};
use crate::{
    exchange::Exchange,
    pair::{Heard, Live, MOST_WAITING, Uid},
    rotation::Packing,
    source::{self, Input, Text},
};
use std::{
    collections::VecDeque,
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// Bytes at the end that are looked at first; if they hold too few exchanges, four times as many are.
const FIRST: u64 = 256 << 10;

/// Read at once.
const BLOCK: usize = 256 << 10;

/// Something that was found in a log.
enum Found {
    Whole(Box<Exchange>),
    /// An answer whose request may stand further up.
    Answer(Uid),
}

/// The newest exchanges of a log that are wanted, oldest first, and the place from where the file that is written to is to
/// be read on. Lines that wait for their other side are left with `live`.
pub(super) fn newest(
    mut log: Log<'_>,
    count: usize,
    wanted: &dyn Fn(&Exchange) -> bool,
    live: &mut Live,
) -> io::Result<(Vec<Exchange>, u64)> {
    let mut size = FIRST;
    loop {
        log.reach(size);
        let mut waiting = Live::default();
        let (last, at) = log.window(size, count, wanted, &mut waiting)?;
        let all = size >= log.bytes() && log.older.is_empty();
        // An answer stands close behind its request: in the same file, or in the next one.
        let near: u64 = log.texts.iter().rev().take(2).map(Text::bytes).sum();
        let far = last.exchanges == count && log.texts.len() > 1 && size >= near;
        if all || far || last.is_whole() {
            live.merge(waiting);
            return Ok((last.exchanges(), at));
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

/// The texts of a log, one behind the other. Rotated files are opened once they are needed.
pub(super) struct Log<'a> {
    /// Oldest first.
    texts: VecDeque<Text>,
    /// Whether the last text is that of the file that is written to.
    has_live: bool,
    /// Where that file is to be read on, if not behind its text.
    ends_at: Option<u64>,
    /// Those not yet opened, oldest first.
    older: Vec<PathBuf>,
    spool: &'a Path,
}

impl<'a> Log<'a> {
    /// A log of rotated files, oldest first, and of the one that is written to.
    pub(super) fn new(
        live: Option<(&Path, &File)>,
        older: Vec<PathBuf>,
        spool: &'a Path,
    ) -> io::Result<Self> {
        let (mut texts, mut ends_at) = (VecDeque::new(), None);
        if let Some((path, file)) = live {
            let input = Input::Open { shown: path.to_owned(), file: file.try_clone()? };
            texts.extend(source::open(vec![input], spool, &|| false).map_err(io::Error::other)?);
            ends_at = if is_plain(file) { None } else { Some(file.metadata()?.len()) };
        }
        Ok(Log { texts, has_live: live.is_some(), ends_at, older, spool })
    }

    /// Bytes of what is open.
    fn bytes(&self) -> u64 {
        self.texts.iter().map(Text::bytes).sum()
    }

    /// Opens rotated files until there are so many bytes.
    fn reach(&mut self, size: u64) {
        while self.bytes() < size
            && let Some(path) = self.older.pop()
        {
            // It may have been packed meanwhile, or removed.
            let names = [path.clone()].into_iter().chain(packed(&path));
            let text = names.into_iter().find_map(|path| {
                source::open(vec![Input::Path(path)], self.spool, &|| false).ok()?.into_iter().next()
            });
            text.into_iter().for_each(|text| self.texts.push_front(text));
        }
    }

    /// The last that was found in so many bytes at the end, and the place behind the last whole line of the last text.
    fn window(
        &self,
        size: u64,
        count: usize,
        wanted: &dyn Fn(&Exchange) -> bool,
        live: &mut Live,
    ) -> io::Result<(Last, u64)> {
        let mut last = Last { count, ..Last::default() };
        let mut left_out = self.bytes().saturating_sub(size);
        let mut end = 0;
        for text in &self.texts {
            let from = left_out.min(text.bytes());
            left_out -= from;
            end = hear(text, from, &mut last, wanted, live)?;
        }
        Ok((last, if self.has_live { self.ends_at.unwrap_or(end) } else { 0 }))
    }
}

/// What a file is called once it is packed.
fn packed(path: &Path) -> impl Iterator<Item = PathBuf> {
    [Packing::Gzip, Packing::Zstd].into_iter().map(|packing| {
        let mut name = path.as_os_str().to_owned();
        name.push(packing.suffix());
        name.into()
    })
}

/// Hears the lines of a text from a place on; gives back the place behind the last whole one.
fn hear(
    text: &Text,
    from: u64,
    last: &mut Last,
    wanted: &dyn Fn(&Exchange) -> bool,
    live: &mut Live,
) -> io::Result<u64> {
    let kind = kind(text.shown());
    let mut hear = |line: &[u8]| {
        let mut exchange = None;
        // What tells the encoding may stand at the start of a file.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let Ok(heard) = live.line(line, &mut |lines| exchange = told(lines, kind)) else { return false };
        last.hear(heard, exchange.filter(|exchange| wanted(exchange)));
        true
    };
    let (mut line, mut block, mut at) = (Vec::new(), vec![0; BLOCK], from);
    // It begins somewhere within a line.
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
    Ok(if whole { at } else { at - line.len() as u64 })
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
