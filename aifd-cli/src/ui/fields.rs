//! Labels and values under each other, for one thing that has many.

use super::{Paint, printable};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Labels and values.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// Adds one.
    pub(crate) fn field(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.0.push((label, value.into()));
        self
    }

    /// Adds one, if it has a value.
    pub(crate) fn field_if(self, label: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.field(label, value),
            None => self,
        }
    }

    /// As lines of text.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let widest = self.0.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let mut text = String::new();
        for (label, value) in &self.0 {
            let gap = " ".repeat(widest - label.width() + 2);
            let _ = writeln!(text, "{}{gap}{}", paint.head(label), printable(value));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{super::PLAIN, Fields};

    #[test]
    fn values_stand_under_each_other_and_cannot_steer_the_terminal() {
        let fields =
            Fields::default().field("id", "key_1").field_if("none", None).field("last used", "\x1b[31mx\ny");
        assert_eq!(fields.render(PLAIN), "id         key_1\nlast used  \\u{1b}[31mx\\ny\n");
    }
}
