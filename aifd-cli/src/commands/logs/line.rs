//! An exchange in one line.

use crate::ui::{Paint, grouped, milliseconds, printable};
use aifd_log::{
    exchange::{End, Exchange},
    search::said,
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that question and answer have each where the line may be as long as it wants.
const USUAL: usize = 60;

/// Columns that both have at least, however narrow the terminal is.
const LEAST: usize = 16;

/// Columns that the widest of the others may set for those below; a longer one stands out of its column.
const WIDEST: usize = 24;

/// Digits of the uid, enough to name it.
const UID_DIGITS: usize = 8;

/// The columns before what was said: as wide as the widest cell so far.
#[derive(Default)]
pub(super) struct Columns([usize; 8]);

impl Columns {
    /// Makes room for an exchange.
    pub(super) fn fit(&mut self, exchange: &Exchange) {
        for (width, cell) in self.0.iter_mut().zip(cells(exchange)) {
            *width = (*width).max(cell.width().min(WIDEST));
        }
    }

    /// The line, in a terminal of so many columns or of any.
    pub(super) fn line(&mut self, exchange: &Exchange, terminal: Option<usize>, paint: Paint) -> String {
        self.fit(exchange);
        let mut line = String::new();
        let mut taken = 0;
        for (at, (cell, width)) in cells(exchange).into_iter().zip(self.0).enumerate() {
            let gap = " ".repeat(width.saturating_sub(cell.width()) + 2);
            taken += cell.width() + gap.len();
            let failed =
                exchange.end() == End::Failed || exchange.status().is_some_and(|status| status >= 400);
            let cell = match at {
                1 => paint.hint(&cell),
                5 if failed => paint.error(&cell),
                5 if exchange.end() == End::Cancelled => paint.warning(&cell),
                _ => cell,
            };
            line += &cell;
            line += &gap;
        }
        // Both, and the arrow between.
        let room = terminal.map_or(USUAL, |columns| (columns.saturating_sub(taken + 3) / 2).max(LEAST));
        let (asked, answered) = (question(exchange), answer(exchange));
        line += &words(&asked, room);
        line += " → ";
        line += &words(&answered, room);
        line.trim_end().to_owned()
    }
}

/// Time, uid, route, model, key, status and end, tokens, latency.
fn cells(exchange: &Exchange) -> [String; 8] {
    let told = |text: Option<&str>| printable(text.unwrap_or("-")).into_owned();
    let status = exchange.status().map_or_else(|| "-".to_owned(), |status| status.to_string());
    let end = match exchange.end() {
        End::Complete => status,
        end => format!("{status} {}", end.name()),
    };
    [
        told(exchange.datetime()),
        told(Some(&exchange.uid.chars().take(UID_DIGITS).collect::<String>())),
        told(exchange.route()),
        told(exchange.model().or(Some(exchange.kind.name()))),
        told(exchange.key()),
        end,
        exchange.tokens().map_or_else(|| "-".to_owned(), |tokens| format!("{} tok", grouped(tokens))),
        exchange.latency_ms().map_or_else(|| "-".to_owned(), milliseconds),
    ]
}

/// What the user said last.
fn question(exchange: &Exchange) -> String {
    let asked = Exchange { answer: None, choices: None, error: None, ..exchange.clone() };
    let said = said(&asked);
    let last = said.iter().rev().find(|said| said.role == "user").or(said.last());
    let target = ["method", "path"].map(|name| exchange.request.get(name).and_then(|value| value.as_str()));
    match (last, target) {
        (_, [Some(method), Some(path)]) => format!("{method} {path}"),
        (Some(said), _) => said.text.clone(),
        (None, _) => String::new(),
    }
}

/// What was answered first: the text, a call or an error.
fn answer(exchange: &Exchange) -> String {
    let request = serde_json::Map::new();
    let answered = said(&Exchange { request, ..exchange.clone() });
    let content = exchange.answer.as_ref().and_then(|answer| answer.get("content")?.as_str());
    match content.filter(|content| !content.is_empty()) {
        Some(content) => content.to_owned(),
        None => answered.into_iter().next().map(|said| said.text).unwrap_or_default(),
    }
}

/// The first words of a text, in so many columns.
fn words(text: &str, columns: usize) -> String {
    let mut line = String::new();
    let mut taken = 0;
    for word in text.split_whitespace() {
        let word = printable(word);
        let gap = usize::from(taken > 0);
        if taken + gap + word.width() + 1 > columns {
            let mut room = columns.saturating_sub(taken + gap + 1);
            line += if gap > 0 { " " } else { "" };
            let fits = word.chars().take_while(|c| {
                let width = c.width().unwrap_or(0);
                let fits = width <= room;
                room = room.saturating_sub(width);
                fits
            });
            line.extend(fits);
            return line.trim_end().to_owned() + "…";
        }
        line += if gap > 0 { " " } else { "" };
        line += &word;
        taken += gap + word.width();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::PLAIN;
    use serde_json::{Value, json};

    fn exchange(line: Value) -> Exchange {
        Exchange::of_json(line.as_object().unwrap().clone())
    }

    fn chat(model: &str, status: u16, end: &str) -> Exchange {
        exchange(
            json!({"uid": "0123456789abcdef", "datetime": "2026-11-23 18:42:43", "route": "/", "key": "key_1",
            "request": {"model": model, "messages": [{"role": "user", "content": "What is\n  this\u{1b}[2J?"}]},
            "status": status, "end": end, "usage": {"total_tokens": 1234}, "latency_ms": 350,
            "answer": {"role": "assistant", "content": "A rather long answer that does not fit into its column at all."}}),
        )
    }

    #[test]
    fn lines_stand_in_columns_that_fit() {
        let mut columns = Columns::default();
        columns.fit(&chat("a-long-model", 502, "failed"));
        let line = |exchange: &Exchange, columns: &mut Columns| columns.line(exchange, Some(130), PLAIN);
        let lines = [
            line(&chat("m", 200, "complete"), &mut columns),
            line(&chat("a-long-model", 502, "failed"), &mut columns),
        ];
        assert_eq!(
            lines,
            [
                "2026-11-23 18:42:43  01234567  /  m             key_1  200         1,234 tok  350ms  What is this\\u{1b}[2… → A rather long answer…",
                "2026-11-23 18:42:43  01234567  /  a-long-model  key_1  502 failed  1,234 tok  350ms  What is this\\u{1b}[2… → A rather long answer…",
            ]
        );
    }

    #[test]
    fn what_a_log_does_not_tell_is_a_dash_and_an_error_is_an_answer() {
        let mut columns = Columns::default();
        let general =
            exchange(json!({"uid": "u", "kind": "general", "method": "GET", "path": "/x", "request": null,
            "status": 502, "end": "failed", "answer": null, "error": {"message": "gone"}}));
        assert_eq!(
            columns.line(&general, None, PLAIN),
            "-  u  -  general  -  502 failed  -  -  GET /x → gone"
        );
        let calls = exchange(
            json!({"uid": "u", "request": {"messages": []}, "answer": {"role": "assistant", "content": null,
            "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}}),
        );
        assert!(Columns::default().line(&calls, None, PLAIN).ends_with(" → f({})"));
    }

    #[test]
    fn words_are_cut_at_columns_and_not_within_letters() {
        for (text, columns, expected) in [
            ("a b", 10, "a b"),
            ("abcdef", 4, "abc…"),
            ("日本語", 4, "日…"),
            ("", 4, ""),
            ("ab cd ef", 6, "ab cd…"),
        ] {
            assert_eq!(words(text, columns), expected, "{text}");
        }
    }
}
