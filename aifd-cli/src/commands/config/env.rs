//! `aifd config env`: every variable, with the key it sets.

use crate::{cli, report::Failure, ui::Ui};
use aifd_core::config::{Key, Status, keys};
use serde_json::{Value, json};

/// Variables that set no key: name, default, meaning.
const OTHERS: [(&str, &str, &str); 2] = [
    (
        "AIFD_CONFIG",
        "./aifd.yaml, ./openai-forward-config.yaml",
        "The configuration file; the flag `--config` wins. The default is what is there.",
    ),
    ("NO_COLOR", "", "Anything but nothing: no colours."),
];

/// Prints the table, as text, JSON or Markdown.
pub(super) fn env(arguments: &cli::Env, ui: &Ui) -> Result<(), Failure> {
    if arguments.json {
        let others = OTHERS.iter().map(|(name, default, meaning)| {
            json!({"variables": [name], "key": null, "default": default, "meaning": meaning, "in_effect": true})
        });
        let rows: Vec<Value> = keys().iter().map(row).chain(others).collect();
        return Ok(ui.json(&rows)?);
    }
    if arguments.markdown {
        return Ok(ui.data(markdown())?);
    }
    let mut table = ui.table(["VARIABLE", "KEY", "DEFAULT", "MEANING"]);
    for key in keys() {
        table.row([key.env.join(", "), key.path.to_owned(), key.default.to_owned(), meaning(key, "")]);
    }
    for (name, default, meaning) in OTHERS {
        table.row([name.to_owned(), String::new(), default.to_owned(), meaning.to_owned()]);
    }
    Ok(ui.data(table)?)
}

fn row(key: &Key) -> Value {
    json!({
        "variables": key.env,
        "key": key.path,
        "also": key.also,
        "expected": key.kind.expected(),
        "default": key.default,
        "meaning": key.meaning,
        "in_effect": matches!(key.status, Status::InEffect),
    })
}

/// The meaning, with what else a reader has to know; names within `mark`s.
fn meaning(key: &Key, mark: &str) -> String {
    let also: Vec<String> = key.also.iter().map(|path| format!("{mark}{path}{mark}")).collect();
    let also = if also.is_empty() { String::new() } else { format!(" Also {}.", also.join(", ")) };
    let status = match key.status {
        Status::InEffect => String::new(),
        Status::NotYet => " Not yet in effect.".to_owned(),
        Status::NoEffect(reason) => format!(" No effect: {reason}."),
    };
    format!("{}{also}{status}", key.meaning)
}

/// The table of the README.
fn markdown() -> String {
    let mut text = String::from("| key | variable | default | meaning |\n|---|---|---|---|\n");
    for key in keys() {
        let default = if key.default.is_empty() { String::new() } else { code(&[key.default]) };
        let meaning = meaning(key, "`").replace('|', "\\|");
        text.push_str(&format!("| {} | {} | {default} | {meaning} |\n", code(&[key.path]), code(key.env)));
    }
    for (name, default, meaning) in OTHERS {
        let default: Vec<&str> = default.split(", ").filter(|text| !text.is_empty()).collect();
        text.push_str(&format!("|  | {} | {} | {meaning} |\n", code(&[name]), code(&default)));
    }
    text
}

fn code(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}
