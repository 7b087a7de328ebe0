//! The keys of access, of proxies in front and of quotas, and what a route may say of its upstream's keys.

use super::{Place, variables, yaml};
use crate::config::{
    CredentialPlace, Environment, Level, LimitBackend, Problems, Severity, UpstreamKeyConfig,
};
use std::{path::Path, time::Duration};

fn said(text: &str) -> String {
    Problems(Place::new().file("aifd.yaml", text).problems()).to_string()
}

/// One route with these parts beside those that every route has.
fn route(parts: &str) -> String {
    format!("forward:\n  - {{base_url: https://h, type: openai, {parts}}}\n")
}

#[test]
fn defaults() {
    let config = yaml("").config;
    let access = &config.access;
    assert!(!access.require_forward_key && !access.proxy_protocol && access.trusted_proxies.is_empty());
    assert_eq!((access.key_cooldown, access.max_inspected_body), (Duration::from_secs(60), 64 << 20));
    assert!(config.data_dir.path.ends_with(".aifd") && !config.data_dir.named);
    let limits = &config.limits;
    assert!(limits.token_quotas.is_empty());
    assert_eq!((limits.max_concurrent, limits.queue_timeout), (None, Duration::ZERO));
    assert_eq!(limits.backend, LimitBackend::Memory);
    let route = &config.routes[0];
    assert_eq!((&route.upstream_auth, route.require_forward_key), (&CredentialPlace::Same, None));
    assert!(route.upstream_keys.is_empty());
}

#[test]
fn values_in_the_file_and_in_variables() {
    let file = "access: {require_forward_key: true, key_cooldown: 5m, max_inspected_body: 1MiB}\n\
                trusted_proxies: [127.0.0.1, 10.1.2.3/8, \"2001:db8::/32\"]\nproxy_protocol: true\ndata_dir: /var/aifd\n\
                rate_limit: {token_quota: {/v1: [{level: 1, limit: 1000/day}]}, max_concurrent: 100, queue_timeout: 10s}\n";
    let environment = [
        ("AIFD_REQUIRE_FORWARD_KEY", "true"),
        ("AIFD_KEY_COOLDOWN", "300"),
        ("AIFD_MAX_INSPECTED_BODY", "1048576"),
        ("AIFD_TRUSTED_PROXIES", "127.0.0.1, 10.1.2.3/8,2001:db8::/32"),
        ("AIFD_PROXY_PROTOCOL", "1"),
        ("AIFD_DATA_DIR", "/var/aifd"),
        ("AIFD_TOKEN_QUOTA", r#"[{"route": "v1", "value": [{"level": "1", "limit": "1000 per day"}]}]"#),
        ("AIFD_MAX_CONCURRENT", "100"),
        ("AIFD_QUEUE_TIMEOUT", "10000ms"),
    ];
    for loaded in [yaml(file), variables(&environment)] {
        assert!(loaded.warnings.is_empty() && loaded.not_in_effect.is_empty());
        let config = loaded.config;
        let access = &config.access;
        assert!(access.require_forward_key && access.proxy_protocol);
        assert_eq!((access.key_cooldown, access.max_inspected_body), (Duration::from_secs(300), 1 << 20));
        let proxies: Vec<_> = access.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]);
        assert_eq!((config.data_dir.path.as_path(), config.data_dir.named), (Path::new("/var/aifd"), true));
        let limits = &config.limits;
        let quota = &limits.token_quotas[0];
        assert_eq!((quota.route.as_str(), quota.limits[0].level), ("/v1", Some(Level(1))));
        assert_eq!(quota.limits[0].quotas.to_string(), "1000/day");
        assert_eq!((limits.max_concurrent, limits.queue_timeout), (Some(100), Duration::from_secs(10)));
    }
    for off in ["0", "off", "none"] {
        let text = format!("rate_limit: {{max_concurrent: {off}, queue_timeout: {off}}}");
        let limits = yaml(&text).config.limits;
        assert_eq!((limits.max_concurrent, limits.queue_timeout), (None, Duration::ZERO), "{off}");
    }
}

