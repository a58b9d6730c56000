//! The last step of a resize: Lanczos3 in fixed point, rounded where libvips rounds (its `reducev` and `reduceh`), so that
//! hardly a pixel differs.

use std::array::from_fn;
use std::f64::consts::PI;

/// Lobes of the kernel on either side.
const LOBES: f64 = 3.0;
/// Parts of a pixel at which a kernel may begin: `VIPS_TRANSFORM_SCALE`.
const PARTS: f64 = 64.0;
/// Bits behind the point of a weight: `VIPS_INTERPOLATE_SHIFT`.
const SHIFT: u32 = 12;

/// Where a pixel comes from: the first of a row of pixels, which may lie before the edge, and what each weighs.
struct Window {
    first: isize,
    weights: Vec<i32>,
}

/// Makes so many rows of those of a picture, which covers so many, each of so many bytes. Where it is inlined it takes a
/// sixth longer.
#[inline(never)]
pub fn rows(samples: &[u8], row_len: usize, covered: f64, to: usize) -> Vec<u8> {
    let height = samples.len() / row_len.max(1);
    let mut reduced = Vec::with_capacity(row_len * to);
    for window in windows(covered, to) {
        let mut sums = vec![0; row_len];
        for (row, weight) in window.taps(height) {
            let row = &samples[row * row_len..][..row_len];
            sums.iter_mut().zip(row).for_each(|(sum, sample)| *sum += i32::from(*sample) * weight);
        }
        reduced.extend(sums.into_iter().map(rounded));
    }
    reduced
}

/// Makes so many columns of those of a picture, which covers so many.
pub fn columns<const BANDS: usize>(
    samples: &[[u8; BANDS]],
    width: usize,
    covered: f64,
    to: usize,
) -> Vec<[u8; BANDS]> {
    let windows = windows(covered, to);
    let mut reduced = Vec::with_capacity(samples.len() / width.max(1) * to);
    for row in samples.chunks_exact(width) {
        for window in &windows {
            let mut sums = [0; BANDS];
            for (column, weight) in window.taps(width) {
                sums = from_fn(|band| sums[band] + i32::from(row[column][band]) * weight);
            }
            reduced.push(sums.map(rounded));
        }
    }
    reduced
}

impl Window {
    /// What lies beyond an edge is what lies at the edge.
    fn taps(&self, side: usize) -> impl Iterator<Item = (usize, i32)> {
        let last = side as isize - 1;
        (self.first..).zip(&self.weights).map(move |(place, weight)| (place.clamp(0, last) as usize, *weight))
    }
}

fn windows(covered: f64, to: usize) -> Vec<Window> {
    let shrink = covered / to as f64;
    let points = 2 * (LOBES * shrink).round_ties_even() as usize + 1;
    let window = |place: usize| {
        let centre = (place as f64 + 0.5) * shrink;
        // To the nearest part of a pixel, of twice as many.
        let part = (((centre * PARTS * 2.0) as u64 % 128) + 1) >> 1;
        let first = centre as isize - (points / 2) as isize;
        Window { first, weights: weights(points, shrink, part as f64 / PARTS) }
    };
    (0..to).map(window).collect()
}

/// Cut off, not rounded, as libvips does.
fn weights(points: usize, shrink: f64, part: f64) -> Vec<i32> {
    let centre = part + points as f64 / 2.0 - 1.0;
    let weights: Vec<f64> = (0..points).map(|place| lanczos3((place as f64 - centre) / shrink)).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| (weight / sum * f64::from(1 << SHIFT)) as i32).collect()
}

fn lanczos3(x: f64) -> f64 {
    if x.abs() < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn rounded(sum: i32) -> u8 {
    ((sum + (1 << (SHIFT - 1))) >> SHIFT).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_every_window_make_nearly_one() {
        for (covered, to) in [(33.0, 32), (64.0, 32), (100.5, 32), (127.9, 32)] {
            for window in windows(covered, to) {
                let sum: i32 = window.weights.iter().sum();
                assert!((4_096 - 2 * window.weights.len() as i32..=4_096).contains(&sum), "{covered}: {sum}");
            }
        }
    }

    #[test]
    fn a_window_lies_about_the_middle_of_its_pixel() {
        for (place, window) in windows(64.0, 32).iter().enumerate() {
            let weighed = window.taps(1_000).map(|(at, weight)| (at as f64, f64::from(weight)));
            let (sum, total) =
                weighed.fold((0.0, 0.0), |(sum, total), (at, weight)| (sum + at * weight, total + weight));
            let inside = (6..26).contains(&place);
            assert!(
                !inside || (sum / total - (2 * place) as f64 - 0.5).abs() < 0.05,
                "{place}: {}",
                sum / total
            );
        }
    }
}
