//! Counters are exact under concurrency, dropped when they are over, and bounded in bytes.

use super::*;
use crate::limit::quota::Quotas;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

const ONE: ListId = ListId(0);

fn table(strategy: Strategy, lists: &[&str], bytes: usize) -> Table {
    let lists = lists.iter().map(|text| text.parse::<Quotas>().unwrap().0.into_boxed_slice()).collect();
    Table::new(strategy, lists, bytes)
}

/// An id as good as a hash.
fn counter(list: ListId, number: u64) -> Counter {
    let mix = |number: u64| {
        let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    };
    let number = mix(number.wrapping_add(0x9e37_79b9_7f4a_7c15));
    Counter { list, id: CounterId([number, mix(number.wrapping_add(1))]) }
}

/// What the counters hold, counted one by one.
fn recounted(table: &Table) -> usize {
    let heap: usize = table
        .shards
        .iter()
        .map(|shard| shard.lock().counters.values().map(|entry| entry.windows.heap()).sum::<usize>())
        .sum();
    heap + table.shards.iter().map(|shard| map_bytes(shard.lock().counters.capacity())).sum::<usize>()
}

const STRATEGIES: [Strategy; 4] = [
    Strategy::FixedWindow,
    Strategy::FixedWindowElasticExpiry,
    Strategy::MovingWindow,
    Strategy::SlidingWindowCounter,
];

#[test]
fn a_million_callers_stay_within_the_bound_and_then_share_one_quota() {
    for strategy in STRATEGIES {
        let table = table(strategy, &["1000/hour"], MAX_BYTES);
        let mut passed = 0_u64;
        for number in 0..1_000_000 {
            passed += u64::from(table.hit(counter(ONE, number), 5).is_ok());
        }
        let own = table.len() as u64;
        assert!(table.bytes() <= MAX_BYTES, "{strategy:?}: {}", table.bytes());
        assert_eq!(table.bytes(), recounted(&table), "{strategy:?}");
        assert!((300_000..1_000_000).contains(&own), "{strategy:?}: {own}");
        assert_eq!(passed, own + 1_000, "{strategy:?}: all others share one counter");
        assert!(table.hit(counter(ONE, 2_000_000), 6).is_err(), "it refuses once it is used up");
        let known = (0..1_000_000).find(|number| {
            table.shard(counter(ONE, *number).id).lock().counters.contains_key(&counter(ONE, *number).id)
        });
        assert!(table.hit(counter(ONE, known.unwrap()), 6).is_ok(), "whoever has a counter keeps it");
        // Two hours later all is over, and the next callers have counters of their own again.
        let later = 3 * 3_600_000;
        for number in 3_000_000..3_010_000 {
            assert!(table.hit(counter(ONE, number), later).is_ok());
        }
        assert_eq!(table.len(), 10_000, "{strategy:?}");
        assert!(table.bytes() < MAX_BYTES / 20, "{strategy:?}: {}", table.bytes());
        assert_eq!(table.bytes(), recounted(&table), "{strategy:?}");
    }
}

#[test]
fn moving_windows_that_grow_stay_within_the_bound() {
    let bytes = 1024 * 1024;
    let table = table(Strategy::MovingWindow, &["500/hour;800/day"], bytes);
    for now in 0..1_000 {
        for number in 0..300 {
            let _ = table.hit(counter(ONE, number), now);
        }
    }
    assert!(table.bytes() <= bytes, "{}", table.bytes());
    assert_eq!(table.bytes(), recounted(&table));
    for number in 0..300 {
        assert!(table.hit(counter(ONE, number), 1_000).is_err(), "each used up its quota all the same");
    }
}

#[test]
fn expired_counters_are_dropped_by_later_ones() {
    let table = table(Strategy::FixedWindow, &["5/minute", "5/day"], MAX_BYTES);
    for number in 0..20_000 {
        table.hit(counter(ListId((number % 2) as u32), number), 0).unwrap();
    }
    assert_eq!(table.len(), 20_000);
    for number in 100_000..101_000 {
        table.hit(counter(ONE, number), 61_000).unwrap();
    }
    assert_eq!(table.len(), 11_000, "those of a day go on");
}

#[test]
fn lists_do_not_share_counters() {
    let table = table(Strategy::FixedWindow, &["1/minute", "2/minute"], 0);
    let hit = |list| table.hit(counter(list, 1), 0).is_ok();
    assert_eq!((hit(ONE), hit(ONE)), (true, false), "no byte is allowed: the shared counters serve");
    let other = ListId(1);
    assert_eq!((hit(other), hit(other), hit(other)), (true, true, false));
    assert_eq!(table.len(), 0);
}

#[test]
fn a_reservation_from_the_shared_counter_goes_back_there() {
    let table = table(Strategy::FixedWindow, &["100/minute"], 0);
    let estimate = Estimate { prompt: 60, answer: Some(0) };
    let held = table.reserve(counter(ONE, 1), estimate, 0).unwrap();
    assert!(held.shared && table.reserve(counter(ONE, 2), estimate, 0).is_err());
    table.settle(held, 10);
    assert!(table.reserve(counter(ONE, 2), estimate, 0).is_ok());
}

#[test]
fn a_reservation_whose_counter_is_gone_changes_nothing() {
    let table = table(Strategy::FixedWindow, &["100/minute"], MAX_BYTES);
    let estimate = Estimate { prompt: 60, answer: Some(0) };
    let held = table.reserve(counter(ONE, 1), estimate, 0).unwrap();
    for number in 2..10_000 {
        table.hit(counter(ONE, number), 200_000).unwrap();
    }
    table.settle(held, 90);
    assert!(table.reserve(counter(ONE, 1), Estimate { prompt: 100, answer: Some(0) }, 200_000).is_ok());
}

#[test]
fn two_hundred_threads_count_exactly() {
    for strategy in STRATEGIES {
        let table = table(strategy, &["5000/hour;100000/day"], MAX_BYTES);
        let passed = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for thread in 0..200 {
                let (table, passed) = (&table, &passed);
                scope.spawn(move || {
                    for round in 0..100 {
                        let hit = table.hit(counter(ONE, 7), thread + round);
                        passed.fetch_add(u64::from(hit.is_ok()), SeqCst);
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 5_000, "{strategy:?}");
        assert_eq!(table.bytes(), recounted(&table));
    }
}

#[test]
fn two_hundred_threads_reserve_exactly() {
    for strategy in STRATEGIES {
        let table = table(strategy, &["100000/hour"], MAX_BYTES);
        let used = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for thread in 0..200 {
                let (table, used) = (&table, &used);
                scope.spawn(move || {
                    for round in 0..100 {
                        let estimate = Estimate { prompt: 10, answer: Some(90) };
                        let Ok(held) = table.reserve(counter(ONE, 7), estimate, thread + round) else {
                            continue;
                        };
                        let real = (thread + round) % 100;
                        table.settle(held, real);
                        used.fetch_add(real, SeqCst);
                    }
                });
            }
        });
        let rest = table.reserve(counter(ONE, 7), Estimate { prompt: 1, answer: None }, 1_000);
        let left = 100_000 - used.into_inner();
        match rest {
            Ok(held) => {
                let rest = held.taken.amount + held.taken.standing.unwrap().remaining;
                assert_eq!(rest, left, "{strategy:?}");
            }
            Err(_) => assert_eq!(left, 0, "{strategy:?}"),
        }
    }
}
