//! Lines of logs are paired wherever they stand, and told in the order of the requests.

use super::*;
use crate::source::Input;
use proptest::prelude::*;
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

fn request(uid: impl std::fmt::Display, said: &str) -> String {
    format!("{{'messages': ['{said}'], 'uid': '{uid}'}}\n")
}

fn answer(uid: impl std::fmt::Display, said: &str) -> String {
    format!("{{'assistant': '{said}', 'uid': '{uid}'}}\n")
}

/// Logs, written as files of a folder, and read.
fn read(files: &[(&str, &[u8])], options: Options) -> (tempfile::TempDir, Result<Reading, ReadError>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let reading = Reading::open(vec![Input::Path(folder.path().to_owned())], folder.path(), options, &());
    (folder, reading)
}

fn of(lines: &[u8]) -> Reading {
    read(&[("chat.log", lines)], Options::default()).1.unwrap()
}

/// The first text in each line.
fn said(line: Line<'_>) -> String {
    let text = String::from_utf8_lossy(line.text).into_owned();
    text.split('\'').nth(3).unwrap_or(&text).to_owned()
}

fn told(pair: Pair<'_>) -> String {
    match pair.lines {
        Lines::Two { request, answer } => format!("{}-{}", said(request), said(answer)),
        Lines::One(line) => format!("{:?}", line.dialect),
    }
}

fn pairs(reading: &Reading) -> Vec<String> {
    let mut all = Vec::new();
    reading
        .for_each(&(), &mut |pair| {
            all.push(told(pair));
            let mut buffer = Vec::new();
            assert_eq!(told(reading.read(pair.number, &mut buffer)?.unwrap()), told(pair));
            Ok::<(), ReadError>(())
        })
        .unwrap();
    let mut mapped = Vec::new();
    reading
        .map(&(), &|pair| Ok::<_, ReadError>(told(pair)), &mut |pair| {
            mapped.push(pair);
            Ok(())
        })
        .unwrap();
    assert_eq!(mapped, all);
    all
}

fn counts(reading: &Reading) -> [u64; 6] {
    let report = reading.report();
    [
        report.requests,
        report.answers,
        report.exchanges,
        report.unpaired_requests,
        report.unpaired_answers,
        report.other,
    ]
}

#[test]
fn answers_are_found_before_after_and_far_from_their_requests() {
    let far: String = (0..40_000).map(|number| request(number, "x") + &answer(number, "y")).collect();
    let lines =
        [answer("a", "1"), request("b", "2"), request("a", "3"), far, answer("b", "4"), answer("c", "5")];
    let reading = of(lines.concat().as_bytes());
    let pairs = pairs(&reading);
    assert_eq!((&*pairs[0], &*pairs[1], &*pairs[2], pairs.len()), ("2-4", "3-1", "x-y", 40_002));
    assert_eq!(counts(&reading), [40_002, 40_003, 40_002, 0, 1, 0]);
    assert!(reading.bytes() > 5 * 512 * 1024, "several parts and batches");
    let place = |location: Option<Location>| location.unwrap().line;
    assert_eq!(place(reading.location(0).unwrap()), 2);
    assert_eq!(place(reading.answer_location(0).unwrap()), 80_004);
    assert_eq!(place(reading.location(40_001).unwrap()), 80_002);
}

#[test]
fn pairs_are_split_over_files_and_files_may_be_empty() {
    let (first, last) = (request("a", "1") + &request("b", "2"), answer("b", "3") + &answer("a", "4"));
    let (_folder, reading) = read(
        &[
            ("chat.2026-11-23_18-43-38_260137.log", first.trim_end().as_bytes()),
            ("chat.2026-11-24_18-43-38_260137.log", b""),
            ("chat.log", last.as_bytes()),
        ],
        Options::default(),
    );
    let reading = reading.unwrap();
    assert_eq!(pairs(&reading), ["1-4", "2-3"]);
    let location = reading.answer_location(0).unwrap().unwrap();
    assert!(location.file.ends_with("chat.log") && location.line == 2);
}

