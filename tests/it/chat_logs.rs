//! Chat logs: what `aifd run` writes of exchanges, where, and in which form.

use aifd_tests::{Answer, FakeUpstream, Gateway, Received, Sandbox, eventually};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{fs, path::Path};

const PARTIAL: &str = r#"{"choices":[{"index":0,"delta":{"content":"par"}}]}"#;
const CHAT: &str = "Log/openai/chat/chat.log";

/// The lines of a file once there are this many of them, as Python would read them: the binary's own converter is not
/// asked.
async fn lines(gateway: &Gateway, file: &str, count: usize) -> Vec<String> {
    let path = gateway.sandbox().file(file);
    eventually(&format!("{count} lines in {file}"), || {
        let text = fs::read_to_string(&path).ok()?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        (lines.len() >= count).then_some(lines)
    })
    .await
}

/// A Python literal of what these tests log as JSON: none of their texts has a quote or a word of Python's.
fn value(line: &str) -> Value {
    let json =
        line.replace('\'', "\"").replace("None", "null").replace("True", "true").replace("False", "false");
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn config(upstream: &FakeUpstream) -> String {
    upstream.forward() + "log: {openai: true}\n"
}

async fn serve(upstream: &FakeUpstream, more: &str) -> Gateway {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", config(upstream) + more);
    sandbox.serve().await
}

async fn post(gateway: &Gateway, path: &str, body: &Value) -> reqwest::Response {
    gateway.client().post(gateway.url(path)).json(body).send().await.unwrap()
}

fn completion(message: Value) -> String {
    json!({"id": "c", "object": "chat.completion", "model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}})
    .to_string()
}

fn says(text: &str) -> Answer {
    Answer::json(completion(json!({"role": "assistant", "content": text, "refusal": null})))
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_chat_is_two_lines_in_the_form_of_openai_forward_with_further_fields_behind() {
    let upstream = FakeUpstream::always(says("Hello!")).await;
    let gateway = serve(&upstream, "tz: Asia/Kolkata\n").await;
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "model": "gpt-4o-mini", "max_completion_tokens": 5});
    let answer = post(&gateway, "/v1/chat/completions", &body).await;
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap();
    let lines = lines(&gateway, CHAT, 2).await;
    let (asked, answered) = (value(&lines[0]), value(&lines[1]));
    assert!(
        lines[0].starts_with(
            "{'messages': [{'role': 'user', 'content': 'hi'}], 'model': 'gpt-4o-mini', 'stream': False, 'max_tokens': None, \
             'response_format': None, 'n': 1, 'temperature': 1, 'top_p': 1, 'logit_bias': None, 'frequency_penalty': 0, \
             'presence_penalty': 0, 'seed': None, 'stop': None, 'user': None, 'tools': None, 'tool_choice': None, \
             'ip': '127.0.0.1', 'uid': '"
        ),
        "{}",
        lines[0]
    );
    assert_eq!(fields(&asked)[18..], ["caching", "datetime", "route", "key", "extra"]);
    assert_eq!((&asked["route"], &asked["key"]), (&json!("/"), &Value::Null));
    assert_eq!(asked["extra"], json!({"max_completion_tokens": 5}));
    let datetime = asked["datetime"].as_str().unwrap();
    assert!(chrono_like(datetime), "{datetime}");
    assert!(lines[1].starts_with("{'assistant': 'Hello!', 'is_tool_calls': False, 'uid': '"), "{}", lines[1]);
    assert_eq!(asked["uid"], answered["uid"]);
    assert_eq!(asked["uid"].as_str().unwrap().len(), 32);
    for (name, expected) in [
        ("status", json!(200)),
        ("end", json!("complete")),
        ("model", json!("m-1")),
        ("finish_reason", json!("stop")),
        ("usage", json!({"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12})),
        ("cache", Value::Null),
    ] {
        assert_eq!(answered[name], expected, "{name}");
    }
    let (latency, first) = (answered["latency_ms"].as_f64().unwrap(), answered["ttft_ms"].as_f64().unwrap());
    assert!(latency >= first && first > 0.0, "{latency} {first}");
}

/// `2026-11-23 18:42:43`
fn chrono_like(text: &str) -> bool {
    text.len() == 19
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            10 => b == b' ',
            13 | 16 => b == b':',
            _ => b.is_ascii_digit(),
        })
}

#[tokio::test]
async fn each_kind_has_its_file_and_each_route_its_folder() {
    let upstream = FakeUpstream::answering(|_: &Received| {
        Answer::json(r#"{"object":"list","model":"m","usage":{"total_tokens":2},"data":[],"choices":[{"index":0,"text":"sky","message":{"role":"assistant","content":"hi"}}],
            "text":"spoken","output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}],"content":[{"type":"text","text":"hi"}]}"#)
    })
    .await;
    let sandbox = Sandbox::new();
    let url = upstream.url();
    sandbox.write(
        "aifd.yaml",
        format!(
            "forward:\n- {{base_url: '{url}', route: /, type: openai}}\n- {{base_url: '{url}', route: /b/c, type: openai}}\n\
             - {{base_url: '{url}', route: /quiet, type: openai, log: false}}\n- {{base_url: '{url}', route: /gen, type: general}}\n\
             - {{base_url: '{url}', route: /loud, type: general, log: true}}\nlog: {{openai: true}}\n"
        ),
    );
    let gateway = sandbox.serve().await;
    for (path, file) in [
        ("/v1/chat/completions", "openai/chat/chat.log"),
        ("/b/c/v1/chat/completions", "b_c/chat/chat.log"),
        ("/v1/completions", "openai/completion/completion.log"),
        ("/v1/embeddings", "openai/embedding/embedding.log"),
        ("/v1/audio/transcriptions", "openai/whisper/whisper.log"),
        ("/v1/responses", "openai/responses/responses.log"),
        ("/v1/messages", "openai/messages/messages.log"),
        ("/loud/anything?x=1&key=s3cret", "loud/general/general.log"),
    ] {
        let body = json!({"model": "m", "messages": [], "prompt": "p", "input": "i"});
        assert_eq!(post(&gateway, path, &body).await.status(), 200);
        let lines = lines(&gateway, &format!("Log/{file}"), 2).await;
        let (asked, answered) = (value(&lines[0]), value(&lines[1]));
        assert_eq!((lines.len(), &asked["uid"]), (2, &answered["uid"]), "{path}");
    }
    for path in ["/quiet/v1/chat/completions", "/gen/x", "/v1/models", "/v1/images/generations"] {
        post(&gateway, path, &json!({"model": "m"})).await;
    }
    let general = value(&lines(&gateway, "Log/loud/general/general.log", 2).await[0]);
    assert_eq!(
        (&general["method"], &general["path"]),
        (&json!("POST"), &json!("/loud/anything?x=1&key=***"))
    );
    assert_eq!(general["payload"]["input"], "i");
    let sandbox = gateway.sandbox().file("Log");
    assert_eq!(gateway.stop().await, Some(0));
    assert!(!sandbox.join("quiet").exists() && !sandbox.join("gen").exists());
    assert_eq!(fs::read_to_string(sandbox.join("openai/chat/chat.log")).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_stream_is_logged_whole_whichever_way_its_pieces_came() {
    let chunk = |delta: &str| {
        format!("data: {{\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\r\n\r\n")
    };
    let text = [
        ": keep-alive\r\n\r\n".to_owned(),
        chunk(r#"{"role":"assistant","content":"Hel"}"#),
        chunk(r#"{"content":"lo","reasoning_content":"thinking"}"#),
        chunk(r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"1"}}]}"#),
        chunk(r#"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"2"}}]}"#),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":"3"}}]}"#),
        "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\r\n\r\ndata: [DONE]\r\n\r\n".to_owned(),
    ]
    .concat();
    let pieces: Vec<Bytes> = text.as_bytes().chunks(7).map(Bytes::copy_from_slice).collect();
    let upstream =
        FakeUpstream::always(Answer::new(200).header("content-type", "text/event-stream").chunks(pieces))
            .await;
    let gateway = serve(&upstream, "").await;
    let answer =
        post(&gateway, "/v1/chat/completions", &json!({"messages": [], "model": "m", "stream": true})).await;
    assert_eq!(answer.text().await.unwrap(), text, "the stream itself passes as it came");
    let answered = value(&lines(&gateway, CHAT, 2).await[1]);
    let call = |index: u32, id: &str, name: &str, arguments: &str| json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    assert_eq!(answered["assistant"], json!([call(0, "a", "f", "13"), call(1, "b", "g", "2")]));
    assert_eq!((&answered["is_tool_calls"], &answered["content"]), (&json!(true), &json!("Hello")));
    assert_eq!(
        (&answered["reasoning_content"], &answered["usage"]),
        (&json!("thinking"), &json!({"total_tokens": 7}))
    );
}

#[tokio::test]
async fn events_of_a_stream_that_cannot_be_read_are_counted_in_its_line_and_told() {
    let text: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"par\"}}]}\n\ndata: {no JSON}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff\"}}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"t\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let stream = Answer::new(200).header("content-type", "text/event-stream").body(text);
    let upstream = FakeUpstream::always(stream).await;
    let gateway = serve(&upstream, "").await;
    let asked = json!({"messages": [], "model": "m", "stream": true});
    let answer = post(&gateway, "/v1/chat/completions", &asked).await;
    assert_eq!(answer.bytes().await.unwrap(), text, "it passes as it came");
    let answered = value(&lines(&gateway, CHAT, 2).await[1]);
    assert_eq!((&answered["assistant"], &answered["end"]), (&json!("part"), &json!("complete")));
    assert_eq!(answered["unread_events"], 2);
    post(&gateway, "/v1/chat/completions", &asked).await.bytes().await.unwrap();
    lines(&gateway, CHAT, 4).await;
    let status = gateway.sandbox().aifd(["status", "--json"]).run();
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["logs"]["unread_events"], 4);
    let log = gateway.log().text();
    assert_eq!(log.matches("events of a stream cannot be read").count(), 1, "{log}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_a_chat_without_messages_that_tells_its_length() {
    let upstream = FakeUpstream::always(says("Hello!")).await;
    let body = json!({"model": "m", "temperature": 0.5, "top_k": 7, "messages": [{"role": "user", "content": "ä".repeat(1_000)}], "n": 1});
    let bytes = body.to_string().len();
    for (format, log) in
        [("", "openai: true, max_body: 1024"), ("jsonl", "openai: true, max_body: 1024, format: jsonl")]
    {
        let sandbox = Sandbox::new();
        sandbox.write("aifd.yaml", format!("{}log: {{{log}}}\n", upstream.forward()));
        let gateway = sandbox.serve().await;
        // A caller that does not read the answer may have cancelled it.
        post(&gateway, "/v1/chat/completions", &body).await.bytes().await.unwrap();
        let asked = value(&lines(&gateway, CHAT, if format.is_empty() { 2 } else { 1 }).await[0]);
        assert_eq!(asked["body_bytes"], bytes, "{asked}");
        if format.is_empty() {
            assert_eq!((&asked["messages"], &asked["model"]), (&Value::Null, &json!("m")), "{asked}");
            assert_eq!(
                (&asked["temperature"], &asked["extra"]),
                (&json!(0.5), &json!({"top_k": 7})),
                "{asked}"
            );
        } else {
            assert_eq!(asked["request"], json!({"model": "m", "temperature": 0.5, "top_k": 7}), "{asked}");
        }
        let shown = gateway.sandbox().aifd(["logs", "tail", "--json"]).run();
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!((&shown["kind"], &shown["body_bytes"]), (&json!("chat"), &json!(bytes)));
        let converted = gateway.sandbox().aifd(["convert", "-o", "-"]).run();
        let rows: Value = serde_json::from_str(&converted.stdout).unwrap();
        assert_eq!(
            (&rows[0]["messages"], &rows[0]["assistant"]),
            (&Value::Null, &json!("Hello!")),
            "{converted}"
        );
        let tree = gateway.sandbox().aifd(["convert", "-f", "openai", "-o", "tuned.jsonl", "--json"]).run();
        let report: Value = serde_json::from_str(&tree.stdout).unwrap();
        assert_eq!(
            (&report[0]["read"], &report[0]["left_out"]),
            (&json!(1), &json!({"no_conversation": 1})),
            "{tree}"
        );
    }
}

#[tokio::test]
async fn the_end_of_an_exchange_is_told_however_it_came() {
    let gate = aifd_tests::Gate::new();
    let held = gate.clone();
    let upstream = FakeUpstream::answering(move |request: &Received| match request.target() {
        "/v1/failed/chat/completions" => Answer::json(r#"{"error":{"message":"no","code":"x"}}"#).status(429),
        "/v1/overloaded/chat/completions" => {
            Answer::sse([PARTIAL, r#"{"error":{"message":"no","code":"x"}}"#])
        }
        "/v1/stopped/chat/completions" => Answer::sse([PARTIAL]),
        "/v1/finished/chat/completions" => Answer::sse([PARTIAL, FINISHED]),
        "/v1/broken/chat/completions" => Answer::sse([PARTIAL, "x"]).reset_at(80),
        "/v1/left/chat/completions" => Answer::sse([PARTIAL, "x"]).gated(&held),
        _ => Answer::close(),
    })
    .await;
    let gateway = serve(&upstream, "retry: {attempts: 0}\n").await;
    for (name, status, end, text) in [
        ("failed", json!(429), "failed-upstream", Value::Null),
        ("overloaded", json!(200), "failed", json!("par")),
        ("stopped", json!(200), "failed", json!("par")),
        ("finished", json!(200), "complete", json!("par")),
        ("broken", json!(200), "failed", json!("par")),
        ("left", json!(200), "cancelled", json!("par")),
        ("gone", json!(502), "failed", Value::Null),
    ] {
        let before = fs::read_to_string(gateway.sandbox().file(CHAT)).unwrap_or_default().lines().count();
        let mut client = gateway.connect().await;
        let body = "{\"messages\":[],\"model\":\"m\"}";
        client.send(format!("POST /v1/{name}/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
        if name == "left" {
            gate.pass();
            client.until("par").await;
        } else if name == "broken" {
            client.until("par").await;
            // A caller that leaves before the break is seen has cancelled.
            client.rest().await;
        } else {
            client.response().await;
        }
        drop(client);
        let lines = lines(&gateway, CHAT, before + 2).await;
        let (asked, answered) = (value(&lines[before]), value(&lines[before + 1]));
        assert_eq!(asked["uid"], answered["uid"], "{name}");
        // An error of the upstream that was passed on whole is a complete exchange with its status.
        let end = if end == "failed-upstream" { "complete" } else { end };
        assert_eq!((&answered["status"], &answered["end"]), (&status, &json!(end)), "{name}: {answered}");
        assert_eq!(answered.get("assistant").cloned().unwrap_or_default(), text, "{name}: {answered}");
        if name == "failed" {
            assert_eq!(answered["error"], json!({"message": "no", "code": "x"}));
        }
        if name == "gone" {
            assert_eq!(answered["error"]["code"], "provider_reset");
        }
    }
    gate.open();
}

/// Says that the answer is at its end, as `[DONE]` does.
const FINISHED: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

#[tokio::test]
async fn what_arguments_hide_is_cut_out_too_and_they_stay_json() {
    let own = format!("fk-{}", "Ab1".repeat(14) + "x");
    let arguments =
        json!({"mail": "z@w.com", "key": own, "card": 4_111_111_111_111_111_u64, "n": 17}).to_string();
    let arguments = arguments.replace('@', "\\u0040").replace("fk-", "\\u0066k-");
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}});
    let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let upstream = FakeUpstream::always(Answer::json(completion(message.clone()))).await;
    for format in ["python", "jsonl"] {
        let sandbox = Sandbox::new();
        let logs = format!("log: {{openai: true, redact: [emails, cards], format: {format}}}\n");
        sandbox.write("aifd.yaml", upstream.forward() + &logs);
        let gateway = sandbox.serve().await;
        let body =
            json!({"messages": [message], "model": "m", "metadata": {"card": 4_111_111_111_111_111_u64}});
        post(&gateway, "/v1/chat/completions", &body).await.bytes().await.unwrap();
        let text = lines(&gateway, CHAT, if format == "python" { 2 } else { 1 }).await.concat();
        assert!(!text.contains("w.com") && !text.contains("Ab1Ab1") && !text.contains("411111"), "{text}");
        let shown = gateway.sandbox().aifd(["convert", CHAT, "-f", "jsonl", "-o", "-"]).run();
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        for calls in [&shown["request"]["messages"][0]["tool_calls"], &shown["answer"]["tool_calls"]] {
            let arguments = calls[0]["function"]["arguments"].as_str().unwrap();
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            let expected =
                json!({"mail": "[redacted:email]", "key": "[redacted]", "card": "[redacted:card]", "n": 17});
            assert_eq!(arguments, expected, "{text}");
        }
        assert_eq!(shown["request"]["metadata"]["card"], "[redacted:card]");
    }
}

#[tokio::test]
async fn jsonl_is_one_object_for_each_exchange() {
    let upstream = FakeUpstream::always(says("it's \"quoted\"")).await;
    let gateway = serve(&upstream, "").await;
    drop(gateway);
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", upstream.forward() + "log: {openai: true, format: jsonl}\n");
    let gateway = sandbox.serve().await;
    let body = json!({"messages": [{"role": "user", "content": "hi\n"}], "model": "m", "top_k": 3});
    post(&gateway, "/v1/chat/completions", &body).await;
    let line: Value = serde_json::from_str(&lines(&gateway, CHAT, 1).await[0]).unwrap();
    assert_eq!(line["request"], body);
    assert_eq!(line["answer"], json!({"role": "assistant", "content": "it's \"quoted\""}));
    assert_eq!(
        (&line["kind"], &line["status"], &line["end"]),
        (&json!("chat"), &json!(200), &json!("complete"))
    );
    assert_eq!(
        fields(&line),
        [
            "uid",
            "datetime",
            "ip",
            "route",
            "key",
            "kind",
            "caching",
            "request",
            "status",
            "end",
            "model",
            "finish_reason",
            "usage",
            "latency_ms",
            "ttft_ms",
            "cache",
            "answer"
        ]
    );
}

#[tokio::test]
async fn uids_differ_also_where_callers_give_their_requests_one_id() {
    let upstream = FakeUpstream::always(says("x")).await;
    let gateway = serve(&upstream, "").await;
    for _ in 0..3 {
        let request =
            gateway.client().post(gateway.url("/v1/chat/completions")).header("x-request-id", "mine");
        request.json(&json!({"messages": [], "model": "m"})).send().await.unwrap();
    }
    let lines = lines(&gateway, CHAT, 6).await;
    let uids: std::collections::HashSet<String> =
        lines.iter().map(|line| value(line)["uid"].to_string()).collect();
    assert_eq!(uids.len(), 3, "{uids:?}");
}

#[tokio::test]
async fn no_key_reaches_a_file_even_where_bodies_repeat_it() {
    // An upstream that answers with all it got.
    let upstream = FakeUpstream::always(Answer::after_body(|request| {
        says(&format!("{} {}", request.header("authorization").unwrap_or_default(), request.text()))
    }))
    .await;
    let sandbox = Sandbox::new();
    let url = upstream.url();
    sandbox.write(
        "aifd.yaml",
        upstream.forward()
            + &format!("  - {{base_url: '{url}', route: /gen, type: general}}\n")
            + "log: {openai: true, general: true}\nlog_level: trace\napi_key:\n  openai_key: {sk-upstream-s3cret-0001: [0]}\n  forward_key: {0: [fk-forward-s3cret-0001]}\n",
    );
    let gateway = sandbox.serve().await;
    for (key, content) in [
        ("fk-forward-s3cret-0001", "my key is fk-forward-s3cret-0001, is it?"),
        ("sk-own-s3cret-00001", "mine: sk-own-s3cret-00001"),
    ] {
        let body = json!({"messages": [{"role": "user", "content": content}], "model": "m", "user": content});
        let request = gateway.client().post(gateway.url("/v1/chat/completions")).bearer_auth(key);
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    // In a path and a query too, however it is spelled there.
    let own = "fk-forward-s3cret-0001";
    for target in [
        format!("/gen/{own}/x?a={own}&b=%66k-forward-s3cret-0001"),
        format!("/v1/chat/completions/{own}?x={own}"),
    ] {
        let request = gateway.client().post(gateway.url(&target)).bearer_auth(own).body(format!("k={own}"));
        request.send().await.unwrap().bytes().await.unwrap();
    }
    lines(&gateway, "Log/gen/general/general.log", 2).await;
    lines(&gateway, CHAT, 4).await;
    let folder = gateway.sandbox().file("Log");
    let (said, shown) = (gateway.log().clone(), gateway.process().stdout().clone());
    let data = gateway.sandbox().file(".aifd");
    assert!(!everything(&data).contains("s3cret"));
    assert_eq!(gateway.stop().await, Some(0));
    let logged = everything(&folder);
    assert!(
        logged.contains("is it?") && logged.contains("[redacted:key]") && !logged.contains("s3cret"),
        "{logged}"
    );
    assert!(!said.text().contains("s3cret") && !shown.text().contains("s3cret"));
}

/// The bytes of all files below a folder, as text.
fn everything(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &everything(&path);
        } else if path.is_file() {
            text += &String::from_utf8_lossy(&fs::read(&path).unwrap());
        }
    }
    text
}
