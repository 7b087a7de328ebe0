//! One file a command.

mod admin;
mod cache;
mod completions;
mod config;
mod convert;
mod csv;
mod facts;
mod gen_config;
mod keys;
mod logs;
mod man;
mod run;
mod status;
mod usage;
mod write;

pub(crate) use keys::{Fault, Faults};

use crate::{
    cli::{Cli, Command},
    report::Failure,
    ui::Ui,
};
use clap::CommandFactory;

/// Does what was asked for; without a command, that is help.
pub(crate) fn run(command: Option<Command>, ui: &Ui) -> Result<(), Failure> {
    match command {
        None => Ok(ui.data(ui.paint().styled(&Cli::command().render_help()))?),
        Some(Command::Run(arguments)) => run::run(arguments, ui),
        Some(Command::Keys(arguments)) => keys::keys(arguments, ui),
        Some(Command::Cache(arguments)) => cache::cache(arguments, ui),
        Some(Command::Convert(arguments)) => convert::convert(&arguments, ui),
        Some(Command::Usage(arguments)) => usage::usage(arguments, ui),
        Some(Command::Logs(arguments)) => logs::logs(arguments, ui),
        Some(Command::Status(arguments)) => status::status(&arguments, ui),
        Some(Command::Config(command)) => config::config(command, ui),
        Some(Command::GenConfig(arguments)) => gen_config::gen_config(&arguments, ui),
        Some(Command::Completions(arguments)) => completions::completions(arguments.shell, ui),
        Some(Command::Man(arguments)) => man::man(&arguments, ui),
    }
}
