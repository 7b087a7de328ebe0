//! Finds what is to be taken out of a text.

use super::{Label, Redactor, marker::markers, mask};
use regex_automata::Input;
use std::ops::Range;

/// A part of a text that is to be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: Label,
}

impl Span {
    fn new(range: Range<usize>, label: Label) -> Self {
        Span { start: range.start, end: range.end, label }
    }
}

impl Redactor {
    /// What is to be taken out: in order, apart from each other. Markers stay as they are.
    ///
    /// Own expressions are looked for in the first turn alone: in what that leaves, they would see surroundings that
    /// the text never had.
    pub(super) fn find(&self, text: &str, turn: usize) -> Vec<Span> {
        let markers = markers(text);
        let mut spans = Vec::new();
        self.find_secrets(text, &markers, &mut spans);
        self.find_builtin(text, &markers, &mut spans);
        if turn == 0 {
            self.find_own(text, &markers, &mut spans);
        }
        apart(spans)
    }

    fn find_secrets(&self, text: &str, markers: &[Range<usize>], spans: &mut Vec<Span>) {
        let Some(secrets) = &self.secrets else { return };
        let mut from = 0;
        while let Some(found) = secrets.find(text.as_bytes(), from) {
            let after = markers.partition_point(|it| it.end <= found.start);
            let touched = markers[after..].iter().take_while(|it| it.start < found.end);
            if touched.clone().any(|it| it.start <= found.start && found.end <= it.end) {
                // A secret such as `key` is not taken out of markers: there would be no end.
                from = found.start + 1;
                continue;
            }
            let whole = touched.fold(found.clone(), |all, it| all.start.min(it.start)..all.end.max(it.end));
            spans.push(Span::new(whole, Label::Key));
            from = found.end;
        }
    }

    fn find_builtin(&self, text: &str, markers: &[Range<usize>], spans: &mut Vec<Span>) {
        let mut rules = self.rules.iter().filter(|rule| rule.may_match(text.as_bytes())).peekable();
        if rules.peek().is_none() {
            return;
        }
        let masked = mask::without_escapes(text);
        for rule in rules {
            for part in between(markers, text.len()) {
                rule.find(&masked[..part.end], part.start, &mut |found| {
                    spans.push(Span::new(found, rule.label));
                });
            }
        }
    }

    fn find_own(&self, text: &str, markers: &[Range<usize>], spans: &mut Vec<Span>) {
        for regex in &self.own {
            for part in between(markers, text.len()) {
                // The whole text is passed along, so that `^`, `$` and `\b` mean what they mean.
                let own = regex.find_iter(Input::new(text).range(part));
                // To match nothing is no match.
                spans.extend(own.filter(|it| !it.is_empty()).map(|it| Span::new(it.range(), Label::Own)));
            }
        }
    }
}

/// The parts of a text between its markers.
fn between(markers: &[Range<usize>], length: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(markers.iter().map(|it| it.end));
    let ends = markers.iter().map(|it| it.start).chain([length]);
    starts.zip(ends).map(|(start, end)| start..end).filter(|part| !part.is_empty())
}

/// Spans in order, those that overlap as one.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                last.label = last.label.min(span.label);
            }
            _ => apart.push(span),
        }
    }
    apart
}
