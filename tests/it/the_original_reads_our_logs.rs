//! Logs of the real OpenAI client's chats: openai-forward's own converter makes of them what the client was told, and
//! ours the same.

use super::openai_client::run_suite;
use aifd_tests::{Answer, FakeUpstream, Received, Sandbox};
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn logs_of_real_chats_convert_to_the_same_by_openai_forwards_converter_and_by_ours() {
    let service = FakeUpstream::answering(|_: &Received| Answer::after_body(says)).await;
    let sandbox = Sandbox::new();
    let route =
        |prefix: &str| format!("- {{base_url: '{}', route: /{prefix}, type: openai}}\n", service.url());
    let routes = route("plain") + &route("rich");
    sandbox.write("aifd.yaml", format!("forward:\n{routes}log: {{openai: true}}\n"));
    let gateway = sandbox.serve().await;
    run_suite("chats.py", &gateway, [("AIFD_URL", gateway.address().to_owned())]).await;
    assert_eq!(gateway.stop().await, Some(0));
    run_suite("original.py", &gateway, []).await;
    let sandbox = gateway.sandbox();
    for (route, compat) in [("plain", false), ("plain", true), ("rich", true)] {
        let ours = convert(sandbox, route, compat);
        let originals = fs::read_to_string(sandbox.file(format!("original_{route}.json"))).unwrap();
        assert!(ours == originals, "{route} {compat}\n--- ours\n{ours}\n--- the original's\n{originals}");
    }
    keeps_what_the_original_loses(sandbox);
}

/// Answers as the request's field `say` tells.
fn says(request: &Received) -> Answer {
    let asked: Value = serde_json::from_slice(&request.body).unwrap();
    let say = &asked["say"];
    let Some(events) = say["events"].as_array() else {
        let status = say["status"].as_u64().map_or(200, |status| status as u16);
        return Answer::json(say["json"].to_string()).status(status);
    };
    let events: Vec<&str> = events.iter().map(|event| event.as_str().unwrap()).collect();
    let first = events[0].len() + "data: \n\n".len();
    let answer = Answer::sse(events);
    if say["stall"] == true { answer.stall_at(first) } else { answer }
}

/// What our converter makes of the chats of a route.
fn convert(sandbox: &Sandbox, route: &str, compat: bool) -> String {
    let (folder, target) = (format!("Log/{route}/chat"), format!("ours_{route}.json"));
    let command = sandbox.aifd(["convert", "--log_folder", &folder, "--target_path", &target]);
    let output = if compat { command.arg("--compat") } else { command }.run();
    assert_eq!(output.status, Some(0), "{output}");
    fs::read_to_string(sandbox.file(target)).unwrap()
}

/// By default calls, parts, further choices and nothing are what they were.
fn keeps_what_the_original_loses(sandbox: &Sandbox) {
    let ours = parse(&convert(sandbox, "rich", false));
    let told = parse(&fs::read_to_string(sandbox.file("told.json")).unwrap());
    let told: Vec<&Value> = told.iter().filter(|one| one["route"] == "rich").collect();
    assert_eq!(ours.len(), told.len());
    for one in told {
        let messages: Vec<Value> = one["asked"]["messages"].as_array().unwrap().iter().map(message).collect();
        let found: Vec<&Value> = ours.iter().filter(|line| line["messages"] == json!(messages)).collect();
        let [line] = found[..] else { panic!("{} of {one}", found.len()) };
        let assistant = match one["assistant"].as_array() {
            // Calls of a stream are told by what the client put together of them.
            Some(calls) if calls[0].get("function").is_none() => {
                let functions =
                    line["assistant"].as_array().unwrap().iter().map(|call| call["function"].clone());
                functions.collect()
            }
            _ => line["assistant"].clone(),
        };
        assert_eq!(assistant, one["assistant"], "{line}");
        let more = line["choices"].as_array().into_iter().flatten();
        let more: Vec<&Value> = more.map(|choice| &choice["message"]["content"]).collect();
        let choices: Vec<&Value> = one["choices"].as_array().into_iter().flatten().collect();
        assert_eq!(more, choices, "{line}");
    }
}

/// Half of a surrogate pair, which Python's texts may hold, is none of serde_json's.
fn parse(json: &str) -> Vec<Value> {
    let halves =
        |at: usize| json.as_bytes().get(at + 2..at + 4).is_some_and(|hex| hex[0] == b'd' && hex[1] >= b'8');
    let mut text = json.to_owned();
    for (at, _) in json.match_indices("\\u").filter(|(at, _)| halves(*at)) {
        text.replace_range(at..at + 6, "\\ufffd");
    }
    serde_json::from_str(&text).unwrap()
}

/// A message by its role, as datasets have it.
fn message(asked: &Value) -> Value {
    let mut others = asked.as_object().unwrap().clone();
    let role = others.shift_remove("role").unwrap();
    let content = others.shift_remove("content").unwrap_or_default();
    let first = (role.as_str().unwrap().to_owned(), content);
    Value::Object(std::iter::once(first).chain(others).collect())
}
