//! What a limiter promises for whole requests: which quota holds, what a refusal says, what a reservation costs.

use super::*;
use crate::config::{LevelLimit, RouteLimit, Strategy};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

type Routes<'a> = &'a [(&'a str, &'a [(Option<u32>, &'a str)])];

fn quotas(text: &str) -> Quotas {
    text.parse().unwrap()
}

fn routes(routes: Routes<'_>) -> Vec<RouteLimit> {
    let limit =
        |(level, text): &(Option<u32>, &str)| LevelLimit { level: level.map(Level), quotas: quotas(text) };
    let route = |(route, limits): &(&str, &[_])| RouteLimit {
        route: (*route).to_owned(),
        limits: limits.iter().map(limit).collect(),
    };
    routes.iter().map(route).collect()
}

fn requests(limits: Routes<'_>, global: &str) -> Limiter {
    Limiter::new(&LimitsConfig {
        requests: routes(limits),
        global: quotas(global),
        ..LimitsConfig::default()
    })
}

fn tokens(limits: Routes<'_>) -> Limiter {
    Limiter::new(&LimitsConfig { token_quotas: routes(limits), ..LimitsConfig::default() })
}

fn key(requests: &str, tokens: &str) -> KeyMeter {
    KeyMeter::new(Strategy::FixedWindow, quotas(requests), quotas(tokens), None)
}

fn asked(path: &str, level: u32, caller: u128) -> Asked<'_> {
    Asked { path, level: Level(level), caller: CallerId(caller), key: None }
}

fn at(limiter: &Limiter, millis: u64) -> Instant {
    limiter.began + Duration::from_millis(millis)
}

/// How often a request passes at one moment.
fn passes(limiter: &Limiter, asked: &Asked<'_>) -> usize {
    (0..20).take_while(|_| limiter.admit(asked, at(limiter, 0)).is_ok()).count()
}

fn estimate(prompt: u64, answer: u64) -> Estimate {
    Estimate { prompt, answer: Some(answer) }
}

#[test]
fn the_first_covering_entry_with_the_callers_level_holds_else_the_global_limit() {
    let limiter = requests(
        &[
            ("/v1/chat/completions", &[(Some(0), "4/minute"), (Some(1), "2/minute"), (Some(3), "inf")]),
            ("/v1/chat", &[(None, "3/minute")]),
        ],
        "5/minute",
    );
    let cases = [
        ("/v1/chat/completions", 0, 4),
        ("/v1/chat/completions", 1, 2),
        ("/v1/chat/completions", 2, 5),
        ("/v1/chat/completions", 3, 20),
        ("/v1/chat/completions/xyz", 0, 4),
        ("/v1/chat/completionsx", 0, 3),
        ("/v1/chat/other", 9, 3),
        ("/v1/models", 0, 5),
        ("/openai/v1/chat/completions", 0, 5),
    ];
    for (path, level, most) in cases {
        assert_eq!(passes(&limiter, &asked(path, level, 1)), most, "{path} level {level}");
    }
}

#[test]
fn each_path_and_each_caller_has_a_counter() {
    let limiter = requests(&[("/v1", &[(None, "2/minute")])], "");
    assert_eq!(passes(&limiter, &asked("/v1/a", 0, 1)), 2);
    assert_eq!(passes(&limiter, &asked("/v1/a/", 0, 1)), 0, "one slash at the end is no other path");
    assert_eq!(passes(&limiter, &asked("/v1/b", 0, 1)), 2);
    assert_eq!(passes(&limiter, &asked("/v1/a", 0, 2)), 2);
    assert_eq!(passes(&limiter, &asked("/other", 0, 1)), 20, "no global limit");
}

#[test]
fn a_refusal_says_which_quota_and_when_to_come_again() {
    let limiter = requests(&[("/v1/chat/completions", &[(None, "4/minute")])], "1/second");
    let chat = asked("/v1/chat/completions", 0, 1);
    for remaining in (0..4).rev() {
        let standing = limiter.admit(&chat, at(&limiter, 500)).unwrap().unwrap();
        assert_eq!(standing, Standing { limit: 4, remaining, reset: Duration::from_secs(60) });
    }
    let refused = limiter.admit(&chat, at(&limiter, 20_500)).unwrap_err();
    assert_eq!(refused.to_string(), "Rate limit exceeded: 4 per 1 minute");
    let reset = Duration::from_secs(40);
    assert_eq!(
        refused,
        Exceeded {
            quota: quotas("4/minute").0[0],
            counted: Counted::Requests,
            whose: Whose::Route("/v1/chat/completions".into()),
            standing: Standing { limit: 4, remaining: 0, reset },
            retry_after: reset,
            never: false,
        }
    );
    assert!(limiter.admit(&chat, at(&limiter, 20_500) + reset).is_ok());
    let models = asked("/v1/models", 0, 1);
    limiter.admit(&models, at(&limiter, 0)).unwrap();
    assert_eq!(limiter.admit(&models, at(&limiter, 0)).unwrap_err().whose, Whose::Global);
}

#[test]
fn of_several_quotas_those_before_the_one_that_refuses_keep_the_request() {
    let limiter = requests(&[("/a", &[(None, "5/hour;2/minute")]), ("/b", &[(None, "2/minute;5/hour")])], "");
    for (path, then) in [("/a", 0), ("/b", 2)] {
        let asked = asked(path, 0, 1);
        assert_eq!(passes(&limiter, &asked), 2);
        // Two passed and some were refused: the list that begins with the hour counted those, too.
        for _ in 0..9 {
            assert!(limiter.admit(&asked, at(&limiter, 0)).is_err());
        }
        let later = (0..9).take_while(|_| limiter.admit(&asked, at(&limiter, 60_000)).is_ok()).count();
        assert_eq!(later, then, "{path}");
    }
}

#[test]
fn the_tightest_quota_is_told() {
    let limiter = requests(&[("/a", &[(None, "9/hour;3/minute;3/day")])], "");
    let own = key("2/minute", "");
    let standing = limiter.admit(&asked("/a", 0, 1), at(&limiter, 0)).unwrap().unwrap();
    assert_eq!((standing.limit, standing.remaining, standing.reset.as_secs()), (3, 2, 86_400));
    let with_key = Asked { key: Some(&own), ..asked("/a", 0, 1) };
    let standing = limiter.admit(&with_key, at(&limiter, 0)).unwrap().unwrap();
    assert_eq!((standing.limit, standing.remaining, standing.reset.as_secs()), (3, 1, 86_400));
    assert_eq!(requests(&[], "").admit(&asked("/a", 0, 1), clock::now()).unwrap(), None);
}

#[test]
fn a_keys_own_quota_comes_on_top_and_counts_over_all_paths() {
    let limiter = requests(&[("/a", &[(None, "3/minute")])], "");
    let own = key("5/minute", "");
    let ask = |path| Asked { key: Some(&own), ..asked(path, 0, 1) };
    assert_eq!(passes(&limiter, &ask("/a")), 3);
    assert_eq!(passes(&limiter, &ask("/b")), 2);
    let refused = limiter.admit(&ask("/b"), at(&limiter, 0)).unwrap_err();
    assert_eq!((refused.whose, refused.quota.count), (Whose::Key, 5));
}

#[test]
fn a_key_whose_quotas_change_keeps_the_counts_of_those_that_stay() {
    let limiter = requests(&[], "");
    let own = key("3/minute", "100/minute");
    let ask = Asked { key: Some(&own), ..asked("/a", 0, 1) };
    assert_eq!(passes(&limiter, &ask), 3);
    let reservation = limiter.reserve(&ask, estimate(90, 0), at(&limiter, 0)).unwrap().unwrap();
    own.change(quotas("10/hour;3/minute"), quotas("100/minute"), None);
    assert_eq!(passes(&limiter, &ask), 0, "the minute's stays used up");
    own.change(quotas("3/minute;2/hour"), quotas("100/minute"), None);
    assert_eq!(passes(&limiter, &ask), 0);
    own.change(quotas("2/hour"), quotas("100/minute"), None);
    assert_eq!(passes(&limiter, &ask), 2, "that of the hour is new: the one before had refused first");
    reservation.settle(95);
    assert!(limiter.reserve(&ask, estimate(6, 0), at(&limiter, 0)).is_err(), "a list that stayed is settled");
    let reservation = limiter.reserve(&ask, estimate(5, 0), at(&limiter, 0)).unwrap().unwrap();
    own.change(quotas(""), quotas("100/minute;500/hour"), None);
    assert_eq!(passes(&limiter, &ask), 20);
    drop(reservation);
    assert!(
        limiter.reserve(&ask, estimate(1, 0), at(&limiter, 0)).is_err(),
        "made before the change: stays taken"
    );
}

#[test]
fn tokens_are_counted_by_caller_and_entry_not_by_path() {
    let limiter = tokens(&[("/v1/chat", &[(Some(1), "100/minute")]), ("/v1", &[(None, "1000/minute")])]);
    let now = at(&limiter, 0);
    let take = |path, level, caller, amount| {
        limiter
            .reserve(&asked(path, level, caller), estimate(amount, 0), now)
            .map(|taken| taken.map(std::mem::forget))
    };
    assert_eq!(take("/v1/chat/a", 1, 1, 60), Ok(Some(())));
    assert!(take("/v1/chat/b", 1, 1, 60).is_err(), "another path, the same counter");
    assert_eq!(take("/v1/chat/b", 1, 2, 60), Ok(Some(())));
    assert_eq!(take("/v1/chat/b", 0, 1, 60), Ok(None), "no quota for this level, nor a global one");
    assert_eq!(take("/v1/models", 1, 1, 1_000), Ok(Some(())));
    assert_eq!(take("/v2", 1, 1, 1_000), Ok(None));
}

#[test]
fn a_reservation_is_settled_with_what_was_used() {
    let limiter = tokens(&[("/v1", &[(None, "1000/minute")])]);
    let chat = asked("/v1/chat", 0, 1);
    let now = at(&limiter, 0);
    let left =
        || limiter.reserve(&chat, estimate(1, 0), now).unwrap().unwrap().standing().unwrap().remaining + 1;
    let reserve = |prompt, answer| limiter.reserve(&chat, estimate(prompt, answer), now);
    let one = reserve(100, 500).unwrap().unwrap();
    let standing = Standing { limit: 1_000, remaining: 400, reset: Duration::from_secs(60) };
    assert_eq!(one.standing(), Some(standing));
    let refused = reserve(100, 301).unwrap_err();
    assert_eq!((refused.counted, refused.standing.remaining, refused.never), (Counted::Tokens, 400, false));
    one.settle(150);
    assert_eq!(left(), 850);
    drop(reserve(200, 300).unwrap());
    assert_eq!(left(), 850, "one that is dropped gives all back");
    reserve(10, 10).unwrap().unwrap().settle(900);
    let refused = reserve(1, 0).unwrap_err();
    assert_eq!(refused.standing.remaining, 0);
    assert_eq!(
        refused.retry_after,
        Duration::from_secs(60),
        "overdrawn: it refuses until the window is over"
    );
    assert!(limiter.reserve(&chat, estimate(1_000, 0), now + refused.retry_after).unwrap().is_some());
}

#[test]
fn a_request_without_a_maximum_takes_what_is_left_up_to_the_default() {
    let limiter = tokens(&[("/v1", &[(None, "1000/minute;5000/day")])]);
    let chat = asked("/v1/chat", 0, 1);
    let open = |prompt| limiter.reserve(&chat, Estimate { prompt, answer: None }, at(&limiter, 0));
    let one = open(100).unwrap().unwrap();
    assert_eq!(one.standing().unwrap().remaining, 1_000 - 100 - DEFAULT_ANSWER);
    let two = open(300).unwrap().unwrap();
    assert_eq!(two.standing().unwrap().remaining, 0, "88 are left for its answer");
    assert!(open(0).is_err(), "nothing is left");
    two.settle(300);
    assert!(open(89).is_err() && open(88).is_ok(), "the prompt must fit");
    drop(one);
}

#[test]
fn more_than_a_whole_quota_never_passes() {
    let limiter = tokens(&[("/v1", &[(None, "100/second;1000/hour")])]);
    let own = key("", "50/day");
    let chat = asked("/v1/chat", 0, 1);
    let with_key = Asked { key: Some(&own), ..chat };
    let now = at(&limiter, 0);
    let refused = limiter.reserve(&chat, estimate(60, 41), now).unwrap_err();
    assert!(refused.never && refused.quota.count == 100);
    let refused = limiter.reserve(&with_key, estimate(60, 0), now).unwrap_err();
    assert!(refused.never && refused.whose == Whose::Key);
    assert!(
        limiter.reserve(&chat, estimate(100, 0), now).unwrap().is_some(),
        "the key's refusal took nothing"
    );
    let closed = tokens(&[("/v1", &[(None, "0/day")])]);
    assert!(closed.reserve(&chat, estimate(0, 0), at(&closed, 0)).unwrap_err().never);
    let closed = requests(&[("/v1", &[(None, "0/day")])], "");
    assert!(closed.admit(&chat, at(&closed, 0)).unwrap_err().never);
}

#[test]
fn a_refusal_extends_an_elastic_window_of_tokens_without_counting() {
    let config = LimitsConfig {
        token_quotas: routes(&[("/v1", &[(None, "100/minute")])]),
        strategy: Strategy::FixedWindowElasticExpiry,
        ..LimitsConfig::default()
    };
    let limiter = Limiter::new(&config);
    let chat = asked("/v1", 0, 1);
    let take = |amount, millis| {
        limiter
            .reserve(&chat, estimate(amount, 0), at(&limiter, millis))
            .map(|taken| taken.unwrap().settle(amount))
    };
    take(90, 0).unwrap();
    take(20, 59_000).unwrap_err();
    take(20, 61_000).unwrap_err();
    take(10, 62_000).unwrap();
    take(100, 122_000).unwrap();
}

#[test]
fn pieces_are_paced_on_exactly_the_path() {
    let config = LimitsConfig {
        tokens: routes(&[
            ("/v1/chat/completions", &[(Some(0), "10/second;1/minute"), (Some(1), "inf")]),
            ("/v1/completions/", &[(None, "60/minute")]),
        ]),
        ..LimitsConfig::default()
    };
    let limiter = Limiter::new(&config);
    let cases = [
        ("/v1/chat/completions", 0, Some(100)),
        ("/v1/chat/completions/", 0, Some(100)),
        ("/v1/chat/completions", 1, None),
        ("/v1/chat/completions", 2, None),
        ("/v1/chat/completions/xyz", 0, None),
        ("/v1/completions", 5, Some(1_000)),
        ("/v1", 0, None),
    ];
    for (path, level, interval) in cases {
        assert_eq!(limiter.pace(path, Level(level)), interval.map(Duration::from_millis), "{path} {level}");
    }
}

#[tokio::test]
async fn requests_under_way_are_bounded_by_key_and_by_all() {
    let limiter = Limiter::new(&LimitsConfig { max_concurrent: Some(2), ..LimitsConfig::default() });
    let own = KeyMeter::new(Strategy::FixedWindow, quotas(""), quotas(""), Some(1));
    let with_key = Asked { key: Some(&own), ..asked("/a", 0, 1) };
    let one = limiter.enter(&with_key).await.unwrap();
    assert_eq!(limiter.enter(&with_key).await.unwrap_err().whose, Whose::Key);
    let two = limiter.enter(&asked("/b", 0, 2)).await.unwrap();
    assert_eq!(
        limiter.enter(&asked("/b", 0, 2)).await.unwrap_err(),
        Crowded { limit: 2, whose: Whose::Global }
    );
    drop((one, two));
    assert!(limiter.enter(&with_key).await.is_ok());
}

#[test]
fn two_hundred_threads_never_pass_more_than_the_quotas() {
    let limiter = requests(&[("/v1", &[(None, "3000/hour")])], "");
    let own = key("2000/hour", "");
    let (with_key, without) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..200 {
            let (limiter, own, with_key, without) = (&limiter, &own, &with_key, &without);
            scope.spawn(move || {
                let has_key = thread % 2 == 0;
                let asked = Asked { key: has_key.then_some(own), ..asked("/v1/chat", 0, thread % 2) };
                let passed = if has_key { with_key } else { without };
                for _ in 0..100 {
                    passed.fetch_add(u64::from(limiter.admit(&asked, clock::now()).is_ok()), SeqCst);
                }
            });
        }
    });
    assert_eq!((with_key.into_inner(), without.into_inner()), (2_000, 3_000));
}

#[test]
fn what_is_handed_out_may_move_between_threads() {
    fn moves<T: Send + 'static>() {}
    moves::<Reservation>();
    moves::<Entered>();
    moves::<Exceeded>();
    assert!(size_of::<Exceeded>() <= 128, "{}", size_of::<Exceeded>());
}
