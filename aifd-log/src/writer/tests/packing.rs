//! Packing rotated files in the background, and keeping only some.

use super::{
    super::{TidyEvent, TidyStep, compressor},
    child, is_child, noon, rotation,
};
use crate::{
    rotation::{Keep, LiveName, Packing},
    writer::LogFile,
};
use std::{
    fs::{self, File, Permissions},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
};

const NAMES: [&str; 3] = [
    "chat.2026-11-21_10-00-00_000000.log",
    "chat.2026-11-22_10-00-00_000000.log",
    "chat.2026-11-23_10-00-00_000000.log",
];

/// A folder with a log and three rotated files.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("chat.log"), "live\n").unwrap();
    for name in NAMES {
        fs::write(folder.path().join(name), text(name)).unwrap();
    }
    folder
}

fn text(name: &str) -> String {
    format!("{name}\n").repeat(20_000)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn unpacked(path: &Path) -> String {
    let file = File::open(path).unwrap();
    let mut text = String::new();
    match path.extension().unwrap().to_str().unwrap() {
        "gz" => flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap(),
        _ => zstd::Decoder::new(file).unwrap().read_to_string(&mut text).unwrap(),
    };
    text
}

/// Has the log of the folder put in order, and tells what happened in short.
fn tidy(folder: &Path, packing: Packing, keep: Keep) -> Vec<String> {
    let (queue, compressor) = compressor(packing, keep);
    queue.submit(folder.join("chat.log"));
    queue.finish();
    let mut events = Vec::new();
    compressor.run(&mut |event| events.push(short(&event)));
    events
}

fn short(event: &TidyEvent) -> String {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    match event {
        TidyEvent::Packed { path, .. } => format!("packed {}", name(path)),
        TidyEvent::Removed { path, .. } => format!("removed {}", name(path)),
        TidyEvent::LeftoverRemoved { path } => format!("leftover {}", name(path)),
        TidyEvent::Failed { path, step, .. } => format!("{step:?} failed {}", name(path)),
    }
}

#[test]
fn rotated_files_are_packed_with_their_mode_and_time() {
    for (packing, suffix) in [(Packing::Gzip, "gz"), (Packing::Zstd, "zst")] {
        let folder = folder();
        let before = folder.path().join(NAMES[0]);
        fs::set_permissions(&before, Permissions::from_mode(0o640)).unwrap();
        let modified = fs::metadata(&before).unwrap().modified().unwrap();
        let events = tidy(folder.path(), packing, Keep::All);
        assert_eq!(events, NAMES.map(|name| format!("packed {name}.{suffix}")));
        for name in NAMES {
            assert_eq!(unpacked(&folder.path().join(format!("{name}.{suffix}"))), text(name));
        }
        let after = fs::metadata(folder.path().join(format!("{}.{suffix}", NAMES[0]))).unwrap();
        assert_eq!((after.permissions().mode() & 0o777, after.modified().unwrap()), (0o640, modified));
        assert_eq!(names(folder.path()).len(), 4);
        assert_eq!(fs::read_to_string(folder.path().join("chat.log")).unwrap(), "live\n");
        // Nothing is left to do.
        assert_eq!(tidy(folder.path(), packing, Keep::All), [""; 0]);
    }
}

#[test]
fn only_so_many_are_kept_and_what_goes_is_not_packed_before() {
    let folder = folder();
    assert_eq!(
        tidy(folder.path(), Packing::Gzip, Keep::Files(2)),
        [
            format!("removed {}", NAMES[0]),
            format!("packed {}.gz", NAMES[1]),
            format!("packed {}.gz", NAMES[2])
        ]
    );
    assert_eq!(
        tidy(folder.path(), Packing::Plain, Keep::Files(0)),
        NAMES[1..].iter().map(|it| format!("removed {it}.gz")).collect::<Vec<_>>()
    );
    assert_eq!(names(folder.path()), ["chat.log"]);
}

#[test]
fn a_bound_in_bytes_counts_packed_files() {
    let folder = folder();
    let bound = text(NAMES[0]).len() as u64;
    let events = tidy(folder.path(), Packing::Zstd, Keep::Bytes(bound));
    assert_eq!(events, NAMES.map(|name| format!("packed {name}.zst")));
    let events = tidy(folder.path(), Packing::Zstd, Keep::Bytes(1));
    assert_eq!(events, NAMES.map(|name| format!("removed {name}.zst")));
}

#[test]
fn files_of_others_are_never_touched() {
    let folder = folder();
    let others =
        ["chat.log.1", "chat.old.log", ".chat.2026-11-21.part", "notes.2026-11-21_10-00-00_000000.log"];
    for name in others {
        fs::write(folder.path().join(name), "other").unwrap();
    }
    fs::create_dir(folder.path().join("chat.2020-11-21_10-00-00_000000.log")).unwrap();
    tidy(folder.path(), Packing::Plain, Keep::Files(0));
    let left = names(folder.path());
    assert!(others.iter().all(|name| left.iter().any(|it| it == name)), "{left:?}");
    assert_eq!(left.len(), others.len() + 2);
}

#[test]
fn what_a_crash_left_of_packing_is_cleaned_up() {
    let folder = folder();
    // The part of a file that is packed anew, of one that is packed in another way now, and of one that is gone.
    let parts = [
        format!(".{}.gz.part", NAMES[0]),
        format!(".{}.zst.part", NAMES[1]),
        ".chat.2026-11-01_10-00-00_000000.log.gz.part".to_owned(),
    ];
    for part in &parts {
        fs::write(folder.path().join(part), "half").unwrap();
    }
    // Packed wholly, but the original was not removed yet.
    fs::write(folder.path().join(format!("{}.gz", NAMES[2])), "whole").unwrap();
    let mut events = tidy(folder.path(), Packing::Gzip, Keep::All);
    events[..3].sort();
    assert!(events[..3].iter().all(|event| event.starts_with("leftover .chat.")), "{events:?}");
    assert_eq!(events[3..], NAMES.map(|name| format!("packed {name}.gz")));
    assert_eq!(unpacked(&folder.path().join(format!("{}.gz", NAMES[2]))), text(NAMES[2]));
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn a_file_that_another_process_packs_is_left_to_it() {
    let folder = folder();
    let part = folder.path().join(format!(".{}.gz.part", NAMES[1]));
    fs::write(&part, "half").unwrap();
    let other = File::open(folder.path().join(NAMES[1])).unwrap();
    other.lock().unwrap();
    let events = tidy(folder.path(), Packing::Gzip, Keep::All);
    assert_eq!(events, [format!("packed {}.gz", NAMES[0]), format!("packed {}.gz", NAMES[2])]);
    assert_eq!(fs::read_to_string(&part).unwrap(), "half");
    other.unlock().unwrap();
    let events = tidy(folder.path(), Packing::Gzip, Keep::All);
    assert_eq!(events, [format!("leftover .{}.gz.part", NAMES[1]), format!("packed {}.gz", NAMES[1])]);
}

#[test]
fn a_file_that_cannot_be_packed_stays_and_the_others_are_packed() {
    let folder = folder();
    // A folder where the packed file should be.
    fs::create_dir(folder.path().join(format!("{}.gz", NAMES[1]))).unwrap();
    let (queue, compressor) = compressor(Packing::Gzip, Keep::All);
    queue.submit(folder.path().join("chat.log"));
    queue.finish();
    let mut failed = Vec::new();
    compressor.run(&mut |event| {
        if let TidyEvent::Failed { path, step, .. } = event {
            failed.push((path, step));
        }
    });
    assert_eq!(failed, [(folder.path().join(NAMES[1]), TidyStep::Pack)]);
    assert_eq!(fs::read_to_string(folder.path().join(NAMES[1])).unwrap(), text(NAMES[1]));
    assert!(names(folder.path()).iter().all(|name| !name.ends_with(".part")));
    assert!(!folder.path().join(NAMES[2]).exists());
}

#[test]
fn a_log_without_a_folder_has_nothing_to_put_in_order() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(tidy(&folder.path().join("none"), Packing::Gzip, Keep::Files(1)), [""; 0]);
}

#[test]
fn a_dropped_queue_ends_the_compressor_and_leaves_the_files() {
    let folder = folder();
    let (queue, compressor) = compressor(Packing::Gzip, Keep::Files(0));
    queue.submit(folder.path().join("chat.log"));
    drop(queue);
    compressor.run(&mut |event| panic!("{event:?}"));
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn lines_are_appended_while_files_are_packed_and_none_is_lost() {
    const LINES: usize = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    let (queue, compressor) = compressor(Packing::Zstd, Keep::All);
    thread::scope(|scope| {
        scope.spawn(move || {
            compressor.run(&mut |event| assert!(matches!(event, TidyEvent::Packed { .. }), "{event:?}"));
        });
        let mut log = LogFile::new(path.clone(), rotation(10_000));
        for line in 0..LINES {
            log.append(format!("line {line}\n").as_bytes(), noon(), &mut |_| queue.submit(path.clone()))
                .unwrap();
        }
        queue.finish();
    });
    let live = LiveName::of(&path).unwrap();
    let mut rotated: Vec<_> =
        names(folder.path()).into_iter().filter_map(|name| Some((live.parse(&name)?, name))).collect();
    rotated.sort();
    let mut all: String = rotated.iter().map(|(_, name)| unpacked(&folder.path().join(name))).collect();
    all += &fs::read_to_string(&path).unwrap();
    assert!(all.lines().map(str::to_owned).eq((0..LINES).map(|line| format!("line {line}"))));
}

#[test]
fn a_compressor_that_is_killed_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    for name in NAMES {
        fs::write(logs.join(name), text(name).repeat(10)).unwrap();
    }
    let mut process = child(folder.path(), "packing::child_that_packs", &[]).spawn().unwrap();
    let is_part = |name: &String| name.ends_with(".part");
    while !names(&logs).iter().any(is_part) && process.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    tidy(&logs, Packing::Gzip, Keep::All);
    assert_eq!(names(&logs), NAMES.map(|name| format!("{name}.gz")));
    for name in NAMES {
        assert_eq!(unpacked(&logs.join(format!("{name}.gz"))), text(name).repeat(10));
    }
}

#[test]
#[ignore = "the child of a_compressor_that_is_killed_loses_nothing"]
fn child_that_packs() {
    if is_child() {
        tidy(Path::new("logs"), Packing::Gzip, Keep::All);
    }
}
