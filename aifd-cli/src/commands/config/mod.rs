//! `aifd config`: what the configuration is, and what is wrong with it.

mod check;
mod env;
mod show;

use super::write;
use crate::{cli::Config, report::Failure, ui::Ui};
use std::path::Path;

/// Does what was asked for.
pub(super) fn config(command: Config, ui: &Ui) -> Result<(), Failure> {
    match command {
        Config::Check(arguments) => check::check(arguments, ui),
        Config::Show(arguments) => show::show(arguments, ui),
        Config::Init(arguments) if arguments.target == Path::new("-") => {
            Ok(ui.data(aifd_core::config::sample())?)
        }
        Config::Init(arguments) => write::sample(&arguments.target, arguments.force.into(), ui),
        Config::Schema => Ok(ui.json(&aifd_core::config::schema())?),
        Config::Env(arguments) => env::env(&arguments, ui),
    }
}
