//! The fuzz targets of `fuzz/` on stable: the project's own files, altered at random but the same way every time.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::gateway::pictures;

/// Another run is another number.
const SEED: u64 = 4;

/// Longer files are left to the fuzzer, which has more time.
const MAX_LEN: u64 = 16 << 10;

/// Numbers that lengths, counts, sides and offsets go wrong at.
const LENGTHS: [u64; 12] =
    [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, u64::MAX];

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut folders = vec![folder.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort_unstable();
    let short = files.iter().filter(|file| fs::metadata(file).is_ok_and(|file| file.len() <= MAX_LEN));
    short.map(|file| fs::read(file).expect("a file")).collect()
}

/// Some alterations of one file, by parts of another.
fn altered(rng: &mut Rng, files: &[Vec<u8>]) -> Vec<u8> {
    let (file, other) = (&files[rng.usize(..files.len())], &files[rng.usize(..files.len())]);
    let mut file = file.clone();
    for _ in 0..rng.usize(1..=4) {
        alter(rng, &mut file, other);
    }
    file
}

fn alter(rng: &mut Rng, file: &mut Vec<u8>, other: &[u8]) {
    if file.is_empty() {
        return file.extend(other);
    }
    // Half of all that matters stands at the start.
    let end = if rng.bool() { file.len() } else { file.len().min(256) };
    let place = rng.usize(..end);
    let len = rng.usize(1..=64).min(file.len() - place);
    match rng.u8(..6) {
        0 => file.truncate(place),
        1 => file[place] ^= 1 << rng.u8(..8),
        2 => drop(file.drain(place..place + len)),
        3 => overwrite(rng, &mut file[place..]),
        4 => file.splice(place..place, other.iter().copied().skip(place).take(len)).for_each(drop),
        _ => file.splice(place.., other.iter().copied().skip(place)).for_each(drop),
    }
}

/// A number of 1, 2, 4 or 8 bytes in either order.
fn overwrite(rng: &mut Rng, places: &mut [u8]) {
    let (number, len) = (LENGTHS[rng.usize(..LENGTHS.len())], 1 << rng.u8(..4));
    let (little, big) = (number.to_le_bytes(), number.to_be_bytes());
    let bytes = if rng.bool() { &little[..len] } else { &big[8 - len..] };
    places.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
}

/// Runs a target so many times. What it fails on is kept for the fuzzer and for a test of its own.
fn run(name: &str, target: fn(&[u8]), times: usize, files: &[Vec<u8>]) {
    assert!(files.len() > 5, "only {} files", files.len());
    files.iter().for_each(|file| target(file));
    let mut rng = Rng::with_seed(SEED);
    for _ in 0..times {
        let file = altered(&mut rng, files);
        if catch_unwind(|| target(&file)).is_err() {
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            fs::write(&kept, &file).expect("a place for it");
            panic!("{name} failed on what is now in {}", kept.display());
        }
    }
}

#[test]
fn guard() {
    run("guard", targets::guard, 20_000, &files(&pictures().with_file_name("queries")));
}

#[test]
fn exif() {
    let files = files(&pictures());
    let block = |file: &Vec<u8>| {
        let prefixed = file.windows(6).position(|bytes| bytes == b"Exif\0\0").map(|place| place + 6);
        let start = prefixed.or(matches!(file.first(), Some(b'I' | b'M')).then_some(0))?;
        Some(file[start..].to_vec())
    };
    run("exif", targets::exif, 20_000, &files.iter().filter_map(block).collect::<Vec<_>>());
}

#[test]
fn header() {
    run("header", targets::header, 10_000, &files(&pictures()));
}

#[test]
fn pixels() {
    run("pixels", targets::pixels, 2_000, &files(&pictures()));
}

/// Large enough for their DC coefficients to suffice, and plain: in one scan, in several, progressive.
fn jpegs() -> Vec<Vec<u8>> {
    let samples: Vec<u8> = (0..336 * 321 * 3u32).map(|place| (place / 97 % 251) as u8).collect();
    let mut files = Vec::new();
    for (scans, restart) in [("one", 0), ("one", 3), ("several", 0), ("progressive", 0), ("progressive", 9)] {
        for sampling in [SamplingFactor::R_4_4_4, SamplingFactor::R_4_2_0] {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 60);
            encoder.set_sampling_factor(sampling);
            encoder.set_optimized_huffman_tables(scans == "several");
            encoder.set_progressive(scans == "progressive");
            encoder.set_restart_interval(restart);
            encoder.encode(&samples, 336, 321, ColorType::Rgb).expect("a picture");
            files.push(file);
        }
    }
    files
}

#[test]
fn jpeg_dc() {
    run("jpeg_dc", targets::jpeg_dc, 5_000, &jpegs());
}

#[test]
fn phash() {
    run("phash", targets::phash, 1_000, &files(&pictures()));
}
