//! Files to be read: as they are, unpacked on the way, or put by where they come through a pipe.

use super::{super::watch::Watch, rewound};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes that are read at once.
const BUFFER: usize = 256 << 10;

/// A file that can be read several times.
#[derive(Debug)]
pub struct Input {
    shown: PathBuf,
    file: Arc<File>,
    bytes: u64,
    packing: Packing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// Opens a file. What cannot be read twice, such as a pipe, is put by in a file without a name in `spool`, the folder
/// of the output.
///
/// # Errors
/// When it cannot be read, or put by.
pub fn open(path: &Path, spool: &Path) -> io::Result<Input> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Input::new(path, file, spool)
}

impl Input {
    /// The same for what is open already.
    ///
    /// # Errors
    /// As [`open`].
    pub fn new(shown: &Path, file: impl Into<File>, spool: &Path) -> io::Result<Self> {
        let mut file: File = file.into();
        if !file.metadata()?.is_file() {
            let mut put_by = tempfile::tempfile_in(spool)?;
            io::copy(&mut file, &mut put_by)?;
            put_by.flush()?;
            file = put_by;
        }
        file.rewind()?;
        let mut begin = [0; 4];
        let mut held = 0;
        while held < begin.len() {
            match file.read(&mut begin[held..])? {
                0 => break,
                read => held += read,
            }
        }
        let packing = match begin {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
            _ => Packing::Plain,
        };
        let bytes = file.metadata()?.len();
        Ok(Input { shown: shown.to_owned(), file: Arc::new(file), bytes, packing })
    }

    /// The name that it is told by.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// Its bytes, packed as they are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The open file from its start, packed as it is.
    ///
    /// # Errors
    /// When the system has no handle left.
    pub fn into_file(self) -> io::Result<File> {
        self.file()
    }

    pub(super) fn file(&self) -> io::Result<File> {
        rewound(&self.file)
    }

    /// Its text from the start, unpacked. One pass at a time: all share the place in the file.
    pub(super) fn read<'w>(&self, watch: &'w Watch) -> io::Result<Box<dyn BufRead + 'w>> {
        let packed = BufReader::with_capacity(BUFFER, Watched { file: rewound(&self.file)?, watch });
        Ok(match self.packing {
            Packing::Plain => Box::new(packed),
            Packing::Gzip => {
                Box::new(BufReader::with_capacity(BUFFER, flate2::bufread::MultiGzDecoder::new(packed)))
            }
            Packing::Zstd => Box::new(BufReader::with_capacity(BUFFER, zstd::Decoder::with_buffer(packed)?)),
        })
    }
}

/// A file whose reading is watched.
struct Watched<'a> {
    file: File,
    watch: &'a Watch,
}

impl Read for Watched<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.watch.stopped() {
            // A large object can take a while; whoever asked for the end does not wait for it.
            return Ok(0);
        }
        let read = self.file.read(bytes)?;
        self.watch.add(read as u64);
        Ok(read)
    }
}
