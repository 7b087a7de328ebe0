//! What is promised of the ledger: its sums, its bounds, and that nothing counted is lost or counted twice.

use super::*;
use std::time::Duration;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, ()) = Store::open_with(folder.path(), Duration::ZERO, |_| Ok(())).unwrap();
    (folder, store)
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 5, number).unwrap()
}

fn entry<'a>(key: &'a KeyId, model: &'a str) -> Entry<'a> {
    Entry {
        key: Some(key),
        model: Some(model),
        failed: false,
        tokens: Some(Tokens { prompt: 2, completion: 3 }),
    }
}

fn rows(store: &Store) -> Vec<(String, String, String, u64)> {
    let rows = store.counted(None, None).map(Result::unwrap);
    rows.map(|(at, counts)| (at.day.to_string(), at.key.0, at.model, counts.requests)).collect()
}

#[test]
fn what_is_counted_adds_up_over_writes_and_is_sorted() {
    let (_folder, store) = store();
    let ledger = Ledger::default();
    let (a, b) = (KeyId("key_a".into()), KeyId("key_b".into()));
    for _ in 0..2 {
        ledger.count_on(day(2), entry(&b, "m"));
        ledger.count_on(day(1), Entry { failed: true, tokens: None, ..entry(&a, "m") });
        ledger.count_on(day(1), entry(&a, "m"));
        ledger.count_on(day(1), Entry { key: None, model: None, ..entry(&a, "m") });
        ledger.count_on(day(1), Entry { model: Some(""), ..entry(&a, "m") });
        ledger.write(&store).unwrap();
        ledger.write(&store).unwrap();
    }
    let counted: Vec<_> = store.counted(None, None).map(Result::unwrap).collect();
    let of = |r, e, p, c, w| Counts {
        requests: r,
        errors: e,
        prompt_tokens: p,
        completion_tokens: c,
        without_usage: w,
    };
    let at =
        |d, key: &str, model: &str| LedgerKey { day: day(d), key: KeyId(key.into()), model: model.into() };
    assert_eq!(
        counted,
        [
            (at(1, "-", "-"), of(2, 0, 4, 6, 0)),
            (at(1, "key_a", "-"), of(2, 0, 4, 6, 0)),
            (at(1, "key_a", "m"), of(4, 2, 4, 6, 2)),
            (at(2, "key_b", "m"), of(2, 0, 4, 6, 0)),
        ]
    );
    let days = |since, until| store.counted(since, until).count();
    assert_eq!(days(Some(day(2)), None), 1);
    assert_eq!(days(None, Some(day(1))), 3);
    assert_eq!(days(Some(day(1)), Some(day(2))), 4);
    assert_eq!(days(Some(day(3)), None), 0);
}

#[test]
fn models_past_the_bound_count_together() {
    let (_folder, store) = store();
    let ledger = Ledger::default();
    let (a, b) = (KeyId("key_a".into()), KeyId("key_b".into()));
    for number in 0..230 {
        ledger.count_on(day(1), entry(&a, &format!("model-{number:03}")));
        if number % 100 == 99 {
            ledger.write(&store).unwrap();
        }
    }
    ledger.count_on(day(1), entry(&b, "model-229"));
    ledger.count_on(day(2), entry(&a, "model-229"));
    ledger.write(&store).unwrap();
    // A model that is known stays so.
    ledger.count_on(day(1), entry(&a, "model-000"));
    ledger.count_on(day(1), entry(&a, "model-229"));
    ledger.write(&store).unwrap();
    let rows = rows(&store);
    let of_a: Vec<_> = rows.iter().filter(|row| row.0 == "2024-05-01" && row.1 == "key_a").collect();
    assert_eq!(of_a.len(), 201);
    assert_eq!((of_a[0].2.as_str(), of_a[0].3), (OTHER, 31));
    assert_eq!((of_a[1].2.as_str(), of_a[1].3), ("model-000", 2));
    assert_eq!(rows.len(), 203, "other keys and other days have room of their own");
}

#[test]
fn what_waits_for_a_write_is_bounded_and_all_counted() {
    let (_folder, store) = store();
    let ledger = Ledger::default();
    let keys: Vec<_> = (0..40).map(|number| KeyId(format!("key_{number}"))).collect();
    for number in 0..6_000 {
        ledger.count_on(day(1), entry(&keys[number % 40], &number.to_string()));
    }
    let waiting: usize = ledger.parts.iter().map(|part| part.lock().models).sum();
    assert!(waiting <= MAX_PENDING + keys.len(), "{waiting}");
    ledger.write(&store).unwrap();
    assert_eq!(rows(&store).iter().map(|row| row.3).sum::<u64>(), 6_000);
    assert!(ledger.take().is_empty());
}

#[test]
fn a_long_model_is_cut_between_two_characters() {
    let (_folder, store) = store();
    let ledger = Ledger::default();
    let key = KeyId("key_a".into());
    ledger.count_on(day(1), entry(&key, &"é".repeat(127)));
    ledger.count_on(day(1), entry(&key, &"é".repeat(500)));
    ledger.count_on(day(1), entry(&key, "with\0zero"));
    ledger.write(&store).unwrap();
    let models: Vec<_> = rows(&store).into_iter().map(|row| row.2).collect();
    assert_eq!(models, ["with\0zero".to_owned(), "é".repeat(127), "é".repeat(128)]);
}

#[test]
fn days_that_are_too_old_are_forgotten() {
    let (_folder, store) = store();
    let ledger = Ledger::default();
    let key = KeyId("key_a".into());
    let today = day(20);
    for back in [0, 1, KEPT_DAYS - 1, KEPT_DAYS, KEPT_DAYS + 300] {
        ledger.count_on(today.checked_sub_days(Days::new(back)).unwrap(), entry(&key, "m"));
    }
    ledger.write(&store).unwrap();
    store.forget_before(first_kept(today)).unwrap();
    assert_eq!(rows(&store).len(), 3);
    assert_eq!(store.counted(None, None).next().unwrap().unwrap().0.day, first_kept(today));
}

#[test]
fn many_threads_count_exactly() {
    let (_folder, store) = store();
    let ledger = std::sync::Arc::new(Ledger::default());
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let ledger = ledger.clone();
            crate::tasks::thread(format!("counter {number}"), move || {
                let key = KeyId("key_a".into());
                (0..2_000).for_each(|_| ledger.count_on(day(1), entry(&key, "m")));
            })
            .unwrap()
        })
        .collect();
    // Writes fall in between.
    for _ in 0..5 {
        ledger.write(&store).unwrap();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    ledger.write(&store).unwrap();
    assert_eq!(rows(&store), [("2024-05-01".to_owned(), "key_a".to_owned(), "m".to_owned(), 16_000)]);
}
