//! Every kind of problem, word by word: where it is, what is wrong, what was expected, what may help.

use super::Place;
use crate::config::{Environment, Severity};

/// What is said of a file of this text.
fn said(place: &Place) -> String {
    crate::config::Problems(place.problems()).to_string()
}

fn of_file(text: &str) -> String {
    said(&Place::new().file("aifd.yaml", text))
}

fn of_variable(name: &str, value: &str) -> String {
    said(&Place::new().environment(Environment::of([(name, value)])))
}

#[test]
fn problems_of_files() {
    let cases = [
        ("prot: 1", "aifd.yaml:1:1: `prot`: unknown key\n  hint: did you mean `port`?"),
        (
            "cache:\n  opnai: true",
            "aifd.yaml:2:3: `cache.opnai`: unknown key\n  hint: did you mean `cache.openai`?",
        ),
        (
            "strategy: moving-window",
            "aifd.yaml:1:1: `strategy`: unknown key\n  hint: did you mean `rate_limit.strategy`?",
        ),
        ("LOG_OPENAI: true", "aifd.yaml:1:1: `LOG_OPENAI`: unknown key\n  hint: did you mean `log.openai`?"),
        ("zzzzzzzz: 1", "aifd.yaml:1:1: `zzzzzzzz`: unknown key\n  hint: `aifd config init` shows every key"),
        (
            "sk-aaaaaaaaaaaaaaaaabcd: 1",
            "aifd.yaml:1:1: `…abcd`: unknown key\n  hint: `aifd config init` shows every key",
        ),
        ("port: eighty", "aifd.yaml:1:7: `port`: expected a whole number from 0 to 65535, found `eighty`"),
        ("port: 65536", "aifd.yaml:1:7: `port`: expected a whole number from 0 to 65535, found `65536`"),
        ("workers: 0", "aifd.yaml:1:10: `workers`: expected a whole number from 1 to 1024, found `0`"),
        ("port: [1]", "aifd.yaml:1:7: `port`: expected a whole number from 0 to 65535, found a list"),
        (
            "host: example.org",
            "aifd.yaml:1:7: `host`: expected an IP address like `0.0.0.0`, `127.0.0.1` or `::`, found `example.org`",
        ),
        (
            "timeout: soon",
            "aifd.yaml:1:10: `timeout`: expected a time like `30s`, `200ms`, `2m` or a number of seconds, more than 0, found `soon`",
        ),
        (
            "timeout: 0",
            "aifd.yaml:1:10: `timeout`: expected a time like `30s`, `200ms`, `2m` or a number of seconds, more than 0, found `0`",
        ),
        ("benchmark_mode: maybe", "aifd.yaml:1:17: `benchmark_mode`: expected true or false, found `maybe`"),
        (
            "log_format: jsno",
            "aifd.yaml:1:13: `log_format`: expected `text` or `json`, found `jsno`\n  hint: did you mean `json`?",
        ),
        (
            "cache: true",
            "aifd.yaml:1:8: `cache`: expected a mapping with openai, general, routes, default_request_caching_value, backend, root_path_or_url, mode, timing, scope, ttl, negative_ttl, variants, max_entry_size, max_size, memory_size, ignore, content_filter, prices, count_tokens, found another value",
        ),
        ("just text", "aifd.yaml:1:1: expected a mapping of keys like `forward`, found another value"),
        (
            "retry: {on_status: [404]}",
            "aifd.yaml:1:21: `retry.on_status`: expected a list of statuses (429, 500 to 599), found `404`",
        ),
        (
            "ip_whitelist: 10.0.0.300",
            "aifd.yaml:1:15: `ip_whitelist`: expected a list of IP addresses or networks like `192.0.2.7`, `198.51.100.0/24`, found `10.0.0.300`",
        ),
        (
            "port: 1\nport: 2",
            "aifd.yaml:2:1: `port`: given twice, first at aifd.yaml:1:1\n  hint: keep one of them",
        ),
        (
            "global_rate_limit: 5/min",
            "aifd.yaml:1:20: `rate_limit.global_rate_limit`: not a limit: no unit of time (second, minute, hour, day, month, year) in \"5/min\"\n  hint: write it like `100/minute`, `100/2minutes`, `60/minute;600/hour` or `inf`",
        ),
        (
            "req_rate_limit: [{route: /a, value: [{level: x, limit: 1/day}]}]",
            "aifd.yaml:1:46: `rate_limit.req_rate_limit[0].value[0].level`: expected a level: a whole number, found `x`",
        ),
        (
            "req_rate_limit: [{route: /a, value: [{level: 1}]}]",
            "aifd.yaml:1:38: `rate_limit.req_rate_limit[0].value[0].limit`: missing; expected a limit like `100/minute`",
        ),
        (
            "req_rate_limit: []\nrate_limit: {req_rate_limit: [{route: /a, value: 1/day}], strategy: fixed_window}\nrate_limit_strategy: moving-window",
            "aifd.yaml:2:30: `rate_limit.req_rate_limit`: also given as `req_rate_limit` with another value (aifd.yaml:1:17)\n  hint: keep one of them\naifd.yaml:3:22: `rate_limit_strategy`: also given as `rate_limit.strategy` with another value (aifd.yaml:2:69)\n  hint: keep one of them",
        ),
        ("a: [1\nb: 2", "aifd.yaml:2:2: invalid YAML: "),
        (
            "a: 1\n---\nb: 2",
            "aifd.yaml:2:1: invalid YAML: a second document; a configuration is one document",
        ),
        (
            "tz: ${NOPE_42}",
            "aifd.yaml:1:5: `tz`: the variable NOPE_42 is not set\n  hint: set NOPE_42, or give a default: `${NOPE_42:-default}`",
        ),
        (
            "tz: ${",
            "aifd.yaml:1:5: `tz`: a `${` without a name and `}`\n  hint: write `$${` for a literal `${`",
        ),
        (
            "ssl_keyfile: k.pem",
            "aifd.yaml:1:14: `ssl_keyfile`: of no use without `ssl_certfile`\n  hint: set `ssl_certfile` too",
        ),
        (
            "ca_file: /nonexistent.pem",
            "aifd.yaml:1:10: `ca_file`: cannot read /nonexistent.pem: no such file\n  hint: check the path",
        ),
        (
            "proxy: ftp://h:1",
            "aifd.yaml:1:8: `proxy`: not a proxy: the scheme `ftp` is not spoken\n  hint: http, https, socks5 and socks5h are",
        ),
        (
            "proxy: 127.0.0.1:7890",
            "aifd.yaml:1:8: `proxy`: not a proxy: no scheme\n  hint: write `http://127.0.0.1:7890`",
        ),
        (
            "api_key: {forward_key: fk-secret}",
            "aifd.yaml:1:24: `api_key.forward_key`: expected a mapping from level to forward keys, like `{0: [\"fk-a\"]}`, or from forward key to level, found another value",
        ),
        (
            "api_key: {forward_key: {fk-secret-1234567: one}}",
            "aifd.yaml:1:44: `api_key.forward_key.…4567`: expected a level: a whole number, found another value",
        ),
        (
            "api_key: {forward_key: {0: [fk-aaaaaaaaaaa], 1: [fk-aaaaaaaaaaa]}}",
            "aifd.yaml:1:50: `api_key.forward_key.…aaaa`: given twice, first at aifd.yaml:1:29\n  hint: keep one of them",
        ),
        (
            "api_key: {openai_key: {sk-aaaaaaaaaaa: 0, sk-aaaaaaaaaaa: 1}}",
            "aifd.yaml:1:43: `api_key.openai_key.…aaaa`: given twice, first at aifd.yaml:1:24\n  hint: keep one of them",
        ),
        (
            "log_level: loud",
            "aifd.yaml:1:12: `log_level`: expected a level (off, error, warn, info, debug, trace) or directives like `aifd_core=debug,warn`, found `loud`",
        ),
        ("a: &a [*a]", "aifd.yaml:1:8: invalid YAML: "),
        (
            "forward:\n\t- {base_url: h}",
            "aifd.yaml:2:2: invalid YAML: tabs disallowed within this context (block indentation)\n  hint: indent with spaces",
        ),
        (
            "forward: [{base_url: \"${NOPE_42}\", type: openai}]",
            "aifd.yaml:1:22: `forward`: the variable NOPE_42 is not set\n  hint: set NOPE_42, or give a default: `${NOPE_42:-default}`",
        ),
        (
            "forward: [{base_url: , type: openai}]",
            "aifd.yaml:1:20: `forward[0].base_url`: missing; expected a URL like `https://api.openai.com`",
        ),
    ];
    for (text, expected) in cases {
        let said = of_file(text);
        let open = expected.ends_with(": ");
        let fits = if open { said.starts_with(expected) } else { said == expected };
        assert!(fits, "{text:?}\n     said {said}\n expected {expected}");
    }
}

