//! `aifd logs stats`: counts, tokens and times, summed as was asked for.

use super::{
    super::csv::csv,
    choice::Chosen,
    places::{self, Stop},
};
use crate::{
    cli::Stats,
    report::Failure,
    ui::{Ui, grouped, milliseconds},
};
use aifd_log::{
    pair::Reading,
    stats::{Label, Statistics, Sum},
};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// Prints the sums.
pub(super) fn stats(arguments: &Stats, ui: &Ui) -> Result<(), Failure> {
    let chosen = Chosen::of(&arguments.choice, "logs stats")?;
    let reading = places::reading(&arguments.place)?;
    let mut statistics = Statistics::new(arguments.by.iter().map(|by| by.label()).collect());
    let outlined = reading.map::<_, Stop>(
        &(),
        &|pair| Ok(Some(pair.lines.outline(None)?).filter(|exchange| chosen.accepts(exchange))),
        &mut |exchange| {
            exchange.iter().for_each(|exchange| statistics.add(exchange));
            Ok(())
        },
    );
    outlined.map_err(places::failure)?;
    if arguments.json {
        ui.json(&rows(&statistics))?;
    } else if arguments.csv {
        ui.data(csv(&HEAD, &rows(&statistics))?)?;
    } else if statistics.sums().len() > 0 {
        ui.data(table(&statistics, ui.columns(), ui))?;
    } else {
        ui.talk("no exchanges");
    }
    places::tell(&reading, ui);
    unpaired(&reading, ui);
    Ok(())
}

/// Lines that no exchange could be made of are in no sum.
fn unpaired(reading: &Reading, ui: &Ui) {
    let mark = ui.paint_talk().hint("note:");
    for (count, one, several) in [
        (reading.report().unpaired_requests, "request has no answer", "requests have no answer"),
        (reading.report().unpaired_answers, "answer has no request", "answers have no request"),
    ] {
        if count > 0 {
            ui.talk(format_args!("{mark} {} {}", grouped(count), if count == 1 { one } else { several }));
        }
    }
}

/// The columns of CSV, and of the objects.
const HEAD: [&str; 18] = [
    "day",
    "key",
    "model",
    "route",
    "status",
    "exchanges",
    "failed",
    "cancelled",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "without_usage",
    "latency_ms",
    "latency_p50_ms",
    "latency_p95_ms",
    "ttft_ms",
    "ttft_p50_ms",
    "ttft_p95_ms",
];

/// A sum; what it is not summed by is null.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Row {
    day: Option<String>,
    key: Option<String>,
    model: Option<String>,
    route: Option<String>,
    status: Option<u16>,
    exchanges: u64,
    failed: u64,
    cancelled: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    without_usage: u64,
    latency_ms: Option<f64>,
    latency_p50_ms: Option<f64>,
    latency_p95_ms: Option<f64>,
    ttft_ms: Option<f64>,
    ttft_p50_ms: Option<f64>,
    ttft_p95_ms: Option<f64>,
}

fn rows(statistics: &Statistics) -> Vec<Row> {
    let row = |(labels, sum): (&[String], &Sum)| {
        let label = |wanted| {
            let told = statistics.by().iter().zip(labels);
            told.clone().find(|(label, _)| **label == wanted).map(|(_, text)| text.clone())
        };
        // Microseconds are what a log tells.
        let time = |time: Option<f64>| time.map(|time| (time * 1e3).round() / 1e3);
        Row {
            day: label(Label::Day),
            key: label(Label::Key),
            model: label(Label::Model),
            route: label(Label::Route),
            status: label(Label::Status).and_then(|status| status.parse().ok()),
            exchanges: sum.exchanges,
            failed: sum.failed,
            cancelled: sum.cancelled,
            prompt_tokens: sum.prompt_tokens,
            completion_tokens: sum.completion_tokens,
            total_tokens: sum.total_tokens,
            without_usage: sum.without_usage,
            latency_ms: time(sum.latency.average()),
            latency_p50_ms: time(sum.latency.percentile(50)),
            latency_p95_ms: time(sum.latency.percentile(95)),
            ttft_ms: time(sum.ttft.average()),
            ttft_p50_ms: time(sum.ttft.percentile(50)),
            ttft_p95_ms: time(sum.ttft.percentile(95)),
        }
    };
    statistics.sums().map(row).collect()
}

