//! Every counter answers as the Python package does: a replay of what that package answered.

use super::{Spare, Window};
use crate::{
    config::Strategy,
    limit::quota::{Quota, Quotas},
};

const RECORDED: &str = include_str!("../fixtures/windows.txt");

fn strategy(name: &str) -> Strategy {
    match name {
        "fixed-window" => Strategy::FixedWindow,
        "fixed-window-elastic-expiry" => Strategy::FixedWindowElasticExpiry,
        "moving-window" => Strategy::MovingWindow,
        "sliding-window-counter" => Strategy::SlidingWindowCounter,
        other => panic!("unknown strategy {other}"),
    }
}

fn counter(line: &str) -> (Window, Quota) {
    let words: Vec<_> = line.split(' ').collect();
    let [name, count, multiple, unit] = words[..] else { panic!("{line}") };
    let quotas: Quotas = format!("{count}/{multiple}{unit}").parse().unwrap();
    (Window::new(strategy(name)), quotas.0[0])
}

#[test]
fn every_strategy_answers_as_the_limits_package_does() {
    let mut counters = 0;
    let mut hits = 0;
    let mut current = None;
    for (number, line) in RECORDED.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("> ") {
            counters += 1;
            current = Some(counter(head));
            continue;
        }
        let (window, quota) = current.as_mut().unwrap();
        let fields: Vec<u64> = line.split(' ').map(|field| field.parse().unwrap()).collect();
        let [now, cost, allowed, remaining, reset] = fields[..] else { panic!("{line}") };
        let passed = window.hit(quota, now, cost, Spare(usize::MAX));
        let standing = window.standing(quota, now);
        let told = (u64::from(passed), standing.remaining, standing.reset.as_millis() as u64);
        assert_eq!(told, (allowed, remaining, reset), "line {}: {line} of {quota}, {window:?}", number + 1);
        hits += 1;
    }
    assert_eq!((counters, hits), (240, 5_760));
}
