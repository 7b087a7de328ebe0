//! Keys: made, found, changed, rotated, deleted, taken elsewhere.

use super::*;
use crate::{
    clock,
    key::{KeyChange, KeyDraft, KeyQuotas, KeyState},
    secret::Secret,
};
use chrono::TimeDelta;

fn change(names: &[&str], change: KeyChange) -> Request {
    Request::ChangeKeys { keys: names.iter().map(|each| name(each)).collect(), change }
}

fn state(on: &Administration, secret: &str, later: TimeDelta) -> Option<KeyState> {
    on.book().find(secret).map(|found| found.state(clock::utc() + later))
}

#[test]
fn keys_of_the_configuration_stand_first_and_are_changed_there_alone() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "")])).unwrap();
    let keys = views(apply(&on, Request::ListKeys).unwrap());
    let levels: Vec<_> = keys.iter().map(|key| (key.source, key.level.0)).collect();
    let (configured, stored) = (crate::key::KeySource::Configuration, crate::key::KeySource::Store);
    assert_eq!(levels, [(configured, 1), (configured, 2), (stored, 0)]);
    assert_eq!((keys[0].name.as_str(), keys[0].created), (keys[0].id.0.as_str(), None));
    let configured = KeyName(keys[0].id.0.clone());
    for request in [
        Request::DeleteKeys { keys: vec![name("a"), configured.clone()] },
        Request::ChangeKeys { keys: vec![configured.clone()], change: KeyChange::default() },
        Request::RotateKey { key: configured, grace_s: 0, secret: None },
    ] {
        let refused = apply(&on, request).unwrap_err();
        assert!(matches!(refused, ControlError::Configured { .. }), "{refused}");
    }
    assert_eq!(stored_names(&on), ["a"]);
    drop(on);
    let again = views(apply(&place.open(), Request::ListKeys).unwrap());
    assert_eq!(again[0].id, keys[0].id, "its id is stable");
}

#[test]
fn a_new_key_is_found_at_once_and_after_a_restart() {
    let place = Place::new();
    let on = place.open();
    let Response::Created(created) = apply(&on, create([draft("a", ""), KeyDraft::default()])).unwrap()
    else {
        panic!("created")
    };
    let secrets: Vec<_> = created.iter().map(|created| created.secret.expose().to_owned()).collect();
    assert_eq!(created[1].key.name, created[1].key.id.0, "the id serves as a name");
    assert_eq!(created[0].key.key.0, format!("fk-…{}", &secrets[0][secrets[0].len() - 4..]));
    assert_eq!(on.book().find(&secrets[0]).unwrap().key.name(), "a");
    drop(on);
    let on = place.open();
    assert_eq!(on.book().find(&secrets[0]).unwrap().key.name(), "a");
    assert_eq!(on.book().find(&secrets[1]).unwrap().key.id().clone(), created[1].key.id);
    assert!(on.book().find("fk-unknown").is_none());
    assert_eq!(on.book().find("fk-configured").unwrap().key.level().0, 1);
}

