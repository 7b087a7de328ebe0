//! How fast lines of chat logs are looked through and turned into the other notation, in bytes of their text.
#![allow(missing_docs, reason = "criterion's macros make functions without documents")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark without its lines has to stop")]

#[path = "../tests/golden/mod.rs"]
mod golden;

use aifd_log::literal::{Dialect, Layout, fields, to_json, to_python};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Lines as small as those of a stream of sixty chunks: a short request and an answer of a few hundred bytes.
fn small() -> Vec<String> {
    let asked = "{'messages': [{'role': 'user', 'content': 'Say sixty words.'}], 'model': 'gpt-4o-mini', 'stream': True, \
        'max_tokens': None, 'n': 1, 'temperature': 1, 'top_p': 1, 'tools': None, 'ip': '127.0.0.1', \
        'uid': 'bad99a0e04f0fdf3c08168542ff03e3b', 'caching': False, 'datetime': '2026-11-23 18:42:43', 'route': '/', 'key': None}";
    let words: Vec<String> = (0..60).map(|word| format!("word{word}")).collect();
    let answered = format!(
        "{{'assistant': '{}', 'is_tool_calls': False, 'uid': 'bad99a0e04f0fdf3c08168542ff03e3b', 'model': 'gpt-4o-mini', \
         'status': 200, 'end': 'complete', 'finish_reason': 'stop', 'usage': {{'prompt_tokens': 9, 'completion_tokens': 60, \
         'total_tokens': 69}}, 'latency_ms': 612.345, 'ttft_ms': 10.25, 'cache': None}}",
        words.join(" ")
    );
    vec![asked.to_owned(), answered]
}

fn as_json(lines: &[String]) -> Vec<Vec<u8>> {
    let json = |line: &String| {
        let mut out = Vec::new();
        to_json(line.as_bytes(), Dialect::Python, Layout::Compact, &mut out).unwrap();
        out
    };
    lines.iter().map(json).collect()
}

fn literal(criterion: &mut Criterion) {
    for (name, lines) in [("golden", golden::lines()), ("small", small())] {
        let json = as_json(&lines);
        let mut out: Vec<u8> = Vec::new();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(lines.iter().map(|line| line.len() as u64).sum()));
        group.bench_function("fields", |bencher| {
            bencher.iter(|| {
                for line in &lines {
                    let mut told = 0;
                    fields(black_box(line.as_bytes()), Dialect::Python, &mut |_, value| told += value.len())
                        .unwrap();
                    black_box(told);
                }
            });
        });
        for (name, layout) in
            [("to_json", Layout::Compact), ("to_json indented", Layout::Indented { level: 1 })]
        {
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    for line in &lines {
                        out.clear();
                        to_json(black_box(line.as_bytes()), Dialect::Python, layout, &mut out).unwrap();
                        black_box(&out);
                    }
                });
            });
        }
        group.throughput(Throughput::Bytes(json.iter().map(|line| line.len() as u64).sum()));
        group.bench_function("to_python", |bencher| {
            bencher.iter(|| {
                for line in &json {
                    out.clear();
                    to_python(black_box(line), Dialect::Json, &mut out).unwrap();
                    black_box(&out);
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, literal);
criterion_main!(benches);
