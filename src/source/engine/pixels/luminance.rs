//! Linear-light luminance, as libvips makes grey of colour: sRGB is made linear (IEC 61966-2-1), its channels are
//! weighed (ITU-R BT.709), and the sum is made sRGB again.

use std::array::from_fn;
use std::sync::LazyLock;

/// Of red, green and blue in linear light.
const WEIGHTS: [f64; 3] = [0.2126, 0.7152, 0.0722];

/// libvips goes back to sRGB through a table of 256 entries, rounded to 8 bit, and interpolates between them.
const KNOTS: usize = 255;

/// Bits of linear light from one of the table's entries to the next.
const FRACTION: u32 = 16;

pub struct Luminance {
    /// Weighed linear light of each level of red, green and blue.
    light: [[u32; 256]; 3],
    /// From each of the table's entries to the next. Full light, rounded up, reaches the last and not beyond.
    lines: [Line; KNOTS + 1],
}

/// sRGB of an entry and half a level more, and what is added to it on the way to the next, both with as many bits behind
/// the point.
#[derive(Clone, Copy)]
struct Line {
    start: u32,
    step: u32,
}

/// The tables of sRGB, made once.
pub fn srgb() -> &'static Luminance {
    static SRGB: LazyLock<Luminance> = LazyLock::new(Luminance::new);
    &SRGB
}

impl Luminance {
    fn new() -> Self {
        let knot =
            |knot: usize| (encode(knot.min(KNOTS) as f64 / KNOTS as f64) * 255.0).round_ties_even() as u32;
        let line = |place: usize| Line {
            start: (knot(place) << FRACTION) + (1 << (FRACTION - 1)),
            step: knot(place + 1) - knot(place),
        };
        let whole = KNOTS as f64 * f64::from(1 << FRACTION);
        let light = WEIGHTS
            .map(|weight| from_fn(|level| (weight * whole * decode(level as f64 / 255.0)).round() as u32));
        Self { light, lines: from_fn(line) }
    }

    pub fn grey(&self, [red, green, blue]: [u8; 3]) -> u8 {
        let [reds, greens, blues] = &self.light;
        let light = reds[usize::from(red)] + greens[usize::from(green)] + blues[usize::from(blue)];
        let (below, part) = ((light >> FRACTION) as u8, light & ((1 << FRACTION) - 1));
        let Line { start, step } = self.lines[usize::from(below)];
        ((start + step * part) >> FRACTION) as u8
    }
}

/// From sRGB to linear light, both 0 to 1.
pub fn decode(value: f64) -> f64 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// From linear light to sRGB, both 0 to 1.
pub fn encode(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_weighed_in_linear_light() {
        // 0.2126, 0.7152 and 0.0722 of full light, made sRGB, by hand.
        for (color, grey) in [([255, 0, 0], 127), ([0, 255, 0], 220), ([0, 0, 255], 76), ([255, 255, 0], 247)]
        {
            assert!(srgb().grey(color).abs_diff(grey) <= 1, "{color:?}: {}", srgb().grey(color));
        }
    }

    #[test]
    fn grey_stays_what_it_is() {
        for level in [0, 1, 2, 30, 128, 200, 254, 255] {
            assert!(srgb().grey([level; 3]).abs_diff(level) <= 1, "{level}: {}", srgb().grey([level; 3]));
        }
    }
}
