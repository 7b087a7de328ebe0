//! Logs that change while they are followed.

use super::*;
use crate::rotation::Packing;
use std::io::Write;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        let mut options = fs::OpenOptions::new();
        options.create(true).append(true).open(self.path(name)).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn follow(&self, name: &str) -> Follower {
        Follower::new(vec![self.path(name)], self.0.path().to_owned())
    }
}

fn request(number: u32) -> String {
    let second = number % 60;
    format!("{{'messages': [], 'uid': '{number}', 'datetime': '2026-11-23 18:42:{second:02}'}}\n")
}

fn answer(number: u32) -> String {
    format!("{{'assistant': 'x', 'is_tool_calls': False, 'uid': '{number}'}}\n")
}

fn exchange(number: u32) -> String {
    request(number) + &answer(number)
}

fn newest(follower: &mut Follower, count: usize) -> Vec<String> {
    follower.newest(count, &|_| true).unwrap().into_iter().map(|exchange| exchange.uid).collect()
}

fn polled(follower: &mut Follower) -> Vec<String> {
    let mut uids = Vec::new();
    follower.poll(&mut |exchange| uids.push(exchange.uid)).unwrap();
    uids
}

const CHAT: &str = "Log/openai/chat/chat.log";

#[test]
fn the_newest_come_first_and_then_what_is_added() {
    let folder = Folder::new();
    folder.append(CHAT, &(exchange(1) + &exchange(2) + &request(3)));
    folder.append("Log/b/embedding/embedding.log", "{'input': 'x', 'encoding_format': 'float', 'uid': 'e', 'datetime': '2026-11-23 18:42:02'}\n{'object': 'list', 'uid': 'e'}\n");
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 2), ["e", "2"]);
    assert!(polled(&mut follower).is_empty());
    folder.append(CHAT, &answer(3));
    let text = exchange(4);
    let (begin, end) = text.split_at(100);
    folder.append(CHAT, begin);
    assert_eq!(polled(&mut follower), ["3"]);
    folder.append(CHAT, end);
    folder.append("Log/new/chat/chat.log", &exchange(5));
    assert_eq!(polled(&mut follower), ["4", "5"]);
}

#[test]
fn nothing_is_lost_or_told_twice_when_files_are_rotated() {
    let folder = Folder::new();
    folder.append(CHAT, &exchange(1));
    folder.append("Log/openai/chat/chat.2026-11-22_18-47-24_060135.log", &exchange(0));
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["0", "1"]);
    folder.append(CHAT, &(exchange(2) + &request(3)));
    fs::rename(folder.path(CHAT), folder.path("Log/openai/chat/chat.2026-11-23_18-47-24_060135.log"))
        .unwrap();
    folder.append(CHAT, &(answer(3) + &exchange(4)));
    fs::rename(folder.path(CHAT), folder.path("Log/openai/chat/chat.2026-11-23_18-47-25_060135.log"))
        .unwrap();
    folder.append(CHAT, &exchange(5));
    assert_eq!(polled(&mut follower), ["2", "3", "4", "5"], "two rotations between two looks");
    // Whoever writes goes on until it is told that logrotate moved its file.
    fs::rename(folder.path(CHAT), folder.path("Log/openai/chat/chat.log.1")).unwrap();
    folder.append("Log/openai/chat/chat.log.1", &exchange(6));
    assert_eq!(polled(&mut follower), ["6"]);
    folder.append(CHAT, &exchange(7));
    folder.append("Log/openai/chat/chat.log.1", &exchange(8));
    let mut both = polled(&mut follower);
    both.sort();
    assert_eq!(both, ["7", "8"]);
    assert!(polled(&mut follower).is_empty());
}

