//! What is written is read again.

use super::*;
use crate::exchange::Fields;
use serde_json::{Value, json};
use std::io::{Seek, SeekFrom};

fn exchange(line: Value) -> Exchange {
    Exchange::of_json(line.as_object().unwrap().clone())
}

fn written(exchanges: &[Exchange]) -> (std::fs::File, SplitCount) {
    let mut writer = Writer::new(tempfile::tempfile().unwrap()).unwrap();
    for exchange in exchanges {
        writer.put(row(exchange).unwrap().0).unwrap();
    }
    let (mut file, count) = writer.finish().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    (file, count)
}

fn read(file: std::fs::File) -> Vec<Exchange> {
    rows(file).unwrap().map(|row: Result<Fields, _>| read::exchange(row.unwrap())).collect()
}

#[test]
fn what_other_programs_pack_their_files_with_is_read() {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())] {
        let texts: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["asked ".repeat(99)]));
        let batch = RecordBatch::try_from_iter([("instruction", texts.clone()), ("output", texts)]).unwrap();
        let properties = WriterProperties::builder().set_compression(packing).build();
        let file = tempfile::tempfile().unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        let mut file = writer.into_inner().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let rows: Vec<Fields> = rows(file).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows[0]["output"], "asked ".repeat(99), "{packing}");
    }
}

#[test]
fn exchanges_come_back_as_they_were() {
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let exchanges = [
        exchange(
            json!({"uid": "u", "datetime": "2026-01-01 00:00:00", "ip": "::1", "route": "/", "key": "key_1",
            "kind": "chat", "caching": true,
            "request": {"messages": [
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "x"}}]},
                {"role": "assistant", "content": null, "tool_calls": [call]},
                {"role": "tool", "content": "1", "tool_call_id": "c"},
                {"role": "user", "content": 5, "name": "bob", "cache_control": {"type": "x"}}],
                "model": "m", "temperature": 0.5, "tools": [{"type": "function", "function": {"name": "f"}}]},
            "status": 200, "end": "complete", "model": "m-1", "finish_reason": "stop",
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "latency_ms": 1.5, "cache": "hit",
            "answer": {"role": "assistant", "content": "text \u{1f600}\n", "tool_calls": [{"id": "d", "custom": 1}],
                "reasoning_content": "hm"}}),
        ),
        exchange(json!({"uid": "v", "kind": "chat", "request": {"messages": []},
            "answer": {"role": "assistant", "content": ""}})),
    ];
    let (file, count) = written(&exchanges);
    assert_eq!(count.rows, 2);
    assert!(count.bytes > 100 && count.stored > 100);
    assert_eq!(read(file), exchanges);
}

#[test]
fn the_place_of_a_call_in_its_stream_is_lost_and_told() {
    let call = |more: Value| {
        let mut call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    let asked = |calls: Value| json!([{"role": "assistant", "content": null, "tool_calls": calls}]);
    for (messages, calls, lost) in [
        (json!([]), json!([call(json!({}))]), false),
        (json!([]), json!([call(json!({})), call(json!({"index": 1}))]), true),
        (asked(json!([call(json!({"index": 0}))])), Value::Null, true),
        // What has more than the columns is kept whole.
        (json!([]), json!([call(json!({"index": 0, "custom": 1}))]), false),
    ] {
        let exchange = exchange(json!({"uid": "u", "kind": "chat", "request": {"messages": messages},
            "answer": {"role": "assistant", "content": null, "tool_calls": calls}}));
        let (_, losses) = row(&exchange).unwrap();
        assert_eq!(losses.iter().collect::<Vec<_>>(), if lost { vec![Loss::CallIndex] } else { vec![] });
        let back = read(written(std::slice::from_ref(&exchange)).0).remove(0);
        let kept = back.answer.unwrap().get("tool_calls").cloned().unwrap_or_default();
        assert_eq!(kept == calls && back.request["messages"] == messages, !lost, "{calls}");
    }
}

#[test]
fn a_file_may_have_no_rows_or_many_batches() {
    assert_eq!(read(written(&[]).0), []);
    let exchanges: Vec<Exchange> = (0..10_000)
        .map(|number| {
            exchange(json!({"uid": format!("{number}"), "kind": "chat",
                "request": {"messages": [{"role": "user", "content": "x".repeat(1_000)}]},
                "answer": {"role": "assistant", "content": format!("{number}")}}))
        })
        .collect();
    assert_eq!(read(written(&exchanges).0), exchanges);
}

#[test]
fn files_are_named_as_the_hub_names_them() {
    let name = file_name("train", 0, 12);
    assert_eq!(name, "train-00000-of-00012.parquet");
    for own in [&*name, "my-test_1-00010-of-00012.parquet"] {
        assert!(is_file_name(own), "{own}");
    }
    for other in [
        "train-0-of-1.parquet",
        "train-00000-of-00012.csv",
        "train-.parquet",
        "train.parquet",
        "-00000-of-00012.parquet",
        ".train-00000-of-00012.parquet",
        "train-00000-of-00012.parquet.part",
    ] {
        assert!(!is_file_name(other), "{other}");
    }
}

#[test]
fn a_card_tells_columns_and_counts() {
    let count = SplitCount { rows: 2, bytes: 10, stored: 5 };
    let card = Card {
        name: "chat: \"openai\"".to_owned(),
        splits: vec![("train".into(), count), ("test".into(), count)],
    };
    let text = card.text();
    for part in [
        "pretty_name: \"chat: \\\"openai\\\"\"",
        "- n<1K",
        "  - split: test\n    path: data/test-*",
        "  - name: messages\n    list:\n    - name: role\n      dtype: string",
        "    - name: tool_calls\n      list:\n      - name: id",
        "      - name: function\n        struct:\n        - name: name",
        "  - name: test\n    num_bytes: 10\n    num_examples: 2",
        "  download_size: 10\n  dataset_size: 20\n---\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
