//! Files and folders that are deleted, moved and cut while they are written to.

use super::{super::LogFile, append, noon, rotation};
use crate::rotation::Rotation;
use std::{fs, path::Path, thread};

#[test]
fn a_deleted_file_or_folder_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openai/chat/chat.log");
    let mut log = LogFile::new(path.clone(), Rotation::default());
    append(&mut log, "1\n", noon());
    fs::remove_file(&path).unwrap();
    assert_eq!(append(&mut log, "2\n", noon()), ["deleted"]);
    fs::remove_dir_all(folder.path().join("openai")).unwrap();
    assert_eq!(append(&mut log, "3\n", noon()), ["deleted"]);
    assert_eq!(append(&mut log, "4\n", noon()), [""; 0]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "3\n4\n");
}

#[test]
fn a_renamed_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    let moved = folder.path().join("chat.log.1");
    let mut log = LogFile::new(path.clone(), Rotation::default());
    append(&mut log, "1\n", noon());
    // logrotate with `nocreate`,
    fs::rename(&path, &moved).unwrap();
    assert_eq!(append(&mut log, "2\n", noon()), ["moved"]);
    // with `create`,
    fs::rename(&path, &moved).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(append(&mut log, "3\n", noon()), ["moved"]);
    assert_eq!(fs::read_to_string(&moved).unwrap(), "2\n");
    // with a signal after it,
    fs::rename(&path, &moved).unwrap();
    log.reopen();
    assert_eq!(append(&mut log, "4\n", noon()), [""; 0]);
    assert_eq!(fs::read_to_string(&moved).unwrap(), "3\n");
    // and with `copytruncate`.
    fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    assert_eq!(append(&mut log, "5\n", noon()), [""; 0]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "5\n");
}

#[test]
fn a_folder_that_keeps_vanishing_stops_nothing_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let chat = folder.path().join("chat");
    let path = chat.join("chat.log");
    let mut log = LogFile::new(path.clone(), rotation(100));
    thread::scope(|scope| {
        let remover = scope.spawn(|| {
            for _ in 0..300 {
                let _ = fs::remove_dir_all(&chat);
                thread::yield_now();
            }
        });
        while !remover.is_finished() {
            // It may fail in the very moment that the folder goes.
            let _ = log.append(b"a line while the folder vanishes\n", noon(), &mut |_| {});
        }
    });
    append(&mut log, "after\n", noon());
    assert!(fs::read_to_string(&path).unwrap().ends_with("after\n"));
}

#[test]
fn a_log_of_a_bare_name_is_written_where_the_process_is() {
    assert_eq!(LogFile::new("chat.log".into(), Rotation::default()).path(), Path::new("chat.log"));
}
