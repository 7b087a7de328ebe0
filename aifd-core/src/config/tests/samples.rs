//! Files as users of openai-forward have them load, and mean what their comments say.

use super::Place;
use crate::config::{
    CacheBackend, Config, Environment, IterChunk, Level, Loaded, RouteKind, Sources, Status, Strategy, load,
};
use std::{path::PathBuf, time::Duration};

pub(super) fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/config-samples"))
}

fn sample(name: &str) -> Loaded {
    let path = samples().join(name);
    let loaded = match path.extension().is_some_and(|e| e == "yaml") {
        true => load(&Sources { config_flag: Some(path.clone()), ..Sources::default() }),
        false => {
            let text = std::fs::read_to_string(&path).unwrap();
            Place::new().environment(Environment::default().with_dotenv(&text)).load()
        }
    };
    loaded.unwrap_or_else(|problems| panic!("{name}: {problems}"))
}

#[test]
fn every_sample_loads_without_warnings() {
    for entry in std::fs::read_dir(samples()).unwrap() {
        let loaded = sample(entry.unwrap().file_name().to_str().unwrap());
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    }
}

fn limits(config: &Config) -> Vec<String> {
    let kinds = [("req", &config.limits.requests), ("token", &config.limits.tokens)];
    let mut lines = Vec::new();
    for (kind, routes) in kinds {
        for route in routes {
            for limit in &route.limits {
                let level = limit.level.map_or("*".into(), |level| level.to_string());
                lines.push(format!("{kind} {} {level} {}", route.route, limit.quotas));
            }
        }
    }
    lines
}

fn keys(config: &Config) -> Vec<(&str, u32)> {
    config.access.forward_keys.iter().map(|key| (key.key.expose(), key.level.0)).collect()
}

fn upstream_keys(config: &Config) -> Vec<(&str, Vec<u32>)> {
    let keys = config.access.upstream_keys.iter();
    keys.map(|key| (key.key.expose(), key.levels.iter().map(|level| level.0).collect())).collect()
}

fn routes(config: &Config) -> Vec<(&str, String, RouteKind)> {
    config.routes.iter().map(|r| (r.prefix.as_str(), r.base_url.to_string(), r.kind)).collect()
}

#[test]
fn env_of_0_8_1() {
    let config = sample("env-0.8.1").config;
    assert_eq!(
        routes(&config),
        [
            ("", "https://api.openai.com/".into(), RouteKind::OpenAi),
            ("/gemini", "https://generativelanguage.googleapis.com/".into(), RouteKind::General),
        ]
    );
    assert_eq!(keys(&config), [("fk-0", 0), ("fk-1", 1), ("fk-2", 2)]);
    assert_eq!(upstream_keys(&config), [("sk-aaa", vec![0]), ("sk-bbb", vec![1]), ("sk-ccc", vec![1, 2])]);
    assert_eq!(config.access.level_models[&Level(2)], ["gpt-3.5-turbo"]);
    assert_eq!(
        limits(&config),
        [
            "req /v1/chat/completions 0 100/2minutes",
            "req /v1/chat/completions 1 10/minute",
            "req /v1/completions 0 60/minute;600/hour",
            "token /v1/chat/completions 0 60/second",
            "token /v1/completions 0 60/second",
        ]
    );
    assert_eq!(config.limits.global.to_string(), "200/minute");
    assert_eq!(config.limits.strategy, Strategy::MovingWindow);
    assert_eq!((config.cache.backend, config.cache.openai), (CacheBackend::LevelDb, true));
    assert_eq!(config.cache.routes, ["/v1/chat/completions", "/v1/embeddings"]);
    assert_eq!(config.upstream.connect_timeout, Duration::from_secs(6));
    assert_eq!(config.iter_chunk, IterChunk::OneByOne);
    let denied: Vec<_> = config.access.ip_deny.iter().map(ToString::to_string).collect();
    assert_eq!(denied, ["192.0.2.7/32", "198.51.100.0/24"]);
    assert_eq!(config.timezone.as_deref(), Some("Asia/Shanghai"));
    assert!(config.logs.openai && !config.logs.general);
}

#[test]
fn env_with_levels_to_keys() {
    let config = sample("env-levels-to-keys").config;
    assert_eq!(keys(&config), [("fk-0", 0), ("fk-1", 1), ("fk-11", 1), ("fk-2", 2)]);
    let model = config.custom_model.unwrap();
    assert_eq!((model.backend.as_str(), model.model_map["gpt-3.5-turbo"].as_str()), ("ollama", "qwen2:7b"));
    assert_eq!(model.api_base.unwrap().to_string(), "http://localhost:11434/");
}

#[test]
fn env_with_limits_as_text() {
    let config = sample("env-text-limits").config;
    assert_eq!(
        limits(&config),
        [
            "req /openai/v1/chat/completions * 1/10seconds",
            "req /localai/v1/chat/completions * 2/second",
            "token /openai/v1/chat/completions * 20/second",
            "token /benchmark/v1/chat/completions * 500/second",
        ]
    );
    assert_eq!(config.limits.global.to_string(), "inf");
    assert_eq!(config.upstream.proxy.unwrap().to_string(), "http://localhost:7890");
}

#[test]
fn yaml_with_nested_limits() {
    let loaded = sample("openai-forward-config-nested.yaml");
    let config = &loaded.config;
    assert_eq!(
        limits(config),
        [
            "req /v1/chat/completions 0 100/2minutes",
            "req /v1/completions 0 60/minute;600/hour",
            "token /v1/chat/completions 0 100/second",
        ]
    );
    assert_eq!(keys(config), [("fk-0", 0), ("fk-1", 1), ("fk-11", 1), ("fk-2", 2)]);
    assert!(config.access.ip_allow.is_empty() && config.upstream.proxy.is_none() && config.benchmark_mode);
    let idle: Vec<_> = loaded.not_in_effect.iter().map(|setting| setting.key.path).collect();
    assert!(!idle.contains(&"cache.openai") && !idle.contains(&"log.openai"), "{idle:?}");
    assert!(
        !idle.contains(&"forward")
            && !idle.contains(&"api_key.openai_key")
            && !idle.contains(&"webui_log_port"),
        "{idle:?}"
    );
    assert!(loaded.not_in_effect.iter().all(|setting| setting.key.status == Status::NotYet));
}

#[test]
fn yaml_with_limits_at_the_top() {
    let config = sample("openai-forward-config-top-level.yaml").config;
    assert_eq!(
        limits(&config),
        ["req /openai/v1/chat/completions 0 2/minute", "req /openai/v1/chat/completions 1 20/minute"]
    );
    assert_eq!(config.timezone.as_deref(), Some("Asia/Kolkata"));
    assert_eq!(config.routes[0].prefix, "/openai");
}
