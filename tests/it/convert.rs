//! `aifd convert` as openai-forward has it: the same bytes where that loses nothing, and all of a log where it does.

use aifd_tests::{Output, Sandbox};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The logs of a golden case.
pub(crate) fn golden(case: &str) -> PathBuf {
    fixtures().join("golden").join(case).join("logs")
}

pub(crate) fn convert(sandbox: &Sandbox, line: &str) -> Output {
    sandbox.aifd(["convert"]).args(line.split_whitespace()).run()
}

#[track_caller]
pub(crate) fn done(output: Output) -> Output {
    assert_eq!(output.status, Some(0), "{output}");
    output
}

/// The report of a conversion.
pub(crate) fn reported(output: &Output) -> Value {
    let reports: Vec<Value> = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}"));
    assert_eq!(reports.len(), 1, "{output}");
    reports[0].clone()
}

/// Folders that hold logs, with what the default format and openai-forward itself make of them.
fn cases() -> BTreeMap<PathBuf, (Option<PathBuf>, Option<PathBuf>)> {
    let mut cases = BTreeMap::new();
    let there = |path: PathBuf| path.exists().then_some(path);
    for folder in ["golden", "logs"] {
        for entry in fs::read_dir(fixtures().join(folder)).unwrap() {
            let case = entry.unwrap().path();
            let logs = if folder == "golden" { case.join("logs") } else { case.clone() };
            if !logs.join("chat.log").exists() {
                continue;
            }
            let compat = there(case.join("expected.json")).or_else(|| there(case.join("compat.json")));
            let default = there(case.join("default.json")).or_else(|| compat.clone());
            cases.insert(logs, (default, compat));
        }
    }
    assert!(cases.len() >= 36, "{}", cases.len());
    cases
}

#[test]
fn every_golden_log_becomes_what_was_expected_of_it() {
    let sandbox = Sandbox::new();
    let target = sandbox.file("out/set.json");
    for (logs, (default, compat)) in cases() {
        for (mode, expected) in [("--quiet", default), ("--compat", compat)] {
            let command = sandbox.aifd(["convert"]).arg(&logs).arg(&target).arg(mode);
            match expected {
                Some(expected) => {
                    done(command.run());
                    let (found, expected) = (fs::read(&target).unwrap(), fs::read(expected).unwrap());
                    assert!(found == expected, "{} {mode}", logs.display());
                }
                // openai-forward dies at these.
                None if mode == "--compat" => {
                    let output = command.run();
                    assert_eq!(output.status, Some(1), "{}: {output}", logs.display());
                    assert!(output.stderr.contains("chat.log:"), "a file and line are named: {output}");
                }
                None => panic!("{} has nothing to compare with", logs.display()),
            }
        }
    }
}

#[test]
fn without_arguments_the_chats_of_every_route_are_converted() {
    let sandbox = Sandbox::new();
    let case = fixtures().join("golden/32_several_prefixes");
    for name in ["openai", "aa", "b_c"] {
        let log = format!("Log/{name}/chat/chat.log");
        sandbox.write(&log, fs::read(case.join(&log)).unwrap());
    }
    let route =
        |prefix: &str, kind: &str| format!("  - {{base_url: \"http://x\", route: {prefix}, type: {kind}}}\n");
    let routes =
        [("/", "openai"), ("/openai", "openai"), ("/aa", "openai"), ("/b/c", "openai"), ("/no", "openai")];
    let routes: String = routes.iter().map(|(prefix, kind)| route(prefix, kind)).collect();
    sandbox.write("aifd.yaml", format!("forward:\n{routes}{}", route("/general", "general")));
    let output = done(convert(&sandbox, ""));
    assert_eq!(output.stdout, "");
    for name in ["openai", "aa", "b_c"] {
        let found = fs::read(sandbox.file(format!("Log/chat_{name}.json"))).unwrap();
        assert!(found == fs::read(case.join(format!("expected_chat_{name}.json"))).unwrap(), "{name}");
        assert!(output.stderr.contains(&format!("Log/chat_{name}.json")), "{output}");
    }
    assert_eq!(fs::read_dir(sandbox.file("Log")).unwrap().count(), 6, "and nothing else");
    let several = convert(&sandbox, "-o x.json");
    assert_eq!(several.status, Some(2), "{several}");
    let parquet: Vec<Value> =
        serde_json::from_str(&done(convert(&sandbox, "-f parquet --json")).stdout).unwrap();
    assert_eq!(parquet.len(), 3);
    assert!(sandbox.file("Log/chat_aa/data/train-00000-of-00001.parquet").exists());
}

