//! Places among the requests under way are counted exactly, in turn, and are never lost.

use super::*;
use crate::{config::Strategy, limit::quota::Quotas, tasks};
use std::{
    future::Future,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    task::Wake,
};

const LONG: Duration = Duration::from_secs(3_600);

fn key(concurrent: u32) -> KeyMeter {
    KeyMeter::new(Strategy::FixedWindow, Quotas::default(), Quotas::default(), Some(concurrent))
}

fn bound(limit: u32) -> Arc<Slots> {
    Arc::new(Slots::new(Some(limit)))
}

/// How many places are taken, and how many wait.
fn state(slots: &Slots) -> (u32, usize) {
    let state = slots.0.lock();
    (state.taken, state.waiting.as_ref().map_or(0, |queue| queue.tickets.len()))
}

#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// A request that is polled by hand.
struct Asking {
    future: Pin<Box<dyn Future<Output = Result<Entered, Crowded>>>>,
    bell: Arc<Bell>,
}

impl Asking {
    fn new(key: Option<&KeyMeter>, all: Option<&Arc<Slots>>) -> Self {
        Asking { future: Box::pin(enter(key.cloned(), all.cloned(), LONG)), bell: Arc::default() }
    }

    fn poll(&mut self) -> Option<Result<Entered, Crowded>> {
        let waker = self.bell.clone().into();
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        }
    }

    fn was_woken(&self) -> bool {
        self.bell.0.load(SeqCst)
    }
}

#[tokio::test]
async fn without_patience_a_full_bound_refuses_at_once() {
    let (key, all) = (key(2), bound(3));
    let ask = |key: Option<&KeyMeter>| enter(key.cloned(), Some(all.clone()), Duration::ZERO);
    let first = ask(Some(&key)).await.unwrap();
    let second = ask(Some(&key)).await.unwrap();
    assert_eq!(ask(Some(&key)).await.unwrap_err(), Crowded { limit: 2, whose: Whose::Key });
    let third = ask(None).await.unwrap();
    assert_eq!(ask(None).await.unwrap_err(), Crowded { limit: 3, whose: Whose::Global });
    drop(first);
    drop(ask(Some(&key)).await.unwrap());
    drop((second, third));
    assert_eq!((state(key.slots()), state(&all)), ((0, 0), (0, 0)));
}

#[tokio::test(start_paused = true)]
async fn patience_ends_and_leaves_the_queue() {
    let all = bound(1);
    let first = enter(None, Some(all.clone()), LONG).await.unwrap();
    let refused = enter(None, Some(all.clone()), Duration::from_secs(2)).await;
    assert_eq!(refused.unwrap_err(), Crowded { limit: 1, whose: Whose::Global });
    assert_eq!(state(&all), (1, 0));
    drop(first);
    assert_eq!(state(&all), (0, 0));
}

#[tokio::test]
async fn who_came_first_is_served_first() {
    let all = bound(1);
    let first = Asking::new(None, Some(&all)).poll().unwrap().unwrap();
    let mut second = Asking::new(None, Some(&all));
    let mut third = Asking::new(None, Some(&all));
    assert!(second.poll().is_none() && third.poll().is_none());
    drop(first);
    assert!(second.was_woken() && !third.was_woken());
    let mut late = Asking::new(None, Some(&all));
    assert!(late.poll().is_none() && third.poll().is_none(), "nobody overtakes");
    let second = second.poll().unwrap().unwrap();
    drop(second);
    assert!(third.was_woken() && !late.was_woken());
    drop(third.poll().unwrap().unwrap());
    assert!(late.poll().unwrap().is_ok());
    assert_eq!(state(&all), (0, 0));
}

