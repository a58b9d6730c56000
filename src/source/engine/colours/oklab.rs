//! OKLab, in which colours that differ equally to the eye lie equally far apart
//! (B. Ottosson, 2020, <https://bottosson.github.io/posts/oklab/>).

use std::array::from_fn;

use crate::source::engine::pixels::luminance::{decode, encode};

/// Lightness, green to red, blue to yellow.
pub type Lab = [f64; 3];

/// Linear sRGB to the responses of the cones, and their roots to Lab.
const TO_CONES: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const TO_LAB: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
/// The way back.
const TO_ROOTS: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const TO_RGB: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

/// Of sRGB, 0 to 255.
pub fn from_srgb(rgb: [f64; 3]) -> Lab {
    times(&TO_LAB, times(&TO_CONES, rgb.map(|level| decode(level / 255.0))).map(f64::cbrt))
}

pub fn to_srgb(lab: Lab) -> [u8; 3] {
    let light = times(&TO_RGB, times(&TO_ROOTS, lab).map(|root| root.powi(3)));
    light.map(|light| (encode(light.clamp(0.0, 1.0)) * 255.0).round() as u8)
}

pub fn squared_distance(one: Lab, two: Lab) -> f64 {
    one.iter().zip(two).map(|(one, two)| (one - two).powi(2)).sum()
}

fn times(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    from_fn(|row| matrix[row].iter().zip(vector).map(|(weight, value)| weight * value).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_comes_back() {
        for place in 0..4_096u32 {
            let rgb = [(place >> 8) * 17, (place >> 4 & 15) * 17, (place & 15) * 17].map(|level| level as u8);
            assert_eq!(to_srgb(from_srgb(rgb.map(f64::from))), rgb);
        }
    }

    /// White has lightness 1 and no colour, and red is as its author gives it.
    #[test]
    fn white_and_red_lie_where_they_should() {
        let near = |lab: Lab, expected: Lab| squared_distance(lab, expected).sqrt() < 1e-3;
        assert!(near(from_srgb([255.0; 3]), [1.0, 0.0, 0.0]));
        assert!(near(from_srgb([255.0, 0.0, 0.0]), [0.628, 0.225, 0.126]));
    }
}
