//! What a conversion did, for people and for programs.

use super::jobs::Job;
use crate::ui::{Fields, Ui, grouped};
use aifd_log::convert::{Report, Tally};
use serde_json::{Map, Value, json};

/// Tells it on standard error.
pub(super) fn report(job: &Job, report: &Report, ui: &Ui) {
    faults(&report.read, ui);
    ui.talk(fields(job, report).render(ui.paint_talk()).trim_end());
}

/// Tells lines that cannot be read, the first of them one by one.
fn faults(tally: &Tally, ui: &Ui) {
    let mark = ui.paint_talk().warning("warning:");
    for fault in &tally.faults {
        ui.talk(format_args!("{mark} {}:{}: {}", fault.file.display(), fault.line, fault.reason));
    }
    for last in &tally.unfinished {
        ui.talk(format_args!("{mark} {}:{}: unfinished last line", last.file.display(), last.line));
    }
    if let Some(more @ 1..) = tally.malformed.checked_sub(tally.faults.len() as u64) {
        ui.talk(format_args!("{} and {more} more", ui.paint_talk().hint("note:")));
    }
}

/// Counts that are not 0, but for what was read and written.
fn fields(job: &Job, report: &Report) -> Fields {
    let count = |count: u64| (count > 0).then(|| grouped(count));
    let from: Vec<String> = job.from.iter().map(|path| path.display().to_string()).collect();
    let mut fields = Fields::default()
        .field("from", from.join(", "))
        .field("exchanges read", grouped(report.read.exchanges))
        .field_if("requests without an answer", count(report.read.unpaired_requests))
        .field_if("answers without a request", count(report.read.unpaired_answers))
        .field_if("lines of other kinds", count(report.read.other))
        .field_if("malformed lines", count(report.read.malformed))
        .field_if("unfinished lines", count(report.read.unfinished.len() as u64))
        .field_if("not selected", count(report.not_selected))
        .field_if("duplicates", count(report.duplicates))
        .field_if("not in the sample", count(report.not_sampled));
    for (unfit, number) in &report.unfit {
        fields = fields.field("left out", format!("{}: {unfit}", grouped(*number)));
    }
    for (loss, number) in &report.lost {
        fields = fields.field("lost", format!("{}: {loss}", grouped(*number)));
    }
    for file in &report.files {
        fields = fields.field("written", format!("{} to {}", grouped(file.exchanges), file.path.display()));
    }
    fields
}

/// The same as an object.
pub(super) fn json(job: &Job, report: &Report) -> Value {
    let faults = report.read.faults.iter().chain(&report.read.unfinished);
    let faults: Vec<Value> =
        faults.map(|fault| json!({"file": fault.file, "line": fault.line, "reason": fault.reason})).collect();
    let files = report.files.iter();
    let files: Vec<Value> = files
        .map(|file| json!({"path": file.path, "part": file.part, "exchanges": file.exchanges}))
        .collect();
    let by_name = |counts: Vec<(&'static str, u64)>| -> Map<String, Value> {
        counts.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
    };
    json!({
        "from": job.from,
        "to": files,
        "read": report.read.exchanges,
        "written": report.written,
        "unpaired_requests": report.read.unpaired_requests,
        "unpaired_answers": report.read.unpaired_answers,
        "other": report.read.other,
        "malformed": report.read.malformed,
        "unfinished": report.read.unfinished.len(),
        "faults": faults,
        "not_selected": report.not_selected,
        "duplicates": report.duplicates,
        "not_sampled": report.not_sampled,
        "left_out": by_name(report.unfit.iter().map(|(unfit, count)| (unfit.name(), *count)).collect()),
        "lost": by_name(report.lost.iter().map(|(loss, count)| (loss.name(), *count)).collect()),
    })
}
