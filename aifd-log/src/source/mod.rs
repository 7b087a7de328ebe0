//! What is read: files, folders of logs and pipes, as texts that can be read anywhere and several times.

mod folder;
mod tree;
mod unpack;

pub(crate) use folder::{LogFiles, is_live, log_files, logs};
pub use tree::folders;

use std::{
    collections::HashSet,
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

/// Folders are listed again so often if their files change meanwhile, as they do when a log is rotated.
pub(crate) const LISTINGS: usize = 5;

/// Something to be read.
#[derive(Debug)]
pub enum Input {
    /// A file, a folder or a pipe.
    Path(PathBuf),
    /// What is open already, such as the standard input.
    Open {
        /// The name that it is told by.
        shown: PathBuf,
        /// Read from its start, if it has one.
        file: File,
    },
}

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or listed.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be unpacked or put by.
    #[error("cannot put by {} in {}", path.display(), spool.display())]
    Spool {
        /// The file.
        path: PathBuf,
        /// The folder for it.
        spool: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A text that does not change: as long as its file was when it was opened.
#[derive(Debug)]
pub struct Text {
    shown: PathBuf,
    file: File,
    bytes: u64,
    cut_off: bool,
}

impl Text {
    /// The name that it is told by.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// Its bytes, unpacked.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it was packed, and what it was packed in ends too early or is damaged.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Fills a buffer with what stands at a place; gives back how many bytes there were.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_at(&self, mut buffer: &mut [u8], mut at: u64) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        if buffer.len() > left {
            buffer = &mut buffer[..left];
        }
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], at) {
                Ok(0) => break,
                Ok(read) => {
                    filled += read;
                    at += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// Opens what is to be read, in the order of its lines: rotated files before the one that is still written to, oldest
/// first. Packed files and pipes are put by, unpacked, in files without a name in `spool`, the folder of the output.
/// What is named twice is read once. Putting by ends with an error once `stopped` says so.
///
/// # Errors
/// When something cannot be opened, listed, or put by.
pub fn open(inputs: Vec<Input>, spool: &Path, stopped: &dyn Fn() -> bool) -> Result<Vec<Text>, SourceError> {
    let mut opened = Vec::new();
    for input in inputs {
        match input {
            Input::Open { shown, file } => opened.push((shown, file)),
            Input::Path(path) if path.is_dir() => opened.extend(open_folder(&path)?),
            Input::Path(path) => {
                let file = File::open(&path).map_err(|source| failed(&path, source))?;
                opened.push((path, file));
            }
        }
    }
    let mut known = HashSet::new();
    let mut texts = Vec::new();
    for (shown, file) in opened {
        let about = file.metadata().map_err(|source| failed(&shown, source))?;
        if !about.is_file() || known.insert((about.dev(), about.ino())) {
            texts.push(unpack::text(shown, file, spool, stopped)?);
        }
    }
    Ok(texts)
}

/// Opens the logs of a folder. If a file is rotated or packed between the listing and the opening, lines would be missing
/// or be there twice: then it is listed again.
fn open_folder(folder: &Path) -> Result<Vec<(PathBuf, File)>, SourceError> {
    let list = || folder::logs(folder).map_err(|source| failed(folder, source));
    let mut listed = list()?;
    for round in 1.. {
        let opened: io::Result<Vec<File>> = listed.iter().map(File::open).collect();
        let again = list()?;
        match opened {
            Ok(files) if again == listed || round == LISTINGS => {
                return Ok(listed.into_iter().zip(files).collect());
            }
            Err(source) if again == listed || round == LISTINGS => return Err(failed(folder, source)),
            _ => listed = again,
        }
    }
    Ok(Vec::new())
}

fn failed(path: &Path, source: io::Error) -> SourceError {
    SourceError::Open { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
