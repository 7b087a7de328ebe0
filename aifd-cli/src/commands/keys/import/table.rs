//! Keys from a table: CSV whose first line names the columns.

use super::{
    super::{
        admin::nearest,
        entry::{COLUMNS, Entry, items},
    },
    Draft,
    fault::{Fault, What},
};
use crate::moment;
use aifd_core::{clock, config::Level, limit::quota::Quotas, secret::Secret};
use csv::{ReaderBuilder, StringRecord, Trim};

/// Reads all rows; every fault is told.
pub(super) fn read(text: &str) -> Result<Vec<Draft>, Vec<Fault>> {
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| vec![broken(&error)])?.clone();
    let columns = columns(&head)?;
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(broken(&error));
                continue;
            }
        };
        let line = record.position().map(|position| line(text, position));
        let mut row = Row { line, faults: &mut faults };
        if let Some(entry) = row.entry(&columns, &record) {
            drafts.push(Draft { line, entry });
        }
    }
    if faults.is_empty() { Ok(drafts) } else { Err(faults) }
}

/// The line of a record: the parser counts empty lines before one as a part of it.
fn line(text: &str, position: &csv::Position) -> u64 {
    let begins = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(begins..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

/// The known columns of the first line.
fn columns(head: &StringRecord) -> Result<Vec<&'static str>, Vec<Fault>> {
    let (mut columns, mut faults) = (Vec::new(), Vec::new());
    for name in head {
        let known = COLUMNS.into_iter().find(|column| column.eq_ignore_ascii_case(name));
        let what = match known {
            Some(column) if columns.contains(&column) => What::SecondColumn(column),
            Some(column) => {
                columns.push(column);
                continue;
            }
            None => {
                let nearest = nearest(name, COLUMNS.map(str::to_owned));
                let nearest = COLUMNS.into_iter().find(|column| nearest.as_deref() == Some(column));
                What::Column { name: name.to_owned(), nearest }
            }
        };
        faults.push(Fault { line: head.position().map(csv::Position::line).or(Some(1)), what });
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

fn broken(error: &csv::Error) -> Fault {
    Fault { line: error.position().map(csv::Position::line), what: What::Table(error.to_string()) }
}

/// A row while it is read.
struct Row<'a> {
    line: Option<u64>,
    faults: &'a mut Vec<Fault>,
}

impl Row<'_> {
    /// The row's entry; `None` if anything in it is wrong.
    fn entry(&mut self, columns: &[&'static str], record: &StringRecord) -> Option<Entry> {
        if record.len() != columns.len() {
            self.fault(What::Cells { expected: columns.len(), found: record.len() });
            return None;
        }
        let before = self.faults.len();
        let mut entry = Entry::default();
        for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
            self.cell(&mut entry, column, cell);
        }
        (self.faults.len() == before).then_some(entry)
    }

    fn cell(&mut self, entry: &mut Entry, column: &'static str, cell: &str) {
        match column {
            "name" => entry.name = Some(cell.to_owned()),
            "secret" => entry.secret = Some(Secret::new(cell)),
            "level" => entry.level = self.number(column, cell).map(Level),
            "models" => entry.models = items(cell),
            "routes" => entry.routes = items(cell),
            "requests" => entry.requests = self.quota(column, cell),
            "tokens" => entry.tokens = self.quota(column, cell),
            "concurrent" => entry.concurrent = self.number(column, cell),
            "expires" => match moment::end(cell, clock::utc()) {
                Ok(time) => entry.expires = Some(time),
                Err(fault) => self.fault(What::Time(fault)),
            },
            "enabled" => match cell.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => entry.enabled = Some(true),
                "false" | "no" | "0" => entry.enabled = Some(false),
                _ => self.fault(What::Value { column, expected: "true or false" }),
            },
            _ => self.metadata(entry, column, cell),
        }
    }

    fn metadata(&mut self, entry: &mut Entry, column: &'static str, cell: &str) {
        for item in items(cell) {
            match item.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    entry.metadata.insert(name.trim().to_owned(), value.trim().to_owned());
                }
                _ => self.fault(What::Value { column, expected: "a=b;c=d" }),
            }
        }
    }

    fn number(&mut self, column: &'static str, cell: &str) -> Option<u32> {
        let number = cell.parse().ok();
        if number.is_none() {
            self.fault(What::Value { column, expected: "a whole number" });
        }
        number
    }

    fn quota(&mut self, column: &'static str, cell: &str) -> Option<Quotas> {
        cell.parse().map_err(|fault| self.fault(What::Quota { column, fault })).ok()
    }

    fn fault(&mut self, what: What) {
        self.faults.push(Fault { line: self.line, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(text: &str) -> Vec<String> {
        let faults = read(text).unwrap_err();
        faults.iter().map(|fault| format!("{}: {}", fault.line.unwrap(), fault.what)).collect()
    }

    #[test]
    fn a_row_has_every_setting() {
        let text = "Name,secret,level,models,routes,requests,tokens,concurrent,expires,enabled,metadata\n\
            ci,fk-1,2,a;b*,/x,\"5/minute;9/hour\",7/day,3,2999-01-31,no,team=a;note=x\\;y=z\n\
            \n\
            ,,,,,,,,,,\n";
        let drafts = read(text).unwrap();
        assert_eq!(drafts.iter().map(|draft| draft.line.unwrap()).collect::<Vec<_>>(), [2, 4]);
        let expected = json!({
            "name": "ci", "secret": "fk-1", "level": 2, "models": ["a", "b*"], "routes": ["/x"],
            "requests": "5/minute;9/hour", "tokens": "7/day", "concurrent": 3,
            "expires": "2999-01-31T23:59:59Z", "enabled": false, "metadata": {"team": "a", "note": "x;y=z"},
        });
        assert_eq!(serde_json::to_value(&drafts[0].entry).unwrap(), expected);
    }

    #[test]
    fn what_is_exported_is_what_is_imported() {
        let text = "name,level,models,metadata,expires,enabled\nci,2,a;b\\;c,\"k=v;w=\\\\\",2999-01-01T00:00:00Z,true\n";
        let entry = read(text).unwrap().remove(0).entry;
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(COLUMNS).unwrap();
        table.write_record(entry.row()).unwrap();
        let written = String::from_utf8(table.into_inner().unwrap()).unwrap();
        let again = read(&written).unwrap().remove(0).entry;
        assert_eq!(serde_json::to_value(again).unwrap(), serde_json::to_value(entry).unwrap());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "name,level,requests,tokens,concurrent,expires,enabled,metadata\n\
            a,x,5/fortnight,,,,,\n\
            b,1,1/day,many,,,,\n\
            c,1\n\
            d,,,,-1,soon,perhaps,k\n\
            e,1,,,,,,\n";
        assert_eq!(
            faults(text),
            [
                "2: level: expected a whole number",
                "2: requests: no unit of time (second, minute, hour, day, month, year) in \"5/fortnight\"",
                "3: tokens: no whole number of events in \"many\"",
                "4: expected 8 cells, as the first line has, found 2",
                "5: concurrent: expected a whole number",
                "5: expires: expected 30d, 2027-01-31 or 2027-01-31T12:00:00Z",
                "5: enabled: expected true or false",
                "5: metadata: expected a=b;c=d",
            ]
        );
    }

    #[test]
    fn unknown_columns_are_faults_of_the_first_line() {
        let expected = [
            "1: unknown column `naem` (did you mean `name`?)",
            "1: unknown column `colour`",
            "1: the column `level` stands there twice",
        ];
        assert_eq!(faults("naem,colour,level,Level\na,b,1,1\n"), expected);
    }
}
