//! `aifd keys import` and `export`: keys from and to files, all of them or none.

use crate::keys_command::{assert_snapshot, done, keys};
use aifd_tests::{Output, Sandbox};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt};

fn json(output: &Output) -> Vec<Value> {
    serde_json::from_str(&output.stdout).unwrap()
}

const TABLE: &str = "name,secret,level,models,routes,requests,tokens,concurrent,expires,enabled,metadata\n\
    ci,fk-ci-0123456789k3Qa,1,gpt-4o*;o3,/v1,60/minute;600/hour,1000000/day,4,2999-01-31,true,team=search;note=a\\;b\n\
    gen,,,,,,,,,no,\n";

#[test]
fn a_table_becomes_keys_and_generated_secrets_are_shown_once() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.csv", TABLE);
    let dry = done(keys(&sandbox, "import keys.csv --dry-run"));
    assert_snapshot(&dry, "keys_import_dry_run");
    assert!(json(&done(keys(&sandbox, "list --json"))).is_empty());
    assert_snapshot(&done(keys(&sandbox, "import keys.csv")), "keys_import");
    let made = json(&done(keys(&sandbox, "list --json")));
    assert_eq!((&made[0]["metadata"]["note"], &made[0]["quotas"]["concurrent"]), (&"a;b".into(), &4.into()));
    assert_eq!((&made[1]["name"], &made[1]["enabled"]), (&"gen".into(), &false.into()));
}

#[test]
fn settings_go_out_and_come_in_again_in_both_forms() {
    let sandbox = Sandbox::new();
    done(keys(&sandbox, "import -").input(TABLE));
    let settings = |folder: &str| done(keys(&sandbox, "export --data-dir").arg(folder)).stdout;
    for format in ["json", "csv"] {
        let text = done(keys(&sandbox, "export --format").arg(format)).stdout;
        assert!(!text.contains("fk-") && !text.contains("hash"), "{text}");
        let imported = done(keys(&sandbox, "import --json --data-dir").arg(format).input(text));
        assert!(
            json(&imported).iter().all(|made| made["secret"].as_str().unwrap().starts_with("fk-")),
            "{imported}"
        );
        assert_eq!(settings(format), settings(".aifd"));
    }
}

#[test]
fn an_export_with_hashes_keeps_the_secrets_good_elsewhere() {
    let sandbox = Sandbox::new();
    done(keys(&sandbox, "import").input(TABLE));
    let exported = done(keys(&sandbox, "export keys.json --with-hashes"));
    assert!(exported.stdout.is_empty() && exported.stderr.contains("exported 2 keys"), "{exported}");
    let file = sandbox.file("keys.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let dry = done(keys(&sandbox, "import keys.json --data-dir fresh --dry-run --json"));
    assert_eq!(json(&dry).len(), 2);
    done(keys(&sandbox, "import keys.json --data-dir fresh"));
    let list = |folder: &str| json(&done(keys(&sandbox, "list --json --data-dir").arg(folder)));
    assert_eq!(list("fresh"), list(".aifd"));
    // The same secret is known there: it cannot become another key's.
    let again = keys(&sandbox, "create --data-dir fresh --secret-stdin").input("fk-ci-0123456789k3Qa").run();
    assert_eq!(again.status, Some(1), "{again}");
    assert!(again.stderr.contains("`ci`"), "{again}");
}

#[test]
fn a_file_is_replaced_only_if_told_to_and_read_by_its_owner_alone() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("keys.json", "precious");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let kept = keys(&sandbox, "export keys.json").run();
    assert_eq!(kept.status, Some(1), "{kept}");
    assert!(kept.stderr.contains("--force"), "{kept}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    done(keys(&sandbox, "export keys.json --force"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "[]\n");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A full disk once cost the old export: it was emptied before the new one was written.
#[test]
fn an_export_that_cannot_be_written_leaves_the_old_one_whole() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("keys.json", "precious");
    // What is written beside it first cannot be made.
    fs::create_dir(sandbox.file("keys.json.new")).unwrap();
    let failed = keys(&sandbox, "export keys.json --force").run();
    assert_eq!(failed.status, Some(1), "{failed}");
    assert!(failed.stderr.contains("keys.json.new is in the way"), "{failed}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    fs::remove_dir(sandbox.file("keys.json.new")).unwrap();
    done(keys(&sandbox, "export keys.json --force"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "[]\n");
    assert!(!sandbox.file("keys.json.new").exists());
}

#[test]
fn every_faulty_line_is_told_and_nothing_is_stored() {
    let sandbox = Sandbox::new();
    done(keys(&sandbox, "create --name taken --quiet"));
    let cases = [
        (
            "keys.csv",
            "name,level,requests\na,x,5/fortnight\nb,1,1/day\nc,1\n",
            &["keys.csv:2: level:", "keys.csv:2: requests:", "keys.csv:4: expected 3 cells"][..],
        ),
        (
            "keys.csv",
            "name,secret\na,s\nb,s\n\ntaken,\na,\n",
            &["csv:3: the same secret", "csv:5: another key", "csv:6: the same name"],
        ),
        ("keys.csv", "naem,level\na,1\n", &["keys.csv:1: unknown column `naem` (did you mean `name`?)"]),
        ("keys.csv", "name,secret\nok,fk-good\nbad,fk bad\n", &["keys.csv:3: secret:"]),
        (
            "keys.json",
            "[\n{\"name\": \"ok\"},\n{\"naem\": 1},\n{\"level\": \"x\"}\n]",
            &["keys.json:3: unknown field", "keys.json:4: invalid type"],
        ),
        ("keys.json", "[\n{\"name\": }]", &["keys.json:2: expected value"]),
        (".env", "A=1\nFORWARD_KEY_CONFIG={\"fk-a\": \"x\"}\n", &[".env:2: api_key.forward_key"]),
        (".env", "A=1\n", &[".env: no forward key"]),
        (
            "c.yaml",
            "api_key:\n  forward_key:\n    fk-a: x\n    fk-b: y\n",
            &["c.yaml:3: api_key", "c.yaml:4: api_key"],
        ),
    ];
    for (file, text, expected) in cases {
        let folder = Sandbox::new();
        let path = folder.write(file, text);
        let output = sandbox.aifd(["keys", "import"]).arg(path).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(1), ""), "{text}: {output}");
        let told: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("error:")).collect();
        assert_eq!(told.len(), expected.len(), "{text}: {output}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told} {expected}");
        }
        assert!(output.stderr.ends_with("note: nothing was stored\n"), "{output}");
    }
    assert_eq!(json(&done(keys(&sandbox, "list --json"))).len(), 1);
}