#[test]
fn deletion_truncation_and_a_folder_that_goes_and_comes_are_got_over() {
    let folder = Folder::new();
    let mut follower = folder.follow("Log");
    assert!(newest(&mut follower, 10).is_empty() && !follower.knows_any());
    folder.append(CHAT, &(exchange(1) + &exchange(2)));
    assert_eq!(polled(&mut follower), ["1", "2"]);
    fs::write(folder.path(CHAT), exchange(3)).unwrap();
    assert_eq!(polled(&mut follower), ["3"]);
    fs::write(folder.path(CHAT), exchange(8) + &exchange(9)).unwrap();
    assert_eq!(polled(&mut follower), ["8", "9"], "it was cut, and is longer than before");
    fs::remove_dir_all(folder.path("Log")).unwrap();
    assert!(polled(&mut follower).is_empty());
    assert!(!follower.knows_any(), "a file that is gone is let go");
    folder.append(CHAT, &exchange(4));
    assert_eq!(polled(&mut follower), ["4"]);
    fs::remove_file(folder.path(CHAT)).unwrap();
    folder.append(CHAT, &exchange(5));
    assert_eq!(polled(&mut follower), ["5"]);
}

#[test]
fn a_copy_that_logrotate_makes_is_not_told_again() {
    let folder = Folder::new();
    folder.append(CHAT, &exchange(1));
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["1"]);
    fs::copy(folder.path(CHAT), folder.path("Log/openai/chat/chat.log.1")).unwrap();
    fs::write(folder.path(CHAT), "").unwrap();
    assert!(polled(&mut follower).is_empty());
    folder.append(CHAT, &exchange(2));
    assert_eq!(polled(&mut follower), ["2"]);
}

#[test]
fn rotated_files_are_let_go_when_nothing_is_added_any_more() {
    let folder = Folder::new();
    folder.append(CHAT, &exchange(1));
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["1"]);
    fs::rename(folder.path(CHAT), folder.path("Log/openai/chat/chat.2026-11-23_18-47-24_060135.log"))
        .unwrap();
    folder.append(CHAT, "");
    for _ in 0..=held::MOST_QUIET_LOOKS {
        assert!(polled(&mut follower).is_empty());
    }
    assert_eq!(follower.held.len(), 1);
    folder.append(CHAT, &exchange(2));
    assert_eq!(polled(&mut follower), ["2"]);
}

#[test]
fn one_file_that_was_named_is_followed_alone() {
    let folder = Folder::new();
    folder.append(CHAT, &exchange(1));
    folder.append("Log/openai/chat/other.log", &exchange(2));
    let mut follower = folder.follow(CHAT);
    assert_eq!(newest(&mut follower, 10), ["1"]);
    folder.append(CHAT, &exchange(3));
    fs::rename(folder.path(CHAT), folder.path("Log/openai/chat/chat.2026-11-23_18-47-24_060135.log"))
        .unwrap();
    folder.append("Log/openai/chat/other.log", &exchange(4));
    folder.append(CHAT, &exchange(5));
    assert_eq!(polled(&mut follower), ["3", "5"]);
}

#[test]
fn so_many_are_found_however_far_up_they_stand() {
    let folder = Folder::new();
    let long = format!("{{'assistant': '{}', 'uid': 'stray'}}\n", "x".repeat(100_000));
    let text: String =
        (0..40).map(|number| exchange(number) + &long.repeat(usize::from(number == 3))).collect();
    folder.append(CHAT, &(request(99) + &text + &answer(99) + "{'messages': [], 'uid': 'last'"));
    let all: Vec<String> = newest(&mut folder.follow("Log"), 1_000);
    assert_eq!(all.len(), 41);
    assert_eq!(newest(&mut folder.follow("Log"), 2), ["39", "99"], "its request is the first line");
    let only = folder.follow("Log").newest(3, &|exchange| exchange.uid.len() == 1).unwrap();
    assert_eq!(only.iter().map(|exchange| exchange.uid.as_str()).collect::<Vec<_>>(), ["7", "8", "9"]);
    assert!(newest(&mut folder.follow("Log"), 0).is_empty());
}

