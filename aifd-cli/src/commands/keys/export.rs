//! `aifd keys export`: the keys of the store, to be imported elsewhere.

use super::{
    admin::Admin,
    counted,
    entry::{COLUMNS, Entry},
    write::{self, Existing},
};
use crate::{
    cli::{Export, ExportFormat, Place},
    report::{Failure, usage},
    ui::Ui,
};
use aifd_core::{
    control::{Request, Response},
    key::KeySource,
};
use std::{io, path::Path};

/// Writes them.
pub(super) fn export(place: &Place, arguments: &Export, ui: &Ui) -> Result<(), Failure> {
    if arguments.with_hashes && arguments.format == ExportFormat::Csv {
        return Err(usage("keys export", "--with-hashes is JSON: leave out --format csv"));
    }
    let admin = Admin::reach(place)?;
    let (text, count) =
        if arguments.with_hashes { hashes(&admin)? } else { settings(&admin, arguments.format)? };
    if arguments.file == Path::new("-") {
        return Ok(ui.data(text)?);
    }
    write::private(&arguments.file, Existing::from(arguments.force), &text)?;
    ui.talk(format_args!("exported {} to {}", counted(count), arguments.file.display()));
    Ok(())
}

fn hashes(admin: &Admin) -> Result<(String, usize), Failure> {
    match admin.ask(Request::ExportKeys)? {
        Response::Export(export) => {
            Ok((serde_json::to_string_pretty(&export).map_err(io::Error::from)? + "\n", export.keys.len()))
        }
        _ => Err(Failure::OtherAnswer),
    }
}

fn settings(admin: &Admin, format: ExportFormat) -> Result<(String, usize), Failure> {
    let keys = admin.keys(Request::ListKeys)?;
    let stored = keys.iter().filter(|key| key.source == KeySource::Store);
    let entries: Vec<Entry> = stored.map(Entry::of).collect();
    let text = match format {
        ExportFormat::Json => serde_json::to_string_pretty(&entries).map_err(io::Error::from)? + "\n",
        ExportFormat::Csv => table(&entries)?,
    };
    Ok((text, entries.len()))
}

fn table(entries: &[Entry]) -> io::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(io::Error::from)?;
    for entry in entries {
        table.write_record(entry.row()).map_err(io::Error::from)?;
    }
    let bytes = table.into_inner().map_err(|error| io::Error::from(error.error().kind()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
