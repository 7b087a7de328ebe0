//! What stands around rows, and where parts go.

use super::*;
use crate::exchange::Exchange;
use serde_json::{Value, json};
use std::{
    fs,
    sync::{Arc, Mutex},
};

const MANNER: Manner = Manner { format: Format::Jsonl, weight: Weight::Last, shard_bytes: SHARD_BYTES };

/// A stream that can be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn exchanges(count: usize) -> Vec<Exchange> {
    let exchange = |number| {
        let line = json!({"uid": "u", "kind": "chat", "request": {"messages": [{"role": "user", "content": format!("q{number}")}]},
            "answer": {"role": "assistant", "content": "a"}});
        Exchange::of_json(line.as_object().unwrap().clone())
    };
    (0..count).map(exchange).collect()
}

fn streamed(format: Format, count: usize) -> String {
    let stream = Shared::default();
    let manner = Manner { format, ..MANNER };
    let mut dataset = Dataset::new(Place::Stream(Box::new(stream.clone())), None, manner).unwrap();
    for exchange in exchanges(count) {
        let (row, _) = Row::of(&exchange, &manner).unwrap();
        dataset.put(0, row).unwrap();
    }
    let written = dataset.finish().unwrap();
    assert_eq!(written, [Written { part: None, path: "-".into(), exchanges: count as u64 }]);
    String::from_utf8(stream.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn rows_are_lines_or_an_array() {
    for (format, empty) in
        [(Format::Jsonl, ""), (Format::Openai, ""), (Format::Sharegpt, "[]\n"), (Format::Alpaca, "[]\n")]
    {
        assert_eq!(streamed(format, 0), empty, "{format}");
        let text = streamed(format, 2);
        let rows: Vec<Value> = match empty {
            "" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            _ => serde_json::from_str(&text).unwrap(),
        };
        assert_eq!(rows.len(), 2, "{text}");
        assert!(text.ends_with('\n'));
    }
    let table = streamed(Format::Csv, 1);
    assert!(table.starts_with("uid,datetime,") && table.lines().count() == 2, "{table}");
}

#[test]
fn parts_have_files_of_their_own_and_none_takes_its_place_before_all_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    let split: Split = "train=0.5,test=0.5".parse().unwrap();
    let begin = || Dataset::new(Place::Path(path.clone()), Some(&split), MANNER).unwrap();
    drop(begin());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut dataset = begin();
    for exchange in exchanges(20) {
        let (row, _) = Row::of(&exchange, &MANNER).unwrap();
        dataset.put(split.part(&exchange), row).unwrap();
    }
    let written = dataset.finish().unwrap();
    let paths: Vec<String> =
        written.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(paths, ["out.train.jsonl", "out.test.jsonl"]);
    assert_eq!(written.iter().map(|file| file.exchanges).sum::<u64>(), 20);
    let lines = |file: &Written| fs::read_to_string(&file.path).unwrap().lines().count() as u64;
    assert!(written.iter().all(|file| lines(file) == file.exchanges));
}

#[test]
fn parquet_files_are_numbered_and_take_the_place_of_the_dataset_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("set");
    let write = |count: usize, shard_bytes, split: Option<&str>| {
        let manner = Manner { format: Format::Parquet, shard_bytes, ..MANNER };
        let split: Option<Split> = split.map(|split| split.parse().unwrap());
        let mut dataset = Dataset::new(Place::Path(target.clone()), split.as_ref(), manner).unwrap();
        for exchange in exchanges(count) {
            let (row, _) = Row::of(&exchange, &manner).unwrap();
            dataset.put(split.as_ref().map_or(0, |split| split.part(&exchange)), row).unwrap();
        }
        move || dataset.finish().unwrap()
    };
    let names = || {
        let entries = fs::read_dir(target.join("data")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names.retain(|name| !name.starts_with('.'));
        names
    };
    write(5_000, 1_000, None)();
    assert_eq!(names(), ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]);
    // What is not the dataset's own stays.
    let others = [
        "data/other.txt",
        "data/train.parquet",
        "data/train-00000.parquet",
        "data/train-0-of-1.parquet",
        "notes.md",
    ];
    others.iter().for_each(|name| fs::write(target.join(name), "stays").unwrap());
    fs::create_dir(target.join("data/x-00000-of-00001.parquet")).unwrap();
    let finish = write(20, SHARD_BYTES, Some("train=0.5,my-test=0.5"));
    assert!(names().contains(&"train-00001-of-00002.parquet".to_owned()), "until the new files are whole");
    finish();
    let kept = |name: &String| others.iter().any(|other| other.ends_with(name)) || name.starts_with('x');
    let own = || names().into_iter().filter(|name| !kept(name)).collect::<Vec<_>>();
    assert_eq!(own(), ["my-test-00000-of-00001.parquet", "train-00000-of-00001.parquet"]);
    write(3, SHARD_BYTES, None)();
    assert_eq!(own(), ["train-00000-of-00001.parquet"]);
    assert!(others.iter().all(|name| fs::read(target.join(name)).unwrap() == b"stays"));
    let card = fs::read_to_string(target.join("README.md")).unwrap();
    assert!(card.contains("num_examples: 3"), "{card}");
}

#[test]
fn a_stream_takes_one_file_only() {
    let stream = || Place::Stream(Box::new(io::sink()));
    let split: Split = "a=0.5,b=0.5".parse().unwrap();
    assert!(Dataset::new(stream(), Some(&split), MANNER).is_err());
    assert!(Dataset::new(stream(), None, Manner { format: Format::Parquet, ..MANNER }).is_err());
}

#[test]
fn part_names_stand_before_the_extension() {
    for (path, expected) in [
        ("a/chat_openai.json", "a/chat_openai.train.json"),
        ("out", "out.train"),
        ("a.b.csv", "a.b.train.csv"),
    ] {
        assert_eq!(part_path(Path::new(path), Some("train")), Path::new(expected));
    }
}
