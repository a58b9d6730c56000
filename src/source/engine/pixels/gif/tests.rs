use std::io::Cursor;

use gif::Encoder;
use image::ImageDecoder;
use image::codecs::gif::GifDecoder;

use super::super::super::header::{self, Header, Reading};
use super::super::super::known::Known;
use super::super::read;
use super::*;
use crate::metadata::Level;

const LIMITS: Limits = Limits { max_pixels: 1 << 22, max_decode_bytes: 1 << 24, apart: None };

/// Section 18 of the specification: where the logical screen's width and height stand.
const SCREEN: std::ops::Range<usize> = 6..10;

fn header_of(file: &[u8]) -> Result<Header> {
    match header::read(&Known::whole(file), Level::Frames) {
        Reading::Done(header) => header,
        Reading::Need(range) => panic!("{range:?}"),
    }
}

/// The hash of a picture of 120 x 90 whose file states this screen.
fn hash(width: u16, height: u16) -> Result<String> {
    let mut file = include_bytes!("../../../../../tests/images/gif/static.gif").to_vec();
    file[SCREEN].copy_from_slice(&[width.to_le_bytes(), height.to_le_bytes()].concat());
    read(&file, &header_of(&file)?, View::Grey, &LIMITS).map(|picture| picture.p_hash.to_string())
}

/// As sharp-phash has it: these screens count for nothing, or are too small.
#[test]
fn a_screen_that_is_none_leaves_the_first_frame() {
    let screens =
        [(640, 480), (800, 600), (1024, 768), (2100, 2100), (50, 50), (119, 90), (1, 1), (120, 0), (0, 0)];
    for (width, height) in screens.into_iter().chain([(120, 90), (0, 90), (121, 65_373), (10_000, 10_000)]) {
        assert_eq!(hash(width, height).as_deref(), Ok("8e78cea4a686734f"), "{width} x {height}");
    }
    assert_ne!(hash(300, 200), hash(120, 90));
}

/// On a screen of this size.
fn encoded(screen: (u16, u16), global_palette: &[u8], frame: &gif::Frame<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    Encoder::new(&mut file, screen.0, screen.1, global_palette).unwrap().write_frame(frame).unwrap();
    file
}

/// Where nothing is resized alpha is dropped, and a clear pixel's colour would count.
#[test]
fn what_is_clear_is_black() {
    let buffer = [[0; 16], [1; 16]].concat().repeat(32).into();
    let frame = gif::Frame { width: 32, height: 32, transparent: Some(0), buffer, ..gif::Frame::default() };
    let file = encoded((32, 32), &[250; 6], &frame);
    let samples = decode(&file, (32, 32), true, View::Grey, &LIMITS).unwrap().samples;
    assert_eq!((samples[0], samples[2 * 31]), (0, 250));
}

#[test]
fn a_frame_without_pixels_leaves_the_ground() {
    let frame = gif::Frame { width: 1, height: 1, buffer: vec![1].into(), ..gif::Frame::default() };
    let file = encoded((40, 40), &[250; 6], &frame);
    let pixels = Frame::first(&file).unwrap();
    let descriptor = file.len() - pixels.data.len() - 10;
    for (extent, interlaced) in [([0; 4], 0), ([0, 0, 1, 0], 0x40), ([1, 0, 0, 0], 0x40)] {
        let mut file = file.clone();
        file[descriptor + 4..][..4].copy_from_slice(&extent);
        file[descriptor + 8] |= interlaced;
        let drawn = decode(&file, (40, 40), false, View::Grey, &LIMITS).unwrap();
        assert!(drawn.samples.iter().all(|sample| *sample == 0), "{extent:?}");
    }
}

