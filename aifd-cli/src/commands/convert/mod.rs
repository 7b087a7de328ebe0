//! `aifd convert`: chat logs into datasets.

mod jobs;
mod order;
mod sources;
mod stop;
mod told;

use crate::{
    cli::Convert,
    report::{Failure, usage},
    ui::{Progress, Ui},
};
use aifd_log::convert::{self, ConvertError, Report, Watch, write::Place};
use jobs::Job;
use std::sync::Arc;

/// Converts what was asked for.
pub(super) fn convert(arguments: &Convert, ui: &Ui) -> Result<(), Failure> {
    check(arguments)?;
    let mut order = order::of(arguments)?;
    let jobs = jobs::of(arguments)?;
    let mut done = Vec::new();
    let mut refused = None;
    for job in jobs {
        let report = match one(&job, arguments, &mut order, ui)? {
            Ok(report) => report,
            Err(Refused(report)) => {
                refused = Some(Failure::Malformed(report.read.unreadable()));
                *report
            }
        };
        if !arguments.json {
            told::report(&job, &report, ui);
        }
        done.push((job, report));
        if refused.is_some() {
            break;
        }
    }
    if arguments.json {
        ui.json(&done.iter().map(|(job, report)| told::json(job, report)).collect::<Vec<_>>())?;
    }
    refused.map_or(Ok(()), Err)
}

/// The report of a conversion that came to nothing because of lines that cannot be read.
struct Refused(Box<Report>);

fn one(
    job: &Job,
    arguments: &Convert,
    order: &mut convert::Order,
    ui: &Ui,
) -> Result<Result<Report, Refused>, Failure> {
    let opened = sources::open(job, arguments.from.dataset())?;
    if arguments.compat && opened.is_dataset() {
        return Err(usage("convert", "--compat is about logs, and this is a dataset"));
    }
    let watch = Arc::new(Watch::default());
    // Only now: until here, an interruption leaves nothing behind, and a read from a pipe ends with it.
    stop::on_signals(&watch).map_err(|source| Failure::System("listen for signals", source))?;
    let progress = Progress::show(ui, &watch);
    let place = match jobs::is_stream(&job.to) {
        true => Place::Stream(ui.data_stream()),
        false => Place::Path(job.to.clone()),
    };
    let converted = opened.convert(place, arguments, order, &watch);
    drop(progress);
    match converted {
        Ok(report) => Ok(Ok(report)),
        Err(ConvertError::Malformed(report)) => Ok(Err(Refused(report))),
        Err(error) => Err(failure(error)),
    }
}

fn failure(error: ConvertError) -> Failure {
    match error {
        ConvertError::Stopped => Failure::Interrupted,
        // Whoever reads the output has seen enough.
        ConvertError::Write(error) if error.is_broken_pipe() => {
            Failure::Output(std::io::ErrorKind::BrokenPipe.into())
        }
        other => Failure::Convert(other),
    }
}

/// What makes no sense together.
fn check(arguments: &Convert) -> Result<(), Failure> {
    let selection = &arguments.selection;
    let streamed = arguments.output.as_deref().is_some_and(jobs::is_stream);
    let misuse = if arguments.json && streamed {
        "standard output cannot be both the dataset and --json"
    } else if streamed && selection.split.is_some() {
        "--split writes several files: name one with --output"
    } else if arguments.compat && arguments.format != crate::cli::DatasetFormat::OpenaiForward {
        "--compat is about --format openai-forward"
    } else if arguments.compat && !(selection.redact.is_empty() && selection.redact_pattern.is_empty()) {
        "--compat writes what openai-forward writes: --redact cuts out of that"
    } else {
        return Ok(());
    };
    Err(usage("convert", misuse))
}
