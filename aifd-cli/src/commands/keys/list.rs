//! `aifd keys list`: the keys that fit.

use super::{admin::Admin, view};
use crate::{
    cli::{List, Place, State},
    report::Failure,
    ui::Ui,
};
use aifd_core::{
    clock,
    config::Level,
    control::{KeyView, Request},
    key::{KeyState, pattern},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Models that each level may use; one that is not here may use none, and level 0 all.
type LevelModels = BTreeMap<Level, Vec<String>>;

/// Prints them.
pub(super) fn list(place: &Place, arguments: &List, ui: &Ui) -> Result<(), Failure> {
    let admin = Admin::reach(place)?;
    let mut keys = admin.keys(Request::ListKeys)?;
    let all = keys.len();
    let now = clock::utc();
    keys.retain(|key| fits(key, arguments, &admin.config().access.level_models, now));
    view::keys(&keys, arguments.json, ui)?;
    match (keys.len(), all) {
        (0, 0) => ui.talk("no keys yet: `aifd keys create --name NAME` makes one"),
        (0, all) => ui.talk(format_args!("none of {} fits", super::counted(all))),
        _ => {}
    }
    Ok(())
}

fn fits(key: &KeyView, wanted: &List, levels: &LevelModels, now: DateTime<Utc>) -> bool {
    wanted.state.is_none_or(|state| state == of(key.state))
        && wanted.level.is_none_or(|level| level == key.level)
        && wanted.name.as_ref().is_none_or(|name| pattern::matches(name, &key.name))
        && wanted.model.as_ref().is_none_or(|model| may_use(key, model, levels))
        && wanted.unused_for.is_none_or(|span| unused_for(key, span, now))
}

fn of(state: KeyState) -> State {
    match state {
        KeyState::Active => State::Active,
        KeyState::Disabled => State::Disabled,
        KeyState::Expired => State::Expired,
    }
}

fn may_use(key: &KeyView, model: &str, levels: &LevelModels) -> bool {
    pattern::may_use(key.level, levels.get(&key.level).map(Vec::as_slice), &key.models, model)
}

/// A key that was never used counts from when it was made.
fn unused_for(key: &KeyView, span: TimeDelta, now: DateTime<Utc>) -> bool {
    key.last_used.or(key.created).is_none_or(|last| now - last >= span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{Cli, Command, KeysCommand},
        commands::keys::view::tests::{at, key},
    };
    use clap::Parser;

    fn found(flags: &str) -> Vec<String> {
        let line = ["aifd", "keys", "list"].into_iter().chain(flags.split_whitespace());
        let wanted = match Cli::try_parse_from(line).unwrap().command {
            Some(Command::Keys(keys)) => match keys.command {
                KeysCommand::List(list) => list,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        let levels = [(Level(1), vec!["gpt-*".to_owned()])].into();
        let mut keys = [key("ci"), key("team-a"), key("team-b"), key("old")];
        keys[1].level = Level(1);
        keys[1].models = vec!["gpt-4o*".to_owned(), "claude-*".to_owned()];
        keys[2].level = Level(2);
        keys[2].state = KeyState::Disabled;
        keys[3].state = KeyState::Expired;
        keys[3].created = Some(at("2026-01-01T00:00:00Z"));
        keys[0].last_used = Some(at("2027-01-09T00:00:00Z"));
        let now = at("2027-01-10T12:00:00Z");
        keys.iter().filter(|key| fits(key, &wanted, &levels, now)).map(|key| key.name.clone()).collect()
    }

    #[test]
    fn filters_hold_together() {
        for (flags, expected) in [
            ("", &["ci", "team-a", "team-b", "old"][..]),
            ("--state active", &["ci", "team-a"]),
            ("--state disabled", &["team-b"]),
            ("--state expired", &["old"]),
            ("--level 1", &["team-a"]),
            ("--name team-*", &["team-a", "team-b"]),
            ("--name team", &[]),
            ("--model gpt-4o-mini", &["ci", "team-a", "old"]),
            // Its own pattern allows it, its level does not.
            ("--model claude-3", &["ci", "old"]),
            ("--unused-for 30d", &["old"]),
            ("--unused-for 1d", &["ci", "team-a", "team-b", "old"]),
            ("--unused-for 2d", &["team-a", "team-b", "old"]),
            ("--state active --name team-*", &["team-a"]),
        ] {
            assert_eq!(found(flags), expected, "{flags}");
        }
    }
}