#[test]
fn values_of_the_wrong_form() {
    let cases = [
        (
            "access: {require_forward_key: x}",
            "1:31: `access.require_forward_key`: expected true or false, found `x`",
        ),
        (
            "access: {require_forward_kye: true}",
            "1:10: `access.require_forward_kye`: unknown key\n  hint: did you mean `access.require_forward_key`?",
        ),
        (
            "access: {key_cooldown: 0}",
            "1:24: `access.key_cooldown`: expected a time like `30s`, `200ms`, `2m` or a number of seconds, more than 0, found `0`",
        ),
        (
            "access: {max_inspected_body: 2GiB}",
            "1:30: `access.max_inspected_body`: expected a size like `64KiB` or a number of bytes, from 1024 to 1073741824, found `2GiB`",
        ),
        (
            "trusted_proxies: [10.0.0.0/33]",
            "1:19: `trusted_proxies`: expected a list of IP addresses or networks like `192.0.2.7`, `198.51.100.0/24`, found `10.0.0.0/33`",
        ),
        ("proxy_protocol: [v1]", "1:17: `proxy_protocol`: expected true or false, found a list"),
        ("data_dir: [a]", "1:11: `data_dir`: expected a path, found a list"),
        (
            "rate_limit: {max_concurrent: -1}",
            "1:30: `rate_limit.max_concurrent`: expected a whole number, or `off`, found `-1`",
        ),
        (
            "rate_limit: {queue_timeout: long}",
            "1:29: `rate_limit.queue_timeout`: expected a time like `30s`, `200ms`, `2m`, a number of seconds, or `off`, found `long`",
        ),
        (
            "rate_limit: {token_quota: 1000/day}",
            "1:27: `rate_limit.token_quota`: expected a list of `{route, value}` or a mapping from route to limits, found `1000/day`",
        ),
        (
            "rate_limit: {token_quota: [{route: /v1, value: [{level: 1, limit: 1000}]}]}",
            "1:67: `rate_limit.token_quota[0].value[0].limit`: not a limit: ",
        ),
    ];
    for (text, expected) in cases {
        let said = said(text);
        let expected = format!("aifd.yaml:{expected}");
        let fits = if expected.ends_with(": ") { said.starts_with(&expected) } else { said == expected };
        assert!(fits, "{text:?}\n     said {said}\n expected {expected}");
    }
}

#[test]
fn the_proxy_protocol_takes_somebody_who_is_trusted() {
    let fault = "aifd.yaml:1:17: `proxy_protocol`: nobody is trusted to speak the PROXY protocol\n  hint: list the proxies in front under `trusted_proxies`, or listen on a Unix socket";
    for more in ["", "\ntrusted_proxies: []", "\nlisten: 127.0.0.1:80", "\nhost: 127.0.0.1"] {
        assert_eq!(said(&format!("proxy_protocol: true{more}")), fault, "{more}");
    }
    for more in ["trusted_proxies: 127.0.0.1", "listen: unix:/run/aifd.sock", "proxy_protocol: false"] {
        let place = Place::new().environment(Environment::of([("AIFD_PROXY_PROTOCOL", "true")]));
        let place = if more.starts_with("proxy") { Place::new() } else { place };
        assert!(place.file("aifd.yaml", more).load().is_ok(), "{more}");
    }
    // A list with a slip in it is one problem.
    let slip = said("proxy_protocol: true\ntrusted_proxies: [10.0.0.300]");
    assert!(slip.contains("`10.0.0.300`") && !slip.contains("nobody"), "{slip}");
}