#[test]
fn a_hundred_faults_are_told_and_the_rest_is_counted() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.csv", "level\n".to_owned() + &"x\n".repeat(250));
    let output = keys(&sandbox, "import keys.csv").run();
    assert_eq!(output.stderr.matches("error:").count(), 100, "{output}");
    assert!(output.stderr.contains("note: and 150 more"), "{output}");
}

#[test]
fn the_configuration_of_openai_forward_becomes_keys_in_every_spelling() {
    let levels = "FORWARD_KEY_CONFIG={\"0\": [\"fk-zero-0123456\"], \"1\": [\"fk-one-01234567\"]}\n";
    let by_key = "FORWARD_KEY_CONFIG={\"fk-zero-0123456\": 0, \"fk-one-01234567\": 1}\n";
    let yaml = "api_key:\n  forward_key:\n    0: [fk-zero-0123456]\n    1: [fk-one-01234567]\n";
    let sandbox = Sandbox::new();
    for (folder, arguments, text) in [
        ("a", "import -", levels),
        ("b", "import --format auto", by_key),
        ("c", "import --format env", by_key),
        ("d", "import - --format yaml", yaml),
    ] {
        done(keys(&sandbox, arguments).args(["--data-dir", folder, "--quiet"]).input(text));
        let made = json(&done(keys(&sandbox, "list --json --data-dir").arg(folder)));
        let seen: Vec<_> =
            made.iter().map(|key| (key["key"].as_str().unwrap(), key["level"].as_u64().unwrap())).collect();
        assert_eq!(seen, [("fk-…3456", 0), ("fk-…4567", 1)], "{folder}");
    }
    let unclear = keys(&sandbox, "import").input(yaml).run();
    assert_eq!(unclear.status, Some(1), "{unclear}");
    assert!(unclear.stderr.contains("--format"), "{unclear}");
}

#[test]
fn keys_that_are_configured_already_are_told_so() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "openai-forward-config.yaml",
        "api_key: {openai_key: {sk-upstream-0123: [0]}, forward_key: {fk-configured-0: 0}}\n",
    );
    let output = keys(&sandbox, "import openai-forward-config.yaml").run();
    assert_eq!(output.status, Some(1), "{output}");
    assert!(output.stderr.contains("take it out of the configuration"), "{output}");
}

#[test]
fn quietly_no_secret_is_made_that_nobody_sees() {
    let sandbox = Sandbox::new();
    let refused = keys(&sandbox, "import --quiet").input(TABLE).run();
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused}");
    assert!(json(&done(keys(&sandbox, "list --json"))).is_empty());
    let quiet = done(keys(&sandbox, "import --quiet").input("name,secret\na,fk-a\nb,fk-b\n"));
    assert_eq!(quiet.stdout, done(keys(&sandbox, "list --quiet")).stdout);
    assert!(quiet.stderr.is_empty(), "{quiet}");
}
