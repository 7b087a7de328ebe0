//! What is put in the place of what was taken out.

use memchr::memmem;
use std::ops::Range;

/// How every marker begins.
const BEGIN: &str = "[redacted";

/// What was taken out. Where several overlap, the first of this order names them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    Key,
    Token,
    Email,
    Card,
    Phone,
    Own,
}

impl Label {
    const ALL: [Label; 6] = [Label::Key, Label::Token, Label::Email, Label::Card, Label::Phone, Label::Own];

    pub(super) fn marker(self) -> &'static str {
        match self {
            Label::Key => "[redacted:key]",
            Label::Token => "[redacted:token]",
            Label::Email => "[redacted:email]",
            Label::Card => "[redacted:card]",
            Label::Phone => "[redacted:phone]",
            Label::Own => "[redacted]",
        }
    }
}

/// Where the markers of a text are.
pub(super) fn markers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), BEGIN) {
        let marker = Label::ALL.into_iter().map(Label::marker).find(|it| text[at..].starts_with(it));
        found.extend(marker.map(|it| at..at + it.len()));
    }
    found
}
