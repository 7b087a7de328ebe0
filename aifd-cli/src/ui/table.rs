//! Tables of data.

use super::printable;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, presets};
use std::fmt;

/// Columns of a terminal below which wrapping cells would make them harder to read than long lines.
const LEAST_WIDTH: u16 = 60;

/// Columns of the terminal.
pub(super) fn terminal_width() -> Option<u16> {
    comfy_table::Table::new().width()
}

/// A table with a head and no borders, so that it reads well and cuts well.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(super) fn new<'a>(heads: impl IntoIterator<Item = &'a str>, bold: bool, fit: bool) -> Self {
        let mut table = comfy_table::Table::new();
        let fits = fit && table.width().is_some_and(|width| width >= LEAST_WIDTH);
        let arrangement = if fits { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
        table.load_preset(presets::NOTHING).set_content_arrangement(arrangement);
        let attributes = if bold { [Attribute::Bold].as_slice() } else { &[] };
        table.set_header(heads.into_iter().map(|head| Cell::new(head).add_attributes(attributes.to_vec())));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2)).set_cell_alignment(CellAlignment::Left);
        }
        Table(table)
    }

    /// Sets columns of numbers, counted from 0, to the right.
    pub(crate) fn numbers(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        for column in columns {
            if let Some(column) = self.0.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        self
    }

    /// Lets only these columns be broken, counted from 0, where the terminal is too narrow.
    pub(crate) fn breaking<const M: usize>(mut self, columns: [usize; M]) -> Self {
        for (at, column) in self.0.column_iter_mut().enumerate() {
            if !columns.contains(&at) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        self
    }

    /// Lets no cell be broken, however long its line becomes: what is in there will be copied.
    pub(crate) fn unbroken(mut self) -> Self {
        self.0.set_content_arrangement(ContentArrangement::Disabled);
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().map(|cell| printable(&cell).into_owned()));
    }
}

impl Table {
    /// Names stay whole where they take less than half of the terminal: one that is broken cannot be copied.
    fn with_whole_names(&self) -> comfy_table::Table {
        let mut table = self.0.clone();
        let names = table.column_max_content_widths().first().copied().unwrap_or_default();
        let room = table.width().is_some_and(|width| names < width / 2);
        if let Some(column) = table.column_mut(0).filter(|_| room) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        table
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_whole_names().lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn printed(width: u16) -> String {
        let mut table = Table::new(["KEY", "VALUE", "FROM"], false, true);
        table.0.set_width(width).set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        let long = "words that do not fit into one line of their column".to_owned();
        table.row(["cache.default_request_caching_value".into(), long.clone(), long]);
        table.to_string()
    }

    #[test]
    fn names_stay_whole_while_there_is_room_and_lines_fit_the_terminal() {
        for (width, whole) in [(60, false), (80, true), (200, true)] {
            let text = printed(width);
            assert_eq!(text.contains("cache.default_request_caching_value"), whole, "{width}:\n{text}");
            assert!(text.lines().all(|line| line.chars().count() <= width.into()), "{width}:\n{text}");
        }
    }

    #[test]
    fn numbers_stand_at_the_right_and_cells_cannot_steer_the_terminal() {
        let mut table = Table::new(["MODEL", "TOKENS"], false, false).numbers([1]);
        table.row(["gpt\x1b[2J".into(), "1,000".into()]);
        table.row(["b".into(), "1".into()]);
        assert_eq!(table.to_string(), "MODEL         TOKENS\ngpt\\u{1b}[2J   1,000\nb                  1\n");
    }
}
