//! What the header of each format costs, and an EXIF block by itself: `cargo bench --bench headers`.

use std::io::Cursor;
use std::sync::LazyLock;

use divan::{Bencher, black_box};
use image::{ImageFormat, RgbImage};
use image_webp::{ColorType, WebPEncoder};
use imagraph::metadata::Level;
use imagraph::source::engine::exif;
use imagraph::source::engine::header;
use imagraph::source::engine::known::Known;

/// Without an encoder here: the project's own test pictures.
const AVIF: &[u8] = include_bytes!("../tests/images/heif/exif.avif");
const HEIC: &[u8] = include_bytes!("../tests/images/heif/exif.heic");
const JPEG_XL: &[u8] = include_bytes!("../tests/images/jxl/container-exif-alpha.jxl");
const SVG: &[u8] =
    b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10cm\" height=\"7cm\"/>";

struct Picture {
    format: &'static str,
    file: Known,
}

impl std::fmt::Display for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.format)
    }
}

static PICTURES: LazyLock<Vec<Picture>> = LazyLock::new(|| {
    let encoded = [
        ("JPEG", ImageFormat::Jpeg),
        ("PNG", ImageFormat::Png),
        ("GIF", ImageFormat::Gif),
        ("TIFF", ImageFormat::Tiff),
        ("BMP", ImageFormat::Bmp),
        ("ICO", ImageFormat::Ico),
    ];
    let encoded = encoded.map(|(name, format)| (name, encode(format)));
    let with_exif = ("JPEG with EXIF", with_exif(&encoded[0].1));
    let given = [("AVIF", AVIF), ("HEIC", HEIC), ("JPEG XL", JPEG_XL), ("SVG", SVG)];
    let given = given.map(|(name, file)| (name, file.to_vec()));
    let all = encoded.into_iter().chain([with_exif, ("WebP", webp())]).chain(given);
    all.map(|(format, file)| Picture { format, file: Known::whole(file) }).collect()
});

fn picture() -> RgbImage {
    RgbImage::from_fn(240, 180, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
}

fn encode(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture().write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

fn webp() -> Vec<u8> {
    let mut file = Vec::new();
    WebPEncoder::new(&mut file).encode(&picture(), 240, 180, ColorType::Rgb8).expect("a picture");
    file
}

/// APP1 goes behind SOI.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let block = block();
    let len = 2 + 6 + block.len() as u16;
    [&jpeg[..2], b"\xFF\xE1", &len.to_be_bytes(), b"Exif\0\0", &block, &jpeg[2..]].concat()
}

/// Two directories of a TIFF, big-endian, as a camera fills them: ten texts, and behind 0x8769 thirty rationals.
fn block() -> Vec<u8> {
    const TEXTS: [u16; 10] = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298, 0x9003, 0x9004];
    const RATIONALS: [u16; 30] = [
        0x829A, 0x829D, 0x9102, 0x9201, 0x9202, 0x9203, 0x9204, 0x9205, 0x9206, 0x920A, 0xC62C, 0xA20B,
        0xA20E, 0xA20F, 0xA215, 0xA404, 0xA432, 0xA500, 0x011A, 0x011B, 0x011E, 0x011F, 0x013E, 0x013F,
        0x0211, 0x0214, 0xC619, 0xC61A, 0xC62A, 0xC62B,
    ];
    let values = 8 + 2 * 2 + 2 * 4 + 12 * (TEXTS.len() + 1 + RATIONALS.len()) as u32;
    let (text, rational) = (values.to_be_bytes(), (values + 20).to_be_bytes());
    let second = 8 + 2 + 4 + 12 * (TEXTS.len() as u32 + 1);
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    let mut block = b"MM\0\x2A\0\0\0\x08".to_vec();
    block.extend((TEXTS.len() as u16 + 1).to_be_bytes());
    block.extend(TEXTS.iter().flat_map(|tag| entry(*tag, 2, 20, text)));
    block.extend(entry(0x8769, 4, 1, second.to_be_bytes()));
    block.extend([0; 4]);
    block.extend((RATIONALS.len() as u16).to_be_bytes());
    block.extend(RATIONALS.iter().flat_map(|tag| entry(*tag, 5, 1, rational)));
    block.extend([0; 4]);
    block.extend(b"2026:01:02 03:04:05\0\0\0\0\x01\0\0\0\xFA");
    block
}

/// All that is known without pixels.
#[divan::bench(args = &*PICTURES)]
fn read(bencher: Bencher<'_, '_>, picture: &Picture) {
    bencher.bench(|| header::read(black_box(&picture.file), Level::Exif));
}

/// Forty tags.
#[divan::bench]
fn exif_block(bencher: Bencher<'_, '_>) {
    let block = Known::whole(block());
    let tags = exif::read(block.block()).ok().flatten().map(|exif| exif.image.0.len() + exif.exif.0.len());
    assert_eq!(tags, Some(41), "all of it is understood");
    bencher.bench(|| exif::read(black_box(&block).block()));
}

fn main() {
    divan::main();
}