#[test]
fn new_keys_are_made_all_or_none() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("taken", "fk-taken")])).unwrap();
    let bad = [
        (draft("taken", ""), r#"{"error":"name_taken","name":"taken","index":1}"#),
        (draft("first", ""), r#"{"error":"name_taken","name":"first","index":1}"#),
        (draft("x", "fk-taken"), r#"{"error":"secret_taken","name":"taken","index":1}"#),
        (draft("x", "fk-first"), r#"{"error":"secret_taken","name":"first","index":1}"#),
        (draft("", ""), r#"{"error":"invalid","field":"name","why":"is empty","index":1}"#),
        (
            draft("key_0123456789abcdef", ""),
            r#"{"error":"invalid","field":"name","why":"looks like the id of another key","index":1}"#,
        ),
        (
            draft("line\nbreak", ""),
            r#"{"error":"invalid","field":"name","why":"holds control characters, or white space at its beginning or end","index":1}"#,
        ),
        (
            draft(&"n".repeat(201), ""),
            r#"{"error":"invalid","field":"name","why":"is longer than 200 characters","index":1}"#,
        ),
        (
            draft("x", "a b"),
            r#"{"error":"invalid","field":"secret","why":"holds other characters than visible ASCII","index":1}"#,
        ),
        (
            draft("x", &"s".repeat(513)),
            r#"{"error":"invalid","field":"secret","why":"is longer than 512 characters","index":1}"#,
        ),
        (
            KeyDraft { secret: Some(Secret::new("")), ..draft("x", "") },
            r#"{"error":"invalid","field":"secret","why":"is empty","index":1}"#,
        ),
        (
            KeyDraft { routes: vec!["openai".into()], ..draft("x", "") },
            r#"{"error":"invalid","field":"routes","why":"`openai` does not begin with `/`","index":1}"#,
        ),
        (
            KeyDraft { models: vec!["m".into(); 101], ..draft("x", "") },
            r#"{"error":"invalid","field":"models","why":"has more than 100 entries","index":1}"#,
        ),
        (
            KeyDraft { quotas: KeyQuotas { concurrent: Some(0), ..Default::default() }, ..draft("x", "") },
            r#"{"error":"invalid","field":"concurrent","why":"must be 1 or more","index":1}"#,
        ),
        (
            KeyDraft { metadata: BTreeMap::from([(String::new(), "v".into())]), ..draft("x", "") },
            r#"{"error":"invalid","field":"metadata","why":"is empty","index":1}"#,
        ),
    ];
    for (bad, told) in bad {
        let error = apply(&on, create([draft("first", "fk-first"), bad])).unwrap_err();
        assert_eq!(serde_json::to_string(&error).unwrap(), told);
        assert_eq!(stored_names(&on), ["taken"]);
        assert!(on.book().find("fk-first").is_none());
    }
    drop(on);
    assert_eq!(stored_names(&place.open()), ["taken"]);
}

#[test]
fn what_may_be_written_in_several_ways_is_kept_in_one() {
    let place = Place::new();
    let on = place.open();
    let routes = ["/openai/", "/", "//", "/a/b"].map(str::to_owned).to_vec();
    let metadata = BTreeMap::from([("empty".to_owned(), String::new()), ("a".to_owned(), "1".to_owned())]);
    let made = apply(&on, create([KeyDraft { routes, metadata, ..draft("short", "1") }])).unwrap();
    let key = &views(made)[0];
    assert_eq!(key.routes, ["/openai", "/", "/", "/a/b"]);
    assert_eq!(key.metadata.keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_change_holds_at_once_for_all_keys_or_none() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "fk-a"), draft("b", "fk-b"), draft("c", "fk-c")])).unwrap();
    on.book().find("fk-a").unwrap().key.usage.note(clock::utc());
    let off = KeyChange {
        enabled: Some(false),
        models: Some(vec!["gpt-4o*".into()]),
        concurrent: Some(Some(3)),
        metadata: BTreeMap::from([("team".into(), "x".into())]),
        ..Default::default()
    };
    assert!(apply(&on, change(&["a", "missing"], off.clone())).is_err());
    assert_eq!(state(&on, "fk-a", TimeDelta::zero()), Some(KeyState::Active));
    let id = on.book().by_name("b").unwrap().id().0.clone();
    let changed = views(apply(&on, change(&["a", &id, "b"], off)).unwrap());
    assert_eq!(changed.len(), 2, "named twice, changed once");
    assert_eq!(state(&on, "fk-a", TimeDelta::zero()), Some(KeyState::Disabled));
    assert!(on.book().find("fk-a").unwrap().key.usage.last_used().is_some(), "what was counted stays");
    let models = &on.book().find("fk-b").unwrap().key.rules.models;
    assert!(!crate::key::pattern::any_matches(models, "gpt-3"));
    let back = KeyChange {
        name: Some("renamed".into()),
        concurrent: Some(None),
        models: Some(Vec::new()),
        metadata: BTreeMap::from([("team".into(), String::new())]),
        enabled: Some(true),
        expires: Some(Some(clock::utc() + TimeDelta::days(1))),
        ..Default::default()
    };
    assert!(matches!(apply(&on, change(&["a", "b"], back.clone())), Err(ControlError::NameTaken { .. })));
    let taken = KeyChange { name: Some("c".into()), ..Default::default() };
    assert!(matches!(apply(&on, change(&["a"], taken)), Err(ControlError::NameTaken { .. })));
    let past = KeyChange { expires: Some(Some(clock::utc())), ..Default::default() };
    assert!(matches!(apply(&on, change(&["a"], past)), Err(ControlError::Invalid { .. })));
    apply(&on, change(&["a"], back)).unwrap();
    assert_eq!(state(&on, "fk-a", TimeDelta::days(2)), Some(KeyState::Expired));
    assert!(on.book().by_name("a").is_none());
    drop(on);
    let on = place.open();
    let key = &views(apply(&on, Request::ShowKey { key: name("renamed") }).unwrap())[0];
    assert_eq!((key.quotas.concurrent, key.models.len(), key.metadata.len()), (None, 0, 0));
}

#[test]
fn a_replaced_secret_is_good_for_its_grace_and_only_one_is_kept() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "fk-1"), draft("b", "fk-b")])).unwrap();
    let rotate = |grace_s, secret: &str| {
        let secret = (!secret.is_empty()).then(|| Secret::new(secret));
        apply(&on, Request::RotateKey { key: name("a"), grace_s, secret })
    };
    let taken = rotate(60, "fk-b").unwrap_err();
    assert_eq!(taken, ControlError::SecretTaken { name: "b".into(), index: None });
    assert!(matches!(rotate(u64::MAX, ""), Err(ControlError::Invalid { field, .. }) if field == "grace_s"));

    let Response::Created(rotated) = rotate(3600, "").unwrap() else { panic!("created") };
    let second = rotated[0].secret.expose().to_owned();
    assert!(rotated[0].key.previous_until.unwrap() > clock::utc() + TimeDelta::minutes(59));
    assert_eq!(state(&on, "fk-1", TimeDelta::zero()), Some(KeyState::Active));
    assert_eq!(state(&on, "fk-1", TimeDelta::hours(2)), Some(KeyState::Expired));
    assert_eq!(state(&on, &second, TimeDelta::hours(2)), Some(KeyState::Active));

    rotate(0, "fk-3").unwrap();
    assert_eq!(state(&on, "fk-1", TimeDelta::zero()), None, "the one before is gone");
    assert_eq!(
        state(&on, &second, TimeDelta::zero()),
        Some(KeyState::Expired),
        "without grace it ends at once"
    );
    assert_eq!(state(&on, "fk-3", TimeDelta::zero()), Some(KeyState::Active));
    let shown = &views(apply(&on, Request::ShowKey { key: name("a") }).unwrap())[0];
    assert_eq!(shown.previous_until, None, "its grace is over");
    drop(on);
    let on = place.open();
    assert_eq!(state(&on, &second, TimeDelta::zero()), Some(KeyState::Expired));
    assert_eq!(state(&on, "fk-3", TimeDelta::zero()), Some(KeyState::Active));
}

