//! The newest exchanges of logs, and those to come: across rotation, deletion and truncation of their files.

mod held;
mod newest;
#[cfg(test)]
mod tests;

use crate::{
    Kind,
    exchange::Exchange,
    pair::{Lines, Live},
    source::{self, LogFiles, folders},
};
use held::{Held, Id};
use newest::Log;
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
/// What is begun, rotated and packed between two looks is not told.
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

    /// The newest exchanges that are wanted, oldest first: of each log below a folder, from the end of the file that is
    /// written to on into the rotated ones before it, and of each file that was named. From then on, [`Follower::poll`]
    /// tells what is added.
    ///
    /// # Errors
    /// When a path that was named cannot be read, other than that it is missing.
    pub fn newest(
        &mut self,
        count: usize,
        wanted: &dyn Fn(&Exchange) -> bool,
    ) -> Result<Vec<Exchange>, FollowError> {
        let mut newest = Vec::new();
        for OpenLog { live, rotated } in self.open_logs()? {
            let live = live.filter(|(path, _, id)| self.known.insert(*id, path.clone()).is_none());
            let path = live.as_ref().map(|(path, ..)| path.clone()).unwrap_or_default();
            let log = Log::new(live.as_ref().map(|(path, file, _)| (&**path, file)), rotated, &self.spool);
            let found = log.and_then(|log| newest::newest(log, count, wanted, &mut self.live));
            let (found, at) = found.map_err(|source| FollowError { path, source })?;
            newest.extend(found);
            if let Some((path, file, id)) = live {
                self.held.push(Held::new(path, file, id, at));
            }
        }
        // Stable: exchanges of the same second stay in the order of their file.
        newest.sort_by(|one, other| one.datetime().cmp(&other.datetime()));
        newest.drain(..newest.len().saturating_sub(count));
        Ok(newest)
    }

    /// Whether any file was there at the last look.
    pub fn knows_any(&self) -> bool {
        !self.known.is_empty()
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
        let over: Vec<Id> =
            self.held.iter().filter(|it| it.is_over(present.get(&it.id()))).map(Held::id).collect();
        // Those that were opened just now hold what was written between two looks, and those that are over may have been
        // written to until they were packed or removed.
        self.read(each)?;
        self.held.retain(|held| !over.contains(&held.id()));
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

    /// Opens the files that are written to, and lists those that they were rotated to.
    fn open_logs(&mut self) -> Result<Vec<OpenLog>, FollowError> {
        let (mut logs, mut others) = (Vec::new(), Vec::new());
        for path in self.paths.clone() {
            let failed = |source| FollowError { path: path.clone(), source };
            match fs::metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(failed(source)),
                Ok(about) if about.is_dir() => {
                    for folder in folders(&path).map_err(failed)? {
                        self.open_folder(&folder, &mut logs);
                    }
                }
                Ok(_) => {
                    let (file, id) = open(&path).map_err(failed)?;
                    others.extend(beside(&path).into_iter().filter(|it| *it != path));
                    logs.push(OpenLog { live: Some((path, file, id)), rotated: Vec::new() });
                }
            }
        }
        others.iter().for_each(|path| _ = self.is_new(path));
        Ok(logs)
    }

    /// Opens those of a folder. One that was removed meanwhile has none; nor has another user's that cannot be listed.
    fn open_folder(&mut self, folder: &Path, logs: &mut Vec<OpenLog>) {
        for round in 1.. {
            let Ok(listed) = source::log_files(folder) else { return };
            let live = |path: &PathBuf| open(path).ok().map(|(file, id)| (path.clone(), file, id));
            let opened: Vec<_> = listed.iter().map(|log| log.live.as_ref().and_then(live)).collect();
            // Lines of a file that is rotated meanwhile would be missing or be there twice.
            if round < source::LISTINGS && !source::log_files(folder).is_ok_and(|again| again == listed) {
                continue;
            }
            for (live, LogFiles { rotated, .. }) in opened.into_iter().zip(listed) {
                let rotated = rotated.into_iter().filter(|path| self.is_new(path)).collect();
                logs.push(OpenLog { live, rotated });
            }
            return;
        }
    }

    /// Whether a file was not seen before; now it was.
    fn is_new(&mut self, path: &Path) -> bool {
        Id::named(path).is_ok_and(|id| self.known.insert(id, path.to_owned()).is_none())
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

/// A log that is looked at for the first time.
struct OpenLog {
    live: Option<(PathBuf, fs::File, Id)>,
    /// Oldest first.
    rotated: Vec<PathBuf>,
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
