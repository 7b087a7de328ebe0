//! What chat logs promise when things go wrong: kills, stops, disks that cannot be written, files that others move.

use aifd_tests::{Answer, FakeUpstream, Gateway, Received, Sandbox, eventually};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

const CHAT: &str = "Log/openai/chat/chat.log";

fn answer() -> Answer {
    Answer::json(
        r#"{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#,
    )
}

async fn serve(more: &str) -> (FakeUpstream, Gateway) {
    let upstream = FakeUpstream::always(answer()).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "log:\n  openai: true\n" + more);
    let gateway = sandbox.serve().await;
    (upstream, gateway)
}

/// Asks once; what was asked is `number`.
async fn ask(gateway: &Gateway, client: &reqwest::Client, number: usize) -> u16 {
    let body = json!({"messages": [{"role": "user", "content": format!("n{number}.")}], "model": "m"});
    let sent = client.post(gateway.url("/v1/chat/completions")).json(&body).send().await;
    let Ok(answer) = sent else { return 0 };
    let status = answer.status().as_u16();
    // One that leaves before the end has cancelled.
    if answer.bytes().await.is_ok() { status } else { 0 }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn signal(gateway: &Gateway, signal: Signal) {
    kill_process(Pid::from_raw(gateway.process().pid().cast_signed()).unwrap(), signal).unwrap();
}

/// The exchanges that have both their lines, by the number that was asked.
fn pairs(text: &str) -> HashSet<usize> {
    let uid = |line: &str| line.split("'uid': '").nth(1).map(|rest| rest[..32].to_owned());
    let answered: HashSet<_> =
        text.lines().filter(|line| line.starts_with("{'assistant'")).filter_map(uid).collect();
    let asked = text.lines().filter(|line| {
        line.starts_with("{'messages'") && uid(line).is_some_and(|uid| answered.contains(&uid))
    });
    asked.filter_map(|line| line.split("'content': 'n").nth(1)?.split('.').next()?.parse().ok()).collect()
}

async fn status(gateway: &Gateway) -> Value {
    let output = gateway.sandbox().aifd(["status", "--json"]).run();
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

#[tokio::test]
async fn a_stop_loses_nothing() {
    let (_upstream, gateway) = serve("").await;
    let client = gateway.client();
    let all = futures_util::future::join_all((0..200).map(|number| ask(&gateway, &client, number))).await;
    assert!(all.iter().all(|status| *status == 200));
    let path = gateway.sandbox().file(CHAT);
    let kept = tempfile::tempdir().unwrap();
    gateway.process().terminate();
    gateway.process().ended().await;
    fs::copy(&path, kept.path().join("log")).unwrap();
    assert_eq!(pairs(&read(&path)).len(), 200);
}

#[tokio::test]
async fn a_kill_loses_at_most_the_last_moment_and_the_next_start_mends_what_it_tore() {
    for round in 0..2 {
        let (upstream, gateway) = serve("").await;
        let client = gateway.client();
        let mut done = Vec::new();
        let begun = Instant::now();
        let mut number = 0;
        while begun.elapsed() < Duration::from_millis(1_100 + 37 * round) {
            let batch =
                futures_util::future::join_all((0..16).map(|of| ask(&gateway, &client, number + of))).await;
            assert!(batch.iter().all(|status| *status == 200));
            done.extend((0..16).map(|of| (number + of, Instant::now())));
            number += 16;
        }
        let killed = Instant::now();
        signal(&gateway, Signal::KILL);
        gateway.process().ended().await;
        let path = gateway.sandbox().file(CHAT);
        let logged = pairs(&read(&path));
        for (number, at) in &done {
            // The promise is 100 ms; a machine that is busy with other tests may starve the thread for longer.
            let old = killed.duration_since(*at) > Duration::from_secs(1);
            assert!(
                !old || logged.contains(number),
                "{number} of {} ended {:?} before the kill",
                done.len(),
                killed - *at
            );
        }
        // As if the kill had come in the middle of a write.
        let text = read(&path);
        fs::write(&path, &text[..text.len() - 40]).unwrap();
        let whole = text[..text.len() - 40].rfind('\n').unwrap() + 1;
        let command = gateway.sandbox().aifd(["run", "--host", "127.0.0.1", "--port", "0"]);
        let again = command.start();
        eventually("the torn line to be cut off", || (read(&path) == text[..whole]).then_some(())).await;
        again.terminate();
        again.ended().await;
        drop(upstream);
    }
}

#[tokio::test]
async fn a_folder_that_was_deleted_is_made_again() {
    let (_upstream, gateway) = serve("").await;
    let client = gateway.client();
    let path = gateway.sandbox().file(CHAT);
    ask(&gateway, &client, 1).await;
    eventually("the first exchange", || pairs(&read(&path)).contains(&1).then_some(())).await;
    fs::remove_dir_all(gateway.sandbox().file("Log")).unwrap();
    ask(&gateway, &client, 2).await;
    eventually("the second exchange", || pairs(&read(&path)).contains(&2).then_some(())).await;
    gateway
        .event("the warning", |line| line["message"] == "a chat log was deleted; a new one is begun")
        .await;
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_told_and_written_when_it_can_be_and_forwarding_goes_on() {
    let (_upstream, gateway) = serve("").await;
    let client = gateway.client();
    let (log, path) = (gateway.sandbox().file("Log"), gateway.sandbox().file(CHAT));
    ask(&gateway, &client, 1).await;
    eventually("the first exchange", || pairs(&read(&path)).contains(&1).then_some(())).await;
    // Root may write anywhere: a file in the place of the folder stops it too.
    fs::rename(&log, gateway.sandbox().file("away")).unwrap();
    fs::write(&log, "in the way").unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o400)).unwrap();
    for number in 2..5 {
        assert_eq!(ask(&gateway, &client, number).await, 200);
    }
    gateway
        .event("the warning", |line| {
            line["message"].as_str().is_some_and(|said| said.starts_with("a chat log cannot be written"))
        })
        .await;
    let told = eventually("the status to tell it", || {
        let output = gateway.sandbox().aifd(["status", "--json"]).run();
        let status: Value = serde_json::from_str(&output.stdout).unwrap();
        let held = status["logs"]["failing"]
            .as_array()
            .is_some_and(|failing| failing.iter().any(|log| log["held_bytes"].as_u64() > Some(0)));
        held.then_some(status)
    })
    .await;
    assert_eq!(told["logs"]["lost"], 0);
    let text = gateway.sandbox().aifd(["status"]).run();
    assert!(text.stdout.contains("some cannot be written") && text.stdout.contains("chat.log"), "{text}");
    fs::remove_file(&log).unwrap();
    eventually("what waited to be written", || (pairs(&read(&path)).len() == 3).then_some(())).await;
    eventually("the status to be well again", || {
        let output = gateway.sandbox().aifd(["status", "--json"]).run();
        let status: Value = serde_json::from_str(&output.stdout).unwrap();
        (status["logs"]["failing"] == json!([])).then_some(())
    })
    .await;
    assert_eq!(status(&gateway).await["logs"]["lost"], 0);
}

/// A limit of file sizes fails a write in its middle, as a full disk does.
#[tokio::test]
async fn a_disk_that_is_full_leaves_whole_lines_only_and_what_waited_too_long_is_counted() {
    let upstream = FakeUpstream::always(answer()).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "log: {openai: true}\n");
    let gateway = sandbox.serve().await;
    let client = gateway.client();
    let pid = Pid::from_raw(gateway.process().pid().cast_signed());
    let limit = rustix::process::Rlimit { current: Some(3_000), maximum: None };
    rustix::process::prlimit(pid, rustix::process::Resource::Fsize, limit).unwrap();
    for number in 0..20 {
        assert_eq!(ask(&gateway, &client, number).await, 200);
    }
    gateway
        .event("the warning", |line| {
            line["message"].as_str().is_some_and(|said| said.starts_with("a chat log cannot be written"))
        })
        .await;
    let path = gateway.sandbox().file(CHAT);
    let text = read(&path);
    assert!(text.len() <= 3_000 && (text.is_empty() || text.ends_with("}\n")), "{text}");
    let unlimited = rustix::process::Rlimit { current: None, maximum: None };
    rustix::process::prlimit(pid, rustix::process::Resource::Fsize, unlimited).unwrap();
    eventually("all exchanges", || (pairs(&read(&path)).len() == 20).then_some(())).await;
}

