//! GIF, WebP, BMP and ICO.

use super::lzw::{self, Flavour};
use super::{Bomb, explode, png};

/// Of a screen of this side, black.
fn gif_screen(side: u16) -> Vec<u8> {
    [b"GIF89a", &side.to_le_bytes()[..], &side.to_le_bytes(), &[0x80, 0, 0], &[0; 6]].concat()
}

/// The order of its rows.
#[derive(Clone, Copy)]
enum Rows {
    Straight = 0,
    Interlaced = 0x40,
}

fn gif_frame(side: u16, rows: Rows, data: &[u8]) -> Vec<u8> {
    let sub_blocks: Vec<u8> =
        data.chunks(255).flat_map(|block| [&[block.len() as u8], block].concat()).collect();
    let sides = [side.to_le_bytes(), side.to_le_bytes()].concat();
    [&[0x2C, 0, 0, 0, 0][..], &sides, &[rows as u8, 8], &sub_blocks, &[0]].concat()
}

fn gif(side: u16, rows: Rows, data: &[u8]) -> Vec<u8> {
    [&gif_screen(side)[..], &gif_frame(side, rows, data), b";"].concat()
}

fn solid(side: u16, rows: Rows) -> Vec<u8> {
    gif(side, rows, &lzw::zeros(usize::from(side).pow(2), Flavour::Gif))
}

/// Nearly nothing that becomes a byte a pixel.
pub fn interlaced(side: u16) -> Vec<u8> {
    solid(side, Rows::Interlaced)
}

fn gif_of_comment(block: &[u8], count: usize) -> Vec<u8> {
    [&gif_screen(2)[..], &[0x21, 0xFE], &block.repeat(count)].concat()
}

/// A comment in blocks of a byte, that does not end.
pub fn gif_of_crumbs(count: usize) -> Vec<u8> {
    gif_of_comment(&[1, b'x'], count)
}

#[test]
fn gif_bombs() {
    let frame = gif_frame(2, Rows::Straight, &lzw::zeros(4, Flavour::Gif)[..6]);
    let frames = [&gif_screen(2)[..], &frame.repeat(20_000), b";"].concat();
    let endless = gif_of_comment(&[&[255][..], &[b'x'; 255]].concat(), 40_000);
    let sides = |side| Some((side, side));
    explode(vec![
        Bomb::new("65,535 x 65,535", gif(65_535, Rows::Straight, &[0; 64]), sides(65_535), Some("TOO_LARGE")),
        Bomb::new("10,000 x 10,000", interlaced(10_000), sides(10_000), Some("TOO_LARGE")),
        Bomb::new("6,000 x 6,000", solid(6_000, Rows::Straight), sides(6_000), None),
        Bomb::new("20,000 frames", frames, sides(2), None),
        Bomb::new("a comment of a million blocks", gif_of_crumbs(1_000_000), sides(2), Some("CORRUPT_IMAGE")),
        Bomb::new("10 MB of comment", endless, sides(2), Some("CORRUPT_IMAGE")),
    ]);
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let chunk = [&kind[..], &(data.len() as u32).to_le_bytes(), data, &vec![0; data.len() % 2]].concat();
    [b"RIFF", &(chunk.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunk].concat()
}

/// Lossless: sides less one of 14 bits each.
fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14;
    riff(b"VP8L", &[&[0x2F], &bits.to_le_bytes()[..], &[0; 9]].concat())
}

#[test]
fn webp_bombs() {
    let extended = riff(b"VP8X", &[0x10, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    let large = Some("TOO_LARGE");
    explode(vec![
        Bomb::new("a canvas of 2^24 of a side", extended, Some((1 << 24, 1 << 24)), large),
        Bomb::new("lossless 16,384 x 16,384", lossless(16_384, 16_384), Some((16_384, 16_384)), large),
        Bomb::new("lossless 8,000 x 8,000", lossless(8_000, 8_000), Some((8_000, 8_000)), large),
    ]);
}

fn bmp(side: u32, bits: u16, compression: u32, data: &[u8]) -> Vec<u8> {
    let palette = if bits == 8 { vec![0; 1_024] } else { Vec::new() };
    let start = 54 + palette.len() as u32;
    let file =
        [b"BM", &(start + data.len() as u32).to_le_bytes()[..], &[0; 4], &start.to_le_bytes()].concat();
    let sides = [40, side, side].map(u32::to_le_bytes).concat();
    let kind = [&1u16.to_le_bytes()[..], &bits.to_le_bytes(), &compression.to_le_bytes(), &[0; 20]].concat();
    [file, sides, kind, palette, data.to_vec()].concat()
}

#[test]
fn bmp_and_ico_bombs() {
    const RLE8: u32 = 1;
    let end_of_bitmap = [0, 1];
    let runs = [255, 0].repeat(100_000_000 / 255);
    let ico = |count: u16, picture: &[u8]| {
        let entry = [&[0, 0, 0, 0, 1, 0, 32, 0][..], &(picture.len() as u32).to_le_bytes()];
        let offset = 6 + 16 * u32::from(count);
        let entry = [&entry.concat()[..], &offset.to_le_bytes()].concat();
        [&[0, 0, 1, 0][..], &count.to_le_bytes(), &entry.repeat(count.into()), picture].concat()
    };
    let large = Some("TOO_LARGE");
    let max = i32::MAX as u32;
    explode(vec![
        Bomb::new("BMP of 2^31 - 1", bmp(max, 24, 0, &[0; 64]), Some((max.into(), max.into())), large),
        Bomb::new(
            "BMP of 10,000 without data",
            bmp(10_000, 24, 0, &[]),
            Some((10_000, 10_000)),
            Some("CORRUPT_IMAGE"),
        ),
        Bomb::new("BMP of 10,000 of runs", bmp(10_000, 8, RLE8, &runs), Some((10_000, 10_000)), large),
        Bomb::new(
            "BMP of 10,000 that ends",
            bmp(10_000, 8, RLE8, &end_of_bitmap),
            Some((10_000, 10_000)),
            large,
        ),
        Bomb::new("ICO of a giant PNG", ico(1, &png::giant()), Some((50_000, 50_000)), large),
        Bomb::new("ICO of 255 pictures", ico(255, &png::picture(&[])), Some((40, 40)), None),
    ]);
}
