//! `aifd keys`: one file a command.

mod create;
mod delete;
mod entry;
mod export;
mod import;
mod list;
mod rotate;
mod show;
mod switch;
mod update;
mod view;

pub(crate) use import::{Fault, Faults};

use super::{admin, write};
use crate::{
    cli::{Keys, KeysCommand},
    report::Failure,
    ui::{Answer, Ui},
};

/// Does what was asked for.
pub(super) fn keys(arguments: Keys, ui: &Ui) -> Result<(), Failure> {
    let place = &arguments.place;
    match arguments.command {
        KeysCommand::Create(arguments) => create::create(place, arguments, ui),
        KeysCommand::List(arguments) => list::list(place, &arguments, ui),
        KeysCommand::Show(arguments) => show::show(place, arguments, ui),
        KeysCommand::Update(arguments) => update::update(place, *arguments, ui),
        KeysCommand::Disable(arguments) => switch::switch(place, arguments, switch::Switch::Off, ui),
        KeysCommand::Enable(arguments) => switch::switch(place, arguments, switch::Switch::On, ui),
        KeysCommand::Rotate(arguments) => rotate::rotate(place, arguments, ui),
        KeysCommand::Delete(arguments) => delete::delete(place, arguments, ui),
        KeysCommand::Import(arguments) => import::import(place, &arguments, ui),
        KeysCommand::Export(arguments) => export::export(place, &arguments, ui),
    }
}

/// Goes on only if a person says yes.
fn confirm(question: &str, ui: &Ui) -> Result<(), Failure> {
    match ui.ask(question).map_err(Failure::Input)? {
        Answer::Yes => Ok(()),
        Answer::No => Err(Failure::Declined),
        Answer::Nobody => Err(Failure::Unconfirmed),
    }
}

/// So many keys, as people say it.
fn counted(keys: usize) -> String {
    format!("{keys} key{}", if keys == 1 { "" } else { "s" })
}