#[test]
fn problems_of_routes() {
    let cases = [
        (
            "base_url: api.openai.com",
            "base_url`: not a base URL: no scheme\n  hint: write `https://api.openai.com`",
        ),
        (
            "base_url: localhost:8080/v1",
            "base_url`: not a base URL: no scheme\n  hint: write `http://localhost:8080/v1`",
        ),
        (
            "base_url: ftp://h",
            "base_url`: not a base URL: the scheme `ftp` is not spoken\n  hint: http and https are",
        ),
        (
            "base_url: https://user:pw@h",
            "base_url`: not a base URL: it carries credentials\n  hint: put keys into `api_key.openai_key`",
        ),
        (
            "base_url: https://h/?key=secret",
            "base_url`: not a base URL: it carries a query\n  hint: the query of each request is passed on; leave it out here",
        ),
        ("base_url: https://h/#x", "base_url`: not a base URL: it carries a fragment"),
        ("base_url: https://", "base_url`: not a base URL: its host is missing or invalid"),
        ("base_url: https://a..b", "base_url`: not a base URL: its host is missing or invalid"),
        ("base_url: https://1.2.3.400", "base_url`: not a base URL: its host is missing or invalid"),
        ("base_url: 'https://[::1'", "base_url`: not a base URL: its host is missing or invalid"),
        ("base_url: https://h:99999", "base_url`: not a base URL: its port is not a number from 1 to 65535"),
        ("base_url: 'https://h:'", "base_url`: not a base URL: its port is not a number from 1 to 65535"),
        ("base_url: https://h/a b", "base_url`: not a base URL: it holds ' '"),
        ("base_url: https://bücher.example", "base_url`: not a base URL: it holds 'ü'"),
        ("base_url: ", "base_url`: missing; expected a URL like `https://api.openai.com`"),
        ("base_url: https://h\n    route: /a/../b", "route`: not a route prefix: a segment is `.` or `..`"),
        ("base_url: https://h\n    route: /a?b", "route`: not a route prefix: it holds '?'"),
        (
            "base_url: https://h\n    route: https://h",
            "route`: not a route prefix: it is an address, not a path\n  hint: the address goes into `base_url`",
        ),
        ("base_url: https://h\n    base-url: x", "base-url`: unknown key\n  hint: did you mean `base_url`?"),
    ];
    for (entry, expected) in cases {
        let said = of_file(&format!("forward:\n  - {entry}\n    type: openai\n"));
        let tail = said.split_once("`forward[0].").unwrap_or_else(|| panic!("{entry:?}: {said}")).1;
        assert_eq!(tail, expected, "{entry:?}");
    }
    assert_eq!(
        of_file("forward:\n  - {base_url: https://h, type: openia}\n  - {base_url: https://h}\n  - text"),
        "aifd.yaml:2:33: `forward[0].type`: expected `openai` or `general`, found `openia`\n  hint: did you mean `openai`?\n\
         aifd.yaml:3:5: `forward[1].type`: missing; expected `openai` or `general`\n\
         aifd.yaml:4:5: `forward[2]`: expected a mapping with base_url, route and type, found `text`"
    );
    assert_eq!(
        of_file(
            "forward:\n  - {base_url: https://h, type: openai, route: /a}\n  - {base_url: https://h, type: general, route: a//}"
        ),
        "aifd.yaml:3:49: `forward[1].route`: the prefix `/a` has a route already: `forward[0]` (aifd.yaml:2:48)\n  hint: give each route a prefix of its own"
    );
}

