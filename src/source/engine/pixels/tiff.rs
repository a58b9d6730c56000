//! TIFF: by the `image` crate, and for the kinds of pixels that it leaves out by the `tiff` crate below it.

use std::io::Cursor;

use image::codecs::tiff::TiffDecoder;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError, TiffResult};

use super::grey::Grey;
use super::raster::{self, Clear};
use super::shrink::{Layout, Shrink, View};
use super::{Limits, NOT_DECODED, tiff_bits};
use crate::error::{Error, Result};
use crate::source::engine::exif::{self, Order};
use crate::source::engine::known::Known;

type Tiff<'a> = Decoder<Cursor<&'a [u8]>>;

pub fn decode(bytes: &[u8], has_alpha: bool, view: View, limits: &Limits) -> Result<Grey> {
    let error = |error| error_of(&error, limits);
    let turned = tiff_bits::turned(bytes);
    let bytes = turned.as_deref().unwrap_or(bytes);
    let indices = with_indices_as_grey(bytes);
    let mut tiff = open(indices.as_deref().unwrap_or(bytes), limits).map_err(error)?;
    let (width, height) = tiff.dimensions().map_err(error)?;
    let pixels = limits.pixels(width.into(), height.into())?;
    if is_tiled_in_planes(&mut tiff).map_err(error)? {
        return Err(NOT_DECODED);
    }
    let samples = match tiff.colortype().map_err(error)? {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) if indices.is_some() => palette(&mut tiff, bits, width),
        ColorType::Gray(bits @ (2 | 4)) => levels(&mut tiff, bits, width),
        ColorType::YCbCr(8) => ycbcr(&mut tiff),
        _ => {
            let tiff = TiffDecoder::new(Cursor::new(bytes));
            return raster::decode(tiff, has_alpha, Clear::Weighed, view, limits);
        }
    };
    limits.bytes(pixels.saturating_mul(3))?;
    let samples: Vec<u8> = samples.map_err(error)?.into_iter().flatten().collect();
    Shrink::new(width, height, Layout::Rgb, view).rows(&samples, 3 * width as usize)
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> TiffResult<Tiff<'a>> {
    let mut memory = tiff::decoder::Limits::default();
    memory.decoding_buffer_size = usize::try_from(limits.max_decode_bytes).unwrap_or(usize::MAX);
    Ok(Decoder::new(Cursor::new(bytes))?.with_limits(memory))
}

/// Which the `tiff` crate trips over (0.11.3).
fn is_tiled_in_planes(tiff: &mut Tiff<'_>) -> TiffResult<bool> {
    const PLANAR: u16 = 2;
    let planes = tiff.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)? == Some(PLANAR);
    Ok(planes && tiff.find_tag(Tag::TileWidth)?.is_some())
}

/// The file with its palette's indices passed off as grey, if it has a palette: those the `tiff` crate reads.
fn with_indices_as_grey(bytes: &[u8]) -> Option<Vec<u8>> {
    const PHOTOMETRIC_INTERPRETATION: u16 = 0x0106;
    const PALETTE: [u8; 2] = [0, 3];
    const BLACK_IS_ZERO: [u8; 2] = [0, 1];
    let known = Known::whole(bytes);
    let tiff = exif::Tiff::new(known.block()).ok()??;
    let directory = tiff.directory(tiff.ifd0).ok()?;
    let place = usize::try_from(directory.entry(PHOTOMETRIC_INTERPRETATION)?.place).ok()?;
    let in_order = |[high, low]: [u8; 2]| if tiff.order() == Order::Big { [high, low] } else { [low, high] };
    bytes.get(place..)?.starts_with(&in_order(PALETTE)).then_some(())?;
    let mut bytes = bytes.to_vec();
    bytes.get_mut(place..place + 2)?.copy_from_slice(&in_order(BLACK_IS_ZERO));
    Some(bytes)
}

/// TIFF 6.0 section 5: all reds, then all greens, then all blues, of 16 bits.
fn palette(tiff: &mut Tiff<'_>, bits: u8, width: u32) -> TiffResult<Vec<[u8; 3]>> {
    let map = tiff.find_tag_unsigned_vec::<u16>(Tag::ColorMap)?.unwrap_or_default();
    let channel = |index: u8, channel: usize| {
        let place = (channel << bits) + usize::from(index);
        map.get(place).map_or(0, |level| (level >> 8) as u8)
    };
    let color = |index| [channel(index, 0), channel(index, 1), channel(index, 2)];
    Ok(unpacked(&samples(tiff)?, bits, width).map(color).collect())
}

/// Levels of few bits stand for as many steps from black to white.
fn levels(tiff: &mut Tiff<'_>, bits: u8, width: u32) -> TiffResult<Vec<[u8; 3]>> {
    let white = u8::MAX >> (8 - bits);
    let grey = |level: u8| [level * (u8::MAX / white); 3];
    Ok(unpacked(&samples(tiff)?, bits, width).map(grey).collect())
}

/// JFIF 1.02, conversion to and from RGB: ITU-R BT.601 in the full range.
fn ycbcr(tiff: &mut Tiff<'_>) -> TiffResult<Vec<[u8; 3]>> {
    let rgb = |&[y, cb, cr]: &[u8; 3]| {
        let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        rgb.map(|channel| channel.round().clamp(0.0, 255.0) as u8)
    };
    Ok(samples(tiff)?.as_chunks().0.iter().map(rgb).collect())
}

fn samples(tiff: &mut Tiff<'_>) -> TiffResult<Vec<u8>> {
    match tiff.read_image()? {
        DecodingResult::U8(samples) => Ok(samples),
        _ => Ok(Vec::new()),
    }
}

/// Samples of so many bits, the first in the highest bits of a byte; each row starts with a byte of its own.
fn unpacked(samples: &[u8], bits: u8, width: u32) -> impl Iterator<Item = u8> {
    let per_byte = usize::from(8 / bits);
    let row_len = (width as usize).div_ceil(per_byte).max(1);
    let sample = move |byte: u8, place: usize| byte << (usize::from(bits) * place) >> (8 - bits);
    samples.chunks_exact(row_len).flat_map(move |row| {
        let samples = row.iter().flat_map(move |byte| (0..per_byte).map(move |place| sample(*byte, place)));
        samples.take(width as usize)
    })
}

fn error_of(error: &TiffError, limits: &Limits) -> Error {
    match error {
        TiffError::UnsupportedError(_) => NOT_DECODED,
        TiffError::LimitsExceeded => limits.too_many_bytes(),
        _ => Error::CorruptImage("it breaks the rules of TIFF, or ends too early"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_few_bits_are_unpacked_row_by_row() {
        let unpacked = |samples: &[u8], bits, width| unpacked(samples, bits, width).collect::<Vec<_>>();
        assert_eq!(unpacked(&[0x12, 0x30, 0x45, 0x60], 4, 3), [1, 2, 3, 4, 5, 6]);
        assert_eq!(unpacked(&[0b1110_0100], 2, 4), [3, 2, 1, 0]);
        assert_eq!(unpacked(&[0b1010_0000, 0b0100_0000], 1, 3), [1, 0, 1, 0, 1, 0]);
        assert_eq!(unpacked(&[7, 8, 9], 8, 1), [7, 8, 9]);
    }
}
