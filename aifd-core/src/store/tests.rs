//! What is promised of the store: who may open it, what it keeps, and what happens when it is damaged.

use super::{Damage, Store, StoreError, mark};
use crate::key::{ForwardKey, Hasher, KeyId, KeyQuotas, Masked};
use chrono::DateTime;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Long enough for sled's threads to give the lock of a dropped store back.
const WAIT: Duration = Duration::from_secs(10);

fn open(folder: &Path) -> Result<(Store, Vec<ForwardKey>), StoreError> {
    Store::open_with(folder, WAIT, |store| {
        let mut keys = Vec::new();
        store.each_key(|key| keys.push(key)).map(|()| keys)
    })
}

fn key(number: u64) -> ForwardKey {
    let secret = format!("fk-secret-{number}");
    ForwardKey {
        id: KeyId(format!("key_{number:016}")),
        name: format!("name {number}"),
        level: Default::default(),
        models: vec!["gpt-4o*".to_owned()],
        routes: Vec::new(),
        quotas: KeyQuotas { requests: "10/minute".parse().unwrap(), ..Default::default() },
        expires: DateTime::from_timestamp(2_000_000_000, 0),
        enabled: true,
        metadata: BTreeMap::from([("team".to_owned(), "a".to_owned())]),
        created: DateTime::from_timestamp(1_700_000_000, 5_000_000).unwrap(),
        last_used: None,
        hash: Hasher::new(crate::key::KeyHash([7; 32])).hash(&secret),
        masked: Masked::of(&secret),
        previous: None,
    }
}

fn keys(numbers: std::ops::Range<u64>) -> Vec<ForwardKey> {
    numbers.map(key).collect()
}

/// A data folder with keys in it.
fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path()).unwrap();
    for number in 0..10 {
        store.add_keys(&keys(number * 5..number * 5 + 5)).unwrap();
    }
    folder
}

/// Every file of a database and what it holds.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }
    found
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (store, found) = open(folder.path()).unwrap();
    assert!(found.is_empty());
    let own = store.hashers().unwrap().own.hash("x");
    store.add_keys(&keys(0..3)).unwrap();
    store.remove_keys(&[key(1).id]).unwrap();
    let changed = ForwardKey { name: "changed".to_owned(), ..key(2) };
    store.replace_keys(std::slice::from_ref(&changed)).unwrap();
    store.set_last_used([("key_a", Some(12)), ("key_b", Some(13)), ("key_a", None)]).unwrap();
    // As after a kill: nothing of it runs again, and the lock goes with the process.
    drop(store);
    let (store, found) = open(folder.path()).unwrap();
    assert_eq!(found, [key(0), changed]);
    assert_eq!(store.key_count(), 2);
    assert_eq!(store.hashers().unwrap().own.hash("x"), own, "hashes hold for as long as the store does");
    assert_eq!(store.last_used().unwrap(), [("key_b".to_owned(), 13)]);
    assert!(store.bytes() > 0);
}

#[test]
fn a_copy_of_an_open_store_holds_every_write_that_was_told_as_done() {
    // What a kill leaves is what is on disk now.
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path()).unwrap();
    for number in 0..20 {
        store.add_keys(&[key(number)]).unwrap();
        let copy = tempfile::tempdir().unwrap();
        for (path, bytes) in files(folder.path()) {
            let to = copy.path().join(path.strip_prefix(folder.path()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
        }
        assert_eq!(open(copy.path()).unwrap().1, keys(0..number + 1));
    }
}

#[test]
fn a_folder_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let open_to_all = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();

    let new = folder.path().join("deep/new");
    drop(open(&new).unwrap());
    assert_eq!((mode(&new), mode(&new.join("state"))), (0o700, 0o700));
    open_to_all(&new);
    open_to_all(&new.join("state"));
    drop(open(&new).unwrap());
    assert_eq!((mode(&new), mode(&new.join("state"))), (0o700, 0o700));

    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("somebody's"), "").unwrap();
    open_to_all(&shared);
    drop(open(&shared).unwrap());
    assert_eq!(
        (mode(&shared), mode(&shared.join("state"))),
        (0o755, 0o700),
        "others' folders keep their mode"
    );
}

#[test]
fn a_held_store_names_its_holder() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path()).unwrap();
    let error = Store::open_with(folder.path(), Duration::ZERO, |_| Ok(())).err().unwrap();
    let StoreError::Held { path, pid } = &error else { panic!("{error}") };
    assert_eq!((path.clone(), *pid), (folder.path().join("state"), Some(std::process::id())));
    assert!(error.to_string().contains(&format!("(process {})", std::process::id())), "{error}");
    store.add_keys(&keys(0..1)).unwrap();
    drop(store);
    assert_eq!(open(folder.path()).unwrap().1, keys(0..1), "its holder went on undisturbed");
}

#[test]
fn a_folder_that_is_a_file_is_told_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = open(file.path()).err().unwrap();
    assert!(matches!(&error, StoreError::Folder { .. }) && !error.is_unwritable(), "{error}");
    for (kind, unwritable) in [
        (std::io::ErrorKind::PermissionDenied, true),
        (std::io::ErrorKind::ReadOnlyFilesystem, true),
        (std::io::ErrorKind::StorageFull, false),
    ] {
        let error = StoreError::Folder { path: PathBuf::from("/x"), why: kind.into() };
        assert_eq!(error.is_unwritable(), unwritable, "{kind}");
    }
}

