//! A conversion: from a source, through a selection, into a dataset.

use super::{
    direct::DirectError,
    fit::{Loss, Losses, Unfit},
    report::{Report, Tally},
    watch::Watch,
    write::{Dataset, Manner, Place, Row, WriteError},
};
use crate::{
    exchange::{End, Exchange, ParseError},
    pair::ReadError,
    redact::Redactor,
    select::{Criteria, Dedupe, Sample, Selector, Split, Verdict},
};
use std::{io, path::PathBuf};

/// Says of an exchange whether it is wanted and fits; from several threads where the source has them.
pub type Work<'a> = &'a (dyn Fn(&Exchange) -> Sorted + Sync);

/// Hears of exchanges one after the other.
pub type Each<'a> = &'a mut dyn FnMut(Heard) -> Result<(), ConvertError>;

/// Whether an exchange is wanted, and fits.
#[derive(Debug)]
pub enum Sorted {
    /// The selection does not want it.
    Unwanted,
    /// The format cannot hold it.
    Unfit(Unfit),
    /// It can be written: its row, where one was made.
    Fit(Option<Box<(Row, Losses)>>),
}

/// An exchange, and what was said of it.
#[derive(Debug)]
pub struct Heard {
    /// The exchange.
    pub exchange: Exchange,
    /// What was said of it.
    pub sorted: Sorted,
    /// Whether half a surrogate pair became U+FFFD when it was read.
    pub halves: bool,
}

/// Exchanges that can be gone through several times, in the same order.
pub trait Source {
    /// Bytes that one pass reads, beyond those that it tells the watch of itself.
    fn bytes(&self) -> u64;

    /// Goes through them. What cannot be read is counted, and the next is tried.
    ///
    /// # Errors
    /// When a file cannot be read at all, and what `each` fails with.
    fn pass(&mut self, work: Work<'_>, each: Each<'_>) -> Result<Tally, ConvertError>;
}

/// Why a conversion ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Logs cannot be read.
    #[error(transparent)]
    Logs(ReadError),
    /// A log is not what it was when it was looked through.
    #[error("{}:{line}: the file changed while it was read", file.display())]
    Changed {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong with it now.
        source: ParseError,
    },
    /// openai-forward's format cannot be written straight from the lines.
    #[error(transparent)]
    Direct(DirectError),
    /// A dataset cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Lines cannot be read, and that was to be an error. The report tells what was found; nothing was written.
    #[error("{} lines cannot be read", .0.read.unreadable())]
    Malformed(Box<Report>),
    /// It was asked to.
    #[error("interrupted")]
    Stopped,
}

/// What is taken of the exchanges, and what is made of them.
#[derive(Debug)]
pub struct Order {
    /// What an exchange has to be.
    pub criteria: Criteria,
    /// What counts as the same.
    pub dedupe: Option<Dedupe>,
    /// How many are drawn.
    pub sample: Option<Sample>,
    /// The parts of the dataset.
    pub split: Option<Split>,
    /// What is cut out of texts.
    pub redactor: Option<Redactor>,
    /// Lines that cannot be read are an error.
    pub strict: bool,
    /// How the dataset is written.
    pub manner: Manner,
}

impl Order {
    /// Whether not simply all exchanges go into one file.
    pub(super) fn selects(&self) -> bool {
        self.criteria != Criteria::default()
            || self.dedupe.is_some()
            || self.sample.is_some()
            || self.split.is_some()
    }

    /// Whether an exchange is wanted and fits, with its row if `rows` says so.
    fn sort(&self, exchange: &Exchange, rows: Rows) -> Sorted {
        if !self.criteria.accept(exchange) {
            return Sorted::Unwanted;
        }
        let any_end = !self.manner.format.trains() || !self.criteria.ends.is_empty();
        if !any_end && exchange.outcome() != End::Complete {
            return Sorted::Unfit(Unfit::NotComplete);
        }
        let row = match &self.redactor {
            Some(redactor) if rows == Rows::Kept => {
                let mut redacted = exchange.clone();
                redacted.redact(redactor);
                Row::of(&redacted, &self.manner)
            }
            _ => Row::of(exchange, &self.manner),
        };
        match row {
            Ok(row) => Sorted::Fit((rows == Rows::Kept).then(|| Box::new(row))),
            Err(unfit) => Sorted::Unfit(unfit),
        }
    }
}

/// What becomes of rows in a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// They are to be written.
    Kept,
    /// It only matters whether there is one.
    Dropped,
}

/// Converts what a source holds. Nothing takes its place before all of it is written.
///
/// # Errors
/// When something cannot be read or written, or the watch says so.
pub fn convert(
    source: &mut dyn Source,
    place: Place,
    order: &Order,
    watch: &Watch,
) -> Result<Report, ConvertError> {
    let mut selector = Selector::new(order.dedupe, order.sample);
    // What went down a stream cannot be taken back.
    let looks_first = order.strict && matches!(place, Place::Stream(_));
    watch.expect(source.bytes() * (selector.passes() + u64::from(looks_first)));
    let mut dataset = Some(Dataset::new(place, order.split.as_ref(), order.manner)?);
    if looks_first && source.pass(&|_| Sorted::Unwanted, &mut |_| Ok(()))?.unreadable() > 0 {
        dataset = None;
    }
    while selector.surveys() {
        source.pass(&|exchange| order.sort(exchange, Rows::Dropped), &mut |heard| {
            if let Sorted::Fit(_) = heard.sorted {
                selector.judge(&heard.exchange);
            }
            Ok(())
        })?;
        selector.next_pass();
    }
    let mut report = Report::default();
    let read = source.pass(&|exchange| order.sort(exchange, Rows::Kept), &mut |mut heard| {
        if select(&heard, &mut selector, &mut report).is_some()
            && let Sorted::Fit(Some(fit)) = std::mem::replace(&mut heard.sorted, Sorted::Unwanted)
        {
            let part = order.split.as_ref().map_or(0, |split| split.part(&heard.exchange));
            let (row, mut losses) = *fit;
            losses.add_if(heard.halves, Loss::HalfSurrogates);
            dataset.as_mut().map_or(Ok(()), |dataset| dataset.put(part, row))?;
            report.written += 1;
            losses.iter().for_each(|loss| *report.lost.entry(loss).or_default() += 1);
        }
        Ok(())
    })?;
    // What is short because nothing more was read does not take the place of anything.
    if watch.stopped() {
        return Err(ConvertError::Stopped);
    }
    report.read = read;
    report.refuse(order.strict)?;
    report.files = dataset.map_or(Ok(Vec::new()), Dataset::finish)?;
    Ok(report)
}

/// Whether an exchange is taken; if not, the report counts why.
pub(super) fn select(heard: &Heard, selector: &mut Selector, report: &mut Report) -> Option<()> {
    match &heard.sorted {
        Sorted::Unwanted => report.not_selected += 1,
        Sorted::Unfit(unfit) => *report.unfit.entry(*unfit).or_default() += 1,
        Sorted::Fit(_) => match selector.judge(&heard.exchange) {
            Verdict::Duplicate => report.duplicates += 1,
            Verdict::NotSampled => report.not_sampled += 1,
            Verdict::Taken => return Some(()),
        },
    }
    None
}
