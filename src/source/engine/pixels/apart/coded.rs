//! A coded picture of a HEIF file, of either codec, in strips.

use heifer::color::ColorParams;
use heifer::heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer::heifer_hevc_dec::recon::Frame;
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};
use heifer::heifer_isobmff::{HeifFile, ItemId};

use super::super::NOT_DECODED;
use super::av1;
use crate::error::{Error, Result};

pub const DAMAGED: Error =
    Error::CorruptImage("it breaks the rules of HEIF or of its codec, or ends too early");

/// Samples of a decoded picture, however they are kept.
pub trait Plane {
    /// Appends a row of a plane.
    fn row(&self, plane: usize, y: u32, width: usize, to: &mut Vec<u16>);
}

pub enum Coded {
    Hevc(Frame),
    Av1(av1::Picture),
}

impl Coded {
    pub fn decode(file: &HeifFile<'_>, item: ItemId, max_pixels: u64) -> Result<Self> {
        match &file.item(item).map_err(|_| DAMAGED)?.item_type.0 {
            b"hvc1" => {
                let stream = file.hevc_bitstream(item).map_err(|_| DAMAGED)?;
                let options = DecodeOptions { max_pixels, ..DecodeOptions::default() };
                Ok(Self::Hevc(decode_picture(&stream, options).map_err(|_| DAMAGED)?))
            }
            b"av01" => {
                let data = file.item_data(item).map_err(|_| DAMAGED)?;
                Ok(Self::Av1(av1::Picture::decode(&data, max_pixels)?))
            }
            _ => Err(NOT_DECODED),
        }
    }

    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::Hevc(frame) => (frame.widths[0], frame.heights[0]),
            Self::Av1(picture) => picture.size(),
        }
    }

    /// What the item says of its colours, or else the stream (ISO/IEC 23008-12 section 6.5.5).
    pub fn colors(&self, file: &HeifFile<'_>, item: ItemId) -> ColorParams {
        let stated = file.item_properties(item).ok().and_then(|mut properties| {
            properties.find_map(|property| match property {
                Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => {
                    Some(ColorParams { matrix: *matrix, full_range: *full_range })
                }
                _ => None,
            })
        });
        stated.unwrap_or_else(|| match self {
            Self::Hevc(frame) => ColorParams::from_frame(frame),
            Self::Av1(picture) => picture.colors(),
        })
    }

    /// Rows from an even one on, with sides made even by the last samples again: the conversion to colours takes a plane of
    /// half the luma to be halved exactly.
    pub fn strip(&self, top: u32, rows: u32) -> Frame {
        let (width, height) = self.size();
        let (chroma_format, bit_depth) = match self {
            Self::Hevc(frame) => (frame.chroma_format, frame.bit_depth),
            Self::Av1(picture) => (picture.chroma_format(), [picture.bit_depth(); 2]),
        };
        let (across, down) = match chroma_format {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        let (wide, high) = (width.next_multiple_of(across), rows.next_multiple_of(down));
        let mut strip = Frame {
            widths: [wide, wide / across, wide / across],
            heights: [high, high / down, high / down],
            planes: Default::default(),
            bit_depth,
            chroma_format,
            full_range: false,
            matrix_coeffs: 2,
        };
        if chroma_format == 0 {
            (strip.widths[1], strip.widths[2], strip.heights[1], strip.heights[2]) = (0, 0, 0, 0);
        }
        for plane in 0..3 {
            let (across, down) = if plane == 0 { (1, 1) } else { (across, down) };
            let (there, last) = (width.div_ceil(across), height.div_ceil(down) - 1);
            for y in 0..strip.heights[plane] {
                self.row(
                    plane,
                    (top / down + y).min(last),
                    there,
                    strip.widths[plane],
                    &mut strip.planes[plane],
                );
            }
        }
        strip
    }

    fn row(&self, plane: usize, y: u32, there: u32, width: u32, to: &mut Vec<u16>) {
        let full = to.len() + width as usize;
        match self {
            Self::Hevc(frame) => frame.row(plane, y, there as usize, to),
            Self::Av1(picture) => picture.row(plane, y, there as usize, to),
        }
        let last = to.last().copied().unwrap_or_default();
        to.resize(full, last);
    }
}

impl Plane for Frame {
    fn row(&self, plane: usize, y: u32, width: usize, to: &mut Vec<u16>) {
        let stride = self.widths[plane] as usize;
        let row = self.planes[plane].chunks_exact(stride.max(1)).nth(y as usize).unwrap_or_default();
        to.extend(row.iter().take(width));
    }
}
