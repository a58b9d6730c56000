//! Many at once: what one may take is not taken by all at the same time.

use std::thread;

use serde_json::json;

use super::{QUERY, gateway, others, png};
use crate::footprint::Spent;
use crate::stub::{Answer, Stub};

const MIB: u64 = 1 << 20;

/// What it takes to answer for so many copies of a file at once, within these limits.
fn spent_on(file: &[u8], copies: usize, limits: &str) -> Spent {
    let stub = Stub::start();
    let process = gateway(&[stub.address], limits);
    let (answers, spent) = process.spent_on(|| {
        thread::scope(|scope| {
            let ask = |copy: usize| {
                stub.put(&format!("/{copy}"), Answer::ok(file));
                process.ask(QUERY, json!({"url": stub.url(&format!("/{copy}"))}))
            };
            let callers: Vec<_> = (0..copies).map(|copy| scope.spawn(move || ask(copy))).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
        })
    });
    assert!(answers.iter().all(|answer| answer["data"]["remote"]["pHash"].is_string()), "{answers:?}");
    spent
}

/// Of 20 MB each.
#[test]
fn decoders_take_turns() {
    let spent = spent_on(&others::interlaced(4_500), 3, "concurrent_decodes = 1");
    println!("{spent:?}");
    assert!(spent.growth < 36 * MIB, "{spent:?}");
}

#[test]
fn files_that_are_held_whole_take_turns() {
    let mut file = png::picture(&[]);
    file.resize(7 << 20, 0);
    let limits = "max_bytes = 8388608\nmax_held_bytes = 8388608";
    let spent = spent_on(&file, 10, limits);
    println!("{spent:?}");
    assert!(spent.growth < 32 * MIB, "{spent:?}");
}
