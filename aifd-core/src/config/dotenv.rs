//! The grammar of `.env`, as python-dotenv reads it, since that is what users' files were written for.
//!
//! Other readers take the quotes out of `NAME={"a": [0]}`; here a value without quotes around it is the rest of its line.

/// One assignment, or a line that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binding {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// Name and value; `None` where the line is no assignment.
    pub(super) assignment: Option<(String, String)>,
}

/// Reads the text of a file; a name without `=` is left out.
pub(super) fn read(text: &str) -> Vec<Binding> {
    let mut rest = Rest { text: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    let mut bindings = Vec::new();
    loop {
        rest.skip(char::is_whitespace);
        if rest.text.is_empty() {
            return bindings;
        }
        let line = rest.line;
        match rest.statement() {
            Some(None) => {}
            Some(Some(assignment)) => bindings.push(Binding { line, assignment: Some(assignment) }),
            None => {
                rest.skip(|c| !is_break(c));
                bindings.push(Binding { line, assignment: None });
            }
        }
    }
}

/// What is left to read.
struct Rest<'a> {
    text: &'a str,
    line: usize,
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && !is_break(c)
}

impl<'a> Rest<'a> {
    /// Takes as many characters as the condition holds for.
    fn skip(&mut self, holds: impl Fn(char) -> bool) -> &'a str {
        let end = self.text.find(|c| !holds(c)).unwrap_or(self.text.len());
        self.take(end)
    }

    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.text.split_at(end);
        self.line += taken.matches('\n').count();
        self.text = rest;
        taken
    }

    /// One statement up to the end of its line: an assignment, or nothing; `None` if it is neither.
    fn statement(&mut self) -> Option<Option<(String, String)>> {
        if self.text.starts_with('#') {
            self.skip(|c| !is_break(c));
            return Some(None);
        }
        let name = self.name()?;
        self.skip(is_blank);
        let value = match self.text.strip_prefix('=') {
            Some(rest) => {
                self.text = rest;
                self.skip(is_blank);
                Some(self.value()?)
            }
            None => None,
        };
        self.skip(is_blank);
        if self.text.starts_with('#') {
            self.skip(|c| !is_break(c));
        }
        let ends = self.text.is_empty() || self.text.starts_with(is_break);
        ends.then(|| value.map(|value| (name, value)))
    }

    fn name(&mut self) -> Option<String> {
        if let Some(rest) = self.text.strip_prefix("export").filter(|rest| rest.starts_with(is_blank)) {
            self.text = rest;
            self.skip(is_blank);
        }
        let name = match self.text.starts_with('\'') {
            true => self.quoted('\'', "")?,
            false => self.skip(|c| c != '=' && c != '#' && !c.is_whitespace()).to_owned(),
        };
        (!name.is_empty()).then_some(name)
    }

    fn value(&mut self) -> Option<String> {
        match self.text.chars().next() {
            Some('\'') => self.quoted('\'', "\\'"),
            Some('"') => self.quoted('"', "\\'\"abfnrtv"),
            _ => Some(without_comment(self.skip(|c| !is_break(c))).trim_end().to_owned()),
        }
    }

    /// Text between quotes, over several lines if need be; a backslash is kept where it escapes nothing.
    fn quoted(&mut self, quote: char, escapes: &str) -> Option<String> {
        let mut value = String::new();
        let mut characters = self.text.char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.take(at + 1);
                return Some(value);
            }
            match characters.peek().filter(|(_, next)| c == '\\' && escapes.contains(*next)) {
                Some(&(_, next)) => {
                    value.push(unescaped(next));
                    characters.next();
                }
                None => value.push(c),
            }
        }
        None
    }
}

fn unescaped(c: char) -> char {
    match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

/// A `#` begins a comment where a blank stands before it.
fn without_comment(text: &str) -> &str {
    let mut before = None;
    for (at, c) in text.char_indices() {
        if c == '#' && before.is_some_and(char::is_whitespace) {
            return &text[..at];
        }
        before = Some(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn values_are_read_as_python_dotenv_reads_them() {
        let cases = [
            ("A=1", "1"),
            ("A = 1 ", "1"),
            ("export A=1", "1"),
            ("A=1 # one", "1"),
            ("A=1#one", "1#one"),
            ("A=a b\tc", "a b\tc"),
            ("A={\"sk-a\": [0], \"b\": 1}", "{\"sk-a\": [0], \"b\": 1}"),
            ("A='x # y' # z", "x # y"),
            ("A='{\n\"a\": 1\n}'\nB=2", "{\n\"a\": 1\n}"),
            ("A=\"a\\n\\\"b\\\"\"", "a\n\"b\""),
            ("A='it\\'s \\n'", "it's \\n"),
            ("A=", ""),
            ("A=\r\nB=2", ""),
            ("'A'=1", "1"),
            ("\u{feff}A=1", "1"),
            ("\n# A=0\n  A=1", "1"),
        ];
        for (text, value) in cases {
            let read = read(text).swap_remove(0).assignment.unwrap();
            assert_eq!(read, ("A".into(), value.into()), "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_assignment_costs_that_line_only() {
        let lines = read("A='1' x\nB=2\n=3\nexport C\nD='4\nE=5");
        let seen: Vec<_> =
            lines.iter().map(|b| (b.line, b.assignment.as_ref().map(|a| a.0.as_str()))).collect();
        assert_eq!(seen, [(1, None), (2, Some("B")), (3, None), (5, None), (6, Some("E"))]);
    }
}
