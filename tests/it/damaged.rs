//! Pictures cut and altered at many places: an error or the same answer, never a made-up one, never a panic.

use std::fs;

use imagraph::error::{Error, Result};
use imagraph::metadata::{Level, PHash};
use imagraph::source::engine::header::{self, Reading};
use imagraph::source::engine::known::Known;
use imagraph::source::engine::pixels::{self, Limits, View};

use crate::gateway::pictures;

const PICTURES: [&str; 10] = [
    "jpeg/baseline.jpg",
    "jpeg/progressive.jpg",
    "jpeg/exif-camera-le.jpg",
    "png/rgba.png",
    "png/interlaced.png",
    "gif/animated.gif",
    "webp/lossy-alpha.webp",
    "tiff/lzw.tif",
    "bmp/24bit.bmp",
    "ico/several.ico",
];

/// Places of a file that are tried.
const PLACES: usize = 60;

/// The hash of a file that is whole as far as its header knows.
fn hash(bytes: &[u8]) -> Result<PHash> {
    let limits = Limits { max_pixels: 1_000_000, max_decode_bytes: 16 << 20, apart: None };
    match header::read(&Known::whole(bytes), Level::Exif) {
        Reading::Done(header) => {
            pixels::read(bytes, &header?, View::Colour, &limits).map(|picture| picture.p_hash)
        }
        Reading::Need(range) => panic!("{range:?} of {} bytes", bytes.len()),
    }
}

fn read(name: &str) -> Vec<u8> {
    fs::read(pictures().join(name)).expect("a picture")
}

/// Evenly spread, the last one the end.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..PLACES).map(move |place| len * place / PLACES)
}

#[test]
fn a_truncated_picture_has_no_hash_or_its_own() {
    let mut refused = 0;
    for name in PICTURES {
        let bytes = read(name);
        let whole = hash(&bytes).expect(name);
        for cut in places(bytes.len()) {
            match hash(&bytes[..cut]) {
                // Of an animation or a file with more behind its picture the rest may be missing.
                Ok(hash) => assert_eq!(hash, whole, "{name} cut at {cut}"),
                Err(Error::CorruptImage(_) | Error::NotAnImage) => refused += 1,
                Err(other) => panic!("{name} cut at {cut}: {other}"),
            }
        }
    }
    assert!(refused > PLACES * 7, "only {refused} were refused");
}

/// By the header alone: nothing of these sizes is allocated.
#[test]
fn what_a_decoder_would_need_is_bounded_before_it_starts() {
    let lossless = |width: u32, height: u32| {
        let bits = (width - 1) | (height - 1) << 14;
        [b"RIFF\x1A\0\0\0WEBPVP8L\x0D\0\0\0\x2F", &bits.to_le_bytes()[..], &[0; 9]].concat()
    };
    let limits = Limits { max_pixels: 100_000_000, max_decode_bytes: 512 << 20, apart: None };
    let judge = |bytes: &[u8]| match header::read(&Known::whole(bytes), Level::Exif) {
        Reading::Done(Ok(header)) => {
            pixels::read(bytes, &header, View::Colour, &limits).expect_err("too large")
        }
        other => panic!("{other:?}"),
    };
    assert!(matches!(judge(&lossless(10_000, 9_999)), Error::TooLarge { what: "decoded bytes", .. }));
    assert_eq!(
        header_check(1, 100_000_000),
        Err(Error::TooLarge { what: "pixels of a side", limit: 100_000 })
    );
}

fn header_check(width: u64, height: u64) -> Result<()> {
    let limits = Limits { max_pixels: 100_000_000, max_decode_bytes: 512 << 20, apart: None };
    let Reading::Done(Ok(mut header)) = header::read(&Known::whole(read("png/rgb.png")), Level::Header)
    else {
        panic!("a header");
    };
    header.dimensions = Ok((width, height));
    pixels::check(&header, &limits)
}

#[test]
fn an_altered_picture_gives_a_hash_or_a_typed_error() {
    for name in PICTURES {
        let bytes = read(name);
        for place in places(bytes.len()) {
            for bit in [0x01, 0x80, 0xFF] {
                let mut altered = bytes.clone();
                altered[place] ^= bit;
                let failure = hash(&altered).err();
                let typed = match &failure {
                    None | Some(Error::CorruptImage(_) | Error::NotAnImage) => true,
                    Some(Error::UnsupportedFormat(_) | Error::TooLarge { .. }) => true,
                    Some(_) => false,
                };
                assert!(typed, "{name} at {place}: {failure:?}");
            }
        }
    }
}

#[test]
fn a_header_read_in_pieces_is_the_one_read_whole() {
    let mut pieces = 0;
    for name in PICTURES {
        let bytes = read(name);
        let whole = header::read(&Known::whole(&bytes[..]), Level::Exif);
        let mut known = Known::default();
        known.set_size(bytes.len() as u64);
        let in_pieces = loop {
            match header::read(&known, Level::Exif) {
                Reading::Need(range) => {
                    let (start, end) = (range.start as usize, (range.end as usize).min(bytes.len()));
                    known.add(range.start, &bytes[start..end]);
                    pieces += 1;
                }
                done => break done,
            }
        };
        assert_eq!(in_pieces, whole, "{name}");
    }
    assert!(pieces > 100, "only {pieces} pieces were asked for");
}
