//! What a pHash costs, and colours beside it: `cargo bench --bench pixels`. The pictures are made here, of arithmetic.

use std::io::Cursor;
use std::sync::LazyLock;

use divan::{Bencher, black_box};
use image::{ImageFormat, RgbImage};
use imagraph::metadata::Level;
use imagraph::source::engine::header::{self, Header, Reading};
use imagraph::source::engine::known::Known;
use imagraph::source::engine::pixels::{self, Limits, View, jpeg, jpeg_dc};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

const LIMITS: Limits = Limits { max_pixels: 1 << 27, max_decode_bytes: 1 << 30, apart: None };

/// Megapixels, and how a JPEG is coded.
const PICTURES: [(usize, bool); 4] = [(12, false), (12, true), (2, false), (2, true)];

struct Picture {
    megapixels: usize,
    is_progressive: bool,
    file: Vec<u8>,
    header: Header,
}

static MADE: LazyLock<Vec<Picture>> =
    LazyLock::new(|| PICTURES.map(|(megapixels, is_progressive)| made(megapixels, is_progressive)).into());

fn made(megapixels: usize, is_progressive: bool) -> Picture {
    let (width, height) = if megapixels == 12 { (4000, 3000) } else { (1632, 1224) };
    let samples = scene(width, height);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_progressive(is_progressive);
    encoder.encode(&samples, width, height, ColorType::Rgb).expect("a picture");
    let header = header_of(&file);
    Picture { megapixels, is_progressive, file, header }
}

fn header_of(file: &[u8]) -> Header {
    match header::read(&Known::whole(file), Level::Exif) {
        Reading::Done(Ok(header)) => header,
        other => panic!("{other:?}"),
    }
}

/// Waves and some grain, which take about 2 bits a pixel as photographs do.
fn scene(width: u16, height: u16) -> Vec<u8> {
    let mut grain = 1u32;
    let mut pixel = |x: f32, y: f32| {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grey = 128.0 + 60.0 * (x * 9.0 + (y * 7.0).sin()).sin() + 30.0 * (x * y * 40.0).cos();
        let grey = grey + (grain >> 27) as f32 - 16.0;
        [grey + 20.0 * (y * 5.0).cos(), grey, grey - 25.0 * (x * 3.0).sin()].map(|value| value as u8)
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places
        .flat_map(|(x, y)| pixel(f32::from(x) / f32::from(width), f32::from(y) / f32::from(height)))
        .collect()
}

impl std::fmt::Display for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let coding = if self.is_progressive { "progressive" } else { "baseline" };
        write!(f, "{} MP {coding}, {} KB", self.megapixels, self.file.len() / 1000)
    }
}

/// File to pHash, as the engine does it.
#[divan::bench(args = &*MADE)]
fn p_hash(bencher: Bencher<'_, '_>, picture: &Picture) {
    bencher.bench(|| pixels::read(black_box(&picture.file), &picture.header, View::Grey, &LIMITS));
}

/// The same, and all that is told of colours.
#[divan::bench(args = &*MADE)]
fn colours(bencher: Bencher<'_, '_>, picture: &Picture) {
    bencher.bench(|| pixels::read(black_box(&picture.file), &picture.header, View::Colour, &LIMITS));
}

/// Row by row: 2 MP of RGB, or of the 256 colours of a GIF.
#[divan::bench(args = [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp])]
fn rows(bencher: Bencher<'_, '_>, format: ImageFormat) {
    let samples = RgbImage::from_raw(1632, 1224, scene(1632, 1224)).expect("as many samples");
    let mut file = Cursor::new(Vec::new());
    samples.write_to(&mut file, format).expect("a picture");
    let (header, file) = (header_of(file.get_ref()), file.into_inner());
    bencher.bench(|| pixels::read(black_box(&file), &header, View::Grey, &LIMITS));
}

/// The DC coefficients alone.
#[divan::bench(args = &*MADE)]
fn dc(bencher: Bencher<'_, '_>, picture: &Picture) {
    bencher.bench(|| jpeg_dc::decode(black_box(&picture.file), View::Grey, &LIMITS));
}

/// The full decode that was before, and is where they do not suffice.
#[divan::bench(args = &*MADE)]
fn whole(bencher: Bencher<'_, '_>, picture: &Picture) {
    bencher.bench(|| jpeg::whole(black_box(&picture.file), View::Grey, &LIMITS));
}

fn main() {
    divan::main();
}
