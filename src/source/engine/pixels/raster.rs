//! TIFF in planes, compressed BMP and the BMP of an ICO: by the `image` crate, whole.

use image::{ColorType, ImageDecoder, ImageError, ImageResult};

use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};

/// Where the header knows of no alpha, what the decoder says of it is not the picture's: the fourth sample of a TIFF's
/// pixels.
pub fn decode<D: ImageDecoder>(
    decoder: ImageResult<D>,
    has_alpha: bool,
    view: View,
    limits: &Limits,
) -> Result<Grey> {
    let error = |error| error_of(error, limits);
    let mut decoder = decoder.map_err(error)?;
    let (width, height) = decoder.dimensions();
    let (layout, depth) = layout(decoder.color_type())?;
    limits.pixels(width.into(), height.into())?;
    limits.bytes(decoder.total_bytes())?;
    decoder.set_limits(memory(limits)).map_err(error)?;
    let mut samples = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut samples).map_err(error)?;
    if depth == Depth::Sixteen {
        samples = high_bytes(&samples);
    }
    if layout == Layout::Rgba && !has_alpha {
        samples.as_chunks_mut().0.iter_mut().for_each(|[_, _, _, alpha]: &mut [u8; 4]| *alpha = u8::MAX);
    }
    Shrink::new(width, height, layout, view).rows(&samples, width as usize * layout.channels())
}

/// Bits of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Eight,
    Sixteen,
}

fn layout(color: ColorType) -> Result<(Layout, Depth)> {
    Ok(match color {
        ColorType::La8 => (Layout::GreyAlpha, Depth::Eight),
        ColorType::Rgb8 => (Layout::Rgb, Depth::Eight),
        ColorType::Rgba8 => (Layout::Rgba, Depth::Eight),
        ColorType::La16 => (Layout::GreyAlpha, Depth::Sixteen),
        ColorType::Rgb16 => (Layout::Rgb, Depth::Sixteen),
        ColorType::Rgba16 => (Layout::Rgba, Depth::Sixteen),
        _ => return Err(NOT_DECODED),
    })
}

fn high_bytes(samples: &[u8]) -> Vec<u8> {
    samples.as_chunks().0.iter().map(|&sample| (u16::from_ne_bytes(sample) >> 8) as u8).collect()
}

fn memory(limits: &Limits) -> image::Limits {
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.max_decode_bytes);
    memory
}

fn error_of(error: ImageError, limits: &Limits) -> Error {
    match error {
        ImageError::Unsupported(_) => NOT_DECODED,
        ImageError::Limits(_) => limits.too_many_bytes(),
        _ => Error::CorruptImage("it breaks the rules of its format, or ends too early"),
    }
}
