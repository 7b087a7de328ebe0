//! Even spacing of the pieces of a streamed answer.

use super::quota::Quota;
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Sleep;

/// Intervals shorter than this are kept on average: a timer that is good for a millisecond would stretch each.
const SHORT: Duration = Duration::from_millis(5);

/// What a timer may be late by on its own.
const LATE: Duration = Duration::from_millis(2);

/// Lets one piece pass each interval, the first one after an interval too. A piece that comes late passes at once and
/// the next waits for a whole interval after it, so nothing is made up for.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    /// Made when it is first waited for, since that needs a runtime.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(interval: Duration) -> Self {
        Pace { interval, sleep: None }
    }

    /// Whether a piece may pass now; wakes the task when one may.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let interval = self.interval;
        self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(interval))).as_mut().poll(cx)
    }

    /// A piece has passed: the next one waits.
    pub(crate) fn passed(&mut self) {
        let Some(sleep) = &mut self.sleep else { return };
        let next = tokio::time::sleep(self.interval);
        let scheduled = sleep.deadline().checked_add(self.interval);
        match scheduled {
            Some(scheduled) if self.interval < SHORT && next.deadline() < scheduled + LATE => {
                sleep.as_mut().reset(scheduled);
            }
            _ => sleep.set(next),
        }
    }
}

/// The time between two pieces under a quota; the whole period where it allows none.
pub(crate) fn interval(quota: &Quota) -> Duration {
    let period = quota.period().as_nanos() / u128::from(quota.count.max(1));
    Duration::from_nanos(u64::try_from(period).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn pass(pace: &mut Pace) {
        poll_fn(|cx| pace.poll_ready(cx)).await;
        pace.passed();
    }

    /// Milliseconds of the runtime's clock, which stands still but for waiting.
    struct Watch(Pin<Box<Sleep>>);

    impl Watch {
        fn start() -> Self {
            Watch(Box::pin(tokio::time::sleep(Duration::ZERO)))
        }

        fn read(&self) -> u128 {
            Watch::start().0.deadline().duration_since(self.0.deadline()).as_millis()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_leave_an_interval_apart_and_the_first_after_one() {
        let mut pace = Pace::new(Duration::from_millis(100));
        let watch = Watch::start();
        let mut times = Vec::new();
        for _ in 0..13 {
            pass(&mut pace).await;
            times.push(watch.read());
        }
        assert_eq!(times, (1..=13).map(|i| i * 100).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_made_up_for_after_a_pause() {
        let mut pace = Pace::new(Duration::from_millis(100));
        pass(&mut pace).await;
        let watch = Watch::start();
        tokio::time::sleep(Duration::from_millis(950)).await;
        pass(&mut pace).await;
        assert_eq!(watch.read(), 950, "a late piece passes at once");
        pass(&mut pace).await;
        assert_eq!(watch.read(), 1_050, "and the next waits for a whole interval");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_ready_until_the_piece_has_passed() {
        let mut pace = Pace::new(Duration::from_millis(100));
        poll_fn(|cx| pace.poll_ready(cx)).await;
        poll_fn(|cx| pace.poll_ready(cx)).await;
        pace.passed();
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(pace.poll_ready(&mut cx).is_pending());
    }

    #[tokio::test(start_paused = true)]
    async fn intervals_below_a_millisecond_are_kept_on_average_without_bursts_after_a_pause() {
        let mut pace = Pace::new(Duration::from_micros(500));
        let watch = Watch::start();
        for _ in 0..1_000 {
            pass(&mut pace).await;
        }
        assert!((500..=502).contains(&watch.read()), "{}", watch.read());
        tokio::time::sleep(Duration::from_millis(100)).await;
        let watch = Watch::start();
        for _ in 0..101 {
            pass(&mut pace).await;
        }
        assert!((50..=52).contains(&watch.read()), "{}", watch.read());
    }

    #[test]
    fn an_interval_is_the_period_divided_by_the_count() {
        let of = |text: &str| interval(&text.parse().unwrap());
        assert_eq!(of("10/second"), Duration::from_millis(100));
        assert_eq!(of("3/minute"), Duration::from_secs(20));
        assert_eq!(of("100/2minutes"), Duration::from_millis(1_200));
        assert_eq!(of("3/second"), Duration::from_nanos(333_333_333));
        assert_eq!(of("0/minute"), Duration::from_secs(60));
        assert_eq!(of("18446744073709551615/second"), Duration::ZERO);
    }
}
