//! What the first bytes of a file say: magic bytes, dimensions, density, profile, alpha, EXIF.
//! No pixel is decoded and nothing is inflated.
//!
//! Facts are those that sharp, and hence ImageKit, prints. A reader fills in a [`Header`] as it goes, so that
//! where the file ends too early, what was found so far stands.

pub mod bmp;
mod density;
pub mod frames;
pub mod gif;
pub mod ico;
pub mod isobmff;
mod jpeg;
mod jpeg_quality;
mod jxl;
mod magic;
mod png;
mod svg;
pub mod text;
mod tiff;
pub mod webp;

use std::ops::Range;

use super::exif::present;
use super::known::{Block, Gap, Known};
use crate::error::{Error, Result};
use crate::metadata::{Exif, Format, Level};

/// What is known of a picture without its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    pub format: Format,
    /// Width and height as stored, before EXIF orientation, or as turned by the format itself; an error where the file is
    /// too damaged to tell.
    pub dimensions: Result<(u64, u64)>,
    /// Pixels per inch.
    pub density: Option<u64>,
    pub has_color_profile: bool,
    /// Of all frames; below [`Level::Frames`] that is not known.
    pub has_alpha: bool,
    /// How pixels as they are stored are to be turned, numbered as in EXIF, where the format itself says so.
    pub turned: Option<u8>,
    /// It may have several frames; only JPEG XL says so here.
    pub is_animated: bool,
    /// Estimated, of a JPEG: 1 to 100.
    pub jpeg_quality: Option<u8>,
    /// `None` where the file has none, or where a level below [`Level::Exif`] did not ask for it.
    pub exif: Option<Exif>,
}

/// How far a reader came with the bytes known so far.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Reading {
    Done(Result<Header>),
    /// These bytes of the file have to be known; then read again.
    Need(Range<u64>),
}

/// Reads as far as `level` wants. Every reading starts at the beginning of the file.
pub fn read(known: &Known, level: Level) -> Reading {
    match magic::sniff(known) {
        Ok(Some(format)) => read_as(format, known.block(), level),
        Ok(None) | Err(Gap::End) => Reading::Done(Err(Error::NotAnImage)),
        Err(Gap::Need(range)) => Reading::Need(range),
    }
}

fn read_as(format: Format, file: Block<'_>, level: Level) -> Reading {
    let mut header = Header::new(format);
    match header.fill(file, level) {
        Ok(()) | Err(Gap::End) => Reading::Done(Ok(header)),
        Err(Gap::Need(range)) => Reading::Need(range),
    }
}

impl Header {
    fn new(format: Format) -> Self {
        Self {
            format,
            dimensions: Err(Error::CorruptImage("width and height are missing")),
            density: None,
            has_color_profile: false,
            has_alpha: false,
            turned: None,
            is_animated: false,
            jpeg_quality: None,
            exif: None,
        }
    }

    fn fill(&mut self, file: Block<'_>, level: Level) -> Result<(), Gap> {
        match self.format {
            Format::Jpeg => jpeg::read(file, level, self),
            Format::Png => png::read(file, level, self),
            Format::Gif => gif::read(file, level, self),
            Format::WebP => webp::read(file, level, self),
            Format::Tiff => tiff::read(file, level, self),
            Format::Bmp => bmp::read(file, self),
            Format::Ico => ico::read(file, self),
            Format::Avif | Format::Heic => isobmff::read(file, level, self),
            Format::JpegXl => jxl::read(file, level, self),
            Format::Svg => svg::read(file, self),
        }
    }

    /// How pixels as they are stored are to be turned, numbered as in EXIF. What HEIF and JPEG XL say themselves holds: EXIF
    /// only repeats it there.
    pub fn orientation(&self) -> Option<u8> {
        self.turned.or_else(|| self.exif.as_ref()?.orientation())
    }

    fn set_dimensions(&mut self, width: u64, height: u64) {
        self.dimensions = match (width, height) {
            (0, _) | (_, 0) => Err(Error::CorruptImage("width or height is zero")),
            dimensions => Ok(dimensions),
        };
    }
}

/// Bytes of EXIF that are fetched at once; only what is longer than in any JPEG is fetched value by value.
const USUAL_EXIF: u64 = 64 << 10;

/// The EXIF block that a file embeds.
///
/// In PNG, WebP and HEIF it is a bare TIFF block, but many writers put the start of JPEG's APP1 segment
/// before it.
fn embedded_exif(block: Block<'_>) -> Result<Block<'_>, Gap> {
    present(block.bytes(0, block.len().min(USUAL_EXIF)))?;
    let prefixed = present(block.array::<6>(0))?.is_some_and(|bytes| &bytes == jpeg::EXIF);
    Ok(if prefixed { block.from(6) } else { block })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a file at once, and again in just the pieces that its reader asks for.
    pub fn read(file: &[u8], level: Level) -> Result<Header> {
        let Reading::Done(at_once) = super::read(&Known::whole(file), level) else {
            panic!("needs more than the whole file");
        };
        assert_eq!(in_pieces(file, level), at_once);
        at_once
    }

    fn in_pieces(file: &[u8], level: Level) -> Result<Header> {
        let mut known = Known::default();
        loop {
            match super::read(&known, level) {
                Reading::Done(result) => return result,
                Reading::Need(range) => {
                    let end = (range.end as usize).min(file.len());
                    let start = (range.start as usize).min(end);
                    known.add(range.start, &file[start..end]);
                    if range.end > file.len() as u64 {
                        known.set_size(file.len() as u64);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_image_is_an_error_at_any_length() {
        for file in [&b""[..], b"\xFF", b"hello", b"<!DOCTYPE html><p>an image of the soul</p>"] {
            assert_eq!(read(file, Level::Exif), Err(Error::NotAnImage));
        }
    }

    #[test]
    fn a_picture_without_width_or_height_is_damaged() {
        for (width, height) in [(0, 5), (5, 0)] {
            let mut header = Header::new(Format::Gif);
            header.set_dimensions(width, height);
            assert_eq!(header.dimensions, Err(Error::CorruptImage("width or height is zero")));
        }
    }
}
