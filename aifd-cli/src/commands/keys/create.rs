//! `aifd keys create`: a new key, and the only sight of its secret.

use super::{admin::Admin, view};
use crate::{
    cli::{Create, Fields, Place},
    report::Failure,
    ui::Ui,
};
use aifd_core::{
    control::Request,
    key::{KeyDraft, KeyQuotas},
    secret::Secret,
};

/// Makes it.
pub(super) fn create(place: &Place, arguments: Create, ui: &Ui) -> Result<(), Failure> {
    // Before the store is opened: nobody else can have it meanwhile.
    let secret = arguments.secret_stdin.then(|| ui.secret()).transpose().map_err(Failure::Secret)?;
    let admin = Admin::reach(place)?;
    let drafts = vec![draft(arguments.fields, secret, arguments.disabled)];
    let created = admin.created(Request::CreateKeys { drafts })?;
    view::created(&created, "created", arguments.json, ui)
}

fn draft(fields: Fields, secret: Option<Secret>, disabled: bool) -> KeyDraft {
    let quotas = KeyQuotas {
        requests: fields.requests.unwrap_or_default(),
        tokens: fields.tokens.unwrap_or_default(),
        concurrent: fields.concurrent,
    };
    KeyDraft {
        name: fields.name,
        secret,
        level: fields.level.unwrap_or_default(),
        models: fields.models,
        routes: fields.routes,
        quotas,
        expires: fields.expires,
        enabled: disabled.then_some(false),
        metadata: fields.metadata.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::draft;
    use crate::cli::{Cli, Command, Create, KeysCommand};
    use aifd_core::secret::Secret;
    use clap::Parser;
    use serde_json::json;

    fn create(flags: &str) -> Create {
        let line = ["aifd", "keys", "create"].into_iter().chain(flags.split_whitespace());
        let Some(Command::Keys(keys)) = Cli::try_parse_from(line).unwrap().command else { panic!("{flags}") };
        match keys.command {
            KeysCommand::Create(create) => create,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_become_a_draft() {
        let flags = "--name ci --level 2 --model a,b --model c* --route /x --requests 5/minute;9/hour --tokens 7/day \
            --concurrent 3 --expires 2999-01-31 --metadata k=v --metadata gone= --disabled";
        let parsed = create(flags);
        let draft = draft(parsed.fields, Some(Secret::new("fk-1")), parsed.disabled);
        let expected = json!({
            "name": "ci", "secret": "fk-1", "level": 2, "models": ["a", "b", "c*"], "routes": ["/x"],
            "quotas": {"requests": "5/minute;9/hour", "tokens": "7/day", "concurrent": 3},
            "expires": "2999-01-31T23:59:59Z", "enabled": false, "metadata": {"k": "v"},
        });
        assert_eq!(serde_json::to_value(draft).unwrap(), expected);
    }

    #[test]
    fn no_flags_are_a_key_that_may_do_all() {
        let expected = json!({
            "name": null, "secret": null, "level": 0, "models": [], "routes": [],
            "quotas": {"requests": "inf", "tokens": "inf", "concurrent": null},
            "expires": null, "enabled": null, "metadata": {},
        });
        assert_eq!(serde_json::to_value(draft(create("").fields, None, false)).unwrap(), expected);
    }

    #[test]
    fn a_flag_that_makes_no_sense_is_usage_and_no_secret_is_taken_as_an_argument() {
        for flags in [
            "--level x",
            "--requests 5/fortnight",
            "--tokens many",
            "--concurrent -1",
            "--expires yesterday",
            "--expires 2001-01-01",
            "--metadata k",
            "--secret fk-1",
            "fk-1",
        ] {
            let line = ["aifd", "keys", "create"].into_iter().chain(flags.split_whitespace());
            let error = Cli::try_parse_from(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{flags}: {error}");
        }
    }
}
