//! Tables as CSV.

use serde::Serialize;
use std::io;

/// Rows below their columns' names, which are also there where there are no rows.
///
/// # Errors
/// When a row is none that a table can hold.
pub(super) fn csv(head: &[&str], rows: &[impl Serialize]) -> io::Result<String> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    table.write_record(head).map_err(io::Error::from)?;
    for row in rows {
        table.serialize(row).map_err(io::Error::from)?;
    }
    let bytes = table.into_inner().map_err(|error| io::Error::from(error.error().kind()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
