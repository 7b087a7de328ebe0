//! Answers on disk: records in files that are only appended to, and a catalogue of where they stand.
//!
//! One value in sled for each answer would be written several times over, takes 40 microseconds, and gives no room back.
//! So sled holds the catalogue, some 30 bytes an answer, and the answers stand in files of up to 64 MiB. Past the bound
//! the oldest file goes; of what is in it, answers that were served since they were written are written anew.

mod catalogue;
mod load;
mod room;
mod segment;
#[cfg(test)]
mod tests;

use super::{entry::Stored, key::Place};
use catalogue::{Catalogue, Row};
use parking_lot::Mutex;
use segment::Segment;
use std::{
    collections::{BTreeMap, HashMap},
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

/// Bytes of a file at most.
const LARGEST_SEGMENT: u64 = 64 << 20;

/// Files that the bound is shared among, at least.
const SEGMENTS: u64 = 16;

/// Folder of the catalogue within the cache's.
const CATALOGUE: &str = "catalogue";

/// Where a record stands, and how it was used.
#[derive(Clone, Copy, Debug)]
struct Spot {
    segment: u32,
    at: u32,
    length: u32,
    /// Seconds since 1970; 0: never.
    expires: u32,
    /// It was served since it was written here.
    used: bool,
}

impl Spot {
    fn of(segment: u32, row: &Row) -> Self {
        Spot { segment, at: row.at, length: row.length, expires: row.expires, used: false }
    }

    /// In the order of all records.
    fn position(self) -> u64 {
        u64::from(self.segment) << 32 | u64::from(self.at)
    }

    fn row(self, place: Place) -> Row {
        Row { place, at: self.at, length: self.length, expires: self.expires }
    }
}

/// Answers on disk.
pub(super) struct Disk {
    folder: PathBuf,
    max: u64,
    largest: u64,
    state: Mutex<State>,
    /// Held by whoever changes files; `state` is never held while the disk is waited for.
    writer: Mutex<()>,
    /// The number of the next file: none is used twice.
    next: AtomicU32,
    catalogue: Mutex<Option<Catalogue>>,
    /// Bytes of the catalogue's files, when it was last brought to disk.
    catalogue_bytes: AtomicU64,
}

#[derive(Default)]
struct State {
    spots: HashMap<Place, Spot>,
    segments: BTreeMap<u32, Segment>,
    /// Bytes of all files.
    bytes: u64,
}

/// Why there is no cache on disk.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiskError {
    #[error("another process uses it")]
    Held,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Catalogue(String),
}

impl From<sled::Error> for DiskError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => DiskError::Io(error),
            other => DiskError::Catalogue(other.to_string()),
        }
    }
}

/// What a change of the cache came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Freed {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
}

/// What was found when all records were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) good: u64,
    pub(crate) damaged: u64,
}