#[test]
fn where_an_upstream_looks_for_its_key() {
    let header = |name: &'static str| CredentialPlace::Header(name.parse().unwrap());
    let cases = [
        ("same", CredentialPlace::Same, "same"),
        ("Bearer", CredentialPlace::Bearer, "bearer"),
        ("authorization", CredentialPlace::Bearer, "bearer"),
        ("x-api-key", header("x-api-key"), "header:x-api-key"),
        ("API-Key", header("api-key"), "header:api-key"),
        ("x-goog-api-key", header("x-goog-api-key"), "header:x-goog-api-key"),
        ("header:X-Token", header("x-token"), "header:x-token"),
        ("query:Key", CredentialPlace::Query("Key".into()), "query:Key"),
        ("' '", CredentialPlace::Same, "same"),
    ];
    for (text, place, shown) in cases {
        let config = yaml(&route(&format!("upstream_auth: {text}"))).config;
        assert_eq!(config.routes[0].upstream_auth, place, "{text}");
        assert_eq!(config.routes[0].upstream_auth.to_string(), shown);
    }
    for text in ["cookie", "'header:'", "'header:a b'", "'query:'", "'query:a&b'", "basic:x", "[bearer]"] {
        let said = said(&route(&format!("upstream_auth: {text}")));
        let expected = "aifd.yaml:2:56: `forward[0].upstream_auth`: expected `same`, `bearer`, `x-api-key`, `api-key`, `x-goog-api-key`, `header:NAME` or `query:NAME`, found ";
        assert!(said.starts_with(expected), "{text}: {said}");
    }
}

#[test]
fn a_route_may_ask_for_forward_keys_by_itself() {
    for (text, required) in [("true", Some(true)), ("'off'", Some(false)), ("", None)] {
        let config = yaml(&route(&format!("require_forward_key: {text}"))).config;
        assert_eq!(config.routes[0].require_forward_key, required, "{text}");
    }
    assert_eq!(
        said(&route("require_forward_key: perhaps")),
        "aifd.yaml:2:62: `forward[0].require_forward_key`: expected true or false, found `perhaps`"
    );
    assert_eq!(
        said(&route("require_forward_keys: true")),
        "aifd.yaml:2:41: `forward[0].require_forward_keys`: unknown key\n  hint: did you mean `require_forward_key`?"
    );
}

fn keys(keys: &[UpstreamKeyConfig]) -> Vec<(&str, Vec<u32>)> {
    keys.iter().map(|key| (key.key.expose(), key.levels.iter().map(|level| level.0).collect())).collect()
}

#[test]
fn a_route_may_have_keys_of_its_own_also_from_files_and_variables() {
    let text = route(
        "openai_key: {\"file:run/key\": [0, 1], \"${ROUTE_KEY}\": 2, \"${NONE:-sk-default}\": \"3,4\"}",
    );
    let place = Place::new().environment(Environment::of([("ROUTE_KEY", "sk-from-variable")]));
    std::fs::create_dir(place.directory.path().join("run")).unwrap();
    let place = place.file("run/key", "sk-from-file\n").file("aifd.yaml", &text);
    let config = place.loaded().config;
    let expected = [("sk-from-file", vec![0, 1]), ("sk-from-variable", vec![2]), ("sk-default", vec![3, 4])];
    assert_eq!(keys(&config.routes[0].upstream_keys), expected);
    assert!(config.access.upstream_keys.is_empty());

    let place = Place::new().file("aifd.yaml", route("openai_key: {\"file:none\": [0]}"));
    let said = Problems(place.problems()).to_string();
    assert!(said.starts_with("aifd.yaml:2:54: `forward[0].openai_key`: cannot read "), "{said}");
    assert!(said.ends_with("none: no such file\n  hint: check the path"), "{said}");
}

