//! The catalogue: which records stand where, so that no file has to be looked through at the start. In sled; what is
//! lost of it is found again in the files.

use super::super::key::Place;
use crate::{clock, store::quiet};
use std::{path::Path, thread, time::Duration};

/// Bytes that sled may hold in memory; what is here is read once and then only written.
const CACHE_BYTES: u64 = 2 << 20;

/// How long somebody else who has it is waited for, and between two attempts.
const HELD_WAIT: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(10);

/// Bytes of a row.
const ROW: usize = 16 + 3 * 4;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) at: u32,
    pub(super) length: u32,
    /// Seconds since 1970; 0: never.
    pub(super) expires: u32,
}

/// The catalogue.
pub(super) struct Catalogue {
    db: sled::Db,
    /// By segment and place in it: rows of records that were written together.
    rows: sled::Tree,
    /// By segment and place in it: records that were taken out.
    gone: sled::Tree,
    /// What was counted, by route and model.
    counts: sled::Tree,
}

/// Whether a database can be opened, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// Another process has it.
    Held,
    /// What it holds cannot be used.
    Damaged,
    /// The system refuses to read or write.
    Failed,
}

fn by_place(segment: u32, at: u32) -> [u8; 8] {
    let mut key = [0; 8];
    key[..4].copy_from_slice(&segment.to_be_bytes());
    key[4..].copy_from_slice(&at.to_be_bytes());
    key
}

fn segment_and_place(key: &[u8]) -> Option<(u32, u32)> {
    let (segment, rest) = key.split_first_chunk()?;
    Some((u32::from_be_bytes(*segment), u32::from_be_bytes(rest.try_into().ok()?)))
}

impl Catalogue {
    /// Opens it; waits a moment for whoever has it: sled lets go a little later than it is dropped.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn open(path: &Path) -> Result<Self, Unopened> {
        let since = clock::now();
        loop {
            match Self::try_open(path) {
                Err(Unopened::Held) if clock::now().duration_since(since) < HELD_WAIT => {
                    thread::park_timeout(STEP);
                }
                opened => return opened,
            }
        }
    }

    fn try_open(path: &Path) -> Result<Self, Unopened> {
        // A damaged database may panic.
        let opened = quiet::catch(|| {
            let db =
                sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(None).open()?;
            let (rows, gone, counts) =
                (db.open_tree("rows")?, db.open_tree("gone")?, db.open_tree("counts")?);
            Ok(Catalogue { db, rows, gone, counts })
        });
        match opened {
            Ok(Ok(catalogue)) => Ok(catalogue),
            Ok(Err(sled::Error::Io(error))) if error.to_string().contains("could not acquire lock") => {
                Err(Unopened::Held)
            }
            Ok(Err(sled::Error::Io(_))) => Err(Unopened::Failed),
            Ok(Err(_)) | Err(_) => Err(Unopened::Damaged),
        }
    }

    /// Remembers records of one segment that were written together.
    pub(super) fn put(&self, segment: u32, rows: &[Row]) -> Result<(), sled::Error> {
        let Some(first) = rows.first() else { return Ok(()) };
        let mut value = Vec::with_capacity(rows.len() * ROW);
        for row in rows {
            value.extend_from_slice(&row.place.0.to_be_bytes());
            for number in [row.at, row.length, row.expires] {
                value.extend_from_slice(&number.to_be_bytes());
            }
        }
        self.rows.insert(by_place(segment, first.at), value).map(drop)
    }

    /// Remembers that records are gone.
    pub(super) fn take_out(&self, records: &[(u32, u32)]) -> Result<(), sled::Error> {
        let mut batch = sled::Batch::default();
        records.iter().for_each(|(segment, at)| batch.insert(&by_place(*segment, *at), &[]));
        self.gone.apply_batch(batch)
    }

    /// Forgets a segment.
    pub(super) fn forget(&self, segment: u32) -> Result<(), sled::Error> {
        for tree in [&self.rows, &self.gone] {
            let mut batch = sled::Batch::default();
            for key in tree.scan_prefix(segment.to_be_bytes()).keys() {
                batch.remove(key?);
            }
            tree.apply_batch(batch)?;
        }
        Ok(())
    }

    /// Tells all rows in the order of their segments and places, and whether their records are gone.
    pub(super) fn each(&self, on_row: &mut dyn FnMut(u32, Row, bool)) -> Result<(), sled::Error> {
        let mut gone = std::collections::HashSet::new();
        for key in self.gone.iter().keys() {
            gone.extend(segment_and_place(&key?));
        }
        for entry in &self.rows {
            let (key, value) = entry?;
            let Some((segment, _)) = segment_and_place(&key) else { continue };
            let (rows, _) = value.as_chunks::<ROW>();
            for row in rows {
                let (place, rest) = row.split_at(16);
                let (numbers, _) = rest.as_chunks::<4>();
                let number = |index: usize| u32::from_be_bytes(numbers[index]);
                let place = place.try_into().map_or(0, u128::from_be_bytes);
                let row = Row { place: Place(place), at: number(0), length: number(1), expires: number(2) };
                on_row(segment, row, gone.contains(&(segment, row.at)));
            }
        }
        Ok(())
    }

    /// What was counted.
    pub(super) fn counts(&self) -> Option<Vec<u8>> {
        self.counts.get("all").ok()?.map(|value| value.to_vec())
    }

    pub(super) fn set_counts(&self, counts: &[u8]) -> Result<(), sled::Error> {
        self.counts.insert("all", counts).map(drop)
    }

    /// Bytes of its files.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.db.size_on_disk().ok()
    }

    /// Returns when everything is on disk.
    pub(super) fn flush(&self) -> Result<(), sled::Error> {
        self.db.flush().map(drop)
    }
}