#[test]
fn a_deleted_key_is_gone_with_its_last_use_and_its_name_is_free() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "fk-a"), draft("b", "fk-b")])).unwrap();
    on.book().find("fk-a").unwrap().key.usage.note(clock::utc());
    on.write_last_use().unwrap();
    let gone = views(apply(&on, Request::DeleteKeys { keys: vec![name("a")] }).unwrap());
    assert!(gone[0].last_used.is_some());
    assert!(on.book().find("fk-a").is_none() && on.store.as_ref().unwrap().last_used().unwrap().is_empty());
    let missing = apply(&on, Request::ShowKey { key: name("a") }).unwrap_err();
    assert_eq!(missing, ControlError::NoSuchKey { name: "a".into() });
    let again = &views(apply(&on, create([draft("a", "fk-a")])).unwrap())[0];
    assert_ne!(again.id, gone[0].id);
    assert_eq!(again.last_used, None);
}

#[test]
fn exported_keys_work_in_another_store_with_their_secrets() {
    let (from, to, third) = (Place::new(), Place::new(), Place::new());
    let on = from.open();
    let old = KeyDraft { expires: Some(clock::utc() + TimeDelta::days(3)), ..draft("a", "fk-a") };
    apply(&on, create([old, draft("b", "fk-b")])).unwrap();
    apply(&on, Request::RotateKey { key: name("b"), grace_s: 600, secret: Some(Secret::new("fk-b2")) })
        .unwrap();
    on.book().find("fk-a").unwrap().key.usage.note(clock::utc());
    let Response::Export(mut export) = apply(&on, Request::ExportKeys).unwrap() else { panic!("export") };
    // It was over when it was exported.
    export.keys[0].expires = Some(clock::utc() - TimeDelta::days(1));

    let on = to.open();
    apply(&on, create([draft("own", "fk-own")])).unwrap();
    let restored = views(apply(&on, Request::RestoreKeys { export: export.clone() }).unwrap());
    assert_eq!(restored.len(), 2);
    assert_eq!(restored[0].last_used, export.keys[0].last_used);
    assert!(matches!(
        apply(&on, Request::RestoreKeys { export: export.clone() }),
        Err(ControlError::NameTaken { index: Some(0), .. })
    ));
    drop(on);
    let on = to.open();
    let now = TimeDelta::zero();
    let states = ["fk-a", "fk-b", "fk-b2", "fk-own"].map(|secret| state(&on, secret, now));
    let (active, expired) = (Some(KeyState::Active), Some(KeyState::Expired));
    assert_eq!(states, [expired, active, active, active]);
    let taken = apply(&on, create([draft("x", "fk-a")])).unwrap_err();
    assert!(matches!(taken, ControlError::SecretTaken { .. }), "also one that another store hashed");

    let Response::Export(both) = apply(&on, Request::ExportKeys).unwrap() else { panic!("export") };
    let on = third.open();
    apply(&on, Request::RestoreKeys { export: both }).unwrap();
    let states = ["fk-a", "fk-b", "fk-b2", "fk-own"].map(|secret| state(&on, secret, now));
    assert_eq!(states, [expired, active, active, active]);
}

