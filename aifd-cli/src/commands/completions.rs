//! `aifd completions`: the completion script of a shell.

use crate::{cli::Cli, report::Failure, ui::Ui};
use clap::CommandFactory;

/// Prints the script.
pub(super) fn completions(shell: clap_complete::Shell, ui: &Ui) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "aifd", &mut script);
    Ok(ui.data(String::from_utf8_lossy(&script))?)
}
