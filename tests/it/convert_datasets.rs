//! `aifd convert` to and from datasets: formats, selections, what is told, and conversions that are broken off.

use crate::convert::{convert, done, fixtures, golden, reported};
use aifd_tests::{Sandbox, Terminal, binary, eventually};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

/// Messages, tools and answers of a file in openai-forward's format. The place of a call in a stream is no part of it.
fn said(path: &Path) -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let keep = ["messages", "tools", "is_tool_calls", "assistant", "content", "model"];
    let kept = |mut row: Value| {
        row.as_object_mut().unwrap().retain(|name, _| keep.contains(&name.as_str()));
        for call in row["assistant"].as_array_mut().into_iter().flatten() {
            call.as_object_mut().unwrap().shift_remove("index");
        }
        row
    };
    rows.into_iter().map(kept).collect()
}

/// A row without what a Parquet file has no room for: a refusal that is null is none.
fn as_parquet_has_it(row: &mut Value) {
    for message in row["messages"].as_array_mut().into_iter().flatten() {
        let message = message.as_object_mut().unwrap();
        if message.get("refusal") == Some(&Value::Null) {
            message.remove("refusal");
        }
    }
}

#[test]
fn what_a_format_can_hold_comes_back_from_it() {
    for case in [
        "01_plain_chat",
        "03_unicode",
        "05_control_characters",
        "07_numbers",
        "09_tools_non_stream",
        "11_tools_streamed_parallel",
        "13_roles",
    ] {
        let sandbox = Sandbox::new();
        let log = golden(case);
        done(convert(&sandbox, &format!("{} straight.json", log.display())));
        for format in ["openai-forward", "jsonl", "csv", "parquet", "log"] {
            done(convert(&sandbox, &format!("{} -o set.{format} -f {format}", log.display())));
            let read = if format == "log" { "log" } else { "auto" };
            done(convert(&sandbox, &format!("set.{format} -o back.log -f log --from {read}")));
            done(convert(&sandbox, "back.log back.json"));
            let mut straight = said(&sandbox.file("straight.json"));
            if format == "parquet" {
                straight.iter_mut().for_each(as_parquet_has_it);
            }
            assert_eq!(said(&sandbox.file("back.json")), straight, "{case} by {format}");
        }
    }
}

#[test]
fn a_log_comes_back_as_it_was_from_what_tells_all() {
    let sandbox = Sandbox::new();
    for case in ["01_plain_chat", "09_tools_non_stream", "12_multimodal", "38_old_log_format"] {
        let log = fs::read_to_string(golden(case).join("chat.log")).unwrap();
        done(convert(&sandbox, &format!("{} -o a.jsonl -f jsonl", golden(case).display())));
        done(convert(&sandbox, "a.jsonl -o b.log -f log"));
        // The first versions of openai-forward have other names for two fields.
        let log = log
            .replace("is_function_call", "is_tool_calls")
            .replace("'forwarded-for': '203.0.113.5', 'uid': 'a1'", "'ip': '203.0.113.5', 'uid': 'a1'");
        let log = log.replace("'older answer', 'uid'", "'older answer', 'is_tool_calls': False, 'uid'");
        assert_eq!(fs::read_to_string(sandbox.file("b.log")).unwrap(), log, "{case}");
    }
}

#[test]
fn a_parquet_dataset_takes_the_place_of_the_one_that_was_there() {
    let sandbox = Sandbox::new();
    let log: String = (0..40).map(|number| line(number, json!({}))).collect();
    sandbox.write("chat.log", log);
    done(convert(&sandbox, "chat.log -f parquet --split train=0.5,test=0.5 -o set"));
    sandbox.write("set/data/notes.parquet", "stays");
    done(convert(&sandbox, "chat.log -f parquet -o set"));
    let entries = fs::read_dir(sandbox.file("set/data")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["notes.parquet", "train-00000-of-00001.parquet"]);
    fs::remove_file(sandbox.file("set/data/notes.parquet")).unwrap();
    assert_eq!(reported(&done(convert(&sandbox, "set --json -o back.json")))["read"], 40);
}

