//! `aifd logs`: one file a command.

mod choice;
mod grep;
mod line;
mod page;
mod places;
mod show;
mod stats;
mod tail;

use crate::{
    cli::{Logs, LogsCommand},
    report::Failure,
    ui::Ui,
};

/// Does what was asked for.
pub(super) fn logs(arguments: Logs, ui: &Ui) -> Result<(), Failure> {
    match arguments.command {
        LogsCommand::Tail(arguments) => tail::tail(arguments, ui),
        LogsCommand::Show(arguments) => show::show(&arguments, ui),
        LogsCommand::Stats(arguments) => stats::stats(&arguments, ui),
        LogsCommand::Grep(arguments) => grep::grep(&arguments, ui),
    }
}
