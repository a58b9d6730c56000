//! JPEG: ITU T.81 annex B.

use super::{Bomb, explode};

const BASELINE: u8 = 0xC0;
const PROGRESSIVE: u8 = 0xC2;

/// SOI and the frame header of a grey picture.
fn frame(kind: u8, side: u16) -> Vec<u8> {
    let [high, low] = side.to_be_bytes();
    vec![0xFF, 0xD8, 0xFF, kind, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0]
}

/// A picture without structure, whose every block takes two bits: code 0 of either table is "nothing follows".
fn flat(kind: u8, side: u16, blocks: usize) -> Vec<u8> {
    let quantization = [&[0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat();
    let table = |class: u8| [&[0xFF, 0xC4, 0, 20, class, 1][..], &[0; 16]].concat();
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
    let data = vec![0; blocks.div_ceil(4)];
    [&frame(kind, side)[..], &quantization, &table(0), &table(0x10), &scan, &data, &[0xFF, 0xD9]].concat()
}

/// A picture whose header is all there, and of whose data the zeros that follow are taken.
pub fn start() -> Vec<u8> {
    let mut file = flat(BASELINE, 2_000, 0);
    file.truncate(file.len() - 2);
    file
}

/// A progressive picture of 2,000 x 2,000 of so many scans, each of which goes over all blocks in eight bytes: bands that end
/// in all of the next 16,384 blocks (annex G.1.2.2).
fn scans(count: usize) -> Vec<u8> {
    let table = [&[0xFF, 0xC4, 0, 20, 0x10, 1][..], &[0; 15], &[0xE0]].concat();
    let scan = [&[0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0][..], &[0; 8]].concat();
    let mut file = flat(PROGRESSIVE, 2_000, 250 * 250);
    file.truncate(file.len() - 2);
    [&file[..], &table, &scan.repeat(count), &[0xFF, 0xD9]].concat()
}

#[test]
fn jpeg_bombs() {
    let of_25_bytes = [&frame(BASELINE, 65_535)[..], &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]].concat();
    assert_eq!(of_25_bytes.len(), 25);
    let segments =
        [&[0xFF, 0xD8][..], &[0xFF, 0xE0, 0, 2].repeat(1 << 17), &frame(BASELINE, 16)[2..]].concat();
    let rubbish =
        [&[0xFF, 0xD8][..], &[&[0xFF, 0xE0, 0, 2][..], &[b'x'; 4_000]].concat().repeat(4_000)].concat();
    let blocks = 1_250 * 1_250;
    let sides = |side| Some((side, side));
    explode(vec![
        Bomb::new("65,535 x 65,535 of 25 bytes", of_25_bytes, sides(65_535), Some("TOO_LARGE")),
        Bomb::new(
            "10,000 x 10,000 without data",
            flat(BASELINE, 10_000, 64),
            sides(10_000),
            Some("TOO_LARGE"),
        ),
        Bomb::new(
            "6,000 x 6,000 without data",
            flat(BASELINE, 6_000, 64),
            sides(6_000),
            Some("CORRUPT_IMAGE"),
        ),
        Bomb::new(
            "10,000 x 10,000 in scans",
            flat(PROGRESSIVE, 10_000, blocks),
            sides(10_000),
            Some("TOO_LARGE"),
        ),
        Bomb::new("6,000 x 6,000 of two bits a block", flat(BASELINE, 6_000, 750 * 750), sides(6_000), None),
        Bomb::new("100,000 scans", scans(100_000), sides(2_000), Some("CORRUPT_IMAGE")),
        Bomb::new("16 MB of rubbish between segments", rubbish, None, Some("CORRUPT_IMAGE")),
        Bomb::new("131,072 empty segments", segments, None, Some("CORRUPT_IMAGE")),
        Bomb::new(
            "HTML",
            b"<!DOCTYPE html><title>404</title><p>Not here, see photo.jpg".to_vec(),
            None,
            Some("NOT_AN_IMAGE"),
        ),
    ]);
}