#[test]
fn what_a_parquet_file_loses_of_streamed_calls_is_told() {
    let sandbox = Sandbox::new();
    let streamed = golden("11_tools_streamed_parallel");
    let told =
        |more: &str| reported(&done(convert(&sandbox, &format!("{} --json {more}", streamed.display()))));
    let parquet = told("-o set -f parquet");
    assert_eq!(parquet["lost"], json!({"call_index": parquet["written"]}), "{parquet}");
    assert_eq!(told("-o set.csv -f csv")["lost"], json!({}));
    let told = done(convert(&sandbox, &format!("{} -f parquet -o set", streamed.display())));
    assert!(told.stderr.contains(": the places of tool calls in their stream"), "{told}");
}

#[test]
fn an_exchange_that_is_nested_too_deep_is_told_and_the_others_are_converted() {
    let sandbox = Sandbox::new();
    let deep = |depth: usize| {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        format!(
            "{{'messages': [{{'role': 'user', 'content': 'q'}}], 'uid': 'd{depth}', 'extra': {deep}}}\n{{'assistant': 'a', 'is_tool_calls': False, 'uid': 'd{depth}'}}\n"
        )
    };
    let answer = format!(
        "{{'messages': [{{'role': 'user', 'content': 'q'}}], 'uid': 'r'}}\n{{'assistant': 'a', 'is_tool_calls': False, 'uid': 'r', 'message': {}1{}}}\n",
        "[".repeat(190),
        "]".repeat(190)
    );
    sandbox.write("deep.log", deep(1) + &deep(190) + &answer + &deep(2));
    for (arguments, written) in [
        ("-f openai", 2),
        ("-f jsonl", 2),
        ("--dedupe exact", 1),
        ("--model m* --redact=emails", 0),
        ("--sample 5 -f csv", 2),
    ] {
        let told = reported(&done(convert(&sandbox, &format!("deep.log --json -o out {arguments}"))));
        let counts = ["read", "written", "malformed"].map(|name| told[name].as_u64().unwrap());
        assert_eq!(counts, [2, written, 2], "{arguments}: {told}");
        let faults = told["faults"].as_array().unwrap().iter();
        let faults: Vec<_> =
            faults.map(|fault| (&fault["line"], fault["reason"].as_str().unwrap())).collect();
        let [(first, why), (second, too)] = faults[..] else { panic!("{arguments}: {told}") };
        assert_eq!((first, second), (&json!(3), &json!(6)), "{arguments}: {told}");
        assert!(
            why.contains("too deep a nesting") && too.contains("too deep a nesting"),
            "{arguments}: {told}"
        );
        let strict = convert(&sandbox, &format!("deep.log --strict -o strict {arguments}"));
        assert_eq!(strict.status, Some(1), "{strict}");
        assert!(strict.stderr.contains("deep.log:3: ") && !sandbox.file("strict").exists(), "{strict}");
    }
    // The bytes of lines go through as they are.
    assert_eq!(reported(&done(convert(&sandbox, "deep.log --json -o all.json")))["written"], 4);
}

