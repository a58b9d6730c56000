//! The first step of a resize: of every n rows one is made, while the picture is decoded. Then of every m pixels of a
//! row. Where colours are wanted, a thumbnail is made of the same rows.

use std::array::from_fn;

use super::cmyk;
use super::grey::Grey;
use super::luminance::{self, Luminance};
use super::thumbnail::{self, Average};
use crate::error::{Error, Result};
use crate::source::engine::phash::SIDE;

/// libvips leaves at least so many pixels of a side to the better filter of its second step.
pub const KEPT: u32 = 64;

const OPAQUE: u8 = u8::MAX;

/// How a picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// In grey, for its pHash.
    Grey,
    /// In colour as well, as small as placeholders need it.
    Colour,
    /// In colour as well, to be shown.
    Preview,
}

impl View {
    /// Pixels of the thumbnail, at most, where there is one.
    pub fn longer_side(self) -> Option<u32> {
        match self {
            Self::Grey => None,
            Self::Colour => Some(thumbnail::LONGER_SIDE),
            Self::Preview => Some(thumbnail::PREVIEW_SIDE),
        }
    }
}

/// What a row of bytes consists of, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// What each ink lets through.
    Cmyk,
    /// The same as luminance, chrominances and black.
    Ycck,
}

impl Layout {
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk | Self::Ycck => 4,
        }
    }

    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    /// Numbers of a sample: grey, or grey times alpha and alpha.
    fn bands(self) -> usize {
        if self.has_alpha() { 2 } else { 1 }
    }

    pub fn is_opaque(self, bytes: &[u8]) -> bool {
        match self {
            Self::GreyAlpha => bytes.as_chunks().0.iter().all(|[_, alpha]| *alpha == OPAQUE),
            Self::Rgba => bytes.as_chunks().0.iter().all(|[_, _, _, alpha]| *alpha == OPAQUE),
            Self::Grey | Self::Rgb | Self::Cmyk | Self::Ycck => true,
        }
    }
}

pub struct Shrink {
    layout: Layout,
    luminance: &'static Luminance,
    /// Sharp weighs pixels by alpha only where it resizes, and drops alpha where the size is right already.
    weighs: bool,
    width: u32,
    height: u32,
    /// Pixels of the side that each sample stands for.
    scale: u32,
    /// Rows of a box.
    side: u32,
    /// The samples of the last row alone.
    row: Vec<u8>,
    /// Sums over the rows of the present boxes. Of a box 2^24 pixels high, more than there are.
    sums: Vec<u32>,
    rows: u32,
    samples: Vec<u8>,
    /// No pixel so far lets anything through.
    opaque: bool,
    thumbnail: Option<Average>,
}

impl Shrink {
    pub fn new(width: u32, height: u32, layout: Layout, view: View) -> Self {
        Self::of_blocks(width, height, 1, layout, view)
    }

    /// The same of a picture of which only the means of square blocks are known: as if all their pixels were alike.
    pub fn of_blocks(width: u32, height: u32, scale: u32, layout: Layout, view: View) -> Self {
        let side = (height / KEPT).max(1);
        let row_len = width.div_ceil(scale) as usize * layout.bands();
        Self {
            layout,
            luminance: luminance::srgb(),
            weighs: (width, height) != (SIDE as u32, SIDE as u32),
            width,
            height,
            scale,
            side,
            row: vec![0; row_len],
            sums: vec![0; row_len],
            rows: 0,
            samples: Vec::with_capacity(row_len * height.div_ceil(side) as usize),
            opaque: true,
            thumbnail: view
                .longer_side()
                .map(|side| Average::of_picture((width, height), scale, side, layout)),
        }
    }

