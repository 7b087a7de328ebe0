//! What is told of a request that was not recorded: itself, and how it differs from the one most like it.

use super::{
    Cache, CacheFilter,
    entry::{Meta, Stored},
};
use serde_json::Value;
use std::{fmt::Write, sync::Arc};

/// Recorded requests that are compared at most.
const MAX_COMPARED: usize = 10_000;

/// Bytes of a request that are shown.
const MAX_SHOWN: usize = 4096;

/// Lines of a difference that are shown.
const MAX_LINES: usize = 40;

/// The request, and the nearest recorded one as a difference.
pub(super) fn told(cache: &Cache, meta: &Meta, asked: &[u8]) -> String {
    let mut told = format!("{} {} {}", meta.method, meta.path, cut(&String::from_utf8_lossy(asked)));
    let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
    let mut nearest: Option<(usize, Arc<Stored>)> = None;
    let mut compared = 0;
    let mut compare = |entry: Arc<Stored>| {
        compared += 1;
        if entry.meta.method == meta.method && entry.meta.path == meta.path {
            let other: Value = serde_json::from_slice(&entry.request).unwrap_or_default();
            let distance = difference(&other, &asked).len();
            if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                nearest = Some((distance, entry));
            }
        }
        compared < MAX_COMPARED
    };
    cache.each(&CacheFilter::default(), &mut compare);
    let Some((_, entry)) = nearest else {
        told.push_str("\nnothing is recorded for this path");
        return told;
    };
    let other: Value = serde_json::from_slice(&entry.request).unwrap_or_default();
    let lines = difference(&other, &asked);
    let _ = write!(told, "\nnearest recorded request ({}):", entry.key);
    if lines.is_empty() {
        told.push_str("\n  its body is the same; scope, namespace or headers differ");
    }
    for line in lines.iter().take(MAX_LINES) {
        let _ = write!(told, "\n{line}");
    }
    told
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What was recorded and what was asked, where they differ: a line for each value.
fn difference(recorded: &Value, asked: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", Some(recorded), Some(asked), &mut lines);
    lines
}

fn compare(path: &str, recorded: Option<&Value>, asked: Option<&Value>, lines: &mut Vec<String>) {
    match (recorded, asked) {
        (Some(recorded), Some(asked)) if recorded == asked => {}
        (Some(Value::Object(recorded)), Some(Value::Object(asked))) => {
            let names = recorded.keys().chain(asked.keys().filter(|name| !recorded.contains_key(*name)));
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, recorded.get(name), asked.get(name), lines);
            }
        }
        (Some(Value::Array(recorded)), Some(Value::Array(asked))) => {
            for at in 0..recorded.len().max(asked.len()) {
                compare(&format!("{path}[{at}]"), recorded.get(at), asked.get(at), lines);
            }
        }
        (recorded, asked) => {
            let shown = |value: &Value| cut(&value.to_string());
            lines.extend(recorded.map(|value| format!("- {path}: {}", shown(value))));
            lines.extend(asked.map(|value| format!("+ {path}: {}", shown(value))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_what_differs() {
        let recorded =
            serde_json::json!({"model": "m", "messages": [{"role": "user", "content": "a"}], "top_p": 1});
        let asked =
            serde_json::json!({"model": "m", "messages": [{"role": "user", "content": "b"}], "seed": 2});
        assert_eq!(
            difference(&recorded, &asked),
            ["- messages[0].content: \"a\"", "+ messages[0].content: \"b\"", "- top_p: 1", "+ seed: 2"]
        );
        assert!(difference(&recorded, &recorded).is_empty());
    }
}
