//! What is taken, and what is the same.

use super::*;
use crate::pattern::Pattern;
use crate::{
    Kind,
    exchange::{End, Fields},
};
use serde_json::{Value, json};

fn fields(value: Value) -> Fields {
    value.as_object().unwrap().clone()
}

fn said(texts: &[&str], uid: &str) -> Exchange {
    let mut exchange = Exchange::new(uid, Kind::Chat);
    let roles = ["user", "assistant"].into_iter().cycle();
    let mut messages: Vec<Value> =
        texts.iter().zip(roles).map(|(text, role)| json!({"role": role, "content": text})).collect();
    if texts.len().is_multiple_of(2) {
        exchange.answer = messages.pop().and_then(|answer| answer.as_object().cloned());
    }
    exchange.request.insert("messages".to_owned(), messages.into());
    exchange
}

fn taken(exchanges: &[Exchange], dedupe: Option<Dedupe>, sample: Option<Sample>) -> Vec<String> {
    let mut selector = Selector::new(dedupe, sample);
    let (all, mut passes) = (selector.passes(), 1);
    while selector.surveys() {
        for exchange in exchanges {
            selector.judge(exchange);
        }
        selector.next_pass();
        passes += 1;
    }
    assert_eq!(passes, all);
    let taken = exchanges.iter().filter(|exchange| selector.judge(exchange) == Verdict::Taken);
    taken.map(|exchange| exchange.uid.clone()).collect()
}

#[test]
fn the_same_is_kept_once() {
    let exchanges = [
        said(&["a", "b"], "1"),
        said(&["a", "b"], "2"),
        said(&["a", "other"], "3"),
        said(&["a", "b", "c", "d"], "4"),
        said(&["a", "b", "c", "d"], "5"),
        said(&["a", "b", "x", "y"], "6"),
        said(&["z"], "7"),
    ];
    for (dedupe, expected) in [
        (None, vec!["1", "2", "3", "4", "5", "6", "7"]),
        (Some(Dedupe::Exact), vec!["1", "3", "4", "6", "7"]),
        (Some(Dedupe::Prompt), vec!["1", "4", "6", "7"]),
        (Some(Dedupe::Prefix), vec!["3", "4", "6", "7"]),
    ] {
        assert_eq!(taken(&exchanges, dedupe, None), expected, "{dedupe:?}");
    }
    let mut backwards = exchanges.to_vec();
    backwards.reverse();
    assert_eq!(taken(&backwards, Some(Dedupe::Prefix), None), ["7", "6", "5", "3"], "whatever comes first");
}

#[test]
fn an_answer_that_is_sent_back_without_its_extras_is_the_same() {
    let call = |extra: Value| {
        let mut call =
            fields(json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}));
        call.extend(fields(extra));
        json!([call])
    };
    let mut first = said(&["a"], "1");
    first.answer = Some(fields(json!({"role": "assistant", "content": null, "refusal": null,
        "tool_calls": call(json!({"index": 0})), "reasoning_content": "hm"})));
    let mut second = said(&["a"], "2");
    second.request["messages"].as_array_mut().unwrap().extend([
        json!({"role": "assistant", "content": "", "tool_calls": call(json!({}))}),
        json!({"role": "tool", "tool_call_id": "c", "content": "1"}),
    ]);
    second.answer = Some(fields(json!({"role": "assistant", "content": "done"})));
    assert_eq!(taken(&[first, second], Some(Dedupe::Prefix), None), ["2"]);
}

#[test]
fn a_sample_is_the_same_for_the_same_seed_and_keeps_the_order() {
    let exchanges: Vec<Exchange> =
        (0..200).map(|number: u32| said(&[&format!("q{}", number / 2), "a"], &number.to_string())).collect();
    let sample = |count, seed| taken(&exchanges, None, Some(Sample { count, seed }));
    let first = sample(20, 1);
    assert_eq!(first.len(), 20);
    assert_eq!(first, sample(20, 1));
    assert_ne!(first, sample(20, 2));
    assert!(first.iter().all(|uid| sample(40, 1).contains(uid)), "a larger sample holds the smaller one");
    let numbers: Vec<u32> = first.iter().map(|uid| uid.parse().unwrap()).collect();
    assert!(numbers.is_sorted());
    assert_eq!((sample(0, 1).len(), sample(1_000, 1).len()), (0, 200));
    let distinct = taken(&exchanges, Some(Dedupe::Exact), Some(Sample { count: 100, seed: 1 }));
    assert_eq!(distinct.len(), 100, "what is dropped is not drawn");
}

