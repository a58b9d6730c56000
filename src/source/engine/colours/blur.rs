//! The lowest frequencies of a picture, for BlurHashes: in linear light, and by cosines that begin at the first pixel.

use std::array::from_fn;
use std::f64::consts::PI;

use crate::metadata::Colour;
use crate::metadata::colours::{Blur, MAX_COMPONENTS};
use crate::source::engine::pixels::luminance::{decode, encode};
use crate::source::engine::pixels::thumbnail::{Rgba, Thumbnail};

/// Red, green and blue, 0 to 1.
type Light = [f64; 3];

pub fn blur(thumbnail: &Thumbnail) -> Blur {
    let light = light(thumbnail);
    let waves = cosines(thumbnail.width);
    let rows: Vec<[Light; MAX_COMPONENTS]> =
        light.chunks_exact(thumbnail.width).map(|row| from_fn(|i| weighed(row.iter(), &waves[i]))).collect();
    let waves = cosines(thumbnail.height);
    let factors = waves.iter().flat_map(|wave| {
        let rows = &rows;
        (0..MAX_COMPONENTS).map(move |i| weighed(rows.iter().map(|row| &row[i]), wave))
    });
    let factors: Vec<Light> = factors.collect();
    let pixels = light.len() as f64;
    let level = |light: f64| (encode(light / pixels).clamp(0.0, 1.0) * 255.0).round() as u8;
    // The algorithm's normalisation of all that is not constant.
    let wave = |factor: &Light| factor.map(|sum| (2.0 * sum / pixels) as f32);
    Blur { mean: Colour(factors[0].map(level)), waves: factors[1..].iter().map(wave).collect() }
}

/// BlurHash knows no alpha: what lets something through shows the mean colour of what does not, as in ThumbHash.
fn light(thumbnail: &Thumbnail) -> Vec<Light> {
    let levels: [f64; 256] = from_fn(|level| decode(level as f64 / 255.0));
    let mean = mean(&thumbnail.pixels);
    let light = |pixel: &Rgba| {
        let alpha = f64::from(pixel[3]) / 255.0;
        from_fn(|channel| match pixel[3] {
            u8::MAX => levels[usize::from(pixel[channel])],
            _ => decode((f64::from(pixel[channel]) * alpha + mean[channel] * (1.0 - alpha)) / 255.0),
        })
    };
    thumbnail.pixels.iter().map(light).collect()
}

/// 0 to 255.
fn mean(pixels: &[Rgba]) -> [f64; 3] {
    let sum = |of: &dyn Fn(&Rgba) -> u64| pixels.iter().map(of).sum::<u64>() as f64;
    let weight = sum(&|pixel| pixel[3].into()).max(1.0);
    from_fn(|channel| sum(&|pixel| u64::from(pixel[channel]) * u64::from(pixel[3])) / weight)
}

fn cosines(side: usize) -> [Vec<f64>; MAX_COMPONENTS] {
    from_fn(|i| (0..side).map(|place| (PI * i as f64 * place as f64 / side as f64).cos()).collect())
}

fn weighed<'a>(light: impl Iterator<Item = &'a Light>, weights: &[f64]) -> Light {
    light
        .zip(weights)
        .fold([0.0; 3], |sums, (light, weight)| from_fn(|channel| sums[channel] + light[channel] * weight))
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn noise(rng: &mut Rng) -> Thumbnail {
        let (width, height) = (rng.usize(1..40), rng.usize(1..40));
        // Some waves, so that there is more than what is next to nothing.
        let tints: [f64; 6] = from_fn(|_| rng.f64() * 9.0);
        let level = |place: usize, channel: usize| {
            let (x, y) = (place % width, place / width);
            let wave = (x as f64 / tints[channel] + y as f64 / tints[channel + 3]).sin();
            (128.0 + 100.0 * wave) as u8
        };
        let pixels =
            (0..width * height).map(|place| [level(place, 0), level(place, 1), level(place, 2), 255]);
        Thumbnail { width, height, pixels: pixels.collect() }
    }

    /// The mean of a hash.
    fn mean_of(hash: &str) -> [u8; 3] {
        let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
        let digit = |sign: u8| digits.iter().position(|digit| *digit == sign).unwrap() as u32;
        let [_, levels @ ..] =
            hash.bytes().skip(2).take(4).fold(0, |sum, sign| sum * 83 + digit(sign)).to_be_bytes();
        levels
    }

    /// The crate counts in 32 bits: what lies next to the border of two steps may be told by the other one.
    #[test]
    fn hashes_are_those_of_the_blurhash_crate() {
        let mut rng = Rng::with_seed(1);
        let mut digits = 0;
        for _ in 0..60 {
            let (thumbnail, across, down) = (noise(&mut rng), rng.u32(1..=9), rng.u32(1..=9));
            let (width, height) = (thumbnail.width as u32, thumbnail.height as u32);
            let theirs =
                blurhash::encode(across, down, width, height, thumbnail.pixels.as_flattened()).unwrap();
            let ours = blur(&thumbnail).hash(across as usize, down as usize);
            assert_eq!(ours.len(), theirs.len());
            let levels = mean_of(&ours).into_iter().zip(mean_of(&theirs));
            assert!(levels.into_iter().all(|(a, b)| a.abs_diff(b) <= 1), "{ours}\n{theirs}");
            let waves = ours.bytes().zip(theirs.bytes()).skip(6);
            assert!(
                ours[..2] == theirs[..2] && waves.filter(|(a, b)| a != b).count() <= 1,
                "{ours}\n{theirs}"
            );
            digits += ours.len();
        }
        assert!(digits > 2_000, "{digits}");
    }

    #[test]
    fn what_is_clear_shows_the_mean_of_what_is_not() {
        let half = |clear: Rgba| Thumbnail { width: 2, height: 1, pixels: vec![[200, 100, 50, 255], clear] };
        let plain = blur(&half([200, 100, 50, 255]));
        assert_eq!(plain.mean, Colour([200, 100, 50]));
        assert_eq!(blur(&half([0; 4])), plain);
        assert_eq!(blur(&half([0, 255, 255, 0])), plain);
        assert_eq!(blur(&Thumbnail { width: 1, height: 1, pixels: vec![[9, 9, 9, 0]] }).mean, Colour([0; 3]));
    }
}
