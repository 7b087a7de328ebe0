//! Every spelling of a value that is accepted, and what it means.

use super::{variables, yaml};
use crate::config::{Cors, Level, LimitBackend, Listen, LogFormat, Origins, ProxyScheme, Strategy};
use aifd_log::{RotationSize, rotation::Keep};
use std::{path::PathBuf, time::Duration};

#[test]
fn forward_keys_by_level_and_by_key() {
    let cases = [
        r#"{"0": ["fk-a"], "1": ["fk-b", "fk-c"]}"#,
        r#"{"fk-a": 0, "fk-b": 1, "fk-c": 1}"#,
        r#"{"fk-a": "0", "fk-b": [1], "fk-c": "1"}"#,
        r#"{"0": "fk-a", "1": "fk-b, fk-c"}"#,
    ];
    for text in cases {
        for loaded in
            [variables(&[("FORWARD_KEY_CONFIG", text)]), yaml(&format!("api_key: {{forward_key: {text}}}"))]
        {
            let keys = loaded.config.access.forward_keys;
            let keys: Vec<_> = keys.iter().map(|key| (key.key.expose(), key.level)).collect();
            assert_eq!(keys, [("fk-a", Level(0)), ("fk-b", Level(1)), ("fk-c", Level(1))], "{text}");
        }
    }
}

#[test]
fn levels_of_upstream_keys_and_models() {
    for levels in ["[0, 1]", "[\"0\", \"1\"]", "\"0,1\"", "\"0，1\""] {
        let loaded = variables(&[("OPENAI_API_KEY_CONFIG", &format!("{{\"sk-a\": {levels}}}"))]);
        assert_eq!(loaded.config.access.upstream_keys[0].levels, [Level(0), Level(1)], "{levels}");
    }
    let one = variables(&[("OPENAI_API_KEY_CONFIG", "{\"sk-a\": 3}")]);
    assert_eq!(one.config.access.upstream_keys[0].levels, [Level(3)]);
    let models = yaml("api_key: {level: {1: [a, b], \"2\": \"c, d\"}}").config.access.level_models;
    assert_eq!((models[&Level(1)].join(" "), models[&Level(2)].join(" ")), ("a b".into(), "c d".into()));
}

#[test]
fn limits_of_routes_in_every_spelling() {
    let cases = [
        "[{route: /a, value: [{level: 0, limit: 1/day}]}]",
        "[{route: a, value: [{level: \"0\", limit: \"1 per day\"}]}, {route: /b, value: }]",
        "{/a: [{level: 0, limit: 1/day}], /b: \"\", /c: []}",
        "{/a: {level: 0, limit: 1/day}}",
    ];
    for text in cases {
        for place in ["rate_limit: {req_rate_limit: ", "rate_limit: {token_rate_limit: "] {
            let limits = yaml(&format!("{place}{text}}}")).config.limits;
            let route = limits.requests.first().or(limits.tokens.first()).unwrap().clone();
            assert_eq!((route.route.as_str(), route.limits[0].level), ("/a", Some(Level(0))), "{text}");
            assert_eq!(route.limits[0].quotas.to_string(), "1/day", "{text}");
        }
    }
    let text = yaml("req_rate_limit: {/a: 1/day;2/year}\nrate_limit:\n  req_rate_limit: {/a: 1/day;2/year}");
    assert_eq!(text.config.limits.requests[0].limits[0].level, None);
}

#[test]
fn words_in_any_case() {
    for text in ["true", "True", "1", "yes", "ON"] {
        assert!(variables(&[("LOG_OPENAI", text)]).config.logs.openai, "{text}");
    }
    for text in ["false", "FALSE", "0", "no", "off", " "] {
        assert!(!variables(&[("LOG_OPENAI", text)]).config.logs.openai, "{text}");
    }
    for text in ["fixed_window", "Fixed-Window", "fixed-window"] {
        assert_eq!(variables(&[("RATE_LIMIT_STRATEGY", text)]).config.limits.strategy, Strategy::FixedWindow);
    }
    for (text, shown) in [("memory", "MEMORY"), ("lmdb", "LMDB"), ("leveldb", "LevelDB"), ("SLED", "sled")] {
        assert_eq!(variables(&[("CACHE_BACKEND", text)]).config.cache.backend.to_string(), shown);
    }
    assert_eq!(yaml("log_format: JSON").config.diagnostics.format, LogFormat::Json);
    assert_eq!(yaml("log_level: aifd_core=DEBUG,warn").config.diagnostics.level, "aifd_core=debug,warn");
}

#[test]
fn addresses_to_listen_on() {
    let tcp = |host: &str, port| Listen::Tcp { host: host.parse().unwrap(), port };
    let cases = [
        ("port: 0", tcp("0.0.0.0", 0)),
        ("host: localhost\nport: \"80\"", tcp("127.0.0.1", 80)),
        ("host: \"::1\"", tcp("::1", 8000)),
        ("host: \"[::]\"", tcp("::", 8000)),
        ("listen: \"[::1]:81\"", tcp("::1", 81)),
        ("listen: 127.0.0.1:82", tcp("127.0.0.1", 82)),
        ("listen: unix:/run/a.sock", Listen::Unix(PathBuf::from("/run/a.sock"))),
        ("listen: unix:///run/a.sock", Listen::Unix(PathBuf::from("/run/a.sock"))),
    ];
    for (text, listen) in cases {
        assert_eq!(yaml(text).config.listen, listen, "{text}");
    }
}

