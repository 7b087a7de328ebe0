//! Whatever was said comes back from every format that can hold it.

use super::{
    Format, Logs, Order, Report, Watch, convert,
    openai::Weight,
    read::{Datasets, open},
    run::Source,
    write::{Manner, Place, SHARD_BYTES},
};
use crate::{
    Kind,
    exchange::{Conversation, Exchange, Fields, push_python},
    pair::Kinds,
    select::Criteria,
    source::Input,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{fs, path::Path};

pub(super) fn order(format: Format) -> Order {
    Order {
        criteria: Criteria::default(),
        dedupe: None,
        sample: None,
        split: None,
        redactor: None,
        strict: true,
        manner: Manner { format, weight: Weight::All, shard_bytes: SHARD_BYTES },
    }
}

/// What both sides of a turn say.
#[derive(Clone, Debug)]
struct Turn {
    asked: String,
    called: Vec<(String, u32)>,
    answered: String,
}

/// Texts that are hard on some format: quotes, escapes, line ends of all kinds, commas, marks of other formats.
fn words() -> impl Strategy<Value = String> {
    let hard = [
        "'",
        "\"",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\u{0}",
        ",",
        "{'",
        "[1]",
        "\u{2028}",
        "\u{1f600}",
        "你",
        "None",
        "\u{7f}",
    ];
    let word = prop_oneof![4 => "[a-zA-Z ]{1,8}", 2 => prop::sample::select(hard.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(word, 1..6).prop_map(|words| words.concat())
}

fn turn(tools: bool) -> impl Strategy<Value = Turn> {
    let calls = if tools { 0..3_usize } else { 0..1 };
    let called = prop::collection::vec(("[a-z]{1,6}", any::<u32>()), calls);
    (words(), called, words()).prop_map(|(asked, called, answered)| Turn { asked, called, answered })
}

/// A chat of text, with or without tools that are called and answer.
fn chat(tools: bool) -> impl Strategy<Value = Exchange> {
    (prop::option::of(words()), prop::collection::vec(turn(tools), 1..4), any::<u32>()).prop_map(move |(system, turns, uid)| {
        let mut messages: Vec<Value> =
            system.into_iter().map(|text| json!({"role": "system", "content": text})).collect();
        for turn in turns {
            messages.push(json!({"role": "user", "content": turn.asked}));
            if !turn.called.is_empty() {
                let at = messages.len();
                let id = |number: usize| format!("call_{at}_{number}");
                let call = |(number, (name, value)): (usize, &(String, u32))| {
                    let arguments = json!({"a": value}).to_string();
                    json!({"id": id(number), "type": "function", "function": {"name": name, "arguments": arguments}})
                };
                let calls: Vec<Value> = turn.called.iter().enumerate().map(call).collect();
                messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
                for (number, (_, value)) in turn.called.iter().enumerate() {
                    messages.push(json!({"role": "tool", "tool_call_id": id(number), "content": value.to_string()}));
                }
            }
            messages.push(json!({"role": "assistant", "content": turn.answered}));
        }
        let mut exchange = Exchange::new(format!("{uid:032x}"), Kind::Chat);
        exchange.answer = messages.pop().and_then(|answer| answer.as_object().cloned());
        exchange.request.insert("messages".to_owned(), messages.into());
        exchange.request.insert("model".to_owned(), "m".into());
        if tools {
            let tool = json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]);
            exchange.request.insert("tools".to_owned(), tool);
        }
        exchange
    })
}

/// Lines of a log, every other exchange in one JSON object.
fn log(exchanges: &[Exchange]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut line = |python: bool, fields: &Fields| {
        match python {
            true => push_python(fields, &mut text),
            false => serde_json::to_writer(&mut text, fields).unwrap(),
        }
        text.push(b'\n');
    };
    for (number, exchange) in exchanges.iter().enumerate() {
        if number.is_multiple_of(2) {
            let (request, answer) = exchange.lines();
            line(true, &request);
            answer.iter().for_each(|answer| line(true, answer));
        } else {
            line(false, &exchange.json());
        }
    }
    text
}

fn into(source: &mut dyn Source, path: &Path, format: Format, watch: &Watch) -> Report {
    convert(source, Place::Path(path.to_owned()), &order(format), watch).unwrap()
}

/// From a log into a format and from there into a log again; gives back what that says.
fn there_and_back(exchanges: &[Exchange], format: Format) -> (Report, Vec<Conversation>) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let watch = Watch::default();
    fs::write(at("chat.log"), log(exchanges)).unwrap();
    let logs = |name: &str| {
        Logs::open(vec![Input::Path(at(name))], folder.path(), Kinds::All, false, &watch).unwrap()
    };
    let report = match format {
        Format::OpenaiForward => logs("chat.log").direct(Place::Path(at("set")), &order(format)).unwrap(),
        _ => into(&mut logs("chat.log"), &at("set"), format, &watch),
    };
    if format == Format::Log {
        fs::copy(at("set"), at("back.log")).unwrap();
    } else {
        let set =
            if format == Format::Parquet { at("set/data/train-00000-of-00001.parquet") } else { at("set") };
        let input = open(&set, folder.path()).unwrap();
        into(&mut Datasets::new(vec![input], format, &watch), &at("back.log"), Format::Log, &watch);
    }
    let mut said = Vec::new();
    let pass = logs("back.log").pass(&|_| super::Sorted::Unwanted, &mut |heard| {
        said.push(heard.exchange.conversation().unwrap());
        Ok(())
    });
    pass.unwrap();
    (report, said)
}

fn holds(exchanges: &[Exchange], format: Format) {
    let (report, said) = there_and_back(exchanges, format);
    assert_eq!((report.written, report.lost.len()), (exchanges.len() as u64, 0), "{format}");
    let expected: Vec<Conversation> =
        exchanges.iter().map(|exchange| exchange.conversation().unwrap()).collect();
    assert_eq!(said, expected, "{format}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn texts_come_back_from_all_formats(exchanges in prop::collection::vec(chat(false), 0..5)) {
        Format::ALL.into_iter().for_each(|format| holds(&exchanges, format));
    }

    #[test]
    fn tools_come_back_from_all_formats_that_have_them(exchanges in prop::collection::vec(chat(true), 0..5)) {
        let with_tools = Format::ALL.into_iter().filter(|format| ![Format::Alpaca, Format::Sharegpt].contains(format));
        with_tools.for_each(|format| holds(&exchanges, format));
    }
}

#[test]
fn golden_logs_come_back_from_all_formats_that_tell_all() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/golden");
    let mut found = 0;
    for entry in fs::read_dir(golden).unwrap() {
        let logs = entry.unwrap().path().join("logs");
        if !logs.exists() {
            continue;
        }
        found += 1;
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::default();
        let mut exchanges = Vec::new();
        let opened = Logs::open(vec![Input::Path(logs.clone())], folder.path(), Kinds::All, false, &watch);
        let pass = opened.unwrap().pass(&|_| super::Sorted::Unwanted, &mut |heard| {
            // What is no conversation has a place in none but the first two.
            if heard.exchange.conversation().is_some() && heard.exchange.answer.is_some() {
                exchanges.push(heard.exchange);
            }
            Ok(())
        });
        pass.unwrap();
        for format in [Format::Log, Format::Jsonl, Format::Csv] {
            let (_, said) = there_and_back(&exchanges, format);
            let expected: Vec<Conversation> =
                exchanges.iter().map(|exchange| exchange.conversation().unwrap()).collect();
            assert_eq!(said, expected, "{format}: {}", logs.display());
        }
    }
    assert!(found >= 36, "{found}");
}
