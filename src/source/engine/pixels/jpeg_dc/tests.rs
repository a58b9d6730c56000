//! Beside the full decode, and what is left to it.

use std::array::from_fn;

use fastrand::Rng;
use jpeg_encoder::{ColorType, SamplingFactor};
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::pictures::{Coding, codings, of_coefficients, sequential};
use super::*;
use crate::source::engine::pixels::jpeg;
use crate::source::engine::pixels::thumbnail::Thumbnail;

fn decode(file: &[u8], limits: &Limits) -> Option<Grey> {
    super::decode(file, View::Grey, limits)
}

const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_decode_bytes: 1 << 24, apart: None };

fn planes_of(file: &[u8]) -> Result<Vec<Plane>> {
    planes(&mut Jpeg::new(file)?, &LIMITS)
}

/// Luminance of every pixel, decoded fully.
fn luminances(file: &[u8], is_grey: bool) -> Vec<u8> {
    let space = if is_grey { ColorSpace::Luma } else { ColorSpace::YCbCr };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    let samples = JpegDecoder::new_with_options(std::io::Cursor::new(file), options).decode().unwrap();
    samples.into_iter().step_by(if is_grey { 1 } else { 3 }).collect()
}

/// By how much a block's mean differs from that of its fully decoded samples, at most: of blocks that lie wholly within
/// the picture.
fn worst_difference(coding: &Coding, plane: &Plane, samples: &[u8]) -> f64 {
    let (width, height, side) = (usize::from(coding.width), usize::from(coding.height), BLOCK as usize);
    let blocks = (0..height / side).flat_map(|y| (0..width / side).map(move |x| (x, y)));
    let difference = |(x, y): (usize, usize)| {
        let rows = samples.chunks_exact(width).skip(y * side).take(side);
        let sum: u32 = rows.flat_map(|row| &row[x * side..][..side]).map(|sample| u32::from(*sample)).sum();
        (f64::from(sum) / f64::from(BLOCK * BLOCK) - f64::from(plane.row(y)[x])).abs()
    };
    blocks.map(difference).fold(0.0, f64::max)
}

#[test]
fn means_of_blocks_are_those_of_the_full_decode() {
    let mut rng = Rng::with_seed(5);
    for coding in codings(&mut rng) {
        let samples = coding.scene(&mut rng);
        let planes = planes_of(&coding.encode(&samples)).unwrap_or_else(|stop| panic!("{stop:?} {coding:?}"));
        let whole = luminances(&coding.progressive().encode(&samples), coding.is_grey());
        // Half a level by our rounding, and what theirs of every sample makes.
        let worst = worst_difference(&coding, &planes[0], &whole);
        assert!(worst <= 0.75, "{worst} {coding:?}");
    }
}

/// Where colours change within a block, grey of their mean is not quite the mean of their greys.
#[test]
fn squares_are_those_of_the_full_decode_within_some_levels() {
    let mut rng = Rng::with_seed(6);
    for coding in codings(&mut rng) {
        let samples = coding.scene(&mut rng);
        let ours = decode(&coding.encode(&samples), &LIMITS).unwrap().square(None);
        let whole =
            jpeg::whole(&coding.progressive().encode(&samples), View::Grey, &LIMITS).unwrap().square(None);
        let differences = ours.as_flattened().iter().zip(whole.as_flattened()).map(|(a, b)| a.abs_diff(*b));
        let (worst, sum) = differences.fold((0, 0), |(worst, sum), by| (by.max(worst), sum + u32::from(by)));
        let levels = f64::from(sum) / ours.as_flattened().len() as f64;
        assert!(worst <= 5 && levels <= 1.0, "{worst}, {levels} on average: {coding:?}");
    }
}

#[test]
fn a_picture_is_the_same_in_grey_whether_its_colours_are_wanted_or_not() {
    let mut rng = Rng::with_seed(10);
    for coding in codings(&mut rng) {
        let file = coding.encode(&coding.scene(&mut rng));
        let in_colour = super::decode(&file, View::Colour, &LIMITS).unwrap();
        assert_eq!(in_colour.thumbnail.as_ref().map(|small| small.pixels.is_empty()), Some(false));
        assert_eq!(Grey { thumbnail: None, ..in_colour }, decode(&file, &LIMITS).unwrap());
    }
}

/// The mean of red, green and blue.
fn mean(thumbnail: &Thumbnail) -> [f64; 3] {
    let sum = |channel: usize| thumbnail.pixels.iter().map(|pixel| f64::from(pixel[channel])).sum::<f64>();
    from_fn(|channel| sum(channel) / thumbnail.pixels.len() as f64)
}

/// Of so few blocks there are fewer pixels than of the full decode, and those at the edges weigh more than they cover.
#[test]
fn thumbnails_are_those_of_the_full_decode_within_some_levels() {
    let mut rng = Rng::with_seed(9);
    for coding in codings(&mut rng) {
        let samples = coding.scene(&mut rng);
        let ours = super::decode(&coding.encode(&samples), View::Colour, &LIMITS).unwrap().thumbnail.unwrap();
        let whole = jpeg::whole(&coding.progressive().encode(&samples), View::Colour, &LIMITS).unwrap();
        let whole = whole.thumbnail.unwrap();
        let blocks = usize::from(coding.width.max(coding.height)).div_ceil(BLOCK as usize);
        assert_eq!((ours.width.max(ours.height), whole.width.max(whole.height)), (blocks, 100));
        let levels = mean(&ours).into_iter().zip(mean(&whole)).map(|(one, two)| (one - two).abs());
        let worst = levels.fold(0.0, f64::max);
        assert!(worst <= 2.0, "{worst} {coding:?}");
    }
}

