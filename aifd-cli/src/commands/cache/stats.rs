//! `aifd cache stats`.

use super::ask;
use crate::{
    commands::admin::Admin,
    report::Failure,
    ui::{Fields, Ui, bytes, grouped},
};
use aifd_core::control::{CacheAnswer, CacheRequest, CacheStats};

pub(super) fn stats(admin: &Admin, json: bool, ui: &Ui) -> Result<(), Failure> {
    let CacheAnswer::Stats(stats) = ask(admin, CacheRequest::Stats)? else {
        return Err(Failure::OtherAnswer);
    };
    if json {
        return Ok(ui.json(&stats)?);
    }
    ui.data(fields(&stats).render(ui.paint()))?;
    if stats.by_model.is_empty() {
        return Ok(());
    }
    let priced = stats.saved_money.is_some();
    let heads = ["ROUTE", "MODEL", "HITS", "MISSES", "PROMPT", "COMPLETION", "MONEY"];
    let columns = if priced { 7 } else { 6 };
    let mut table = ui.table(heads.into_iter().take(columns)).numbers(2..columns);
    for row in &stats.by_model {
        let counted = &row.counted;
        let numbers = [counted.hits, counted.misses, counted.prompt_tokens, counted.completion_tokens];
        let saved = row.saved_money.map(money).unwrap_or_default();
        let cells =
            [row.route.clone(), row.model.clone()].into_iter().chain(numbers.map(grouped)).chain([saved]);
        table.row(cells.take(columns));
    }
    Ok(ui.data(table)?)
}

fn money(amount: f64) -> String {
    format!("{amount:.4}")
}

fn fields(stats: &CacheStats) -> Fields {
    let ratio = stats.hit_ratio.map(|ratio| format!("{:.1} %", ratio * 100.0));
    Fields::default()
        .field("answers", format!("{} ({})", grouped(stats.entries), bytes(stats.bytes)))
        .field("in memory", format!("{} ({})", grouped(stats.memory_entries), bytes(stats.memory_bytes)))
        .field("hits", grouped(stats.hits))
        .field("misses", grouped(stats.misses))
        .field_if("hit ratio", ratio)
        .field(
            "tokens saved",
            format!(
                "{} of prompts, {} of answers",
                grouped(stats.saved_prompt_tokens),
                grouped(stats.saved_completion_tokens)
            ),
        )
        .field_if("money saved", stats.saved_money.map(money))
        .field("stored", grouped(stats.stored))
        .field(
            "not kept",
            format!("{} not whole, {} not written", grouped(stats.refused), grouped(stats.unwritten)),
        )
        .field("gone", format!("{} for others, {} expired", grouped(stats.evicted), grouped(stats.expired)))
}