#[test]
fn fine_tuning_files_have_tools_and_weights() {
    let sandbox = Sandbox::new();
    let lines = |arguments: &str| -> Vec<Value> {
        let log = golden("13_roles");
        let output = done(convert(&sandbox, &format!("{} -f openai -o - {arguments}", log.display())));
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let (last, all) = (lines(""), lines("--weight all"));
    assert_eq!(last.len(), all.len());
    let weights = |rows: &[Value]| {
        rows.iter()
            .flat_map(|row| row["messages"].as_array().unwrap())
            .filter(|message| message.get("weight").is_some())
            .count()
    };
    assert!(weights(&last) > 0 && weights(&all) == 0);
    for row in &last {
        let messages = row["messages"].as_array().unwrap();
        assert_eq!(messages.last().unwrap()["role"], "assistant");
        assert!(messages.last().unwrap().get("weight").is_none());
    }
}

fn line(number: usize, more: Value) -> String {
    let mut line = json!({"uid": format!("u{number}"), "datetime": format!("2026-01-{:02} 10:00:00", number % 28 + 1),
        "ip": "::1", "route": "/", "key": format!("key_{}", number % 3), "kind": "chat", "caching": false,
        "request": {"model": if number.is_multiple_of(2) { "gpt-4o" } else { "o3" },
            "messages": [{"role": "user", "content": format!("question {number}")}]},
        "status": 200, "end": "complete", "finish_reason": "stop", "usage": {"total_tokens": number},
        "answer": {"role": "assistant", "content": "answer"}});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line.to_string() + "\n"
}

#[test]
fn selections_take_what_they_say() {
    let sandbox = Sandbox::new();
    let mut log: String = (0..60).map(|number| line(number, json!({}))).collect();
    log += &line(60, json!({"status": 500, "end": "failed", "answer": null, "error": {"message": "m"}}));
    log += &line(
        61,
        json!({"uid": "other", "request": {"model": "o3", "tools": [{"type": "function", "function": {"name": "f"}}],
        "messages": [{"role": "user", "content": "question 1"}, {"role": "assistant", "content": "answer"},
            {"role": "user", "content": "more"}]}, "finish_reason": "length"}),
    );
    sandbox.write("chat.log", log);
    let written = |line: &str| {
        reported(&done(convert(&sandbox, &format!("chat.log -o out --json {line}"))))["written"]
            .as_u64()
            .unwrap()
    };
    for (line, expected) in [
        ("-f jsonl", 62),
        ("-f openai", 61),
        ("-f jsonl --status 5xx", 1),
        ("-f jsonl --end failed,cancelled", 1),
        ("-f csv --model o3", 31),
        ("-f csv --model gpt-*", 30),
        ("--key key_1,key_2", 41),
        ("--key key_0 --route /", 21),
        ("--route /x", 0),
        ("--since 2026-01-02 --until 2026-01-03", 6),
        ("--since 2026-01-02T10:00:01 --until 2026-01-03", 3),
        ("--finish-reason length", 1),
        ("--min-turns 2", 1),
        ("--has-tools", 1),
        ("--max-tokens 9", 10),
        ("--sample 7", 7),
        ("-f jsonl --sample 7 --seed 3 --dedupe exact", 7),
        ("-f sharegpt --dedupe prefix", 60),
        ("--dedupe prefix --sample 5", 5),
    ] {
        assert_eq!(written(line), expected, "{line}");
    }
    let drawn = |seed: usize| {
        done(convert(&sandbox, &format!("chat.log -o - -f jsonl --sample 9 --seed {seed}"))).stdout
    };
    assert!(drawn(1) == drawn(1) && drawn(1) != drawn(2));
}

#[test]
fn parts_of_a_split_are_the_same_in_every_format_and_stay_when_data_is_added() {
    let sandbox = Sandbox::new();
    let log = |count: usize| (0..count).map(|number| line(number, json!({}))).collect::<String>();
    sandbox.write("chat.log", log(200));
    let uids = |path: &str| -> Vec<String> {
        let text = fs::read_to_string(sandbox.file(path)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["uid"].as_str().unwrap().to_owned())
            .collect()
    };
    let parts = || {
        let report = reported(&done(convert(
            &sandbox,
            "chat.log -o a.jsonl -f jsonl --split train=0.9,test=0.1 --json",
        )));
        assert_eq!(report["to"][1]["path"], "a.test.jsonl");
        (uids("a.train.jsonl"), uids("a.test.jsonl"))
    };
    let (train, test) = parts();
    assert!(train.len() + test.len() == 200 && (5..40).contains(&test.len()), "{}", test.len());
    for format in ["openai-forward", "parquet"] {
        let report = reported(&done(convert(
            &sandbox,
            &format!("chat.log -o b.json -f {format} --split train=0.9,test=0.1 --json"),
        )));
        assert_eq!(report["to"][1]["exchanges"], test.len(), "{format}");
    }
    assert!(
        sandbox.file("b.train.json").exists()
            && sandbox.file("b.json/data/test-00000-of-00001.parquet").exists()
    );
    sandbox.write("chat.log", log(400));
    let (more_train, more_test) = parts();
    assert_eq!((&more_train[..train.len()], &more_test[..test.len()]), (&train[..], &test[..]));
}

#[test]
fn what_is_redacted_is_in_no_format() {
    let sandbox = Sandbox::new();
    let secret = "write to jane.doe@example.com with sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
    let messages = json!([{"role": "user", "content": secret}]);
    sandbox.write(
        "chat.log",
        line(
            1,
            json!({"request": {"messages": messages}, "answer": {"role": "assistant", "content": secret}}),
        ),
    );
    for format in ["openai-forward", "jsonl", "openai", "sharegpt", "alpaca", "csv", "log"] {
        let plain = done(convert(&sandbox, &format!("chat.log -o - -f {format}"))).stdout;
        assert!(plain.contains("jane.doe@example.com"), "{format}");
        let redacted = done(convert(&sandbox, &format!("chat.log -o - -f {format} --redact"))).stdout;
        assert!(!redacted.contains("jane.doe") && !redacted.contains("abcdefghij"), "{format}: {redacted}");
        assert!(redacted.contains("write to"), "{format}");
    }
    let own = done(convert(&sandbox, "chat.log -o - --redact=emails --redact-pattern write\\sto")).stdout;
    assert!(!own.contains("write to") && !own.contains("jane.doe") && own.contains("sk-proj"), "{own}");
}

#[test]
fn what_was_done_is_told_to_people_and_programs() {
    let sandbox = Sandbox::new();
    let log = fs::read(fixtures().join("logs/odd_lines/chat.log")).unwrap();
    sandbox.write("chat.log", log);
    let output = done(convert(&sandbox, "chat.log out.json"));
    output.assert_snapshot("convert_report");
    let report = reported(&done(convert(&sandbox, "chat.log -o out.json --json")));
    assert_eq!(
        (&report["read"], &report["malformed"], &report["unfinished"]),
        (&6.into(), &4.into(), &1.into())
    );
    assert_eq!(report["faults"].as_array().unwrap().len(), 5);
    assert_eq!(report["faults"][0]["line"], 10);
    let quiet = done(convert(&sandbox, "chat.log out.json --quiet"));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn strict_makes_an_error_of_lines_that_cannot_be_read_and_writes_nothing() {
    let sandbox = Sandbox::new();
    for (name, file) in [
        ("chat.log", "{'messages': [], 'uid': 'u'}\nno literal\n".to_owned()),
        ("cut.log", "{'messages': [], 'uid': 'u'}\n{'assistant': 'a".to_owned()),
        ("set.jsonl", "{\"messages\": []}\n{\n".to_owned()),
    ] {
        sandbox.write(name, file);
        for format in ["openai-forward", "jsonl"] {
            sandbox.write("out", "before");
            let output = convert(&sandbox, &format!("{name} -o out -f {format} --strict"));
            assert_eq!(output.status, Some(1), "{output}");
            assert!(output.stderr.contains(&format!("{name}:2")), "{output}");
            assert!(output.stderr.contains("exchanges read"), "{output}");
            let told = convert(&sandbox, &format!("{name} -o out -f {format} --strict --json"));
            assert_eq!(told.status, Some(1), "{told}");
            let report = reported(&told);
            let unreadable = report["malformed"].as_u64().unwrap() + report["unfinished"].as_u64().unwrap();
            assert_eq!((unreadable, &report["written"], &report["to"]), (1, &json!(0), &json!([])), "{told}");
            assert_eq!(report["faults"][0]["line"], 2, "{told}");
            assert_eq!(fs::read(sandbox.file("out")).unwrap(), b"before");
            let streamed = convert(&sandbox, &format!("{name} -o - -f {format} --strict"));
            assert_eq!((streamed.status, streamed.stdout.as_str()), (Some(1), ""), "{streamed}");
            done(convert(&sandbox, &format!("{name} -o out -f {format}")));
        }
    }
}

#[test]
fn half_surrogates_are_read_and_told_by_all_formats() {
    let sandbox = Sandbox::new();
    let half =
        line(1, json!({"answer": {"role": "assistant", "content": "cut HALF"}})).replace("HALF", "\\ud83d");
    let log = half + &line(2, json!({}));
    for name in ["chat.log", "chat.jsonl", "folder/chat.log"] {
        sandbox.write(name, &log);
    }
    let read = |from: &str, format: &str| {
        let out = if format == "parquet" { "folder-out" } else { "out" };
        let told = convert(&sandbox, &format!("{from} -f {format} -o {out} --json"));
        let report = reported(&done(told));
        (report["written"].clone(), report["malformed"].clone(), report["lost"].clone())
    };
    let (two, none, lost) = (json!(2), json!(0), json!({"half_surrogates": 1}));
    done(convert(&sandbox, "folder -o first.json"));
    assert!(fs::read_to_string(sandbox.file("first.json")).unwrap().contains("\\ud83d"));
    for from in ["chat.log", "chat.jsonl", "folder", "first.json"] {
        for format in ["jsonl", "openai", "sharegpt", "alpaca", "csv", "parquet", "log"] {
            assert_eq!(read(from, format), (two.clone(), none.clone(), lost.clone()), "{from} {format}");
        }
    }
    assert_eq!(read("folder", "openai-forward"), (two, none, json!({})), "its lines go through as they are");
    let piped = sandbox.aifd(["convert", "-", "-f", "openai", "-o", "-"]).input(log).run();
    assert_eq!((piped.status, piped.stdout.lines().count()), (Some(0), 2), "{piped}");
}

#[test]
fn files_whose_rest_cannot_be_read_are_errors_and_the_output_stays() {
    let sandbox = Sandbox::new();
    let row = "{\"messages\":[{\"user\":\"a\"}],\"is_tool_calls\":false,\"assistant\":\"b\"}";
    for (name, text, why) in [
        ("cut.json", format!("[{row},{row}"), "line 1: the file ends within a value"),
        ("quote.json", format!("[{row},\n{{\"a\": \"b\"c\"}},{row}]"), "line 2: "),
        ("set.parquet", "PAR1 and no more".to_owned(), "set.parquet"),
        ("set.csv", "messages\"\n,a".to_owned(), "no column `messages`"),
    ] {
        sandbox.write(name, text);
        sandbox.write("out", "before");
        let from = if name.ends_with("csv") { "csv" } else { "auto" };
        let failed = convert(&sandbox, &format!("{name} -f jsonl -o out --from {from}"));
        assert_eq!(failed.status, Some(1), "{failed}");
        assert!(failed.stderr.contains(name) && failed.stderr.contains(why), "{failed}");
        assert_eq!(fs::read(sandbox.file("out")).unwrap(), b"before");
    }
    sandbox.write("bad.json", format!("[{row},1,{{\"a\": x}},{row}]"));
    let told = reported(&done(convert(&sandbox, "bad.json -f jsonl -o out --json")));
    assert_eq!((&told["written"], &told["malformed"]), (&json!(2), &json!(2)), "{told}");
}

#[test]
fn weights_of_fine_tuning_files_stay_as_they_are() {
    let sandbox = Sandbox::new();
    let line = |asked: &str, answer: &str| {
        format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\"a\"}},{{\"role\":\"assistant\",\"content\":\"b\"{asked}}},{{\"role\":\"user\",\"content\":\"c\"}},{{\"role\":\"assistant\",\"content\":\"d\"{answer}}}]}}\n"
        )
    };
    let (one, nil) = (",\"weight\":1", ",\"weight\":0");
    let given = [line(one, nil), line(nil, one), line("", nil), line(one, "")].concat();
    for (name, text, over) in [
        ("given.jsonl", given.clone(), ["log", "jsonl", "csv", "parquet", "openai-forward"].as_slice()),
        ("mixed.jsonl", given + &line("", ""), &[]),
    ] {
        sandbox.write(name, &text);
        assert_eq!(done(convert(&sandbox, &format!("{name} -f openai -o -"))).stdout, text);
        for format in over {
            done(convert(&sandbox, &format!("{name} -f {format} -o by.{format}")));
            let back = done(convert(&sandbox, &format!("by.{format} -f openai -o -")));
            assert_eq!(back.stdout, text, "by {format}");
        }
    }
    let lost = reported(&done(convert(&sandbox, "given.jsonl -f sharegpt -o lost.json --json")));
    assert_eq!(lost["lost"], json!({"fields": 4}), "{lost}");
}

#[test]
fn answers_that_are_errors_are_selected_as_failed() {
    let sandbox = Sandbox::new();
    let log = line(0, json!({}))
        + &line(1, json!({"status": 400, "end": "complete", "answer": null, "error": {"message": "no"}}))
        + &line(2, json!({"end": "cancelled"}))
        + &line(3, json!({"end": "failed"}));
    sandbox.write("chat.log", log);
    for format in ["jsonl", "openai-forward"] {
        for (end, written) in [("failed", 2), ("complete", 1), ("cancelled", 1), ("failed,complete", 3)] {
            let told = convert(&sandbox, &format!("chat.log -o out --json -f {format} --end {end}"));
            assert_eq!(reported(&done(told))["written"], written, "{format} {end}");
        }
    }
    let told = reported(&done(convert(&sandbox, "chat.log -o out --json -f openai")));
    assert_eq!((&told["written"], &told["left_out"]["not_complete"]), (&json!(1), &json!(3)), "{told}");
}

#[test]
fn exchanges_that_failed_come_back_from_openai_forwards_format() {
    let sandbox = Sandbox::new();
    let failed = "{'messages': [{'role': 'user', 'content': 'q'}], 'model': 'm', 'temperature': 1, 'ip': '::1', 'uid': 'f', 'datetime': 'd'}\n\
         {'uid': 'f', 'status': 500, 'end': 'failed', 'error': {'message': 'no'}}\n";
    sandbox.write("chat.log", failed.to_owned() + &line(1, json!({})));
    done(convert(&sandbox, "chat.log -o first.json"));
    done(convert(&sandbox, "first.json -f log -o back.log"));
    done(convert(&sandbox, "back.log -o second.json"));
    let said = |name: &str| said(&sandbox.file(name));
    assert_eq!(said("second.json"), said("first.json"));
    assert_eq!(said("first.json").len(), 2);
    let log = fs::read_to_string(sandbox.file("back.log")).unwrap();
    assert!(log.lines().nth(1).is_some_and(|line| line.ends_with("'end': 'failed'}")), "{log}");
}

#[test]
fn packed_logs_and_standard_input_are_read_too() {
    let sandbox = Sandbox::new();
    let log: String = (0..10).map(|number| line(number, json!({}))).collect();
    sandbox.write("chat.log", &log);
    let expected = done(convert(&sandbox, "chat.log -o -")).stdout;
    assert!(!expected.is_empty());
    let packed = Command::new("gzip").args(["-k", "chat.log"]).current_dir(sandbox.path()).status();
    assert!(packed.unwrap().success());
    assert_eq!(done(convert(&sandbox, "chat.log.gz -o -")).stdout, expected);
    let piped = sandbox.aifd(["convert", "-", "-o", "-"]).input(log[..log.len() / 4].to_owned()).run();
    assert_eq!(piped.status, Some(0), "{piped}");
    let rows: Vec<Value> = serde_json::from_str(&piped.stdout).unwrap();
    assert!(rows.len() == 2, "{piped}");
    let empty = sandbox.aifd(["convert", "-", "-o", "-"]).input("").run();
    assert_eq!((empty.status, empty.stdout.as_str()), (Some(0), "[]"), "{empty}");
}

/// A log that takes longer to write than a pipe is wide.
fn long_log(sandbox: &Sandbox) {
    let text = "x".repeat(10_000);
    let messages = json!([{"role": "user", "content": text}]);
    let log: String =
        (0..400).map(|number| line(number, json!({"request": {"messages": messages}}))).collect();
    sandbox.write("chat.log", log);
}

/// A conversion to a pipe that nobody reads as yet.
fn converting(sandbox: &Sandbox, format: &str) -> Child {
    let mut command = Command::new(binary());
    command.args(["convert", "chat.log", "-o", "-", "-f", format]).current_dir(sandbox.path()).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_terminal_shows_a_bar_until_the_conversion_ends_unless_it_is_to_be_quiet() {
    for quiet in [false, true] {
        let sandbox = Sandbox::new();
        long_log(&sandbox);
        let Terminal { mut screen, side } = Terminal::open();
        let mut command = Command::new(binary());
        command.args(["convert", "chat.log", "-o", "-"]).args(quiet.then_some("--quiet"));
        command.current_dir(sandbox.path()).env_clear().env("TERM", "xterm");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(side);
        let mut child = command.spawn().unwrap();
        // Its handle of the terminal would keep the screen from ending.
        drop(command);
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = shown.clone();
        let watching = std::thread::spawn(move || {
            let mut block = [0; 1024];
            while let Ok(read @ 1..) = screen.read(&mut block) {
                seen.lock().unwrap().extend_from_slice(&block[..read]);
            }
        });
        let text = || String::from_utf8_lossy(&shown.lock().unwrap()).into_owned();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 1]).unwrap();
        if !quiet {
            // It cannot end before all is read.
            eventually("the bar", || text().contains("MiB, ").then_some(())).await;
            assert!(text().contains(" of ") && text().contains(" left"), "{}", text());
        }
        stdout.read_to_end(&mut Vec::new()).unwrap();
        assert!(child.wait().unwrap().success());
        watching.join().unwrap();
        let text = text();
        if quiet {
            assert_eq!(text, "");
        } else {
            let last = text.rsplit("\u{1b}[2K").next().unwrap();
            assert!(last.contains("exchanges read") && !last.contains(" left"), "{text:?}");
        }
    }
}

