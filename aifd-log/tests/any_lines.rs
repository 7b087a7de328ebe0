//! Whatever lines a log has, they are paired and converted, or told: see `any_log`, which the fuzz target shares.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_log;
mod golden;

use proptest::prelude::*;

/// Lines that openai-forward wrote, and the like of them in JSON, with what may befall them.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let whole = [
        r#"{"uid":"a","kind":"chat","request":{"messages":[{"role":"user","content":"q"}]},"answer":{"role":"assistant","content":"x"}}"#,
        r#"{"uid":"b","kind":"messages","request":{"system":"s","messages":[1,"x",null]},"answer":{"content":[{}],"tool_calls":[{"function":{}}]},"output":[{"type":"text"}]}"#,
        r#"{"uid":"c","kind":"responses","request":{"input":[{"type":"function_call"}]},"answer":7,"choices":{},"status":"x","usage":[]}"#,
        "{'uid': 'd', 'messages': {'role': 1}, 'extra': [], 'tools': 1}",
        "{'uid': 'd', 'user': ({1, 2}, b'x'), 'is_tool_calls': True, 'message': 1, 'choices': None}",
    ];
    let mut lines = golden::lines();
    // As often as all others together.
    let own = whole.iter().cycle().take(lines.len()).map(|line| (*line).to_owned());
    lines.extend(own.collect::<Vec<_>>());
    let line = (
        prop::sample::select(lines),
        any::<prop::sample::Index>(),
        0..4_usize,
        "[\\[\\]{}'\",:0 a]{0,3}",
        0..3_u8,
    );
    let line = line.prop_map(|(line, at, length, with, damage)| {
        let mut bytes = line.into_bytes();
        if damage == 0 {
            let at = at.index(bytes.len());
            bytes.splice(at..(at + length).min(bytes.len()), with.into_bytes());
        }
        bytes.push(b'\n');
        bytes
    });
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn no_log_makes_it_panic(log in log()) {
        any_log::check(&log);
    }

    #[test]
    fn nor_do_any_bytes(bytes: Vec<u8>) {
        any_log::check(&bytes);
    }
}

#[test]
fn nor_do_lines_as_deep_as_they_may_be_and_deeper() {
    for depth in [188, 189, 190, 191, 192] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        any_log::check(format!("{{'uid': 'a', 'messages': {deep}}}\n{{'uid': 'a', 'assistant': {deep}, 'is_tool_calls': True}}\n").as_bytes());
        any_log::check(
            format!(r#"{{"uid":"a","request":{{"messages":{deep}}},"answer":{{"content":{deep}}}}}"#)
                .as_bytes(),
        );
    }
}
