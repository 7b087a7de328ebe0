//! What a file to import is, if nobody says so.

use super::super::entry::COLUMNS;
use crate::cli::ImportFormat;
use std::path::Path;

/// By its name, if that tells.
pub(super) fn by_name(path: &Path) -> ImportFormat {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, "json")) => ImportFormat::Json,
        Some((_, "csv")) => ImportFormat::Csv,
        Some((_, "yaml" | "yml")) => ImportFormat::Yaml,
        Some((_, "env")) => ImportFormat::Env,
        _ if name.starts_with(".env") => ImportFormat::Env,
        _ => ImportFormat::Auto,
    }
}

/// By how it begins; whatever looks like nothing else may be YAML.
pub(super) fn by_content(text: &str) -> ImportFormat {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.clone().next() else { return ImportFormat::Csv };
    if first.starts_with(['[', '{']) {
        return ImportFormat::Json;
    }
    let column = |cell: &str| COLUMNS.contains(&cell.trim().trim_matches('"').to_ascii_lowercase().as_str());
    if first.split(',').any(column) {
        return ImportFormat::Csv;
    }
    let assignment = |line: &str| {
        let name = line.strip_prefix("export ").unwrap_or(line).split_once('=').map(|(name, _)| name.trim());
        name.is_some_and(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    if lines.take(1).all(assignment) { ImportFormat::Env } else { ImportFormat::Yaml }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for (name, format) in [
            ("keys.json", ImportFormat::Json),
            ("/a/KEYS.CSV", ImportFormat::Csv),
            ("openai-forward-config.yaml", ImportFormat::Yaml),
            ("c.yml", ImportFormat::Yaml),
            (".env", ImportFormat::Env),
            (".env.production", ImportFormat::Env),
            ("prod.env", ImportFormat::Env),
            ("-", ImportFormat::Auto),
            ("keys", ImportFormat::Auto),
        ] {
            assert_eq!(by_name(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn the_first_line_tells() {
        for (text, format) in [
            ("\n [{}]", ImportFormat::Json),
            ("{\"version\": 1}", ImportFormat::Json),
            ("name,level\na,1", ImportFormat::Csv),
            ("\"Name\", secret\n", ImportFormat::Csv),
            ("name\na\n", ImportFormat::Csv),
            ("", ImportFormat::Csv),
            ("# openai-forward\nFORWARD_KEY_CONFIG={\"0\": [\"fk\"]}", ImportFormat::Env),
            ("export A=1", ImportFormat::Env),
            ("api_key:\n  forward_key: {0: [fk]}", ImportFormat::Yaml),
            ("what is this", ImportFormat::Yaml),
        ] {
            assert_eq!(by_content(text), format, "{text:?}");
        }
    }
}
