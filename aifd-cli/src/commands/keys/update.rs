//! `aifd keys update`: what keys may do from now on.

use super::{
    admin::{self, Admin},
    counted, view,
};
use crate::{
    cli::{Clear, Fields, Place, Update},
    report::{Failure, usage},
    ui::Ui,
};
use aifd_core::{control::Request, key::KeyChange, limit::quota::Quotas};

/// Changes them.
pub(super) fn update(place: &Place, arguments: Update, ui: &Ui) -> Result<(), Failure> {
    if arguments.fields.name.is_some() && arguments.keys.len() > 1 {
        return Err(usage("keys update", "--name names one key: give one KEY with it"));
    }
    let change = change(arguments.fields, arguments.clear);
    if change == KeyChange::default() {
        return Err(usage("keys update", "nothing to change: `aifd keys update --help` lists what can be"));
    }
    let admin = Admin::reach(place)?;
    let keys = admin.keys(Request::ChangeKeys { keys: admin::names(arguments.keys), change })?;
    view::keys(&keys, arguments.json, ui)?;
    ui.talk(format_args!("updated {}", counted(keys.len())));
    Ok(())
}

fn change(fields: Fields, clear: Clear) -> KeyChange {
    KeyChange {
        name: fields.name,
        level: fields.level,
        models: list(fields.models, clear.any_model),
        routes: list(fields.routes, clear.any_route),
        requests: if clear.no_requests { Some(Quotas::default()) } else { fields.requests },
        tokens: if clear.no_tokens { Some(Quotas::default()) } else { fields.tokens },
        concurrent: if clear.no_concurrent { Some(None) } else { fields.concurrent.map(Some) },
        expires: if clear.no_expiry { Some(None) } else { fields.expires.map(Some) },
        enabled: None,
        metadata: fields.metadata.into_iter().collect(),
    }
}

fn list(given: Vec<String>, clear: bool) -> Option<Vec<String>> {
    (clear || !given.is_empty()).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::change;
    use crate::cli::{Cli, Command, KeysCommand, Update};
    use aifd_core::key::KeyChange;
    use clap::Parser;

    fn parse(flags: &str) -> Result<Update, clap::Error> {
        let line = ["aifd", "keys", "update"].into_iter().chain(flags.split_whitespace());
        match Cli::try_parse_from(line)?.command {
            Some(Command::Keys(keys)) => match keys.command {
                KeysCommand::Update(update) => Ok(*update),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn of(flags: &str) -> KeyChange {
        let update = parse(flags).unwrap();
        change(update.fields, update.clear)
    }

    #[test]
    fn what_is_not_given_stays() {
        assert_eq!(of("a b"), KeyChange::default());
        assert_eq!(
            of("a --level 3"),
            KeyChange { level: Some(aifd_core::config::Level(3)), ..KeyChange::default() }
        );
        let models = Some(vec!["x".to_owned(), "y".to_owned()]);
        assert_eq!(of("a --model x,y"), KeyChange { models, ..KeyChange::default() });
    }

    #[test]
    fn what_shall_go_is_told_from_what_stays() {
        let all = of(
            "a --no-expiry --no-requests --no-tokens --no-concurrent --any-model --any-route --metadata k=",
        );
        let expected = KeyChange {
            models: Some(Vec::new()),
            routes: Some(Vec::new()),
            requests: Some("inf".parse().unwrap()),
            tokens: Some("inf".parse().unwrap()),
            concurrent: Some(None),
            expires: Some(None),
            metadata: [("k".to_owned(), String::new())].into(),
            ..KeyChange::default()
        };
        assert_eq!(all, expected);
    }

    #[test]
    fn what_contradicts_itself_is_usage() {
        for flags in [
            "",
            "a --no-expiry --expires 30d",
            "a --no-requests --requests 1/day",
            "a --no-tokens --tokens 1/day",
            "a --no-concurrent --concurrent 1",
            "a --any-model --model x",
            "a --any-route --route /x",
        ] {
            assert_eq!(parse(flags).unwrap_err().exit_code(), 2, "{flags}");
        }
    }
}
