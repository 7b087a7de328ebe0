//! Room: the bounds of the files and of the catalogue, and what is given back.

use super::{
    CATALOGUE, Disk, DiskError, Freed, Spot, State,
    catalogue::{Catalogue, Row},
    row,
    segment::{self, Segment},
};
use crate::cache::{entry::Stored, key::Place};
use std::{collections::BTreeMap, fs, sync::atomic::Ordering::Relaxed};

/// A file of which less than one in so many bytes is in use is written anew.
const WORTH_KEEPING: u64 = 4;

/// Bytes that a catalogue may have whatever it holds, and for each answer beside.
pub(super) const CATALOGUE_ROOM: u64 = 1 << 20;
const CATALOGUE_ROW: u64 = 512;

/// Rows of a new catalogue that are put in together.
const ROWS_AT_ONCE: usize = 256;

impl Disk {
    /// Makes the files fit the bound.
    pub(super) fn fit(&self) -> Result<Freed, DiskError> {
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
    pub(in crate::cache) fn sweep(&self, now: u64) -> Result<Freed, DiskError> {
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
    pub(in crate::cache) fn compact(&self) -> Result<Freed, DiskError> {
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

    /// Forgets everything, and gives the room back.
    ///
    /// # Errors
    /// The system refuses.
    pub(in crate::cache) fn clear(&self) -> Result<Freed, DiskError> {
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

    /// Looks how large the catalogue is, and makes it anew where it is much larger than what it has to hold.
    pub(super) fn measure(&self) {
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
    pub(super) fn make_anew(&self) -> Option<Catalogue> {
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
}
