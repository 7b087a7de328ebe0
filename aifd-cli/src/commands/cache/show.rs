//! `aifd cache show`: one answer, and what was asked.

use super::ask;
use crate::{
    cli::ShowAnswer,
    commands::admin::Admin,
    report::Failure,
    ui::{Fields, Ui, grouped},
};
use aifd_core::control::{CacheAnswer, CacheEntry, CacheRequest};

pub(super) fn show(admin: &Admin, arguments: ShowAnswer, ui: &Ui) -> Result<(), Failure> {
    let CacheAnswer::Entry(entry) = ask(admin, CacheRequest::Show { key: arguments.key })? else {
        return Err(Failure::OtherAnswer);
    };
    if arguments.output.json {
        return Ok(ui.json(&entry)?);
    }
    let mut page = fields(&entry).render(ui.paint());
    if let Some(request) = &entry.request {
        page.push_str(&section("request", &pretty(request), ui));
    }
    let body = match (&entry.body, &entry.body_base64) {
        (Some(text), _) => serde_json::from_str(text).map_or_else(|_| text.clone(), |body| pretty(&body)),
        (None, encoded) => format!("{} (base64)", encoded.as_deref().unwrap_or_default()),
    };
    page.push_str(&section("answer", &body, ui));
    Ok(ui.data(page)?)
}

fn fields(entry: &CacheEntry) -> Fields {
    let (method, path) = entry.target();
    let time = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    Fields::default()
        .field("key", &*entry.key)
        .field("request", format!("{method} {path}"))
        .field("route", entry.route())
        .field_if("model", entry.model().map(str::to_owned))
        .field("status", entry.status().to_string())
        .field("content type", entry.content_type())
        .field("stored", time(entry.stored))
        .field_if("expires", entry.expires.map(time))
        .field_if(
            "tokens",
            entry.usage().map(|(prompt, answer)| format!("{} + {}", grouped(prompt), grouped(answer))),
        )
}

fn section(name: &str, text: &str, ui: &Ui) -> String {
    let lines = text.lines().map(|line| format!("{}\n", crate::ui::printable(line)));
    format!("\n{}\n{}", ui.paint().head(name), lines.collect::<String>())
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
