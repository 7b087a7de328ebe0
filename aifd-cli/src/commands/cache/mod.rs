//! `aifd cache`: what the gateway keeps of answers.

mod cassette;
mod show;
mod stats;

use super::admin::Admin;
use crate::{
    cli::{Cache, CacheCommand, Filter, ListAnswers, Output, Purge},
    report::{Failure, usage as misuse},
    ui::{Ui, bytes, grouped},
};
use aifd_core::control::{CacheAnswer, CacheFilter, CacheFreed, CacheRequest, Request, Response};

/// Does what was asked for.
pub(super) fn cache(arguments: Cache, ui: &Ui) -> Result<(), Failure> {
    let admin = Admin::reach(&arguments.place)?;
    match arguments.command {
        CacheCommand::Stats(output) => stats::stats(&admin, output.json, ui),
        CacheCommand::List(arguments) => list(&admin, &arguments, ui),
        CacheCommand::Show(arguments) => show::show(&admin, arguments, ui),
        CacheCommand::Purge(arguments) => purge(&admin, arguments, ui),
        CacheCommand::Verify(output) => verify(&admin, &output, ui),
        CacheCommand::Compact(output) => compact(&admin, &output, ui),
        CacheCommand::Export(arguments) => cassette::export(&admin, &arguments, ui),
        CacheCommand::Import(arguments) => cassette::import(&admin, &arguments, ui),
    }
}

fn ask(admin: &Admin, request: CacheRequest) -> Result<CacheAnswer, Failure> {
    match admin.ask(Request::Cache(request))? {
        Response::Cache(answer) => Ok(answer),
        _ => Err(Failure::OtherAnswer),
    }
}

fn filter(of: &Filter) -> CacheFilter {
    let seconds =
        |span: Option<chrono::TimeDelta>| span.and_then(|span| u64::try_from(span.num_seconds()).ok());
    CacheFilter {
        key: None,
        model: of.model.clone(),
        route: of.route.clone(),
        older_than_s: seconds(of.older_than),
        newer_than_s: seconds(of.newer_than),
        larger_than: of.larger_than,
        smaller_than: of.smaller_than,
        contains: of.contains.clone(),
    }
}

fn list(admin: &Admin, arguments: &ListAnswers, ui: &Ui) -> Result<(), Failure> {
    let request = CacheRequest::List { filter: filter(&arguments.filter) };
    let CacheAnswer::List(rows) = ask(admin, request)? else { return Err(Failure::OtherAnswer) };
    if arguments.output.json {
        return Ok(ui.json(&rows)?);
    }
    if rows.is_empty() {
        ui.talk("no answers");
        return Ok(());
    }
    let mut table =
        ui.table(["KEY", "STORED", "ROUTE", "PATH", "MODEL", "STATUS", "FORM", "BYTES"]).numbers(7..8);
    for row in rows {
        table.row([
            row.key.chars().take(12).collect::<String>(),
            row.stored.format("%Y-%m-%d %H:%M:%S").to_string(),
            row.route,
            row.path,
            row.model.unwrap_or_default(),
            row.status.to_string(),
            if row.stream { "stream" } else { "whole" }.to_owned(),
            grouped(row.bytes),
        ]);
    }
    Ok(ui.data(table)?)
}

fn purge(admin: &Admin, arguments: Purge, ui: &Ui) -> Result<(), Failure> {
    let filter = filter(&arguments.filter);
    if arguments.keys.iter().any(String::is_empty) {
        return Err(misuse("cache purge", "a key has digits"));
    }
    let dry_run = arguments.dry_run;
    let mut freed = CacheFreed { entries: 0, bytes: 0 };
    let each = match arguments.keys.is_empty() {
        true => vec![filter],
        false => {
            arguments.keys.into_iter().map(|key| CacheFilter { key: Some(key), ..filter.clone() }).collect()
        }
    };
    for filter in each {
        let CacheAnswer::Freed(more) = ask(admin, CacheRequest::Purge { filter, dry_run })? else {
            return Err(Failure::OtherAnswer);
        };
        freed.entries += more.entries;
        freed.bytes += more.bytes;
    }
    if arguments.output.json {
        return Ok(ui.json(&freed)?);
    }
    let verb = if dry_run { "would forget" } else { "forgot" };
    ui.talk(format_args!("{verb} {} ({})", answers(freed.entries), bytes(freed.bytes)));
    Ok(())
}

fn verify(admin: &Admin, output: &Output, ui: &Ui) -> Result<(), Failure> {
    let CacheAnswer::Verified(found) = ask(admin, CacheRequest::Verify)? else {
        return Err(Failure::OtherAnswer);
    };
    if output.json {
        return Ok(ui.json(&found)?);
    }
    ui.talk(format_args!("{} whole, {} damaged and forgotten", answers(found.good), grouped(found.damaged)));
    Ok(())
}

fn compact(admin: &Admin, output: &Output, ui: &Ui) -> Result<(), Failure> {
    let CacheAnswer::Freed(freed) = ask(admin, CacheRequest::Compact)? else {
        return Err(Failure::OtherAnswer);
    };
    if output.json {
        return Ok(ui.json(&freed)?);
    }
    ui.talk(format_args!("gave back {}", bytes(freed.bytes)));
    Ok(())
}

fn answers(count: u64) -> String {
    format!("{} answer{}", grouped(count), if count == 1 { "" } else { "s" })
}
