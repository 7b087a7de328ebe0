//! `aifd man`: the manual, one page a command.

use crate::{
    cli::{self, Cli},
    report::Failure,
    ui::Ui,
};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::{fs, io};

/// Prints one page, or writes all of them.
pub(super) fn man(arguments: &cli::Man, ui: &Ui) -> Result<(), Failure> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let Some(dir) = &arguments.dir else {
        return Ok(ui.data(page(&named(&root, &arguments.command)?)?)?);
    };
    fs::create_dir_all(dir).map_err(|source| Failure::Write { path: dir.clone(), source })?;
    for command in every(&root) {
        let path = dir.join(Man::new(command.clone()).get_filename());
        fs::write(&path, page(&command)?).map_err(|source| Failure::Write { path, source })?;
    }
    Ok(())
}

/// The command that `names` leads to.
fn named(root: &Command, names: &[String]) -> Result<Command, Failure> {
    let mut command = root;
    for name in names.iter().flat_map(|name| name.split_whitespace()) {
        command = command.find_subcommand(name).ok_or_else(|| Failure::NoSuchPage(names.join(" ")))?;
    }
    Ok(command.clone())
}

/// A command and all below it.
fn every(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().filter(|command| !command.is_hide_set()).flat_map(every);
    std::iter::once(command.clone()).chain(below).collect()
}

fn page(command: &Command) -> io::Result<String> {
    let mut page = Vec::new();
    let source = concat!("aifd ", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone()).source(source).manual("aifd manual").render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
