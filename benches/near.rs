//! The nearest of many hashes, and groups of them: `cargo bench --bench near`. Each hash of `Hashes` takes 16 bytes, and the
//! tables 33 MB; `footprint` is printed.

use std::sync::atomic::{AtomicUsize, Ordering};

use divan::{Bencher, black_box};
use imagraph::index::groups::Duplicates;
use imagraph::index::near::Hashes;
use imagraph::index::nearest::Search;

fn main() {
    divan::main();
}

/// Spread evenly, the same in each run (SplitMix64).
fn hashes(count: usize) -> Vec<u64> {
    let hash = |at: u64| {
        let z = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (1..=count as u64).map(hash).collect()
}

/// Of 10 million, within so many bits.
#[divan::bench(args = [4, 7, 8, 10, 12, 32], sample_count = 20)]
fn nearest_of_10_million(bencher: Bencher, within: u32) {
    let all = Hashes::new(hashes(10_000_000));
    eprintln!("{} MB", all.footprint() / 1_000_000);
    let targets = hashes(10_100_000).split_off(10_000_000);
    let next = AtomicUsize::new(0);
    let target = || targets[next.fetch_add(1, Ordering::Relaxed) % targets.len()];
    bencher
        .with_inputs(target)
        .bench_values(|target| all.search(black_box(&Search { target, within, from: None, limit: 20 })));
}

/// Below the number from which on there are tables.
#[divan::bench(args = [1_000, 100_000, 500_000])]
fn nearest_of_few(bencher: Bencher, count: usize) {
    let all = Hashes::new(hashes(count));
    bencher.bench(|| all.search(black_box(&Search { target: 5, within: 8, from: None, limit: 20 })));
}

/// A tenth are copies, up to 8 bits away.
#[divan::bench(args = [10_000, 100_000, 1_000_000], sample_count = 3, sample_size = 1)]
fn groups_within_8(bencher: Bencher, count: usize) {
    let mut hashes = hashes(count);
    for at in (0..count).step_by(10).skip(1) {
        hashes[at] = hashes[at - 1] ^ hashes[at] & 0x0101_0101_0101_0101;
    }
    bencher.bench(|| Duplicates::new(black_box(&hashes), Vec::new(), 8));
}