/// A pixel behind so many clear codes of the longest codes that there are, two in each three bytes.
#[test]
fn clear_codes_without_end_are_damage() {
    let pixel_behind = |pairs: usize| {
        let frame = gif::Frame { width: 1, height: 1, buffer: vec![1].into(), ..gif::Frame::default() };
        let mut file = encoded((1, 1), &[9, 9, 9, 7, 7, 7], &frame);
        file.truncate(file.len() - Frame::first(&file).unwrap().data.len() - 1);
        file.push(11);
        for codes in [[0x00, 0x08, 0x80]].repeat(pairs).chunks(85) {
            file.push(codes.len() as u8 * 3);
            file.extend(codes.as_flattened());
        }
        // Index 1, and the end.
        file.extend([3, 0x01, 0x10, 0x80, 0]);
        decode(&file, (1, 1), false, View::Grey, &LIMITS).map(|drawn| drawn.samples)
    };
    assert_eq!(pixel_behind(1_000), Ok(vec![7]));
    assert_eq!(pixel_behind(20_000), Err(DAMAGED));
}

/// Of noise or runs, which are long codes, of every kind that there is.
fn any_frame(random: &mut fastrand::Rng, longest: u16) -> gif::Frame<'static> {
    let (width, height) = (random.u16(1..longest), random.u16(1..longest));
    let (levels, run) = (random.usize(1..=256), if random.bool() { 1 } else { random.usize(1..500) });
    let pixels = usize::from(width) * usize::from(height);
    let noise: Vec<u8> = (0..=pixels / run).map(|_| random.usize(..levels) as u8).collect();
    gif::Frame {
        left: if random.bool() { 0 } else { random.u16(..longest) },
        top: if random.bool() { 0 } else { random.u16(..longest) },
        width,
        height,
        interlaced: random.bool(),
        transparent: random.bool().then(|| random.u8(..)),
        buffer: (0..pixels).map(|place| noise[place / run]).collect::<Vec<_>>().into(),
        ..gif::Frame::default()
    }
}

/// That frame in a file, with a palette that lacks some of its colours at times.
fn any_file(random: &mut fastrand::Rng, frame: &mut gif::Frame<'_>, longest: u16) -> Vec<u8> {
    let palette: Vec<u8> = (0..3 * random.usize(1..=256)).map(|_| random.u8(..)).collect();
    frame.palette = random.bool().then(|| palette.clone());
    encoded((random.u16(..longest), random.u16(..longest)), &palette, frame)
}

#[test]
fn a_frame_is_drawn_where_it_lies() {
    for seed in 0..400 {
        let random = &mut fastrand::Rng::with_seed(seed);
        let longest = if seed % 8 == 0 { 150 } else { 30 };
        let mut frame = any_frame(random, longest);
        let file = any_file(random, &mut frame, longest);
        let header = header_of(&file).unwrap();
        let size = header.dimensions.unwrap();
        let drawn = decode(&file, size, header.has_alpha, View::Colour, &LIMITS).unwrap();
        assert_eq!(drawn, expected(&file, &frame, size), "seed {seed}");
    }
}

/// Pixel by pixel, in RGBA.
fn expected(file: &[u8], frame: &gif::Frame<'_>, (width, height): (u64, u64)) -> Grey {
    let order: Vec<usize> = match (frame.interlaced, usize::from(frame.height)) {
        (false, height) => (0..height).collect(),
        (true, height) => {
            let pass = |first, step| (first..height).step_by(step);
            pass(0, 8).chain(pass(4, 8)).chain(pass(2, 4)).chain(pass(1, 2)).collect()
        }
    };
    let palette = Frame::first(file).unwrap().palette;
    let pixel = |x: u64, y: u64| {
        let (x, y) = (x.checked_sub(frame.left.into())? as usize, y.checked_sub(frame.top.into())? as usize);
        let row = order.iter().position(|row| *row == y)?;
        let index = *frame.buffer.chunks(frame.width.into()).nth(row)?.get(x)?;
        let [red, green, blue] = *palette.get(usize::from(index))?;
        (frame.transparent != Some(index)).then_some([red, green, blue, 255])
    };
    let ground = if frame.transparent.is_some() { [0; 4] } else { [0, 0, 0, 255] };
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels: Vec<_> = rows.map(|(x, y)| pixel(x, y).unwrap_or(ground)).collect();
    shrunk(&pixels, (width as u32, height as u32), frame.transparent.is_some()).unwrap()
}

