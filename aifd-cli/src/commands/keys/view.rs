//! Keys as people see them.

use crate::{
    moment,
    report::Failure,
    ui::{Fields, Table, Ui},
};
use aifd_core::{
    clock,
    control::{CreatedKey, KeyView},
    key::{KeyQuotas, KeySource, KeyState},
};
use chrono::{DateTime, Utc};

/// Stands where there is nothing.
const NONE: &str = "-";

/// Prints keys as a table, as JSON or, quietly, as ids.
pub(super) fn keys(keys: &[KeyView], json: bool, ui: &Ui) -> Result<(), Failure> {
    if json {
        return Ok(ui.json(&keys)?);
    }
    if ui.quiet() {
        let ids: String = keys.iter().map(|key| format!("{}\n", key.id)).collect();
        return Ok(ui.data(ids)?);
    }
    if keys.is_empty() {
        return Ok(());
    }
    Ok(ui.data(table(keys, clock::utc(), ui))?)
}

/// Columns below which a table of keys leaves out their ids, and names those that have no name by it.
const ROOM_FOR_IDS: u16 = 100;

fn table(keys: &[KeyView], now: DateTime<Utc>, ui: &Ui) -> Table {
    const NAMED: [&str; 7] = ["NAME", "KEY", "LEVEL", "STATE", "LIMITS", "EXPIRES", "USED"];
    if ui.narrower_than(ROOM_FOR_IDS) {
        let mut table = ui.table(NAMED).breaking([0, 4]).numbers([2]);
        for key in keys {
            table.row([key.name.clone()].into_iter().chain(row(key, now)));
        }
        return table;
    }
    let mut table = ui.table(["ID"].into_iter().chain(NAMED)).breaking([1, 5]).numbers([3]);
    for key in keys {
        let named = [key.id.to_string(), name(key).unwrap_or(NONE).to_owned()];
        table.row(named.into_iter().chain(row(key, now)));
    }
    table
}

/// What follows id and name.
fn row(key: &KeyView, now: DateTime<Utc>) -> [String; 6] {
    [
        key.key.to_string(),
        key.level.to_string(),
        state(key.state).to_owned(),
        limits(&key.quotas),
        key.expires.map_or_else(|| NONE.to_owned(), |time| moment::relative(time, now)),
        key.last_used.map_or_else(|| "never".to_owned(), |time| moment::relative(time, now)),
    ]
}

/// Prints a key with its secret: what is said goes to standard error, so that the secret alone is data.
pub(super) fn created(created: &CreatedKey, done: &str, json: bool, ui: &Ui) -> Result<(), Failure> {
    if json {
        return Ok(ui.json(created)?);
    }
    let key = &created.key;
    let paint = ui.paint_talk();
    ui.talk(format_args!("{done} {}\n\n{}", key.name, brief(key, clock::utc()).render(paint)));
    ui.data(format_args!("{}\n", created.secret.expose()))?;
    ui.talk(format_args!("\n{} keep this secret now: it is shown only this once", paint.hint("hint:")));
    Ok(())
}

/// What a new key may do.
fn brief(key: &KeyView, now: DateTime<Utc>) -> Fields {
    let some = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
    let limits = Some(limits(&key.quotas)).filter(|text| text != NONE);
    Fields::default()
        .field("id", key.id.to_string())
        .field_if("name", name(key).map(str::to_owned))
        .field("level", key.level.to_string())
        .field_if("state", (key.state != KeyState::Active).then(|| state(key.state).to_owned()))
        .field_if("models", some(&key.models))
        .field_if("routes", some(&key.routes))
        .field_if("limits", limits)
        .field_if("expires", key.expires.map(|time| both(time, now)))
        .field_if("metadata", metadata(key))
        .field_if("old secret", key.previous_until.map(|time| format!("good until {}", both(time, now))))
}

