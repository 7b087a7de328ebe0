//! What the `config` commands and a refused `run` tell: all of it, once, in order, within bounds, and no secret.

use aifd_tests::{Output, Sandbox};
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write, fs, os::unix::fs::symlink};

/// `aifd config check` of a file with this text.
fn check(text: &str) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", text);
    sandbox.aifd(["config", "check"]).run()
}

#[test]
fn problems_are_told_in_the_order_of_the_file() {
    let output =
        check("workers: x\ncors: {max_age: y}\nprot: 1\nport: z\nforward: [{base_url: h, type: q}]\n");
    let places: Vec<&str> = output.stdout.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    let places: Vec<&str> = places.into_iter().filter(|place| place.starts_with("aifd.yaml")).collect();
    let expected = [
        "aifd.yaml:1:10",
        "aifd.yaml:2:17",
        "aifd.yaml:3:1",
        "aifd.yaml:4:7",
        "aifd.yaml:5:22",
        "aifd.yaml:5:31",
    ];
    assert_eq!(places, expected, "{output}");
}

#[test]
fn a_hundred_problems_are_told_and_the_rest_is_counted() {
    let mut text = String::new();
    (0..1_000).for_each(|n| writeln!(text, "unknown{n}: 1").unwrap());
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", text);
    for arguments in [&["config", "check"][..], &["run", "--port=0"]] {
        let output = sandbox.aifd(arguments).run();
        assert_eq!(output.status, Some(2), "{arguments:?}");
        let said = format!("{}{}", output.stdout, output.stderr);
        assert_eq!(said.matches(": unknown key").count(), 100, "{said}");
        assert!(said.contains("note: and 900 more"), "{said}");
    }
    let all = sandbox.aifd(["config", "check", "--json"]).run();
    assert_eq!(all.stdout.matches("\"unknown key\"").count(), 1_000);
}

/// What a gateway prints and says until it is stopped.
async fn told_by_run(sandbox: &Sandbox, more: &[&str]) -> String {
    let gateway = sandbox.aifd(["run", "--host=127.0.0.1", "--port=0"]).args(more).start();
    gateway.stdout().line_with("Listening on").await;
    gateway.terminate();
    assert_eq!(gateway.ended().await.code(), Some(0));
    format!("{}{}", gateway.stdout().text(), gateway.stderr().text())
}

#[tokio::test]
async fn a_log_folder_that_is_a_file_is_told_at_the_start() {
    let sandbox = Sandbox::new();
    sandbox.write("Log", "");
    sandbox.write("aifd.yaml", "log: {openai: true}\n");
    let checked = sandbox.aifd(["config", "check"]).run();
    assert_eq!(checked.status, Some(0), "{checked}");
    assert!(checked.stdout.contains("`log.dir`: "), "{checked}");
    assert!(checked.stdout.contains("hint: name a folder"), "{checked}");
    let said = told_by_run(&sandbox, &[]).await;
    assert!(said.contains("/Log is no folder key=\"log.dir\""), "{said}");
}

#[tokio::test]
async fn warnings_at_the_start_are_bounded_too() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", "no assignment\n".repeat(1_000));
    let said = told_by_run(&sandbox, &[]).await;
    assert_eq!(said.matches("not an assignment").count(), 100, "{said}");
    assert!(said.contains("more=900"), "{said}");
}

#[test]
fn a_bad_value_is_one_error_with_a_hint_and_nothing_starts() {
    for arguments in [
        &["run", "--port=abc"][..],
        &["run", "--port=65536"],
        &["run", "--workers=0"],
        &["run", "--host="],
        &["run", "--log-level=loud"],
        &["run", "--config=none.yaml"],
        &["run", "--config=."],
    ] {
        let output = Sandbox::new().aifd(arguments).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{arguments:?}: {output}");
        assert_eq!(output.stderr.matches("error:").count(), 1, "{arguments:?}: {output}");
        assert_eq!(output.stderr.matches("hint:").count(), 1, "{arguments:?}: {output}");
    }
}

#[test]
fn check_says_what_the_configuration_was_read_from() {
    let sandbox = Sandbox::new();
    let said = |expected: &str| {
        let output = sandbox.aifd(["config", "check"]).env("TIMEOUT", "3").run();
        assert_eq!((output.status, output.stderr.as_str()), (Some(0), expected), "{output}");
    };
    let nothing = sandbox.aifd(["config", "check"]).run();
    assert_eq!(nothing.stderr, "ok: no configuration: every default holds\n");
    said("ok: the environment\n");
    sandbox.write(".env", "AIFD_PORT=1\n");
    said("ok: .env, the environment\n");
    sandbox.write("aifd.yaml", "");
    said("ok: aifd.yaml, .env, the environment\n");
}

