//! JPEG: by its DC coefficients, or else by zune-jpeg.

use std::io::{BufRead, Cursor, Seek};

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::{ImageInfo, JpegDecoder};

use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use super::{Limits, NOT_DECODED, jpeg_dc};
use crate::error::{Error, Result};

const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Pixels of a block (ITU T.81 section A.1.1), which takes at least a bit of the file.
const BLOCK: u64 = 64;

const TRUNCATED: Error = Error::CorruptImage("its data end too early");

/// No Huffman code consists of ones alone (ITU T.81 annex C): thirty-two of them cannot be read. A zero is stuffed
/// behind every eight.
const NO_CODE: [u8; 8] = [0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0];

pub fn decode(bytes: &[u8], view: View, limits: &Limits) -> Result<Grey> {
    jpeg_dc::decode(bytes, view, limits).map_or_else(|| whole(bytes, view, limits), Ok)
}

/// Decodes every pixel.
pub fn whole(bytes: &[u8], view: View, limits: &Limits) -> Result<Grey> {
    let mut file = Cursor::new(bytes);
    let (info, layout) = headers(&mut decoder(&mut file))?;
    let scan = file.position() as usize;
    check(&info, layout, in_one_scan(bytes, scan, &info), limits)?;
    if u64::from(info.width) * u64::from(info.height) / BLOCK / 8 > bytes.len() as u64 {
        return Err(TRUNCATED);
    }
    let fenced = fenced(bytes, scan).ok_or(TRUNCATED)?;
    let mut decoder = decoder(Cursor::new(&fenced[..]));
    headers(&mut decoder)?;
    let samples = decoder.decode().map_err(error)?;
    let shrink = Shrink::new(info.width.into(), info.height.into(), layout, view);
    shrink.rows(&samples, usize::from(info.width) * layout.channels())
}

/// The file up to the marker behind its scans, with what is no code before that. A decoder that wants more than a
/// truncated file has meets it there, and not the zeros that it would make up.
fn fenced(bytes: &[u8], scan: usize) -> Option<Vec<u8>> {
    let end = bytes.get(scan..)?.windows(2).position(|marker| marker == END_OF_IMAGE)?;
    Some([bytes.get(..scan + end)?, &NO_CODE, &END_OF_IMAGE].concat())
}

fn decoder<R: BufRead + Seek>(file: R) -> JpegDecoder<R> {
    JpegDecoder::new_with_options(file, options())
}

/// Strict, because otherwise a truncated picture is filled up with grey.
fn options() -> DecoderOptions {
    let side = usize::from(u16::MAX);
    DecoderOptions::default().set_strict_mode(true).set_max_width(side).set_max_height(side)
}

fn headers(decoder: &mut JpegDecoder<impl BufRead + Seek>) -> Result<(ImageInfo, Layout)> {
    decoder.decode_headers().map_err(error)?;
    let (space, layout) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, Layout::Grey),
        Some(ColorSpace::CMYK) => (ColorSpace::CMYK, Layout::Cmyk),
        Some(ColorSpace::YCCK) => (ColorSpace::YCCK, Layout::Ycck),
        _ => (ColorSpace::RGB, Layout::Rgb),
    };
    decoder.set_options(options().jpeg_set_out_colorspace(space));
    Ok((decoder.info().ok_or(Error::Internal)?, layout))
}

/// Whether the scan that starts here has all components, by its header (ITU T.81 section B.2.3): marker, length,
/// their number, two bytes for each, and three more.
fn in_one_scan(bytes: &[u8], scan: usize, info: &ImageInfo) -> bool {
    let header = scan.checked_sub(8 + 2 * usize::from(info.components)).and_then(|start| bytes.get(start..));
    let all = [0xFF, 0xDA, 0, 6 + 2 * info.components, info.components];
    info.sof.is_sequential_dct() && header.is_some_and(|header| header.starts_with(&all))
}

fn check(info: &ImageInfo, layout: Layout, in_one_scan: bool, limits: &Limits) -> Result<()> {
    let pixels = limits.pixels(info.width.into(), info.height.into())?;
    // Until its last scan is read, a picture of several is kept in coefficients of 16 bits.
    let coefficients = if in_one_scan { 0 } else { 2 * u64::from(info.components) };
    limits.bytes(pixels.saturating_mul(layout.channels() as u64 + coefficients))
}

fn error(error: DecodeErrors) -> Error {
    match error {
        DecodeErrors::Unsupported(_) => NOT_DECODED,
        DecodeErrors::ExhaustedData => TRUNCATED,
        _ => Error::CorruptImage("it breaks the rules of JPEG"),
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;

    const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_decode_bytes: 1 << 24, apart: None };

    fn decode(file: &[u8], limits: &Limits) -> Result<Grey> {
        super::decode(file, View::Colour, limits)
    }

    fn jpeg() -> Vec<u8> {
        let samples: Vec<u8> =
            (0..48 * 48 * 3u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut file = Vec::new();
        JpegEncoder::new(&mut file).write_image(&samples, 48, 48, ExtendedColorType::Rgb8).unwrap();
        file
    }

    #[test]
    fn a_file_is_truncated_without_its_last_byte_and_wherever_it_ends_before() {
        let file = jpeg();
        assert!(decode(&file, &LIMITS).is_ok());
        for len in 0..file.len() {
            assert!(matches!(decode(&file[..len], &LIMITS), Err(Error::CorruptImage(_))), "{len}");
        }
    }

    #[test]
    fn a_truncated_file_is_not_made_whole_by_a_last_marker() {
        let file = jpeg();
        for missing in [file.len() / 4, file.len() / 2] {
            let closed = [&file[..file.len() - missing], &END_OF_IMAGE].concat();
            assert!(matches!(decode(&closed, &LIMITS), Err(Error::CorruptImage(_))), "{missing}");
        }
    }

    #[test]
    fn coefficients_are_counted_unless_one_scan_has_all_components() {
        let judge = |file: &[u8]| {
            let mut cursor = Cursor::new(file);
            let (info, _) = headers(&mut decoder(&mut cursor)).unwrap();
            in_one_scan(file, cursor.position() as usize, &info)
        };
        assert!(judge(&jpeg()));
        assert!(judge(include_bytes!("../../../../tests/images/jpeg/grey.jpg")));
        assert!(!judge(include_bytes!("../../../../tests/images/jpeg/progressive.jpg")));
    }

    #[test]
    fn what_follows_the_last_marker_does_not_matter() {
        let file = jpeg();
        let followed = [&file[..], b"a second picture", &file].concat();
        assert_eq!(decode(&followed, &LIMITS), decode(&file, &LIMITS));
    }
}
