//! The command line of aifd: arguments in, one exit code out.

mod cli;
mod commands;
mod diagnostics;
mod greeting;
mod moment;
mod report;
mod settings;
mod ui;

use clap::Parser;
use std::process::ExitCode;

// Forwarding allocates little and often, from one thread per core.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Does what the command line asks for. The name the program is called by (`openai-forward`) makes no difference.
#[must_use]
pub fn main() -> ExitCode {
    match cli::Cli::try_parse() {
        Ok(arguments) => {
            let ui = ui::Ui::decide(arguments.quiet);
            report::exit_code(commands::run(arguments.command, &ui), &ui)
        }
        Err(error) => report::exit_code(Err(report::Failure::Usage(error)), &ui::Ui::decide(false)),
    }
}