#[test]
fn a_file_is_found_through_a_link_and_a_broken_link_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("kept.yaml", "\u{feff}port: 4321\r\nhost: 127.0.0.1\r\n");
    symlink("kept.yaml", sandbox.file("aifd.yaml")).unwrap();
    let shown = sandbox.aifd(["config", "show"]).run();
    assert!(shown.stdout.lines().any(|line| line.starts_with("port ") && line.contains(" 4321 ")), "{shown}");
    fs::remove_file(sandbox.file("kept.yaml")).unwrap();
    let broken = sandbox.aifd(["config", "check"]).run();
    assert_eq!(broken.status, Some(2), "{broken}");
    assert!(
        broken.stdout.contains("cannot read aifd.yaml: no such file\n  hint: check the path"),
        "{broken}"
    );
}

#[test]
fn the_stronger_source_wins_for_each_key_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "timeout: 1\nshutdown_grace: 1\nkeepalive_timeout: 1\n");
    sandbox.write(".env", "TIMEOUT=2\nAIFD_SHUTDOWN_GRACE=2\n");
    let shown = sandbox.aifd(["config", "show"]).env("TIMEOUT", "3").run();
    let row = |key: &str| {
        let row = shown.stdout.lines().find(|line| line.starts_with(&format!("{key} "))).unwrap();
        row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("timeout"), "3 environment TIMEOUT");
    assert_eq!(row("shutdown_grace"), "2 .env:2 AIFD_SHUTDOWN_GRACE");
    assert_eq!(row("keepalive_timeout"), "1 aifd.yaml:3:20");
    assert_eq!(row("header_timeout"), "30s default");
}

#[tokio::test]
async fn no_command_shows_a_secret() {
    let sandbox = Sandbox::new();
    let sound = "api_key:\n  openai_key: {sk-s3cret-upstream: [0]}\n  forward_key: {0: [fk-s3cret-caller]}\n\
        proxy: http://user:s3cret@127.0.0.1:1\n\
        forward: [{base_url: 'https://h', type: openai, openai_key: {s3cret-of-the-route: [0]}}]\n";
    let unsound = "api_key: {openai_key: {sk-s3cret-upstream: x, sk-s3cret-upstream: [0]}, forward_key: sk-s3cret-f}\n\
        sk-s3cret-in-the-wrong-place: 1\nproxy: ftp://user:s3cret@h\nip_whitelist: [sk-s3cret-here]\n\
        forward: [{base_url: 'https://user:s3cret@h', type: sk-s3cret-type}]\nrate_limit: {backend: 'x://:s3cret@h'}\n";
    let servers = "rate_limit: {backend: 'redis://:a/s3cret@h'}\n\
        forward: [{base_url: 'https://h', type: openai, openai_key: {s3cret-of-the-route: x, s3cret-of-the-route: 0}}]\n";
    for text in [sound, unsound, servers] {
        sandbox.write("aifd.yaml", text);
        for arguments in [
            &["config", "show"][..],
            &["config", "show", "--json"],
            &["config", "check"],
            &["config", "check", "--json"],
        ] {
            let output = sandbox.aifd(arguments).run();
            let shown = format!("{}{}", output.stdout, output.stderr);
            assert!(!shown.is_empty() && !shown.contains("s3cret"), "{arguments:?}: {output}");
        }
    }
    sandbox.write("aifd.yaml", sound);
    let shown = told_by_run(&sandbox, &["--log-level=trace"]).await;
    assert!(shown.contains("stopping") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn env_lists_every_variable_also_those_that_set_no_key() {
    let sandbox = Sandbox::new();
    let rows = sandbox.aifd(["config", "env", "--json"]).run().stdout;
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    let listed: BTreeSet<&str> =
        rows.iter().flat_map(|row| row["variables"].as_array().unwrap()).filter_map(Value::as_str).collect();
    // Those of openai-forward 0.8.1's `.env` and of its successor, and those that only aifd has.
    for name in "TIMEOUT DEFAULT_STREAM_RESPONSE ITER_CHUNK_TYPE CHAT_COMPLETION_ROUTE COMPLETION_ROUTE EMBEDDING_ROUTE \
        CUSTOM_GENERAL_ROUTE CACHE_ROUTES FORWARD_CONFIG CUSTOM_MODEL_CONFIG TOKEN_RATE_LIMIT REQ_RATE_LIMIT \
        REQ_RATE_LIMIT_BACKEND GLOBAL_RATE_LIMIT RATE_LIMIT_STRATEGY PRINT_CHAT LOG_OPENAI LOG_GENERAL CACHE_OPENAI \
        CACHE_GENERAL BENCHMARK_MODE LOG_CACHE_DB_INFO DEFAULT_REQUEST_CACHING_VALUE CACHE_BACKEND \
        CACHE_ROOT_PATH_OR_URL PROXY OPENAI_API_KEY_CONFIG FORWARD_KEY_CONFIG LEVEL_MODELS IP_WHITELIST IP_BLACKLIST TZ \
        ssl_keyfile ssl_certfile WEBUI_RESTART_PORT WEBUI_LOG_PORT OPENAI_FORWARD_HOST AIFD_CONFIG AIFD_PORT NO_COLOR"
        .split_whitespace()
    {
        assert!(listed.contains(name), "{name}");
    }
}
