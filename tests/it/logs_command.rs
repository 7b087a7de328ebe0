//! `aifd logs`: follows, shows, counts and searches what was logged, by us or by openai-forward.

use aifd_tests::{Answer, FakeUpstream, Gateway, Output, Process, Sandbox, eventually};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// A sandbox whose log folder holds a log of the fixtures.
fn with_log(name: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "log: {dir: kept}\n");
    sandbox
        .write("kept/openai/chat/chat.log", fs::read(fixtures("logs").join(name).join("chat.log")).unwrap());
    sandbox
}

fn logs(sandbox: &Sandbox, line: &str) -> Output {
    sandbox.aifd(["logs"]).args(line.split_whitespace()).run()
}

fn values(output: &Output) -> Vec<Value> {
    assert_eq!(output.status, Some(0), "{output}");
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn count(sandbox: &Sandbox, line: &str) -> u64 {
    let sums: Value = serde_json::from_str(&logs(sandbox, line).stdout).unwrap();
    sums.as_array().unwrap().iter().map(|sum| sum["exchanges"].as_u64().unwrap()).sum()
}

#[test]
fn every_exchange_of_openai_forwards_logs_is_found() {
    let sandbox = Sandbox::new();
    let mut cases = 0;
    for case in fs::read_dir(fixtures("golden")).unwrap().map(|entry| entry.unwrap().path()) {
        let logs_of = case.join("logs");
        let converted = ["default.json", "expected.json"].map(|name| fs::read(case.join(name)));
        let Some(converted) = converted.into_iter().flatten().next().filter(|_| logs_of.is_dir()) else {
            continue;
        };
        let converted: Vec<Value> = serde_json::from_slice(&converted).unwrap();
        let path = logs_of.to_str().unwrap();
        assert_eq!(count(&sandbox, &format!("stats --json {path}")), converted.len() as u64, "{path}");
        if fs::read_dir(&logs_of).unwrap().count() == 1 {
            let tail = logs(&sandbox, &format!("tail --json -n 1000 {path}"));
            assert_eq!(tail.stdout.lines().count(), converted.len(), "{path}: {tail}");
        }
        cases += 1;
    }
    assert!(cases >= 35, "{cases}");
}

#[test]
fn what_each_command_prints() {
    let sandbox = with_log("further_fields");
    logs(&sandbox, "tail -n 4").assert_snapshot("logs_tail");
    logs(&sandbox, "show 00000000000000000000000000000002").assert_snapshot("logs_show");
    logs(&sandbox, "stats").assert_snapshot("logs_stats");
    logs(&sandbox, "grep -i TEXT").assert_snapshot("logs_grep");
}

#[test]
fn the_folder_is_that_of_the_configuration_and_what_is_missing_is_told() {
    let sandbox = with_log("both_forms");
    assert_eq!(count(&sandbox, "stats --json"), 7);
    assert_eq!(
        count(&sandbox, "stats --json kept/openai/chat/chat.log kept"),
        7,
        "what is named twice is read once"
    );
    assert_eq!(values(&logs(&sandbox, "tail --json")).len(), 7);
    let empty = Sandbox::new();
    for line in ["tail", "stats", "show 0", "grep x", "tail nowhere"] {
        let output = logs(&empty, line);
        assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""), "{line}: {output}");
        assert!(output.stderr.contains("no logs in"), "{line}: {output}");
    }
    assert!(logs(&empty, "stats nowhere").stderr.contains("cannot read nowhere"));
    empty.write("aifd.yaml", "port: x\n");
    assert_eq!(logs(&empty, "stats").status, Some(2));
}

