//! Full disks, bounds of the system, and places that cannot be written to.

use super::{
    super::{LogFile, WriteError, WriteStep},
    append, child, files, is_child, noon, rotation,
};
use crate::rotation::Rotation;
use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

fn fail(log: &mut LogFile, lines: &[u8]) -> WriteError {
    log.append(lines, noon(), &mut |_| {}).unwrap_err()
}

fn log_at(path: impl AsRef<Path>) -> LogFile {
    LogFile::new(path.as_ref().to_owned(), Rotation::default())
}

#[test]
fn a_device_without_room_takes_nothing_and_is_never_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    symlink("/dev/full", &path).unwrap();
    let mut log = LogFile::new(path.clone(), rotation(2));
    let error = fail(&mut log, b"1\n2\n");
    assert_eq!((error.step, error.source.kind()), (WriteStep::Write, io::ErrorKind::StorageFull));
    assert_eq!((error.lines_written, error.bytes_written, error.torn), (0, 0, 0));
    assert_eq!(error.to_string(), format!("{}: it cannot be written to", path.display()));
    fs::remove_file(&path).unwrap();
    assert_eq!(append(&mut log, "3\n", noon()), [""; 0]);
    assert_eq!(files(folder.path()), [("chat.log".to_owned(), "3\n".to_owned())]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let chat = folder.path().join("chat");
    fs::write(&chat, "a file").unwrap();
    let mut log = log_at(chat.join("chat.log"));
    assert_eq!(fail(&mut log, b"1\n").step, WriteStep::Open);
    let mut deeper = log_at(chat.join("deep/chat.log"));
    assert_eq!(fail(&mut deeper, b"1\n").step, WriteStep::Open);
    fs::remove_file(&chat).unwrap();
    fs::create_dir_all(chat.join("chat.log")).unwrap();
    assert_eq!(fail(&mut log, b"1\n").source.kind(), io::ErrorKind::IsADirectory);
    fs::remove_dir(chat.join("chat.log")).unwrap();
    append(&mut log, "2\n", noon());
    append(&mut deeper, "2\n", noon());
    assert_eq!(fs::read_to_string(chat.join("chat.log")).unwrap(), "2\n");
}

#[test]
fn a_pipe_without_a_reader_does_not_hold_up_anything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.log");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let mut log = log_at(&path);
    // It is opened for reading as well, so that it takes what a pipe holds.
    append(&mut log, "1\n", noon());
    let error = fail(&mut log, &b"a line\n".repeat(100_000));
    assert_eq!((error.step, error.source.kind()), (WriteStep::Write, io::ErrorKind::WouldBlock));
}

#[test]
fn a_file_that_cannot_be_renamed_goes_on_growing() {
    let folder = tempfile::tempdir().unwrap();
    let name = "n".repeat(250);
    let mut log = LogFile::new(folder.path().join(&name), rotation(2));
    append(&mut log, "1\n", noon());
    // Told once an append, however many lines would need it.
    assert_eq!(append(&mut log, "2\n3\n4\n", noon()), ["not rotated: InvalidFilename"]);
    assert_eq!(append(&mut log, "5\n", noon()), ["not rotated: InvalidFilename"]);
    assert_eq!(files(folder.path()), [(name, "1\n2\n3\n4\n5\n".to_owned())]);
}

