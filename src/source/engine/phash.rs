//! The perceptual hash as sharp-phash, and hence ImageKit, defines it: one bit for each of the 64 lowest
//! frequencies of a picture, set where there is more of it than of the average one.

use std::array::from_fn;
use std::f64::consts::PI;

use crate::metadata::PHash;

/// Side of the square that every picture is resized to, whatever its aspect ratio.
pub const SIDE: usize = 32;

/// Frequencies of each axis: 1 to 8. Frequency 0, which is the mean, stays out.
const LOW: usize = 8;

/// Coefficients this close to their mean are what rounding to 8 bit makes of a picture without structure.
const FLAT: f64 = 32.0;

/// Grey by row and column, upright.
pub type Square = [[u8; SIDE]; SIDE];

pub fn p_hash(picture: &Square) -> PHash {
    let coefficients = low_frequencies(picture);
    let mean = coefficients.iter().sum::<f64>() / coefficients.len() as f64;
    if coefficients.iter().all(|coefficient| (coefficient - mean).abs() <= FLAT) {
        return PHash::new(0);
    }
    PHash::new(coefficients.iter().fold(0, |bits, coefficient| bits << 1 | u64::from(*coefficient > mean)))
}

/// The two-dimensional DCT-II, not normalised: the horizontal frequency outside, the vertical one inside.
fn low_frequencies(picture: &Square) -> [f64; LOW * LOW] {
    let waves: [[f64; SIDE]; LOW] = from_fn(|low| from_fn(|place| wave(low + 1, place)));
    let by_row: [[f64; SIDE]; LOW] = from_fn(|u| from_fn(|y| dot(&waves[u], &picture[y].map(f64::from))));
    from_fn(|bit| dot(&waves[bit % LOW], &by_row[bit / LOW]))
}

fn wave(frequency: usize, place: usize) -> f64 {
    ((2 * place + 1) as f64 * frequency as f64 * PI / (2 * SIDE) as f64).cos()
}

fn dot(a: &[f64; SIDE], b: &[f64; SIDE]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(grey: impl Fn(usize, usize) -> f64) -> Square {
        from_fn(|y| from_fn(|x| (128.0 + 100.0 * grey(x, y)).round() as u8))
    }

    /// One horizontal and one vertical frequency, nothing else.
    fn waves(u: usize, v: usize) -> Square {
        picture(|x, y| wave(u, x) * wave(v, y))
    }

    #[test]
    fn coefficients_are_those_of_the_definition() {
        let picture = picture(|x, y| ((x * x + 3 * y) % 17) as f64 / 17.0);
        let coefficients = low_frequencies(&picture);
        for (bit, coefficient) in coefficients.into_iter().enumerate() {
            let (u, v) = (bit / LOW + 1, bit % LOW + 1);
            let sum =
                |y: usize| (0..SIDE).map(|x| f64::from(picture[y][x]) * wave(u, x) * wave(v, y)).sum::<f64>();
            let expected = (0..SIDE).map(sum).sum::<f64>();
            assert!((coefficient - expected).abs() < 1e-6, "{u} {v}: {coefficient} {expected}");
        }
    }

    #[test]
    fn the_horizontal_frequency_stands_outside_and_the_first_bit_is_the_most_significant() {
        for (u, v, hash) in [
            (1, 1, 0x8000_0000_0000_0000),
            (1, 2, 0x4000_0000_0000_0000),
            (2, 1, 0x0080_0000_0000_0000),
            (8, 8, 1),
        ] {
            assert_eq!(p_hash(&waves(u, v)), PHash::new(hash), "{u} {v}");
        }
    }

    #[test]
    fn what_has_one_frequency_of_no_more_than_one_axis_is_flat() {
        for flat in [
            picture(|_, _| 0.0),
            picture(|_, _| 1.0),
            picture(|x, _| x as f64 / 32.0),
            picture(|_, y| y as f64 / 32.0),
            picture(|x, _| (x % 2) as f64),
        ] {
            assert!(p_hash(&flat).is_low_entropy());
        }
        assert!(!p_hash(&picture(|x, y| (x * y) as f64 / 1024.0)).is_low_entropy());
    }
}
