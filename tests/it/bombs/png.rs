//! PNG: W3C PNG third edition; zlib: RFC 1950 and 1951.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{Bomb, explode};

const GREY: u8 = 0;
const RGB: u8 = 2;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    [&(data.len() as u32).to_be_bytes(), &kind[..], data, &crc.sum().to_be_bytes()].concat()
}

fn png(width: u32, height: u32, colors: u8, interlaced: bool, chunks: &[Vec<u8>]) -> Vec<u8> {
    let rest = [8, colors, 0, 0, u8::from(interlaced)];
    let ihdr = chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat());
    [&b"\x89PNG\r\n\x1A\n"[..], &ihdr, &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

/// A black picture of 40 x 40 with these chunks before its pixels.
pub fn picture(chunks: &[Vec<u8>]) -> Vec<u8> {
    png(40, 40, GREY, false, &[chunks, &[chunk(b"IDAT", &zeros(41 * 40))]].concat())
}

/// 50,000 x 50,000 pixels by its header.
pub fn giant() -> Vec<u8> {
    png(50_000, 50_000, RGB, false, &[chunk(b"IDAT", &zeros(1 << 20))])
}

/// A zlib stream of so many zeros, a thousandth of them in bytes: full megabytes are the same block again and again.
pub fn zeros(bytes: usize) -> Vec<u8> {
    const BLOCK: usize = 1 << 20;
    let deflated = |zeros: usize| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; zeros]).unwrap();
        encoder
    };
    let mut block = deflated(BLOCK);
    // A sync flush ends on a byte and is not final.
    block.flush().unwrap();
    let block = block.get_ref().repeat(bytes / BLOCK);
    let last = deflated(bytes % BLOCK).finish().unwrap();
    // Adler-32 of zeros: the first sum stays 1, the second counts them.
    let adler = ((bytes % 65_521) as u32) << 16 | 1;
    [&[0x78, 0xDA][..], &block, &last, &adler.to_be_bytes()].concat()
}

#[test]
fn png_bombs() {
    const LARGE: Option<&str> = Some("TOO_LARGE");
    let compressed = |before: &[u8]| [before, &zeros(512 << 20)].concat();
    let small = |kind: &[u8; 4], data: &[u8]| picture(&[chunk(kind, data)]);
    let pixels = |size: usize| [chunk(b"IDAT", &zeros(size))];
    let stated = |kind: &[u8; 4]| {
        let mut file = picture(&[]);
        file.splice(33..33, [&[0x7F, 0xFF, 0xFF, 0xFF], &kind[..], b"data"].concat());
        file
    };
    let sides = Some((40, 40));
    explode(vec![
        Bomb::new("50,000 x 50,000", giant(), Some((50_000, 50_000)), LARGE),
        Bomb::new(
            "2^31 - 1 of a side",
            png(0x7FFF_FFFF, 1, GREY, false, &pixels(64)),
            Some((0x7FFF_FFFF, 1)),
            LARGE,
        ),
        Bomb::new("512 MB iCCP", small(b"iCCP", &compressed(b"icc\0\0")), sides, None),
        Bomb::new("512 MB zTXt", small(b"zTXt", &compressed(b"Comment\0\0")), sides, None),
        Bomb::new("512 MB iTXt", small(b"iTXt", &compressed(b"Comment\0\x01\0\0\0")), sides, None),
        Bomb::new(
            "512 MB raw profile",
            small(b"zTXt", &compressed(b"Raw profile type exif\0\0")),
            sides,
            None,
        ),
        Bomb::new("512 MB behind the last row", png(40, 40, GREY, false, &pixels(512 << 20)), sides, None),
        Bomb::new("iCCP of 2 GB by its length", stated(b"iCCP"), sides, Some("CORRUPT_IMAGE")),
        Bomb::new("eXIf of 2 GB by its length", stated(b"eXIf"), sides, Some("CORRUPT_IMAGE")),
        Bomb::new(
            "72 MB in rows",
            png(6_000, 4_000, RGB, false, &pixels(18_001 * 4_000)),
            Some((6_000, 4_000)),
            None,
        ),
        Bomb::new(
            "10,000 x 10,000 interlaced",
            png(10_000, 10_000, RGB, true, &pixels(300 << 20)),
            Some((10_000, 10_000)),
            LARGE,
        ),
        Bomb::new(
            "100,000 x 64",
            png(100_000, 64, GREY, false, &pixels(100_001 * 64)),
            Some((100_000, 64)),
            None,
        ),
        Bomb::new("100,001 x 1", png(100_001, 1, GREY, false, &pixels(100_002)), Some((100_001, 1)), LARGE),
    ]);
}