fn shrunk(pixels: &[[u8; 4]], (width, height): (u32, u32), has_alpha: bool) -> Option<Grey> {
    let columns = width as usize;
    let grey = if has_alpha {
        Shrink::new(width, height, Layout::Rgba, View::Colour).rows(pixels.as_flattened(), columns * 4)
    } else {
        let rgb: Vec<_> = pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
        Shrink::new(width, height, Layout::Rgb, View::Colour).rows(&rgb, columns * 3)
    };
    grey.ok()
}

/// Cuts it, or alters some bytes from this place on.
fn damage(file: &mut Vec<u8>, from: usize, random: &mut fastrand::Rng) {
    if random.bool() {
        file.truncate(random.usize(..file.len()));
    } else {
        let places = from..file.len();
        (0..3).for_each(|_| file[random.usize(places.clone())] = random.u8(..));
    }
}

/// By the `image` crate, in RGBA, on a screen of this size.
fn whole(file: &[u8], (width, height): (u64, u64), has_alpha: bool) -> Option<Grey> {
    let mut file = file.to_vec();
    file[SCREEN].copy_from_slice(&[(width as u16).to_le_bytes(), (height as u16).to_le_bytes()].concat());
    let decoder = GifDecoder::new(Cursor::new(&file)).ok()?;
    let mut samples = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut samples).ok()?;
    let pixels = samples.as_chunks_mut().0;
    // What is clear is black, whatever its colour is.
    pixels.iter_mut().filter(|pixel| has_alpha && pixel[3] == 0).for_each(|pixel| *pixel = [0; 4]);
    shrunk(pixels, (width as u32, height as u32), has_alpha)
}

/// Rows out of order are left out: that crate loses some of them (gif 0.14.2). It also refuses extensions and versions
/// that it does not know, and now and then a file that ends with its pixels.
#[test]
fn what_is_damaged_is_refused_or_as_it_is_whole() {
    let (mut same, mut refused, mut refused_whole) = (0, 0, 0);
    for seed in 0..2_000 {
        let random = &mut fastrand::Rng::with_seed(seed);
        let mut frame = gif::Frame { interlaced: false, ..any_frame(random, 30) };
        let mut file = any_file(random, &mut frame, 30);
        let pixels = file.len() - Frame::first(&file).unwrap().data.len();
        damage(&mut file, if random.bool() { 0 } else { pixels }, random);
        let Ok(header) = header_of(&file) else { continue };
        let Some(size) = header.dimensions.ok().filter(|size| LIMITS.pixels(size.0, size.1).is_ok()) else {
            continue;
        };
        let by_rows = decode(&file, size, header.has_alpha, View::Colour, &LIMITS).ok();
        match (by_rows, whole(&file, size, header.has_alpha)) {
            (None, None) => refused += 1,
            (Some(_), None) => refused_whole += 1,
            (by_rows, whole) => {
                assert!(by_rows == whole, "seed {seed}");
                same += 1;
            }
        }
    }
    assert!(same > 300 && refused > 500 && refused_whole < 40, "{same} {refused} {refused_whole}");
}

/// Two megapixels, which were 8 MB.
#[test]
fn memory_follows_the_row_or_a_byte_a_pixel() {
    let (width, height) = (2_000, 1_000);
    for (interlaced, enough) in [(false, 0), (true, 2_000_000)] {
        let buffer = vec![1; 2_000_000].into();
        let file = encoded(
            (width, height),
            &[9; 6],
            &gif::Frame { width, height, interlaced, buffer, ..gif::Frame::default() },
        );
        let within = |max_decode_bytes| {
            let limits = Limits { max_decode_bytes, ..LIMITS };
            decode(&file, (width.into(), height.into()), false, View::Grey, &limits)
        };
        assert!(within(enough).is_ok());
        if interlaced {
            assert_eq!(within(1_999_999), Err(Error::TooLarge { what: "decoded bytes", limit: 1_999_999 }));
        }
    }
}
