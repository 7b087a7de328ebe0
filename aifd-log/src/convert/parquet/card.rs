//! The dataset card that stands beside the files: what the hub and `datasets` read first.

use super::schema::{CALL, ENDS, FUNCTION, LAST, MESSAGE, MESSAGE_LAST, MILLIS, TEXTS, TOKENS};
use std::fmt::Write;

/// What is in a part of a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitCount {
    /// Exchanges.
    pub rows: u64,
    /// Bytes of their cells.
    pub bytes: u64,
    /// Bytes of its files.
    pub stored: u64,
}

/// What a dataset card tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The dataset's name.
    pub name: String,
    /// Its parts, in their order.
    pub splits: Vec<(String, SplitCount)>,
}

impl Card {
    /// The text of `README.md`.
    pub fn text(&self) -> String {
        let mut text = String::from("---\n");
        let _ = writeln!(text, "pretty_name: {}", quoted(&self.name));
        let rows = self.splits.iter().map(|(_, count)| count.rows).sum::<u64>();
        let _ = writeln!(text, "size_categories:\n- {}", size_category(rows));
        text.push_str(
            "task_categories:\n- text-generation\nconfigs:\n- config_name: default\n  data_files:\n",
        );
        for (name, _) in &self.splits {
            let _ = writeln!(text, "  - split: {name}\n    path: data/{name}-*");
        }
        text.push_str("dataset_info:\n  features:\n");
        text.push_str(&features());
        text.push_str("  splits:\n");
        for (name, count) in &self.splits {
            let _ = writeln!(
                text,
                "  - name: {name}\n    num_bytes: {}\n    num_examples: {}",
                count.bytes, count.rows
            );
        }
        let sum = |of: fn(&SplitCount) -> u64| self.splits.iter().map(|(_, count)| of(count)).sum::<u64>();
        let _ = writeln!(text, "  download_size: {}", sum(|count| count.stored));
        let _ = writeln!(text, "  dataset_size: {}\n---\n", sum(|count| count.bytes));
        text.push_str(&self.prose(rows));
        text
    }

    fn prose(&self, rows: u64) -> String {
        let mut text = format!("# {}\n\n{rows} conversations, as `aifd` logged them.\n\n", self.name);
        text.push_str("| split | conversations |\n|---|---|\n");
        for (name, count) in &self.splits {
            let _ = writeln!(text, "| {name} | {} |", count.rows);
        }
        text.push_str(COLUMNS);
        text
    }
}

const COLUMNS: &str = "
`messages` is the whole conversation, the answer last; `content` is its text, and `more` holds as JSON what has no column
of its own, such as a content with images. `tools`, `parameters` and `details` are JSON as well: the tools and the other
fields of the request, and what else is known of the answer.

```python
from datasets import load_dataset

data = load_dataset(\"path/to/this/folder\", split=\"train\")
```
";

/// The columns as YAML.
fn features() -> String {
    let mut text = String::new();
    let mut put = |depth: usize, names: &[&str], kind: &str| {
        for name in names {
            let blanks = " ".repeat(depth);
            let _ = writeln!(text, "{blanks}- name: {name}\n{blanks}  {kind}");
        }
    };
    put(2, &TEXTS, "dtype: string");
    put(2, &["status"], "dtype: int64");
    put(2, &ENDS, "dtype: string");
    put(2, &TOKENS, "dtype: int64");
    put(2, &MILLIS, "dtype: float64");
    put(2, &["cache"], "dtype: string");
    put(2, &["messages"], "list:");
    put(4, &MESSAGE, "dtype: string");
    put(4, &["tool_calls"], "list:");
    put(6, &CALL, "dtype: string");
    put(6, &["function"], "struct:");
    put(8, &FUNCTION, "dtype: string");
    put(4, &MESSAGE_LAST, "dtype: string");
    put(2, &LAST, "dtype: string");
    text
}

/// The hub's names of sizes.
fn size_category(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    }
}

/// A text in YAML; JSON's form of it is one there, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
