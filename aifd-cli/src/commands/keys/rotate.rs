//! `aifd keys rotate`: a new secret for a key, and the only sight of it.

use super::{admin::Admin, confirm, view};
use crate::{
    cli::{Place, Rotate},
    report::Failure,
    ui::Ui,
};
use aifd_core::control::{KeyName, Request};
use chrono::TimeDelta;

/// Asks where the old secret ends at once, and rotates.
pub(super) fn rotate(place: &Place, arguments: Rotate, ui: &Ui) -> Result<(), Failure> {
    let grace_s = seconds(arguments.grace);
    if grace_s == 0 && !arguments.yes {
        confirm(&format!("The present secret of {} ends at once. Go on?", arguments.key), ui)?;
    }
    // Before the store is opened: nobody else can have it meanwhile.
    let secret = arguments.secret_stdin.then(|| ui.secret()).transpose().map_err(Failure::Secret)?;
    let admin = Admin::reach(place)?;
    let request = Request::RotateKey { key: KeyName(arguments.key), grace_s, secret };
    let rotated = admin.created(request)?;
    view::created(&rotated, "rotated", arguments.json, ui)
}

fn seconds(grace: Option<TimeDelta>) -> u64 {
    grace.and_then(|grace| u64::try_from(grace.num_seconds()).ok()).unwrap_or(0)
}
