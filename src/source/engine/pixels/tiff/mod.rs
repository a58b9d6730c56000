//! TIFF by the `tiff` crate, one row of strips or tiles after the other; by the `image` crate above it where colours lie in
//! planes.

mod bands;
mod bits;
mod samples;

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::tiff::TiffDecoder;
use tiff::decoder::Decoder;
use tiff::tags::Tag;
use tiff::{ColorType, TiffError, TiffResult};

use super::grey::Grey;
use super::raster;
use super::shrink::View;
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};
use crate::source::engine::exif::{self, Directory, Entry, Kind, Order};
use crate::source::engine::known::Block;
use samples::Samples;

type Tiff<'a> = Decoder<Cursor<&'a [u8]>>;

pub fn decode(bytes: &[u8], has_alpha: bool, view: View, limits: &Limits) -> Result<Grey> {
    let error = |error| error_of(&error, limits);
    let mut bytes = bits::turned(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned);
    let first = first_directory(&bytes);
    if first.as_ref().is_some_and(|(_, directory)| has_longer_text(directory, limits.max_decode_bytes)) {
        return Err(limits.too_many_bytes());
    }
    let are_indices =
        first.and_then(|(order, directory)| pass_indices_off(&mut bytes, order, &directory)).is_some();
    let mut tiff = open(&bytes, limits).map_err(error)?;
    let (width, height) = tiff.dimensions().map_err(error)?;
    limits.pixels(width.into(), height.into())?;
    if is_in_planes(&mut tiff).map_err(error)? {
        // Which the `tiff` crate trips over (0.11.3).
        if tiff.find_tag(Tag::TileWidth).map_err(error)?.is_some() {
            return Err(NOT_DECODED);
        }
        return raster::decode(TiffDecoder::new(Cursor::new(&*bytes)), has_alpha, view, limits);
    }
    let samples = Samples::of(&mut tiff, has_alpha, are_indices).map_err(error)?;
    bands::read(&mut tiff, &samples.ok_or(NOT_DECODED)?, view, limits)
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> TiffResult<Tiff<'a>> {
    let max_bytes = usize::try_from(limits.max_decode_bytes).unwrap_or(usize::MAX);
    let mut memory = tiff::decoder::Limits::default();
    (memory.decoding_buffer_size, memory.intermediate_buffer_size) = (max_bytes, max_bytes);
    Ok(Decoder::new(Cursor::new(bytes))?.with_limits(memory))
}

/// The `tiff` crate refuses such a text as well, and says so on standard error (0.11.3).
fn has_longer_text(directory: &Directory, max_bytes: u64) -> bool {
    let is_longer = |entry: &Entry| entry.kind == Kind::Ascii && u64::from(entry.count) > max_bytes;
    directory.entries.iter().any(is_longer)
}

fn first_directory(bytes: &[u8]) -> Option<(Order, Directory)> {
    let tiff = exif::Tiff::new(Block::whole(bytes)).ok()??;
    Some((tiff.order(), tiff.directory(tiff.ifd0).ok()?))
}

fn is_in_planes(tiff: &mut Tiff<'_>) -> TiffResult<bool> {
    const PLANAR: u16 = 2;
    let planes = tiff.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)? == Some(PLANAR);
    Ok(planes && !matches!(tiff.colortype()?, ColorType::Gray(_)))
}

/// Passes a palette's indices off as grey, if there is a palette: those the `tiff` crate reads.
fn pass_indices_off(bytes: &mut Cow<'_, [u8]>, order: Order, directory: &Directory) -> Option<()> {
    const PHOTOMETRIC_INTERPRETATION: u16 = 0x0106;
    const PALETTE: [u8; 2] = [0, 3];
    const BLACK_IS_ZERO: [u8; 2] = [0, 1];
    let place = usize::try_from(directory.entry(PHOTOMETRIC_INTERPRETATION)?.place).ok()?;
    let in_order = |[high, low]: [u8; 2]| if order == Order::Big { [high, low] } else { [low, high] };
    bytes.get(place..)?.starts_with(&in_order(PALETTE)).then_some(())?;
    bytes.to_mut().get_mut(place..place + 2)?.copy_from_slice(&in_order(BLACK_IS_ZERO));
    Some(())
}

fn error_of(error: &TiffError, limits: &Limits) -> Error {
    match error {
        TiffError::UnsupportedError(_) => NOT_DECODED,
        TiffError::LimitsExceeded => limits.too_many_bytes(),
        _ => Error::CorruptImage("it breaks the rules of TIFF, or ends too early"),
    }
}
