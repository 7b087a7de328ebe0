//! Joins requests and answers by their uids; of what is joined, only the index keeps anything.

use super::{
    Options, Report,
    index::{Index, Reply, Slot, Span},
    line::{Known, Side, Uid},
};
use std::collections::{HashMap, VecDeque};

/// Pairs under way.
#[derive(Debug, Default)]
pub(super) struct Join {
    index: Index,
    /// By uid, what has no other side yet.
    open: HashMap<Uid, Waiting>,
    /// As openai-forward joins: by uid, the slot of the last of each; no uid is forgotten.
    last: HashMap<Uid, usize>,
    compat: bool,
}

/// Lines of one uid that wait for the other side, in order; all are of one side.
#[derive(Debug)]
struct Waiting {
    first: Open,
    more: VecDeque<Open>,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    /// The number of its slot.
    Request(usize),
    Answer(Span),
}

impl Join {
    pub(super) fn new(options: Options) -> Self {
        Join { compat: options.compat, ..Join::default() }
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, known: Known, span: Span, report: &mut Report) {
        match known.side {
            _ if known.other => report.other += 1,
            Side::Request => report.requests += 1,
            Side::Answer => report.answers += 1,
            Side::Whole => report.exchanges += 1,
        }
        if self.compat {
            return self.last_wins(known, span);
        }
        match known.side {
            Side::Whole => {
                self.index.push(Slot::new(Some(span), Reply::Whole, known.other));
            }
            Side::Request => {
                let slot = self.index.push(Slot::new(Some(span), Reply::None, known.other));
                match self.partner(known.uid, |open| matches!(open, Open::Answer(_))) {
                    Some(Open::Answer(answer)) => self.pair(slot, answer, report),
                    _ => self.wait(known.uid, Open::Request(slot)),
                }
            }
            Side::Answer => match self.partner(known.uid, |open| matches!(open, Open::Request(_))) {
                Some(Open::Request(slot)) => self.pair(slot, span, report),
                _ => self.wait(known.uid, Open::Answer(span)),
            },
        }
    }

    fn pair(&mut self, slot: usize, answer: Span, report: &mut Report) {
        let Some(slot) = self.index.get_mut(slot) else { return };
        slot.set_reply(Reply::Line(answer));
        if slot.is_other() {
            // Its answer was counted as one of ours: lines of answers do not tell what they are about.
            report.answers -= 1;
            report.other += 1;
        } else {
            report.exchanges += 1;
        }
    }

    /// Takes the first that waits, if it is of the side that is looked for.
    fn partner(&mut self, uid: Uid, wanted: impl Fn(&Open) -> bool) -> Option<Open> {
        let waiting = self.open.get_mut(&uid).filter(|waiting| wanted(&waiting.first))?;
        let first = waiting.first;
        match waiting.more.pop_front() {
            Some(next) => waiting.first = next,
            None => drop(self.open.remove(&uid)),
        }
        Some(first)
    }

    fn wait(&mut self, uid: Uid, open: Open) {
        match self.open.get_mut(&uid) {
            Some(waiting) => waiting.more.push_back(open),
            None => drop(self.open.insert(uid, Waiting { first: open, more: VecDeque::new() })),
        }
    }

    fn last_wins(&mut self, known: Known, span: Span) {
        let slot = self.last.get(&known.uid).copied();
        let held = slot.and_then(|slot| self.index.get_mut(slot));
        let new = match (known.side, held) {
            (Side::Answer, Some(held)) => return held.set_reply(Reply::Line(span)),
            (Side::Answer, None) => Slot::new(None, Reply::Line(span), false),
            (_, Some(held)) if held.request().is_some() => return held.set_request(span),
            // The answer came first: the place is that of the request.
            (_, Some(held)) => Slot::new(Some(span), held.reply(), false),
            (_, None) => Slot::new(Some(span), Reply::None, false),
        };
        let slot = self.index.push(new);
        self.last.insert(known.uid, slot);
    }

    /// The exchanges, when all lines were taken.
    pub(super) fn finish(self, report: &mut Report) -> Index {
        if self.compat {
            let paired = self
                .last
                .values()
                .filter(|slot| self.index.get(**slot).is_some_and(|slot| slot.pair().is_some()));
            report.exchanges = paired.count() as u64;
            report.unpaired_requests = report.requests - report.exchanges;
            report.unpaired_answers = report.answers - report.exchanges;
            return self.index;
        }
        for waiting in self.open.values() {
            for open in std::iter::once(&waiting.first).chain(&waiting.more) {
                match open {
                    Open::Answer(_) => report.unpaired_answers += 1,
                    Open::Request(slot) if self.index.get(*slot).is_some_and(Slot::is_other) => {}
                    Open::Request(_) => report.unpaired_requests += 1,
                }
            }
        }
        self.index
    }
}
