//! Still lossy pictures without alpha: luminance and chrominance are averaged down before they become colours, as libwebp
//! does where it scales.

use std::ops::Range;

#[cfg(not(feature = "libwebp"))]
use super::in_rust as decoder;
#[cfg(feature = "libwebp")]
use super::libwebp as decoder;
use super::loop_filter;
use super::mean::Mean;
use super::{grey, scaled};
use crate::error::{Error, Result};
use crate::source::engine::header::webp;
use crate::source::engine::known::Block;
use crate::source::engine::pixels::Limits;
use crate::source::engine::pixels::grey::Grey;
use crate::source::engine::pixels::shrink::{Layout, View};
use crate::source::engine::pixels::thumbnail::{self, Average};

/// Columns and rows.
pub type Size = (usize, usize);

/// Bytes a pixel: planes of 8 bits, of chrominance half as many columns and rows, and what is known of each block.
const PLANES: u64 = 2;
/// What is read of the file is held twice for a while.
const COPIES: u64 = 2;

/// Where the data of a still lossy picture are.
pub fn chunk(bytes: &[u8]) -> Option<Range<usize>> {
    let file = Block::whole(bytes);
    let mut offset = 12;
    for _ in 0..webp::MAX_CHUNKS {
        let (kind, _, next) = webp::chunk(file, offset).ok()?;
        match &kind {
            b"VP8 " => return Some(offset as usize + 8..bytes.len().min(next as usize)),
            b"VP8L" | b"ANMF" => return None,
            _ => offset = next,
        }
    }
    None
}

/// Of a chunk, and the size that the file says the picture has.
pub fn decode(chunk: &[u8], size: (u32, u32), view: View, limits: &Limits) -> Result<Grey> {
    let pixels = u64::from(size.0) * u64::from(size.1);
    limits.bytes(pixels.saturating_mul(PLANES).saturating_add(COPIES * chunk.len() as u64))?;
    let planes = planes(chunk, size)?;
    let (columns, rows) = scaled(size);
    let small = planes.colours((columns as usize, rows as usize)).into_flattened();
    let mut grey = grey(&small, (columns, rows), Layout::Rgb)?;
    if let Some(side) = view.longer_side() {
        let (columns, rows) = thumbnail::size(size.0, size.1, side);
        let mut average = Average::of_picture((columns as u32, rows as u32), 1, side, Layout::Rgb);
        planes.colours((columns, rows)).chunks_exact(columns).for_each(|row| average.row(row.as_flattened()));
        grey.thumbnail = Some(average.finish());
    }
    Ok(grey)
}

/// Luminance of every pixel, and both chrominances of every second one of every second row.
pub struct Planes {
    pub luminance: Vec<u8>,
    pub blue: Vec<u8>,
    pub red: Vec<u8>,
    pub size: Size,
}

/// Of a chunk, if its frame has this size: another one might be much larger.
fn planes(chunk: &[u8], (width, height): (u32, u32)) -> Result<Planes> {
    let side = |place: usize| {
        Some(u32::from(u16::from_le_bytes([*chunk.get(place)?, *chunk.get(place + 1)?]) & 0x3FFF))
    };
    if (side(6), side(8)) != (Some(width), Some(height)) {
        return Err(Error::CorruptImage("its frame has another size"));
    }
    let is_filtered = !loop_filter::is_bypassed((width, height), scaled((width, height)));
    decoder::planes(chunk, (width as usize, height as usize), is_filtered)
}

impl Planes {
    /// Of rows of whole macroblocks, which have 16 x 16 pixels.
    pub fn stride((width, _): Size) -> usize {
        width.next_multiple_of(16)
    }

