//! What each part must not know, kept by looking at its source.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below `folder`: its path from there, and its lines that are code.
fn sources(folder: &str) -> Vec<(String, Vec<String>)> {
    let root = repository().join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push((name, code.map(str::to_owned).collect()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Panics for every line with `word` in a file of `folder` that `may` does not let say it.
fn only(folder: &str, words: &[&str], may: impl Fn(&str) -> bool) {
    for (name, lines) in sources(folder) {
        for line in lines.iter().filter(|_| !may(&name)) {
            for word in words {
                assert!(!line.contains(word), "{folder}/{name} must not say `{word}`: {line}");
            }
        }
    }
}

#[test]
fn only_the_upstream_and_the_control_client_are_http_clients() {
    only("aifd-core/src", &["reqwest", "client::conn", "hyper_util::client"], |name| {
        // The server speaks to an upstream itself in one place: a tunnel is two connections joined.
        name.starts_with("upstream/") || name == "control/client.rs" || name == "server/websocket.rs"
    });
}

#[test]
fn only_the_store_knows_sled() {
    for folder in ["aifd-core/src", "aifd-cli/src", "aifd-log/src"] {
        only(folder, &["sled::", "use sled"], |name| {
            folder == "aifd-core/src" && (name.starts_with("store/") || name.starts_with("cache/disk/"))
        });
    }
}

#[test]
fn the_phases_of_the_request_path_do_not_import_each_other() {
    // `forward.rs` puts them in order; what they hand over are the nouns of `error`, `exchange` and `config`.
    let phases = ["route", "cors", "access", "limit", "cache", "upstream", "tee", "recorder"];
    let gateway_parts = |phase: &str, other: &str| {
        // The body of an answer gives its connection back to the pool at its end.
        phase == "tee" && other == "upstream"
    };
    for (name, lines) in sources("aifd-core/src") {
        let Some(phase) = phases
            .iter()
            .find(|phase| name == format!("{phase}.rs") || name.starts_with(&format!("{phase}/")))
        else {
            continue;
        };
        for other in phases.iter().filter(|other| *other != phase && !gateway_parts(phase, other)) {
            for line in &lines {
                let imports = line.contains(&format!("crate::{other}::"))
                    || line.trim_start().starts_with(&format!("{other}::"));
                assert!(!imports, "{name} must not know `{other}`: {line}");
            }
        }
    }
}

#[test]
fn the_core_does_not_print_and_knows_no_terminal() {
    for folder in ["aifd-core/src", "aifd-log/src"] {
        only(
            folder,
            &["println!", "eprintln!", "print!(", "clap::", "indicatif", "comfy_table", "process::exit"],
            // Tests that are processes tell the one that started them how far they are.
            |name| name.contains("/tests/"),
        );
    }
}

#[test]
fn only_ui_prints_in_the_command_line() {
    only(
        "aifd-cli/src",
        &["println!", "eprintln!", "print!(", "io::stdout()", "io::stderr()", "comfy_table", "indicatif"],
        |name| name.starts_with("ui/"),
    );
}

#[test]
fn the_log_crate_knows_neither_http_nor_storage_nor_arguments() {
    let manifest = fs::read_to_string(repository().join("aifd-log/Cargo.toml")).unwrap();
    for dependency in ["http", "hyper", "axum", "reqwest", "sled", "clap", "aifd-core"] {
        assert!(!manifest.lines().any(|line| line.starts_with(dependency)), "{dependency}");
    }
}

#[test]
fn nobody_below_knows_who_is_above() {
    for (crate_name, above) in [("aifd-log", &["aifd-core", "aifd-cli"][..]), ("aifd-core", &["aifd-cli"])] {
        let manifest = fs::read_to_string(repository().join(crate_name).join("Cargo.toml")).unwrap();
        for above in above {
            assert!(!manifest.lines().any(|line| line.starts_with(above)), "{crate_name} depends on {above}");
        }
    }
}

#[test]
fn no_source_file_opens_without_saying_what_it_is_for() {
    for folder in ["aifd-core/src", "aifd-cli/src", "aifd-log/src", "tests/src", "tests/it"] {
        for (name, _) in sources(folder) {
            let text = fs::read_to_string(repository().join(folder).join(&name)).unwrap();
            assert!(text.starts_with("//! "), "{folder}/{name} opens with a sentence");
        }
    }
}
