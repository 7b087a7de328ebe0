//! The cache on disk: kept over restarts, bounded, and never wrong.

use super::{room::CATALOGUE_ROOM, *};
use crate::cache::entry::{Meta, Parts};
use crate::cache::key::CacheKey;
use bytes::Bytes;
use std::fs;

fn entry(number: u32, bytes: usize, expires_at: u64) -> Arc<Stored> {
    let body = vec![number as u8; bytes];
    Arc::new(Stored::new(Parts {
        key: CacheKey(*blake3::hash(&number.to_be_bytes()).as_bytes()),
        variant: 0,
        stored_at: 1_700_000_000_000,
        expires_at,
        meta: Meta { status: 200, ..Meta::default() },
        request: Bytes::from_static(b"{}"),
        body: body.into(),
    }))
}

fn place(number: u32) -> Place {
    entry(number, 0, 0).key.place(0)
}

fn bytes_below(folder: &Path) -> u64 {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            if entry.path().is_dir() { bytes_below(&entry.path()) } else { entry.metadata().unwrap().len() }
        })
        .sum()
}

#[test]
fn what_was_put_is_there_and_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    disk.put(&[entry(1, 100, 0), entry(2, 200, 0)]).unwrap();
    disk.put(&[entry(1, 300, 0)]).unwrap();
    let check = |disk: &Disk| {
        assert_eq!(disk.get(place(1)).unwrap().body.len(), 300);
        assert_eq!(disk.get(place(2)).unwrap().body.len(), 200);
        assert!(disk.get(place(3)).is_none());
        assert_eq!(disk.count().0, 2);
    };
    check(&disk);
    disk.flush();
    drop(disk);
    check(&Disk::open(folder.path(), 1 << 20).unwrap());
    // Without its catalogue, the files tell.
    fs::remove_dir_all(folder.path().join("catalogue")).unwrap();
    check(&Disk::open(folder.path(), 1 << 20).unwrap());
}

#[test]
fn the_bound_holds_and_what_is_used_stays() {
    let folder = tempfile::tempdir().unwrap();
    let max = 2 << 20;
    let disk = Disk::open(folder.path(), max).unwrap();
    let mut freed = 0;
    for number in 0..5000 {
        freed += disk.put(&[entry(number, 4000, 0)]).unwrap().entries;
        assert!(disk.count().1 <= max, "{number}");
        // One of them is asked for all the time.
        assert!(disk.get(place(0)).is_some(), "{number}");
        if number % 500 == 0 {
            disk.flush();
        }
    }
    disk.flush();
    let (entries, _) = disk.count();
    assert_eq!(entries + freed, 5000);
    assert!(disk.get(place(1)).is_none() && disk.get(place(4999)).is_some());
    assert!(entries > 150, "{entries}");
    let on_disk = bytes_below(folder.path());
    assert!(on_disk <= max + max / 2, "{on_disk}");
}

#[test]
fn what_is_damaged_is_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    disk.put(&[entry(1, 1000, 0), entry(2, 1000, 0), entry(3, 1000, 0)]).unwrap();
    drop(disk);
    let file = folder.path().join("00000001.records");
    let whole = fs::read(&file).unwrap();
    let middle = whole.len() / 2;
    let mut damaged = whole.clone();
    damaged[middle] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    assert!(disk.get(place(2)).is_none());
    assert!(disk.get(place(1)).is_some() && disk.get(place(3)).is_some());
    drop(disk);
    // Cut off within the last record; with and without the catalogue.
    for without in [false, true] {
        fs::write(&file, &whole[..whole.len() - 10]).unwrap();
        if without {
            fs::remove_dir_all(folder.path().join("catalogue")).unwrap();
        }
        let disk = Disk::open(folder.path(), 1 << 20).unwrap();
        assert!(disk.get(place(3)).is_none());
        assert!(disk.get(place(1)).is_some());
        disk.put(&[entry(4, 10, 0)]).unwrap();
        assert!(disk.get(place(4)).is_some());
        drop(disk);
        let disk = Disk::open(folder.path(), 1 << 20).unwrap();
        assert!(disk.get(place(4)).is_some() && disk.get(place(1)).is_some());
    }
    // A catalogue of noise.
    for entry in fs::read_dir(folder.path().join("catalogue")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::write(path, vec![0xa5; 70_000]).unwrap();
        }
    }
    assert!(Disk::open(folder.path(), 1 << 20).unwrap().get(place(1)).is_some());
}

#[test]
fn what_has_expired_goes_and_gives_its_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 4 << 20).unwrap();
    let at = 1_700_000_100_000;
    for number in 0..1000 {
        disk.put(&[entry(number, 1000, if number % 10 == 0 { 0 } else { at })]).unwrap();
    }
    let before = disk.count();
    assert_eq!(disk.sweep(at - 10_000).unwrap().entries, 0);
    assert_eq!(disk.sweep(at + 1000).unwrap().entries, 900);
    assert_eq!(disk.count().0, 100);
    assert!(disk.compact().is_ok());
    assert!(disk.count().1 < before.1 / 5, "{:?} {before:?}", disk.count());
    assert!(disk.get(place(0)).is_some() && disk.get(place(990)).is_some());
    assert_eq!(disk.verify(), Verified { good: 100, damaged: 0 });
    assert_eq!(disk.clear().unwrap().entries, 100);
    assert_eq!(disk.count(), (0, 0));
    assert!(disk.get(place(0)).is_none());
}

#[test]
fn what_was_taken_out_stays_out() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    disk.put(&[entry(1, 100, 0), entry(2, 100, 0)]).unwrap();
    assert_eq!(disk.remove(&[place(1), place(7)]).entries, 1);
    disk.flush();
    drop(disk);
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    assert!(disk.get(place(1)).is_none() && disk.get(place(2)).is_some());
    assert!(matches!(Disk::open(folder.path(), 1 << 20), Err(DiskError::Held)));
}

#[test]
fn a_large_catalogue_is_read_at_the_next_start_and_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 64 << 20).unwrap();
    for number in 0..20_000 {
        disk.put(&[entry(number, 10, 0)]).unwrap();
    }
    disk.flush();
    assert!(disk.catalogue_bytes.load(Relaxed) > CATALOGUE_ROOM);
    // Its record stays in the file: that it is gone stands in the catalogue alone.
    assert_eq!(disk.remove(&[place(7)]).entries, 1);
    disk.flush();
    drop(disk);
    let disk = Disk::open(folder.path(), 64 << 20).unwrap();
    assert!(disk.get(place(7)).is_none() && disk.get(place(8)).is_some());
    assert_eq!(disk.count().0, 19_999);
}

#[test]
fn what_is_gone_stays_gone_when_the_catalogue_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    disk.put(&[entry(1, 100, 0), entry(2, 100, 0)]).unwrap();
    disk.put(&[entry(3, 100, 0)]).unwrap();
    // The last of its file.
    assert_eq!(disk.remove(&[place(3)]).entries, 1);
    {
        let mut held = disk.catalogue.lock();
        *held = None;
        *held = disk.make_anew();
        assert!(held.is_some());
    }
    drop(disk);
    let disk = Disk::open(folder.path(), 1 << 20).unwrap();
    assert!(disk.get(place(3)).is_none());
    assert!(disk.get(place(1)).is_some() && disk.get(place(2)).is_some());
}
