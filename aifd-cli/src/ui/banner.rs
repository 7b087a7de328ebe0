//! Boxes with a title in their border, as openai-forward prints them at start.

use super::Paint;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Least width of the labels, so that boxes under each other line up.
const LABELS: usize = 17;

/// A titled box of labels and values.
#[derive(Debug)]
pub(crate) struct Panel {
    title: String,
    rows: Vec<(String, String)>,
}

impl Panel {
    /// A box without rows.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Panel { title: title.into(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.rows.push((label.into(), value.into()));
        self
    }

    /// Adds several rows.
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = (String, String)>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// The box as lines of text.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let labels = widest(self.rows.iter().map(|(label, _)| label.as_str())).max(LABELS);
        let values = widest(self.rows.iter().map(|(_, value)| value.as_str()));
        let title = format!(" {} ", self.title);
        let inner = (2 + labels + 2 + values + 2).max(title.width() + 6);
        let mut text = top(&title, inner, paint);
        let _ = writeln!(text, "│{}│", " ".repeat(inner));
        for (label, value) in &self.rows {
            let label_gap = " ".repeat(labels - label.width() + 2);
            let value_gap = " ".repeat(inner - 2 - labels - 2 - value.width());
            let _ = writeln!(text, "│  {label}{label_gap}{}{value_gap}│", paint.value(value));
        }
        let _ = writeln!(text, "╰{}╯", "─".repeat(inner));
        text
    }
}

fn top(title: &str, inner: usize, paint: Paint) -> String {
    let dashes = inner - title.width();
    let left = "─".repeat(dashes / 2);
    let right = "─".repeat(dashes - dashes / 2);
    format!("╭{left}{}{right}╮\n", paint.head(title))
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(UnicodeWidthStr::width).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{super::PLAIN, Panel};
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn a_box_looks_like_that_of_openai_forward() {
        let panel = Panel::new("⏱️ Rate Limit configuration")
            .row("backend", "memory")
            .row("strategy", "fixed-window")
            .row("global rate limit", "inf (req)");
        assert_eq!(
            panel.render(PLAIN),
            "╭─── ⏱️ Rate Limit configuration ───╮\n\
             │                                   │\n\
             │  backend            memory        │\n\
             │  strategy           fixed-window  │\n\
             │  global rate limit  inf (req)     │\n\
             ╰───────────────────────────────────╯\n"
        );
    }

    #[test]
    fn every_line_is_as_wide_as_the_others_whatever_it_holds() {
        let long = "路由".repeat(40);
        for (title, label, value) in [
            ("", "", ""),
            ("🤗 a title wider than what is below", "a", "b"),
            ("t", "/v1/chat/completions", &long),
        ] {
            let text = Panel::new(title).row(label, value).render(PLAIN);
            let widths: Vec<usize> = text.lines().map(UnicodeWidthStr::width).collect();
            assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}\n{text}");
        }
    }
}
