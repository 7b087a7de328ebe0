//! The second pass: reads lines where they stand, those of neighbouring exchanges at once.

use super::{
    ReadError,
    index::{Index, Slot, Span},
    reading::{Line, Lines, Pair},
    texts::{Block, Texts},
};

/// Bytes of exchanges that are worked on at once, about.
const BYTES: u64 = 256 << 10;

/// Bytes that a buffer keeps when it is used again.
pub(super) const LARGEST: usize = 4 * BYTES as usize;

/// Bytes that a batch may stand apart: what is between its lines is read too.
const SPREAD: u64 = 2 * BYTES;

/// Exchanges with neighbouring requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// Numbers of slots.
    from: usize,
    to: usize,
    /// Bytes of their lines.
    pub(super) bytes: u64,
}

/// What a thread reads with.
#[derive(Debug, Default)]
pub(super) struct Window {
    begin: u64,
    bytes: Block,
    /// The one line of an exchange that stands far from the others.
    apart: Block,
}

/// Puts the exchanges of an index that are whole together in batches.
pub(super) fn batches(index: &Index, texts: &Texts) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let (mut begin, mut end, mut text) = (0, 0, None);
    for number in 0..index.len() {
        let Some((request, answer)) = index.get(number).and_then(Slot::pair) else { continue };
        let bytes = u64::from(request.bytes) + answer.map_or(0, |answer| u64::from(answer.bytes));
        let in_text = texts.at(request.at).map(|(_, begin)| begin);
        match batches.last_mut() {
            Some(batch)
                if batch.bytes + bytes <= BYTES
                    && request.at >= end
                    && request.end() - begin <= SPREAD
                    && text == in_text =>
            {
                batch.to = number + 1;
                batch.bytes += bytes;
            }
            _ => {
                batches.push(Batch { from: number, to: number + 1, bytes });
                (begin, text) = (request.at, in_text);
            }
        }
        end = request.end();
    }
    batches
}

impl Window {
    /// Reads what a batch stands in.
    pub(super) fn read(&mut self, batch: Batch, index: &Index, texts: &Texts) -> Result<(), ReadError> {
        let pairs = || (batch.from..batch.to).filter_map(|number| index.get(number)?.pair());
        let Some((first, _)) = pairs().next() else { return Ok(()) };
        let requests_end = pairs().map(|(request, _)| request.end()).max().unwrap_or(first.end());
        // Answers mostly stand right behind.
        let near = requests_end + BYTES;
        let text_end = texts.at(first.at).map_or(0, |(text, begin)| begin + text.bytes());
        let answers = pairs().filter_map(|(_, answer)| Some(answer?.end()));
        let end = answers.filter(|end| *end <= near.min(text_end)).fold(requests_end, u64::max);
        self.begin = first.at;
        self.bytes.clear(LARGEST);
        self.bytes.append(texts, first.at, (end - first.at) as usize)?;
        Ok(())
    }

    /// Tells the pairs of a batch that was read.
    pub(super) fn pairs<E: From<ReadError>>(
        &mut self,
        batch: Batch,
        index: &Index,
        texts: &Texts,
        each: &mut dyn FnMut(Pair<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for number in batch.from..batch.to {
            let Some((request, answer)) = index.get(number).and_then(Slot::pair) else { continue };
            if let Some(answer) = answer.filter(|answer| self.held(*answer).is_none()) {
                self.apart.clear(LARGEST);
                self.apart.append(texts, answer.at, answer.bytes as usize)?;
            }
            // A file that was cut short meanwhile has lines that cannot be read any more; the renderer says so.
            let request = Line { text: self.held(request).unwrap_or_default(), dialect: request.dialect };
            let lines = match answer {
                None => Lines::One(request),
                Some(answer) => {
                    let text = self.held(answer).unwrap_or(&self.apart);
                    Lines::Two { request, answer: Line { text, dialect: answer.dialect } }
                }
            };
            each(Pair { number, lines })?;
        }
        Ok(())
    }

    fn held(&self, span: Span) -> Option<&[u8]> {
        let from = usize::try_from(span.at.checked_sub(self.begin)?).ok()?;
        self.bytes.get(from..from + span.bytes as usize)
    }
}
