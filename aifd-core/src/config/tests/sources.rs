//! Which source wins, where each value is said to come from, and how variables get into values.

use super::{Place, variables, yaml};
use crate::config::{Environment, Listen, Problem, RouteKind, Setting, What};

fn setting(place: &Place, path: &str) -> Setting {
    place.loaded().settings().into_iter().find(|setting| setting.key.path == path).unwrap()
}

#[test]
fn no_configuration_forwards_to_openai_on_port_8000() {
    let loaded = Place::new().loaded();
    let route = &loaded.config.routes[0];
    assert_eq!(loaded.config.listen, Listen::Tcp { host: [0, 0, 0, 0].into(), port: 8000 });
    assert_eq!((route.prefix.as_str(), route.kind), ("", RouteKind::OpenAi));
    assert_eq!(route.base_url.to_string(), "https://api.openai.com/");
    assert!(loaded.warnings.is_empty() && loaded.not_in_effect.is_empty() && loaded.file.is_none());
}

#[test]
fn a_flag_wins_over_the_environment_that_over_dotenv_that_over_the_file() {
    let place = Place::new().file("aifd.yaml", "timeout: 1\n");
    let say = |place: &Place| {
        let setting = setting(place, "timeout");
        (setting.to_string(), setting.origin.to_string())
    };
    assert_eq!(say(&place), ("1".into(), "aifd.yaml:1:10".into()));
    let place = place.environment(Environment::default().with_dotenv("# x\nTIMEOUT=2"));
    assert_eq!(say(&place), ("2".into(), ".env:2 TIMEOUT".into()));
    let place = place.environment(Environment::of([("TIMEOUT", "3")]).with_dotenv("# x\nTIMEOUT=2"));
    assert_eq!(say(&place), ("3".into(), "environment TIMEOUT".into()));
    let place = place.flag("timeout", "--timeout", "4");
    assert_eq!(say(&place), ("4".into(), "flag --timeout".into()));
    assert_eq!(setting(&place, "port").origin.to_string(), "default");
}

#[test]
fn the_file_is_the_one_that_is_named_first() {
    let place = Place::new()
        .file("flag.yaml", "port: 1")
        .file("variable.yaml", "port: 2")
        .file("aifd.yaml", "port: 3")
        .file("openai-forward-config.yaml", "port: 4");
    let port = |place: &Place| setting(place, "port").to_string();
    assert_eq!(port(&place), "3");
    std::fs::remove_file(place.directory.path().join("aifd.yaml")).unwrap();
    assert_eq!(port(&place), "4");
    let mut place = place.environment(Environment::of([("AIFD_CONFIG", "variable.yaml")]));
    assert_eq!(port(&place), "2");
    place.sources.config_flag = Some("flag.yaml".into());
    assert_eq!(port(&place), "1");
    assert_eq!(place.loaded().file, Some("flag.yaml".into()));
}

#[test]
fn an_empty_variable_is_not_set_and_hides_that_of_dotenv() {
    let environment = Environment::of([("PROXY", "")]).with_dotenv("PROXY=http://localhost:1");
    assert!(Place::new().environment(environment).loaded().config.upstream.proxy.is_none());
}

#[test]
fn empty_files_sections_and_values_mean_the_default() {
    for text in
        ["", "\n# only a comment\n", "---\n", "cache:\nlog:\nforward:\nproxy: ''\nport: ~\n", "forward: []"]
    {
        let loaded = yaml(text);
        assert_eq!(loaded.config.routes.len(), 1, "{text:?}");
        assert!(loaded.not_in_effect.is_empty(), "{text:?}");
    }
}

#[test]
fn host_and_port_of_a_stronger_source_take_the_place_of_listen() {
    let place = Place::new().file("aifd.yaml", "listen: unix:aifd.sock");
    assert_eq!(place.loaded().config.listen, Listen::Unix(place.directory.path().join("aifd.sock")));
    let place = place.flag("port", "--port", "9");
    assert_eq!(place.loaded().config.listen, Listen::Tcp { host: [0, 0, 0, 0].into(), port: 9 });
    let both = Place::new().file("aifd.yaml", "listen: '[::1]:80'\nport: 81").problems();
    assert!(matches!(both[..], [Problem { what: What::Conflict { other: "port", .. }, .. }]), "{both:?}");
}

