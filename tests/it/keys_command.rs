//! `aifd keys` on a store without a server: what it prints, refuses and keeps.

use aifd_tests::{Aifd, Output, Sandbox, settings};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt};

/// A command about keys that is to succeed.
#[track_caller]
pub(crate) fn done(command: Aifd) -> Output {
    let output = command.run();
    assert_eq!(output.status, Some(0), "{output}");
    output
}

pub(crate) fn keys(sandbox: &Sandbox, line: &str) -> Aifd {
    sandbox.aifd(["keys"]).args(line.split_whitespace())
}

/// The keys that `list --json` tells.
fn listed(sandbox: &Sandbox) -> Vec<Value> {
    serde_json::from_str(&done(keys(sandbox, "list --json")).stdout).unwrap()
}

fn shown(sandbox: &Sandbox, key: &str) -> Value {
    serde_json::from_str(&done(keys(sandbox, "show --json").arg(key)).stdout).unwrap()
}

/// Compares with a snapshot in which ids, secrets and times are of the usual length, and always the same.
pub(crate) fn assert_snapshot(output: &Output, name: &str) {
    let mut settings = settings();
    settings.add_filter("key_[0-9a-z]{16}", "key_0123456789abcdef");
    settings.add_filter("fk-[0-9A-Za-z]{43}", "fk-[SECRET]");
    settings.add_filter(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z", "[TIME]");
    settings.add_filter(r"\(\d+[smh] ago\)", "(0s ago)");
    settings.add_filter(r"fk-…[0-9A-Za-z]{4}", "fk-…k3Qa");
    settings.bind(|| output.assert_snapshot(name));
}

/// The list once left out keys that the gateway lets use a model, where their level has no list of its own.
#[test]
fn keys_are_listed_by_the_models_that_the_gateway_lets_them_use() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "api_key: {level: {1: [gpt-4o]}}\n");
    for line in
        ["--name any", "--name none --level 2", "--name own --level 2 --model gpt-4o", "--name two --level 1"]
    {
        done(keys(&sandbox, &format!("create {line} --quiet")));
    }
    let may = listed_with(&sandbox, "--model gpt-4o");
    assert_eq!(may, ["any", "own", "two"]);
    assert_eq!(listed_with(&sandbox, "--model o3"), ["any"]);
}

