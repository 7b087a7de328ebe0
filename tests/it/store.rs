//! The store and its administration while a server runs: in effect at once, never lost, never held by two.

use aifd_tests::{
    Answer, FakeUpstream, Gate, Gateway, Output, RawClient, Response, Sandbox, Socket, assert_refusal,
    eventually,
};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::PathBuf,
};

const UPSTREAM_KEYS: &str = "api_key: {openai_key: {sk-up-0123456789: [0, 1]}, level: {1: [gpt-4o-mini]}}\n";

async fn upstream() -> FakeUpstream {
    FakeUpstream::answering(|_| {
        Answer::json(r#"{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#)
    })
    .await
}

/// Runs a command in the server's directory, off the test's own thread.
async fn aifd(gateway: &Gateway, line: &str) -> Output {
    let command = gateway.sandbox().aifd(line.split(' '));
    tokio::task::spawn_blocking(move || command.run()).await.unwrap()
}

async fn done(gateway: &Gateway, line: &str) -> String {
    let output = aifd(gateway, line).await;
    assert_eq!(output.status, Some(0), "aifd {line}: {output}");
    output.stdout.trim_end().to_owned()
}

async fn json_of(gateway: &Gateway, line: &str) -> Value {
    let text = done(gateway, &format!("{line} --json")).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

async fn chat(client: &mut RawClient, key: &str, model: &str) -> Response {
    let body = json!({"model": model, "messages": []}).to_string();
    let head = format!("POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nauthorization: Bearer {key}\r\n");
    client.send(format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await;
    client.response().await
}

#[tokio::test]
async fn a_keys_own_quotas_hold_beside_those_of_the_configuration() {
    let gate = Gate::new();
    let held = gate.clone();
    let usage = r#"{"usage":{"prompt_tokens":30,"completion_tokens":40,"total_tokens":70}}"#;
    let upstream = FakeUpstream::answering(move |request| {
        let answer = Answer::json(usage);
        if request.header("x-hold").is_some() { answer.held(&held) } else { answer }
    })
    .await;
    let limits = "rate_limit: {global_rate_limit: 100/hour}\n";
    let gateway = Gateway::configured(&upstream, &format!("{UPSTREAM_KEYS}{limits}")).await;
    let key =
        done(&gateway, "keys create --name x --requests 3/hour --tokens 100/hour --concurrent 1 --quiet")
            .await;
    let body = r#"{"model":"m","max_tokens":5}"#;
    let request = |more: &str| {
        let head = format!("POST /v1/x HTTP/1.1\r\nhost: g\r\nauthorization: Bearer {key}\r\n{more}");
        format!("{head}content-length: {}\r\n\r\n{body}", body.len())
    };
    let mut first = gateway.connect().await;
    first.send(request("x-hold: 1\r\n")).await;
    upstream.begun(0).await;
    let mut second = gateway.connect().await;
    second.send(request("")).await;
    assert_refusal("refused_concurrency_of_a_key", &second.response().await);
    gate.open();
    let answer = first.response().await;
    assert_eq!(answer.head.header("x-ratelimit-limit-requests"), Some("3"), "{answer}");
    assert_eq!(answer.head.header("x-ratelimit-limit-tokens"), Some("100"), "{answer}");
    // 70 of 100 tokens are used, whatever was reserved.
    let large = request("").replace(r#""max_tokens":5"#, r#""max_tokens":40"#);
    let large = large.replace(&format!("length: {}", body.len()), &format!("length: {}", body.len() + 1));
    second.send(large).await;
    assert_eq!(second.response().await.code(), "policy_token_quota_exceeded");
    second.send(request("")).await;
    assert_eq!(second.response().await.code(), "policy_request_limit_exceeded");
}

#[tokio::test]
async fn a_key_is_in_effect_at_once_with_every_change_to_it() {
    let upstream = upstream().await;
    let gateway =
        Gateway::configured(&upstream, &format!("{UPSTREAM_KEYS}access: {{require_forward_key: true}}\n"))
            .await;
    let mut client = gateway.connect().await;
    let key = done(&gateway, "keys create --name alice --quiet").await;
    assert!(key.starts_with("fk-") && key.len() > 40, "{key}");
    assert_eq!(chat(&mut client, &key, "gpt-4").await.status(), 200);
    assert_eq!(upstream.request(0).await.header("authorization"), Some("Bearer sk-up-0123456789"));

    done(&gateway, "keys update alice --model gpt-4o*,o3").await;
    let refused = chat(&mut client, &key, "gpt-4").await;
    assert_eq!((refused.status(), refused.code().as_str()), (403, "policy_model_forbidden"), "{refused}");
    assert!(refused.text().contains("gpt-4o*, o3"), "{refused}");
    assert_eq!(chat(&mut client, &key, "gpt-4o-mini").await.status(), 200);

    done(&gateway, "keys update alice --level 1").await;
    assert_eq!(chat(&mut client, &key, "gpt-4o").await.status(), 403, "its level may not");
    assert_eq!(chat(&mut client, &key, "gpt-4o-mini").await.status(), 200);

    done(&gateway, "keys update alice --level 0 --any-model --requests 1/hour").await;
    assert_eq!(chat(&mut client, &key, "gpt-4").await.status(), 200);
    let limited = chat(&mut client, &key, "gpt-4").await;
    assert_eq!((limited.status(), limited.code().as_str()), (429, "policy_request_limit_exceeded"));
    done(&gateway, "keys update alice --no-requests --route /other").await;
    assert_refusal("refused_route", &chat(&mut client, &key, "gpt-4").await);
    done(&gateway, "keys update alice --any-route").await;

    done(&gateway, "keys disable alice").await;
    let disabled = chat(&mut client, &key, "gpt-4").await;
    assert_refusal("refused_key_disabled", &disabled);
    assert!(!disabled.to_string().contains(&key), "{disabled}");
    done(&gateway, "keys enable alice").await;

    let next = done(&gateway, "keys rotate alice --grace 1h --quiet").await;
    assert_ne!(next, key);
    for secret in [&key, &next] {
        assert_eq!(chat(&mut client, secret, "gpt-4").await.status(), 200);
    }
    let last = done(&gateway, "keys rotate alice --yes --quiet").await;
    assert_eq!(chat(&mut client, &last, "gpt-4").await.status(), 200);
    for secret in [&key, &next] {
        assert_eq!(chat(&mut client, secret, "gpt-4").await.status(), 401);
    }
    gateway
        .sandbox()
        .write("old.json", r#"[{"name":"old","secret":"fk-old","expires":"2020-01-01T00:00:00Z"}]"#);
    done(&gateway, "keys import old.json").await;
    assert_refusal("refused_key_expired", &chat(&mut client, "fk-old", "gpt-4").await);
    done(&gateway, "keys delete alice --yes").await;
    assert_eq!(chat(&mut client, &last, "gpt-4").await.code(), "caller_key_unknown");
    let said = gateway.log().text();
    assert!(![key, next, last].iter().any(|secret| said.contains(secret.as_str())), "{said}");
}

#[tokio::test]
async fn usage_and_status_tell_what_happened() {
    let upstream = upstream().await;
    let gateway = Gateway::configured(
        &upstream,
        &format!("{UPSTREAM_KEYS}rate_limit: {{global_rate_limit: 2/hour}}\n"),
    )
    .await;
    let mut client = gateway.connect().await;
    let key = done(&gateway, "keys create --name bob --quiet").await;
    for _ in 0..3 {
        chat(&mut client, &key, "gpt-4").await;
    }
    let rows = json_of(&gateway, "usage").await;
    let row = &rows[0];
    assert_eq!(
        (&row["name"], &row["model"], &row["requests"], &row["total_tokens"], &row["prompt_tokens"]),
        (&json!("bob"), &json!("gpt-4"), &json!(2), &json!(14), &json!(6)),
        "{rows}"
    );
    let status = json_of(&gateway, "status").await;
    assert_eq!(
        (&status["requests"]["total"], &status["requests"]["succeeded"]),
        (&json!(3), &json!(2)),
        "{status}"
    );
    assert_eq!(status["refused"]["policy_request_limit_exceeded"], 1, "{status}");
    assert_eq!((&status["routes"][0]["route"], &status["routes"][0]["requests"]), (&json!("/"), &json!(3)));
    assert_eq!(status["store"]["keys"], 1, "{status}");
    assert!(!status.to_string().contains("sk-up-0123456789"), "{status}");
    let shown = json_of(&gateway, "keys show bob").await;
    assert!(shown.to_string().contains("last_used") && !shown.to_string().contains(&key), "{shown}");
    // The same is told when the server has stopped.
    assert_eq!(gateway.stop().await, Some(0));
    assert_eq!(json_of(&gateway, "usage").await, rows);
    assert_eq!(json_of(&gateway, "keys show bob").await, shown);
    let offline = aifd(&gateway, "status").await;
    assert_eq!(offline.status, Some(1), "{offline}");
}

#[tokio::test]
async fn status_tells_streams_under_way_and_upstream_keys_that_are_set_aside() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |request| {
        let refused = request.header("authorization").is_some_and(|key| key.contains("bad"));
        if refused { Answer::json("{}").status(401) } else { Answer::sse(["one", "two"]).gated(&held) }
    })
    .await;
    let keys =
        "api_key: {openai_key: {sk-bad-0123456789: [0], sk-good-987654321: [0]}, forward_key: {0: [fk-0]}}\n";
    let gateway = Gateway::configured(&upstream, keys).await;
    let mut client = gateway.connect().await;
    client.send("GET /v1/x HTTP/1.1\r\nhost: g\r\nauthorization: Bearer fk-0\r\n\r\n").await;
    gate.pass();
    client.until("one").await;
    let status = json_of(&gateway, "status").await;
    assert_eq!(
        (&status["requests"]["in_flight"], &status["requests"]["streams"]),
        (&json!(1), &json!(1)),
        "{status}"
    );
    let upstream_keys = status["upstream_keys"].as_array().unwrap();
    let aside = |key: &&Value| !key["set_aside_until"].is_null();
    let aside: Vec<_> = upstream_keys.iter().filter(aside).collect();
    assert_eq!((upstream_keys.len(), aside.len()), (2, 1), "{status}");
    assert_eq!(
        (&aside[0]["key"], &aside[0]["reason"]),
        (&json!("…6789"), &json!("401 unauthorized")),
        "{status}"
    );
    gate.open();
    client.until("two").await;
    eventually("the stream's end", || {
        let status = gateway.sandbox().aifd(["status", "--json"]).run();
        status.stdout.contains("\"streams\": 0").then_some(())
    })
    .await;
}

#[tokio::test]
async fn commands_answer_alike_with_a_server_and_without() {
    let upstream = upstream().await;
    let gateway = Gateway::before(&upstream).await;
    let lines = [
        "keys create --name carol --secret-stdin",
        "keys show nobody",
        "keys update nobody --level 1",
        "keys delete nobody --yes",
        "keys create --name dave --requests 5/minute --metadata team=a --quiet",
        "keys create --name dave --quiet",
        "keys list",
        "keys list --json",
        "keys export",
        "usage --json",
    ];
    let mask = |output: Output| {
        let text = output.to_string();
        let words = text.split_inclusive(|c: char| c.is_whitespace() || "\",".contains(c));
        let word = |word: &str| match word.trim_end_matches(|c: char| c.is_whitespace() || "\",".contains(c))
        {
            secret if secret.starts_with("fk-") || secret.starts_with("key_") => "[SECRET] ".to_owned(),
            time if time.starts_with("20") && time.contains('T') => "[TIME] ".to_owned(),
            _ => word.to_owned(),
        };
        words.map(word).collect::<String>()
    };
    let mut live = Vec::new();
    for line in lines {
        live.push(mask(aifd(&gateway, line).await));
    }
    assert_eq!(gateway.stop().await, Some(0));
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    for (line, live) in lines.iter().zip(live) {
        let offline = mask(sandbox.aifd(line.split(' ')).run());
        assert_eq!(offline, live, "{line}");
    }
}

/// The command's success means that the key is on the disk: 100 servers are killed right after it.
#[tokio::test]
async fn a_key_that_was_made_survives_the_kill_of_the_server() {
    let upstream = upstream().await;
    let data = Sandbox::new();
    let mut made = Vec::new();
    for round in 0..100 {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward() + UPSTREAM_KEYS);
        let gateway = sandbox.serve_with(|command| command.env("AIFD_DATA_DIR", data.file("data"))).await;
        let command = gateway.sandbox().aifd(["keys", "create", "--quiet", "--name", &format!("k{round}")]);
        let command = command.env("AIFD_DATA_DIR", data.file("data"));
        let output = tokio::task::spawn_blocking(move || command.run()).await.unwrap();
        assert_eq!(output.status, Some(0), "round {round}: {output}");
        made.push(output.stdout.trim().to_owned());
        // Dropping it kills it with SIGKILL.
        drop(gateway);
    }
    let listed = data.aifd(["keys", "list", "--json"]).env("AIFD_DATA_DIR", data.file("data")).run();
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 100);
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + UPSTREAM_KEYS + "access: {require_forward_key: true}\n");
    let gateway = sandbox.serve_with(|command| command.env("AIFD_DATA_DIR", data.file("data"))).await;
    let mut client = gateway.connect().await;
    for key in made {
        assert_eq!(chat(&mut client, &key, "m").await.status(), 200);
    }
}