#[test]
fn lines_of_which_a_part_fits_are_cut_to_whole_ones() {
    let folder = tempfile::tempdir().unwrap();
    // In blocks of 512 bytes; without the trap the signal would end the child.
    let script = "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\"";
    let output =
        child(folder.path(), "failing::child_within_1024_bytes", &["sh", "-c", script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(folder.path().join("done").exists());
}

#[test]
#[ignore = "the child of lines_of_which_a_part_fits_are_cut_to_whole_ones"]
fn child_within_1024_bytes() {
    if !is_child() {
        return;
    }
    let mut log = log_at("logs/chat.log");
    let line = format!("{}\n", "x".repeat(299));
    append(&mut log, &line, noon());
    let error = fail(&mut log, line.repeat(4).as_bytes());
    assert_eq!((error.step, error.source.kind()), (WriteStep::Write, io::ErrorKind::FileTooLarge));
    assert_eq!((error.lines_written, error.bytes_written, error.torn), (2, 600, 0));
    assert_eq!(fs::read_to_string("logs/chat.log").unwrap(), line.repeat(3));
    let error = fail(&mut log, line.as_bytes());
    assert_eq!((error.lines_written, error.bytes_written, error.torn), (0, 0, 0));
    assert_eq!(fs::read_to_string("logs/chat.log").unwrap(), line.repeat(3));
    // What fits is written.
    assert_eq!(append(&mut log, "short\n", noon()), [""; 0]);
    // Made by a rename, as no byte fits any more.
    fs::rename("child", "done").unwrap();
}

/// A file system of 256 KiB in an own name space: as root, or as somebody who may have own name spaces.
const MOUNTED: &str = "mkdir -p logs && mount -t tmpfs -o size=256k tmpfs logs && exec \"$0\" \"$@\"";

#[test]
fn a_full_disk_loses_what_does_not_fit_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let before = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTED];
    let output = child(folder.path(), "failing::child_on_a_full_disk", &before).output();
    // Containers often allow no name spaces; the bound of 1024 bytes above is tested everywhere.
    let Ok(output) = output else { return };
    let may_not =
        ["unshare:", "mount:"].iter().any(|it| String::from_utf8_lossy(&output.stderr).contains(it));
    assert!(may_not || folder.path().join("done").exists(), "{output:?}");
}

#[test]
#[ignore = "the child of a_full_disk_loses_what_does_not_fit_and_nothing_else"]
fn child_on_a_full_disk() {
    if !is_child() {
        return;
    }
    let path = Path::new("logs/openai/chat/chat.log");
    let mut log = LogFile::new(path.to_owned(), rotation(100_000));
    let line = format!("{}\n", "y".repeat(999));
    let mut written = 0;
    let error = loop {
        match log.append(line.repeat(7).as_bytes(), noon(), &mut |_| {}) {
            Ok(()) => written += 7,
            Err(error) => break error,
        }
    };
    assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
    written += error.lines_written;
    let whole = || -> usize {
        let texts = files(path.parent().unwrap());
        assert!(
            texts.iter().all(|(_, text)| text.lines().all(|it| it.len() == 999) && text.len() % 1000 == 0)
        );
        texts.iter().map(|(_, text)| text.len() / 1000).sum()
    };
    assert_eq!(whole(), written);
    // Still full: still whole lines.
    for _ in 0..10 {
        written += fail(&mut log, line.repeat(40).as_bytes()).lines_written;
        assert_eq!(whole(), written);
    }
    // Room again: it goes on by itself.
    let (oldest, text) = files(path.parent().unwrap()).swap_remove(0);
    fs::remove_file(path.with_file_name(oldest)).unwrap();
    append(&mut log, &line, noon());
    assert_eq!(whole(), written - text.len() / 1000 + 1);
    fs::write("done", "").unwrap();
}

#[test]
fn a_folder_that_may_not_be_written_to_is_an_error_until_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::set_permissions(&logs, Permissions::from_mode(0o500)).unwrap();
    let mut log = log_at(logs.join("chat.log"));
    // Root may write everywhere.
    match log.append(b"1\n", noon(), &mut |_| {}) {
        Ok(()) => assert!(logs.join("chat.log").exists()),
        Err(error) => {
            assert_eq!((error.step, error.source.kind()), (WriteStep::Open, io::ErrorKind::PermissionDenied));
        }
    }
    fs::set_permissions(&logs, Permissions::from_mode(0o700)).unwrap();
    append(&mut log, "2\n", noon());
    assert!(fs::read_to_string(logs.join("chat.log")).unwrap().ends_with("2\n"));
}
