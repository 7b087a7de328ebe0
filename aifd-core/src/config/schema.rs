//! The JSON Schema of the configuration file, for editors.

use super::{
    keys::{Key, Kind, Status},
    table::KEYS,
};
use serde_json::{Map, Value, json};

/// JSON Schema 2020-12 of the file.
pub fn schema() -> Value {
    let mut root = Map::new();
    for key in KEYS {
        for path in key.paths() {
            match path.split_once('.') {
                Some((section, name)) => insert(&mut root, section, name, described(key)),
                None => {
                    root.insert(path.to_owned(), described(key));
                }
            }
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of aifd",
        "type": ["object", "null"],
        "properties": root,
        "patternProperties": {"^x-": true},
        "additionalProperties": false,
    })
}

/// Puts a key into its section; one that is also a key by itself (`cors: false`) keeps both forms.
fn insert(root: &mut Map<String, Value>, section: &str, name: &str, key: Value) {
    let empty = || json!({"type": ["object", "null"], "properties": {}, "additionalProperties": false});
    let slot = root.entry(section).or_insert_with(empty);
    if let Some(own) = slot.get("default").is_some().then(|| slot.take()) {
        *slot = json!({"anyOf": [own, empty()]});
    }
    let object = if slot.get("anyOf").is_some() { &mut slot["anyOf"][1] } else { slot };
    object["properties"][name] = key;
}

fn described(key: &Key) -> Value {
    let mut value = form(&key.kind);
    value["description"] = match key.status {
        Status::InEffect => key.meaning.into(),
        Status::NotYet => format!("{} Not yet in effect.", key.meaning).into(),
        Status::NoEffect(reason) => format!("{} Without effect: {reason}.", key.meaning).into(),
    };
    if key.default.is_empty() {
        return value;
    }
    value["default"] = match serde_json::from_str(key.default) {
        Ok(default) => default,
        Err(_) => key.default.into(),
    };
    value
}

fn form(kind: &Kind) -> Value {
    let level = || json!({"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"});
    let texts = || json!({"type": ["array", "string", "null"], "items": {"type": "string"}});
    match kind {
        Kind::Bool => json!({"type": ["boolean", "string", "null"], "pattern": bool_pattern()}),
        Kind::Integer { min, max } => {
            json!({"type": ["integer", "string", "null"], "minimum": min, "maximum": max, "pattern": "^([0-9]+|.*\\$\\{.*)$"})
        }
        Kind::CountOrOff => json!({"type": ["integer", "string", "null"], "minimum": 0}),
        Kind::Duration | Kind::DurationOrZero | Kind::DurationOrOff => {
            json!({"type": ["number", "string", "null"], "minimum": 0, "examples": ["30s", "200ms", "2m"]})
        }
        Kind::Keep => {
            json!({"type": ["integer", "string", "null"], "minimum": 0, "examples": [10, "2GB", "off"]})
        }
        Kind::Size { .. } | Kind::SizeOrOff => {
            json!({"type": ["integer", "string", "null"], "minimum": 0, "examples": ["64KiB", "1MB"]})
        }
        Kind::Choice(words) => json!({"anyOf": [{"enum": words}, {"type": ["string", "null"]}]}),
        Kind::Text
        | Kind::Path
        | Kind::RequestPath
        | Kind::Address
        | Kind::Listen
        | Kind::Proxy
        | Kind::Filter
        | Kind::Quota
        | Kind::LimitBackend => json!({"type": ["string", "null"], "examples": [kind.expected()]}),
        Kind::Statuses => {
            json!({"type": ["array", "string", "integer", "null"], "items": {"type": ["integer", "string"]}})
        }
        Kind::Texts | Kind::Origins | Kind::IpList => texts(),
        Kind::Routes => json!({"type": ["array", "null"], "items": route()}),
        Kind::UpstreamKeys => {
            let levels =
                json!({"anyOf": [{"type": "array", "items": level()}, {"type": ["integer", "string"]}]});
            json!({"type": ["object", "null"], "additionalProperties": levels})
        }
        Kind::ForwardKeys | Kind::LevelModels => {
            let texts = json!({"type": ["array", "string", "integer", "null"], "items": {"type": ["string", "integer"]}});
            json!({"type": ["object", "null"], "additionalProperties": texts})
        }
        Kind::Prices => json!({
            "type": ["object", "null"],
            "additionalProperties": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        }),
        Kind::RouteLimits => route_limits(&level()),
        Kind::CustomModel => json!({
            "type": ["object", "null"],
            "properties": {
                "backend": {"type": "string"},
                "model_map": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
                "api_base": {"type": ["string", "null"]},
            },
            "additionalProperties": false,
        }),
    }
}

fn bool_pattern() -> &'static str {
    "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|0|1|.*\\$\\{.*)$"
}

fn route() -> Value {
    json!({
        "type": "object",
        "properties": {
            "base_url": {"type": "string", "description": "Where the requests go.", "examples": ["https://api.openai.com"]},
            "route": {"type": ["string", "null"], "description": "Prefix of the requests' path.", "default": "/"},
            "type": {"description": "What the upstream speaks.", "enum": ["openai", "general"]},
            "upstream_auth": {
                "type": ["string", "null"],
                "description": "Where the upstream looks for its key: `same` (as the caller's), `bearer`, `x-api-key`, `api-key`, `x-goog-api-key`, `header:NAME` or `query:NAME`.",
                "default": "same",
            },
            "log": {"type": ["boolean", "string", "null"], "description": "Whether this route is logged; without it, `log.openai` or `log.general` says."},
            "cache": {"type": ["boolean", "string", "null"], "description": "Whether answers of this route are cached; without it, `cache.openai` or `cache.general` says."},
            "cache_ttl": {"type": ["string", "number", "boolean", "null"], "description": "How long an answer of this route is served out of the cache, like `1h`; without it, `cache.ttl` says."},
            "require_forward_key": {"type": ["boolean", "string", "null"], "description": "Whether a credential that is no forward key is refused here."},
            "openai_key": form(&Kind::UpstreamKeys),
        },
        "required": ["base_url", "type"],
        "additionalProperties": false,
    })
}

fn route_limits(level: &Value) -> Value {
    let one = json!({
        "type": "object",
        "properties": {"level": level, "limit": {"type": ["string", "null"], "examples": ["100/2minutes"]}},
        "required": ["limit"],
        "additionalProperties": false,
    });
    let value = json!({"anyOf": [{"type": ["string", "null"]}, one, {"type": "array", "items": one}]});
    let route = json!({
        "type": "object",
        "properties": {"route": {"type": "string"}, "value": value},
        "required": ["route"],
        "additionalProperties": false,
    });
    json!({"anyOf": [
        {"type": "null"},
        {"type": "array", "items": route},
        {"type": "object", "additionalProperties": value},
    ]})
}
