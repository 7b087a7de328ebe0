//! What is read from standard input: answers of people, secrets and files.

use super::Ui;
use aifd_core::secret::Secret;
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// Bytes of a secret that are read at most; more is an error.
const MOST_SECRET: u64 = 4 << 10;

/// Bytes of an answer that are read at most; what follows is not looked at.
const MOST_ANSWER: u64 = 1 << 10;

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes.
    Yes,
    /// Anything else.
    No,
    /// There is nobody to ask.
    Nobody,
}

impl Ui {
    /// Asks a person, if there is one at both ends of the conversation.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub(crate) fn ask(&self, question: &str) -> io::Result<Answer> {
        if !io::stdin().is_terminal() || !self.err.terminal {
            return Ok(Answer::Nobody);
        }
        drop(io::stderr().lock().write_all(format!("{question} [y/N] ").as_bytes()));
        let mut line = String::new();
        io::stdin().lock().take(MOST_ANSWER).read_line(&mut line)?;
        Ok(answer(&line))
    }

    /// Reads a secret: all of standard input, or one line of a terminal; one line end after it is cut.
    ///
    /// # Errors
    /// When standard input cannot be read, is too long or no text.
    pub(crate) fn secret(&self) -> io::Result<Secret> {
        let stdin = io::stdin();
        let mut bounded = stdin.lock().take(MOST_SECRET + 2);
        let mut text = String::new();
        if stdin.is_terminal() {
            self.talk("type the secret, and Enter:");
            bounded.read_line(&mut text)?;
        } else {
            bounded.read_to_string(&mut text)?;
        }
        secret(&text)
    }

    /// Reads a text to its end.
    ///
    /// # Errors
    /// When standard input cannot be read, is longer than `most` bytes or no text.
    pub(crate) fn input(&self, most: u64) -> io::Result<String> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            self.talk("reading standard input; Ctrl-D ends it");
        }
        bounded(stdin.lock(), most)
    }
}

/// A text of at most so many bytes.
///
/// # Errors
/// When it cannot be read, is longer or no text.
pub(crate) fn bounded(source: impl Read, most: u64) -> io::Result<String> {
    let mut text = String::new();
    source.take(most.saturating_add(1)).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {most} bytes")));
    }
    Ok(text)
}

fn answer(line: &str) -> Answer {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        _ => Answer::No,
    }
}

fn secret(text: &str) -> io::Result<Secret> {
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    match text.len() as u64 {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no secret was given")),
        MOST_SECRET.. => Err(io::Error::new(io::ErrorKind::FileTooLarge, "no secret is that long")),
        _ => Ok(Secret::new(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (line, expected) in [
            ("y\n", Answer::Yes),
            ("Y\n", Answer::Yes),
            (" yes \r\n", Answer::Yes),
            ("\n", Answer::No),
            ("", Answer::No),
            ("n\n", Answer::No),
            ("yep\n", Answer::No),
            ("ye\n", Answer::No),
        ] {
            assert_eq!(answer(line), expected, "{line:?}");
        }
    }

    #[test]
    fn one_line_end_after_a_secret_is_cut() {
        let long = "x".repeat(4 << 10);
        for (text, expected) in [
            ("fk-a\n", Some("fk-a")),
            ("fk-a\r\n", Some("fk-a")),
            ("fk-a", Some("fk-a")),
            ("fk-a\n\n", Some("fk-a\n")),
            ("", None),
            ("\n", None),
            (&long, None),
        ] {
            assert_eq!(secret(text).ok().as_ref().map(Secret::expose), expected, "{} bytes", text.len());
        }
    }

    #[test]
    fn a_text_past_its_bound_is_an_error_and_not_cut() {
        assert_eq!(bounded("abc".as_bytes(), 3).unwrap(), "abc");
        assert!(bounded("abcd".as_bytes(), 3).is_err());
        assert!(bounded(&b"\xff"[..], 3).is_err());
    }
}
