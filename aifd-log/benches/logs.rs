//! How fast lines of logs are read and converted: the walk over a line, its JSON, its Python, and a whole conversion.
#![allow(missing_docs, reason = "criterion's macros make functions without documents")]

use aifd_log::{
    convert::direct,
    literal::{self, Dialect, Layout},
    pair::{Options, Reading},
    source::Input,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::{fs, hint::black_box, path::Path};

/// Bytes of the log that is read.
const BYTES: usize = 16 << 20;

/// Golden logs that are whole, over and over.
fn log() -> Vec<u8> {
    let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/golden"));
    let cases = ["01_plain_chat", "03_unicode", "09_tools_non_stream", "12_multimodal", "33_mixed_session"];
    let once: Vec<u8> = cases
        .iter()
        .flat_map(|case| fs::read(golden.join(case).join("logs/chat.log")).unwrap_or_default())
        .collect();
    once.repeat(BYTES / once.len().max(1))
}

fn lines(criterion: &mut Criterion) {
    let log = log();
    let split: Vec<&[u8]> = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let lines = || split.iter().copied();
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(20);
    group.bench_function("fields", |bencher| {
        bencher.iter(|| {
            let mut count = 0;
            for line in lines() {
                let _ = black_box(literal::fields(line, Dialect::Python, &mut |_, _| count += 1));
            }
            count
        });
    });
    let mut out = Vec::new();
    group.bench_function("to_json", |bencher| {
        bencher.iter(|| {
            for line in lines() {
                out.clear();
                let _ = black_box(literal::to_json(line, Dialect::Python, Layout::Compact, &mut out));
            }
        });
    });
    group.bench_function("to_python", |bencher| {
        bencher.iter(|| {
            for line in lines() {
                out.clear();
                let _ = black_box(literal::to_python(line, Dialect::Python, &mut out));
            }
        });
    });
    group.finish();
}

fn conversion(criterion: &mut Criterion) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let path = folder.path().join("chat.log");
    let log = log();
    if fs::write(&path, &log).is_err() {
        return;
    }
    let mut group = criterion.benchmark_group("conversion");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(20);
    for (name, compat) in [("default", false), ("compat", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let options = Options { compat, ..Options::default() };
                let inputs = vec![Input::Path(path.clone())];
                let Ok(reading) = Reading::open(inputs, folder.path(), options, &()) else { return 0 };
                direct::write(&reading, &(), &mut std::io::sink(), &|_| true).unwrap_or_default()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lines, conversion);
criterion_main!(benches);
