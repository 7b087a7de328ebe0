//! Processes that are killed while they append.

use super::{super::LogFile, append, child, files, is_child, noon, rotation};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

/// Kilobytes of a line; long ones, so that a kill falls into the middle of a write.
const LINE: usize = 512 * 1024;

/// A line that tells its number at both ends.
fn line(number: usize) -> String {
    format!("{number} {} {number}\n", "z".repeat(LINE))
}

/// The number of a line if it is whole.
fn number(line: &str) -> Option<usize> {
    let (first, rest) = line.split_once(' ')?;
    let (middle, last) = rest.rsplit_once(' ')?;
    (first == last && middle.len() == LINE).then(|| first.parse().ok())?
}

#[test]
fn a_killed_process_leaves_whole_lines_and_all_that_it_had_appended() {
    for acknowledged in [0, 3, 6, 9] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = child(folder.path(), "killed::child_that_appends_for_ever", &[]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let appended =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("appended ")?.parse().ok());
        let last: usize = appended.take(acknowledged + 1).last().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();

        let path = folder.path().join("logs/chat.log");
        let mut log = LogFile::new(path.clone(), rotation(8 * LINE as u64));
        append(&mut log, &line(usize::MAX), noon());
        let mut numbers: Vec<_> = files(path.parent().unwrap())
            .iter()
            .flat_map(|(_, text)| text.split_inclusive('\n'))
            .map(|line| number(line.strip_suffix('\n').unwrap()).unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers.pop(), Some(usize::MAX));
        assert!(numbers.len() >= last);
        assert!(numbers.iter().copied().eq(0..numbers.len()), "{numbers:?}");
    }
}

#[test]
#[ignore = "the child of a_killed_process_leaves_whole_lines_and_all_that_it_had_appended"]
fn child_that_appends_for_ever() {
    if !is_child() {
        return;
    }
    let mut log = LogFile::new(Path::new("logs/chat.log").to_owned(), rotation(8 * LINE as u64));
    println!();
    for number in (0..).step_by(2) {
        append(&mut log, &(line(number) + &line(number + 1)), noon());
        println!("appended {}", number + 2);
    }
}