    /// Takes the next row.
    pub fn row(&mut self, bytes: &[u8]) {
        self.opaque = self.opaque && self.layout.is_opaque(bytes);
        if let Some(thumbnail) = &mut self.thumbnail {
            thumbnail.row(bytes);
        }
        let luminance = self.luminance;
        let weigh = if self.weighs { weighed } else { |grey, _| [grey, OPAQUE] };
        match self.layout {
            Layout::Grey => self.take(bytes, |grey: [u8; 1]| grey),
            Layout::Rgb => self.take(bytes, |rgb| [luminance.grey(rgb)]),
            Layout::Cmyk => self.take(bytes, |inks| [cmyk::grey(inks)]),
            Layout::Ycck => self.take(bytes, |ycck| [cmyk::grey(cmyk::from_ycck(ycck))]),
            Layout::GreyAlpha => self.take(bytes, |[grey, alpha]| weigh(grey, alpha)),
            Layout::Rgba => {
                self.take(bytes, |[red, green, blue, alpha]| weigh(luminance.grey([red, green, blue]), alpha))
            }
        }
        self.add_rows(self.scale.min(self.height.saturating_sub(self.rows)));
    }

    fn take<const CHANNELS: usize, const BANDS: usize>(
        &mut self,
        bytes: &[u8],
        sample: impl Fn([u8; CHANNELS]) -> [u8; BANDS],
    ) {
        let places = self.row.as_chunks_mut().0.iter_mut();
        places.zip(bytes.as_chunks().0).for_each(|(place, pixel)| *place = sample(*pixel));
    }

    /// Adds the last row so many times.
    fn add_rows(&mut self, mut times: u32) {
        while times > 0 {
            let fit = times.min(self.side - self.rows % self.side);
            let sums = self.sums.iter_mut().zip(&self.row);
            if fit == 1 {
                // Most processors multiply no four numbers of 32 bits at once.
                sums.for_each(|(sum, sample)| *sum += u32::from(*sample));
            } else {
                sums.for_each(|(sum, sample)| *sum += fit * u32::from(*sample));
            }
            self.rows += fit;
            times -= fit;
            if self.rows.is_multiple_of(self.side) {
                let side = self.side;
                self.samples.extend(self.sums.iter().map(|sums| mean(*sums, side)));
                self.sums.fill(0);
            }
        }
    }

    /// Takes all rows at once, each of so many bytes.
    pub fn rows(mut self, samples: &[u8], row_len: usize) -> Result<Grey> {
        samples.chunks_exact(row_len.max(1)).for_each(|row| self.row(row));
        self.finish()
    }

    /// The box that hangs over the lower edge is filled with the last row, as libvips does.
    pub fn finish(mut self) -> Result<Grey> {
        if self.rows < self.height {
            return Err(Error::CorruptImage("rows are missing"));
        }
        self.add_rows(self.rows.next_multiple_of(self.side) - self.rows);
        Ok(Grey {
            width: self.width,
            scale: self.scale,
            has_alpha: self.layout.has_alpha(),
            height: self.height.div_ceil(self.side),
            samples: self.samples,
            opaque: self.opaque,
            covered: f64::from(self.height) / f64::from(self.side),
            thumbnail: self.thumbnail.map(Average::finish),
        })
    }
}

/// Every box of so many pixels of a row becomes one; the last is filled with the last pixel.
pub fn across<const BANDS: usize>(row: &[[u8; BANDS]], side: usize) -> impl Iterator<Item = [u8; BANDS]> {
    row.chunks(side).map(move |pixels| {
        let missing = (side - pixels.len()) as u32;
        let last = pixels.last().copied().unwrap_or([0; BANDS]).map(|sample| missing * u32::from(sample));
        let sums =
            pixels.iter().fold(last, |sums, pixel| from_fn(|band| sums[band] + u32::from(pixel[band])));
        sums.map(|sum| mean(sum, side as u32))
    })
}

/// As libvips divides: by a factor that is cut off, so that a mean that would be whole is one less where the factor is
/// not exact. Of boxes of a picture that may be decoded this stays within 32 bits.
fn mean(sum: u32, pixels: u32) -> u8 {
    let factor = (1 << 24) / pixels;
    (((sum + pixels / 2) * factor) >> 24) as u8
}

