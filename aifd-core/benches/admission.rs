//! How long it takes to find a key and let its request in: lookup, route, limit and model, on one thread.
#![allow(missing_docs, reason = "criterion's macros make functions without documents")]

use aifd_core::measured::Admission;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn admission(criterion: &mut Criterion) {
    for keys in [1_000, 100_000] {
        let Some(admission) = Admission::new(keys) else { return };
        let mut turn = 0_usize;
        criterion.bench_function(&format!("admission of one of {keys} keys"), |bencher| {
            bencher.iter(|| {
                // Far apart, so that no cache makes it look better than it is.
                turn = turn.wrapping_add(7_919);
                black_box(admission.admit(black_box(turn)))
            });
        });
    }
}

criterion_group!(benches, admission);
criterion_main!(benches);
