//! `aifd cache`: alike on a running server and on the cache that nobody has open.

use super::cache::{ON, body, chat, numbered, status};
use aifd_tests::{FakeUpstream, Gateway, Output, Sandbox};
use serde_json::{Value, json};

fn run(sandbox: &Sandbox, arguments: &str) -> Output {
    sandbox.aifd(["cache"].into_iter().chain(arguments.split_whitespace())).run()
}

fn data(sandbox: &Sandbox, arguments: &str) -> Value {
    let output = run(sandbox, &format!("{arguments} --json"));
    assert_eq!(output.status, Some(0), "{arguments}: {output}");
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{arguments}: {error}: {output}"))
}

/// Three answers: two of the model `m`, one a stream and served again twice, and one of another model.
async fn filled() -> (Gateway, FakeUpstream) {
    let upstream = numbered().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + ON);
    let gateway = sandbox.serve().await;
    chat(&gateway, json!({})).await;
    for _ in 0..3 {
        chat(&gateway, json!({"stream": true, "seed": 7})).await;
    }
    chat(&gateway, json!({"model": "other-1", "stop": ["needle"]})).await;
    (gateway, upstream)
}

fn keys(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_kept_is_told_alike_live_and_offline() {
    let (gateway, _upstream) = filled().await;
    let look = |sandbox: &Sandbox| {
        let stats = data(sandbox, "stats");
        assert_eq!(
            (&stats["entries"], &stats["hits"], &stats["misses"]),
            (&json!(3), &json!(2), &json!(3)),
            "{stats}"
        );
        assert_eq!(
            (&stats["saved_prompt_tokens"], &stats["saved_completion_tokens"]),
            (&json!(6), &json!(8))
        );
        assert_eq!(stats["by_model"][0]["model"], "m", "{stats}");
        let list = data(sandbox, "list");
        assert_eq!(list.as_array().unwrap().len(), 3, "{list}");
        assert_eq!(
            (&list[1]["stream"], &list[1]["model"], &list[1]["route"]),
            (&json!(true), &json!("m"), &json!("/"))
        );
        for (filter, count) in [
            ("--model m", 2),
            ("--model other-*", 1),
            ("--route /", 3),
            ("--route /x", 0),
            ("--contains needle", 1),
            ("--older-than 1h", 0),
            ("--newer-than 1h", 3),
            ("--larger-than 1MB", 0),
            ("--smaller-than 1MB", 3),
        ] {
            assert_eq!(keys(&data(sandbox, &format!("list {filter}"))).len(), count, "{filter}");
        }
        let shown = data(sandbox, &format!("show {}", &keys(&list)[0][..10]));
        assert_eq!(shown["request"], body(json!({})), "{shown}");
        assert!(shown["body"].as_str().unwrap().contains("answer 0, with words"), "{shown}");
        assert_eq!(shown["usage"], json!([3, 4]));
        let page = run(sandbox, &format!("show {}", keys(&list)[0]));
        assert!(
            page.stdout.contains("POST /v1/chat/completions") && page.stdout.contains("\"content\": \"hi\""),
            "{page}"
        );
        let table = run(sandbox, "list");
        assert!(table.stdout.contains("KEY") && table.stdout.contains("other-1"), "{table}");
        assert_eq!(data(sandbox, "verify"), json!({"good": 3, "damaged": 0}));
        let unknown = run(sandbox, "show 0000000");
        assert_eq!(unknown.status, Some(1), "{unknown}");
        assert!(unknown.stderr.contains("no answer is kept under 0000000"), "{unknown}");
    };
    look(gateway.sandbox());
    look(&gateway.stopped().await);
}

#[tokio::test]
async fn what_hits_saved_is_told_in_money_where_prices_are_known() {
    let upstream = numbered().await;
    let prices = "cache: {openai: true, default_request_caching_value: true, prices: {\"m*\": [2.5, 10]}}\n";
    let gateway = Gateway::configured(&upstream, prices).await;
    for model in ["m", "other"] {
        for _ in 0..3 {
            chat(&gateway, json!({"model": model})).await;
        }
    }
    let stats = data(gateway.sandbox(), "stats");
    // Twice three tokens of a prompt and four of an answer.
    let saved = (2.0 * 3.0 * 2.5 + 2.0 * 4.0 * 10.0) / 1e6;
    assert!((stats["saved_money"].as_f64().unwrap() - saved).abs() < 1e-12, "{stats}");
    assert_eq!(stats["by_model"][1]["saved_money"], Value::Null, "{stats}");
    let table = run(gateway.sandbox(), "stats");
    assert!(table.stdout.contains("money saved") && table.stdout.contains("MONEY"), "{table}");
    gateway.sandbox().write("bad.yaml", "cache: {prices: {gpt: 1}}\n");
    let check = gateway.sandbox().aifd(["config", "check", "-c", "bad.yaml"]).run();
    assert!(
        check.stdout.contains("`cache.prices.gpt`: expected a mapping from models to two prices"),
        "{check}"
    );
}

#[tokio::test]
async fn what_is_purged_is_gone_and_its_room_too() {
    let (gateway, _upstream) = filled().await;
    assert_eq!(data(gateway.sandbox(), "purge --model m --dry-run")["entries"], 2);
    assert_eq!(data(gateway.sandbox(), "purge --model m")["entries"], 2);
    assert_eq!(status(&chat(&gateway, json!({})).await), "aifd; fwd=miss; stored");
    // Nor does it come back, or stand in a file.
    assert_eq!(data(gateway.sandbox(), "purge --contains needle")["entries"], 1);
    let files =
        std::fs::read_dir(gateway.sandbox().file(".aifd/cache")).unwrap().map(|entry| entry.unwrap().path());
    let held: Vec<u8> =
        files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!String::from_utf8_lossy(&held).contains("needle"));
    assert_eq!(
        status(&chat(&gateway, json!({"model": "other-1", "stop": ["needle"]})).await),
        "aifd; fwd=miss; stored"
    );
    assert_eq!(status(&chat(&gateway, json!({"model": "other-1", "stop": ["needle"]})).await), "aifd; hit");
    let sandbox = gateway.stopped().await;
    let list = data(&sandbox, "list");
    assert_eq!(keys(&list).len(), 2, "{list}");
    assert_eq!(data(&sandbox, &format!("purge {}", keys(&list)[0]))["entries"], 1);
    let purged = run(&sandbox, "purge");
    assert!(purged.status == Some(0) && purged.stderr.contains("forgot 1 answer"), "{purged}");
    assert_eq!(data(&sandbox, "stats")["entries"], 0);
    let files = std::fs::read_dir(sandbox.file(".aifd/cache")).unwrap();
    let records = files.filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    assert_eq!(records, 0, "files of answers are left");
}

