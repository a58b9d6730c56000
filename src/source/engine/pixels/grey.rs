//! A small picture in grey, and the second step of its resize.

use std::array::from_fn;
use std::iter::repeat_n;

use super::reduce;
use super::shrink::{KEPT, across};
use super::thumbnail::Thumbnail;
use super::upright::stored_at;
use crate::source::engine::phash::{SIDE, Square};

#[derive(Debug, Clone, PartialEq)]
pub struct Grey {
    pub width: u32,
    /// Columns that each sample stands for.
    pub scale: u32,
    pub has_alpha: bool,
    /// Rows, of which every box has become one.
    pub height: u32,
    /// Row by row, as stored: grey; or grey times alpha, and alpha.
    pub samples: Vec<u8>,
    /// No pixel lets anything through.
    pub opaque: bool,
    /// Rows that the picture covers: the last one may hang over its edge.
    pub covered: f64,
    /// The same picture in colour, where it is wanted.
    pub thumbnail: Option<Thumbnail>,
}

impl Grey {
    /// The picture resized to a square and turned upright by its EXIF orientation, alpha dropped.
    pub fn square(&self, orientation: Option<u8>) -> Square {
        let stored = if self.has_alpha { self.stored(without_alpha) } else { self.stored(|[grey]| grey) };
        upright(&stored, orientation)
    }

    fn stored<const BANDS: usize>(&self, grey: impl Fn([u8; BANDS]) -> u8) -> Square {
        let (columns, rows) = (SIDE.min(self.width as usize), SIDE.min(self.height as usize));
        let reduced = self.reduce(columns, rows);
        if reduced.len() < SIDE * SIDE {
            from_fn(|y| from_fn(|x| grey(enlarged(&reduced, columns, rows, x, y))))
        } else {
            from_fn(|y| from_fn(|x| grey(reduced[y * SIDE + x])))
        }
    }

    /// As libvips reduces: all of the height first, then the width, and 8 bit after each step.
    fn reduce<const BANDS: usize>(&self, columns: usize, rows: usize) -> Vec<[u8; BANDS]> {
        let (width, scale) = (self.width as usize, self.scale as usize);
        let row_len = width.div_ceil(scale) * BANDS;
        let low = match self.height as usize {
            height if height == rows => &self.samples,
            _ => &reduce::rows(&self.samples, row_len, self.covered, rows),
        };
        let side = (width / KEPT as usize).max(1);
        let (mut row, mut small) = (Vec::new(), Vec::new());
        for samples in low.chunks(row_len) {
            row.clear();
            samples.as_chunks().0.iter().for_each(|sample| row.extend(repeat_n(*sample, scale)));
            row.truncate(width);
            small.extend(across(&row, side));
        }
        match width.div_ceil(side) {
            width if width == columns => small,
            boxes => reduce::columns(&small, boxes, width as f64 / side as f64, columns),
        }
    }
}

/// Grey again from grey times alpha. What is clear is black.
fn without_alpha([grey, alpha]: [u8; 2]) -> u8 {
    let grey = (u16::from(grey) * 255).checked_div(alpha.into()).unwrap_or(0);
    grey.min(255) as u8
}

/// A pixel of the square, where a side is shorter than that of the square.
///
/// libvips then interpolates along both axes by Catmull-Rom, and is half a pixel of the square off centre.
fn enlarged<const BANDS: usize>(
    samples: &[[u8; BANDS]],
    columns: usize,
    rows: usize,
    x: usize,
    y: usize,
) -> [u8; BANDS] {
    let mut sums = [0.0; BANDS];
    for (row, down) in taps(y, rows) {
        for (column, across) in taps(x, columns) {
            let sample = samples[row * columns + column];
            sums = from_fn(|band| sums[band] + down * across * f64::from(sample[band]));
        }
    }
    sums.map(|sum| sum.round() as u8)
}

/// The four places around the one that a place of the square comes from, and their weights.
fn taps(place: usize, side: usize) -> [(usize, f64); 4] {
    let from = (place * side) as f64 / SIDE as f64 - 0.5;
    let t = from - from.floor();
    let weights = [
        ((2.0 - t) * t - 1.0) * t / 2.0,
        ((3.0 * t - 5.0) * t * t + 2.0) / 2.0,
        ((4.0 - 3.0 * t) * t + 1.0) * t / 2.0,
        (t - 1.0) * t * t / 2.0,
    ];
    from_fn(|tap| {
        let neighbour = from.floor() as isize + tap as isize - 1;
        (neighbour.clamp(0, side as isize - 1) as usize, weights[tap])
    })
}

/// Mirrors and turns by EXIF orientation.
fn upright(stored: &Square, orientation: Option<u8>) -> Square {
    if matches!(orientation, None | Some(1)) {
        return *stored;
    }
    let turn = |x: usize, y: usize| {
        let (column, row) = stored_at(orientation, (x, y), (SIDE, SIDE));
        stored[row][column]
    };
    from_fn(|y| from_fn(|x| turn(x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: usize = SIDE - 1;

    fn grey<const BANDS: usize>(width: u32, height: u32, sample: impl Fn(u32, u32) -> [u8; BANDS]) -> Grey {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Grey {
            width,
            scale: 1,
            has_alpha: BANDS == 2,
            height,
            samples: places.flat_map(|(x, y)| sample(x, y)).collect(),
            opaque: true,
            covered: height.into(),
            thumbnail: None,
        }
    }

    /// Where a pixel of row 0, column 1 is shown.
    #[test]
    fn a_picture_is_turned_upright_by_each_orientation() {
        let mut stored = [[0; SIDE]; SIDE];
        stored[0][1] = 255;
        for (orientation, x, y) in [
            (None, 1, 0),
            (Some(1), 1, 0),
            (Some(2), LAST - 1, 0),
            (Some(3), LAST - 1, LAST),
            (Some(4), 1, LAST),
            (Some(5), 0, 1),
            (Some(6), LAST, 1),
            (Some(7), LAST, LAST - 1),
            (Some(8), 0, LAST - 1),
            (Some(9), 1, 0),
        ] {
            assert_eq!(upright(&stored, orientation)[y][x], 255, "{orientation:?}");
        }
    }

    #[test]
    fn a_plain_picture_stays_plain_at_any_size() {
        for (width, height) in [(1, 1), (1, 500), (31, 33), (32, 32), (64, 7), (127, 65)] {
            for plain in [grey(width, height, |_, _| [77]), grey(width, height, |_, _| [77, 255])] {
                assert_eq!(plain.square(None), [[77; SIDE]; SIDE], "{width} x {height}");
            }
        }
    }

    #[test]
    fn what_is_clear_has_no_weight() {
        let half_clear = grey(64, 64, |x, _| if x < 32 { [200, 255] } else { [0, 0] });
        let square = half_clear.square(None);
        assert_eq!((square[9][0], square[9][12], square[9][LAST]), (200, 200, 0));
    }

    #[test]
    fn a_side_that_is_too_short_is_enlarged_by_weights_that_make_one() {
        for side in [1, 5, 31, 32] {
            for place in 0..SIDE {
                let sum: f64 = taps(place, side).iter().map(|(_, weight)| weight).sum();
                assert!((sum - 1.0).abs() < 1e-9, "{side} {place}");
            }
        }
    }
}
