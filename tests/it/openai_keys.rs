//! The real OpenAI client with forward keys: `python/keys.py` says what it promises.

use super::openai_client::run_suite;
use aifd_tests::{Answer, FakeUpstream, Received, Sandbox, sse_frames};
use serde_json::json;

/// The levels of openai-forward's documentation, and keys whose limits a suite can use up.
const CONFIG: &str = r#"
api_key:
  openai_key: {"sk-a": [0, 2, 3, 4], "sk-b": [1], "sk-c": [1]}
  forward_key: {0: ["fk-0"], 1: ["fk-1"], 2: ["fk-limited"], 3: ["fk-patient"], 4: ["fk-tokens"]}
  level: {1: ["gpt-4o-mini"], 2: ["*"], 3: ["*"], 4: ["*"]}
rate_limit:
  req_rate_limit:
    - {route: "/v1/chat/completions", value: [{level: 2, limit: "2/hour"}, {level: 3, limit: "1/second"}]}
  token_quota:
    - {route: "/", value: [{level: 4, limit: "80/hour"}]}
"#;

#[tokio::test]
async fn the_real_client_meets_levels_models_limits_and_quotas_as_documented() {
    let service = FakeUpstream::answering(answer).await;
    let sandbox = Sandbox::new();
    let route = |prefix: &str, more: &str| {
        format!("  - {{base_url: \"{}\", route: \"{prefix}\", type: openai{more}}}\n", service.url())
    };
    let routes = route("/", "") + &route("/strict", ", require_forward_key: true");
    sandbox.write("aifd.yaml", format!("forward:\n{routes}{CONFIG}"));
    let gateway = sandbox.serve().await;
    run_suite("keys.py", &gateway, [("AIFD_URL", gateway.address().to_owned())]).await;
}

/// Tells the key that it was asked with.
fn answer(request: &Received) -> Answer {
    let key = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = key.or(request.header("api-key")).unwrap_or_default().to_owned();
    if request.target() == "/v1/models" {
        let model = |id| json!({"id": id, "object": "model", "created": 1, "owned_by": "x"});
        let models = ["gpt-4", "gpt-4o-mini", "tts-1"].map(model);
        return Answer::json(json!({"object": "list", "data": models}).to_string());
    }
    Answer::after_body(move |request| {
        let asked: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let usage = json!({"prompt_tokens": 20, "completion_tokens": 20, "total_tokens": 40});
        if asked["stream"] == true {
            let last = json!({"object": "chat.completion.chunk", "choices": [], "usage": usage}).to_string();
            let mut events = sse_frames(&[&key]);
            if asked["stream_options"]["include_usage"] == true {
                events.insert(1, last);
            }
            return Answer::sse(events);
        }
        let message = json!({"role": "assistant", "content": key});
        let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
        let answer = json!({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage});
        Answer::json(answer.to_string())
    })
}