#[test]
fn a_split_moves_nothing_when_data_is_added_and_keeps_turns_together() {
    let split: Split = "train=0.8,valid=0.1,test=0.1".parse().unwrap();
    let parts: Vec<usize> =
        (0..2_000).map(|number| split.part(&said(&[&format!("q{number}"), "a"], "u"))).collect();
    let share = |part| parts.iter().filter(|found| **found == part).count() as f64 / 2_000.0;
    assert!((share(0) - 0.8).abs() < 0.04 && (share(1) - 0.1).abs() < 0.03, "{} {}", share(0), share(1));
    for number in 0..50 {
        let first = format!("q{number}");
        let (short, long) = (said(&[&first, "a"], "1"), said(&[&first, "a", "more", "b"], "2"));
        assert_eq!(split.part(&short), split.part(&long));
    }
    assert_eq!(split.to_string(), "train=0.8,valid=0.1,test=0.1");
    for (text, error) in [
        ("", SplitError::Form),
        ("train", SplitError::Form),
        ("train=x", SplitError::Form),
        ("a/b=1", SplitError::Name),
        ("=1", SplitError::Name),
        ("a=0.5,a=0.5", SplitError::Twice),
        ("a=0.5,b=0.4", SplitError::Sum),
        ("a=NaN", SplitError::Sum),
        ("a=2,b=-1", SplitError::Sum),
    ] {
        assert_eq!(text.parse::<Split>(), Err(error), "{text}");
    }
}

#[test]
fn criteria() {
    let line = json!({"uid": "u", "datetime": "2026-11-23 18:42:43", "route": "/v1", "key": "key_1", "kind": "chat",
        "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "12345678"}]},
        "status": 429, "end": "failed", "model": "gpt-4o-2024", "finish_reason": "stop", "usage": {"total_tokens": 9}});
    let exchange = Exchange::of_json(fields(line));
    let with = |set: fn(&mut Criteria)| {
        let mut criteria = Criteria::default();
        set(&mut criteria);
        criteria.accept(&exchange)
    };
    assert!(with(|_| ()));
    type Wish = fn(&mut Criteria);
    let cases: &[(Wish, bool)] = &[
        (|c| c.since = Bound::first("2026-11-23").ok(), true),
        (|c| c.since = Bound::first("2026-11-24").ok(), false),
        (|c| c.until = Bound::last("2026-11-23").ok(), true),
        (|c| c.until = Bound::last("2026-11-23 18:42").ok(), true),
        (|c| c.until = Bound::last("2026-11-23 18:42:42").ok(), false),
        (|c| c.models = vec!["o3".parse().unwrap(), "gpt-*".parse().unwrap()], true),
        (|c| c.models = vec!["*-2024".parse().unwrap()], true),
        (|c| c.models = vec!["gpt".parse().unwrap()], false),
        (|c| c.keys = vec!["key_1".parse().unwrap()], true),
        (|c| c.keys = vec!["key_2".parse().unwrap()], false),
        (|c| c.routes = vec!["/v1".parse().unwrap()], true),
        (|c| c.routes = vec!["/".parse().unwrap()], false),
        (|c| c.statuses = vec!["4xx".parse().unwrap()], true),
        (|c| c.statuses = vec!["200".parse().unwrap(), "5xx".parse().unwrap()], false),
        (|c| c.finish_reasons = vec!["stop".parse().unwrap()], true),
        (|c| c.finish_reasons = vec!["length".parse().unwrap()], false),
        (|c| c.ends = vec![End::Failed], true),
        (|c| c.ends = vec![End::Complete], false),
        (|c| c.min_turns = 1, true),
        (|c| c.min_turns = 2, false),
        (|c| c.has_tools = true, false),
        (|c| c.max_tokens = Some(9), true),
        (|c| c.max_tokens = Some(8), false),
    ];
    for (at, (set, expected)) in cases.iter().enumerate() {
        assert_eq!(with(*set), *expected, "case {at}");
    }
}

#[test]
fn what_no_log_tells_is_not_met_and_tokens_are_estimated() {
    let exchange = said(&["12345678", "1234"], "u");
    let accepts = |criteria: &Criteria| criteria.accept(&exchange);
    let since = Criteria { since: Bound::first("2020-01-01").ok(), ..Criteria::default() };
    let status = Criteria { statuses: vec!["200".parse().unwrap()], ..Criteria::default() };
    assert_eq!((accepts(&since), accepts(&status)), (false, true), "openai-forward logs what succeeded");
    for (most, expected) in [(3, true), (2, false)] {
        assert_eq!(accepts(&Criteria { max_tokens: Some(most), ..Criteria::default() }), expected);
    }
    for text in ["", "xx", "6xx", "99", "600", "4x", "abc"] {
        assert_eq!(text.parse::<StatusClass>(), Err(UnknownStatus), "{text}");
    }
}

#[test]
fn patterns() {
    for (pattern, name, expected) in [
        ("gpt-4o", "gpt-4o", true),
        ("gpt-4o", "gpt-4o-mini", false),
        ("gpt-4o*", "gpt-4o-mini", true),
        ("*", "", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("ab*b", "ab", false),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(pattern.parse::<Pattern>().unwrap().matches(name), expected, "{pattern} {name}");
    }
}
