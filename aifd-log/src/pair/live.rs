//! Pairs lines as they come, one by one.

use super::{
    Kinds, Line, Lines, Options, Unreadable,
    line::{self, Side, Uid},
};
use crate::literal::Dialect;
use std::collections::VecDeque;

/// Lines that wait for their other side at most; of more, the oldest are forgotten.
pub const MOST_WAITING: usize = 4_096;

/// Bytes of lines that wait at most.
pub const MOST_WAITING_BYTES: usize = 64 << 20;

/// Lines that wait for their other side.
#[derive(Debug, Default)]
pub struct Live {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    uid: Uid,
    side: Side,
    dialect: Dialect,
    text: Vec<u8>,
}

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing.
    Blank,
    /// A request, whose answer is to come.
    Request,
    /// An answer, whose request is to come or was not heard.
    Answer(Uid),
    /// The last line of an exchange.
    Last(Uid),
}

impl Live {
    /// Hears a line without its end, and tells the exchange that it completes.
    pub(crate) fn line(&mut self, text: &[u8], each: &mut dyn FnMut(Lines<'_>)) -> Result<Heard, Unreadable> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(Heard::Blank);
        }
        let known = line::look(text, Options { kinds: Kinds::All, ..Options::default() })?;
        let (uid, this) = (known.uid, Line { text, dialect: known.dialect });
        let partner = match known.side {
            Side::Whole => {
                each(Lines::One(this));
                return Ok(Heard::Last(uid));
            }
            Side::Request => Side::Answer,
            Side::Answer => Side::Request,
        };
        let Some(other) = self.take(uid, partner) else {
            self.wait(Waiting { uid, side: known.side, dialect: known.dialect, text: text.to_vec() });
            return Ok(if known.side == Side::Request { Heard::Request } else { Heard::Answer(uid) });
        };
        let other = Line { text: &other.text, dialect: other.dialect };
        let (request, answer) = if known.side == Side::Request { (this, other) } else { (other, this) };
        each(Lines::Two { request, answer });
        Ok(Heard::Last(uid))
    }

    /// Takes over what waits elsewhere, behind what waits here.
    pub(crate) fn merge(&mut self, other: Live) {
        other.waiting.into_iter().for_each(|waiting| self.wait(waiting));
    }

    /// The first that waits: as lines are paired where a uid is there twice.
    fn take(&mut self, uid: Uid, side: Side) -> Option<Waiting> {
        let at = self.waiting.iter().position(|waiting| waiting.uid == uid && waiting.side == side)?;
        let taken = self.waiting.remove(at)?;
        self.bytes -= taken.text.len();
        Some(taken)
    }

    fn wait(&mut self, waiting: Waiting) {
        self.bytes += waiting.text.len();
        self.waiting.push_back(waiting);
        while self.waiting.len() > MOST_WAITING || self.bytes > MOST_WAITING_BYTES {
            let Some(forgotten) = self.waiting.pop_front() else { return };
            self.bytes -= forgotten.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(live: &mut Live, line: &str) -> Vec<String> {
        let mut told = Vec::new();
        let text = |line: Line<'_>| String::from_utf8_lossy(line.text).into_owned();
        let _ = live.line(line.as_bytes(), &mut |lines| {
            told.push(match lines {
                Lines::One(line) => text(line),
                Lines::Two { request, answer } => format!("{} {}", text(request), text(answer)),
            });
        });
        told
    }

    #[test]
    fn lines_are_paired_in_any_order_and_uids_that_are_there_twice_in_theirs() {
        let mut live = Live::default();
        for (line, expected) in [
            ("{'messages': 1, 'uid': 'a'}", ""),
            ("{'messages': 2, 'uid': 'a'}\r", ""),
            ("", ""),
            ("{'assistant': 9, 'uid': 'b'}", ""),
            ("no line", ""),
            ("{'assistant': 3, 'uid': 'a'}", "{'messages': 1, 'uid': 'a'} {'assistant': 3, 'uid': 'a'}"),
            (r#"{"uid":"a","request":{}}"#, r#"{"uid":"a","request":{}}"#),
            ("{'messages': 4, 'uid': 'b'}", "{'messages': 4, 'uid': 'b'} {'assistant': 9, 'uid': 'b'}"),
            ("{'assistant': 5, 'uid': 'a'}", "{'messages': 2, 'uid': 'a'} {'assistant': 5, 'uid': 'a'}"),
            ("{'assistant': 5, 'uid': 'a'}", ""),
        ] {
            assert_eq!(told(&mut live, line).concat(), expected, "{line}");
        }
    }

    #[test]
    fn the_oldest_of_too_many_are_forgotten() {
        let mut live = Live::default();
        for number in 0..=MOST_WAITING {
            told(&mut live, &format!("{{'messages': 1, 'uid': '{number}'}}"));
        }
        assert_eq!(told(&mut live, "{'assistant': 1, 'uid': '0'}").len(), 0);
        assert_eq!(told(&mut live, &format!("{{'assistant': 1, 'uid': '{MOST_WAITING}'}}")).len(), 1);
        let long = format!("{{'messages': '{}', 'uid': 'x'}}", "x".repeat(MOST_WAITING_BYTES));
        told(&mut live, &long);
        assert_eq!((live.waiting.len(), live.bytes), (0, 0));
    }
}
