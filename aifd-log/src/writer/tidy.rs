//! Puts the rotated files of one log in order: leftovers of a crash away, the others packed, the oldest removed.

use super::pack::{Packed, of_part, pack, remove_part};
use crate::rotation::{Keep, LiveName, Packing, RotatedFile, RotatedName};
use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

/// What was done with rotated files.
#[derive(Debug)]
pub enum TidyEvent {
    /// A file was packed.
    Packed {
        /// The packed file.
        path: PathBuf,
        /// Its length before.
        bytes: u64,
        /// Its length now.
        packed_bytes: u64,
    },
    /// A file was removed, because no more are to be kept.
    Removed {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// What a killed process had left of packing was removed.
    LeftoverRemoved {
        /// The file.
        path: PathBuf,
    },
    /// Something failed. The file is as it was; it is tried again after the next rotation.
    Failed {
        /// The file, or the folder that cannot be listed.
        path: PathBuf,
        /// What failed.
        step: TidyStep,
        /// The system's reason.
        source: io::Error,
    },
}

/// What failed of putting rotated files in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TidyStep {
    /// Listing the folder.
    #[error("the folder cannot be listed")]
    List,
    /// Packing a file.
    #[error("the file cannot be packed")]
    Pack,
    /// Removing one.
    #[error("the file cannot be removed")]
    Remove,
}

/// What is done with rotated files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) packing: Packing,
    pub(super) keep: Keep,
}

/// A log whose rotated files are put in order.
pub(super) struct Tidy<'a> {
    log: &'a Path,
    name: LiveName,
    rules: Rules,
    stop: &'a dyn Fn() -> bool,
    on: &'a mut dyn FnMut(TidyEvent),
}

impl<'a> Tidy<'a> {
    /// `None` for a log whose rotated files cannot be told by name.
    pub(super) fn new(
        log: &'a Path,
        rules: Rules,
        stop: &'a dyn Fn() -> bool,
        on: &'a mut dyn FnMut(TidyEvent),
    ) -> Option<Self> {
        Some(Tidy { log, name: LiveName::of(log)?, rules, stop, on })
    }

    /// Does it all; after a stop, what is left is done the next time.
    pub(super) fn run(mut self) {
        self.remove_leftovers();
        if let Keep::Files(_) = self.rules.keep {
            // What goes anyway is not packed before. A bound in bytes counts them packed.
            self.remove_surplus();
        }
        if self.rules.packing != Packing::Plain {
            self.pack_all();
        }
        if !(self.stop)() {
            self.remove_surplus();
        }
    }

    fn remove_leftovers(&mut self) {
        for (path, name) in self.list(|name, own| name.parse(of_part(own)?)) {
            let source =
                path.with_file_name(self.name.rotated(RotatedName { packing: Packing::Plain, ..name }));
            match remove_part(&path, &source) {
                Ok(true) => (self.on)(TidyEvent::LeftoverRemoved { path }),
                Ok(false) => {}
                Err(source) => self.failed(path, TidyStep::Remove, source),
            }
        }
    }

    fn pack_all(&mut self) {
        let mut files = self.list(|name, own| name.parse(own).filter(|it| it.packing == Packing::Plain));
        files.sort_by_key(|(_, name)| *name);
        for (path, _) in files {
            match pack(&path, self.rules.packing, self.stop) {
                Ok(Packed::Done { packed, bytes, packed_bytes }) => {
                    (self.on)(TidyEvent::Packed { path: packed, bytes, packed_bytes });
                }
                Ok(Packed::Left) => {}
                Ok(Packed::Stopped) => return,
                Err(source) => self.failed(path, TidyStep::Pack, source),
            }
        }
    }

    fn remove_surplus(&mut self) {
        let files = self.list(|name, own| name.parse(own)).into_iter().filter_map(|(path, name)| {
            let found = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
            Some(RotatedFile { path, name, bytes: found.len() })
        });
        for RotatedFile { path, bytes, .. } in self.rules.keep.surplus(files.collect()) {
            match fs::remove_file(&path) {
                Ok(()) => (self.on)(TidyEvent::Removed { path, bytes }),
                Err(source) => self.failed(path, TidyStep::Remove, source),
            }
        }
    }

    /// The files of the log's folder whose names `take` knows.
    fn list(&mut self, take: impl Fn(&LiveName, &str) -> Option<RotatedName>) -> Vec<(PathBuf, RotatedName)> {
        let folder = match self.log.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let known = |entry: DirEntry| Some((entry.path(), take(&self.name, entry.file_name().to_str()?)?));
        let found = fs::read_dir(folder).and_then(|entries| {
            entries.filter_map(|entry| entry.map(known).transpose()).collect::<io::Result<Vec<_>>>()
        });
        match found {
            Ok(found) => found,
            // Nothing was logged there yet.
            Err(source) if source.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                self.failed(folder.to_owned(), TidyStep::List, source);
                Vec::new()
            }
        }
    }

    fn failed(&mut self, path: PathBuf, step: TidyStep, source: io::Error) {
        if source.kind() != io::ErrorKind::NotFound {
            (self.on)(TidyEvent::Failed { path, step, source });
        }
    }
}
