//! What is written in a format is read again from it.

use super::*;
use crate::convert::{
    self, Order, Report,
    run::{Sorted, convert},
    write::Place,
};
use serde_json::{Value, json};
use std::{fs, io::Write, path::PathBuf};

fn order(format: Format) -> Order {
    Order { strict: false, ..convert::tests::order(format) }
}

/// Exchanges that are there already.
struct Held(Vec<Exchange>);

impl Source for Held {
    fn bytes(&self) -> u64 {
        0
    }

    fn pass(&mut self, work: Work<'_>, each: Each<'_>) -> Result<Tally, ConvertError> {
        for exchange in self.0.iter().cloned() {
            let sorted = work(&exchange);
            each(Heard { exchange, sorted, halves: false })?;
        }
        Ok(Tally { exchanges: self.0.len() as u64, ..Tally::default() })
    }
}

fn written(exchanges: &[Exchange], path: &Path, format: Format) -> Report {
    let mut source = Held(exchanges.to_vec());
    convert(&mut source, Place::Path(path.to_owned()), &order(format), &Watch::default()).unwrap()
}

fn read(path: &Path, format: Format) -> (Vec<Exchange>, Tally) {
    let path = if format == Format::Parquet && path.is_dir() {
        path.join("data/train-00000-of-00001.parquet")
    } else {
        path.to_owned()
    };
    let input = open(&path, path.parent().unwrap()).unwrap();
    if format != Format::Jsonl || fs::metadata(&path).unwrap().len() > 0 {
        assert_eq!(detect(&input).unwrap(), Detected::Dataset(format), "{}", path.display());
    }
    let watch = Watch::default();
    let mut found = Vec::new();
    let mut source = Datasets::new(vec![input], format, &watch);
    let tally = source
        .pass(&|_| Sorted::Unwanted, &mut |heard| {
            found.push(heard.exchange);
            Ok(())
        })
        .unwrap();
    assert_eq!(watch.read(), source.bytes());
    (found, tally)
}

fn chat(messages: Value, answer: Value) -> Exchange {
    let line = json!({"uid": "u", "kind": "chat", "request": {"messages": messages, "model": "m"},
        "answer": answer});
    Exchange::of_json(line.as_object().unwrap().clone())
}

#[test]
fn texts_come_back_from_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let history = json!([{"role": "system", "content": "S"}, {"role": "user", "content": "a\n\"'\u{2028}"},
        {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]);
    let exchanges = [
        chat(history, json!({"role": "assistant", "content": "d 你好"})),
        chat(json!([{"role": "user", "content": "x"}]), json!({"role": "assistant", "content": ""})),
    ];
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Log) {
        let path = folder.path().join(format.name());
        let report = written(&exchanges, &path, format);
        assert_eq!((report.written, report.lost.len()), (2, 0), "{format}");
        let (found, tally) = read(&path, format);
        assert_eq!((tally.exchanges, tally.malformed), (2, 0), "{format}");
        for (found, expected) in found.iter().zip(&exchanges) {
            let (found, expected) = (found.conversation().unwrap(), expected.conversation().unwrap());
            assert_eq!(found, expected, "{format}");
        }
    }
}

#[test]
fn packed_files_are_unpacked_and_pipes_put_by() {
    let folder = tempfile::tempdir().unwrap();
    let line = b"{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(line).unwrap();
    let packed = [gzip.finish().unwrap(), zstd::encode_all(&line[..], 1).unwrap(), line.to_vec()];
    for bytes in packed {
        let path = folder.path().join("file");
        fs::write(&path, bytes).unwrap();
        let (found, _) = read(&path, Format::Openai);
        assert_eq!(found[0].answer.as_ref().unwrap()["content"], "b");
        assert_eq!(found[0].uid.len(), 32);
    }
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(line).unwrap();
    drop(writer);
    let input = Input::new(Path::new("-"), std::os::fd::OwnedFd::from(reader), folder.path()).unwrap();
    assert_eq!(detect(&input).unwrap(), Detected::Dataset(Format::Openai));
    assert_eq!(input.bytes(), line.len() as u64);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, text: &str, format: Format| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let watch = Watch::default();
        let inputs = vec![open(&path, folder.path()).unwrap()];
        let pass = Datasets::new(inputs, format, &watch).pass(&|_| Sorted::Unwanted, &mut |_| Ok(()));
        let tally = match pass {
            Ok(tally) => tally,
            Err(ConvertError::Read { source, .. }) => return (0, vec![format!("! {source}")]),
            Err(other) => panic!("{other}"),
        };
        let faults = tally.faults.iter().map(|fault| format!("{}: {}", fault.line, fault.reason));
        (tally.exchanges, faults.collect::<Vec<_>>())
    };
    assert_eq!(
        told("a", "{\"messages\":[]}\n{\"x\n{}\n", Format::Openai),
        (
            2,
            vec![
                "2: control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"
                    .to_owned()
            ]
        )
    );
    assert_eq!(
        told("b", "[{},", Format::Sharegpt),
        (
            0,
            vec![
                "! line 1: the file ends within a value; what follows in the file cannot be found".to_owned()
            ]
        )
    );
    assert_eq!(told("c", "a,b\n1,2\n", Format::Csv), (0, vec!["! no column `messages`".to_owned()]));
    assert!(told("d", "PAR1", Format::Parquet).1[0].starts_with('!'));
    assert_eq!(told("e", "messages,answer\n[],x\n[]\n", Format::Csv), (2, Vec::new()));
}

#[test]
fn a_file_tells_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("{'messages': []}", Detected::Log),
        ("", Detected::Log),
        ("{\"messages\": [], \"uid\": \"u\"}", Detected::Log),
        ("{\"uid\": \"u\", \"request\": {}}", Detected::Dataset(Format::Jsonl)),
        ("[]", Detected::Dataset(Format::OpenaiForward)),
        ("\u{feff}[{\"conversations\": []}]", Detected::Dataset(Format::Sharegpt)),
        ("uid,messages\n", Detected::Dataset(Format::Csv)),
    ] {
        let path: PathBuf = folder.path().join("file");
        fs::write(&path, text).unwrap();
        assert_eq!(detect(&open(&path, folder.path()).unwrap()).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_conversion_that_is_stopped_leaves_what_stood_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, "before").unwrap();
    let watch = Watch::default();
    watch.stop();
    let mut source = Held(Vec::new());
    let stopped = convert(&mut source, Place::Path(path.clone()), &order(Format::Jsonl), &watch);
    assert!(matches!(stopped, Err(ConvertError::Stopped)));
    assert_eq!(
        (fs::read(&path).unwrap().as_slice(), fs::read_dir(folder.path()).unwrap().count()),
        (&b"before"[..], 1)
    );
}
