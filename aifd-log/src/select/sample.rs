//! So many exchanges, drawn by the rank of their hashes: the same from the same data, in their order.

use super::identity;
use crate::exchange::Exchange;
use std::collections::{BinaryHeap, HashSet};

/// How many are drawn, and by which lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Exchanges at most.
    pub count: usize,
    /// Another seed draws others.
    pub seed: u64,
}

/// The exchanges of lowest rank so far: 16 bytes each, and no more than are drawn.
#[derive(Debug)]
pub(super) struct Ranking {
    sample: Sample,
    lowest: BinaryHeap<(u64, u64)>,
}

impl Ranking {
    pub(super) fn new(sample: Sample) -> Self {
        Ranking { sample, lowest: BinaryHeap::new() }
    }

    /// Hears of the `number`th exchange.
    pub(super) fn hear(&mut self, exchange: &Exchange, number: u64) {
        self.lowest.push((rank(exchange, self.sample.seed), number));
        if self.lowest.len() > self.sample.count {
            self.lowest.pop();
        }
    }

    pub(super) fn chosen(self) -> Chosen {
        Chosen(self.lowest.into_iter().map(|(_, number)| number).collect())
    }
}

/// The numbers of those that were drawn.
#[derive(Debug, Default)]
pub(super) struct Chosen(HashSet<u64>);

impl Chosen {
    pub(super) fn has(&self, number: u64) -> bool {
        self.0.contains(&number)
    }
}

/// By what it is, not by where it stands: more data makes only those give way that rank higher.
fn rank(exchange: &Exchange, seed: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&identity::exact(exchange));
    hasher.update(exchange.uid.as_bytes());
    let mut rank = [0; 8];
    hasher.finalize_xof().fill(&mut rank);
    u64::from_le_bytes(rank)
}
