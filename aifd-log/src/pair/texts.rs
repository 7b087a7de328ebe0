//! Texts put behind each other, so that a place in them is one number.

use super::{ReadError, report::Location};
use crate::source::Text;
use std::{ops::Deref, path::PathBuf};

/// Read at once to count lines.
const COUNTED: u64 = 512 << 10;

/// Texts put behind each other.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) all: Vec<Text>,
    /// Where each begins.
    pub(super) begins: Vec<u64>,
    bytes: u64,
}

impl Texts {
    pub(super) fn new(all: Vec<Text>) -> Self {
        let mut bytes = 0;
        let mut begin = |text: &Text| {
            bytes += text.bytes();
            bytes - text.bytes()
        };
        let begins = all.iter().map(&mut begin).collect();
        Texts { all, begins, bytes }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The text that a place is in, and where that begins. Empty ones are none.
    pub(super) fn at(&self, place: u64) -> Option<(&Text, u64)> {
        let number = self.begins.partition_point(|begin| *begin <= place).checked_sub(1)?;
        Some((&self.all[number], self.begins[number]))
    }

    /// The file and the line of a place.
    pub(super) fn location(&self, place: u64) -> Result<Location, ReadError> {
        let Some((text, begin)) = self.at(place) else {
            return Ok(Location { file: PathBuf::new(), line: 0 });
        };
        let (mut line, mut at, mut block) = (1, begin, Block::default());
        while at < place {
            block.clear(usize::MAX);
            let read = block.append(self, at, COUNTED.min(place - at) as usize)?;
            if read == 0 {
                break;
            }
            line += memchr::memchr_iter(b'\n', &block).count() as u64;
            at += read as u64;
        }
        Ok(Location { file: text.shown().to_owned(), line })
    }
}

/// Bytes that were read. What was there before is written over: bytes are not zeroed each time.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    filled: usize,
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

impl Block {
    /// Empties it, and gives back what it has beyond so many bytes.
    pub(super) fn clear(&mut self, kept: usize) {
        self.filled = 0;
        if self.bytes.len() > kept {
            self.bytes.truncate(kept);
            self.bytes.shrink_to_fit();
        }
    }

    /// Reads what stands at a place of a text to its end; gives back how much there was.
    pub(super) fn append(&mut self, texts: &Texts, place: u64, bytes: usize) -> Result<usize, ReadError> {
        let Some((text, begin)) = texts.at(place) else { return Ok(0) };
        let end = self.filled + bytes;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        let read = text
            .read_at(&mut self.bytes[self.filled..end], place - begin)
            .map_err(|source| ReadError::Read { path: text.shown().to_owned(), source })?;
        self.filled += read;
        Ok(read)
    }

    /// The bytes, without the others.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.filled);
        self.bytes
    }
}