/// The names of the keys that a filter leaves.
fn listed_with(sandbox: &Sandbox, filter: &str) -> Vec<String> {
    let output = done(keys(sandbox, &format!("list --json {filter}")));
    let rows: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_key_is_made_shown_changed_switched_rotated_and_deleted() {
    let sandbox = Sandbox::new();
    let made = done(keys(
        &sandbox,
        "create --name ci --level 1 --model gpt-4o*,o3 --requests 60/minute;600/hour --tokens 1000000/day \
         --concurrent 4 --expires 30d --metadata team=search",
    ));
    assert_snapshot(&made, "keys_create");
    assert_eq!(made.stdout.lines().count(), 1, "the secret alone is data: {made}");
    assert_snapshot(&done(keys(&sandbox, "list")), "keys_list");
    assert_snapshot(&done(keys(&sandbox, "show ci")), "keys_show");

    let id = done(keys(&sandbox, "list --quiet")).stdout.trim().to_owned();
    assert_eq!(done(keys(&sandbox, "show --quiet ci")).stdout.trim(), id);
    done(keys(
        &sandbox,
        "update ci --no-expiry --any-model --name build --route /v1 --metadata team= --metadata a=b",
    ));
    let changed = shown(&sandbox, &id);
    assert_eq!(
        (&changed["name"], &changed["expires"], &changed["models"]),
        (&"build".into(), &Value::Null, &serde_json::json!([]))
    );
    assert_eq!(
        (&changed["routes"][0], &changed["metadata"]),
        (&"/v1".into(), &serde_json::json!({"a": "b"}))
    );
    assert_eq!(changed["quotas"]["requests"], "60/minute;600/hour", "what was not named stays");

    done(keys(&sandbox, "disable build"));
    assert_eq!(shown(&sandbox, "build")["state"], "disabled");
    done(keys(&sandbox, "enable build"));
    assert_eq!(shown(&sandbox, "build")["state"], "active");

    let rotated = done(keys(&sandbox, "rotate build --grace 24h --quiet"));
    assert_eq!(rotated.stdout.trim().len(), made.stdout.trim().len());
    assert_ne!(rotated.stdout, made.stdout);
    assert!(shown(&sandbox, "build")["previous_until"].is_string());

    let deleted = done(keys(&sandbox, "delete build --yes"));
    assert!(deleted.stderr.contains("deleted 1 key"), "{deleted}");
    let none = done(keys(&sandbox, "list"));
    assert!(none.stdout.is_empty() && none.stderr.contains("no keys yet"), "{none}");
}

#[test]
fn a_script_gets_the_secret_alone_and_json_has_it_once() {
    let sandbox = Sandbox::new();
    let quiet = done(keys(&sandbox, "create --quiet"));
    assert!(
        quiet.stderr.is_empty() && quiet.stdout.starts_with("fk-") && quiet.stdout.ends_with('\n'),
        "{quiet}"
    );
    let made =
        done(keys(&sandbox, "create --name given --secret-stdin --json").input("fk-chosen-by-somebody\n"));
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!((&made["secret"], &made["key"]["name"]), (&"fk-chosen-by-somebody".into(), &"given".into()));
    for line in ["list", "list --json", "show given", "show given --json", "export", "export --with-hashes"] {
        let output = done(keys(&sandbox, line));
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(!text.contains("chosen-by") && !text.contains(quiet.stdout.trim()), "{line}: {output}");
    }
    let again = keys(&sandbox, "create --secret-stdin").input("fk-chosen-by-somebody").run();
    assert_eq!(again.status, Some(1), "{again}");
    assert!(again.stderr.contains("`given`") && !again.stderr.contains("chosen"), "{again}");
    let nothing = keys(&sandbox, "create --secret-stdin").input("\n").run();
    assert_eq!(nothing.status, Some(2), "{nothing}");
    assert_eq!(listed(&sandbox).len(), 2);
}

#[test]
fn what_cannot_be_undone_is_asked_for_or_needs_a_yes() {
    let sandbox = Sandbox::new();
    let secret = done(keys(&sandbox, "create --name ci --quiet")).stdout;
    for line in ["delete ci", "rotate ci", "rotate ci --grace 0s"] {
        let output = keys(&sandbox, line).input("y\n").run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{line}: {output}");
        assert!(output.stderr.contains("hint: say --yes"), "{line}: {output}");
    }
    let before = shown(&sandbox, "ci");
    assert_eq!(before["previous_until"], Value::Null);
    assert_ne!(done(keys(&sandbox, "rotate ci --yes --quiet")).stdout, secret);
    done(keys(&sandbox, "delete ci -y"));
    assert!(listed(&sandbox).is_empty());
}

#[test]
fn a_command_that_names_several_keys_changes_all_or_none() {
    let sandbox = Sandbox::new();
    for name in ["a", "b"] {
        done(keys(&sandbox, "create --quiet --name").arg(name));
    }
    let before = listed(&sandbox);
    for line in ["disable a nope b", "update a nope --level 3", "delete a nope --yes", "enable a nope"] {
        let output = keys(&sandbox, line).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""), "{line}: {output}");
        assert!(output.stderr.contains("no key is called `nope`"), "{line}: {output}");
        assert_eq!(listed(&sandbox), before, "{line}");
    }
    assert_eq!(done(keys(&sandbox, "disable a b --quiet")).stdout.lines().count(), 2);
    assert!(listed(&sandbox).iter().all(|key| key["state"] == "disabled"));
}

