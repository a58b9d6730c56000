//! WebP by image-webp, within memory that it does not count itself. Before anything else it is scaled down as sharp has
//! libwebp do it.

mod alpha;
#[cfg(any(test, not(feature = "libwebp")))]
mod in_rust;
#[cfg(feature = "libwebp")]
mod libwebp;
mod loop_filter;
mod lossy;
mod mean;

use std::io::{BufRead, Cursor, Seek};

use image_webp::{DecodingError, WebPDecoder};

use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use super::thumbnail::Average;
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};
use crate::source::engine::phash::SIDE;
use mean::Mean;

/// Bytes a pixel, as measured on 100 megapixels: 7 for a picture, 12 for an animation, which keeps a canvas and
/// a frame beside the picture.
const STILL: u64 = 8;
const ANIMATED: u64 = 13;

pub fn decode(bytes: &[u8], view: View, limits: &Limits) -> Result<Grey> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let size = decoder.dimensions();
    limits.pixels(size.0.into(), size.1.into())?;
    let chunk = lossy::chunk(bytes).filter(|_| is_scaled(size) && !decoder.is_animated());
    match chunk {
        Some(chunk) if !decoder.has_alpha() => lossy::decode(&bytes[chunk], size, view, limits),
        Some(chunk) if loop_filter::is_bypassed(size, scaled(size)) => {
            let mut unfiltered = bytes.to_vec();
            loop_filter::clear(&mut unfiltered[chunk]);
            whole(WebPDecoder::new(Cursor::new(&unfiltered[..])).map_err(error)?, view, limits)
        }
        _ => whole(decoder, view, limits),
    }
}

/// Decodes every pixel into colours.
fn whole(mut decoder: WebPDecoder<impl BufRead + Seek>, view: View, limits: &Limits) -> Result<Grey> {
    let size = decoder.dimensions();
    let each = if decoder.is_animated() { ANIMATED } else { STILL };
    limits.bytes(limits.pixels(size.0.into(), size.1.into())?.saturating_mul(each))?;
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(limits.too_many_bytes())?];
    decoder.read_image(&mut samples).map_err(error)?;
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let rows = samples.chunks_exact(size.0 as usize * layout.channels());
    if decoder.is_animated() || !is_scaled(size) {
        return Shrink::new(size.0, size.1, layout, view).rows(&samples, size.0 as usize * layout.channels());
    }
    let small = match layout {
        Layout::Rgba if decoder.is_lossy() => averaged::<4>(rows.clone(), size).into_flattened(),
        Layout::Rgba => alpha::averaged(rows.clone(), size),
        _ => averaged::<3>(rows.clone(), size).into_flattened(),
    };
    let thumbnail = view.longer_side().map(|side| {
        let mut average = Average::of_picture(size, 1, side, layout);
        rows.for_each(|row| average.row(row));
        average.finish()
    });
    Ok(Grey { opaque: layout.is_opaque(&samples), thumbnail, ..grey(&small, scaled(size), layout)? })
}

fn averaged<'a, const N: usize>(rows: impl Iterator<Item = &'a [u8]>, size: (u32, u32)) -> Vec<[u8; N]> {
    let mut mean = mean_of(size);
    rows.for_each(|row| mean.row(row));
    mean.finish()
}

fn mean_of<const N: usize>(size: (u32, u32)) -> Mean<N> {
    let sides = |(columns, rows): (u32, u32)| (columns as usize, rows as usize);
    Mean::new(sides(size), sides(scaled(size)))
}

/// Of a picture that is scaled already.
fn grey(small: &[u8], (columns, rows): (u32, u32), layout: Layout) -> Result<Grey> {
    Shrink::new(columns, rows, layout, View::Grey).rows(small, columns as usize * layout.channels())
}

fn is_scaled((width, height): (u32, u32)) -> bool {
    width.min(height) > SIDE as u32
}

/// Sharp has it scaled until the shorter side is that of the square.
fn scaled((width, height): (u32, u32)) -> (u32, u32) {
    let shorter = f64::from(width.min(height));
    let side = |side: u32| (f64::from(side) * SIDE as f64 / shorter).round_ties_even() as u32;
    (side(width), side(height))
}

fn error(error: DecodingError) -> Error {
    match error {
        DecodingError::UnsupportedFeature(_) => NOT_DECODED,
        _ => Error::CorruptImage("it breaks the rules of WebP, or ends too early"),
    }
}
