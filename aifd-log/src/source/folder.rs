//! The logs of a folder, in the order of their lines.

use crate::rotation::{LiveName, Packing, RotatedName};
use std::{
    cmp::Reverse,
    fs, io,
    path::{Path, PathBuf},
};

/// What log files end in, but for their packing.
const EXTENSION: &str = ".log";

/// Which log a file is of, and its place among the files of that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    stem: String,
    age: Age,
}

/// Oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// Rotated by `logrotate`: `chat.log.2.gz`.
    Numbered(Reverse<u32>, Packing),
    /// Rotated by this program or by openai-forward.
    Rotated(RotatedName),
    /// Written to; packed, if somebody did that.
    Live(Packing),
}

/// The files of one log in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LogFiles {
    /// Those that were set aside, oldest first.
    pub(crate) rotated: Vec<PathBuf>,
    /// The one that is written to.
    pub(crate) live: Option<PathBuf>,
}

/// The logs that lie in a folder itself, the rotated ones of each first. Of a file that was just packed and still lies
/// there unpacked too, only the latter.
pub(crate) fn logs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(list(folder)?.into_iter().map(|(_, path)| path).collect())
}

/// The same, log by log.
pub(crate) fn log_files(folder: &Path) -> io::Result<Vec<LogFiles>> {
    let mut logs: Vec<LogFiles> = Vec::new();
    let mut last = None;
    for (Place { stem, age }, path) in list(folder)? {
        if last.as_ref() != Some(&stem) {
            logs.push(LogFiles::default());
            last = Some(stem);
        }
        if let Some(log) = logs.last_mut() {
            match age {
                Age::Live(Packing::Plain) => log.live = Some(path),
                _ => log.rotated.push(path),
            }
        }
    }
    Ok(logs)
}

fn list(folder: &Path) -> io::Result<Vec<(Place, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(place) = path.file_name().and_then(|name| place(name.to_str()?))
            && !path.is_dir()
        {
            found.push((place, path));
        }
    }
    found.sort();
    // The unpacked one is the first of those that are the same.
    found.dedup_by(|later, earlier| later.0.unpacked() == earlier.0.unpacked());
    Ok(found)
}

/// Whether a file is a log that is written to, by its name.
pub(crate) fn is_live(path: &Path) -> bool {
    let place = path.file_name().and_then(|name| place(name.to_str()?));
    place.is_some_and(|place| place.age == Age::Live(Packing::Plain))
}

impl Place {
    fn unpacked(&self) -> Place {
        let age = match &self.age {
            Age::Numbered(number, _) => Age::Numbered(*number, Packing::Plain),
            Age::Rotated(name) => Age::Rotated(RotatedName { packing: Packing::Plain, ..*name }),
            Age::Live(_) => Age::Live(Packing::Plain),
        };
        Place { stem: self.stem.clone(), age }
    }
}

/// What a file's name tells; `None` if it is no log's.
fn place(name: &str) -> Option<Place> {
    if name.starts_with('.') {
        return None;
    }
    let packing = Packing::ALL.into_iter().rev().find(|packing| name.ends_with(packing.suffix()))?;
    let plain = name.strip_suffix(packing.suffix())?;
    if let Some((before, number)) = plain.rsplit_once('.')
        && let Some(stem) = before.strip_suffix(EXTENSION)
        && let Ok(number) = number.parse()
    {
        return Some(Place { stem: stem.to_owned(), age: Age::Numbered(Reverse(number), packing) });
    }
    let whole = plain.strip_suffix(EXTENSION)?;
    let rotated = whole.match_indices('.').find_map(|(at, _)| {
        let live = LiveName::of(Path::new(&format!("{}{EXTENSION}", &whole[..at])))?;
        Some((&whole[..at], live.parse(name)?))
    });
    Some(match rotated {
        Some((stem, name)) => Place { stem: stem.to_owned(), age: Age::Rotated(name) },
        None => Place { stem: whole.to_owned(), age: Age::Live(packing) },
    })
}
