//! What the samples of a TIFF mean (TIFF 6.0 sections 4 to 6, 16, 18, 21).

use tiff::tags::Tag;
use tiff::{ColorType, TiffResult};

use super::Tiff;
use crate::source::engine::pixels::packed::unpacked;
use crate::source::engine::pixels::shrink::Layout;

/// Samples of 8 bits, or fewer where there is one a pixel. Those of 16 are cut to 8 before.
pub struct Samples {
    kind: Kind,
    bits: u8,
    /// Before they were cut.
    stored_bits: u8,
}

enum Kind {
    /// Levels of few bits stand for as many steps from black to white.
    Grey,
    /// All reds, then all greens, then all blues, of 16 bits.
    Palette(Vec<u16>),
    Rgb,
    Rgba(Alpha),
    Cmyk,
    YCbCr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alpha {
    /// It is none.
    Dropped,
    Apart,
    /// Colours are multiplied by it (section 18, ExtraSamples).
    Associated,
}

impl Samples {
    /// None of kinds that are not decoded.
    pub fn of(tiff: &mut Tiff<'_>, has_alpha: bool, are_indices: bool) -> TiffResult<Option<Self>> {
        let (kind, stored_bits) = match tiff.colortype()? {
            ColorType::Gray(bits @ (1 | 2 | 4 | 8)) if are_indices => {
                (Kind::Palette(tiff.find_tag_unsigned_vec(Tag::ColorMap)?.unwrap_or_default()), bits)
            }
            ColorType::Gray(bits @ (1 | 2 | 4 | 8 | 16)) => (Kind::Grey, bits),
            ColorType::RGB(bits @ (8 | 16)) => (Kind::Rgb, bits),
            ColorType::RGBA(bits @ (8 | 16)) => (Kind::Rgba(alpha(tiff, has_alpha)?), bits),
            ColorType::CMYK(bits @ (8 | 16)) => (Kind::Cmyk, bits),
            ColorType::YCbCr(8) => (Kind::YCbCr, 8),
            _ => return Ok(None),
        };
        Ok(Some(Self { kind, bits: stored_bits.min(8), stored_bits }))
    }

    pub fn layout(&self) -> Layout {
        match self.kind {
            Kind::Grey => Layout::Grey,
            Kind::Rgba(_) => Layout::Rgba,
            Kind::Palette(_) | Kind::Rgb | Kind::Cmyk | Kind::YCbCr => Layout::Rgb,
        }
    }

    /// Those of 16 bits, and of 8 beside them.
    pub fn bytes_a_pixel(&self) -> u64 {
        self.samples_a_pixel() as u64 * if self.stored_bits > 8 { 3 } else { 1 }
    }

    fn samples_a_pixel(&self) -> usize {
        match self.kind {
            Kind::Grey | Kind::Palette(_) => 1,
            Kind::Rgb | Kind::YCbCr => 3,
            Kind::Rgba(_) | Kind::Cmyk => 4,
        }
    }

    /// Bytes of a row. Each starts with a byte of its own.
    pub fn row_len(&self, columns: usize) -> usize {
        (columns * self.samples_a_pixel() * usize::from(self.bits)).div_ceil(8)
    }

    /// Adds the pixels of a row, in this layout.
    pub fn pixels(&self, row: &[u8], columns: usize, pixels: &mut Vec<u8>) {
        match &self.kind {
            Kind::Grey if self.bits == 8 => pixels.extend(row),
            Kind::Grey => {
                let step = u8::MAX / (u8::MAX >> (8 - self.bits));
                pixels.extend(unpacked(row, self.bits, columns).map(|level| level * step));
            }
            Kind::Palette(map) => {
                pixels
                    .extend(unpacked(row, self.bits, columns).flat_map(|index| color(map, self.bits, index)));
            }
            Kind::Rgb | Kind::Rgba(Alpha::Apart) => pixels.extend(row),
            Kind::Rgba(Alpha::Dropped) => pixels.extend(row.as_chunks().0.iter().flat_map(opaque)),
            Kind::Rgba(Alpha::Associated) => pixels.extend(row.as_chunks().0.iter().flat_map(by_alpha)),
            Kind::Cmyk => pixels.extend(row.as_chunks().0.iter().flat_map(printed)),
            Kind::YCbCr => pixels.extend(row.as_chunks().0.iter().flat_map(rgb)),
        }
    }
}

fn alpha(tiff: &mut Tiff<'_>, has_alpha: bool) -> TiffResult<Alpha> {
    const ASSOCIATED: u16 = 1;
    let extra = tiff.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?.unwrap_or_default();
    Ok(match (has_alpha, extra.first()) {
        (false, _) => Alpha::Dropped,
        (true, Some(&ASSOCIATED)) => Alpha::Associated,
        (true, _) => Alpha::Apart,
    })
}

fn opaque(&[red, green, blue, _]: &[u8; 4]) -> [u8; 4] {
    [red, green, blue, u8::MAX]
}

/// Colours are weighed by alpha where they are averaged, and must not be so before.
fn by_alpha(&[red, green, blue, alpha]: &[u8; 4]) -> [u8; 4] {
    let by = |channel: u8| (u16::from(channel) * 255).checked_div(alpha.into()).unwrap_or(0).min(255) as u8;
    [by(red), by(green), by(blue), alpha]
}

fn color(map: &[u16], bits: u8, index: u8) -> [u8; 3] {
    let channel = |channel: usize| {
        map.get((channel << bits) + usize::from(index)).map_or(0, |level| (level >> 8) as u8)
    };
    [channel(0), channel(1), channel(2)]
}

/// Each ink takes its part of the light.
fn printed(&[cyan, magenta, yellow, black]: &[u8; 4]) -> [u8; 3] {
    let left = |ink: u8| (u16::from(255 - ink) * u16::from(255 - black) / 255) as u8;
    [left(cyan), left(magenta), left(yellow)]
}

/// JFIF 1.02, conversion to and from RGB: ITU-R BT.601 in the full range.
fn rgb(&[y, cb, cr]: &[u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
    rgb.map(|channel| channel.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_few_bits_start_with_a_byte_of_their_own() {
        let grey = |bits| Samples { kind: Kind::Grey, bits, stored_bits: bits };
        assert_eq!([1, 2, 4, 8].map(|bits| grey(bits).row_len(9)), [2, 3, 5, 9]);
        let mut pixels = Vec::new();
        grey(2).pixels(&[0b1110_0100, 0b0100_0000], 5, &mut pixels);
        assert_eq!(pixels, [255, 170, 85, 0, 85]);
    }

    #[test]
    fn associated_alpha_is_taken_out_of_colours() {
        assert_eq!(by_alpha(&[50, 25, 0, 128]), [99, 49, 0, 128]);
        assert_eq!(by_alpha(&[9, 9, 9, 0]), [0; 4]);
        assert_eq!(by_alpha(&[200, 200, 200, 100]), [255, 255, 255, 100]);
    }
}