#[test]
fn a_last_line_without_an_end_counts_if_it_is_whole_and_is_not_told_again() {
    let folder = Folder::new();
    folder.append(CHAT, exchange(1).trim_end());
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["1"]);
    folder.append(CHAT, &("\n".to_owned() + &exchange(2)));
    assert_eq!(polled(&mut follower), ["2"]);
}

fn packed(text: &str, packing: Packing) -> Vec<u8> {
    match packing {
        Packing::Plain => text.as_bytes().to_vec(),
        Packing::Zstd => zstd::encode_all(text.as_bytes(), 1).unwrap(),
        Packing::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        }
    }
}

#[test]
fn what_the_file_lacks_stands_in_those_it_was_rotated_to() {
    let folder = Folder::new();
    let all: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    for (at, packing) in [(0, Packing::Gzip), (2, Packing::Zstd), (4, Packing::Plain)] {
        let name = format!("Log/openai/chat/chat.2026-11-2{at}_18-47-24_060135.log{}", packing.suffix());
        folder.append(CHAT, "");
        fs::write(folder.path(&name), packed(&(exchange(at) + &exchange(at + 1)), packing)).unwrap();
    }
    // An exchange on both sides of a rotation, and a log that has no file to be written to.
    folder.append("Log/openai/chat/chat.2026-11-25_18-47-24_060135.log", &(exchange(6) + &request(7)));
    folder.append(CHAT, &(answer(7) + &exchange(8)));
    fs::create_dir_all(folder.path("Log/other/chat")).unwrap();
    fs::write(folder.path("Log/other/chat/chat.log.1.gz"), packed(&exchange(9), Packing::Gzip)).unwrap();
    for count in [1, 2, 3, 4, 6, 9, 10, 1_000] {
        let expected = &all[all.len().saturating_sub(count)..];
        assert_eq!(newest(&mut folder.follow("Log"), count), expected, "{count}");
    }
    let only = folder.follow("Log").newest(1, &|exchange| exchange.uid == "1").unwrap();
    assert_eq!(only.len(), 1);
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 1_000).len(), 10);
    assert!(polled(&mut follower).is_empty(), "nothing is told twice");
    folder.append(CHAT, &exchange(10));
    assert_eq!(polled(&mut follower), ["10"]);
    assert_eq!(newest(&mut folder.follow(CHAT), 1_000), ["8", "10"], "a file that was named is shown alone");
}

#[test]
fn a_folder_of_rotated_files_alone_is_one_of_logs() {
    let folder = Folder::new();
    folder.append("Log/chat.2026-11-22_18-47-24_060135.log", &exchange(0));
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["0"]);
    assert!(follower.knows_any());
    folder.append("Log/chat.log", &exchange(1));
    assert_eq!(polled(&mut follower), ["1"]);
}

#[test]
fn a_file_is_read_to_its_end_before_it_is_let_go() {
    let folder = Folder::new();
    folder.append(CHAT, &exchange(1));
    let mut follower = folder.follow("Log");
    assert_eq!(newest(&mut follower, 10), ["1"]);
    let rotated = folder.path("Log/openai/chat/chat.2026-11-23_18-47-24_060135.log");
    fs::rename(folder.path(CHAT), &rotated).unwrap();
    folder.append(CHAT, &exchange(2));
    let mut uids = Vec::new();
    // It is written to, packed and removed while another file is read.
    let result = follower.poll(&mut |exchange| {
        if exchange.uid == "2" {
            folder.append("Log/openai/chat/chat.2026-11-23_18-47-24_060135.log", &self::exchange(3));
            fs::remove_file(&rotated).unwrap();
        }
        uids.push(exchange.uid);
    });
    result.unwrap();
    uids.extend(polled(&mut follower));
    assert_eq!(uids, ["2", "3"]);
    assert_eq!(follower.held.len(), 1);
}
