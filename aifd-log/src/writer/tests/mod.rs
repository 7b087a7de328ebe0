//! Promises of the writer, on real files.

mod appending;
mod failing;
mod killed;
mod packing;
mod vanishing;

use super::{Gone, LogFile, WriteEvent};
use crate::rotation::Rotation;
use chrono::{DateTime, FixedOffset};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

fn time(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn noon() -> DateTime<FixedOffset> {
    time("2026-11-23T12:00:00.000007+08:00")
}

fn rotation(bytes: u64) -> Rotation {
    Rotation { bytes, daily: false }
}

/// Appends, and tells the events in short.
fn append(log: &mut LogFile, lines: &str, now: DateTime<FixedOffset>) -> Vec<String> {
    let mut events = Vec::new();
    log.append(lines.as_bytes(), now, &mut |event| events.push(short(&event))).unwrap();
    events
}

fn short(event: &WriteEvent) -> String {
    match event {
        WriteEvent::Rotated { to, bytes } => {
            format!("rotated {bytes} to {}", to.file_name().unwrap().to_str().unwrap())
        }
        WriteEvent::NotRotated { source } => format!("not rotated: {:?}", source.kind()),
        WriteEvent::TornLineCut { bytes } => format!("cut {bytes}"),
        WriteEvent::LineEnded => "ended".to_owned(),
        WriteEvent::Gone(Gone::Deleted) => "deleted".to_owned(),
        WriteEvent::Gone(Gone::Moved) => "moved".to_owned(),
    }
}

/// Every file of a folder with what is in it, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The file that makes a test run as the child that it is meant to be, in the folder that it is in.
const CHILD: &str = "child";

/// A command that runs one test of this program, by its path below this module, in a folder, behind another command.
fn child(folder: &Path, test: &str, before: &[&str]) -> Command {
    fs::write(folder.join(CHILD), "").unwrap();
    let this = std::env::current_exe().unwrap();
    let mut words = before.iter().map(Path::new).chain([&*this]);
    let mut command = Command::new(words.next().unwrap());
    let test = format!("writer::tests::{test}");
    command.args(words).args(["--ignored", "--exact", "--nocapture", &test]);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Whether this is such a child, and not somebody who runs all that is ignored.
fn is_child() -> bool {
    Path::new(CHILD).exists()
}
