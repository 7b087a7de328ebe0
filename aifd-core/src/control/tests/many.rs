//! A hundred thousand keys: made, loaded and found within bounds of time and space.

use super::*;
use crate::clock;

const MANY: usize = 100_000;

#[test]
fn a_hundred_thousand_keys_are_made_and_loaded() {
    let place = Place::new();
    let on = place.open();
    let drafts = (0..MANY).map(|number| {
        let mut draft = draft(&format!("team-{number}"), "");
        draft.quotas.requests = "100/minute".parse().unwrap();
        draft
    });
    let since = clock::now();
    let created = apply(&on, create(drafts)).unwrap();
    let made = clock::now().duration_since(since);
    let Response::Created(created) = created else { panic!("created") };
    let secrets: Vec<_> = created.iter().step_by(997).map(|created| created.secret.clone()).collect();
    assert!(created.is_sorted_by_key(|created| created.key.id.clone()));
    drop((created, on));

    let since = clock::now();
    let on = place.open();
    let loaded = clock::now().duration_since(since);
    let (bytes, keys) = (on.store.as_ref().unwrap().bytes(), on.store.as_ref().unwrap().key_count());
    println!("made in {made:?}, loaded in {loaded:?}, {} MB on disk", bytes >> 20);
    assert_eq!(keys, MANY as u64);
    assert!(bytes < 200 << 20, "{bytes}");
    assert!(secrets.iter().all(|secret| on.book().find(secret.expose()).is_some()));

    let since = clock::now();
    for _ in 0..100 {
        assert!(secrets.iter().all(|secret| on.book().find(secret.expose()).is_some()));
    }
    println!("{:?} a lookup", clock::now().duration_since(since) / (100 * secrets.len() as u32));
    // Generous: this profile is not optimised, and the machine may be busy.
    assert!(loaded < Duration::from_secs(15) && made < Duration::from_secs(60), "{loaded:?} {made:?}");
}
