//! WebP: by the `image` crate, within memory that it does not count itself.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::Limits;
use super::grey::Grey;
use super::raster::{self, Clear};
use super::shrink::View;
use crate::error::{Error, Result};

/// Bytes a pixel, as measured on 100 megapixels: 7 for a picture, 12 for an animation, which keeps a canvas and
/// a frame beside the picture.
const STILL: u64 = 8;
const ANIMATED: u64 = 13;

pub fn decode(bytes: &[u8], has_alpha: bool, view: View, limits: &Limits) -> Result<Grey> {
    let decoder = WebPDecoder::new(Cursor::new(bytes));
    let decoder =
        decoder.map_err(|_| Error::CorruptImage("it breaks the rules of WebP, or ends too early"))?;
    let (width, height) = decoder.dimensions();
    let each = if decoder.has_animation() { ANIMATED } else { STILL };
    limits.bytes(limits.pixels(width.into(), height.into())?.saturating_mul(each))?;
    // Sharp has libwebp scale it, which knows of no weights.
    raster::decode(Ok(decoder), has_alpha, Clear::Dropped, view, limits)
}