/// What is clear has no colour to add to its box.
fn weighed(grey: u8, alpha: u8) -> [u8; 2] {
    [(u16::from(grey) * u16::from(alpha) / 255) as u8, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(width: u32, height: u32, layout: Layout, samples: &[u8]) -> Grey {
        let shrink = Shrink::new(width, height, layout, View::Grey);
        shrink.rows(samples, width as usize * layout.channels()).unwrap()
    }

    #[test]
    fn a_small_picture_is_kept() {
        let samples: Vec<u8> = (0..127).collect();
        let grey = shrunk(127, 1, Layout::Grey, &samples);
        assert_eq!((grey.width, grey.height), (127, 1));
        assert_eq!(grey.samples, samples);
    }

    #[test]
    fn a_box_becomes_its_mean() {
        let samples: Vec<u8> =
            (0..128 * 128).map(|place| if (place / 128 + place % 128) % 2 == 0 { 10 } else { 21 }).collect();
        let grey = shrunk(128, 128, Layout::Grey, &samples);
        assert_eq!((grey.width, grey.height, grey.covered), (128, 64, 64.0));
        assert!(grey.samples.iter().all(|sample| *sample == 16));
        let row = [[10, 255], [21, 255], [0, 0], [0, 1]];
        assert_eq!(across(&row, 2).collect::<Vec<_>>(), [[16, 255], [0, 1]]);
    }

    #[test]
    fn a_box_that_hangs_over_an_edge_is_filled_with_the_last_pixels() {
        let rows: Vec<u8> = (0..131).map(|y| if y < 130 { 0 } else { 200 }).collect();
        let grey = shrunk(1, 131, Layout::Grey, &rows);
        assert_eq!((grey.width, grey.height, grey.covered), (1, 66, 65.5));
        assert_eq!(grey.samples[64..], [0, 200]);
        assert_eq!(across(&[[0, 9], [9, 9], [200, 7]], 2).collect::<Vec<_>>(), [[5, 9], [200, 7]]);
    }

    /// 2^24 is no multiple of 10.
    #[test]
    fn a_mean_that_would_be_whole_is_one_less_as_in_libvips() {
        assert_eq!((mean(200 * 10 - 5, 10), mean(200 * 10 - 4, 10)), (199, 200));
        assert_eq!((mean(200 * 8 - 4, 8), mean(255 * 8, 8)), (200, 255));
        assert_eq!(mean(255 * 15_625, 15_625), 255);
    }

    #[test]
    fn clear_pixels_have_no_colour_to_add() {
        assert_eq!(shrunk(2, 1, Layout::GreyAlpha, &[250, 0, 100, 255]).samples, [0, 0, 100, 255]);
        assert_eq!(shrunk(1, 1, Layout::Rgba, &[255, 255, 255, 51]).samples, [51, 51]);
    }

    #[test]
    fn one_clear_pixel_is_enough_not_to_be_opaque() {
        assert!(shrunk(2, 1, Layout::GreyAlpha, &[0, 255, 100, 255]).opaque);
        assert!(!shrunk(1, 2, Layout::GreyAlpha, &[0, 254, 100, 255]).opaque);
        assert!(!shrunk(1, 2, Layout::Rgba, &[0, 0, 0, 255, 9, 9, 9, 0]).opaque);
        assert!(shrunk(1, 1, Layout::Cmyk, &[0; 4]).opaque);
    }

    #[test]
    fn where_the_size_is_right_alpha_is_dropped() {
        let grey = shrunk(32, 32, Layout::GreyAlpha, &[100, 7].repeat(32 * 32));
        assert_eq!(grey.samples, [100, 255].repeat(32 * 32));
    }

    #[test]
    fn a_picture_without_its_last_rows_is_damaged() {
        for view in [View::Grey, View::Colour] {
            let few = Shrink::new(2, 3, Layout::Grey, view).rows(&[0; 5], 2);
            assert!(matches!(few, Err(Error::CorruptImage(_))));
        }
    }
}
