//! Puts packed files and pipes by, in files without a name.

use super::{SourceError, Text, failed};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// Copied at once.
const BLOCK: usize = 256 << 10;

/// A text from an open file; which packing it has is told by its first bytes.
pub(super) fn text(
    shown: PathBuf,
    file: File,
    spool: &Path,
    stopped: &dyn Fn() -> bool,
) -> Result<Text, SourceError> {
    let about = file.metadata().map_err(|source| failed(&shown, source))?;
    if about.is_dir() {
        return Err(failed(&shown, ErrorKind::IsADirectory.into()));
    }
    let put_by = |result: io::Result<Text>| {
        result.map_err(|source| SourceError::Spool { path: shown.clone(), spool: spool.to_owned(), source })
    };
    let plain = if about.is_file() {
        Text { shown: shown.clone(), file, bytes: about.len(), cut_off: false }
    } else {
        put_by(copy(&shown, file, spool, stopped))?
    };
    let mut magic = [0; 4];
    plain.file.read_at(&mut magic, 0).map_err(|source| failed(&shown, source))?;
    match magic {
        [0x1f, 0x8b, ..] => put_by(
            rewound(plain.file).and_then(|file| copy(&shown, MultiGzDecoder::new(file), spool, stopped)),
        ),
        [0x28, 0xb5, 0x2f, 0xfd] => put_by(
            rewound(plain.file).and_then(|file| copy(&shown, zstd::Decoder::new(file)?, spool, stopped)),
        ),
        _ => Ok(plain),
    }
}

fn rewound(mut file: File) -> io::Result<File> {
    file.rewind()?;
    Ok(file)
}

/// Copies to a file without a name. What cannot be unpacked further ends there: what it holds is read.
fn copy(shown: &Path, mut from: impl Read, spool: &Path, stopped: &dyn Fn() -> bool) -> io::Result<Text> {
    let mut to = tempfile::tempfile_in(spool)?;
    let mut block = vec![0; BLOCK];
    let (mut bytes, mut cut_off) = (0, false);
    loop {
        // A pipe may never end.
        if stopped() {
            return Err(ErrorKind::Interrupted.into());
        }
        match from.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                to.write_all(&block[..read])?;
                bytes += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A device that fails has a number; what is packed wrongly has none.
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(_) => {
                cut_off = true;
                break;
            }
        }
    }
    Ok(Text { shown: shown.to_owned(), file: to, bytes, cut_off })
}
