//! What came of an import, or would.

use super::{super::counted, Draft, view};
use crate::{
    cli::Import,
    report::Failure,
    ui::{Table, Ui},
};
use aifd_core::{
    control::{CreatedKey, KeyExport, KeyView},
    key::Masked,
};
use serde_json::{Value, json};

/// Keys that were made; the secrets of those that were not given are shown this once.
pub(super) fn imported(created: &[CreatedKey], given: &[bool], json: bool, ui: &Ui) -> Result<(), Failure> {
    if json {
        let keys = created.iter().zip(given.iter().copied());
        let row = |(made, given): (&CreatedKey, bool)| json!({"key": made.key, "secret": (!given).then_some(&made.secret)});
        return Ok(ui.json(&keys.map(row).collect::<Vec<Value>>())?);
    }
    if ui.quiet() {
        return ids(created.iter().map(|made| &made.key), ui);
    }
    let table = secrets(created, given, ui);
    let generated = given.iter().filter(|given| !**given).count();
    if !created.is_empty() {
        ui.data(table)?;
    }
    ui.talk(format_args!("imported {}", counted(created.len())));
    if generated > 0 {
        let hint = ui.paint_talk().hint("hint:");
        ui.talk(format_args!("{hint} keep these secrets now: they are shown only this once"));
    }
    Ok(())
}

/// Columns below which a secret would not fit beside an id and a name.
const ROOM_FOR_IDS: u16 = 100;

/// Never broken: what is in there will be copied.
fn secrets(created: &[CreatedKey], given: &[bool], ui: &Ui) -> Table {
    let ids = !ui.narrower_than(ROOM_FOR_IDS);
    let heads = ["ID", "NAME", "LEVEL", "KEY"].into_iter().skip(usize::from(!ids));
    let mut table = ui.table(heads).numbers([1 + usize::from(ids)]).unbroken();
    for (made, given) in created.iter().zip(given) {
        let key = &made.key;
        let secret = if *given { key.key.to_string() } else { made.secret.expose().to_owned() };
        let name = if ids { view::name(key).unwrap_or("-") } else { &key.name };
        let cells = [key.id.to_string(), name.to_owned(), key.level.to_string(), secret];
        table.row(cells.into_iter().skip(usize::from(!ids)));
    }
    table
}

/// Keys whose hashes were restored, in the form of those that were made.
pub(super) fn restored(keys: &[KeyView], json: bool, ui: &Ui) -> Result<(), Failure> {
    if json {
        return Ok(
            ui.json(&keys.iter().map(|key| json!({"key": key, "secret": null})).collect::<Vec<Value>>())?
        );
    }
    view::keys(keys, false, ui)?;
    ui.talk(format_args!("restored {}: their secrets are good as they were", counted(keys.len())));
    Ok(())
}

/// Keys that would be made.
pub(super) fn would_be(drafts: Vec<Draft>, arguments: &Import, ui: &Ui) -> Result<(), Failure> {
    let count = drafts.len();
    let mut table = ui.table(["NAME", "LEVEL", "KEY"]).numbers([1]);
    let mut rows = Vec::new();
    for Draft { mut entry, .. } in drafts {
        let secret = entry.secret.take().map(|secret| Masked::of(secret.expose()).to_string());
        let level = *entry.level.get_or_insert(arguments.level);
        let name = entry.name.clone().unwrap_or_else(|| "-".to_owned());
        table.row([name, level.to_string(), secret.unwrap_or_else(|| "generated".to_owned())]);
        rows.push(entry);
    }
    if arguments.json {
        ui.json(&rows)?;
    } else if count > 0 && !ui.quiet() {
        ui.data(table)?;
    }
    ui.talk(format_args!("would import {}; nothing was stored", counted(count)));
    Ok(())
}

/// Keys that would be restored.
pub(super) fn would_restore(export: &KeyExport, json: bool, ui: &Ui) -> Result<(), Failure> {
    let mut table = ui.table(["ID", "NAME", "LEVEL", "KEY"]).numbers([2]);
    for key in &export.keys {
        table.row([key.id.to_string(), key.name.clone(), key.level.to_string(), key.masked.to_string()]);
    }
    if json {
        let row =
            |key: &aifd_core::key::ForwardKey| json!({"id": key.id, "name": key.name, "level": key.level});
        ui.json(&export.keys.iter().map(row).collect::<Vec<Value>>())?;
    } else if !export.keys.is_empty() && !ui.quiet() {
        ui.data(table)?;
    }
    ui.talk(format_args!("would restore {}; nothing was stored", counted(export.keys.len())));
    Ok(())
}

fn ids<'a>(keys: impl Iterator<Item = &'a KeyView>, ui: &Ui) -> Result<(), Failure> {
    Ok(ui.data(keys.map(|key| format!("{}\n", key.id)).collect::<String>())?)
}