#[test]
fn keys_are_restored_all_or_none() {
    let (from, to) = (Place::new(), Place::new());
    let on = from.open();
    apply(&on, create([draft("a", "fk-a"), draft("b", "fk-b")])).unwrap();
    let Response::Export(export) = apply(&on, Request::ExportKeys).unwrap() else { panic!("export") };
    let on = to.open();
    apply(&on, create([draft("taken", "fk-own")])).unwrap();
    let spoilt: [fn(&mut KeyExport); 7] = [
        |export| export.version = 2,
        |export| export.keys[1].id = export.keys[0].id.clone(),
        |export| export.keys[1].id = KeyId("cfg_0123456789abcdef".into()),
        |export| export.keys[1].name = "taken".into(),
        |export| export.keys[1].hash = export.keys[0].hash,
        |export| export.keys[1].models = vec![String::new()],
        |export| export.other_hash_keys = (0..8).map(|number| KeyHash([number; 32])).collect(),
    ];
    for (number, spoil) in spoilt.into_iter().enumerate() {
        let mut export = export.clone();
        spoil(&mut export);
        assert!(apply(&on, Request::RestoreKeys { export }).is_err(), "{number}");
        assert_eq!(stored_names(&on), ["taken"]);
    }
    // A secret of the configuration stays the configuration's, whichever store hashed it.
    let mut export = export;
    export.keys[1].hash = crate::key::Hasher::new(export.hash_key).hash("fk-configured");
    let refused = apply(&on, Request::RestoreKeys { export }).unwrap_err();
    assert!(matches!(refused, ControlError::SecretTaken { index: Some(1), .. }), "{refused}");
}

