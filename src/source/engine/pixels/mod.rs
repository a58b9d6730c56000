//! The pixels of a file, as far as its pHash and its colours need them: decoded, made grey and shrunk in one go, and
//! shrunk in colour beside that where colours are wanted.

pub mod apart;
mod bmp;
mod cmyk;
mod gif;
mod grey;
mod ico;
pub mod jpeg;
pub mod jpeg_dc;
pub mod luminance;
mod packed;
mod png;
mod raster;
mod reduce;
mod shrink;
pub mod thumbnail;
mod tiff;
mod upright;
mod webp;

use std::ops::Range;
use std::sync::Arc;

use super::colours;
use super::header::Header;
use super::known::{Gap, Known};
use super::phash;
use crate::error::{Error, Result};
use crate::metadata::{Colours, Format, PHash};
use apart::Apart;
use grey::Grey;
use jpeg_dc::Stop;
pub use shrink::View;
use thumbnail::Thumbnail;

/// What a decoder may use.
#[derive(Debug, Clone)]
pub struct Limits {
    pub max_pixels: u64,
    /// Bytes of memory.
    pub max_decode_bytes: u64,
    /// For AVIF, HEIC and JPEG XL; without it they are not decoded.
    pub apart: Option<Apart>,
}

/// Formats that the engine knows by their headers only, and kinds of others that no decoder knows.
const NOT_DECODED: Error = Error::UnsupportedFormat("pHash");

/// Whether a picture with this header can be decoded.
pub fn check(header: &Header, limits: &Limits) -> Result<()> {
    let (width, height) = header.dimensions.clone()?;
    match header.format {
        Format::Svg => Err(NOT_DECODED),
        Format::Avif | Format::Heic | Format::JpegXl if limits.apart.is_none() => Err(NOT_DECODED),
        _ => limits.pixels(width, height).map(drop),
    }
}

/// How much of a file has to be known for its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// As much as there is.
    Known,
    /// These bytes, to tell.
    Need(Range<u64>),
    Whole,
}

/// How much [`read`] takes of a file of which this is the header. Where it fails on less than the whole file, the rest
/// may help.
pub fn amount(known: &Known, header: &Header) -> Amount {
    if header.format != Format::Jpeg {
        return Amount::Whole;
    }
    let prefix = known.prefix();
    match (jpeg_dc::suffices(prefix), known.block().bytes(prefix.len() as u64, 1)) {
        (Ok(()), _) => Amount::Known,
        (Err(Stop::End), Err(Gap::Need(range))) => Amount::Need(range),
        _ => Amount::Whole,
    }
}

/// What the pixels say.
#[derive(Debug, Clone)]
pub struct Picture {
    pub p_hash: PHash,
    /// No pixel lets anything through.
    pub is_opaque: bool,
    /// Where they are wanted.
    pub colours: Option<Colours>,
    /// Upright, where they are wanted.
    pub thumbnail: Option<Arc<Thumbnail>>,
}

/// Looks at the pixels of a file of which this is the header, and as much known as they take.
pub fn read(bytes: &[u8], header: &Header, view: View, limits: &Limits) -> Result<Picture> {
    let limits = &limits.of_file(bytes.len() as u64);
    let orientation = header.orientation();
    let grey = decode(bytes, header, view, limits)?;
    let p_hash = phash::p_hash(&grey.square(orientation));
    let thumbnail = grey.thumbnail.map(|thumbnail| Arc::new(thumbnail.upright(orientation)));
    let colours = thumbnail.as_deref().filter(|_| view == View::Colour).map(colours::colours);
    Ok(Picture { p_hash, is_opaque: grey.opaque, colours, thumbnail })
}

/// Of an animation the first frame, of a document the first page, of an icon the largest picture.
fn decode(bytes: &[u8], header: &Header, view: View, limits: &Limits) -> Result<Grey> {
    match header.format {
        Format::Jpeg => jpeg::decode(bytes, view, limits),
        Format::Png => png::decode(bytes, view, limits),
        Format::Gif => gif::decode(bytes, header.dimensions.clone()?, header.has_alpha, view, limits),
        Format::WebP => webp::decode(bytes, view, limits),
        Format::Tiff => tiff::decode(bytes, header.has_alpha, view, limits),
        Format::Bmp => bmp::decode(bytes, view, limits),
        Format::Ico => ico::decode(bytes, view, limits),
        Format::Avif | Format::Heic | Format::JpegXl => apart::decode(bytes, header, view, limits),
        Format::Svg => Err(NOT_DECODED),
    }
}

/// Pixels of a side. A row costs some time however short it is, and up to 127 rows are held at once however long they
/// are.
const MAX_SIDE: u64 = 100_000;

/// Bytes of memory that a decoder may use for any file: for 14 megapixels of RGB.
const FREE_DECODE_BYTES: u64 = 40 << 20;

/// By how much it may use more for every byte of the file. The emptiest photograph takes 1 bit a pixel, which is 24.
const MAX_EXPANSION: u64 = 256;

impl Limits {
    /// Memory costs a stranger as much as it costs us to receive what asks for it.
    fn of_file(&self, bytes: u64) -> Self {
        let earned = bytes.saturating_mul(MAX_EXPANSION).saturating_add(FREE_DECODE_BYTES);
        Self { max_decode_bytes: self.max_decode_bytes.min(earned), ..self.clone() }
    }

    /// The number of pixels, if so many may be decoded.
    fn pixels(&self, width: u64, height: u64) -> Result<u64> {
        if width.min(height) == 0 {
            return Err(Error::CorruptImage("it has no pixels"));
        }
        if width.max(height) > MAX_SIDE {
            return Err(Error::TooLarge { what: "pixels of a side", limit: MAX_SIDE });
        }
        let too_many = Error::TooLarge { what: "pixels", limit: self.max_pixels };
        width.checked_mul(height).filter(|pixels| *pixels <= self.max_pixels).ok_or(too_many)
    }

    /// Whether so much memory may be used.
    fn bytes(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_decode_bytes { Err(self.too_many_bytes()) } else { Ok(()) }
    }

    fn too_many_bytes(&self) -> Error {
        Error::TooLarge { what: "decoded bytes", limit: self.max_decode_bytes }
    }
}
