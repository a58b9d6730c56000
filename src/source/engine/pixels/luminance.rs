//! Linear-light luminance, as libvips makes grey of colour: sRGB is made linear (IEC 61966-2-1), its channels are
//! weighed (ITU-R BT.709), and the sum is made sRGB again.

use std::array::from_fn;
use std::sync::LazyLock;

/// Of red, green and blue in linear light.
const WEIGHTS: [f64; 3] = [0.2126, 0.7152, 0.0722];

/// libvips goes back to sRGB through a table of 256 entries, rounded to 8 bit, and interpolates between them.
const KNOTS: usize = 255;

/// The interpolated table is kept in this many steps from one of its entries to the next.
const STEPS: usize = 64;

/// Bits of a step that are kept of each channel, so that rounding three of them costs less than a step.
const FRACTION: u32 = 10;

pub struct Luminance {
    /// Weighed linear light of each level of red, green and blue, in fractions of a step.
    light: [[u32; 256]; 3],
    /// sRGB by steps of linear light.
    srgb: Vec<u8>,
}

/// The tables of sRGB, made once.
pub fn srgb() -> &'static Luminance {
    static SRGB: LazyLock<Luminance> = LazyLock::new(Luminance::new);
    &SRGB
}

impl Luminance {
    fn new() -> Self {
        let knots: [f64; KNOTS + 1] =
            from_fn(|knot| (encode(knot as f64 / KNOTS as f64) * 255.0).round_ties_even());
        let whole = (KNOTS * STEPS) as f64 * f64::from(1 << FRACTION);
        let light = WEIGHTS
            .map(|weight| from_fn(|level| (weight * whole * decode(level as f64 / 255.0)).round() as u32));
        Self { light, srgb: (0..=KNOTS * STEPS).map(|step| interpolate(&knots, step)).collect() }
    }

    pub fn grey(&self, [red, green, blue]: [u8; 3]) -> u8 {
        let [reds, greens, blues] = &self.light;
        let light = reds[usize::from(red)] + greens[usize::from(green)] + blues[usize::from(blue)];
        let step = (light + (1 << (FRACTION - 1))) >> FRACTION;
        self.srgb[step as usize]
    }
}

fn interpolate(knots: &[f64], step: usize) -> u8 {
    let (below, part) = (step / STEPS, (step % STEPS) as f64 / STEPS as f64);
    let above = knots[(below + 1).min(KNOTS)];
    (knots[below] + (above - knots[below]) * part).round_ties_even() as u8
}

/// From sRGB to linear light, both 0 to 1.
fn decode(value: f64) -> f64 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// From linear light to sRGB, both 0 to 1.
fn encode(light: f64) -> f64 {
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