#[test]
fn lines_of_one_uid_are_paired_in_their_order_or_the_last_of_them() {
    let lines = [
        request("a", "1"),
        answer("a", "2"),
        request("a", "3"),
        request("a", "4"),
        answer("a", "5"),
        answer("a", "6"),
    ];
    let early = [answer("b", "7"), answer("b", "8"), request("b", "9")];
    let lines = lines.concat() + &early.concat();
    assert_eq!(pairs(&of(lines.as_bytes())), ["1-2", "3-5", "4-6", "9-7"]);
    let (_folder, compat) =
        read(&[("chat.log", lines.as_bytes())], Options { compat: true, ..Options::default() });
    let compat = compat.unwrap();
    assert_eq!(pairs(&compat), ["4-6", "9-8"]);
    assert_eq!(counts(&compat), [4, 5, 2, 2, 3, 0]);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_the_rest_is_read() {
    let mut lines = b"\xef\xbb\xbf".to_vec();
    lines.extend(request("a", "1").trim_end().bytes());
    lines.extend(b"\r\n\n  \t\n{'uid': \xff}\n  {'a': \n[1]\n{'messages': []}\n");
    lines.extend(answer("a", "2").replace('\n', "\r\n").bytes());
    lines.extend(b"{'assistant': 'cut");
    let reading = of(&lines);
    assert_eq!(pairs(&reading), ["1-2"]);
    let report = reading.report();
    let told: Vec<String> = report
        .faults
        .iter()
        .chain(&report.unfinished)
        .map(|fault| fault.to_string().rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "chat.log:4:9: no UTF-8",
            "chat.log:5:8: the end",
            "chat.log:6:1: something unexpected",
            "chat.log:7: no uid",
            "chat.log:9:15: an unfinished text",
        ]
    );
    assert_eq!((report.lines, report.malformed), (9, 4));
}

#[test]
fn only_the_first_faults_are_kept() {
    let reading = of(&b"x\n".repeat(500_000));
    let report = reading.report();
    assert_eq!((report.malformed, report.faults.len()), (500_000, MOST_FAULTS));
    assert!(report.faults.iter().zip(1..).all(|(fault, line)| fault.location.line == line));
}

#[test]
fn lines_of_other_kinds_are_counted_or_taken() {
    let lines = "{'prompt': 'p', 'uid': 'a'}\n{'text': 't', 'uid': 'a'}\n{'object': 'o', 'uid': 'b'}\n\
         {'input': 'i', 'uid': 'b'}\n{'input': 'i', 'uid': 'c'}\n\
         {\"uid\": \"d\", \"kind\": \"general\", \"request\": null}\n{\"uid\": \"e\", \"request\": {}}\n";
    let reading = of(lines.as_bytes());
    assert_eq!(pairs(&reading), ["Json"]);
    assert_eq!(counts(&reading), [0, 0, 1, 0, 0, 6]);
    let (_folder, all) =
        read(&[("x.log", lines.as_bytes())], Options { kinds: Kinds::All, ..Options::default() });
    let all = all.unwrap();
    assert_eq!(pairs(&all), ["p-t", "i-o", "Json", "Json"]);
    assert_eq!(counts(&all), [3, 2, 4, 1, 0, 0]);
}

#[test]
fn lines_of_many_megabytes_are_read_beside_short_ones() {
    let long = "x".repeat(5 << 20);
    let lines = [
        request("a", "1"),
        request("b", &long),
        request("c", "2"),
        answer("c", "3"),
        answer("b", &long),
        answer("a", "4"),
    ];
    let reading = of(lines.concat().as_bytes());
    let pairs = pairs(&reading);
    assert_eq!((&*pairs[0], pairs[1].len(), &*pairs[2]), ("1-4", 2 * long.len() + 1, "2-3"));
}