impl Disk {
    /// Opens the cache of a folder, which is made if it is missing. What is damaged is left out, and said.
    ///
    /// # Errors
    /// The folder cannot be used, or another process uses it.
    pub(super) fn open(folder: &Path, max: u64) -> Result<Self, DiskError> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let catalogue = load::open_catalogue(&folder.join(CATALOGUE))?;
        let largest = (max / SEGMENTS).clamp(64 << 10, LARGEST_SEGMENT);
        let mut disk = Disk {
            folder: folder.to_owned(),
            max,
            largest,
            state: Mutex::default(),
            writer: Mutex::default(),
            next: AtomicU32::new(1),
            catalogue: Mutex::new(catalogue),
            catalogue_bytes: AtomicU64::new(0),
        };
        let state = disk.load()?;
        disk.state = Mutex::new(state);
        // Only now: how large the catalogue may be goes by what is there.
        disk.flush();
        disk.fit()?;
        Ok(disk)
    }

    /// What is kept at a place, if it is whole. Reads a file: not for a worker.
    pub(super) fn get(&self, place: Place) -> Option<Stored> {
        let (spot, file) = {
            let mut state = self.state.lock();
            let spot = state.spots.get_mut(&place)?;
            spot.used = true;
            let spot = *spot;
            (spot, state.segments.get(&spot.segment)?.file.clone())
        };
        match read(&file, spot) {
            Some(entry) if entry.key.place(entry.variant) == place => Some(entry),
            _ => {
                tracing::warn!(target: "aifd::cache", segment = spot.segment, at = spot.at, "an answer in the cache is damaged, and was dropped");
                self.drop_damaged(place, spot);
                None
            }
        }
    }

    /// It was served out of memory.
    pub(super) fn touch(&self, place: Place) {
        if let Some(spot) = self.state.lock().spots.get_mut(&place) {
            spot.used = true;
        }
    }

    /// Whether something is kept there. Reads nothing.
    pub(super) fn holds(&self, place: Place) -> bool {
        self.state.lock().spots.contains_key(&place)
    }

    fn drop_damaged(&self, place: Place, spot: Spot) {
        let mut state = self.state.lock();
        let same = |there: &Spot| (there.segment, there.at) == (spot.segment, spot.at);
        if state.spots.get(&place).is_some_and(same) {
            state.forget(place);
            drop(state);
            self.note(|catalogue| catalogue.take_out(&[(spot.segment, spot.at)]));
        }
    }

    /// Writes answers, and makes room for them. Gives back what had to go.
    ///
    /// # Errors
    /// The system refuses; nothing of the answers is kept then.
    pub(super) fn put(&self, entries: &[Arc<Stored>]) -> Result<Freed, DiskError> {
        let _writer = self.writer.lock();
        let mut records = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        for entry in entries {
            let begin = records.len();
            entry.encode(&mut records)?;
            let length = (records.len() - begin) as u64;
            if length > self.max / 2 {
                records.truncate(begin);
                continue;
            }
            if begin > 0 && begin as u64 + length > self.largest / 2 {
                let next = records.split_off(begin);
                self.append(&std::mem::replace(&mut records, next), std::mem::take(&mut rows))?;
            }
            rows.extend(row(entry, records.len() as u64 - length, length));
        }
        self.append(&records, rows)?;
        self.fit()
    }

    /// Appends records; `rows` say where they begin in them. Only for the writer.
    fn append(&self, records: &[u8], mut rows: Vec<Row>) -> Result<(), DiskError> {
        if records.is_empty() {
            return Ok(());
        }
        let last =
            self.state.lock().segments.last_key_value().map(|(number, segment)| (*number, segment.clone()));
        let fits = |segment: &Segment| segment.bytes + records.len() as u64 <= self.largest;
        let (number, mut segment) = match last.filter(|(_, segment)| fits(segment)) {
            Some(last) => last,
            None => {
                let number = self.next.fetch_add(1, Relaxed);
                (number, Segment::open(&self.folder, number)?)
            }
        };
        let at = segment.append(records)?;
        let mut replaced = Vec::new();
        {
            let mut state = self.state.lock();
            let live = state.segments.get(&number).map_or(0, |there| there.live);
            state.segments.insert(number, Segment { live, ..segment });
            state.bytes += records.len() as u64;
            for row in &mut rows {
                row.at += u32::try_from(at).unwrap_or(u32::MAX);
                replaced.extend(
                    state.place(row.place, Spot::of(number, row)).map(|spot| (spot.segment, spot.at)),
                );
            }
        }
        self.note(|catalogue| {
            catalogue.put(number, &rows)?;
            catalogue.take_out(&replaced)
        });
        Ok(())
    }

    /// Forgets answers. Their room is given back when their files are written anew.
    pub(super) fn remove(&self, places: &[Place]) -> Freed {
        let mut freed = Freed::default();
        let mut records = Vec::new();
        let mut state = self.state.lock();
        for place in places {
            if let Some(spot) = state.forget(*place) {
                freed.entries += 1;
                freed.bytes += u64::from(spot.length);
                records.push((spot.segment, spot.at));
            }
        }
        drop(state);
        self.note(|catalogue| catalogue.take_out(&records));
        freed
    }

    /// Reads every record, and forgets those that are damaged.
    pub(super) fn verify(&self) -> Verified {
        let mut verified = Verified::default();
        let mut damaged = Vec::new();
        self.each(
            0,
            &mut |_, _| {
                verified.good += 1;
                true
            },
            &mut |place, spot| damaged.push((place, spot)),
        );
        verified.damaged = damaged.len() as u64;
        for (place, spot) in damaged {
            self.drop_damaged(place, spot);
        }
        verified
    }

    /// Tells the answers from a position on, in the order in which they stand, each with the position behind it, until
    /// that says `false`.
    pub(super) fn all_from(&self, from: u64, on_entry: &mut dyn FnMut(u64, Stored) -> bool) {
        self.each(from, on_entry, &mut |_, _| {});
    }

    fn each(
        &self,
        from: u64,
        on_entry: &mut dyn FnMut(u64, Stored) -> bool,
        on_damaged: &mut dyn FnMut(Place, Spot),
    ) {
        let mut spots: Vec<(Place, Spot)> = {
            let state = self.state.lock();
            let wanted = state.spots.iter().filter(|(_, spot)| spot.position() >= from);
            wanted.map(|(place, spot)| (*place, *spot)).collect()
        };
        spots.sort_by_key(|(_, spot)| (spot.segment, spot.at));
        for (place, spot) in spots {
            let Some(file) = self.file(spot.segment) else { continue };
            match read(&file, spot) {
                Some(entry) => {
                    if !on_entry(spot.position() + 1, entry) {
                        return;
                    }
                }
                None => on_damaged(place, spot),
            }
        }
    }

    fn file(&self, segment: u32) -> Option<Arc<File>> {
        Some(self.state.lock().segments.get(&segment)?.file.clone())
    }

    /// How many answers there are, and the bytes of their files.
    pub(super) fn count(&self) -> (u64, u64) {
        let state = self.state.lock();
        (state.spots.len() as u64, state.bytes)
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn counts(&self) -> Option<Vec<u8>> {
        self.catalogue.lock().as_ref()?.counts()
    }

    pub(super) fn set_counts(&self, counts: &[u8]) {
        self.note(|catalogue| catalogue.set_counts(counts));
    }

    /// Brings the catalogue to disk. What is lost of it is found again in the files.
    pub(super) fn flush(&self) {
        self.note(Catalogue::flush);
        self.measure();
    }

    fn note(&self, change: impl FnOnce(&Catalogue) -> Result<(), sled::Error>) {
        if let Some(catalogue) = &*self.catalogue.lock()
            && let Err(error) = change(catalogue)
        {
            tracing::debug!(target: "aifd::cache", %error, "the cache's catalogue cannot be written");
        }
    }
}

