//! The lines of logs that openai-forward wrote.

use std::{fs, path::PathBuf};

/// Every line that is a whole literal: damaged ones among the cases are left out.
pub(crate) fn lines() -> Vec<String> {
    let damaged = ["20_truncated", "21_blank", "35_utf8_bom", "36_stray", "38_old"];
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/golden")];
    let mut lines = Vec::new();
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = path.to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".log") && !damaged.iter().any(|case| name.contains(case)) {
                lines.extend(fs::read_to_string(&path).unwrap().lines().map(str::to_owned));
            }
        }
    }
    assert!(lines.len() > 500, "{}", lines.len());
    lines
}