#[test]
fn a_slip_in_a_name_is_told_the_name_that_was_meant() {
    let sandbox = Sandbox::new();
    done(keys(&sandbox, "create --quiet --name team-search"));
    let output = keys(&sandbox, "show team-serach").run();
    assert_eq!(output.status, Some(1));
    assert_eq!(output.stderr, "error: no key is called `team-serach`\n  hint: did you mean `team-search`?\n");
    let output = keys(&sandbox, "show production").run();
    assert!(output.stderr.contains("hint: `aifd keys list` lists all"), "{output}");
}

#[test]
fn lists_are_filtered() {
    let sandbox = Sandbox::new();
    sandbox.write("aifd.yaml", "api_key: {level: {1: [gpt-4o*]}}\n");
    for line in ["--name a --level 1", "--name b --level 2 --disabled", "--name team-c --model o3"] {
        done(keys(&sandbox, "create --quiet").args(line.split_whitespace()));
    }
    for (filters, names) in [
        ("", &["a", "b", "team-c"][..]),
        ("--state active", &["a", "team-c"]),
        ("--level 2", &["b"]),
        ("--name team-*", &["team-c"]),
        ("--model gpt-4o-mini", &["a"]),
        ("--model o3", &["team-c"]),
        ("--unused-for 1d", &[]),
    ] {
        let output = done(keys(&sandbox, "list --json").args(filters.split_whitespace()));
        let found: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(found.iter().map(|key| &key["name"]).collect::<Vec<_>>(), names, "{filters}");
    }
    let none = done(keys(&sandbox, "list --name nobody"));
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "none of 3 keys fits\n"));
}

#[test]
fn keys_of_the_configuration_are_listed_and_not_changed() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "aifd.yaml",
        "api_key: {openai_key: {sk-upstream-0123: [0]}, forward_key: {0: [fk-configured-k3Qa]}}\n",
    );
    let configured = listed(&sandbox).remove(0);
    assert_eq!((&configured["source"], &configured["key"]), (&"configuration".into(), &"fk-…k3Qa".into()));
    let id = configured["id"].as_str().unwrap();
    for line in ["disable", "update --level 1", "delete --yes", "rotate --yes"] {
        let output = keys(&sandbox, line).arg(id).run();
        assert_eq!(output.status, Some(1), "{line}: {output}");
        assert!(output.stderr.contains("hint: change api_key.forward_key"), "{line}: {output}");
    }
}

#[test]
fn the_store_is_where_flag_variable_or_file_say() {
    let sandbox = Sandbox::new();
    done(keys(&sandbox, "create --quiet --name default"));
    done(keys(&sandbox, "create --quiet --name flag --data-dir by-flag"));
    done(keys(&sandbox, "create --quiet --name variable").env("AIFD_DATA_DIR", "by-variable"));
    let config = sandbox.write("other.yaml", "data_dir: by-file\n");
    done(keys(&sandbox, "create --quiet --name file --config").arg(config));
    for (folder, name) in
        [(".aifd", "default"), ("by-flag", "flag"), ("by-variable", "variable"), ("by-file", "file")]
    {
        let output = done(keys(&sandbox, "list --json --data-dir").arg(folder));
        let found: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!((found.len(), &found[0]["name"]), (1, &name.into()), "{folder}");
        assert_eq!(
            fs::metadata(sandbox.file(folder)).unwrap().permissions().mode() & 0o777,
            0o700,
            "{folder}"
        );
    }
}

#[test]
fn what_makes_no_sense_is_usage_and_nothing_is_stored() {
    let sandbox = Sandbox::new();
    for line in [
        "",
        "create --level x",
        "create --requests 5/fortnight",
        "create --expires 2001-01-01",
        "update ci",
        "update a b --name c",
        "show",
        "list --state gone",
        "export --with-hashes --format csv",
    ] {
        let output = keys(&sandbox, line).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{line}: {output}");
    }
    assert!(!sandbox.file(".aifd").exists());
    sandbox.write("aifd.yaml", "timeuot: 3\n");
    let unsound = keys(&sandbox, "list").run();
    assert_eq!(unsound.status, Some(2), "{unsound}");
    assert!(unsound.stderr.contains("did you mean `timeout`?"), "{unsound}");
}
