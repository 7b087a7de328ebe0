//! Logs as the source of a conversion, and openai-forward's format straight from their lines.

use super::{
    direct,
    report::{Malformed, Report, Tally},
    run::{ConvertError, Each, Heard, Order, Sorted, Source, Work, select},
    watch::Watch,
    write::{Place, Stream, WriteError, part_path},
};
use crate::{
    exchange::{Exchange, Mended, ParseError},
    literal::Fault,
    pair::{self, Kinds, Lines, Location, Options, Pair, Progress, ReadError, Reading, Unreadable},
    select::Selector,
    source::Input,
};
use std::path::Path;

/// Logs that were looked through.
#[derive(Debug)]
pub struct Logs<'a> {
    reading: Reading,
    watch: &'a Watch,
}

impl Progress for Watch {
    fn expect(&self, bytes: u64) {
        Watch::expect(self, bytes);
    }

    fn add(&self, bytes: u64) {
        Watch::add(self, bytes);
    }

    fn stopped(&self) -> bool {
        Watch::stopped(self)
    }
}

impl<'a> Logs<'a> {
    /// Opens logs; `spool` is a folder with room for those that are packed or come through a pipe. As openai-forward's
    /// format has it, only chats are read.
    ///
    /// # Errors
    /// When they cannot be read, or, with `compat`, when openai-forward's converter would fail at them.
    pub fn open(
        inputs: Vec<Input>,
        spool: &Path,
        kinds: Kinds,
        compat: bool,
        watch: &'a Watch,
    ) -> Result<Self, ConvertError> {
        let reading = Reading::open(inputs, spool, Options { compat, kinds }, watch)?;
        Ok(Logs { reading, watch })
    }

    /// Writes openai-forward's format straight from the lines.
    ///
    /// # Errors
    /// As [`super::convert`].
    pub fn direct(&mut self, place: Place, order: &Order) -> Result<Report, ConvertError> {
        let mut report = Report { read: self.tally(), ..Report::default() };
        let chosen = self.chosen(order, &mut report)?;
        report.refuse(order.strict)?;
        let names: Vec<Option<&str>> = match &order.split {
            Some(split) => split.names().map(Some).collect(),
            None => vec![None],
        };
        let mut streams = Vec::new();
        match place {
            Place::Stream(stream) => streams.push(Stream::new(stream)),
            Place::Path(path) => {
                for name in &names {
                    streams.push(Stream::to_file(&part_path(&path, *name), *name)?);
                }
            }
        }
        for (part, stream) in streams.iter_mut().enumerate() {
            let wanted =
                |number: usize| chosen.as_ref().is_none_or(|chosen| chosen.part(number) == Some(part));
            let written = direct::write(&self.reading, self.watch, stream, &wanted);
            stream.exchanges = written.map_err(|error| direct_error(error, stream.path()))?;
            stream.end()?;
            report.written += stream.exchanges;
        }
        if self.watch.stopped() {
            return Err(ConvertError::Stopped);
        }
        report.files = streams.into_iter().map(Stream::place).collect::<Result<_, _>>()?;
        Ok(report)
    }

    /// Which exchanges go into which part; `None`: all into the only one.
    fn chosen(&mut self, order: &Order, report: &mut Report) -> Result<Option<Chosen>, ConvertError> {
        if !order.selects() {
            return Ok(None);
        }
        let mut selector = Selector::new(order.dedupe, order.sample);
        let mut chosen = Chosen::default();
        let sort = |exchange: &Exchange| match order.criteria.accept(exchange) {
            true => Sorted::Fit(None),
            false => Sorted::Unwanted,
        };
        while selector.surveys() {
            self.numbered(&sort, &mut Tally::default(), &mut |_, heard| {
                if let Sorted::Fit(_) = heard.sorted {
                    selector.judge(&heard.exchange);
                }
            })?;
            selector.next_pass();
        }
        let mut read = std::mem::take(&mut report.read);
        self.numbered(&sort, &mut read, &mut |number, heard| {
            if select(&heard, &mut selector, report).is_some() {
                let part = order.split.as_ref().map_or(0, |split| split.part(&heard.exchange));
                chosen.put(number, part);
            }
        })?;
        report.read = read;
        Ok(Some(chosen))
    }