#[test]
fn exchanges_are_chosen_by_what_they_are() {
    let sandbox = with_log("further_fields");
    let all = count(&sandbox, "stats --json");
    for (flags, expected) in [
        ("--kind chat", all),
        ("--kind embedding,general", 0),
        ("--model gpt-4o*", all),
        ("--model o3", 0),
        ("--key key_*", all),
        ("--route /nowhere", 0),
        ("--until 2020-01-01", 0),
        ("--since 2020-01-01", all),
        ("--status 1xx", 0),
    ] {
        assert_eq!(count(&sandbox, &format!("stats --json {flags}")), expected, "{flags}");
        let tail = logs(&sandbox, &format!("tail -n 100 --json {flags}"));
        assert_eq!(tail.stdout.lines().count() as u64, expected, "{flags}");
    }
    for line in
        ["stats --since 2027-01-02 --until 2027-01-01", "tail --kind x", "grep x( ", "stats --json --csv"]
    {
        let output = logs(&sandbox, line);
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{line}: {output}");
    }
}

#[test]
fn grep_is_grep() {
    let sandbox = with_log("further_fields");
    let hits = values(&logs(&sandbox, "grep --json reasoning"));
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(
        (&hits[0]["role"], &hits[0]["line"], &hits[0]["matches"]),
        (&json!("user"), &json!("reasoning"), &json!([[0, 9]]))
    );
    let uid = hits[0]["uid"].as_str().unwrap().to_owned() + "\n";
    for (flags, stdout, status) in [
        ("-l reasoning", &*uid, 0),
        ("-c reasoning", "1\n", 0),
        ("-c REASONING", "0\n", 1),
        ("-ci REASONING", "1\n", 0),
        ("-l REASONING", "", 1),
        ("-cF reason.ng", "0\n", 1),
        ("-c reason.ng", "1\n", 0),
        ("-c ^reasoning$ --role assistant,system,tool", "0\n", 1),
    ] {
        let output = logs(&sandbox, &format!("grep {flags}"));
        assert_eq!((output.stdout.as_str(), output.status), (stdout, Some(status)), "{flags}: {output}");
        assert!(!output.stderr.contains("error"), "{output}");
    }
}

#[test]
fn nothing_that_was_said_steers_a_terminal() {
    let sandbox = Sandbox::new();
    let path = fixtures("golden/05_control_characters/logs");
    let path = path.to_str().unwrap();
    let found = logs(&sandbox, &format!("grep -l . {path}"));
    let shown = found.stdout.lines().map(|uid| logs(&sandbox, &format!("show {uid} {path}")));
    let others = [format!("tail -n 100 {path}"), format!("grep . {path}"), format!("stats {path}")];
    let all: Vec<Output> = shown.chain(others.iter().map(|line| logs(&sandbox, line))).collect();
    assert!(all.len() > 10);
    for output in all {
        let steers = output.stdout.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!((output.status, steers), (Some(0), None), "{output}");
    }
}

#[test]
fn one_exchange_is_found_by_any_beginning_of_its_uid() {
    let sandbox = with_log("further_fields");
    let several = logs(&sandbox, "show 0000");
    assert_eq!((several.status, several.stdout.as_str()), (Some(1), ""), "{several}");
    assert!(several.stderr.contains("00000000000000000000000000000001  "), "{several}");
    let unknown = logs(&sandbox, "show f");
    assert_eq!(unknown.status, Some(1), "{unknown}");
    assert!(unknown.stderr.contains("no exchange with the uid `f`"), "{unknown}");
    let one = logs(&sandbox, "show --json req_00000000000000000000000000000003");
    let one: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["request"]["messages"][0]["content"], "reasoning");
    let path = fixtures("golden/27_duplicate_uid/logs");
    let tail = logs(&sandbox, &format!("tail --json {}", path.display()));
    let uid = values(&tail)[0]["uid"].as_str().unwrap().to_owned();
    let twice = logs(&sandbox, &format!("show {uid} {}", path.display()));
    assert!(twice.stdout.matches(&format!("{uid}\n")).count() > 1, "{twice}");
}