/// All that is known of a key.
pub(super) fn fields(key: &KeyView, now: DateTime<Utc>) -> Fields {
    let list = |list: &[String], none: &str| if list.is_empty() { none.to_owned() } else { list.join(", ") };
    let time = |time: Option<DateTime<Utc>>, none: &str| {
        time.map_or_else(|| none.to_owned(), |time| both(time, now))
    };
    let source = match key.source {
        KeySource::Store => "store",
        KeySource::Configuration => "configuration",
    };
    let concurrent = key.quotas.concurrent.map_or_else(|| "unlimited".to_owned(), |count| count.to_string());
    Fields::default()
        .field("id", key.id.to_string())
        .field("name", name(key).unwrap_or(NONE))
        .field("key", key.key.to_string())
        .field("source", source)
        .field("state", state(key.state))
        .field("level", key.level.to_string())
        .field("models", list(&key.models, "all that its level may use"))
        .field("routes", list(&key.routes, "all"))
        .field("requests", quota(&key.quotas.requests.to_string()))
        .field("tokens", quota(&key.quotas.tokens.to_string()))
        .field("concurrent", concurrent)
        .field("expires", time(key.expires, "never"))
        .field("metadata", metadata(key).unwrap_or_else(|| NONE.to_owned()))
        .field("created", time(key.created, NONE))
        .field("last used", time(key.last_used, "never"))
        .field_if("old secret", key.previous_until.map(|until| format!("good until {}", both(until, now))))
}

fn quota(text: &str) -> &str {
    if text == "inf" { "unlimited" } else { text }
}

/// What it was called; its id is no name.
pub(super) fn name(key: &KeyView) -> Option<&str> {
    Some(key.name.as_str()).filter(|name| *name != key.id.0)
}

fn metadata(key: &KeyView) -> Option<String> {
    let pairs: Vec<String> = key.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

fn both(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} ({})", moment::exact(time), moment::relative(time, now))
}

fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Active => "active",
        KeyState::Disabled => "disabled",
        KeyState::Expired => "expired",
    }
}

fn limits(quotas: &KeyQuotas) -> String {
    let mut parts: Vec<String> = quotas.requests.0.iter().map(|quota| format!("{quota}")).collect();
    parts.extend(quotas.tokens.0.iter().map(|quota| format!("{quota} tokens")));
    parts.extend(quotas.concurrent.map(|count| format!("{count} at once")));
    if parts.is_empty() { NONE.to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ui::PLAIN;
    use aifd_core::{
        config::Level,
        key::{KeyId, Masked},
    };

    pub(in crate::commands::keys) fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    pub(in crate::commands::keys) fn key(name: &str) -> KeyView {
        KeyView {
            id: KeyId("key_0123456789abcdef".to_owned()),
            name: name.to_owned(),
            key: Masked("fk-…k3Qa".to_owned()),
            source: KeySource::Store,
            state: KeyState::Active,
            level: Level(0),
            models: Vec::new(),
            routes: Vec::new(),
            quotas: KeyQuotas::default(),
            expires: None,
            enabled: true,
            metadata: std::collections::BTreeMap::new(),
            created: Some(at("2027-01-01T00:00:00Z")),
            last_used: None,
            previous_until: None,
        }
    }

    #[test]
    fn a_row_is_short() {
        let mut key = key("key_0123456789abcdef");
        let now = at("2027-01-10T12:00:00Z");
        assert_eq!(row(&key, now), ["fk-…k3Qa", "0", "active", "-", "-", "never"]);
        key.name = "ci".to_owned();
        key.quotas.requests = "5/minute;9/2hours".parse().unwrap();
        key.quotas.tokens = "1000000/day".parse().unwrap();
        key.quotas.concurrent = Some(4);
        key.expires = Some(at("2027-01-15T12:00:00Z"));
        key.last_used = Some(at("2027-01-10T11:57:00Z"));
        let limits = "5/minute, 9/2hours, 1000000/day tokens, 4 at once";
        assert_eq!(row(&key, now), ["fk-…k3Qa", "0", "active", limits, "in 5d", "3m ago"]);
    }

    #[test]
    fn all_that_is_known_is_shown() {
        let mut key = key("ci");
        key.models = vec!["gpt-4o*".to_owned(), "o3".to_owned()];
        key.metadata = [("team".to_owned(), "search".to_owned())].into();
        key.previous_until = Some(at("2027-01-11T12:00:00Z"));
        let expected = "id          key_0123456789abcdef\nname        ci\nkey         fk-…k3Qa\nsource      store\n\
            state       active\nlevel       0\nmodels      gpt-4o*, o3\nroutes      all\nrequests    unlimited\n\
            tokens      unlimited\nconcurrent  unlimited\nexpires     never\nmetadata    team=search\n\
            created     2027-01-01T00:00:00Z (9d ago)\nlast used   never\n\
            old secret  good until 2027-01-11T12:00:00Z (in 24h)\n";
        assert_eq!(fields(&key, at("2027-01-10T12:00:00Z")).render(PLAIN), expected);
    }
}