#[tokio::test]
async fn two_servers_never_hold_one_store() {
    let upstream = upstream().await;
    let gateway = Gateway::before(&upstream).await;
    let second = aifd(&gateway, "run --host 127.0.0.1 --port 0").await;
    assert_eq!(second.status, Some(2), "{second}");
    second.assert_snapshot("run_store_held");
    // The first one still answers.
    done(&gateway, "keys list").await;
    let elsewhere =
        gateway.sandbox().aifd(["run", "--host", "127.0.0.1", "--port", "0", "--data-dir", "other"]);
    let process = elsewhere.start();
    assert!(process.stdout().line_with("Listening on").await.contains("127.0.0.1"));
}

#[tokio::test]
async fn the_store_is_for_its_owner_alone_and_the_socket_goes_with_the_server() {
    let upstream = upstream().await;
    let gateway = Gateway::before(&upstream).await;
    let data = gateway.sandbox().file(".aifd");
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("control.sock"))), (0o700, 0o600));
    assert_eq!(gateway.stop().await, Some(0));
    assert!(!data.join("control.sock").exists());
    // A socket that nobody serves is in nobody's way.
    drop(UnixListener::bind(data.join("control.sock")).unwrap());
    done(&gateway, "keys create --name x").await;
    let again = gateway.sandbox().aifd(["run", "--host", "127.0.0.1", "--port", "0"]).start();
    again.stdout().line_with("Listening on").await;
    let listed = json_of(&gateway, "keys list").await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert!(UnixStream::connect(data.join("control.sock")).is_ok());
}