#[test]
fn damaged_packed_files_are_told_once() {
    use std::io::Write;
    let lines: String = (0..3000).map(|number| request(number, "x") + &answer(number, "y")).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(lines.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let (_folder, reading) = read(
        &[("chat.log.gz", &packed[..packed.len() / 2]), ("d.log", request("z", "1").as_bytes())],
        Options::default(),
    );
    let reading = reading.unwrap();
    let report = reading.report();
    assert!(report.exchanges > 100 && report.unfinished.is_empty());
    assert_eq!((report.malformed, report.faults[0].what), (1, Unreadable::CutOff));
    assert!(report.faults[0].location.line > 200);
}

#[derive(Default)]
struct Watched {
    expected: AtomicU64,
    read: AtomicU64,
    stop_at: u64,
}

impl Progress for Watched {
    fn expect(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Relaxed);
    }

    fn add(&self, bytes: u64) {
        self.read.fetch_add(bytes, Relaxed);
    }

    fn stopped(&self) -> bool {
        self.read.load(Relaxed) >= self.stop_at
    }
}

#[test]
fn progress_comes_to_its_end_or_ends_the_reading() {
    let lines: String = (0..30_000).map(|number| request(number, "x") + &answer(number, "y")).collect();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("chat.log");
    fs::write(&log, &lines).unwrap();
    let open = |watched: &Watched| {
        Reading::open(vec![Input::Path(log.clone())], Path::new("."), Options::default(), watched)
    };
    let whole = Watched { stop_at: u64::MAX, ..Watched::default() };
    let reading = open(&whole).unwrap();
    assert_eq!(whole.read.load(Relaxed), lines.len() as u64);
    let write = |watched: &Watched| {
        reading.render::<Broken>(watched, &mut Vec::new(), b"", &|_, out| {
            out.push(b'.');
            Ok(true)
        })
    };
    assert_eq!(write(&whole).ok(), Some(30_000));
    assert_eq!(whole.read.load(Relaxed), whole.expected.load(Relaxed));
    let stopping = || Watched { stop_at: 1 << 20, ..Watched::default() };
    assert!(matches!(open(&stopping()), Err(ReadError::Stopped)));
    assert!(matches!(write(&stopping()), Err(Broken::Read(ReadError::Stopped))));
}

#[derive(Debug)]
enum Broken {
    Read(ReadError),
    Write(std::io::Error),
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Broken::Read(error)
    }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Broken::Write(error)
    }
}

#[test]
fn an_output_that_fails_ends_the_work() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines: String = (0..30_000).map(|number| request(number, "x") + &answer(number, "y")).collect();
    let done = of(lines.as_bytes()).render::<Broken>(&(), &mut Full, b"", &|_, out| {
        out.push(b'.');
        Ok(true)
    });
    assert!(matches!(done, Err(Broken::Write(error)) if error.kind() == std::io::ErrorKind::StorageFull));
}

/// What pairs there are, found in the plainest way.
fn expected(lines: &[(bool, u8, usize)]) -> Vec<String> {
    let of = |is_request: bool, uid: u8| {
        lines
            .iter()
            .enumerate()
            .filter(move |(_, line)| line.0 == is_request && line.1 == uid)
            .map(|(number, _)| number)
    };
    let mut pairs: Vec<(usize, usize)> =
        (0..=u8::MAX).flat_map(|uid| of(true, uid).zip(of(false, uid)).collect::<Vec<_>>()).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(request, answer)| format!("{request}-{answer}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pairs_are_what_plain_search_finds(
        lines in prop::collection::vec((any::<bool>(), 0..12_u8, 0..200_000_usize), 0..60),
    ) {
        let text: String = lines
            .iter()
            .enumerate()
            .map(|(number, (is_request, uid, length))| {
                let side = if *is_request { request } else { answer };
                // Mostly short, some longer than a part.
                let pad = " ".repeat(if length % 5 == 0 { *length } else { length % 7 });
                pad + &side(uid, &number.to_string())
            })
            .collect();
        prop_assert_eq!(pairs(&of(text.as_bytes())), expected(&lines));
    }

    #[test]
    fn no_bytes_make_reading_fail(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (_folder, reading) = read(&[("chat.log", &bytes)], Options::default());
        let reading = reading.unwrap();
        prop_assert!(pairs(&reading).len() <= bytes.len());
    }
}