#[tokio::test]
async fn a_log_that_was_moved_goes_on_in_a_new_file_with_and_without_a_signal() {
    let (_upstream, gateway) = serve("").await;
    let client = gateway.client();
    let (path, moved) = (gateway.sandbox().file(CHAT), gateway.sandbox().file("Log/openai/chat/chat.log.1"));
    ask(&gateway, &client, 1).await;
    eventually("the first exchange", || pairs(&read(&path)).contains(&1).then_some(())).await;
    fs::rename(&path, &moved).unwrap();
    signal(&gateway, Signal::HUP);
    gateway.event("the signal", |line| line["message"] == "opening the chat logs anew").await;
    ask(&gateway, &client, 2).await;
    eventually("the second exchange", || pairs(&read(&path)).contains(&2).then_some(())).await;
    fs::rename(&path, gateway.sandbox().file("Log/openai/chat/chat.log.2")).unwrap();
    ask(&gateway, &client, 3).await;
    eventually("the third exchange", || pairs(&read(&path)).contains(&3).then_some(())).await;
    assert_eq!(pairs(&read(&moved)), [1].into());
}

#[tokio::test]
async fn logs_rotate_by_size_are_compressed_and_the_oldest_go() {
    let (_upstream, gateway) = serve("  rotate_size: 4kB\n  compress: zstd\n  keep: 3\n").await;
    let client = gateway.client();
    for number in 0..60 {
        ask(&gateway, &client, number).await;
    }
    let folder = gateway.sandbox().file("Log/openai/chat");
    let names = || {
        let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let packed = |name: &&String| name.starts_with("chat.20") && name.ends_with(".log.zst");
    let kept = eventually("three packed files and the live one", || {
        let names = names();
        (names.len() == 4 && names.iter().filter(packed).count() == 3).then_some(names)
    })
    .await;
    assert!(kept.contains(&"chat.log".to_owned()), "{kept:?}");
    eventually("the last exchange", || pairs(&read(&folder.join("chat.log"))).contains(&59).then_some(()))
        .await;
    assert!(fs::metadata(folder.join("chat.log")).unwrap().len() <= 4_000);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0, "chats are private");
}

