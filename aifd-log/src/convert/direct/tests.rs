//! The golden logs, which openai-forward wrote and its own converter converted; and lines in the other form.

use super::*;
use crate::{
    pair::{Malformed, Options, Unreadable},
    source::Input,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/golden");

fn converted(logs: &Path, compat: bool) -> Result<String, DirectError> {
    let options = Options { compat, ..Options::default() };
    let inputs = vec![Input::Path(logs.to_owned())];
    let reading = Reading::open(inputs, &std::env::temp_dir(), options, &()).map_err(DirectError::Read)?;
    let mut out = Vec::new();
    let written = write(&reading, &(), &mut out, &|_| true)?;
    assert_eq!(written, reading.report().exchanges);
    Ok(String::from_utf8(out).unwrap())
}

fn held(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn cases() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(GOLDEN).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = entries
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    cases.sort();
    assert_eq!(cases.len(), 38);
    cases
}

#[test]
fn every_golden_log_is_converted_with_all_that_it_holds() {
    for (name, case) in cases().into_iter().filter(|(_, case)| case.join("logs").is_dir()) {
        // Where openai-forward loses nothing, its own output is what is expected.
        let expected = held(&case.join("default.json")).or_else(|| held(&case.join("expected.json")));
        assert_eq!(Some(converted(&case.join("logs"), false).unwrap()), expected, "{name}");
    }
}

#[test]
fn every_golden_log_is_converted_as_openai_forward_does_it_in_compat() {
    for (name, case) in cases().into_iter().filter(|(_, case)| case.join("logs").is_dir()) {
        let expected = held(&case.join("expected.json"));
        assert_eq!(converted(&case.join("logs"), true).ok(), expected, "{name}");
    }
}

#[test]
fn folders_of_routes_hold_their_chats_only() {
    for case in ["31_completion_embedding_logs", "32_several_prefixes"] {
        let case = Path::new(GOLDEN).join(case);
        for route in fs::read_dir(case.join("Log")).unwrap() {
            let route = route.unwrap();
            let expected =
                held(&case.join(format!("expected_chat_{}.json", route.file_name().to_str().unwrap())));
            for compat in [false, true] {
                assert_eq!(converted(&route.path().join("chat"), compat).ok(), expected);
            }
        }
    }
}

#[test]
fn where_openai_forward_fails_compat_names_the_line() {
    for (case, line, what) in [
        ("20_truncated_last_line", 4, "an unfinished text"),
        ("21_blank_line", 3, "a blank line"),
        ("30_markup_in_warning", 3, "messages that openai-forward cannot convert"),
        ("35_utf8_bom", 1, "a byte order mark"),
        ("36_stray_text_line", 3, "something unexpected"),
        ("37_missing_uid", 3, "no uid"),
    ] {
        let told = converted(&Path::new(GOLDEN).join(case).join("logs"), true).unwrap_err().to_string();
        assert!(told.contains(&format!("chat.log:{line}:")) && told.contains(what), "{told}");
    }
}

#[test]
fn what_cannot_be_read_is_counted_and_the_rest_converted() {
    let read = |case: &str| {
        let logs = Path::new(GOLDEN).join(case).join("logs");
        let reading =
            Reading::open(vec![Input::Path(logs)], Path::new("."), Options::default(), &()).unwrap();
        let report = reading.report().clone();
        let told = |faults: &[Malformed]| -> Vec<_> {
            faults.iter().map(|fault| (fault.location.line, fault.what)).collect()
        };
        (report.exchanges, told(&report.faults), told(&report.unfinished).len())
    };
    assert_eq!(read("20_truncated_last_line"), (1, vec![], 1));
    assert_eq!(read("21_blank_line"), (2, vec![], 0));
    assert_eq!(read("37_missing_uid").1, [(3, Unreadable::NoUid)]);
    let (exchanges, faults, _) = read("36_stray_text_line");
    assert_eq!((exchanges, faults.len(), faults[0].0), (2, 1, 3));
}

fn of_lines(lines: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("chat.log");
    fs::write(&log, lines).unwrap();
    converted(&log, false).unwrap()
}

#[test]
fn lines_in_json_give_what_those_in_python_give() {
    let head = "'ip': '', 'datetime': 'd', 'route': '/', 'key': None";
    let json_head = r#""ip":"","datetime":"d","route":"/","key":null,"kind":"chat","caching":false"#;
    for (request, answer, json_request, json_answer) in [
        (
            "'messages': [{'role': 'user', 'content': 'a\\nb'}], 'model': 'm', 'temperature': 1, 'tools': None",
            "'assistant': 'x', 'is_tool_calls': False, 'usage': {'a': 1}",
            r#"{"model":"m","messages":[{"content":"a\nb","role":"user"}]}"#,
            r#""answer":{"role":"assistant","content":"x"},"usage":{"a":1}"#,
        ),
        (
            "'messages': [], 'model': None, 'temperature': None, 'tools': [{'a': 1.0}]",
            "'assistant': [{'id': 'c'}], 'is_tool_calls': True, 'content': 'b', 'reasoning_content': 'r', \
             'refusal': 'no', 'choices': [{'index': 1}], 'message': {'audio': {}, 'annotations': [1]}",
            r#"{"messages":[],"temperature":null,"tools":[{"a":1e0}]}"#,
            r#""answer":{"role":"assistant","content":"b","tool_calls":[{"id":"c"}],"reasoning_content":"r","refusal":"no","audio":{},"annotations":[1]},"choices":[{"index":1}]"#,
        ),
        (
            "'messages': 'text', 'model': 'm', 'temperature': 1, 'tools': None",
            "'status': 500, 'error': {'message': 'm'}",
            r#"{"messages":"text","model":"m"}"#,
            r#""status":500,"answer":null,"error":{"message":"m"}"#,
        ),
    ] {
        let python = format!("{{{request}, 'uid': 'u', {head}}}\n{{{answer}, 'uid': 'u'}}\n");
        let json = format!(r#"{{"uid":"u",{json_head},"request":{json_request},{json_answer}}}"#);
        assert_eq!(of_lines(&json), of_lines(&python), "{json}");
        assert_eq!(of_lines(&(json.clone() + "\n" + &python + &json)).matches("datetime").count(), 3);
    }
}

/// What the same lines give by way of a tree.
fn by_tree(lines: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("chat.log");
    fs::write(&log, lines).unwrap();
    let reading =
        Reading::open(vec![Input::Path(log)], &std::env::temp_dir(), Options::default(), &()).unwrap();
    let mut rows = Vec::new();
    let mut each = |pair: Pair<'_>| {
        rows.push(super::super::openai_forward::row(&pair.lines.exchange(None).unwrap()).into());
        Ok::<(), ReadError>(())
    };
    reading.for_each(&(), &mut each).unwrap();
    serde_json::Value::Array(rows)
}

#[test]
fn lines_give_the_same_straight_and_by_way_of_a_tree() {
    let request = "{'messages': [{'role': 'user', 'content': 'q'}], 'model': 'm', 'uid': 'u', 'ip': '', 'datetime': 'd'}";
    for (answer, told) in [
        ("'assistant': 'x', 'is_tool_calls': False", r#""is_tool_calls":false,"assistant":"x""#),
        ("'assistant': 'x'", r#""is_tool_calls":null,"assistant":"x""#),
        ("'assistant': 'x', 'is_tool_calls': None", r#""is_tool_calls":null,"assistant":"x""#),
        ("'assistant': 'x', 'is_function_call': False", r#""is_tool_calls":null,"assistant":"x""#),
        ("'assistant': [1], 'is_function_call': True", r#""is_tool_calls":null,"assistant":[1]"#),
        ("'assistant': 'x', 'is_tool_calls': True", r#""is_tool_calls":true,"assistant":"x""#),
        ("'assistant': [], 'is_tool_calls': True", r#""is_tool_calls":true,"assistant":[]"#),
        ("'assistant': [1], 'is_tool_calls': True", r#""is_tool_calls":true,"assistant":[1]"#),
        ("'assistant': [1], 'is_tool_calls': True, 'content': ''", r#""is_tool_calls":true,"assistant":[1]"#),
        (
            "'assistant': [1], 'is_tool_calls': True, 'content': 'c'",
            r#""is_tool_calls":true,"assistant":[1],"content":"c""#,
        ),
        (
            "'assistant': 'x', 'is_tool_calls': False, 'content': 'c'",
            r#""is_tool_calls":false,"assistant":"x","content":"c""#,
        ),
        (
            "'assistant': 'x', 'is_tool_calls': False, 'refusal': None, 'reasoning_content': '', 'choices': None, 'message': {}",
            r#""is_tool_calls":false,"assistant":"x","reasoning_content":"""#,
        ),
        (
            "'user': 'x', 'is_tool_calls': False",
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"user"}"#,
        ),
        (
            "'model': 'x', 'is_tool_calls': False",
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"model"}"#,
        ),
        ("'bot': 'x'", r#""is_tool_calls":null,"assistant":"x","message":{"role":"bot"}"#),
        (
            "'tool': [1], 'is_tool_calls': True, 'message': {'role': 'y', 'audio': 1}",
            r#""is_tool_calls":true,"assistant":[1],"message":{"role":"tool","audio":1}"#,
        ),
        (
            "'assistant': 'x', 'is_tool_calls': False, 'message': {'role': 'uid', 'audio': 1}",
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"uid","audio":1}"#,
        ),
        (
            "'error': 1, 'user': 'x', 'is_tool_calls': False",
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"user"}"#,
        ),
        ("'model': 'm', 'status': 500", r#""is_tool_calls":null,"assistant":null"#),
    ] {
        for lines in [
            format!("{request}\n{{{answer}, 'uid': 'u'}}\n"),
            format!("{request}\n{{'uid': 'u', {answer}}}\n"),
        ] {
            check_both(&lines, told);
        }
    }
    let whole = r#"{"uid":"u","datetime":"d","kind":"chat","request":{"messages":[{"role":"user","content":"q"}],"model":"m"},"#;
    for (answer, told) in [
        (
            r#""answer":{"role":"assistant","content":"x","refusal":null}"#,
            r#""is_tool_calls":false,"assistant":"x""#,
        ),
        (
            r#""answer":{"role":"assistant","content":"","tool_calls":[1]}"#,
            r#""is_tool_calls":true,"assistant":[1]"#,
        ),
        (
            r#""answer":{"role":"assistant","content":"c","tool_calls":[1]}"#,
            r#""is_tool_calls":true,"assistant":[1],"content":"c""#,
        ),
        (
            r#""answer":{"role":"bot","content":"x","audio":1}"#,
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"bot","audio":1}"#,
        ),
        (
            r#""answer":{"content":"x","role":"user"}"#,
            r#""is_tool_calls":false,"assistant":"x","message":{"role":"user"}"#,
        ),
        (
            r#""answer":{"content":"x"},"is_tool_calls":null,"choices":null"#,
            r#""is_tool_calls":null,"assistant":"x""#,
        ),
        (r#""answer":null,"is_tool_calls":true"#, r#""is_tool_calls":null,"assistant":null"#),
    ] {
        check_both(&format!("{whole}{answer}}}\n"), told);
    }
}

fn check_both(lines: &str, told: &str) {
    let row = format!(
        r#"[{{"datetime":"d","ip":null,"model":"m","temperature":1,"messages":[{{"user":"q"}}],"tools":null,{told}}}]"#
    );
    let straight: serde_json::Value = serde_json::from_str(&of_lines(lines)).unwrap();
    assert_eq!(straight.to_string(), row, "straight: {lines}");
    assert_eq!(by_tree(lines).to_string(), row, "by a tree: {lines}");
}

#[test]
fn the_lines_of_the_writer_are_the_same_in_both_forms() {
    use crate::{
        Kind, line,
        record::{About, Answer, Choice, End, Facts, Request, Target},
    };
    let about = About {
        kind: Kind::Chat,
        uid: "0123456789abcdef0123456789abcdef",
        datetime: "2026-11-23 18:42:43",
        ip: "127.0.0.1",
        route: "/",
        key: Some("key_1"),
        caching: false,
        body_bytes: None,
        request_id: None,
    };
    let body = br#"{"model":"m","messages":[{"role":"user","content":"it's \"q\" \u00e9"},{"role":"x","content":null,"x":1}],"temperature":1e-7,"verbosity":"low"}"#;
    let request = Request::Json(body[..].into());
    let target = Target { method: "POST", path: "/v1/chat/completions" };
    let facts = Facts { status: Some(200), end: End::Complete, latency_ms: 1.5, ttft_ms: None, cache: None };
    let answer = Answer {
        choices: vec![Choice {
            content: Some(br#""text""#[..].into()),
            tool_calls: Some(br#"[{"id":"c","function":{"arguments":"{\"a\": 1}"}}]"#[..].into()),
            reasoning: Some(br#""because""#[..].into()),
            ..Choice::default()
        }],
        ..Answer::default()
    };
    let (mut python, mut json) = (Vec::new(), Vec::new());
    line::push_request(&about, target, &request, &mut python);
    line::push_answer(&about, &facts, &answer, &mut python);
    line::push_exchange(&about, target, &request, &facts, &answer, &mut json);
    let [python, json] = [python, json].map(|lines| of_lines(&String::from_utf8(lines).unwrap()));
    assert_eq!(json, python);
    assert!(json.contains(r#""content": "text""#) && json.contains(r#""x": 1"#), "{json}");
}

#[test]
fn only_what_is_wanted_is_written() {
    let lines: String = (0..9)
        .map(|number| {
            format!("{{'messages': [{number}], 'uid': {number}}}\n{{'assistant': '', 'uid': {number}}}\n")
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("chat.log");
    fs::write(&log, lines).unwrap();
    let reading = Reading::open(vec![Input::Path(log)], folder.path(), Options::default(), &()).unwrap();
    let out = |wanted: &(dyn Fn(usize) -> bool + Sync)| {
        let mut out = Vec::new();
        let written = write(&reading, &(), &mut out, wanted).unwrap();
        (written, String::from_utf8(out).unwrap().matches("\n  },").count())
    };
    assert_eq!((out(&|number| number % 4 == 0), out(&|_| true)), ((3, 2), (9, 8)));
    let mut none = Vec::new();
    assert_eq!(write(&reading, &(), &mut none, &|_| false).unwrap(), 0);
    assert_eq!(none, b"[]");
}

#[test]
fn messages_that_would_not_be_the_same_stay_as_they_are() {
    let row = |message: &str| {
        let out = of_lines(&format!("{{'messages': [{message}], 'uid': 1}}\n{{'uid': 1}}\n"));
        let messages = out.split("\"messages\": [").nth(1).unwrap().split("\n    ]").next().unwrap();
        messages.split_whitespace().collect::<String>()
    };
    for (message, expected) in [
        ("{'role': 'user', 'content': 'a', 'user': 1}", r#"{"role":"user","content":"a","user":1}"#),
        ("{'role': 'user', 'content': 'a', 'name': None}", r#"{"user":"a","name":null}"#),
        ("{'name': 'n', 'content': [1], 'role': 'user'}", r#"{"user":[1],"name":"n"}"#),
        ("{'role': 'us\"er', 'content': 1}", r#"{"us\"er":1}"#),
        ("{'role': 'user'}", r#"{"user":null}"#),
        ("{'role': 1, 'content': 'a'}", r#"{"role":1,"content":"a"}"#),
        ("{1: 2}", r#"{"1":2}"#),
        ("{'role': 'content', 'content': 'a'}", r#"{"content":"a"}"#),
        ("{}", "{}"),
        ("7", "7"),
    ] {
        assert_eq!(row(message), expected, "{message}");
    }
}
