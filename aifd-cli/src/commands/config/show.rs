//! `aifd config show`: what holds, and where each value came from.

use crate::{cli::Listing, report::Failure, settings, ui::Ui};
use aifd_core::config::load;
use serde_json::{Value, json};

/// Prints every key.
pub(super) fn show(arguments: Listing, ui: &Ui) -> Result<(), Failure> {
    let settings = load(&settings::of_file(arguments.file.config)?)?.settings();
    if arguments.json {
        let rows = settings.iter().map(|setting| {
            json!({"key": setting.key.path, "value": setting.value, "from": setting.origin.to_string()})
        });
        return Ok(ui.json(&rows.collect::<Vec<Value>>())?);
    }
    let mut table = ui.table(["KEY", "VALUE", "FROM"]);
    for setting in &settings {
        table.row([setting.key.path.to_owned(), setting.to_string(), setting.origin.to_string()]);
    }
    Ok(ui.data(table)?)
}
