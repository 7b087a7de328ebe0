//! Keys from JSON: an array of entries, or an export with hashes.

use super::{
    super::entry::Entry,
    Content, Draft,
    fault::{Fault, What},
};
use serde_json::value::RawValue;

/// Reads all entries; every faulty one is told.
pub(super) fn read(text: &str) -> Result<Content, Vec<Fault>> {
    let at = |error: serde_json::Error| vec![fault(&error, 1)];
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map(Content::Export).map_err(at);
    }
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(at)?;
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    let mut lines = Lines { text, read: 0, line: 1 };
    for item in items {
        let line = lines.of(item.get());
        match serde_json::from_str::<Entry>(item.get()) {
            Ok(entry) => drafts.push(Draft { line: Some(line), entry }),
            Err(error) => faults.push(fault(&error, line)),
        }
    }
    if faults.is_empty() { Ok(Content::Drafts(drafts)) } else { Err(faults) }
}

/// The lines of parts of a text, asked for in their order.
struct Lines<'a> {
    text: &'a str,
    read: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line that a part of the text begins on.
    fn of(&mut self, part: &str) -> u64 {
        let begins = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let between = self.text.as_bytes().get(self.read..begins).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.read = begins.max(self.read);
        self.line
    }
}

/// What the parser says, at its place in the file and without naming its own.
fn fault(error: &serde_json::Error, first: u64) -> Fault {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = What::Json(text.strip_suffix(&place).unwrap_or(&text).to_owned());
    let line = (first + error.line() as u64).saturating_sub(1);
    Fault { line: Some(line.max(1)), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let faults = read(text).unwrap_err();
        faults.iter().map(|fault| format!("{}: {}", fault.line.unwrap(), fault.what)).collect()
    }

    #[test]
    fn entries_know_their_lines() {
        let text = "[\n  {\"name\": \"a\"},\n\n  {\"name\": \"b\",\n   \"level\": 2}, {}\n]";
        let Content::Drafts(drafts) = read(text).unwrap() else { panic!("an export") };
        let seen: Vec<_> = drafts.iter().map(|draft| (draft.line, draft.entry.name.as_deref())).collect();
        assert_eq!(seen, [(Some(2), Some("a")), (Some(4), Some("b")), (Some(5), None)]);
    }

    #[test]
    fn every_faulty_entry_is_told_with_its_line() {
        let text = "[\n{\"naem\": \"a\"},\n{\"name\": \"b\"},\n{\"level\":\n \"x\"},\n{\"requests\": \"5/fortnight\"},\n\
            {\"expires\": \"soon\"}\n]";
        let found = faults(text);
        assert_eq!(found.len(), 4, "{found:?}");
        for (found, expected) in
            found.iter().zip(["2: unknown field `naem`", "5: invalid type", "6: ", "7: expected"])
        {
            assert!(found.starts_with(expected), "{found} {expected}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_with_its_line() {
        assert_eq!(faults("[\n{\"name\": }\n]")[0], "2: expected value");
        assert!(faults("{\"version\": 1}")[0].contains("hash_key"));
        assert_eq!(faults("")[0], "1: EOF while parsing a value");
    }

    #[test]
    fn quotas_stand_in_an_entry_or_together() {
        let text =
            r#"[{"requests": "1/day", "quotas": {"requests": "2/day", "tokens": "3/day", "concurrent": 4}}]"#;
        let Content::Drafts(mut drafts) = read(text).unwrap() else { panic!("an export") };
        let quotas = drafts.remove(0).entry.draft(aifd_core::config::Level(0)).quotas;
        let seen = (quotas.requests.to_string(), quotas.tokens.to_string(), quotas.concurrent);
        assert_eq!(seen, ("1/day".to_owned(), "3/day".to_owned(), Some(4)));
    }
}
