//! Logs that were looked through once: their exchanges in order, one by one, or on all cores.

use super::{
    Options, Progress, ReadError, Report,
    batch::{self, Batch, Window},
    index::{Index, Reply, Slot},
    lanes,
    report::Location,
    scan,
    texts::{Block, Texts},
};
use crate::{
    literal::Dialect,
    source::{self, Input},
};
use parking_lot::Mutex;
use std::{io::Write, path::Path};

/// A line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// One literal.
    pub text: &'t [u8],
    /// Its notation.
    pub dialect: Dialect,
}

/// The lines of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines<'t> {
    /// A line for each side.
    Two {
        /// What was asked.
        request: Line<'t>,
        /// What was answered.
        answer: Line<'t>,
    },
    /// One object that tells both, as `log.format: jsonl` writes it.
    One(Line<'t>),
}

/// An exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'t> {
    /// Its number, the same in every pass. Numbers ascend, and some are left out.
    pub number: usize,
    /// Its lines.
    pub lines: Lines<'t>,
}

/// Appends what becomes of an exchange, and says whether that is anything.
pub type Render<'r, E> = dyn Fn(Pair<'_>, &mut Vec<u8>) -> Result<bool, E> + Sync + 'r;

/// Logs whose exchanges were found.
#[derive(Debug)]
pub struct Reading {
    texts: Texts,
    index: Index,
    batches: Vec<Batch>,
    report: Report,
    options: Options,
}