    fn colours(&self, to: Size) -> Vec<[u8; 3]> {
        let (stride, halves) = (Self::stride(self.size), (self.size.0.div_ceil(2), self.size.1.div_ceil(2)));
        let luminance = averaged(&self.luminance, stride, self.size, to);
        let blue = averaged(&self.blue, stride / 2, halves, to);
        let red = averaged(&self.red, stride / 2, halves, to);
        luminance.iter().zip(&blue).zip(&red).map(|((y, u), v)| rgb(y[0], u[0], v[0])).collect()
    }
}

fn averaged(plane: &[u8], stride: usize, from: Size, to: Size) -> Vec<[u8; 1]> {
    let mut mean = Mean::new(from, to);
    plane.chunks_exact(stride).take(from.1).for_each(|row| mean.row(&row[..from.0]));
    mean.finish()
}

/// ITU-R BT.601 in its narrow range, by the fixed-point numbers of libwebp's `yuv.h`.
fn rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let times = |level: u8, factor: i32| (i32::from(level) * factor) >> 8;
    let y = times(y, 19_077);
    let red = y + times(v, 26_149) - 14_234;
    let green = y - times(u, 6_419) - times(v, 13_320) + 8_708;
    let blue = y + times(u, 33_050) - 17_685;
    [red, green, blue].map(|channel| (channel >> 6).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = include_bytes!("../../../../../tests/images/webp/large.webp");
    const LIMITS: Limits = Limits { max_pixels: 1 << 20, max_decode_bytes: 1 << 24, apart: None };

    fn decoded(size: (u32, u32), limits: &Limits) -> Result<Grey> {
        decode(&FILE[chunk(FILE).unwrap()], size, View::Colour, limits)
    }

    #[test]
    fn two_bytes_a_pixel_and_the_file_twice_have_room() {
        let grey = decoded((600, 400), &LIMITS).unwrap();
        assert_eq!((grey.width, grey.height, grey.samples.len()), (48, 32, 48 * 32));
        let thumbnail = grey.thumbnail.unwrap();
        assert_eq!((thumbnail.width, thumbnail.height, thumbnail.pixels.len()), (100, 67, 6_700));
        let needed = 600 * 400 * 2 + 2 * chunk(FILE).unwrap().len() as u64;
        assert!(decoded((600, 400), &Limits { max_decode_bytes: needed, ..LIMITS }).is_ok());
        let few = Limits { max_decode_bytes: needed - 1, ..LIMITS };
        assert!(matches!(decoded((600, 400), &few), Err(Error::TooLarge { what: "decoded bytes", .. })));
    }

    #[test]
    fn a_frame_of_another_size_is_damaged() {
        assert!(matches!(decoded((600, 399), &LIMITS), Err(Error::CorruptImage(_))));
        assert!(matches!(decode(&[], (1, 1), View::Grey, &LIMITS), Err(Error::CorruptImage(_))));
    }

    /// As libwebp has them.
    #[test]
    fn black_white_and_grey_stay_what_they_are() {
        assert_eq!(rgb(16, 128, 128), [0; 3]);
        assert_eq!(rgb(235, 128, 128), [255; 3]);
        assert_eq!(rgb(126, 128, 128), [128; 3]);
        assert_eq!(rgb(81, 90, 240), [254, 0, 0]);
    }

    #[test]
    fn colours_are_those_of_the_picture_decoded_whole() {
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(FILE)).unwrap();
        let mut samples = vec![0; 600 * 400 * 3];
        decoder.read_image(&mut samples).unwrap();
        let mut average = Average::of_picture((600, 400), 1, thumbnail::LONGER_SIDE, Layout::Rgb);
        samples.chunks_exact(600 * 3).for_each(|row| average.row(row));
        let (whole, planes) =
            (average.finish().pixels, decoded((600, 400), &LIMITS).unwrap().thumbnail.unwrap().pixels);
        let apart = |(a, b): (&[u8; 4], &[u8; 4])| {
            a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
        };
        let sum: u32 = whole.iter().zip(&planes).map(apart).sum();
        assert!(sum < 4 * 6_700, "{sum}");
    }
}