#[test]
fn a_stored_secret_that_the_configuration_has_too_is_the_configurations() {
    let place = Place::new();
    let mut without = place.config.clone();
    without.access.forward_keys.clear();
    let on = Administration::open(&without, WAIT).unwrap();
    apply(&on, create([draft("stored", "fk-configured")])).unwrap();
    drop(on);
    let on = place.open();
    assert_eq!(on.book().find("fk-configured").unwrap().key.level().0, 1);
    assert_eq!(stored_names(&on), ["stored"], "it is still there to be deleted");
    apply(&on, Request::DeleteKeys { keys: vec![name("stored")] }).unwrap();
    assert_eq!(on.book().find("fk-configured").unwrap().key.level().0, 1);
}

#[test]
fn without_a_store_there_are_the_configurations_keys_alone() {
    let place = Place::new();
    let on = Administration::without_store(&place.config).unwrap();
    assert_eq!(names(&on).len(), 2);
    assert!(on.book().find("fk-x").is_some() && on.ledger().is_none());
    for request in [
        create([draft("a", "")]),
        Request::ExportKeys,
        Request::DeleteKeys { keys: Vec::new() },
        Request::Usage { since: None, until: None, key: None, model: None },
    ] {
        assert_eq!(apply(&on, request).unwrap_err(), ControlError::NoStore);
    }
    on.tell_status(Box::new(status));
    let Response::Status(status) = apply(&on, Request::Status).unwrap() else { panic!("status") };
    assert_eq!(status.store, None);
    assert!(!place.data_dir().exists());
}

#[test]
fn last_uses_are_written_also_those_of_the_configuration() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "fk-a")])).unwrap();
    let now = clock::utc();
    let flusher = Flusher::start(on.clone()).unwrap();
    on.book().find("fk-a").unwrap().key.usage.note(now);
    on.book().find("fk-x").unwrap().key.usage.note(now);
    drop(flusher);
    drop(on);
    let keys = views(apply(&place.open(), Request::ListKeys).unwrap());
    let used: Vec<_> = keys.iter().map(|key| key.last_used.map(|used| used.timestamp())).collect();
    assert_eq!(used, [None, Some(now.timestamp()), Some(now.timestamp())]);
}

#[test]
fn usage_names_keys_and_models_and_what_is_not_written_yet() {
    let place = Place::new();
    let on = place.open();
    apply(&on, create([draft("a", "fk-a"), draft("b", "fk-b")])).unwrap();
    let ids = ["a", "b"].map(|each| on.book().by_name(each).unwrap().id().clone());
    let entry =
        |id, model| crate::ledger::Entry { key: Some(id), model: Some(model), failed: false, tokens: None };
    on.ledger().unwrap().count(entry(&ids[0], "gpt-4o"));
    on.ledger().unwrap().count(entry(&ids[0], "o1"));
    on.ledger().unwrap().count(entry(&ids[1], "gpt-4o-mini"));
    let asked = |key: Option<&str>, model: Option<&str>| {
        let (key, model) = (key.map(name), model.map(str::to_owned));
        match apply(&on, Request::Usage { since: None, until: None, key, model })? {
            Response::Usage(rows) => {
                Ok(rows.into_iter().map(|row| (row.name, row.model)).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        }
    };
    let row = |key: &str, model: &str| (key.to_owned(), model.to_owned());
    assert_eq!(asked(None, None), Ok(vec![row("a", "gpt-4o"), row("a", "o1"), row("b", "gpt-4o-mini")]));
    assert_eq!(asked(Some("b"), None), Ok(vec![row("b", "gpt-4o-mini")]));
    assert_eq!(asked(None, Some("gpt-*")), Ok(vec![row("a", "gpt-4o"), row("b", "gpt-4o-mini")]));
    assert_eq!(asked(Some("missing"), None), Err(ControlError::NoSuchKey { name: "missing".into() }));
    apply(&on, Request::DeleteKeys { keys: vec![name("b")] }).unwrap();
    assert_eq!(asked(Some(&ids[1].0), None), Ok(vec![row(&ids[1].0, "gpt-4o-mini")]), "a key that is gone");
}
