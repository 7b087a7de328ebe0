//! What holds for every sequence of events: never more than the quota, and waits that are exact.

use super::{Spare, Window, millis, moving};
use crate::{
    config::Strategy as Counting,
    limit::quota::{Quota, Unit},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};

const ANY: Spare = Spare(usize::MAX);

/// A quota of at most 20 s, and events: the milliseconds since the one before, and their costs.
fn events() -> impl Strategy<Value = (Quota, Vec<(u64, u64)>)> {
    let quota = (prop_oneof![1..8_u64, 1_020..1_030_u64, 2_000..100_000_u64], 1..20_u64)
        .prop_map(|(count, multiple)| Quota { count, multiple, unit: Unit::Second });
    quota.prop_flat_map(|quota| {
        let gap = prop_oneof![3 => 0..5_u64, 3 => 0..millis(&quota) / 3, 1 => 0..2 * millis(&quota)];
        let cost = prop_oneof![Just(1_u64), 1..quota.count / 2 + 2];
        (Just(quota), prop::collection::vec((gap, cost), 1..120))
    })
}

/// Time, cost, and whether it was allowed.
type Log = Vec<(u64, u64, bool)>;

/// Runs the events; each refused one must pass after the wait that was told, and not a millisecond earlier.
fn run(strategy: Counting, quota: &Quota, events: &[(u64, u64)]) -> Log {
    let mut window = Window::new(strategy);
    let mut now = 100_000;
    let mut log = Vec::new();
    for (gap, cost) in events {
        now += gap;
        let allowed = window.hit(quota, now, *cost, ANY);
        if !allowed && *cost <= quota.count {
            let wait = window.wait(quota, now, *cost).as_millis() as u64;
            assert!(window.clone().room(quota, now + wait) >= *cost, "after the wait it passes: {window:?}");
            assert!(
                wait == 1 || window.clone().room(quota, now + wait - 1) < *cost,
                "no earlier: {window:?}"
            );
        }
        log.push((now, *cost, allowed));
    }
    log
}

/// Windows that begin with the first event, refused or not, after the one before.
fn never_more_in_a_window(log: &Log, quota: &Quota, elastic: bool) {
    let (mut end, mut passed) = (0, 0);
    for (now, cost, allowed) in log {
        if *now >= end {
            (end, passed) = (now + millis(quota), 0);
        } else if elastic {
            end = now + millis(quota);
        }
        passed += if *allowed { *cost } else { 0 };
        assert!(passed <= quota.count);
    }
}