#[test]
fn problems_of_variables() {
    let cases = [
        (
            "FORWARD_CONFIG",
            "[{",
            "environment FORWARD_CONFIG: `forward`: invalid JSON at character 2: EOF while parsing an object\n  hint: write a list of `{base_url, route, type}`",
        ),
        (
            "FORWARD_CONFIG",
            "[\n{'a'}]",
            "environment FORWARD_CONFIG: `forward`: invalid JSON at line 2, character 2 of the value: key must be a string\n  hint: write a list of `{base_url, route, type}`",
        ),
        (
            "FORWARD_CONFIG",
            "{}",
            "environment FORWARD_CONFIG: `forward`: expected a list of `{base_url, route, type}`, found a mapping",
        ),
        (
            "FORWARD_KEY_CONFIG",
            "{\"fk-aaaaaaaaaaaa\": \"x\"}",
            "environment FORWARD_KEY_CONFIG: `api_key.forward_key.…aaaa`: expected a level: a whole number, found another value",
        ),
        (
            "LEVEL_MODELS",
            "{\"1\": [], \"1\": []}",
            "environment LEVEL_MODELS: `api_key.level.1`: given twice, first at environment LEVEL_MODELS\n  hint: keep one of them",
        ),
        ("LOG_OPENAI", "ja", "environment LOG_OPENAI: `log.openai`: expected true or false, found `ja`"),
        ("AIFD_PROT", "1", "environment AIFD_PROT: unknown variable\n  hint: did you mean AIFD_PORT?"),
        (
            "AIFD_QQQQQQQQQQ",
            "1",
            "environment AIFD_QQQQQQQQQQ: unknown variable\n  hint: `aifd config env` shows every variable",
        ),
        (
            "AIFD_CONFIG",
            "none.yaml",
            "environment AIFD_CONFIG: cannot read none.yaml: no such file\n  hint: check the path",
        ),
        (
            "SSL_CERT_FILE",
            "/none.pem",
            "environment SSL_CERT_FILE: `ca_file`: cannot read /none.pem: no such file\n  hint: check the path",
        ),
        (
            "CACHE_BACKEND",
            "redis",
            "environment CACHE_BACKEND: `cache.backend`: expected `sled` or `memory` or `LMDB` or `LevelDB`, found `redis`",
        ),
        (
            "REQ_RATE_LIMIT_BACKEND",
            "redis://:pw@h:6379/0",
            "environment REQ_RATE_LIMIT_BACKEND: `rate_limit.req_rate_limit_backend`: `redis://…@h:6379/0` is not available yet: only `memory` is\n  hint: write `memory`: this process counts",
        ),
        (
            "REQ_RATE_LIMIT_BACKEND",
            "async+memcached://h:11211",
            "environment REQ_RATE_LIMIT_BACKEND: `rate_limit.req_rate_limit_backend`: `async+memcached://h:11211` is not available yet: only `memory` is\n  hint: write `memory`: this process counts",
        ),
        (
            "REQ_RATE_LIMIT_BACKEND",
            "dsn://:pw@h",
            "environment REQ_RATE_LIMIT_BACKEND: `rate_limit.req_rate_limit_backend`: expected `memory`, found another value",
        ),
        (
            "AIFD_TRUSTED_PROXIES",
            "10.0.0.0/8, proxy.internal",
            "environment AIFD_TRUSTED_PROXIES: `trusted_proxies`: expected a list of IP addresses or networks like `192.0.2.7`, `198.51.100.0/24`, found `proxy.internal`",
        ),
        (
            "AIFD_PROXY_PROTOCOL",
            "v2",
            "environment AIFD_PROXY_PROTOCOL: `proxy_protocol`: expected true or false, found `v2`",
        ),
        (
            "AIFD_TOKEN_QUOTA",
            "{\"/v1\": \"many\"}",
            "environment AIFD_TOKEN_QUOTA: `rate_limit.token_quota./v1`: not a limit: no whole number of events in \"many\"\n  hint: write it like `100/minute`, `100/2minutes`, `60/minute;600/hour` or `inf`",
        ),
        (
            "REQ_RATE_LIMIT_BACKEND",
            "redis",
            "environment REQ_RATE_LIMIT_BACKEND: `rate_limit.req_rate_limit_backend`: `redis` is not available yet: only `memory` is\n  hint: write `memory`: this process counts",
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(of_variable(name, value), expected, "{name}={value}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_who_named_it() {
    let mut place = Place::new();
    place.sources.config_flag = Some("none.yaml".into());
    assert_eq!(said(&place), "flag --config: cannot read none.yaml: no such file\n  hint: check the path");
    place.sources.config_flag = Some(place.directory.path().into());
    assert!(said(&place).ends_with(": it is a directory\n  hint: name the file in it"), "{}", said(&place));
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_its_line_and_byte() {
    let place = Place::new().file("aifd.yaml", b"port: 1\ntz: \xc3\xa4\xff\n");
    assert_eq!(said(&place), "aifd.yaml:2:6: not UTF-8: invalid byte at offset 14\n  hint: save it as UTF-8");
}

#[test]
fn a_link_to_nowhere_is_a_file_that_cannot_be_read() {
    let place = Place::new().file("openai-forward-config.yaml", "port: 1");
    std::os::unix::fs::symlink("nowhere", place.directory.path().join("aifd.yaml")).unwrap();
    assert_eq!(said(&place), "aifd.yaml: cannot read aifd.yaml: no such file\n  hint: check the path");
}

#[test]
fn a_variable_made_of_itself_is_no_value() {
    for text in ["PROXY=${PROXY}", "PROXY=${A}\nA=${B}\nB=http://${A}"] {
        let said = said(&Place::new().environment(Environment::default().with_dotenv(text)));
        assert!(said.starts_with(".env:1 PROXY: `proxy`: the variable "), "{said}");
        assert!(said.contains(" is made of itself"), "{said}");
    }
}

#[test]
fn json_of_several_lines_without_quotes_is_told_how_to_quote() {
    let dotenv = "FORWARD_CONFIG=[\n  {}\n]\n";
    let said = said(&Place::new().environment(Environment::default().with_dotenv(dotenv)));
    assert!(said.contains("\n  hint: in .env, put JSON of several lines in single quotes"), "{said}");
}

#[test]
fn an_empty_variable_is_none_and_an_empty_flag_a_slip() {
    assert_eq!(super::variables(&[("AIFD_HOST", "")]).config.listen, super::yaml("").config.listen);
    assert_eq!(
        said(&Place::new().flag("host", "--host", "")),
        "flag --host: `host`: expected an IP address like `0.0.0.0`, `127.0.0.1` or `::`, found nothing"
    );
}

#[test]
fn what_is_wrong_twice_at_one_place_is_told_once() {
    let keys = r#"{"fk-aaaaaaaaaaa": 0, "fk-aaaaaaaaaaa": 1}"#;
    let told = said(&Place::new().environment(Environment::of([("FORWARD_KEY_CONFIG", keys)])));
    assert_eq!(told.matches("given twice").count(), 1, "{told}");
}

#[test]
fn lines_of_dotenv_that_are_no_assignments_are_warned_of() {
    let place =
        Place::new().environment(Environment::default().with_dotenv("A='1' 2\nPROXY=${NOPE_42}\nB=2"));
    assert_eq!(
        said(&place),
        ".env:1: not an assignment `NAME=value`; ignored\n\
         .env:2 PROXY: `proxy`: the variable NOPE_42 is not set\n  hint: set NOPE_42, or give a default: `${NOPE_42:-default}`"
    );
    assert_eq!(place.problems()[0].severity, Severity::Warning);
}

#[test]
fn all_problems_are_reported_at_once() {
    let place = Place::new()
        .file("aifd.yaml", "prot: 1\nworkers: none\nforward: [{base_url: h, type: x}]\ncors: {max_age: x}")
        .environment(Environment::of([("TIMEOUT", "x"), ("AIFD_X", "1")]).with_dotenv("LOG_OPENAI=x"))
        .flag("port", "--port", "x");
    let keys: Vec<_> = place.problems().into_iter().map(|problem| problem.key).collect();
    let expected = [
        "prot",
        "workers",
        "forward[0].base_url",
        "forward[0].type",
        "cors.max_age",
        "log.openai",
        "",
        "timeout",
        "port",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_log_folder_that_is_a_file_is_a_warning_where_it_is_written_to() {
    let told = |log: &str| {
        let loaded = Place::new().file("Log", "").file("aifd.yaml", log).loaded();
        let told = loaded.warnings.iter().filter(|problem| problem.key == "log.dir");
        told.map(|problem| (problem.to_string(), problem.hint())).collect::<Vec<_>>()
    };
    for (log, place) in [
        ("log: {openai: true}", "default: `log.dir`: "),
        ("log: {openai: true, dir: Log}", "aifd.yaml:1:26: `log.dir`: "),
        ("log: {openai: true, dir: Log/below}", "aifd.yaml:1:26: `log.dir`: "),
        (
            "{log: {dir: Log}, forward: [{base_url: 'https://h', route: /, type: general, log: true}]}",
            "aifd.yaml:1:13: `log.dir`: ",
        ),
    ] {
        let problems = told(log);
        let [(problem, Some(hint))] = &problems[..] else { panic!("{log}: {problems:?}") };
        assert!(problem.starts_with(place) && problem.ends_with(" is no folder"), "{log}: {problem}");
        assert_eq!(hint, "name a folder; it is made where there is none");
    }
    for log in ["log: {dir: Log}", "log: {openai: true, dir: Logs}", "log: {openai: true, dir: .}"] {
        assert_eq!(told(log), [], "{log}");
    }
}

#[test]
fn empty_keys_and_shared_log_folders_are_warnings() {
    let text = "log: {openai: true}\napi_key: {openai_key: {'': [0]}, forward_key: {'': 0}}\nforward:\n  - {base_url: https://h, route: /, type: openai}\n  - {base_url: https://h, route: /openai, type: openai}\n  - {base_url: https://h, route: /open, type: general}\n";
    let loaded = super::yaml(text);
    let said: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "aifd.yaml:2:24: `api_key.openai_key`: an empty key is ignored",
            "aifd.yaml:2:48: `api_key.forward_key`: an empty key is ignored",
            "aifd.yaml:4:3: `forward /openai`: its chats are logged in the folder `openai`, as those of the route `/`",
        ]
    );
    assert!(loaded.config.access.forward_keys.is_empty());
}
