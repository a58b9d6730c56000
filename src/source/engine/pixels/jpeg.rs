//! JPEG by zune-jpeg.

use std::io::{BufRead, Cursor, Seek};

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::{ImageInfo, JpegDecoder};

use super::grey::Grey;
use super::shrink::{Layout, Shrink};
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};

const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Pixels of a block (ITU T.81 section A.1.1), which takes at least a bit of the file.
const BLOCK: u64 = 64;

const TRUNCATED: Error = Error::CorruptImage("its data end too early");

pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Grey> {
    let mut file = Cursor::new(bytes);
    let mut decoder = JpegDecoder::new_with_options(&mut file, options());
    let (info, layout) = headers(&mut decoder)?;
    check(&info, layout, bytes.len() as u64, limits)?;
    let samples = decoder.decode().map_err(error)?;
    drop(decoder);
    // The decoder goes on to the last marker, but does not miss it where the file ends in the last rows.
    let read = bytes.get(..file.position() as usize).unwrap_or_default();
    if !read.ends_with(&END_OF_IMAGE) {
        return Err(TRUNCATED);
    }
    let shrink = Shrink::new(info.width.into(), info.height.into(), layout);
    shrink.rows(&samples, usize::from(info.width) * layout.channels())
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

fn check(info: &ImageInfo, layout: Layout, len: u64, limits: &Limits) -> Result<()> {
    let pixels = limits.pixels(info.width.into(), info.height.into())?;
    // Until its last scan is read, a progressive picture is kept in coefficients of 16 bits.
    let coefficients = if info.sof.is_sequential_dct() { 0 } else { 2 * u64::from(info.components) };
    limits.bytes(pixels.saturating_mul(layout.channels() as u64 + coefficients))?;
    if pixels / BLOCK / 8 > len { Err(TRUNCATED) } else { Ok(()) }
}

fn error(error: DecodeErrors) -> Error {
    match error {
        DecodeErrors::Unsupported(_) => NOT_DECODED,
        DecodeErrors::ExhaustedData => TRUNCATED,
        _ => Error::CorruptImage("it breaks the rules of JPEG"),
    }
}