#[tokio::test]
async fn a_place_given_to_one_that_leaves_goes_to_the_next() {
    let all = bound(1);
    let first = Asking::new(None, Some(&all)).poll().unwrap().unwrap();
    let mut second = Asking::new(None, Some(&all));
    let mut third = Asking::new(None, Some(&all));
    let mut fourth = Asking::new(None, Some(&all));
    assert!(second.poll().is_none() && third.poll().is_none() && fourth.poll().is_none());
    drop(third);
    assert_eq!(state(&all), (1, 2), "one that leaves while it waits is out of the queue");
    drop(first);
    assert!(second.was_woken());
    drop(second);
    assert!(fourth.was_woken(), "the place was taken, and is passed on unused");
    drop(fourth.poll().unwrap().unwrap());
    assert_eq!(state(&all), (0, 0));
}

#[tokio::test]
async fn waiting_for_the_keys_place_takes_none_of_all() {
    let (key, all) = (key(1), bound(2));
    let first = Asking::new(Some(&key), Some(&all)).poll().unwrap().unwrap();
    let mut second = Asking::new(Some(&key), Some(&all));
    assert!(second.poll().is_none());
    assert_eq!((state(key.slots()), state(&all)), ((1, 1), (1, 0)));
    let other = Asking::new(None, Some(&all)).poll().unwrap().unwrap();
    drop(first);
    assert!(second.poll().unwrap().is_ok());
    drop((second, other));
    assert_eq!((state(key.slots()), state(&all)), ((0, 0), (0, 0)));
}

#[tokio::test]
async fn a_bound_changes_while_requests_run_and_wait() {
    let key = key(1);
    let none = Quotas::default;
    let first = Asking::new(Some(&key), None).poll().unwrap().unwrap();
    let mut waiting: Vec<_> = (0..4).map(|_| Asking::new(Some(&key), None)).collect();
    assert!(waiting.iter_mut().all(|asking| asking.poll().is_none()));
    key.change(none(), none(), Some(3));
    assert_eq!(waiting.iter().map(Asking::was_woken).collect::<Vec<_>>(), [true, true, false, false]);
    let mut entered: Vec<_> = waiting.drain(..2).map(|mut asking| asking.poll().unwrap().unwrap()).collect();
    key.change(none(), none(), Some(1));
    entered.pop();
    entered.pop();
    assert_eq!(state(key.slots()), (1, 2), "a smaller bound ends none, and lets nobody in until it holds");
    drop(first);
    assert!(waiting[0].was_woken() && !waiting[1].was_woken());
    key.change(none(), none(), None);
    assert!(waiting[1].was_woken());
    drop(waiting);
    assert_eq!(state(key.slots()), (0, 0));
}

#[tokio::test]
async fn those_that_wait_are_bounded() {
    let all = bound(0);
    let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| Asking::new(None, Some(&all))).collect();
    assert!(waiting.iter_mut().all(|asking| asking.poll().is_none()));
    assert!(Asking::new(None, Some(&all)).poll().unwrap().is_err());
    drop(waiting);
    assert_eq!(state(&all), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_tasks_are_never_more_than_the_bound_at_once_and_all_get_in() {
    let (key, all) = (key(7), bound(5));
    let (now, most, served) = <(Arc<AtomicU32>, Arc<AtomicU32>, Arc<AtomicU32>)>::default();
    let tasks: Vec<_> = (0..200)
        .map(|i| {
            let key = (i % 2 == 0).then(|| key.clone());
            let (all, now, most, served) = (all.clone(), now.clone(), most.clone(), served.clone());
            tasks::spawn(async move {
                for round in 0..50 {
                    let mut asking = Box::pin(enter(key.clone(), Some(all.clone()), LONG));
                    if (i + round) % 7 == 0 {
                        // One that leaves, at whatever moment its first turn ends.
                        poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx).is_ready())).await;
                        continue;
                    }
                    let entered = asking.await.unwrap();
                    most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                    tokio::task::yield_now().await;
                    now.fetch_sub(1, SeqCst);
                    served.fetch_add(1, SeqCst);
                    drop(entered);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let left =
        (0..200).flat_map(|i| (0..50).map(move |round| (i + round) % 7 == 0)).filter(|left| *left).count();
    assert_eq!(served.load(SeqCst), 10_000 - left as u32);
    assert!(most.load(SeqCst) <= 5, "{most:?}");
    assert_eq!((state(key.slots()), state(&all)), ((0, 0), (0, 0)));
}
