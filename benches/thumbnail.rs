//! What follows a decode, without it: `cargo bench --bench thumbnail`.

use divan::{Bencher, black_box};
use imagraph::metadata::PHash;
use imagraph::source::engine::colours;
use imagraph::source::engine::phash::{self, SIDE};
use imagraph::source::engine::pixels::thumbnail::Thumbnail;

/// Waves of every hue.
fn thumbnail() -> Thumbnail {
    let (width, height) = (100, 75);
    let pixel = |place: usize| {
        let (x, y) = ((place % width) as f32 / 16.0, (place / width) as f32 / 12.0);
        let level = |phase: f32| (128.0 + 100.0 * (x + phase).sin() * (y * phase).cos()) as u8;
        [level(0.5), level(1.5), level(2.5), 255]
    };
    Thumbnail { width, height, pixels: (0..width * height).map(pixel).collect() }
}

#[divan::bench]
fn p_hash(bencher: Bencher<'_, '_>) {
    let mut square = [[0; SIDE]; SIDE];
    let places = square.iter_mut().flatten().enumerate();
    places.for_each(|(place, grey)| *grey = (place * place / 7 % 251) as u8);
    bencher.bench(|| phash::p_hash(black_box(&square)));
}

#[divan::bench]
fn distance(bencher: Bencher<'_, '_>) {
    let hashes = black_box([PHash::new(0x0123_4567_89AB_CDEF), PHash::new(0xFEDC_BA98_7654_3210)]);
    bencher.bench(|| hashes[0].distance(hashes[1]));
}

/// Palettes, the factors of BlurHash, ThumbHash and the preview.
#[divan::bench]
fn colours_of_a_thumbnail(bencher: Bencher<'_, '_>) {
    let thumbnail = thumbnail();
    bencher.bench(|| colours::colours(black_box(&thumbnail)));
}

/// A BlurHash from what is kept.
#[divan::bench(args = [(4, 3), (9, 9)])]
fn blur_hash(bencher: Bencher<'_, '_>, (across, down): (usize, usize)) {
    let colours = colours::colours(&thumbnail());
    bencher.bench(|| colours.blur.hash(black_box(across), down));
}

fn main() {
    divan::main();
}