#[tokio::test]
async fn a_store_held_by_something_else_is_told_and_left_alone() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.aifd(["keys", "create", "--name", "x"]).run().status, Some(0));
    let file = fs::File::options().read(true).write(true).open(sandbox.file(".aifd/state/db")).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let keys = sandbox.aifd(["keys", "list"]).run();
    assert_eq!(keys.status, Some(1), "{keys}");
    keys.assert_snapshot("keys_store_held");
    let run = sandbox.aifd(["run", "--host", "127.0.0.1", "--port", "0"]).run();
    assert_eq!(run.status, Some(2), "{run}");
    drop(file);
    assert_eq!(sandbox.aifd(["keys", "list"]).run().status, Some(0));
}

#[tokio::test]
async fn a_command_of_another_version_is_told_so() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.file(".aifd")).unwrap();
    let listener = tokio::net::UnixListener::bind(sandbox.file(".aifd/control.sock")).unwrap();
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut client = RawClient::new(Socket::Unix(stream));
            client.until("x-aifd-version").await;
            let head = "HTTP/1.1 200 OK\r\nx-aifd-protocol: 99\r\nx-aifd-version: 9.9.9\r\n";
            client
                .send(format!("{head}content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"))
                .await;
        }
    });
    let command = sandbox.aifd(["keys", "list"]);
    let output = tokio::task::spawn_blocking(move || command.run()).await.unwrap();
    server.abort();
    assert_eq!(output.status, Some(1), "{output}");
    assert!(output.stderr.contains("9.9.9"), "{output}");
}