#[test]
fn keys_of_a_route_are_told_of_by_their_place_and_never_shown() {
    let cases = [
        (
            "openai_key: abcdefghijklmnop",
            "2:53: `forward[0].openai_key`: expected a mapping from API key to levels, like `{\"sk-a\": [0, 1]}`, found another value",
        ),
        (
            "openai_key: [abcdefghijklmnop]",
            "2:53: `forward[0].openai_key`: expected a mapping from API key to levels, like `{\"sk-a\": [0, 1]}`, found a list",
        ),
        (
            "openai_key: {abcdefghijklmnop: x}",
            "2:72: `forward[0].openai_key.…mnop`: expected a level: a whole number, found another value",
        ),
        (
            "openai_key: {abcdefghijklmnop: }",
            "2:70: `forward[0].openai_key.…mnop`: expected a mapping from API key to levels, like `{\"sk-a\": [0, 1]}`, found nothing",
        ),
        (
            "openai_key: {abcdefghijklmnop: 0, abcdefghijklmnop: 1}",
            "2:75: `forward[0].openai_key.…mnop`: given twice, first at aifd.yaml:2:54\n  hint: keep one of them",
        ),
        (
            "openai_key: {\"abcdefghijkl mnop\": 0}",
            "2:54: `forward[0].openai_key`: expected a key of visible ASCII characters, found another value",
        ),
    ];
    for (parts, expected) in cases {
        assert_eq!(said(&route(parts)), format!("aifd.yaml:{expected}"), "{parts}");
    }
    let warned = yaml(&route("openai_key: {'': [0], abcdefghijklmnop: [0]}"));
    let warnings: Vec<_> = warned.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["aifd.yaml:2:54: `forward[0].openai_key`: an empty key is ignored"]);
    for shown in [format!("{:?}", warned.settings()), format!("{:?}", warned.config)] {
        assert!(!shown.contains("abcdefgh") && shown.contains("…mnop"), "{shown}");
    }
}

/// What is warned of, for these keys and routes.
fn warned(text: &str) -> Vec<String> {
    let loaded = yaml(text);
    assert!(loaded.warnings.iter().all(|warning| warning.severity == Severity::Warning));
    let hinted =
        |warning: &crate::config::Problem| format!("{warning}; {}", warning.hint().unwrap_or_default());
    loaded.warnings.iter().map(hinted).collect()
}

#[test]
fn levels_that_lead_nowhere_are_warned_of() {
    let models = "level: {1: [a], 2: [b], 3: [c]}";
    let cases = [
        // Nothing of the upstream's is known: callers bring their own.
        (format!("api_key: {{forward_key: {{0: [fk-a], 1: [fk-b]}}, {models}}}"), vec![]),
        (
            format!(
                "api_key: {{forward_key: {{0: [fk-a], 1: [fk-b]}}, openai_key: {{sk-a: [0, 1]}}, {models}}}"
            ),
            vec![],
        ),
        (
            format!(
                "api_key: {{forward_key: {{0: [fk-a], 2: [fk-b]}}, openai_key: {{sk-a: [0], sk-b: [1]}}, {models}}}"
            ),
            vec![
                "aifd.yaml:1:24: `api_key.forward_key`: no key of the upstream serves level 2, though others are served; give level 2 a key of the upstream under `api_key.openai_key`",
            ],
        ),
        (
            "api_key: {forward_key: {0: [fk-a], 1: [fk-b], 2: [fk-c]}, level: {2: [b]}}".into(),
            vec![
                "aifd.yaml:1:24: `api_key.forward_key`: keys of level 1 may use no model; list the models of level 1 under `api_key.level`; level 0 may use all",
            ],
        ),
        // A route with keys of its own does not use the others, nor they its.
        (
            format!(
                "api_key: {{forward_key: {{0: [fk-a], 1: [fk-b]}}, openai_key: {{sk-a: [0]}}, {models}}}\n\
                 forward: [{{base_url: https://h, type: openai, openai_key: {{sk-b: [0, 1]}}}}]"
            ),
            vec![],
        ),
        (
            format!(
                "api_key: {{forward_key: {{1: [fk-b]}}, openai_key: {{sk-a: [1]}}, {models}}}\n\
                 forward: [{{base_url: https://h, type: openai, route: /a, openai_key: {{sk-b: 0}}}}, {{base_url: https://h, type: openai}}]"
            ),
            vec![
                "aifd.yaml:2:10: `forward /a`: no key of the upstream serves level 1, though others are served; give level 1 a key of the upstream under `openai_key`",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(warned(&text), expected, "{text}");
    }
}
