//! `aifd usage`: requests and tokens, summed as was asked for.

use super::{admin::Admin, csv::csv};
use crate::{
    cli::{By, Usage},
    report::{Failure, usage as misuse},
    ui::{Ui, grouped},
};
use aifd_core::control::{KeyName, Request, Response, UsageRow};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;

/// Prints the sums.
pub(super) fn usage(arguments: Usage, ui: &Ui) -> Result<(), Failure> {
    if let (Some(since), Some(until)) = (arguments.since, arguments.until)
        && since > until
    {
        return Err(misuse("usage", "--since lies after --until"));
    }
    let admin = Admin::reach(&arguments.place)?;
    let request = Request::Usage {
        since: arguments.since,
        until: arguments.until,
        key: arguments.key.map(KeyName),
        model: arguments.model,
    };
    let Response::Usage(rows) = admin.ask(request)? else { return Err(Failure::OtherAnswer) };
    let sums = summed(rows, &arguments.by);
    if arguments.json {
        return Ok(ui.json(&sums)?);
    }
    if arguments.csv {
        return Ok(ui.data(csv(&HEAD, &sums)?)?);
    }
    if sums.is_empty() {
        ui.talk("no usage");
        return Ok(());
    }
    Ok(ui.data(table(&sums, &arguments.by, ui))?)
}

/// A sum; what it is not summed by is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Sum {
    day: Option<NaiveDate>,
    key: Option<String>,
    name: Option<String>,
    model: Option<String>,
    requests: u64,
    errors: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    without_usage: u64,
}

impl Sum {
    fn add(&mut self, row: &UsageRow) {
        self.requests += row.requests;
        self.errors += row.errors;
        self.prompt_tokens += row.prompt_tokens;
        self.completion_tokens += row.completion_tokens;
        self.total_tokens += row.total_tokens;
        self.without_usage += row.without_usage;
    }

    fn numbers(&self) -> [u64; 6] {
        [
            self.requests,
            self.errors,
            self.prompt_tokens,
            self.completion_tokens,
            self.total_tokens,
            self.without_usage,
        ]
    }
}

/// In the order of day, name and model.
fn summed(rows: Vec<UsageRow>, by: &[By]) -> Vec<Sum> {
    let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
    for row in rows {
        let day = by.contains(&By::Day).then_some(row.day);
        let key = by.contains(&By::Key).then(|| (row.name.clone(), row.key.0.clone()));
        let model = by.contains(&By::Model).then(|| row.model.clone());
        let sum = sums.entry((day, key, model)).or_default();
        sum.add(&row);
    }
    let named = |((day, key, model), sum): ((_, Option<(String, String)>, _), Sum)| {
        let (name, key) = key.unzip();
        Sum { day, key, name, model, ..sum }
    };
    sums.into_iter().map(named).collect()
}

/// Only what it is summed by, and the numbers; a total below more than one row.
fn table(sums: &[Sum], by: &[By], ui: &Ui) -> impl std::fmt::Display + use<> {
    let labels: Vec<By> =
        [By::Day, By::Key, By::Model].into_iter().filter(|what| by.contains(what)).collect();
    let heads = labels.iter().map(|what| match what {
        By::Day => "DAY",
        By::Key => "KEY",
        By::Model => "MODEL",
    });
    // The last column says what is missing from the others: where nothing is, it would only take room.
    let missing = sums.iter().any(|sum| sum.without_usage > 0);
    let numbers =
        &["REQUESTS", "ERRORS", "PROMPT", "COMPLETION", "TOKENS", "UNKNOWN"][..if missing { 6 } else { 5 }];
    let first = labels.len();
    let mut table = ui.table(heads.chain(numbers.iter().copied())).numbers(first..first + numbers.len());
    for sum in sums {
        let cells = labels.iter().map(|what| match what {
            By::Day => sum.day.map(|day| day.to_string()).unwrap_or_default(),
            By::Key => sum.name.clone().unwrap_or_default(),
            By::Model => sum.model.clone().unwrap_or_default(),
        });
        table.row(cells.chain(sum.numbers().map(grouped).into_iter().take(numbers.len())));
    }
    if sums.len() > 1 {
        let mut total = [0_u64; 6];
        for sum in sums {
            total.iter_mut().zip(sum.numbers()).for_each(|(total, number)| *total += number);
        }
        let label = |at| if at == 0 { "total".to_owned() } else { String::new() };
        table.row((0..first).map(label).chain(total.map(grouped).into_iter().take(numbers.len())));
    }
    table
}