#[tokio::test]
async fn a_cassette_is_readable_and_serves_elsewhere() {
    let (gateway, _upstream) = filled().await;
    let export = run(gateway.sandbox(), "export tape.jsonl");
    assert_eq!(export.status, Some(0), "{export}");
    let again = run(gateway.sandbox(), "export tape.jsonl");
    assert_eq!(again.status, Some(1), "a file is not written over: {again}");
    let tape = std::fs::read_to_string(gateway.sandbox().file("tape.jsonl")).unwrap();
    assert_eq!(tape.lines().count(), 3);
    let first: Value = serde_json::from_str(tape.lines().next().unwrap()).unwrap();
    assert_eq!((&first["request"]["messages"][0]["content"], &first["status"]), (&json!("hi"), &json!(200)));

    let upstream = numbered().await;
    let other = Sandbox::new();
    other.write("aifd.yaml", upstream.forward() + ON);
    other.write("tape.jsonl", &tape);
    let import = run(&other, "import tape.jsonl");
    assert!(import.status == Some(0) && import.stderr.contains("imported 3 answers"), "{import}");
    let other = other.serve().await;
    assert_eq!(status(&chat(&other, json!({"seed": 7})).await), "aifd; hit");
    assert_eq!(upstream.count(), 0);
    other.sandbox().write("bad.jsonl", "{\"key\": \"x\"}\n");
    let bad = run(other.sandbox(), "import bad.jsonl");
    assert!(bad.status == Some(1) && bad.stderr.contains("bad.jsonl:1: "), "{bad}");
}

#[tokio::test]
async fn damage_is_found_by_verify() {
    let (gateway, _upstream) = filled().await;
    let sandbox = gateway.stopped().await;
    let records = std::fs::read_dir(sandbox.file(".aifd/cache")).unwrap();
    let records = records.map(|entry| entry.unwrap().path()).find(|path| path.is_file()).unwrap();
    let mut bytes = std::fs::read(&records).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    std::fs::write(&records, bytes).unwrap();
    assert_eq!(data(&sandbox, "verify"), json!({"good": 2, "damaged": 1}));
    assert_eq!(data(&sandbox, "verify"), json!({"good": 2, "damaged": 0}));
}

#[test]
fn a_cache_in_memory_alone_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "cache: {openai: true, backend: memory}\n");
    let output = run(&sandbox, "stats");
    assert!(output.status == Some(1) && output.stderr.contains("in memory alone"), "{output}");
}