#[test]
fn variables_are_put_into_values() {
    let environment = || {
        Environment::of([("NAME", "api.example"), ("EMPTY", ""), ("KEY", "sk-secret")])
            .with_dotenv("HOST=${NAME}:1\nDEEP=${HOST}")
    };
    let cases = [
        ("https://${NAME}", "https://api.example/"),
        ("https://${HOST}/a", "https://api.example:1/a"),
        ("https://${DEEP}/a", "https://api.example:1/a"),
        ("https://${NONE:-x.example}", "https://x.example/"),
        ("https://${EMPTY:-x.example}", "https://x.example/"),
        ("https://${NAME}${EMPTY}/${NAME}", "https://api.example/api.example"),
    ];
    for (url, base_url) in cases {
        let text = format!("forward: [{{base_url: \"{url}\", route: /, type: openai}}]");
        let place = Place::new().file("aifd.yaml", text).environment(environment());
        assert_eq!(place.loaded().config.routes[0].base_url.to_string(), base_url, "{url}");
    }
    let text = "api_key: {openai_key: {\"${KEY}\": [0]}}\ntz: $${NAME}";
    let config = Place::new().file("aifd.yaml", text).environment(environment()).loaded().config;
    assert_eq!(config.access.upstream_keys[0].key.expose(), "sk-secret");
    assert_eq!(config.timezone.as_deref(), Some("${NAME}"));
}

#[test]
fn a_variable_of_dotenv_may_hold_others_and_one_of_the_process_is_taken_as_it_is() {
    let environment = Environment::of([("PORT", "9000")]).with_dotenv("AIFD_PORT=${PORT}");
    assert_eq!(setting(&Place::new().environment(environment), "port").to_string(), "9000");
    assert_eq!(variables(&[("TZ", "${PORT}")]).config.timezone.as_deref(), Some("${PORT}"));
}

#[test]
fn keys_are_read_from_files() {
    let place = Place::new().file("key", "sk-from-a-file\n").file(
        "aifd.yaml",
        "api_key: {openai_key: {\"file:key\": 0}, forward_key: {0: \"file:key\", 1: [\"file:none\"]}}",
    );
    let problems = place.problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().contains("none: no such file"), "{}", problems[0]);
}

#[test]
fn a_time_zone_of_the_machine_may_be_in_any_form_and_one_of_the_file_must_be_known() {
    assert!(variables(&[("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")]).warnings.is_empty());
    assert!(yaml("tz: asia/shanghai").warnings.is_empty());
    let warnings = yaml("tz: Asia/Shanghia").warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].to_string().contains("no time zone of this name is known"), "{}", warnings[0]);
    assert_eq!(warnings[0].hint().as_deref(), Some("did you mean `Asia/Shanghai`?"));
}

#[test]
fn variables_that_kubernetes_sets_for_a_service_named_aifd_are_not_ours() {
    let set =
        [("AIFD_PORT", "tcp://10.0.0.1:80"), ("AIFD_SERVICE_HOST", "10.0.0.1"), ("AIFD_PORT_80_TCP", "x")];
    assert_eq!(variables(&set).config.listen, Listen::Tcp { host: [0, 0, 0, 0].into(), port: 8000 });
}

#[test]
fn credentials_are_masked_in_settings() {
    let text = "proxy: http://user:secret@proxy:1\napi_key:\n  openai_key: {sk-aaaaaaaaaaaasecret: [0, 1]}\n  forward_key: {0: [fk-1, fk-2], fk-3: 1}\ncustom_model_config: {backend: ollama, api_base: \"http://h/\", model_map: {a: \"http://user:secret@h:1\"}}\n";
    let shown: Vec<_> = yaml(text).settings().iter().map(|s| format!("{s} {s:?}")).collect();
    let shown = shown.join("\n");
    assert!(!shown.contains("secret@") && !shown.contains("sk-aaaa") && !shown.contains("fk-"), "{shown}");
    assert!(shown.contains(r#"{"…cret":[0,1]}"#) && shown.contains("http://…@proxy:1"), "{shown}");
}