/// Where a marker stands.
fn find(file: &[u8], marker: u8) -> usize {
    file.windows(2).position(|bytes| bytes == [0xFF, marker]).unwrap()
}

/// The file with what stands at a place replaced.
fn with(file: &[u8], place: usize, len: usize, by: &[u8]) -> Vec<u8> {
    [&file[..place], by, &file[place + len..]].concat()
}

#[test]
fn steps_may_have_16_bits_and_markers_be_filled_up() {
    let file = sequential();
    let tables = find(&file, 0xDB);
    let wide: Vec<u8> = file[tables + 5..][..64].iter().flat_map(|step| [0, *step]).collect();
    let wide = with(&file, tables, 69, &[&[0xFF, 0xDB, 0, 131, 0x10], &wide[..]].concat());
    let filled = with(&file, find(&file, 0xDA), 0, &[0xFF; 5]);
    let grey = decode(&file, &LIMITS);
    assert!(grey.is_some());
    assert_eq!((&grey, &grey), (&decode(&wide, &LIMITS), &decode(&filled, &LIMITS)));
}

#[test]
fn what_is_not_plain_is_left() {
    let file = sequential();
    let (frame, scan) = (find(&file, 0xC0), find(&file, 0xDA));
    let end = file.len() - 2;
    for (what, other) in [
        ("arithmetic", with(&file, frame + 1, 1, &[0xC9])),
        ("lossless", with(&file, frame + 1, 1, &[0xC3])),
        ("12 bits", with(&file, frame + 4, 1, &[12])),
        ("no height", with(&file, frame + 5, 2, &[0, 0])),
        ("a small picture", with(&file, frame + 5, 2, &[1, 63])),
        ("four components", with(&file, frame + 9, 1, &[4])),
        ("luminance sampled less", with(&file, frame + 11, 1, &[0x11])),
        ("a third of the samples", with(&file, frame + 11, 1, &[0x32])),
        ("RGB by Adobe", with(&file, 2, 0, b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0\0")),
        ("a second scan", with(&file, end, 0, &file[scan..end])),
        ("code behind the last block", with(&file, end, 0, &[1, 2])),
        ("no end", file[..end].to_vec()),
        ("two frames", with(&file, frame, 0, &file[frame..scan])),
        ("a marker that counts wrongly", with(&file, find(&file, 0xD3) + 1, 1, &[0xD4])),
        ("no restart marker", with(&file, find(&file, 0xD3), 2, &[])),
        ("no such table", with(&file, scan + 6, 1, &[0x33])),
    ] {
        assert!(decode(&other, &LIMITS).is_none(), "{what}");
    }
    assert!(decode(&file, &LIMITS).is_some());
    assert!(decode(&file, &Limits { max_pixels: 340 * 320, ..LIMITS }).is_none());
    assert!(decode(&file, &Limits { max_decode_bytes: 5_000, ..LIMITS }).is_none());
}

#[test]
fn no_part_of_a_sequential_picture_suffices() {
    let file = sequential();
    let scan = find(&file, 0xDA);
    assert!((2..scan).all(|len| suffices(&file[..len]) != Ok(())));
    assert_eq!(suffices(&file[..scan + 14]), Err(Stop::Left));
    assert!((scan..file.len()).step_by(97).all(|len| decode(&file[..len], &LIMITS).is_none()));
}

#[test]
fn a_progressive_picture_is_known_where_its_dc_scans_end() {
    let mut rng = Rng::with_seed(8);
    let coding = Coding::any(&mut rng, SamplingFactor::R_4_2_0, true, true);
    let coding = Coding { color: ColorType::Rgb, ..coding };
    let file = coding.encode(&coding.scene(&mut rng));
    let len = (0..file.len()).find(|len| suffices(&file[..*len]) == Ok(())).unwrap();
    // Each of its components has a scan for its DC coefficients, and the first that has others follows.
    let mut scans =
        file.windows(2).enumerate().filter(|(_, bytes)| *bytes == [0xFF, 0xDA]).map(|(place, _)| place);
    assert_eq!(scans.nth(3).map(|scan| scan + 2), Some(len));
    assert!((0..len).all(|len| suffices(&file[..len]) == Err(Stop::End) || len < 2));
    assert_eq!(decode(&file[..len], &LIMITS), decode(&file, &LIMITS));
    assert!(decode(&file[..len - 9], &LIMITS).is_none());
}

#[test]
fn a_mean_is_an_eighth_of_its_coefficient() {
    let value = |place: usize| (place as i32 * 7 % 90) - 45;
    let plane = &planes_of(&of_coefficients(16, 0, value)).unwrap()[0];
    let means = (0..40).flat_map(|row| plane.row(row));
    assert!(means.enumerate().all(|(place, mean)| i32::from(*mean) == 128 + 2 * value(place)));
}

#[test]
fn a_mean_is_cut_off_at_black_and_white() {
    let plane = &planes_of(&of_coefficients(16, 0, |place| if place < 800 { -65 } else { 70 })).unwrap()[0];
    assert_eq!((plane.row(0)[0], plane.row(39)[39]), (0, 255));
}

/// Of 2 and 3 the middle is 2.5, of -2 and -1 it is -1.5: five and three eighths of 16.
#[test]
fn a_bit_that_comes_later_counts_half() {
    let value = |place: usize| [2, 3, -2, -1][place % 4];
    let plane = &planes_of(&of_coefficients(16, 1, value)).unwrap()[0];
    assert_eq!(plane.row(3)[..4], [133, 133, 125, 125]);
    assert!(decode(&of_coefficients(16, 2, value), &LIMITS).is_none());
}
