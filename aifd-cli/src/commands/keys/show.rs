//! `aifd keys show`: all that is known of a key.

use super::{admin::Admin, view};
use crate::{
    cli::{Place, Show},
    report::Failure,
    ui::Ui,
};
use aifd_core::{
    clock,
    control::{KeyName, Request},
};

/// Prints it.
pub(super) fn show(place: &Place, arguments: Show, ui: &Ui) -> Result<(), Failure> {
    let admin = Admin::reach(place)?;
    let key =
        admin.keys(Request::ShowKey { key: KeyName(arguments.key) })?.pop().ok_or(Failure::OtherAnswer)?;
    if arguments.json {
        Ok(ui.json(&key)?)
    } else if ui.quiet() {
        Ok(ui.data(format_args!("{}\n", key.id))?)
    } else {
        Ok(ui.data(view::fields(&key, clock::utc()).render(ui.paint()))?)
    }
}