#[tokio::test]
async fn what_is_to_be_redacted_is_never_written_and_media_are_digests() {
    let upstream = FakeUpstream::always(Answer::after_body(|request| {
        let content = json!(format!("write to bob@example.com, {}", request.text().len()));
        Answer::json(
            json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]})
                .to_string(),
        )
    }))
    .await;
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        upstream.forward()
            + "log:\n  openai: true\n  media: digest\n  redact: [emails, cards, 'EMP-\\d{4}']\n",
    );
    let gateway = sandbox.serve().await;
    let image =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    let body = json!({"model": "m", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "ann@example.com, 4111 1111 1111 1111, EMP-1234"},
        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{image}")}},
    ]}]});
    let sent = gateway.client().post(gateway.url("/v1/chat/completions")).json(&body).send().await.unwrap();
    assert!(sent.text().await.unwrap().contains("bob@example.com"), "only the log is redacted");
    let path = gateway.sandbox().file(CHAT);
    let text = eventually("both lines", || Some(read(&path)).filter(|text| text.lines().count() == 2)).await;
    for secret in ["ann@", "bob@", "4111", "EMP-1234", image] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("data:image/png;blake3=") && text.contains(";bytes=70'"), "{text}");
    assert!(text.contains("'text': '[redacted:email], [redacted:card], [redacted]'"), "{text}");
}

#[tokio::test]
async fn chats_are_printed_for_people_and_a_reader_that_does_not_read_holds_nothing_up() {
    let upstream = FakeUpstream::always(answer()).await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "print_chat: true\n");
    let gateway = sandbox.serve().await;
    let body = json!({"model": "gpt-4o", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "# Title\u{1b}[31m"}]});
    gateway.client().post(gateway.url("/v1/chat/completions")).json(&body).send().await.unwrap();
    let shown = gateway.process().stdout();
    shown.find("the answer", |line| line.starts_with("assistant: hi").then_some(())).await.unwrap();
    let text = shown.text();
    let expected = "--------------------------------------------------\nrole: system\ncontent: Be brief.\nrole: user\ncontent: # Title\u{fffd}[31m\n127.0.0.1@gpt-4o uid: ";
    assert!(text.contains(expected), "{text}");
    assert!(!gateway.sandbox().file("Log").exists(), "printed, and not logged");
}

#[tokio::test]
async fn chats_that_fail_are_printed_with_how_they_failed() {
    let upstream = FakeUpstream::answering(|request: &Received| match request.target() {
        "/v1/wrong/chat/completions" => {
            Answer::json(r#"{"error":{"message":"no \u001b[2Jsuch model"}}"#).status(404)
        }
        "/v1/late/chat/completions" => Answer::sse([
            r#"{"choices":[{"index":0,"delta":{"content":"par"}}]}"#,
            r#"{"error":{"message":"overloaded"}}"#,
        ]),
        _ => Answer::close(),
    })
    .await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "print_chat: true\nretry: {attempts: 0}\n");
    let gateway = sandbox.serve().await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "q"}]});
    for (name, last) in [
        ("wrong", "error: no "),
        ("late", "error: overloaded"),
        ("gone", r#"error: {"code":"provider_reset"}"#),
    ] {
        let url = gateway.url(&format!("/v1/{name}/chat/completions"));
        gateway.client().post(url).json(&body).send().await.unwrap().bytes().await.unwrap();
        gateway.process().stdout().line_with(last).await;
    }
    let shown = gateway.process().stdout();
    let lines = [
        "=\nstatus: 404 complete\nerror: no \u{fffd}[2Jsuch model\nuid: ",
        "=\nassistant: par\nstatus: 200 failed\nerror: overloaded\nuid: ",
        "=\nstatus: 502 failed\nerror: ",
    ];
    for expected in lines {
        assert!(shown.text().contains(expected), "{expected}: {shown}");
    }
}