#[test]
fn bounds_are_off_or_set() {
    let config = yaml("first_byte_timeout: 2m\nidle_timeout: 0\nmax_body_size: 1MB").config;
    assert_eq!(config.upstream.first_byte_timeout, Some(Duration::from_secs(120)));
    assert_eq!((config.upstream.idle_timeout, config.caller.max_body_size), (None, Some(1_000_000)));
    let config = yaml("first_byte_timeout: off\nmax_body_size: 0\nmax_header_size: 16k").config;
    assert_eq!((config.upstream.first_byte_timeout, config.caller.max_body_size), (None, None));
    assert_eq!(config.caller.max_header_size, 16 << 10);
}

#[test]
fn proxies() {
    let cases = [
        ("http://h:1", ProxyScheme::Http, "h:1"),
        ("HTTP://h", ProxyScheme::Http, "h:80"),
        ("https://h", ProxyScheme::Https, "h:443"),
        ("socks5://127.0.0.1", ProxyScheme::Socks5, "127.0.0.1:1080"),
        ("socks5h://[::1]:9/", ProxyScheme::Socks5h, "[::1]:9"),
    ];
    for (text, scheme, authority) in cases {
        let proxy =
            variables(&[("PROXY", text), ("no_proxy", "a.b, 10.0.0.0/8")]).config.upstream.proxy.unwrap();
        assert_eq!((proxy.scheme, proxy.authority.as_str()), (scheme, authority), "{text}");
        assert_eq!(proxy.no_proxy, "a.b,10.0.0.0/8");
    }
    let proxy = yaml("proxy: http://us%40er:p%3aw@h:1").config.upstream.proxy.unwrap();
    let (user, password) = proxy.credentials.as_ref().unwrap();
    assert_eq!(
        (user.as_str(), password.expose(), proxy.to_string().as_str()),
        ("us@er", "p:w", "http://…@h:1")
    );
}

#[test]
fn cross_origin_answers() {
    assert_eq!(yaml("cors: false").config.cors, None);
    assert_eq!(variables(&[("AIFD_CORS", "false")]).config.cors, None);
    let max_age = Duration::from_secs(600);
    let any = Cors { allow_origins: Origins::Any, allow_credentials: false, max_age };
    for text in ["", "cors: true", "cors:", "cors: {allow_origins: '*'}", "cors: {allow_origins: ['*']}"] {
        assert_eq!(yaml(text).config.cors, Some(any.clone()), "{text}");
    }
    let some =
        yaml("cors: {allow_origins: [https://App.example/, 'null'], allow_credentials: true}").config.cors;
    let origins = Origins::List(vec!["https://app.example".into(), "null".into()]);
    assert_eq!(some, Some(Cors { allow_origins: origins, allow_credentials: true, max_age }));
}

#[test]
fn back_ends_of_limits() {
    for text in ["memory", "memory://", ""] {
        assert_eq!(
            yaml(&format!("req_rate_limit_backend: '{text}'")).config.limits.backend,
            LimitBackend::Memory
        );
    }
}

#[test]
fn aliases_and_merge_keys() {
    let text = "x-base: &base {type: openai, route: /a}\nforward:\n  - {<<: *base, base_url: https://a}\n  - &b {<<: [*base], route: /b, base_url: https://b}\n";
    let routes = yaml(text).config.routes;
    assert_eq!(routes.iter().map(|r| r.prefix.as_str()).collect::<Vec<_>>(), ["/a", "/b"]);
}

#[test]
fn base_urls_keep_their_path_and_lose_the_slash_at_its_end() {
    let cases = [
        ("https://h", "https://h/"),
        ("HTTPS://H/", "https://H/"),
        ("http://h:81/v1/", "http://h:81/v1"),
        ("http://[::1]:81/a%2Fb", "http://[::1]:81/a%2Fb"),
        ("http://under_score.local", "http://under_score.local/"),
    ];
    for (text, url) in cases {
        let config = yaml(&format!("forward: [{{base_url: \"{text}\", type: general}}]")).config;
        assert_eq!(config.routes[0].base_url.to_string(), url, "{text}");
    }
}

#[test]
fn zero_is_no_bound_of_logs_and_off_is_none_either() {
    for (text, rotate_size, keep) in [
        ("", RotationSize::OfKind, Keep::All),
        ("log: {rotate_size: 0, keep: 0}", RotationSize::Unbounded, Keep::All),
        ("log: {rotate_size: 0MB, keep: 0GB}", RotationSize::Unbounded, Keep::All),
        ("log: {rotate_size: off, keep: off}", RotationSize::Unbounded, Keep::All),
        ("log: {rotate_size: 1MB, keep: 1}", RotationSize::Bytes(1_000_000), Keep::Files(1)),
        ("log: {rotate_size: 7, keep: 2GB}", RotationSize::Bytes(7), Keep::Bytes(2_000_000_000)),
    ] {
        let logs = yaml(text).config.logs;
        assert_eq!((logs.rotate_size, logs.keep), (rotate_size, keep), "{text}");
    }
}
