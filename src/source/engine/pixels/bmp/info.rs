//! What the headers say of uncompressed pixels: those of OS/2, and of Windows from version 3 on.

use super::fields::Fields;
use crate::source::engine::header::bmp::{
    BI_BITFIELDS, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV2INFOHEADER, BITMAPV3INFOHEADER, BITMAPV4HEADER,
    BITMAPV5HEADER,
};
use crate::source::engine::known::Block;

const BI_RGB: u32 = 0;

pub struct Info {
    pub width: u32,
    pub height: u32,
    pub top_down: bool,
    /// Of a pixel.
    pub bits: u16,
    pub pixels: Pixels,
    /// Where the first row stands.
    pub offset: u32,
}

pub enum Pixels {
    /// Red, green and blue of each index, black for those that have none.
    Indices(Box<[[u8; 3]; 256]>),
    Fields(Fields),
}

/// The sizes and kind of a bitmap, as all headers have them.
struct Sizes {
    width: u32,
    height: i32,
    bits: u16,
    compression: u32,
    colors_used: u32,
}

impl Info {
    /// None of what is compressed, damaged or unknown.
    pub fn read(file: Block<'_>) -> Option<Self> {
        // BITMAPFILEHEADER stands first.
        let (offset, info) = (file.u32_le(10).ok()?, file.from(14));
        let size = info.u32_le(0).ok()?;
        let sizes =
            if size == BITMAPCOREHEADER { Sizes::of_core(info)? } else { Sizes::of_info(info, size)? };
        let pixels = match (sizes.compression, sizes.bits) {
            (BI_RGB, 1 | 2 | 4 | 8) => Pixels::Indices(palette(info.from(size.into()), &sizes, size)?),
            (BI_RGB, bits) => Pixels::Fields(Fields::usual(bits)?),
            (BI_BITFIELDS, bits @ (16 | 32)) => Pixels::Fields(Fields::read(info, size, bits)?),
            _ => return None,
        };
        Some(Self {
            width: sizes.width,
            height: sizes.height.unsigned_abs(),
            top_down: sizes.height < 0,
            bits: sizes.bits,
            pixels,
            offset,
        })
    }
}

impl Sizes {
    fn of_core(info: Block<'_>) -> Option<Self> {
        let [width, height, planes, bits] = [4, 6, 8, 10].map(|place| info.u16_le(place).ok());
        let bits = bits.filter(|bits| matches!(bits, 1 | 4 | 8 | 24))?;
        (planes? == 1).then_some(Self {
            width: width?.into(),
            height: height?.into(),
            bits,
            compression: BI_RGB,
            colors_used: 0,
        })
    }

    fn of_info(info: Block<'_>, size: u32) -> Option<Self> {
        let known =
            [BITMAPINFOHEADER, BITMAPV2INFOHEADER, BITMAPV3INFOHEADER, BITMAPV4HEADER, BITMAPV5HEADER];
        let planes = info.u16_le(12).ok()?;
        // To the number of colours that matter.
        info.bytes(36, 4).ok()?;
        (known.contains(&size) && planes == 1).then_some(Self {
            width: info.u32_le(4).ok().filter(|width| width.cast_signed() >= 0)?,
            height: info.u32_le(8).ok()?.cast_signed(),
            bits: info.u16_le(14).ok()?,
            compression: info.u32_le(16).ok()?,
            colors_used: info.u32_le(32).ok()?,
        })
    }
}

/// Blue, green and red, and a byte more in all but the oldest files.
fn palette(table: Block<'_>, sizes: &Sizes, header: u32) -> Option<Box<[[u8; 3]; 256]>> {
    let len = if header == BITMAPCOREHEADER { 3 } else { 4 };
    let colors = match (sizes.colors_used, 1 << sizes.bits) {
        (0, most) => most,
        (colors, most) => (colors <= most).then_some(colors)?,
    };
    let mut palette = Box::new([[0; 3]; 256]);
    let stored = table.bytes(0, u64::from(colors) * len as u64).ok()?.chunks_exact(len);
    for (color, bgr) in palette.iter_mut().zip(stored) {
        *color = [bgr[2], bgr[1], bgr[0]];
    }
    Some(palette)
}