#[test]
fn log_dir_moves_what_is_looked_for_and_what_is_missing_is_told() {
    let sandbox = Sandbox::new();
    let nothing = convert(&sandbox, "");
    nothing.assert_snapshot("convert_nothing");
    sandbox.write("aifd.yaml", "log: {dir: chats}\n");
    let log = fs::read(golden("01_plain_chat").join("chat.log")).unwrap();
    sandbox.write("chats/openai/chat/chat.log", log);
    done(convert(&sandbox, ""));
    let expected = fs::read(fixtures().join("golden/01_plain_chat/expected.json")).unwrap();
    assert!(fs::read(sandbox.file("chats/chat_openai.json")).unwrap() == expected);
}

#[test]
fn the_documented_example_gives_what_is_documented() {
    let sandbox = Sandbox::new();
    let log = "{'messages': [{'role': 'user', 'content': 'hi'}], 'model': 'gpt-4o-mini', 'stream': False, 'max_tokens': None, 'response_format': None, 'n': 1, 'temperature': 1, 'top_p': 1, 'logit_bias': None, 'frequency_penalty': 0, 'presence_penalty': 0, 'seed': None, 'stop': None, 'user': None, 'tools': None, 'tool_choice': None, 'ip': '127.0.0.1', 'uid': 'bad99a0e04f0fdf3c08168542ff03e3b', 'caching': False, 'datetime': '2026-11-23 18:42:43'}\n\
        {'assistant': 'Hello! How can I help you today?', 'is_tool_calls': False, 'uid': 'bad99a0e04f0fdf3c08168542ff03e3b'}\n";
    sandbox.write("Log/openai/chat/chat.log", log);
    done(convert(&sandbox, ""));
    let expected = r#"[
  {
    "datetime": "2026-11-23 18:42:43",
    "ip": "127.0.0.1",
    "model": "gpt-4o-mini",
    "temperature": 1,
    "messages": [
      {
        "user": "hi"
      }
    ],
    "tools": null,
    "is_tool_calls": false,
    "assistant": "Hello! How can I help you today?"
  }
]"#;
    assert_eq!(fs::read_to_string(sandbox.file("Log/chat_openai.json")).unwrap(), expected);
}

#[test]
fn arguments_are_understood_in_every_form() {
    let logs = golden("01_plain_chat");
    let logs = logs.display();
    let expected = fs::read(fixtures().join("golden/01_plain_chat/expected.json")).unwrap();
    for (line, target) in [
        (format!("{logs} new/a.json"), "new/a.json"),
        (format!("--log_folder={logs} --target_path=b.json"), "b.json"),
        (format!("--log-folder {logs} --target-path c.json"), "c.json"),
        (format!("{logs}/chat.log -o d.json"), "d.json"),
        (format!("{logs}/chat.log {logs} -o e.json"), "e.json"),
        (format!("--from log -o f.json {logs}"), "f.json"),
    ] {
        let sandbox = Sandbox::new();
        done(convert(&sandbox, &line));
        assert!(fs::read(sandbox.file(target)).unwrap() == expected, "{line}");
    }
    let sandbox = Sandbox::new();
    let printed = done(convert(&sandbox, &format!("{logs} -o -")));
    assert!(printed.stdout.as_bytes() == expected);
}

#[test]
fn what_would_lose_a_log_or_makes_no_sense_is_refused() {
    let sandbox = Sandbox::new();
    let log = fs::read(golden("01_plain_chat").join("chat.log")).unwrap();
    sandbox.write("a/chat.log", &log);
    sandbox.write("b/chat.log", &log);
    sandbox.write("set.jsonl", "{\"messages\":[]}\n");
    fs::create_dir(sandbox.file("empty")).unwrap();
    for (line, part) in [
        ("a b", "--output"),
        ("a b/chat.log", "--output"),
        ("a/chat.log -o a/chat.log", "another file"),
        ("a -o a/chat.log", "another file"),
        ("set.jsonl -o set.jsonl", "another file"),
        ("a", "--output"),
        ("a b c", "--output"),
        ("a -o - --json", "--json"),
        ("a -o - --split train=0.5,test=0.5", "--split"),
        ("a -o x --compat --format openai", "--compat"),
        ("a -o x --compat --redact", "--compat"),
        ("set.jsonl -o x --compat", "--compat"),
        ("a -o x --since 2027-01-02 --until 2027-01-01", "--since"),
        ("a -o x --redact=everything", "everything"),
        ("a -o x --redact-pattern (", "regular expression"),
    ] {
        let output = convert(&sandbox, line);
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{line}: {output}");
        assert!(output.stderr.contains(part), "{line}: {output}");
    }
    for (line, part) in
        [("none -o x", "none"), ("a -f parquet -o -", "folder"), ("a -o b", "b"), ("empty -o x", "no logs")]
    {
        let output = convert(&sandbox, line);
        assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""), "{line}: {output}");
        assert!(output.stderr.contains(part), "{line}: {output}");
    }
    assert!(!sandbox.file("x").exists());
    for folder in ["a", "b"] {
        assert!(fs::read(sandbox.file(folder).join("chat.log")).unwrap() == log, "{folder}");
        assert_eq!(fs::read_dir(sandbox.file(folder)).unwrap().count(), 1);
    }
}
