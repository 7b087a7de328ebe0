//! The start: what is there is found out by the catalogue, and by the files where they go on behind it.

use super::{
    Disk, DiskError, Spot, State,
    catalogue::{Catalogue, Unopened},
    row,
    segment::{self, Segment},
};
use std::{collections::BTreeMap, fs, path::Path, sync::atomic::Ordering::Relaxed};

impl Disk {
    /// Finds out what is there: by the catalogue, and by the files where they go on behind it.
    pub(super) fn load(&self) -> Result<State, DiskError> {
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
}

/// Opens the catalogue, or a new one where that is damaged.
pub(super) fn open_catalogue(path: &Path) -> Result<Option<Catalogue>, DiskError> {
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