/// The columns of CSV, also where there are no rows.
const HEAD: [&str; 10] = [
    "day",
    "key",
    "name",
    "model",
    "requests",
    "errors",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "without_usage",
];

#[cfg(test)]
mod tests {
    use super::*;
    use aifd_core::key::KeyId;

    fn rows() -> Vec<UsageRow> {
        let row = |day: &str, name: &str, model: &str, requests| UsageRow {
            day: day.parse().unwrap(),
            key: KeyId(format!("key_{name}")),
            name: name.to_owned(),
            model: model.to_owned(),
            requests,
            errors: 1,
            prompt_tokens: 1_000 * requests,
            completion_tokens: requests,
            total_tokens: 1_001 * requests,
            without_usage: 0,
        };
        vec![
            row("2027-01-02", "b", "gpt-4o", 1_500),
            row("2027-01-01", "a", "o3", 1),
            row("2027-01-01", "b", "gpt-4o", 10),
            row("2027-01-02", "a", "gpt-4o", 2),
        ]
    }

    fn told(by: &[By]) -> Vec<String> {
        let label = |text: Option<String>| text.unwrap_or_else(|| "*".to_owned());
        let line = |sum: Sum| {
            let day = label(sum.day.map(|day| day.to_string()));
            format!("{day} {} {} {} {}", label(sum.name), label(sum.model), sum.requests, sum.total_tokens)
        };
        summed(rows(), by).into_iter().map(line).collect()
    }

    #[test]
    fn sums_are_by_what_was_asked_for_in_any_order() {
        assert_eq!(
            told(&[By::Model, By::Key]),
            ["* a gpt-4o 2 2002", "* a o3 1 1001", "* b gpt-4o 1510 1511510"]
        );
        assert_eq!(told(&[By::Day]), ["2027-01-01 * * 11 11011", "2027-01-02 * * 1502 1503502"]);
        assert_eq!(told(&[By::Day, By::Key, By::Model]).len(), 4);
    }

    #[test]
    fn a_table_ends_in_a_total_and_has_no_columns_that_say_nothing() {
        let by = [By::Key];
        let expected = "KEY    REQUESTS  ERRORS     PROMPT  COMPLETION     TOKENS\n\
                        a             3       2      3,000           3      3,003\n\
                        b         1,510       2  1,510,000       1,510  1,511,510\n\
                        total     1,513       4  1,513,000       1,513  1,514,513\n";
        assert_eq!(table(&summed(rows(), &by), &by, &Ui::piped()).to_string(), expected);
        let mut missing = summed(rows(), &[By::Model]);
        missing[0].without_usage = 7;
        let missing = table(&missing, &[By::Model], &Ui::piped()).to_string();
        assert!(
            missing.lines().next().unwrap().ends_with("UNKNOWN") && missing.ends_with("  7\n"),
            "{missing}"
        );
        let one = table(&summed(rows(), &[]), &[], &Ui::piped()).to_string();
        assert_eq!(one.lines().count(), 2, "{one}");
    }

    #[test]
    fn csv_and_json_have_the_same_columns() {
        let sums = summed(rows(), &[By::Key]);
        let text = csv(&HEAD, &sums).unwrap();
        assert_eq!(text.lines().nth(1), Some(",key_a,a,,3,2,3000,3,3003,0"));
        assert_eq!(csv(&HEAD, &[] as &[Sum]).unwrap().trim_end(), HEAD.join(","));
        let json = serde_json::to_value(&sums[0]).unwrap();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), HEAD);
    }
}
