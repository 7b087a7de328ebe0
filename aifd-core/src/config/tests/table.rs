//! The table of keys is complete, and the sample file and the schema agree with it.

use super::{Place, samples::samples, yaml};
use crate::config::{
    Key, Status, keys,
    reader::Reader,
    resolve, sample, schema,
    sources::{self, Sources},
};
use std::collections::BTreeSet;

/// Every variable of openai-forward, as its documentation and its code know them.
const VARIABLES: &str = "TIMEOUT DEFAULT_STREAM_RESPONSE ITER_CHUNK_TYPE CHAT_COMPLETION_ROUTE COMPLETION_ROUTE \
    EMBEDDING_ROUTE CUSTOM_GENERAL_ROUTE CACHE_ROUTES FORWARD_CONFIG CUSTOM_MODEL_CONFIG TOKEN_RATE_LIMIT \
    REQ_RATE_LIMIT REQ_RATE_LIMIT_BACKEND GLOBAL_RATE_LIMIT RATE_LIMIT_STRATEGY PRINT_CHAT LOG_OPENAI LOG_GENERAL \
    CACHE_OPENAI CACHE_GENERAL BENCHMARK_MODE LOG_CACHE_DB_INFO DEFAULT_REQUEST_CACHING_VALUE CACHE_BACKEND \
    CACHE_ROOT_PATH_OR_URL PROXY OPENAI_API_KEY_CONFIG FORWARD_KEY_CONFIG LEVEL_MODELS IP_WHITELIST IP_BLACKLIST TZ \
    ssl_keyfile ssl_certfile WEBUI_RESTART_PORT WEBUI_LOG_PORT OPENAI_FORWARD_HOST";

/// Every place in its file.
const PATHS: &str = "timeout default_stream_response chat_completion_route completion_route embedding_route \
    custom_general_route cache.routes cache.openai cache.general cache.default_request_caching_value cache.backend \
    cache.root_path_or_url forward custom_model_config print_chat log.openai log.general benchmark_mode \
    log_cache_db_info proxy ip_whitelist ip_blacklist api_key.openai_key api_key.forward_key api_key.level \
    rate_limit.token_rate_limit rate_limit.global_rate_limit rate_limit.strategy rate_limit.iter_chunk \
    rate_limit.req_rate_limit rate_limit.req_rate_limit_backend rate_limit.backend req_rate_limit \
    req_rate_limit_backend tz timezone webui_restart_port webui_log_port";

#[test]
fn every_variable_and_place_of_openai_forward_is_known() {
    for name in VARIABLES.split_whitespace() {
        assert!(keys().iter().any(|key| key.env.contains(&name)), "{name}");
    }
    for path in PATHS.split_whitespace() {
        assert!(Key::find(path).is_some(), "{path}");
    }
}

#[test]
fn names_are_distinct_and_meanings_are_sentences() {
    let mut names = BTreeSet::new();
    for key in keys() {
        for name in key.paths().chain(key.env.iter().copied().filter(|env| *env != key.path)) {
            assert!(names.insert(name), "{name}");
        }
        assert!(!key.env.is_empty() && key.meaning.ends_with('.'), "{}", key.path);
    }
}

#[test]
fn every_key_is_resolved_and_every_default_has_its_form() {
    let gathered = sources::gather(&Sources { directory: "/nonexistent".into(), ..Sources::default() });
    let mut reader = Reader::new(&gathered.given, std::path::Path::new(""), Vec::new());
    resolve::config(&mut reader);
    let known: BTreeSet<_> = keys().iter().map(|key| key.path).collect();
    assert_eq!(reader.asked, known);
    // A default set as a value is read again, and reports what is wrong with it.
    for key in keys().iter().filter(|key| !key.default.is_empty()) {
        Place::new().flag(key.path, "--flag", key.default).loaded();
    }
}

#[test]
fn the_sample_file_loads_as_it_is_and_with_every_key_in_it() {
    let loaded = yaml(&sample());
    assert!(loaded.warnings.is_empty() && loaded.not_in_effect.is_empty());
    let text = sample();
    let open = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') || rest.starts_with("  ") => rest.to_owned(),
        _ => line.to_owned(),
    });
    let open = open.collect::<Vec<_>>().join("\n");
    let loaded = yaml(&open);
    let set = loaded.settings().into_iter().filter(|setting| setting.origin.to_string() != "default");
    let set: BTreeSet<_> = set.map(|setting| setting.key.path).collect();
    let empty = |key: &&Key| key.default.is_empty() || key.path == "cors";
    for key in keys().iter().filter(|key| !matches!(key.status, Status::NoEffect(_)) && !empty(key)) {
        assert!(set.contains(key.path), "{} in\n{open}", key.path);
    }
}

#[test]
fn the_schema_knows_every_place_and_no_more() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    let mut places = BTreeSet::new();
    for (name, value) in properties {
        let section =
            value.get("properties").or_else(|| value["anyOf"].get(1).and_then(|v| v.get("properties")));
        match section.and_then(|section| section.as_object()).filter(|_| name != "custom_model_config") {
            Some(section) => {
                places.extend(section.keys().map(|key| format!("{name}.{key}")));
                if value.get("anyOf").is_some() {
                    places.insert(name.clone());
                }
            }
            None => {
                places.insert(name.clone());
            }
        }
    }
    let known: BTreeSet<_> = keys().iter().flat_map(|key| key.paths().map(str::to_owned)).collect();
    assert_eq!(places, known);
}

#[test]
fn the_schema_accepts_the_samples_and_the_sample_file() {
    let schema = schema();
    let texts = ["openai-forward-config-nested.yaml", "openai-forward-config-top-level.yaml"]
        .map(|name| std::fs::read_to_string(samples().join(name)).unwrap());
    for text in texts.iter().chain([&sample()]) {
        let node = crate::config::yaml::read(text, &"file".into()).unwrap();
        accepts(&schema, &super::super::setting::plain(&node), "");
    }
}

/// As much of a validator as the schema uses.
fn accepts(schema: &serde_json::Value, value: &serde_json::Value, at: &str) {
    let fits = problem(schema, value, at);
    assert_eq!(fits, None);
}

fn problem(schema: &serde_json::Value, value: &serde_json::Value, at: &str) -> Option<String> {
    use serde_json::Value;
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
        let found: Vec<_> = any.iter().map(|one| problem(one, value, at)).collect();
        return found.iter().all(Option::is_some).then(|| format!("{at}: {found:?}"));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return (!words.contains(value)).then(|| format!("{at}: {value} not in {words:?}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    if !kinds.iter().any(|k| k == kind || (k == "number" && kind == "integer")) {
        return Some(format!("{at}: {kind} not in {kinds:?}"));
    }
    if let Some(entries) = value.as_object() {
        return entries.iter().find_map(|(name, value)| {
            let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
            match known.filter(|known| known.is_object()) {
                Some(schema) => problem(schema, value, &format!("{at}.{name}")),
                None => Some(format!("{at}.{name} is not allowed")),
            }
        });
    }
    let items = value.as_array().into_iter().flatten();
    items.enumerate().find_map(|(i, item)| problem(&schema["items"], item, &format!("{at}[{i}]")))
}