#[test]
fn a_request_without_an_answer_is_shown_too() {
    let path = fixtures("golden/16_request_without_answer/logs");
    let log = fs::read_to_string(path.join("chat.log")).unwrap();
    let uids: Vec<&str> =
        log.split("'uid': '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    let lone = uids.iter().find(|uid| uids.iter().filter(|other| other == uid).count() == 1).unwrap();
    let shown = logs(&Sandbox::new(), &format!("show {lone} {}", path.display()));
    assert_eq!(shown.status, Some(0), "{shown}");
    assert!(shown.stdout.contains("\nanswer      none\n") && shown.stdout.contains("\nuser\n"), "{shown}");
}

/// A gateway that logs, and the answer `says`.
async fn gateway(says: &'static str) -> (FakeUpstream, Gateway) {
    let message = json!({"role": "assistant", "content": says});
    let answer = json!({"model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}});
    let upstream = FakeUpstream::always(Answer::json(answer.to_string())).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "log: {openai: true}\n");
    (upstream, sandbox.serve().await)
}

/// Asks, and reads the answer to its end; gives back its headers.
async fn ask(gateway: &Gateway, question: &str) -> reqwest::header::HeaderMap {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": question}]});
    let sent = gateway.client().post(gateway.url("/v1/chat/completions")).json(&body).send().await.unwrap();
    let headers = sent.headers().clone();
    sent.bytes().await.unwrap();
    headers
}

const CHAT: &str = "Log/openai/chat/chat.log";

async fn logged(gateway: &Gateway, file: &str, text: &str) {
    let path = gateway.sandbox().file(file);
    eventually(&format!("{text} in {file}"), || fs::read_to_string(&path).ok()?.contains(text).then_some(()))
        .await;
}

#[tokio::test]
async fn exchanges_are_followed_as_they_come_whatever_becomes_of_their_file() {
    let (_upstream, gateway) = gateway("an answer").await;
    // Nothing is there yet, not even the folder.
    let follower: Process = gateway.sandbox().aifd(["logs", "tail", "-f", "-n", "0"]).start();
    ask(&gateway, "the first").await;
    let line = follower.stdout().line_with("the first → an answer").await;
    assert!(line.contains("  /  m  -  200  12 tok  "), "{line}");
    let file = gateway.sandbox().file(CHAT);
    fs::rename(&file, file.with_file_name("chat.2026-11-23_18-47-24_060135.log")).unwrap();
    ask(&gateway, "the second").await;
    follower.stdout().line_with("the second").await;
    fs::remove_dir_all(gateway.sandbox().file("Log")).unwrap();
    ask(&gateway, "the third, and a long one, so that what follows makes the file shorter than it was").await;
    follower.stdout().line_with("the third").await;
    fs::OpenOptions::new().write(true).truncate(true).open(&file).unwrap();
    ask(&gateway, "the fourth").await;
    follower.stdout().line_with("the fourth").await;
    follower.interrupt();
    assert_eq!(follower.ended().await.code(), Some(130));
    assert_eq!((follower.stdout().text().lines().count(), follower.stderr().text().as_str()), (4, ""));
}

#[tokio::test]
async fn a_request_id_names_its_exchange() {
    let (_upstream, gateway) = gateway("an answer").await;
    let answer = ask(&gateway, "hello").await;
    let id = answer["x-request-id"].to_str().unwrap().to_owned();
    assert!(id.starts_with("req_"), "{id}");
    logged(&gateway, CHAT, "an answer").await;
    let shown = gateway.sandbox().aifd(["logs", "show", &id]).run();
    assert_eq!(shown.status, Some(0), "{shown}");
    assert!(shown.stdout.contains("\nuser\n  hello\n\nassistant (answer)\n  an answer\n"), "{shown}");
    let piped = gateway.sandbox().aifd(["logs", "grep", "-c", "hello", "-"]);
    let piped = piped.input(fs::read(gateway.sandbox().file(CHAT)).unwrap()).run();
    assert_eq!(piped.stdout, "1\n", "{piped}");
}

#[tokio::test]
async fn an_id_that_the_caller_gave_names_its_exchange_too() {
    for format in ["python", "jsonl"] {
        let (upstream, gateway) = gateway("an answer").await;
        drop(gateway);
        let sandbox = Sandbox::new();
        sandbox
            .write("aifd.yaml", upstream.forward() + &format!("log: {{openai: true, format: {format}}}\n"));
        let gateway = sandbox.serve().await;
        let key = "sk-own-s3cret-00001";
        for (id, question) in [("req_of-mine", "hello"), ("req_other", "no"), (key, "key")] {
            let body = json!({"model": "m", "messages": [{"role": "user", "content": question}]});
            let request = gateway.client().post(gateway.url("/v1/chat/completions")).json(&body);
            let answer = request.bearer_auth(key).header("x-request-id", id).send().await.unwrap();
            assert_eq!(answer.headers()["x-request-id"], id);
            answer.bytes().await.unwrap();
        }
        ask(&gateway, "without one").await;
        for text in ["req_of-mine", "req_other", "[redacted:key]", "without one"] {
            logged(&gateway, CHAT, text).await;
        }
        let shown = gateway.sandbox().aifd(["logs", "show", "req_of-mine"]).run();
        assert_eq!(shown.status, Some(0), "{shown}");
        assert!(shown.stdout.contains("\nuser\n  hello\n\nassistant (answer)\n  an answer\n"), "{shown}");
        let none = gateway.sandbox().aifd(["logs", "show", "req_of"]).run();
        assert_eq!(none.status, Some(1), "{none}");
        let text = fs::read_to_string(gateway.sandbox().file(CHAT)).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(text.matches("request_id").count(), 3, "{text}");
    }
}

#[test]
fn an_exchange_that_is_nested_too_deep_keeps_no_other_from_being_found() {
    let sandbox = Sandbox::new();
    let deep = format!("{}1{}", "[".repeat(190), "]".repeat(190));
    let pair = |uid: &str, extra: &str| {
        format!(
            "{{'messages': [{{'role': 'user', 'content': 'q'}}], 'uid': '{uid}', 'extra': {extra}}}\n{{'assistant': 'needle', 'is_tool_calls': False, 'uid': '{uid}'}}\n"
        )
    };
    let unanswered = format!("{{'messages': [], 'uid': 'open', 'extra': {deep}}}\n");
    sandbox.write("deep.log", pair("a", "{}") + &pair("b", &deep) + &unanswered + &pair("c", "{}"));
    let found = logs(&sandbox, "grep needle -l deep.log");
    assert_eq!((found.status, found.stdout.as_str()), (Some(0), "a\nc\n"), "{found}");
    assert!(found.stderr.contains("nested too deep: 1 exchanges"), "{found}");
    assert_eq!(logs(&sandbox, "show c deep.log --json").status, Some(0));
    assert_eq!(values(&logs(&sandbox, "tail --json deep.log")).len(), 2);
    assert_eq!(logs(&sandbox, "stats deep.log").status, Some(0));
}

#[test]
fn tail_goes_back_into_rotated_and_packed_files() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "log: {dir: kept}\n");
    let pair = |number: u32| {
        format!(
            "{{'messages': [], 'uid': '{number}', 'datetime': '2026-11-23 18:42:0{number}'}}\n{{'assistant': 'x', 'uid': '{number}'}}\n"
        )
    };
    let rotated = |day: u32| format!("kept/openai/chat/chat.2026-11-2{day}_18-47-24_060135.log");
    for (number, program) in [(1, Some("gzip")), (2, None)] {
        sandbox.write(rotated(number), pair(number));
        if let Some(program) = program {
            let packed = Command::new(program).arg(sandbox.file(rotated(number))).status();
            assert!(packed.unwrap().success());
        }
    }
    let uids = |line: &str| {
        let exchanges = values(&logs(&sandbox, line));
        exchanges.iter().map(|it| it["uid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(uids("tail --json"), ["1", "2"], "there need not be a file that is written to");
    sandbox.write("kept/openai/chat/chat.log", pair(3));
    assert_eq!(uids("tail --json"), ["1", "2", "3"]);
    assert_eq!(uids("tail --json -n 2"), ["2", "3"]);
    assert_eq!(
        uids("tail --json -n 2 kept/openai/chat/chat.log"),
        ["3"],
        "a file that was named is shown alone"
    );
}