impl State {
    /// A record is there now, in the place of another one.
    fn place(&mut self, place: Place, spot: Spot) -> Option<Spot> {
        let before = self.forget(place);
        if let Some(segment) = self.segments.get_mut(&spot.segment) {
            segment.live += u64::from(spot.length);
        }
        self.spots.insert(place, spot);
        before
    }

    fn forget(&mut self, place: Place) -> Option<Spot> {
        let spot = self.spots.remove(&place)?;
        if let Some(segment) = self.segments.get_mut(&spot.segment) {
            segment.live = segment.live.saturating_sub(u64::from(spot.length));
        }
        Some(spot)
    }
}

fn read(file: &File, spot: Spot) -> Option<Stored> {
    Stored::decode(segment::read(file, spot.at, spot.length).ok()?)
}

/// The row of a record; `None` past what a file can have.
fn row(entry: &Stored, at: u64, length: u64) -> Option<Row> {
    let seconds = |millis: u64| u32::try_from(millis / 1000).unwrap_or(u32::MAX);
    Some(Row {
        place: entry.key.place(entry.variant),
        at: u32::try_from(at).ok()?,
        length: u32::try_from(length).ok()?,
        // Rounded up: what has not expired is served.
        expires: if entry.expires_at == 0 { 0 } else { seconds(entry.expires_at + 999) },
    })
}
