//! Tables of data.

use super::printable;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, presets};
use std::fmt;

/// Columns of a terminal below which wrapping cells would make them harder to read than long lines.
const LEAST_WIDTH: u16 = 60;

/// Columns that a cell which may be broken has at least; where there is less room, long lines read better.
const LEAST_CELL: u16 = 12;

/// Blanks between two columns.
const GAP: u16 = 2;

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
            column.set_padding((0, GAP)).set_cell_alignment(CellAlignment::Left);
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
    /// Lets cells be broken only as far as that helps: a name that is broken cannot be copied, and a cell of single
    /// letters under each other cannot be read.
    fn arranged(&self) -> comfy_table::Table {
        let mut table = self.0.clone();
        let Some(width) = table.width() else { return table };
        let columns = table.column_iter().zip(table.column_max_content_widths());
        let least: Vec<u16> = columns
            .map(|(column, most)| {
                GAP + if column.constraint().is_some() { most } else { most.min(LEAST_CELL) }
            })
            .collect();
        let names = table.column_max_content_widths().first().copied().unwrap_or_default();
        let needed: u16 = least.iter().sum();
        let others = needed - least.first().copied().unwrap_or_default();
        if needed > width {
            table.set_content_arrangement(ContentArrangement::Disabled);
        } else if names + GAP + others <= width
            && let Some(column) = table.column_mut(0)
        {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        table
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arranged().lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
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
    fn no_cell_is_broken_into_letters_beside_a_long_name() {
        let keys = |name: &str, width| {
            let mut table =
                Table::new(["NAME", "KEY", "LIMITS", "EXPIRES", "USED"], false, true).breaking([0, 2]);
            table.0.set_width(width).set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
            let limits = "5/minute, 100/hour, 1000/day, 100000/day tokens";
            table.row([name, "fk-…t9rD", limits, "in 90d", "16m ago"].map(str::to_owned));
            table.to_string()
        };
        let long = "a-name-that-takes-nearly-half-of-it";
        let broken = keys(long, 70);
        assert!(!broken.contains(long) && broken.lines().count() <= 6, "{broken}");
        assert!(broken.lines().all(|line| line.chars().count() <= 70), "{broken}");
        assert!(keys(long, 100).contains(long));
        let narrow = keys(long, 50);
        assert_eq!(narrow.lines().count(), 2, "lines that are too long read better than letters\n{narrow}");
    }

    #[test]
    fn numbers_stand_at_the_right_and_cells_cannot_steer_the_terminal() {
        let mut table = Table::new(["MODEL", "TOKENS"], false, false).numbers([1]);
        table.row(["gpt\x1b[2J".into(), "1,000".into()]);
        table.row(["b".into(), "1".into()]);
        assert_eq!(table.to_string(), "MODEL         TOKENS\ngpt\\u{1b}[2J   1,000\nb                  1\n");
        let mut table = Table::new(["MODEL"], false, false);
        table.row(["a\u{202e}b".into()]);
        assert_eq!(table.to_string(), "MODEL\na\\u{202e}b\n", "nor turn the rest of a line around");
    }
}