#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let folder = filled();
    let (store, _) = open(folder.path()).unwrap();
    store.meta.put("version", &serde_json::json!(2)).unwrap();
    drop(store);
    let before = settled(folder.path());
    let error = open(folder.path()).err().unwrap();
    assert!(matches!(&error, StoreError::Newer { version: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("has version 2; this aifd knows version 1"), "{error}");
    assert_eq!(files(folder.path()), before);
}

/// The files of a store that was dropped, when sled's threads are done with them.
fn settled(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let since = crate::clock::now();
    while super::holder::is_locked(&folder.join("state/db")) {
        assert!(crate::clock::now().duration_since(since) < WAIT);
        std::thread::yield_now();
    }
    files(folder)
}

/// Damages a store, opens it twice, and tells what was found.
fn opened_after(damage: impl Fn(&Path)) -> Result<Vec<ForwardKey>, StoreError> {
    let folder = filled();
    settled(folder.path());
    damage(&folder.path().join("state"));
    let before = files(folder.path());
    let opened = open(folder.path());
    if let Err(error) = &opened {
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("state (version 1) is damaged") && text.contains("nothing in it was changed"));
        assert_eq!(settled(folder.path()), before, "{error}");
        assert!(
            matches!(open(folder.path()).err(), Some(StoreError::Damaged { .. })),
            "also the second time"
        );
    }
    opened.map(|(_, keys)| keys)
}

#[test]
fn a_truncated_database_is_refused_and_left_as_it_is() {
    for part in [0, 1, 2, 5, 9] {
        let opened = opened_after(|state| {
            let file = fs::OpenOptions::new().write(true).open(state.join("db")).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length * part / 10).unwrap();
        });
        // What is cut off at the end may be what sled keeps for later.
        if let Ok(found) = opened {
            assert_eq!(found, keys(0..50), "{part}/10");
        }
    }
}

#[test]
fn flipped_bytes_never_lose_a_key_in_silence() {
    let mut refused = 0;
    for place in 0..24 {
        let opened = opened_after(|state| {
            let mut bytes = fs::read(state.join("db")).unwrap();
            // Only where something is written: most of a segment is still empty.
            let written: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
            let at = written[written.len() * place / 24];
            bytes[at] ^= 0x55;
            fs::write(state.join("db"), bytes).unwrap();
        });
        match opened {
            Ok(found) => assert_eq!(found, keys(0..50), "{place}/24"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0, "some of these are keys");
}

#[test]
fn a_database_that_is_gone_beside_its_mark_is_refused() {
    assert!(opened_after(|state| fs::remove_file(state.join("db")).unwrap()).is_err());
    let opened = opened_after(|state| mark::write(state, 1_000).unwrap());
    let Err(StoreError::Damaged { why, .. }) = opened else { panic!("a lost change is found") };
    assert_eq!(why, Damage::Lost { found: 11, written: 1_000 });
    let opened = opened_after(|state| fs::write(state.join("change"), "x").unwrap());
    assert!(matches!(opened, Err(StoreError::Damaged { .. })));
}

#[test]
fn a_store_whose_making_was_cut_off_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    for written in ["", "00000000000000000000\n"] {
        fs::write(state.join("change"), written).unwrap();
        let (store, found) = open(folder.path()).unwrap();
        assert!(found.is_empty());
        drop(store);
        settled(folder.path());
        fs::remove_dir_all(&state).unwrap();
        fs::create_dir(&state).unwrap();
    }
}

#[test]
fn files_of_something_else_are_refused() {
    for content in ["", "nonsense", &"x".repeat(1 << 20)] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        fs::create_dir(&state).unwrap();
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(state.join("db"), content).unwrap();
        let before = files(&state);
        let error = open(folder.path()).err().unwrap();
        assert!(matches!(error, StoreError::Damaged { why: Damage::Foreign, .. }), "{error}");
        assert_eq!(files(&state), before);
    }
}

#[test]
fn a_snapshot_that_a_kill_left_half_written_is_no_damage() {
    let folder = filled();
    for bytes in [&b""[..], b"half of a snapshot"] {
        let left = folder.path().join("state/snap.00000000FFFFFFFF.generating");
        fs::write(&left, bytes).unwrap();
        assert_eq!(open(folder.path()).unwrap().1, keys(0..50));
        assert!(!left.exists());
    }
    // The same of the settings of a database that nothing was stored in yet.
    let new = tempfile::tempdir().unwrap();
    fs::create_dir(new.path().join("state")).unwrap();
    mark::begin(&new.path().join("state")).unwrap();
    fs::write(new.path().join("state/conf"), "segment_size: 524288\nuse_com").unwrap();
    assert!(open(new.path()).unwrap().1.is_empty());
}

#[test]
fn nobody_touches_the_files_while_another_opens_them() {
    let folder = filled();
    settled(folder.path());
    // As long as another process copies, opens or puts back: sled's lock is not taken yet.
    let opening = super::lock::Lock::take(folder.path()).unwrap().unwrap();
    let before = files(folder.path());
    let error = Store::open_with(folder.path(), Duration::ZERO, |_| Ok(())).err().unwrap();
    assert!(matches!(&error, StoreError::Held { pid, .. } if *pid == Some(std::process::id())), "{error}");
    assert_eq!(files(folder.path()), before);
    drop(opening);
    assert_eq!(open(folder.path()).unwrap().1, keys(0..50));
}

#[test]
fn a_kill_while_a_damaged_store_is_put_back_loses_nothing() {
    let folder = filled();
    settled(folder.path());
    let at = |name: &str| folder.path().join(name);
    // What sled had opened is away, and the copy is not yet in its place.
    fs::rename(at("state"), at("state.before")).unwrap();
    fs::create_dir(at("state.opened")).unwrap();
    assert_eq!(open(folder.path()).unwrap().1, keys(0..50));
    assert!(!at("state.opened").exists());
}
