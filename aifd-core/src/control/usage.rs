//! What keys used: what is stored, and what was counted since.

use super::{Administration, ControlError, KeyName, Response, UsageRow, keys};
use crate::{
    key::{KeyId, pattern},
    store::{Counts, LedgerKey},
};
use chrono::NaiveDate;

/// Rows of one answer at most.
const MAX_ROWS: usize = 1_000_000;

/// What is asked of the ledger.
pub(super) struct Asked {
    pub(super) since: Option<NaiveDate>,
    pub(super) until: Option<NaiveDate>,
    pub(super) key: Option<KeyName>,
    pub(super) model: Option<String>,
}

pub(super) fn usage(on: &Administration, asked: &Asked) -> Result<Response, ControlError> {
    let store = on.store()?;
    on.ledger.write(store)?;
    let wanted = asked.key.as_ref().map(|key| wanted(on, key)).transpose()?;
    let mut rows = Vec::new();
    for entry in store.counted(asked.since, asked.until) {
        let (at, counts) = entry?;
        let of_key = wanted.as_ref().is_none_or(|wanted| *wanted == at.key);
        let of_model = asked.model.as_ref().is_none_or(|model| pattern::matches(model, &at.model));
        if of_key && of_model {
            rows.push(row(on, at, counts));
        }
        if rows.len() > MAX_ROWS {
            let why = format!("more than {MAX_ROWS} rows: ask for fewer days, a key or a model");
            return Err(ControlError::Invalid { field: "since".to_owned(), why, index: None });
        }
    }
    Ok(Response::Usage(rows))
}

/// The id that is meant. One of a key that is gone still has its counts.
fn wanted(on: &Administration, name: &KeyName) -> Result<KeyId, ControlError> {
    match keys::named(on, name) {
        Err(_) if KeyId::is_like(&name.0) => Ok(KeyId(name.0.clone())),
        found => found.map(|key| key.id().clone()),
    }
}

fn row(on: &Administration, at: LedgerKey, counts: Counts) -> UsageRow {
    let name = on.book.by_id(&at.key.0).map_or_else(|| at.key.0.clone(), |key| key.name().to_owned());
    UsageRow {
        day: at.day,
        name,
        key: at.key,
        model: at.model,
        requests: counts.requests,
        errors: counts.errors,
        prompt_tokens: counts.prompt_tokens,
        completion_tokens: counts.completion_tokens,
        total_tokens: counts.prompt_tokens.saturating_add(counts.completion_tokens),
        without_usage: counts.without_usage,
    }
}
