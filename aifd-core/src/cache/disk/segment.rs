//! The files that hold the records: each is only appended to, and removed as a whole.

use super::super::entry::{HEAD, Head, Stored};
use bytes::Bytes;
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Read at once while a file is looked through.
const READ_AT_ONCE: usize = 1 << 20;

/// One file of records.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) file: Arc<File>,
    /// Bytes of it.
    pub(super) bytes: u64,
    /// Bytes of its records that are in use.
    pub(super) live: u64,
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}.records"))
}

/// The number of a file, if it is one of ours.
pub(super) fn number(name: &str) -> Option<u32> {
    name.strip_suffix(".records").filter(|digits| digits.len() == 8)?.parse().ok()
}

impl Segment {
    /// Makes a new file, or opens one that is there.
    pub(super) fn open(folder: &Path, number: u32) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path(folder, number))?;
        let bytes = file.metadata()?.len();
        Ok(Segment { file: Arc::new(file), bytes, live: 0 })
    }

    /// Appends records; gives back where they begin. What was written of them before a failure is taken back.
    pub(super) fn append(&mut self, records: &[u8]) -> io::Result<u64> {
        let at = self.bytes;
        if let Err(error) = self.file.write_all_at(records, at) {
            // A record that is cut off is none, should this fail too.
            let _ = self.file.set_len(at);
            return Err(error);
        }
        self.bytes += records.len() as u64;
        Ok(at)
    }

    pub(super) fn remove(folder: &Path, number: u32) -> io::Result<()> {
        match fs::remove_file(path(folder, number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The bytes of a record.
pub(super) fn read(file: &File, at: u32, length: u32) -> io::Result<Bytes> {
    let mut record = vec![0; length as usize];
    file.read_exact_at(&mut record, u64::from(at))?;
    Ok(record.into())
}

/// Tells the whole records that stand in a file from a place on, with their bytes; gives back where the last of them ends. What is
/// between them and is none is passed over.
pub(super) fn look_through(
    file: &File,
    from: u64,
    bytes: u64,
    on_record: &mut dyn FnMut(u64, u64, &Stored),
) -> io::Result<u64> {
    let (mut at, mut end) = (from, from);
    let mut block = Vec::new();
    while at < bytes {
        let wanted = usize::try_from(bytes - at).unwrap_or(usize::MAX).min(READ_AT_ONCE.max(block.len()));
        block.resize(wanted, 0);
        file.read_exact_at(&mut block, at)?;
        let mut used = 0;
        loop {
            let rest = &block[used..];
            let Some(next) = memchr::memmem::find(rest, &super::super::entry::MAGIC) else {
                // Its beginning may be cut in two here.
                used = block
                    .len()
                    .saturating_sub(if at + block.len() as u64 == bytes { 0 } else { 3 })
                    .max(used);
                break;
            };
            used += next;
            let rest = &block[used..];
            let left = bytes - at - used as u64;
            let total = Head::read(rest).map(|head| head.total as usize);
            match total {
                None if rest.len() < HEAD && left > rest.len() as u64 => break,
                Some(total) if total > rest.len() && total as u64 <= left => {
                    if used == 0 {
                        block.resize(total, 0);
                    }
                    break;
                }
                Some(total) if total <= rest.len() && total >= HEAD => {
                    match Stored::decode(Bytes::copy_from_slice(&rest[..total])) {
                        Some(entry) => {
                            on_record(at + used as u64, total as u64, &entry);
                            used += total;
                            end = at + used as u64;
                        }
                        None => used += 1,
                    }
                }
                _ => used += 1,
            }
        }
        at += used as u64;
    }
    Ok(end)
}
