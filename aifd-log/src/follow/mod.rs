//! The newest exchanges of logs, and those to come: across rotation, deletion and truncation of their files.

mod held;
mod newest;
#[cfg(test)]
mod tests;

use crate::{
    Kind,
    exchange::Exchange,
    pair::{Lines, Live},
    source::{self, folders},
};
use held::{Held, Id};
use std::{
    collections::HashMap,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// Logs cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct FollowError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Logs that are read as they are written: single files, and all that lie below folders.
///
/// A file that was rotated is read on for a while, since whoever writes may do so a little longer.
/// What is packed before it was read is lost.
#[derive(Debug)]
pub struct Follower {
    paths: Vec<PathBuf>,
    spool: PathBuf,
    /// Open files, oldest first.
    held: Vec<Held>,
    /// Files that were seen, and the name that they had then.
    known: HashMap<Id, PathBuf>,
    live: Live,
}

impl Follower {
    /// Follows files and folders; they may be missing as yet. Packed files and pipes are put by in `spool`.
    pub fn new(paths: Vec<PathBuf>, spool: PathBuf) -> Self {
        Follower { paths, spool, held: Vec::new(), known: HashMap::new(), live: Live::default() }
    }

    /// The newest exchanges that are wanted, oldest first: of each file that is written to, from its end. From then on,
    /// [`Follower::poll`] tells what is added.
    ///
    /// # Errors
    /// When a path that was named cannot be read, other than that it is missing.
    pub fn newest(
        &mut self,
        count: usize,
        wanted: &dyn Fn(&Exchange) -> bool,
    ) -> Result<Vec<Exchange>, FollowError> {
        let mut newest = Vec::new();
        for path in self.listed()? {
            let (file, id) = match open(&path) {
                Ok(opened) => opened,
                Err(source) if self.is_named(&path) => return Err(FollowError { path, source }),
                // Another user's, or gone again.
                Err(_) => continue,
            };
            let known = self.known.insert(id, path.clone()).is_some();
            if known || (!self.is_named(&path) && !source::is_live(&path)) {
                continue;
            }
            let failed = |source| FollowError { path: path.clone(), source };
            let (found, at) =
                newest::newest(&path, &file, &self.spool, count, wanted, &mut self.live).map_err(failed)?;
            newest.extend(found);
            self.held.push(Held::new(path, file, id, at));
        }
        // Stable: exchanges of the same second stay in the order of their file.
        newest.sort_by(|one, other| one.datetime().cmp(&other.datetime()));
        newest.drain(..newest.len().saturating_sub(count));
        Ok(newest)
    }

    /// Whether there is any file so far.
    pub fn follows_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tells the exchanges that were completed since. Call it again and again.
    ///
    /// # Errors
    /// When a file cannot be read, or a folder that was named cannot be listed.
    pub fn poll(&mut self, each: &mut dyn FnMut(Exchange)) -> Result<(), FollowError> {
        self.read(each)?;
        let listed = self.listed()?;
        let mut present = HashMap::new();
        for path in listed {
            let Ok(id) = Id::named(&path) else { continue };
            let is_held = |id| self.held.iter().any(|held| held.id() == id);
            // A number that was free again is a new file: what is rotated never becomes the one that is written to.
            let known = self.known.get(&id).is_some_and(|before| *before == path || !source::is_live(&path));
            if is_held(id) || known {
                present.insert(id, path);
            } else if let Ok((file, id)) = open(&path)
                && !is_held(id)
            {
                self.held.push(Held::new(path, file, id, 0));
            }
        }
        // Those that were opened just now hold what was written between two looks.
        self.read(each)?;
        self.held.retain(|held| !held.is_over(present.get(&held.id())));
        for held in &self.held {
            present.entry(held.id()).or_insert_with(|| held.path().to_owned());
        }
        self.known = present;
        Ok(())
    }

    /// Reads on in every file.
    fn read(&mut self, each: &mut dyn FnMut(Exchange)) -> Result<(), FollowError> {
        let live = &mut self.live;
        for held in &mut self.held {
            let kind = kind(held.path());
            let read = held.lines(&mut |line| {
                // What cannot be read is left to `aifd logs stats` to tell of.
                let _ = live.line(line, &mut |lines| told(lines, kind).into_iter().for_each(&mut *each));
            });
            read.map_err(|source| FollowError { path: held.path().to_owned(), source })?;
        }
        Ok(())
    }

    /// The files that are there, rotated ones before the one that is written to.
    fn listed(&self) -> Result<Vec<PathBuf>, FollowError> {
        let mut listed = Vec::new();
        for path in &self.paths {
            let failed = |source| FollowError { path: path.clone(), source };
            match fs::metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(failed(source)),
                Ok(about) if !about.is_dir() => {
                    listed.extend(beside(path));
                    continue;
                }
                Ok(_) => (),
            }
            let below = match folders(path) {
                // Removed just now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                below => below.map_err(failed)?,
            };
            for folder in below {
                // One that was removed meanwhile has nothing to tell.
                listed.extend(source::logs(&folder).unwrap_or_default());
            }
        }
        // Packed files do not grow, and what they hold was read before; so was what `logrotate` moved (`chat.log.1`), or
        // only copied.
        listed.retain(|path| self.is_named(path) || path.extension() == Some(OsStr::new("log")));
        Ok(listed)
    }

    fn is_named(&self, path: &Path) -> bool {
        self.paths.iter().any(|named| named == path)
    }
}

/// A file that was named and those that it was rotated to, these first.
fn beside(path: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    if source::is_live(path)
        && let (Some(stem), Some(folder)) = (path.file_stem().and_then(OsStr::to_str), path.parent())
    {
        let begin = format!("{stem}.");
        let logs = source::logs(if folder == Path::new("") { Path::new(".") } else { folder });
        let mine =
            |it: &PathBuf| it.file_name().and_then(OsStr::to_str).is_some_and(|it| it.starts_with(&begin));
        all.extend(
            logs.unwrap_or_default().into_iter().filter(|it| mine(it) && it.file_name() != path.file_name()),
        );
    }
    all.push(path.to_owned());
    all
}

/// A file and what tells it from others.
fn open(path: &Path) -> io::Result<(fs::File, Id)> {
    let file = fs::File::open(path)?;
    let id = Id::of(&file)?;
    Ok((file, id))
}

/// The kind that a file's name tells.
fn kind(path: &Path) -> Option<Kind> {
    path.file_name()?.to_str()?.split('.').next()?.parse().ok()
}

/// The exchange of lines that were found whole.
fn told(lines: Lines<'_>, kind: Option<Kind>) -> Option<Exchange> {
    lines.exchange(kind).ok()
}
