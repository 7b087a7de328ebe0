//! Tables of data.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, presets};
use std::fmt;

/// Columns of a terminal below which wrapping cells would make them harder to read than long lines.
const LEAST_WIDTH: u16 = 60;

/// A table with a head and no borders, so that it reads well and cuts well.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(super) fn new<const N: usize>(heads: [&str; N], bold: bool, fit: bool) -> Self {
        let mut table = comfy_table::Table::new();
        let fits = fit && table.width().is_some_and(|width| width >= LEAST_WIDTH);
        let arrangement = if fits { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
        table.load_preset(presets::NOTHING).set_content_arrangement(arrangement);
        let attributes = if bold { [Attribute::Bold].as_slice() } else { &[] };
        table.set_header(heads.map(|head| Cell::new(head).add_attributes(attributes.to_vec())));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2)).set_cell_alignment(CellAlignment::Left);
        }
        Table(table)
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}
