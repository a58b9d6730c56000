//! TIFF 6.0, big-endian.

use super::lzw::{self, Flavour};
use super::png::zeros;
use super::{Bomb, explode};

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const DEFLATE: u32 = 8;
const LZW: u32 = 5;

/// A file of one directory and data behind it.
fn tiff(entries: &[(u16, u16, u32, u32)], next: u32, data: &[u8]) -> Vec<u8> {
    let entry = |&(tag, kind, count, value): &(u16, u16, u32, u32)| {
        let value = if kind == SHORT && count == 1 { value << 16 } else { value };
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
    };
    let count = (entries.len() as u16).to_be_bytes();
    let entries: Vec<u8> = entries.iter().flat_map(entry).collect();
    [b"MM\0*\0\0\0\x08", &count[..], &entries, &next.to_be_bytes(), data].concat()
}

/// One strip, which is all that follows.
fn strip(side: u32, compression: u32, data: &[u8]) -> Vec<u8> {
    let entries = [
        (0x0100, LONG, 1, side),
        (0x0101, LONG, 1, side),
        (0x0102, SHORT, 1, 8),
        (0x0103, SHORT, 1, compression),
        (0x0106, SHORT, 1, 1),
        (0x0111, LONG, 1, 8 + 2 + 9 * 12 + 4),
        (0x0115, SHORT, 1, 1),
        (0x0116, LONG, 1, side),
        (0x0117, LONG, 1, data.len() as u32),
    ];
    tiff(&entries, 0, data)
}

#[test]
fn tiff_bombs() {
    let sides = [
        (0x0100, LONG, 1, 40),
        (0x0101, LONG, 1, 40),
        (0x0102, SHORT, 1, 8),
        (0x0103, SHORT, 1, 1),
        (0x0106, SHORT, 1, 1),
    ];
    let with = |more: &[(u16, u16, u32, u32)], next| tiff(&[&sides, more].concat(), next, &[0; 64]);
    let table = [(0x0111, LONG, u32::MAX, 8), (0x0117, LONG, u32::MAX, 8), (0x0116, LONG, 1, 1)];
    let text = [(0x011C, ASCII, u32::MAX, 8)];
    let looped =
        with(&[(0x8769, LONG, 1, 8), (0x8825, LONG, 1, 8), (0xA005, LONG, 1, 8), (0x014A, LONG, 1, 8)], 8);
    let side = i32::MAX as u32;
    let huge = Some((side.into(), side.into()));
    let ten = Some((10_000, 10_000));
    explode(vec![
        Bomb::new("2^31 - 1 of a side", strip(side, 1, &[0; 64]), huge, Some("TOO_LARGE")),
        Bomb::new("10,000 x 10,000 without data", strip(10_000, 1, &[0; 64]), ten, Some("TOO_LARGE")),
        Bomb::new("directories in a loop", looped, Some((40, 40)), Some("CORRUPT_IMAGE")),
        Bomb::new("2^32 - 1 strips", with(&table, 0), Some((40, 40)), Some("TOO_LARGE")),
        Bomb::new("a text of 4 GB", with(&text, 0), Some((40, 40)), Some("TOO_LARGE")),
        Bomb::new("100 MB deflated", strip(10_000, DEFLATE, &zeros(100_000_000)), ten, Some("TOO_LARGE")),
        Bomb::new(
            "100 MB in LZW",
            strip(10_000, LZW, &lzw::zeros(100_000_000, Flavour::Tiff)),
            ten,
            Some("TOO_LARGE"),
        ),
        Bomb::new(
            "25 MB in LZW",
            strip(5_000, LZW, &lzw::zeros(25_000_000, Flavour::Tiff)),
            Some((5_000, 5_000)),
            None,
        ),
        Bomb::new("512 MB in a strip of 1.6 KB", strip(40, DEFLATE, &zeros(512 << 20)), Some((40, 40)), None),
    ]);
}
