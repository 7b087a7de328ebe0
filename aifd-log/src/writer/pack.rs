//! Packs one rotated file: to a temporary name, synced, renamed, the original removed.

use super::opened::FILE_MODE;
use crate::rotation::Packing;
use flate2::{Compression, write::GzEncoder};
use std::{
    ffi::OsString,
    fs::{self, File, FileTimes, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Read at once; between two of them it is asked whether to stop.
const BLOCK: usize = 256 * 1024;

/// What a packed file is called while it is not whole: hidden, and never taken for a log.
const PART: &str = ".part";

/// Levels that pack chats about tenfold without taking a core for long.
const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 3;

/// What became of packing a file.
#[derive(Debug)]
pub(super) enum Packed {
    /// It is packed.
    Done { packed: PathBuf, bytes: u64, packed_bytes: u64 },
    /// Another process packs it, it is gone, or it still grew; it is as it was.
    Left,
    /// It was asked to stop; the file is as it was.
    Stopped,
}

/// Packs a rotated file, and removes it.
pub(super) fn pack(source: &Path, packing: Packing, stop: &dyn Fn() -> bool) -> io::Result<Packed> {
    let Some(mut file) = claim(source)? else { return Ok(Packed::Left) };
    let part = part_of(source, packing);
    let packed = pack_to(&mut file, source, &part, packing, stop);
    if !matches!(packed, Ok(Packed::Done { .. })) {
        // It may never have been made; and what cannot be removed now is removed at the next start.
        let _ = fs::remove_file(&part);
    }
    packed
}

fn pack_to(
    file: &mut File,
    source: &Path,
    part: &Path,
    packing: Packing,
    stop: &dyn Fn() -> bool,
) -> io::Result<Packed> {
    let Some(bytes) = write_part(file, part, packing, stop)? else { return Ok(Packed::Stopped) };
    // Who wrote to the file while it was rotated may have come late: then it is packed another time.
    if bytes != file.metadata()?.len() {
        return Ok(Packed::Left);
    }
    let packed_bytes = fs::metadata(part)?.len();
    let packed = with_suffix(source, packing.suffix());
    fs::rename(part, &packed)?;
    sync_folder(source)?;
    fs::remove_file(source)?;
    Ok(Packed::Done { packed, bytes, packed_bytes })
}

/// Opens the file with this process's lock on it; `None` if it is another's, or gone.
fn claim(source: &Path) -> io::Result<Option<File>> {
    let file = match File::open(source) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Ok(None);
    }
    // Whoever had the lock before may have packed and removed the file meanwhile.
    let opened = file.metadata()?;
    let is_there = |found: fs::Metadata| (found.dev(), found.ino()) == (opened.dev(), opened.ino());
    Ok(fs::metadata(source).is_ok_and(is_there).then_some(file))
}

/// Writes the packed file and syncs it; how much was read, `None` if it was asked to stop.
fn write_part(
    file: &mut File,
    part: &Path,
    packing: Packing,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<u64>> {
    let like = file.metadata()?;
    let mut options = OpenOptions::new();
    let out = options.write(true).create(true).truncate(true).mode(FILE_MODE).open(part)?;
    let (read, out) = match packing {
        Packing::Plain => return Err(io::ErrorKind::InvalidInput.into()),
        Packing::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::new(GZIP_LEVEL));
            (copy(file, &mut encoder, stop)?, encoder.finish()?)
        }
        Packing::Zstd => {
            let mut encoder = zstd::Encoder::new(out, ZSTD_LEVEL)?;
            encoder.include_checksum(true)?;
            (copy(file, &mut encoder, stop)?, encoder.finish()?)
        }
    };
    // Who may read the chats, and of when they are, does not change.
    out.set_permissions(like.permissions())?;
    out.set_times(FileTimes::new().set_modified(like.modified()?))?;
    out.sync_all()?;
    Ok(read)
}

fn copy(file: &mut File, encoder: &mut impl Write, stop: &dyn Fn() -> bool) -> io::Result<Option<u64>> {
    let mut block = vec![0; BLOCK];
    let mut total = 0;
    loop {
        if stop() {
            return Ok(None);
        }
        match file.read(&mut block) {
            Ok(0) => return Ok(Some(total)),
            Ok(count) => {
                encoder.write_all(&block[..count])?;
                total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The original must not go before the packed file's name is on the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Removes what a crash left of packing a file; whether it did. Another process that is at it keeps its own.
pub(super) fn remove_part(part: &Path, source: &Path) -> io::Result<bool> {
    if source.exists() && claim(source)?.is_none() {
        return Ok(false);
    }
    fs::remove_file(part).map(|()| true)
}

/// Where the packed file is written.
fn part_of(source: &Path, packing: Packing) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(source.file_name().unwrap_or_default());
    name.push(packing.suffix());
    name.push(PART);
    source.with_file_name(name)
}

/// The name of the packed file whose temporary name this is.
pub(super) fn of_part(name: &str) -> Option<&str> {
    name.strip_prefix('.')?.strip_suffix(PART)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
