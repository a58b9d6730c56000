//! PNG, row by row.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Reader, Transformations};

use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use super::{Limits, NOT_DECODED};
use crate::error::{Error, Result};

type Png<'a> = Reader<Cursor<&'a [u8]>>;

pub fn decode(bytes: &[u8], view: View, limits: &Limits) -> Result<Grey> {
    let mut png = open(bytes, limits)?;
    let layout = match png.output_color_type().0 {
        ColorType::Grayscale => Layout::Grey,
        ColorType::GrayscaleAlpha => Layout::GreyAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Indexed => return Err(NOT_DECODED),
    };
    let shrink = Shrink::new(png.info().width, png.info().height, layout, view);
    if png.info().interlaced { whole(&mut png, shrink, limits) } else { rows(&mut png, shrink, limits) }
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Png<'a>> {
    let error = |error| error_of(error, limits);
    let max_bytes = usize::try_from(limits.max_decode_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: max_bytes });
    decoder.set_transformations(Transformations::normalize_to_color8());
    // A megabyte of either may be a thousand when inflated.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(error)?.size();
    limits.pixels(width.into(), height.into())?;
    decoder.read_info().map_err(error)
}

fn rows(png: &mut Png<'_>, mut shrink: Shrink, limits: &Limits) -> Result<Grey> {
    while let Some(row) = png.next_row().map_err(|error| error_of(error, limits))? {
        shrink.row(row.data());
    }
    shrink.finish()
}

/// The rows of an interlaced picture come in seven passes, and are whole only after the last.
fn whole(png: &mut Png<'_>, shrink: Shrink, limits: &Limits) -> Result<Grey> {
    let size = png.output_buffer_size().ok_or(limits.too_many_bytes())?;
    limits.bytes(size as u64)?;
    let mut samples = vec![0; size];
    let frame = png.next_frame(&mut samples).map_err(|error| error_of(error, limits))?;
    shrink.rows(&samples, frame.line_size)
}

fn error_of(error: DecodingError, limits: &Limits) -> Error {
    match error {
        DecodingError::LimitsExceeded => limits.too_many_bytes(),
        _ => Error::CorruptImage("it breaks the rules of PNG, or ends too early"),
    }
}