#[tokio::test]
async fn an_interrupted_conversion_ends_with_130() {
    for format in ["openai-forward", "jsonl"] {
        let sandbox = Sandbox::new();
        long_log(&sandbox);
        let mut child = converting(&sandbox, format);
        let mut stdout = child.stdout.take().unwrap();
        // Something came, so it is under way; and it cannot end before all is read.
        stdout.read_exact(&mut [0; 1]).unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let tasks = format!("/proc/{}/task", child.id());
        eventually("the signal to be heard", || {
            let name =
                |entry: fs::DirEntry| fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            let heard = fs::read_dir(&tasks).unwrap().all(|entry| name(entry.unwrap()).trim() != "signals");
            heard.then_some(())
        })
        .await;
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.contains("interrupted"), "{said}");
    }
}

#[test]
fn who_reads_no_more_has_seen_enough() {
    let sandbox = Sandbox::new();
    long_log(&sandbox);
    for format in ["openai-forward", "jsonl", "csv"] {
        let mut child = converting(&sandbox, format);
        child.stdout.take().unwrap().read_exact(&mut [0; 1]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_output_that_cannot_be_written_leaves_what_stood_there() {
    let sandbox = Sandbox::new();
    long_log(&sandbox);
    sandbox.write("out", "before");
    // The largest file that may be written is shorter than what is to be.
    let script = "ulimit -f 64; trap '' XFSZ; exec \"$0\" convert chat.log -o out -f \"$1\"";
    for format in ["openai-forward", "jsonl", "csv"] {
        let mut command = Command::new("bash");
        command.args(["-c", script]).arg(binary()).arg(format).current_dir(sandbox.path()).env_clear();
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{format}: {said}");
        assert!(said.contains("cannot write out"), "{format}: {said}");
        assert_eq!(fs::read(sandbox.file("out")).unwrap(), b"before", "{format}");
        assert_eq!(fs::read_dir(sandbox.path()).unwrap().count(), 2, "{format}: nothing is left");
    }
}