impl Reading {
    /// Opens logs and looks at all their lines once, on all cores. See [`source::open`] for `inputs` and `spool`.
    ///
    /// # Errors
    /// When something cannot be read, the progress says so, or, in compat, openai-forward's converter would fail.
    pub fn open(
        inputs: Vec<Input>,
        spool: &Path,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Self, ReadError> {
        let texts = source::open(inputs, spool, &|| progress.stopped()).map_err(|error| {
            match progress.stopped() {
                true => ReadError::Stopped,
                false => error.into(),
            }
        })?;
        let texts = Texts::new(texts);
        let (index, report) = scan::scan(&texts, options, progress)?;
        let batches = batch::batches(&index, &texts);
        Ok(Reading { texts, index, batches, report, options })
    }

    /// What was found.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// How lines are read.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Bytes of all texts, unpacked.
    pub fn bytes(&self) -> u64 {
        self.texts.bytes()
    }

    /// Tells the exchanges in the order of their requests.
    ///
    /// # Errors
    /// When they cannot be read or the progress says so, and what `each` fails with.
    pub fn for_each<E: From<ReadError>>(
        &self,
        progress: &dyn Progress,
        each: &mut dyn FnMut(Pair<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(progress);
        let mut window = Window::default();
        for batch in &self.batches {
            self.batch(&mut window, *batch, progress, each)?;
        }
        Ok(())
    }

    /// The same with work that is done on all cores: `each` hears, in order, what `work` made of the exchanges.
    ///
    /// # Errors
    /// As [`Reading::for_each`].
    pub fn map<T: Send, E: From<ReadError> + Send>(
        &self,
        progress: &dyn Progress,
        work: &(dyn Fn(Pair<'_>) -> Result<T, E> + Sync),
        each: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(progress);
        lanes::in_order(
            lanes::lanes(),
            self.batches.len(),
            Window::default,
            |window, number| {
                let mut made = Vec::new();
                self.batch(window, self.batches[number], progress, &mut |pair| {
                    made.push(work(pair)?);
                    Ok::<(), E>(())
                })?;
                Ok(made)
            },
            |made| made.into_iter().try_for_each(&mut *each),
        )
    }

    /// Writes what `render` makes of the exchanges, on all cores and in order. It appends to its buffer and says whether
    /// it wrote something; `between` is put between two of these. Gives back how many were written.
    ///
    /// # Errors
    /// As [`Reading::for_each`], and when the output cannot be written.
    pub fn render<E: From<ReadError> + From<std::io::Error> + Send>(
        &self,
        progress: &dyn Progress,
        out: &mut dyn Write,
        between: &[u8],
        render: &Render<'_, E>,
    ) -> Result<u64, E> {
        self.expect(progress);
        // Buffers that were written and can be filled again.
        let spare: Mutex<Vec<Vec<u8>>> = Mutex::default();
        let mut written = 0;
        lanes::in_order(
            lanes::lanes(),
            self.batches.len(),
            Window::default,
            |window, number| {
                let mut made = spare.lock().pop().unwrap_or_default();
                let mut count = 0_u64;
                self.batch(window, self.batches[number], progress, &mut |pair| {
                    let before = made.len();
                    if count > 0 {
                        made.extend_from_slice(between);
                    }
                    match render(pair, &mut made)? {
                        true => count += 1,
                        false => made.truncate(before),
                    }
                    Ok::<(), E>(())
                })?;
                Ok((made, count))
            },
            |(mut made, count)| {
                if written > 0 && count > 0 {
                    out.write_all(between)?;
                }
                out.write_all(&made)?;
                written += count;
                made.clear();
                made.shrink_to(batch::LARGEST);
                spare.lock().push(made);
                Ok::<(), E>(())
            },
        )?;
        Ok(written)
    }

    /// One exchange by its number; `None` if there is none, or it is not whole. Its lines are read into a buffer.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read<'b>(&self, number: usize, buffer: &'b mut Vec<u8>) -> Result<Option<Pair<'b>>, ReadError> {
        let Some((request, answer)) = self.index.get(number).and_then(Slot::pair) else {
            return Ok(None);
        };
        let mut block = Block::default();
        let middle = block.append(&self.texts, request.at, request.bytes as usize)?;
        if let Some(answer) = answer {
            block.append(&self.texts, answer.at, answer.bytes as usize)?;
        }
        *buffer = block.into_bytes();
        let (first, second) = buffer.split_at(middle);
        let request = Line { text: first, dialect: request.dialect };
        let lines = match answer {
            None => Lines::One(request),
            Some(answer) => Lines::Two { request, answer: Line { text: second, dialect: answer.dialect } },
        };
        Ok(Some(Pair { number, lines }))
    }

    /// Tells the requests that have no answer, in their order: those under way, and those whose answers are lost.
    ///
    /// # Errors
    /// When they cannot be read, and what `each` fails with.
    pub fn unanswered<E: From<ReadError>>(
        &self,
        each: &mut dyn FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut block = Block::default();
        for slot in (0..self.index.len()).filter_map(|number| self.index.get(number)) {
            let Some(request) = slot.request().filter(|_| slot.reply() == Reply::None) else { continue };
            block.clear(usize::MAX);
            block.append(&self.texts, request.at, request.bytes as usize)?;
            each(Line { text: &block, dialect: request.dialect })?;
        }
        Ok(())
    }

    /// Where the request of an exchange stands. It counts lines: for what is told of few.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn location(&self, number: usize) -> Result<Option<Location>, ReadError> {
        self.line_at(number, false)
    }

    /// Where its answer stands, which is the same for a line that tells both.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn answer_location(&self, number: usize) -> Result<Option<Location>, ReadError> {
        self.line_at(number, true)
    }

    fn line_at(&self, number: usize, answer: bool) -> Result<Option<Location>, ReadError> {
        let Some(slot) = self.index.get(number) else { return Ok(None) };
        let span = match slot.reply() {
            Reply::Line(span) if answer => Some(span),
            _ => slot.request(),
        };
        span.map(|span| self.texts.location(span.at)).transpose()
    }

    fn expect(&self, progress: &dyn Progress) {
        progress.expect(self.batches.iter().map(|batch| batch.bytes).sum());
    }

    fn batch<E: From<ReadError>>(
        &self,
        window: &mut Window,
        batch: Batch,
        progress: &dyn Progress,
        each: &mut dyn FnMut(Pair<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if progress.stopped() {
            return Err(ReadError::Stopped.into());
        }
        window.read(batch, &self.index, &self.texts)?;
        window.pairs(batch, &self.index, &self.texts, each)?;
        progress.add(batch.bytes);
        Ok(())
    }
}
