//! Times of which averages and percentiles are told, in little room.

use std::collections::BTreeMap;

/// What two neighbouring steps differ by. A percentile is told within half of that, so within 1 %.
const STEP: f64 = 1.02;

/// The shortest time that is told apart, in milliseconds.
const SHORTEST: f64 = 0.001;

/// Times, counted by steps of 2 %: from a microsecond to a year there are about 1,500.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    count: u64,
    sum: f64,
    /// The shortest and the longest.
    ends: Option<(f64, f64)>,
    steps: BTreeMap<u16, u64>,
}

impl Times {
    /// Adds a time in milliseconds; what is none is left out.
    pub fn add(&mut self, milliseconds: Option<f64>) {
        let Some(time) = milliseconds.filter(|time| time.is_finite() && *time >= 0.0) else { return };
        self.count += 1;
        self.sum += time;
        self.reach((time, time));
        // Saturates, and nobody waits for that long.
        let step = ((time / SHORTEST).max(1.0).ln() / STEP.ln()).round() as u16;
        *self.steps.entry(step).or_default() += 1;
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Times) {
        self.count += other.count;
        self.sum += other.sum;
        other.ends.into_iter().for_each(|ends| self.reach(ends));
        for (step, count) in &other.steps {
            *self.steps.entry(*step).or_default() += count;
        }
    }

    fn reach(&mut self, (shortest, longest): (f64, f64)) {
        let (least, most) = self.ends.unwrap_or((shortest, longest));
        self.ends = Some((least.min(shortest), most.max(longest)));
    }

    /// In milliseconds; `None`: there are no times.
    pub fn average(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The time in milliseconds that so many percent do not exceed, within 1 %; `None`: there are no times.
    pub fn percentile(&self, percent: u64) -> Option<f64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut passed = 0;
        let step = self.steps.iter().find(|(_, count)| {
            passed += **count;
            passed >= rank
        });
        let (shortest, longest) = self.ends?;
        step.map(|(step, _)| (SHORTEST * STEP.powi(i32::from(*step))).clamp(shortest, longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_told_within_a_hundredth() {
        let mut times = Times::default();
        (1..=1_000).for_each(|time| times.add(Some(f64::from(time))));
        for (percent, expected) in [(50, 500.0), (95, 950.0), (99, 990.0), (100, 1_000.0)] {
            let told = times.percentile(percent).unwrap();
            assert!((told / expected - 1.0).abs() < 0.011, "{percent}: {told}");
        }
        assert_eq!(times.average(), Some(500.5));
    }

    #[test]
    fn sums_are_the_same_in_any_order_and_odd_times_do_no_harm() {
        let (mut times, mut other) = (Times::default(), Times::default());
        assert_eq!((times.average(), times.percentile(50)), (None, None));
        for time in [None, Some(f64::NAN), Some(-1.0), Some(f64::INFINITY)] {
            times.add(time);
        }
        assert_eq!(times, Times::default());
        times.add(Some(0.0));
        other.add(Some(f64::MAX));
        times.merge(&other);
        assert_eq!(times.percentile(50), Some(0.001));
        assert!(times.percentile(100).unwrap() > 1e9);
    }
}
