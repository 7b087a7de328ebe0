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
    let mut table = ui.table(["ROUTE", "MODEL", "HITS", "MISSES", "PROMPT", "COMPLETION"]).numbers(2..6);
    for row in &stats.by_model {
        let counted = &row.counted;
        let numbers = [counted.hits, counted.misses, counted.prompt_tokens, counted.completion_tokens];
        table.row([row.route.clone(), row.model.clone()].into_iter().chain(numbers.map(grouped)));
    }
    Ok(ui.data(table)?)
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
        .field("stored", grouped(stats.stored))
        .field(
            "not kept",
            format!("{} not whole, {} not written", grouped(stats.refused), grouped(stats.unwritten)),
        )
        .field("gone", format!("{} for others, {} expired", grouped(stats.evicted), grouped(stats.expired)))
}
