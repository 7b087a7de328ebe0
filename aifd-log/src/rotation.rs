//! When a log file is rotated, what the rotated one is called, and which of them are kept; pure.

use chrono::NaiveDateTime;
use std::{
    cmp::Reverse,
    path::{Path, PathBuf},
};

/// The timestamp in a rotated file's name: local time, as loguru prints it.
const TIMESTAMP: &str = "%Y-%m-%d_%H-%M-%S_%6f";

/// Where openai-forward rotates a chat log, in bytes.
pub const DEFAULT_BYTES: u64 = 50_000_000;

/// When a log file is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// No file grows past so many bytes, but for a single line that is longer; `u64::MAX` is no bound.
    pub bytes: u64,
    /// A file holds the lines of one day.
    pub daily: bool,
}

impl Default for Rotation {
    fn default() -> Self {
        Rotation { bytes: DEFAULT_BYTES, daily: false }
    }
}

impl Rotation {
    /// How many bytes of whole lines still go into a file of `size` bytes; 0 asks for a rotation first.
    ///
    /// An empty file takes one line of any length.
    pub fn fitting(&self, size: u64, lines: &[u8]) -> usize {
        let room = usize::try_from(self.bytes.saturating_sub(size)).unwrap_or(usize::MAX);
        if lines.len() <= room {
            return lines.len();
        }
        match memchr::memrchr(b'\n', &lines[..room]) {
            Some(newline) => newline + 1,
            None if size > 0 => 0,
            None => memchr::memchr(b'\n', lines).map_or(lines.len(), |newline| newline + 1),
        }
    }

    /// Whether a file last written at `written` is of a day gone by; both are local times.
    pub fn day_is_over(&self, written: NaiveDateTime, now: NaiveDateTime) -> bool {
        self.daily && written.date() < now.date()
    }
}

/// How a rotated file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Packing {
    /// It is left as it is.
    #[default]
    Plain,
    /// As `.gz`.
    Gzip,
    /// As `.zst`.
    Zstd,
}

impl Packing {
    /// Every way, plain first.
    pub const ALL: [Packing; 3] = [Packing::Plain, Packing::Gzip, Packing::Zstd];

    /// What is put behind a file's name.
    pub fn suffix(self) -> &'static str {
        match self {
            Packing::Plain => "",
            Packing::Gzip => ".gz",
            Packing::Zstd => ".zst",
        }
    }
}

/// The name of a log file that is written to, such as `chat.log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveName {
    stem: String,
    /// With its dot.
    extension: String,
}

impl LiveName {
    /// The name in a path; `None` where it has none, or one that is not UTF-8.
    pub fn of(path: &Path) -> Option<Self> {
        let extension =
            path.extension().map_or(Some(String::new()), |it| Some(format!(".{}", it.to_str()?)))?;
        Some(LiveName { stem: path.file_stem()?.to_str()?.to_owned(), extension })
    }

    /// What the file is called once it is rotated: `chat.2026-11-23_18-47-24_060135.log`.
    pub fn rotated(&self, name: RotatedName) -> String {
        let LiveName { stem, extension } = self;
        let at = name.at.format(TIMESTAMP);
        let packed = name.packing.suffix();
        match name.counter {
            ..=1 => format!("{stem}.{at}{extension}{packed}"),
            counter => format!("{stem}.{at}.{counter}{extension}{packed}"),
        }
    }

    /// Takes the name of a rotated file of this log apart; `None` for every other name.
    pub fn parse(&self, name: &str) -> Option<RotatedName> {
        let packing = [Packing::Gzip, Packing::Zstd].into_iter().find(|it| name.ends_with(it.suffix()));
        let packing = packing.unwrap_or_default();
        let plain = name.strip_suffix(packing.suffix())?;
        let middle = plain.strip_prefix(&self.stem)?.strip_prefix('.')?.strip_suffix(&self.extension)?;
        let (at, counter) = match middle.split_once('.') {
            None => (middle, 1),
            Some((at, counter)) => (at, counter.parse().ok().filter(|counter| *counter > 1)?),
        };
        let at = NaiveDateTime::parse_from_str(at, TIMESTAMP).ok()?;
        let parsed = RotatedName { at, counter, packing };
        // chrono takes `2026-1-2` and a counter may be `+2` too; only what would be written is a name of ours.
        (self.rotated(parsed) == name).then_some(parsed)
    }
}

/// What the name of a rotated file tells. The order is the order of their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RotatedName {
    /// Local time.
    pub at: NaiveDateTime,
    /// Tells files of the same time apart; 1 is not written, as loguru does.
    pub counter: u32,
    /// How it is packed.
    pub packing: Packing,
}

/// A rotated file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What its name tells.
    pub name: RotatedName,
    /// Its length, packed as it is.
    pub bytes: u64,
}

/// Which rotated files of a log are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// All of them.
    #[default]
    All,
    /// The newest, so many.
    Files(usize),
    /// The newest that have so many bytes together; the file that is written to does not count.
    Bytes(u64),
}

impl Keep {
    /// The files that are to go, oldest first.
    pub fn surplus(self, mut files: Vec<RotatedFile>) -> Vec<RotatedFile> {
        files.sort_by_key(|file| Reverse(file.name));
        let kept = match self {
            Keep::All => files.len(),
            Keep::Files(count) => count.min(files.len()),
            Keep::Bytes(bound) => {
                let mut total = 0_u64;
                let within = |file: &&RotatedFile| {
                    total = total.saturating_add(file.bytes);
                    total <= bound
                };
                files.iter().take_while(within).count()
            }
        };
        let mut surplus = files.split_off(kept);
        surplus.reverse();
        surplus
    }
}

#[cfg(test)]
mod tests;
