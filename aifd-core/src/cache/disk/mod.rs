//! Answers on disk: records in files that are only appended to, and a catalogue of where they stand.
//!
//! One value in sled for each answer would be written several times over, takes 40 microseconds, and gives no room back.
//! So sled holds the catalogue, some 30 bytes an answer, and the answers stand in files of up to 64 MiB. Past the bound
//! the oldest file goes; of what is in it, answers that were served since they were written are written anew.

mod catalogue;
mod segment;
#[cfg(test)]
mod tests;

use super::{entry::Stored, key::Place};
use catalogue::{Catalogue, Row, Unopened};
use parking_lot::Mutex;
use segment::Segment;
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, DirBuilder, File},
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

/// Bytes that a catalogue may have whatever it holds, and for each answer beside.
const CATALOGUE_ROOM: u64 = 1 << 20;
const CATALOGUE_ROW: u64 = 512;

/// Rows of a new catalogue that are put in together.
const ROWS_AT_ONCE: usize = 256;

/// A file of which less than one in so many bytes is in use is written anew.
const WORTH_KEEPING: u64 = 4;

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
        let catalogue = open_catalogue(&folder.join(CATALOGUE))?;
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

    /// Finds out what is there: by the catalogue, and by the files where they go on behind it.
    fn load(&self) -> Result<State, DiskError> {
        let mut state = State::default();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            if let Some(number) = name.to_str().and_then(segment::number) {
                state.segments.insert(number, Segment::open(&self.folder, number)?);
            }
        }
        // Where the catalogue ends in each file.
        let mut known: BTreeMap<u32, u64> = BTreeMap::new();
        if let Some(catalogue) = &*self.catalogue.lock() {
            let (mut lost, mut last) = (0_u64, 0);
            let read = catalogue.each(&mut |segment, row, is_gone| {
                last = last.max(segment);
                let end = u64::from(row.at) + u64::from(row.length);
                if state.segments.get(&segment).is_none_or(|there| end > there.bytes) {
                    lost += u64::from(!is_gone);
                    return;
                }
                let known = known.entry(segment).or_default();
                *known = end.max(*known);
                if !is_gone {
                    state.place(row.place, Spot::of(segment, &row));
                }
            });
            self.next.fetch_max(last + 1, Relaxed);
            if lost > 0 {
                tracing::warn!(target: "aifd::cache", folder = %self.folder.display(), answers = lost, "files of the cache are missing or too short; what stood there is gone");
            }
            if let Err(error) = read {
                tracing::warn!(target: "aifd::cache", %error, "the cache's catalogue cannot be read; its files are looked through");
            }
        }
        let segments: Vec<(u32, Segment)> =
            state.segments.iter().map(|(number, segment)| (*number, segment.clone())).collect();
        let mut found = 0_u64;
        for (number, segment) in segments {
            self.next.fetch_max(number + 1, Relaxed);
            let from = known.get(&number).copied().unwrap_or_default();
            let mut rows = Vec::new();
            segment::look_through(&segment.file, from, segment.bytes, &mut |at, length, entry| {
                rows.extend(row(entry, at, length));
            })?;
            found += rows.len() as u64;
            for row in &rows {
                state.place(row.place, Spot::of(number, row));
            }
            self.note(|catalogue| catalogue.put(number, &rows));
        }
        if found > 0 {
            tracing::info!(target: "aifd::cache", folder = %self.folder.display(), answers = found, "answers were found that the cache's catalogue did not have");
        }
        state.bytes = state.segments.values().map(|segment| segment.bytes).sum();
        Ok(state)
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

    /// Makes the files fit the bound.
    fn fit(&self) -> Result<Freed, DiskError> {
        let mut freed = Freed::default();
        // Whatever it takes, half of the bound is for answers.
        let max = self.max - self.catalogue_bytes.load(Relaxed).min(self.max / 2);
        loop {
            let oldest = {
                let state = self.state.lock();
                if state.bytes <= max {
                    return Ok(freed);
                }
                let Some((number, _)) = state.segments.first_key_value() else { return Ok(freed) };
                *number
            };
            let gone = self.drop_segment(oldest, true)?;
            freed.entries += gone.entries;
            freed.bytes += gone.bytes;
        }
    }

    /// Removes a file. What was used of it is written anew; `bounded`: as far as that leaves room.
    fn drop_segment(&self, number: u32, bounded: bool) -> Result<Freed, DiskError> {
        let (mut kept, all, file, bytes) = {
            let state = self.state.lock();
            let Some(segment) = state.segments.get(&number) else { return Ok(Freed::default()) };
            let all: Vec<(Place, Spot)> = state
                .spots
                .iter()
                .filter(|(_, spot)| spot.segment == number)
                .map(|(p, s)| (*p, *s))
                .collect();
            let kept: Vec<(Place, Spot)> =
                all.iter().filter(|(_, spot)| spot.used || !bounded).copied().collect();
            (kept, all, segment.file.clone(), segment.bytes)
        };
        kept.sort_by_key(|(_, spot)| spot.at);
        let (mut records, mut rows, mut room) = (Vec::new(), Vec::new(), bytes / 2);
        for (place, spot) in kept {
            if bounded && u64::from(spot.length) > room {
                break;
            }
            let Ok(record) = segment::read(&file, spot.at, spot.length) else { continue };
            let Some(entry) = Stored::decode(record.clone()) else { continue };
            room = room.saturating_sub(record.len() as u64);
            let begin = records.len() as u64;
            rows.extend(row(&entry, begin, record.len() as u64).map(|row| Row { place, ..row }));
            records.extend_from_slice(&record);
        }
        let saved = rows.len() as u64;
        // The file goes first: there may be no room for what is kept of it.
        Segment::remove(&self.folder, number)?;
        let mut state = self.state.lock();
        for (place, spot) in &all {
            if state.spots.get(place).is_some_and(|there| (there.segment, there.at) == (number, spot.at)) {
                state.spots.remove(place);
            }
        }
        state.segments.remove(&number);
        state.bytes -= bytes;
        drop(state);
        self.note(|catalogue| catalogue.forget(number));
        let written = records.len() as u64;
        self.append(&records, rows)?;
        Ok(Freed { entries: all.len() as u64 - saved, bytes: bytes.saturating_sub(written) })
    }

    /// Forgets what has expired, and writes files anew that are hardly in use.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn sweep(&self, now: u64) -> Result<Freed, DiskError> {
        let now = u32::try_from(now / 1000).unwrap_or(u32::MAX);
        let expired: Vec<Place> = {
            let state = self.state.lock();
            let over = |spot: &Spot| spot.expires != 0 && spot.expires <= now;
            state.spots.iter().filter(|(_, spot)| over(spot)).map(|(place, _)| *place).collect()
        };
        let freed = self.remove(&expired);
        let _writer = self.writer.lock();
        self.tidy(WORTH_KEEPING)?;
        Ok(freed)
    }

    /// Writes every file anew of which something is not in use.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn compact(&self) -> Result<Freed, DiskError> {
        let before = self.state.lock().bytes;
        let writer = self.writer.lock();
        self.tidy(1)?;
        drop(writer);
        self.flush();
        Ok(Freed { entries: 0, bytes: before.saturating_sub(self.state.lock().bytes) })
    }

    fn tidy(&self, worth: u64) -> Result<(), DiskError> {
        let wasted: Vec<u32> = {
            let state = self.state.lock();
            let last = state.segments.last_key_value().map(|(number, _)| *number);
            let is_wasted = |number: &u32, segment: &Segment| {
                let unused = segment.live == 0 || segment.live < segment.bytes / worth;
                unused && segment.bytes > 0 && (Some(*number) != last || segment.live == 0 || worth == 1)
            };
            state.segments.iter().filter(|(n, segment)| is_wasted(n, segment)).map(|(n, _)| *n).collect()
        };
        for number in wasted {
            self.drop_segment(number, false)?;
        }
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

    /// Forgets everything, and gives the room back.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn clear(&self) -> Result<Freed, DiskError> {
        let _writer = self.writer.lock();
        let (freed, numbers) = {
            let mut state = self.state.lock();
            let freed = Freed { entries: state.spots.len() as u64, bytes: state.bytes };
            let numbers: Vec<u32> = state.segments.keys().copied().collect();
            *state = State::default();
            (freed, numbers)
        };
        let mut held = self.catalogue.lock();
        for number in numbers {
            Segment::remove(&self.folder, number)?;
        }
        *held = None;
        *held = self.make_anew();
        let bytes = held.as_ref().and_then(Catalogue::bytes).unwrap_or_default();
        self.catalogue_bytes.store(bytes, Relaxed);
        Ok(freed)
    }

    /// Reads every record, and forgets those that are damaged.
    pub(super) fn verify(&self) -> Verified {
        let mut verified = Verified::default();
        let mut damaged = Vec::new();
        self.each(
            &mut |_| {
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

    /// Tells all answers in the order in which they stand, until that says `false`.
    pub(super) fn all(&self, on_entry: &mut dyn FnMut(Stored) -> bool) {
        self.each(on_entry, &mut |_, _| {});
    }

    fn each(&self, on_entry: &mut dyn FnMut(Stored) -> bool, on_damaged: &mut dyn FnMut(Place, Spot)) {
        let mut spots: Vec<(Place, Spot)> =
            self.state.lock().spots.iter().map(|(place, spot)| (*place, *spot)).collect();
        spots.sort_by_key(|(_, spot)| (spot.segment, spot.at));
        for (place, spot) in spots {
            let Some(file) = self.file(spot.segment) else { continue };
            match read(&file, spot) {
                Some(entry) => {
                    if !on_entry(entry) {
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

    /// Looks how large the catalogue is, and makes it anew where it is much larger than what it has to hold.
    fn measure(&self) {
        let mut held = self.catalogue.lock();
        let bytes = held.as_ref().and_then(Catalogue::bytes).unwrap_or_default();
        let entries = self.state.lock().spots.len() as u64;
        if bytes > (CATALOGUE_ROOM + entries * CATALOGUE_ROW).min(self.max / 4).max(CATALOGUE_ROOM) {
            *held = None;
            *held = self.make_anew();
        }
        let bytes = held.as_ref().and_then(Catalogue::bytes).unwrap_or_default();
        self.catalogue_bytes.store(bytes, Relaxed);
    }

    /// A new catalogue of what is there, in the place of the old one.
    fn make_anew(&self) -> Option<Catalogue> {
        let path = self.folder.join(CATALOGUE);
        fs::remove_dir_all(&path).ok()?;
        let catalogue = Catalogue::open(&path).ok()?;
        let (mut rows, ends) = {
            let state = self.state.lock();
            let mut rows: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
            for (place, spot) in &state.spots {
                rows.entry(spot.segment).or_default().push(spot.row(*place));
            }
            let ends: Vec<(u32, u64)> =
                state.segments.iter().map(|(number, there)| (*number, there.bytes)).collect();
            (rows, ends)
        };
        for (segment, bytes) in ends {
            let rows = rows.entry(segment).or_default();
            rows.sort_by_key(|row| row.at);
            for rows in rows.chunks(ROWS_AT_ONCE) {
                catalogue.put(segment, rows).ok()?;
            }
            // What stands behind them is gone, and not to be found again.
            let end = rows.last().map_or(0, |row| row.at + row.length);
            let length = u32::try_from(bytes).ok()?.saturating_sub(end);
            if length > 0 {
                catalogue.put(segment, &[Row { place: Place(0), at: end, length, expires: 0 }]).ok()?;
                catalogue.take_out(&[(segment, end)]).ok()?;
            }
        }
        catalogue.flush().ok()?;
        Some(catalogue)
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

fn open_catalogue(path: &Path) -> Result<Option<Catalogue>, DiskError> {
    match Catalogue::open(path) {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(Unopened::Held) => Err(DiskError::Held),
        Err(Unopened::Failed) => {
            tracing::warn!(target: "aifd::cache", path = %path.display(), "the cache's catalogue cannot be opened; the cache goes on without one");
            Ok(None)
        }
        Err(Unopened::Damaged) => {
            tracing::warn!(target: "aifd::cache", path = %path.display(), "the cache's catalogue is damaged; a new one is made");
            fs::remove_dir_all(path)?;
            Ok(Catalogue::open(path).ok())
        }
    }
}
