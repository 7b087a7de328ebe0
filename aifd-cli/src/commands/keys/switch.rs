//! `aifd keys disable` and `aifd keys enable`.

use super::{
    admin::{self, Admin},
    counted, view,
};
use crate::{
    cli::{Named, Place},
    report::Failure,
    ui::Ui,
};
use aifd_core::{control::Request, key::KeyChange};

/// Which way keys are switched.
#[derive(Clone, Copy)]
pub(super) enum Switch {
    On,
    Off,
}

/// Switches them.
pub(super) fn switch(place: &Place, arguments: Named, to: Switch, ui: &Ui) -> Result<(), Failure> {
    let admin = Admin::reach(place)?;
    let (enabled, done) = match to {
        Switch::On => (true, "enabled"),
        Switch::Off => (false, "disabled"),
    };
    let change = KeyChange { enabled: Some(enabled), ..KeyChange::default() };
    let keys = admin.keys(Request::ChangeKeys { keys: admin::names(arguments.keys), change })?;
    view::keys(&keys, arguments.json, ui)?;
    ui.talk(format_args!("{done} {}", counted(keys.len())));
    Ok(())
}