#[tokio::test]
async fn a_damaged_store_is_told_and_nothing_in_it_is_overwritten() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.aifd(["keys", "create", "--name", "x"]).run().status, Some(0));
    let path = sandbox.file(".aifd/state/conf");
    let before = vec![0xff; fs::read(&path).unwrap().len()];
    fs::write(&path, &before).unwrap();
    for (line, status) in [("keys list", 1), ("run --host 127.0.0.1 --port 0", 2)] {
        let output = sandbox.aifd(line.split(' ')).run();
        assert_eq!(output.status, Some(status), "{line}: {output}");
        assert!(output.stderr.contains(".aifd/state") && output.stderr.contains("hint:"), "{output}");
        assert!(!output.stderr.contains("panicked"), "{output}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn where_nothing_can_be_written_a_server_runs_without_a_store_unless_one_was_named() {
    let upstream = upstream().await;
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward());
    // A file where the folder would be: also root cannot make one there.
    sandbox.write("blocked", "");
    let named =
        sandbox.aifd(["run", "--host", "127.0.0.1", "--port", "0", "--data-dir", "blocked/data"]).run();
    assert_eq!(named.status, Some(2), "{named}");
    named.assert_snapshot("run_store_unwritable");
    // Nobody may make a folder there, not even root.
    let config = sandbox.file("aifd.yaml");
    let gateway = sandbox.serve_with(|command| command.arg("--config").arg(config).within("/sys")).await;
    assert_eq!(gateway.connect().await.get("/v1/models").await.status(), 200);
    let told = |line: &Value| line["message"].to_string().contains("no store");
    gateway.event("a warning", told).await;
}

#[tokio::test]
async fn keys_and_usage_survive_a_restart_and_counts_go_on() {
    let upstream = upstream().await;
    let data = Sandbox::new();
    let mut key = String::new();
    for round in 1..=3 {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", upstream.forward() + UPSTREAM_KEYS);
        let gateway = sandbox.serve_with(|command| command.env("AIFD_DATA_DIR", data.file("data"))).await;
        let data_dir = data.file("data").display().to_string();
        if round == 1 {
            key = done(&gateway, &format!("keys create --name x --quiet --data-dir {data_dir}")).await;
        }
        assert_eq!(chat(&mut gateway.connect().await, &key, "m").await.status(), 200);
        let usage = json_of(&gateway, &format!("usage --data-dir {data_dir}")).await;
        assert_eq!(usage[0]["requests"], round, "{usage}");
        assert_eq!(gateway.stop().await, Some(0));
    }
    eventually("the store to be let go", || {
        let listed = data.aifd(["usage", "--json"]).env("AIFD_DATA_DIR", data.file("data")).run();
        listed.stdout.contains("\"requests\": 3").then_some(())
    })
    .await;
}
