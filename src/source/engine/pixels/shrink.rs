//! The first step of a resize: every box of n x m pixels becomes one, row by row while the picture is decoded.

use super::cmyk;
use super::grey::{Grey, Sample};
use super::luminance::{self, Luminance};
use crate::error::{Error, Result};
use crate::source::engine::phash::SIDE;

/// libvips leaves at least so many pixels of a side to the better filter of its second step.
const KEPT: u32 = 64;

const OPAQUE: u8 = u8::MAX;

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

    fn is_opaque(self, bytes: &[u8]) -> bool {
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
    /// Pixels of a box, across and down.
    sides: (u32, u32),
    /// Sums of the last row alone.
    row: Vec<Sums>,
    /// Sums of the rows of the present boxes.
    sums: Vec<Sums>,
    rows: u32,
    samples: Vec<[u8; 2]>,
    /// No pixel so far lets anything through.
    opaque: bool,
}

/// Grey times alpha, and alpha, of the pixels of a box.
type Sums = [u64; 2];

impl Shrink {
    pub fn new(width: u32, height: u32, layout: Layout) -> Self {
        let sides = ((width / KEPT).max(1), (height / KEPT).max(1));
        let row = vec![[0; 2]; width.div_ceil(sides.0) as usize];
        let (luminance, sums) = (luminance::srgb(), row.clone());
        let weighs = (width, height) != (SIDE as u32, SIDE as u32);
        Self {
            layout,
            luminance,
            weighs,
            width,
            height,
            sides,
            row,
            sums,
            rows: 0,
            samples: Vec::new(),
            opaque: true,
        }
    }

    /// Takes the next row.
    pub fn row(&mut self, bytes: &[u8]) {
        self.opaque = self.opaque && self.layout.is_opaque(bytes);
        let luminance = self.luminance;
        let weigh = if self.weighs { weighed } else { |grey, _| [grey, OPAQUE] };
        match self.layout {
            Layout::Grey => self.take(bytes.iter().map(|&grey| [grey, OPAQUE])),
            Layout::GreyAlpha => {
                self.take(bytes.as_chunks().0.iter().map(|&[grey, alpha]| weigh(grey, alpha)))
            }
            Layout::Rgb => self.take(bytes.as_chunks().0.iter().map(|&rgb| [luminance.grey(rgb), OPAQUE])),
            Layout::Rgba => {
                let grey =
                    |&[red, green, blue, alpha]: &[u8; 4]| weigh(luminance.grey([red, green, blue]), alpha);
                self.take(bytes.as_chunks().0.iter().map(grey));
            }
            Layout::Cmyk => self.take(bytes.as_chunks().0.iter().map(|&inks| [cmyk::grey(inks), OPAQUE])),
            Layout::Ycck => {
                let grey = |&ycck: &[u8; 4]| [cmyk::grey(cmyk::from_ycck(ycck)), OPAQUE];
                self.take(bytes.as_chunks().0.iter().map(grey));
            }
        }
    }

    /// The boxes that hang over an edge are filled with its last pixels, as libvips does.
    fn take(&mut self, mut pixels: impl Iterator<Item = Sample>) {
        let mut pixel = [0; 2];
        for sums in &mut self.row {
            *sums = [0; 2];
            for _ in 0..self.sides.0 {
                pixel = pixels.next().unwrap_or(pixel);
                *sums = added(*sums, pixel.map(u64::from));
            }
        }
        self.add_row();
    }

    fn add_row(&mut self) {
        for (sums, row) in self.sums.iter_mut().zip(&self.row) {
            *sums = added(*sums, *row);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(self.sides.1) {
            let pixels = u64::from(self.sides.0) * u64::from(self.sides.1);
            let means = self.sums.iter().map(|sums| sums.map(|sum| ((sum + pixels / 2) / pixels) as u8));
            self.samples.extend(means);
            self.sums.fill([0; 2]);
        }
    }

    /// Takes all rows at once, each of so many bytes.
    pub fn rows(mut self, samples: &[u8], row_len: usize) -> Result<Grey> {
        samples.chunks_exact(row_len.max(1)).for_each(|row| self.row(row));
        self.finish()
    }

    pub fn finish(mut self) -> Result<Grey> {
        if self.rows < self.height {
            return Err(Error::CorruptImage("rows are missing"));
        }
        while !self.rows.is_multiple_of(self.sides.1) {
            self.add_row();
        }
        Ok(Grey {
            width: self.width.div_ceil(self.sides.0),
            height: self.height.div_ceil(self.sides.1),
            samples: self.samples,
            opaque: self.opaque,
            covered: (
                f64::from(self.width) / f64::from(self.sides.0),
                f64::from(self.height) / f64::from(self.sides.1),
            ),
        })
    }
}

fn added([grey, alpha]: Sums, [more_grey, more_alpha]: Sums) -> Sums {
    [grey + more_grey, alpha + more_alpha]
}

/// What is clear has no colour to add to its box.
fn weighed(grey: u8, alpha: u8) -> Sample {
    [(u16::from(grey) * u16::from(alpha) / 255) as u8, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(width: u32, height: u32, layout: Layout, samples: &[u8]) -> Grey {
        Shrink::new(width, height, layout).rows(samples, width as usize * layout.channels()).unwrap()
    }

    #[test]
    fn a_small_picture_is_kept() {
        let samples: Vec<u8> = (0..127).collect();
        let grey = shrunk(127, 1, Layout::Grey, &samples);
        assert_eq!((grey.width, grey.height), (127, 1));
        assert_eq!(grey.samples, samples.iter().map(|&sample| [sample, 255]).collect::<Vec<_>>());
    }

    #[test]
    fn a_box_becomes_its_mean() {
        let samples: Vec<u8> =
            (0..128 * 128).map(|place| if (place / 128 + place % 128) % 2 == 0 { 10 } else { 21 }).collect();
        let grey = shrunk(128, 128, Layout::Grey, &samples);
        assert_eq!((grey.width, grey.height, grey.covered), (64, 64, (64.0, 64.0)));
        assert!(grey.samples.iter().all(|sample| *sample == [16, 255]));
    }

    #[test]
    fn a_box_that_hangs_over_an_edge_is_filled_with_the_last_pixels() {
        let row: Vec<u8> = (0..131).map(|x| if x < 130 { 0 } else { 200 }).collect();
        let grey = shrunk(131, 131, Layout::Grey, &row.repeat(131));
        assert_eq!((grey.width, grey.height, grey.covered), (66, 66, (65.5, 65.5)));
        assert_eq!(grey.samples[64..66], [[0, 255], [200, 255]]);
        assert_eq!(grey.samples[66 * 66 - 1], [200, 255]);
    }

    #[test]
    fn clear_pixels_have_no_colour_to_add() {
        assert_eq!(shrunk(2, 1, Layout::GreyAlpha, &[250, 0, 100, 255]).samples, [[0, 0], [100, 255]]);
        assert_eq!(shrunk(1, 1, Layout::Rgba, &[255, 255, 255, 51]).samples, [[51, 51]]);
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
        assert!(grey.samples.iter().all(|sample| *sample == [100, 255]));
    }

    #[test]
    fn a_picture_without_its_last_rows_is_damaged() {
        let few = Shrink::new(2, 3, Layout::Grey).rows(&[0; 5], 2);
        assert!(matches!(few, Err(Error::CorruptImage(_))));
    }
}
