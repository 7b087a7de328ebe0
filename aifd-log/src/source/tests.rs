//! Which files are read, in which order, and what of them.

use super::*;
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write};

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn whole(text: &Text) -> String {
    let mut bytes = vec![0; text.bytes() as usize];
    assert_eq!(text.read_at(&mut bytes, 0).unwrap(), bytes.len());
    String::from_utf8(bytes).unwrap()
}

fn names(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(|text| text.shown().file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn the_files_of_a_folder_are_read_oldest_first_and_once() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "chat.log",
        "chat.2026-11-23_18-43-38_260137.log",
        "chat.2026-11-23_18-43-38_260137.2.log",
        "chat.2026-11-22_18-43-38_260137.log.gz",
        "chat.2026-11-22_18-43-38_260137.log",
        "chat.2026-11-21_18-43-38_260137.log.zst",
        "chat.log.1",
        "chat.log.12",
        "a.b.log",
        "note.txt",
        ".chat.log",
        "chat.2026-11-22_18-43-38_260137.log.gz.part",
    ] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    fs::create_dir(folder.path().join("x.log")).unwrap();
    let inputs = [folder.path().to_owned(), folder.path().join("chat.log")];
    let texts = open(inputs.into_iter().map(Input::Path).collect(), folder.path(), &|| false).unwrap();
    assert_eq!(
        names(&texts),
        [
            "a.b.log",
            "chat.log.12",
            "chat.log.1",
            "chat.2026-11-21_18-43-38_260137.log.zst",
            "chat.2026-11-22_18-43-38_260137.log",
            "chat.2026-11-23_18-43-38_260137.log",
            "chat.2026-11-23_18-43-38_260137.2.log",
            "chat.log",
        ]
    );
}

#[test]
fn packed_files_and_pipes_are_read_like_others_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.log.gz"), [packed("one\n"), packed("two\n")].concat()).unwrap();
    fs::write(at("b.log.zst"), zstd::encode_all(&b"three\n"[..], 3).unwrap()).unwrap();
    let (from, mut to) = io::pipe().unwrap();
    to.write_all(&packed("four\n")).unwrap();
    drop(to);
    let stdin = Input::Open { shown: "-".into(), file: File::from(std::os::fd::OwnedFd::from(from)) };
    let inputs = vec![Input::Path(at("a.log.gz")), Input::Path(at("b.log.zst")), stdin];
    let texts = open(inputs, spool.path(), &|| false).unwrap();
    assert_eq!(texts.iter().map(whole).collect::<Vec<_>>(), ["one\ntwo\n", "three\n", "four\n"]);
    assert!(texts.iter().all(|text| !text.is_cut_off()));
    assert_eq!(fs::read_dir(spool.path()).unwrap().count(), 0);
}

#[test]
fn what_a_damaged_file_still_holds_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log.gz");
    let lines: String = (0..20_000).map(|number| format!("{{'uid': '{number}'}}\n")).collect();
    let bytes = packed(&lines);
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let texts = open(vec![Input::Path(path)], folder.path(), &|| false).unwrap();
    let held = whole(&texts[0]);
    assert!(texts[0].is_cut_off() && held.len() > 1000 && lines.starts_with(&held));
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.log");
    let error = open(vec![Input::Path(missing.clone())], folder.path(), &|| false).unwrap_err();
    assert!(matches!(error, SourceError::Open { path, .. } if path == missing));
}

#[test]
fn a_pipe_that_never_ends_can_be_left() {
    let spool = tempfile::tempdir().unwrap();
    let (from, mut to) = io::pipe().unwrap();
    let writer =
        std::thread::Builder::new().spawn(move || while to.write_all(&[b'x'; 4096]).is_ok() {}).unwrap();
    let asked = std::cell::Cell::new(0);
    let stopped = || {
        asked.set(asked.get() + 1);
        asked.get() > 9
    };
    let stdin = Input::Open { shown: "-".into(), file: File::from(std::os::fd::OwnedFd::from(from)) };
    let error = open(vec![stdin], spool.path(), &stopped).unwrap_err();
    assert!(matches!(error, SourceError::Spool { .. }));
    writer.join().unwrap();
}