proptest! {
    #[test]
    fn fixed_windows_pass_no_more_than_the_quota((quota, events) in events()) {
        never_more_in_a_window(&run(Counting::FixedWindow, &quota, &events), &quota, false);
        never_more_in_a_window(&run(Counting::FixedWindowElasticExpiry, &quota, &events), &quota, true);
    }

    #[test]
    fn no_period_holds_more_than_the_quota_where_the_window_moves((quota, events) in events()) {
        let log = run(Counting::MovingWindow, &quota, &events);
        let passed = |from: u64, to: u64| -> u64 {
            log.iter().filter(|(at, ..)| (from..=to).contains(at)).map(|(_, cost, allowed)| cost * u64::from(*allowed)).sum()
        };
        for (index, (now, cost, allowed)) in log.iter().enumerate() {
            if *allowed {
                prop_assert!(passed(now - millis(&quota).min(*now), *now) <= quota.count);
            } else {
                // Stricter than exact by no more than one part of the period.
                let from = now.saturating_sub(millis(&quota) + moving::part(&quota));
                let before: u64 = log[..index].iter().filter(|(at, ..)| *at >= from)
                    .map(|(_, cost, allowed)| cost * u64::from(*allowed)).sum();
                prop_assert!(before + cost > quota.count);
            }
        }
    }

    #[test]
    fn two_weighted_windows_hold_no_more_than_the_quota((quota, events) in events()) {
        let period = millis(&quota);
        let mut passed = BTreeMap::<u64, u64>::new();
        for (now, cost, allowed) in run(Counting::SlidingWindowCounter, &quota, &events) {
            let index = now / period;
            let of = |index: u64| passed.get(&index).copied().unwrap_or(0);
            let estimate = of(index - 1) * (period - now % period) / period + of(index);
            prop_assert_eq!(allowed, estimate + cost <= quota.count);
            *passed.entry(index).or_default() += if allowed { cost } else { 0 };
        }
    }

    #[test]
    fn a_log_stays_within_its_slots((quota, events) in events(), spare in 0..2_000_usize) {
        let mut window = Window::new(Counting::MovingWindow);
        let mut tight = Window::new(Counting::MovingWindow);
        let most = tight.heap().max(size_of::<moving::Log>() + 2 * spare);
        let mut now = 0;
        for (gap, cost) in events.iter().cycle().take(4_000) {
            now += gap.min(&10);
            window.hit(&quota, now, *cost, ANY);
            if tight.hit(&quota, now, *cost, Spare(spare)) {
                prop_assert!(tight.heap() <= most, "what is spare is not passed");
            }
        }
        prop_assert!(window.heap() <= size_of::<moving::Log>() + moving::MAX_SLOTS as usize * 16);
        let small = Window::new(Counting::MovingWindow).heap();
        window.take(&quota, window.end(&quota), 1, ANY);
        prop_assert_eq!(window.heap(), small, "what was idle is small again");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again((quota, events) in events(), amount in 1..1_000_u64) {
        let amount = amount.min(quota.count);
        for strategy in [
            Counting::FixedWindow,
            Counting::FixedWindowElasticExpiry,
            Counting::MovingWindow,
            Counting::SlidingWindowCounter,
        ] {
            let mut window = Window::new(strategy);
            let mut now = 100_000;
            for (gap, _) in &events {
                now += gap;
                prop_assert!(window.room(&quota, now) >= amount, "{window:?}");
                window.take(&quota, now, amount, ANY);
                window.adjust(&quota, now, amount, 0);
            }
            prop_assert_eq!(window.room(&quota, now), quota.count);
        }
    }
}

#[test]
fn a_debt_is_paid_by_waiting() {
    let quota = Quota { count: 10, multiple: 10, unit: Unit::Second };
    let cases = [
        (Counting::FixedWindow, 9_000),
        (Counting::FixedWindowElasticExpiry, 9_000),
        (Counting::MovingWindow, 9_001),
        // 25 weigh less than 10 once less than 4 of the next 10 s are left.
        (Counting::SlidingWindowCounter, 9_000 + 6_001),
    ];
    for (strategy, wait) in cases {
        let mut window = Window::new(strategy);
        window.take(&quota, 20_000, 5, ANY);
        window.adjust(&quota, 20_000, 5, 25);
        assert_eq!(window.room(&quota, 21_000), 0);
        assert_eq!(window.wait(&quota, 21_000, 1), Duration::from_millis(wait), "{strategy:?}");
        assert!(window.room(&quota, 21_000 + wait) >= 1, "{strategy:?}");
        assert_eq!(window.room(&quota, window.end(&quota)), quota.count, "{strategy:?}");
    }
}

#[test]
fn a_window_that_is_over_is_not_adjusted() {
    let quota = Quota { count: 10, multiple: 10, unit: Unit::Second };
    for strategy in [
        Counting::FixedWindow,
        Counting::FixedWindowElasticExpiry,
        Counting::MovingWindow,
        Counting::SlidingWindowCounter,
    ] {
        let mut window = Window::new(strategy);
        window.take(&quota, 20_000, 5, ANY);
        window.take(&quota, 45_000, 3, ANY);
        window.adjust(&quota, 20_000, 5, 9);
        assert_eq!(window.room(&quota, 45_000), 7, "{strategy:?}");
    }
}

#[test]
fn a_counter_is_small() {
    assert_eq!(size_of::<Window>(), 32);
}