    fn numbered(
        &self,
        sort: Work<'_>,
        read: &mut Tally,
        each: &mut dyn FnMut(usize, Heard),
    ) -> Result<(), ConvertError> {
        let work = |pair: Pair<'_>| Ok::<_, ConvertError>((pair.number, self.heard(pair, sort)?));
        self.reading.map(self.watch, &work, &mut |(number, heard)| {
            match heard {
                Ok(heard) => each(number, heard),
                Err(fault) => read.no_exchange(fault),
            }
            Ok(())
        })
    }

    /// An exchange and what is said of it, or why its lines make none: they may be nested deeper than a dataset can be.
    fn heard(&self, pair: Pair<'_>, sort: Work<'_>) -> Result<Result<Heard, Malformed>, ConvertError> {
        match pair.lines.mended(None) {
            Ok(Mended { value: exchange, halves }) => {
                let sorted = sort(&exchange);
                Ok(Ok(Heard { exchange, sorted, halves }))
            }
            Err(error) => self.fault(pair, error).map(Err),
        }
    }

    /// Which line it is that makes no exchange. One that could not have been looked through before is another one now.
    fn fault(&self, pair: Pair<'_>, source: ParseError) -> Result<Malformed, ConvertError> {
        let is_answer = match pair.lines {
            Lines::One(_) => false,
            Lines::Two { request, .. } => request.fields().is_ok(),
        };
        let location = match is_answer {
            true => self.reading.answer_location(pair.number)?,
            false => self.reading.location(pair.number)?,
        };
        let Location { file, line } = location.unwrap_or_default();
        if !pair.lines.are_readable(self.reading.options()) {
            return Err(ConvertError::Changed { file, line, source });
        }
        let reason = match source {
            ParseError::Literal(fault) => told(fault),
            ParseError::NoFields(error) => error.to_string(),
        };
        Ok(Malformed { file, line, reason })
    }

    fn tally(&self) -> Tally {
        let found = self.reading.report();
        let faulty = |fault: &pair::Malformed| Malformed {
            file: fault.location.file.clone(),
            line: fault.location.line,
            reason: match fault.what {
                Unreadable::Literal(fault) => told(fault),
                what => what.to_string(),
            },
        };
        Tally {
            exchanges: found.exchanges,
            unpaired_requests: found.unpaired_requests,
            unpaired_answers: found.unpaired_answers,
            other: found.other,
            malformed: found.malformed,
            faults: found.faults.iter().map(faulty).collect(),
            unfinished: found.unfinished.iter().map(faulty).collect(),
        }
    }
}

impl Source for Logs<'_> {
    fn bytes(&self) -> u64 {
        // It tells the watch itself.
        0
    }

    fn pass(&mut self, work: Work<'_>, each: Each<'_>) -> Result<Tally, ConvertError> {
        let mut read = self.tally();
        let work = |pair: Pair<'_>| self.heard(pair, work);
        self.reading.map(self.watch, &work, &mut |heard| match heard {
            Ok(heard) => each(heard),
            Err(fault) => {
                read.no_exchange(fault);
                Ok(())
            }
        })?;
        Ok(read)
    }
}

/// What is wrong with a literal. Columns are counted from 1.
fn told(fault: Fault) -> String {
    format!("column {}: {}", fault.at + 1, fault.what)
}

/// The part of each number, one byte each.
#[derive(Debug, Default)]
struct Chosen(Vec<u8>);

impl Chosen {
    fn put(&mut self, number: usize, part: usize) {
        if self.0.len() <= number {
            self.0.resize(number + 1, 0);
        }
        // A split has fewer parts than a byte has values.
        self.0[number] = u8::try_from(part + 1).unwrap_or(u8::MAX);
    }

    fn part(&self, number: usize) -> Option<usize> {
        self.0.get(number).copied().and_then(|part| usize::from(part).checked_sub(1))
    }
}

impl From<ReadError> for ConvertError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Stopped => ConvertError::Stopped,
            other => ConvertError::Logs(other),
        }
    }
}

fn direct_error(error: direct::DirectError, path: &Path) -> ConvertError {
    match error {
        direct::DirectError::Read(error) => error.into(),
        direct::DirectError::Write(source) => {
            ConvertError::Write(WriteError { path: path.to_owned(), source: source.into() })
        }
        other => ConvertError::Direct(other),
    }
}
