//! BlurHash by its algorithm, <https://github.com/woltapp/blurhash/blob/master/Algorithm.md>: the lowest frequencies of a
//! picture in linear light, in base 83. All that may be asked for are kept, so that none needs the picture again.

use serde::{Deserialize, Serialize};

use super::Colour;

/// Of either axis.
pub const MAX_COMPONENTS: usize = 9;

const DIGITS: &[u8; 83] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// By what the largest factor is multiplied to be stored, and how many steps there are.
const MAXIMUM_SCALE: f64 = 166.0;
const MAXIMUM_STEPS: f64 = 82.0;

/// Steps of a factor to either side of nothing.
const STEPS: f64 = 9.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blur {
    /// Of the picture, in linear light.
    pub mean: Colour,
    /// Factors of the other components, in the order of their places from left to right and from top to bottom. Each is for
    /// red, green and blue.
    pub waves: Vec<[f32; 3]>,
}

impl Blur {
    /// With so many components along each axis, 1 to 9.
    pub fn hash(&self, across: usize, down: usize) -> String {
        let waves = self.waves(across, down);
        let largest = waves.iter().flatten().fold(0.0f32, |most, factor| most.max(factor.abs()));
        let maximum = (f64::from(largest) * MAXIMUM_SCALE - 0.5).floor().clamp(0.0, MAXIMUM_STEPS);
        let scale = (maximum + 1.0) / MAXIMUM_SCALE;
        let mut hash = String::with_capacity(6 + 2 * waves.len());
        write(&mut hash, across.saturating_sub(1) + 9 * down.saturating_sub(1), 1);
        write(&mut hash, maximum as usize, 1);
        write(&mut hash, self.mean.0.iter().fold(0, |number, level| number << 8 | usize::from(*level)), 4);
        for factors in waves {
            let number =
                factors.iter().fold(0, |number, factor| number * 19 + step(f64::from(*factor) / scale));
            write(&mut hash, number, 2);
        }
        hash
    }

    fn waves(&self, across: usize, down: usize) -> Vec<[f32; 3]> {
        let places = (0..down).flat_map(|row| (0..across).map(move |column| row * MAX_COMPONENTS + column));
        places.skip(1).filter_map(|place| self.waves.get(place - 1).copied()).collect()
    }

    /// Bytes of memory beside its own.
    pub fn footprint(&self) -> usize {
        size_of_val(self.waves.as_slice())
    }
}

/// Of a factor from -1 to 1: the small ones are told more finely.
fn step(factor: f64) -> usize {
    let root = factor.abs().sqrt().copysign(factor);
    (root * STEPS + STEPS + 0.5).floor().clamp(0.0, 2.0 * STEPS) as usize
}

/// Adds so many digits.
fn write(hash: &mut String, number: usize, digits: u32) {
    let digit = |place: u32| char::from(DIGITS[number / 83usize.pow(place) % 83]);
    hash.extend((0..digits).rev().map(digit));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blur(waves: Vec<[f32; 3]>) -> Blur {
        Blur { mean: Colour([0x12, 0x34, 0x56]), waves }
    }

    #[test]
    fn digits_are_of_base_83() {
        let mut digits = String::new();
        write(&mut digits, 82 * 83 + 10, 2);
        write(&mut digits, 0, 1);
        write(&mut digits, 83 * 83 * 83 - 1, 4);
        assert_eq!(digits, "~A00~~~");
    }

    /// 0x123456 is 2 * 83^3 + 7 * 83^2 + 15 * 83 + 4.
    #[test]
    fn a_single_component_is_the_mean() {
        assert_eq!(blur(Vec::new()).hash(1, 1), "0027F4");
    }

    /// Of 0.25 the largest is told as 41, which stands for 42 / 166. Of that it is nearly all, steps 18 and 0 of 18, and a
    /// sixteenth is about a quarter, whose root is a half: step 5.
    #[test]
    fn components_are_taken_from_their_places_and_told_by_the_largest() {
        let mut waves = vec![[0.0; 3]; 80];
        waves[0] = [0.25, -0.25, 0.0];
        waves[9] = [0.0, 0.0, -0.0625];
        let number = |red: usize, green: usize, blue: usize| (red * 19 + green) * 19 + blue;
        let nothing = number(9, 9, 9);
        let mut expected = String::new();
        write(&mut expected, 2 + 9, 1);
        write(&mut expected, 41, 1);
        expected += "27F4";
        for factors in [number(18, 0, 9), nothing, nothing, number(9, 9, 5), nothing] {
            write(&mut expected, factors, 2);
        }
        assert_eq!(blur(waves).hash(3, 2), expected);
    }
}
