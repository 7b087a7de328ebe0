//! What the commands print, refuse and leave behind.

use aifd_tests::{Output, Sandbox};
use serde_json::Value;
use std::{fs, net::TcpListener};

fn run(arguments: &[&str]) -> Output {
    Sandbox::new().aifd(arguments).run()
}

/// The one line that a command said.
fn said(output: &Output) -> &str {
    assert_eq!(output.stderr.lines().filter(|line| line.starts_with("error:")).count(), 1, "{output}");
    &output.stderr
}

#[test]
fn no_command_is_help_and_an_unknown_one_is_usage() {
    let help = run(&[]);
    assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""), "{help}");
    assert_eq!(help.stdout, run(&["--help"]).stdout);
    for wrong in
        [&["rum"] as &[&str], &["run", "--prot=1"], &["run", "--webui=maybe"], &["completions", "tcsh"]]
    {
        let output = run(wrong);
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{output}");
        said(&output);
    }
}

#[test]
fn gen_config_writes_a_file_that_checks_and_never_replaces_one_unasked() {
    let sandbox = Sandbox::new();
    let file = sandbox.file("openai-forward-config.yaml");
    assert_eq!(sandbox.aifd(["gen_config"]).run().status, Some(0));
    let check = sandbox.aifd(["config", "check"]).run();
    assert_eq!((check.status, check.stdout.as_str()), (Some(0), ""), "{check}");
    sandbox.write(&file, "timeout: 5\n");
    let again = sandbox.aifd(["gen-config", "--dir=."]).run();
    assert_eq!(again.status, Some(1), "{again}");
    assert!(said(&again).contains("--force"), "{again}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "timeout: 5\n");
    assert_eq!(sandbox.aifd(["gen-config", "--force"]).run().status, Some(0));
    assert!(fs::read_to_string(&file).unwrap().starts_with("# Configuration of aifd"));
}

#[test]
fn config_init_writes_what_it_prints() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.aifd(["config", "init"]).run().status, Some(0));
    let printed = sandbox.aifd(["config", "init", "-"]).run().stdout;
    assert_eq!(fs::read_to_string(sandbox.file("aifd.yaml")).unwrap(), printed);
}

#[test]
fn check_lists_every_problem_with_its_place_as_text_and_as_json() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "timeuot: 3\nport: many\n");
    let text = sandbox.aifd(["config", "check"]).run();
    assert_eq!(text.status, Some(2), "{text}");
    assert_eq!(text.stdout.lines().filter(|line| line.starts_with("error:")).count(), 2, "{text}");
    assert!(
        text.stdout.contains("aifd.yaml:1:1") && text.stdout.contains("did you mean `timeout`?"),
        "{text}"
    );
    assert!(said(&text).contains("2 errors"), "{text}");
    let json = sandbox.aifd(["config", "check", "--json"]).run();
    assert_eq!(json.status, Some(2), "{json}");
    let list: Value = serde_json::from_str(&json.stdout).unwrap();
    let places = list["problems"].as_array().unwrap().iter().map(|problem| problem["line"].as_u64());
    assert_eq!(places.collect::<Vec<_>>(), [Some(1), Some(2)], "{json}");
}

#[test]
fn check_and_run_say_what_is_not_yet_in_effect() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "webui: {enabled: true}\n");
    let check = sandbox.aifd(["config", "check"]).run();
    assert_eq!(check.status, Some(0), "{check}");
    assert!(check.stdout.contains("aifd.yaml:1:18: `webui.enabled`: not yet in effect"), "{check}");
}

#[tokio::test]
async fn run_warns_once_of_each_key_that_is_not_yet_in_effect() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "webui: {enabled: true}\n");
    let gateway = sandbox.serve().await;
    gateway.stop().await;
    assert_eq!(gateway.log().text().matches("not yet in effect").count(), 1, "{}", gateway.log());
}

#[test]
fn show_says_where_a_value_came_from_and_masks_secrets() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "api_key: {openai_key: {sk-0123456789abcdef: [0]}}\n");
    let output = sandbox.aifd(["config", "show", "--json"]).env("AIFD_PORT", "81").run();
    let rows: Value = serde_json::from_str(&output.stdout).unwrap();
    let row = |key: &str| rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().clone();
    assert_eq!(
        (row("port")["value"].as_u64(), row("port")["from"].as_str()),
        (Some(81), Some("environment AIFD_PORT"))
    );
    assert!(!output.stdout.contains("0123456789"), "{output}");
    assert!(row("api_key.openai_key")["from"].as_str().unwrap().starts_with("aifd.yaml:1:"), "{output}");
}

#[test]
fn a_port_in_use_is_one_error_with_a_hint_and_nothing_is_printed() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Sandbox::new().aifd(["run", "--host=127.0.0.1", "--port", &port]).run();
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{output}");
    output.assert_snapshot("run_port_in_use");
}

#[tokio::test]
async fn the_boxes_are_those_of_openai_forward_and_show_no_secret() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "openai-forward-config.yaml",
        "forward:\n\
         - {base_url: https://gen.example, route: /gen, type: general}\n\
         - {base_url: https://api.openai.com, route: /, type: openai}\n\
         api_key:\n  openai_key: {sk-0123456789abcdef: [0]}\n  forward_key: {0: [fk-0123456789abcdef]}\n\
         cache: {openai: true, backend: MEMORY}\n\
         rate_limit:\n  req_rate_limit: [{route: /v1/chat/completions, value: [{level: 0, limit: 4/minute}]}]\n",
    );
    let command = sandbox.aifd(["run", "--host=127.0.0.1", "--port=0", "--webui=False", "--ui_port=8001"]);
    let process = command.start();
    process.stdout().line_with("Listening on http://127.0.0.1:").await;
    let boxes = process.stdout().text();
    process.terminate();
    assert_eq!(process.ended().await.code(), Some(0));
    aifd_tests::settings().bind(|| insta::assert_snapshot!("boxes", boxes));
}

#[tokio::test]
async fn quiet_prints_the_address_alone() {
    let sandbox = Sandbox::new();
    let process = sandbox.aifd(["run", "--quiet", "--host=127.0.0.1", "--port=0"]).start();
    process.stdout().line_with("Listening on http://127.0.0.1:").await;
    process.interrupt();
    assert_eq!(process.ended().await.code(), Some(0));
    assert_eq!(process.stdout().text().lines().count(), 1, "{}", process.stdout());
}