/// A column of numbers: its head, whether it is there even if it says nothing, and what stands in it.
type Column = (&'static str, bool, fn(&Sum) -> Option<String>);

const COLUMNS: [Column; 13] = [
    ("EXCHANGES", true, |sum| Some(grouped(sum.exchanges))),
    ("FAILED", true, |sum| Some(grouped(sum.failed))),
    ("CANCELLED", false, |sum| count(sum.cancelled)),
    ("PROMPT", true, |sum| Some(grouped(sum.prompt_tokens))),
    ("COMPLETION", true, |sum| Some(grouped(sum.completion_tokens))),
    ("TOKENS", true, |sum| Some(grouped(sum.total_tokens))),
    ("UNKNOWN", false, |sum| count(sum.without_usage)),
    ("LATENCY", false, |sum| sum.latency.average().map(milliseconds)),
    ("P50", false, |sum| sum.latency.percentile(50).map(milliseconds)),
    ("P95", false, |sum| sum.latency.percentile(95).map(milliseconds)),
    ("TTFT", false, |sum| sum.ttft.average().map(milliseconds)),
    ("P50", false, |sum| sum.ttft.percentile(50).map(milliseconds)),
    ("P95", false, |sum| sum.ttft.percentile(95).map(milliseconds)),
];

fn count(count: u64) -> Option<String> {
    (count > 0).then(|| grouped(count))
}

/// Columns of times, which are left out one by one, from the last, where a terminal is too narrow.
const TIMES: usize = 6;

/// Only what it is summed by, and columns that say something and fit into so many columns of a terminal.
fn table(statistics: &Statistics, terminal: Option<usize>, ui: &Ui) -> String {
    let total = statistics.total();
    let says = |column: &&Column| column.1 || column.2(&total).is_some();
    let mut text = String::new();
    for left_out in 0..=TIMES {
        let columns: Vec<&Column> = COLUMNS[..COLUMNS.len() - left_out].iter().filter(says).collect();
        text = rendered(statistics, &total, &columns, ui);
        // Rows are as wide as their head, which has colours in it.
        let widest = text.lines().skip(1).map(UnicodeWidthStr::width).max().unwrap_or(0);
        if terminal.is_none_or(|terminal| widest <= terminal) {
            break;
        }
    }
    text
}

/// Rows with these columns of numbers; a total below more than one row.
fn rendered(statistics: &Statistics, total: &Sum, columns: &[&Column], ui: &Ui) -> String {
    let heads = statistics.by().iter().map(|label| match label {
        Label::Day => "DAY",
        Label::Key => "KEY",
        Label::Model => "MODEL",
        Label::Route => "ROUTE",
        Label::Status => "STATUS",
    });
    let first = statistics.by().len();
    let mut table =
        ui.table(heads.chain(columns.iter().map(|column| column.0))).numbers(first..first + columns.len());
    let cells = |sum: &Sum| -> Vec<String> {
        let nothing = |always: bool| if always { "0" } else { "-" }.to_owned();
        columns.iter().map(|(_, always, cell)| cell(sum).unwrap_or_else(|| nothing(*always))).collect()
    };
    for (labels, sum) in statistics.sums() {
        table.row(labels.iter().cloned().chain(cells(sum)));
    }
    if statistics.sums().len() > 1 {
        let label = |at| if at == 0 { "total".to_owned() } else { String::new() };
        table.row((0..first).map(label).chain(cells(total)));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aifd_log::exchange::Exchange;
    use serde_json::json;

    fn statistics(by: &[Label]) -> Statistics {
        let mut statistics = Statistics::new(by.to_vec());
        for (model, status, tokens, latency) in
            [("gpt-4o", 200, 1_500, 100.0), ("o3", 200, 10, 2_000.0), ("o3", 429, 0, 5.0)]
        {
            let line = json!({"uid": "u", "datetime": "2026-11-23 18:42:43", "route": "/", "request": {"model": model},
                "status": status, "end": "complete", "usage": {"prompt_tokens": tokens, "completion_tokens": 1},
                "latency_ms": latency});
            statistics.add(&Exchange::of_json(line.as_object().unwrap().clone()));
        }
        statistics
    }

    #[test]
    fn a_table_ends_in_a_total_and_has_no_columns_that_say_nothing() {
        let text = table(&statistics(&[Label::Model]), None, &Ui::piped());
        let expected = "\
MODEL   EXCHANGES  FAILED  PROMPT  COMPLETION  TOKENS  LATENCY    P50    P95
gpt-4o          1       0   1,500           1   1,501    100ms  100ms  100ms
o3              2       1      10           2      12    1.00s  5.0ms  2.00s
total           3       1   1,510           3   1,513    702ms   99ms  2.00s
";
        assert_eq!(text, expected);
        assert_eq!(table(&statistics(&[]), None, &Ui::piped()).lines().count(), 2);
        let narrow = table(&statistics(&[Label::Model]), Some(70), &Ui::piped());
        assert!(narrow.lines().all(|line| line.len() <= 70) && narrow.contains("LATENCY"), "{narrow}");
    }

    #[test]
    fn csv_and_json_have_the_same_columns() {
        let rows = rows(&statistics(&[Label::Status, Label::Day]));
        let text = csv(&HEAD, &rows).unwrap();
        let first = "2026-11-23,,,,200,2,0,0,1510,2,1512,0,1050.0,";
        assert!(text.lines().nth(1).unwrap().starts_with(first), "{text}");
        let json = serde_json::to_value(&rows[0]).unwrap();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), HEAD);
    }
}
