//! One file a command.

mod completions;
mod config;
mod gen_config;
mod man;
mod run;
mod write;

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
        Some(Command::Config(command)) => config::config(command, ui),
        Some(Command::GenConfig(arguments)) => gen_config::gen_config(&arguments, ui),
        Some(Command::Completions(arguments)) => completions::completions(arguments.shell, ui),
        Some(Command::Man(arguments)) => man::man(&arguments, ui),
    }
}
