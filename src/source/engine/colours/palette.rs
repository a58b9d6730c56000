//! The colours of a picture: clusters of what looks alike, found by k-means in OKLab. Each palette starts from the one
//! with a colour less and the pixels that are told worst by it, so that the same picture always has the same.

use std::array::from_fn;

use super::oklab::{Lab, from_srgb, squared_distance, to_srgb};
use crate::metadata::colours::MAX_COLOURS;
use crate::metadata::{Colour, Swatch};
use crate::source::engine::pixels::thumbnail::{Rgba, Thumbnail};

/// Bits of a level by which pixels are put together before they are looked at, at most and at least.
const FINE: u32 = 5;
const COARSE: u32 = 3;

/// Sets of alike pixels that are not put together further. With the coarsest bits there are no more.
const MAX_BINS: usize = 1 << (3 * COARSE);

/// Distance in OKLab from which colours can be told apart side by side.
const NOTICEABLE: f64 = 0.02;

/// Clusters that start from those of a palette with a colour less hardly move after some rounds.
const MAX_ROUNDS: usize = 6;

/// Pixels that are much alike.
#[derive(Clone, Copy)]
struct Bin {
    lab: Lab,
    /// Of what they do not let through.
    weight: f64,
}

/// Of one colour, two, and so on.
pub fn palettes(thumbnail: &Thumbnail) -> Vec<Vec<Swatch>> {
    let bins = bins(&thumbnail.pixels);
    let mut centres: Vec<Lab> = Vec::new();
    let mut palettes = Vec::new();
    while palettes.len() < MAX_COLOURS {
        let Some(centre) = worst_told(&bins, &centres) else { break };
        centres.push(centre);
        let clusters = cluster(&bins, &mut centres);
        palettes.push(swatches(&clusters));
    }
    palettes
}

/// At first the largest bin, then that which adds most to the sum of squares, if it can be told from all clusters.
fn worst_told(bins: &[Bin], centres: &[Lab]) -> Option<Lab> {
    let error = |bin: &Bin| match nearest(centres, bin.lab) {
        None => bin.weight,
        Some((_, squared)) if squared >= NOTICEABLE * NOTICEABLE => bin.weight * squared,
        Some(_) => 0.0,
    };
    let errors = bins.iter().map(|bin| (error(bin), bin.lab)).filter(|(error, _)| *error > 0.0);
    errors.reduce(|worst, other| if other.0 > worst.0 { other } else { worst }).map(|(_, lab)| lab)
}

/// The centre that is nearest, and how far it is, squared.
fn nearest(centres: &[Lab], lab: Lab) -> Option<(usize, f64)> {
    let distances = centres.iter().map(|centre| squared_distance(*centre, lab)).enumerate();
    distances.reduce(|nearest, other| if other.1 < nearest.1 { other } else { nearest })
}

/// The mean and weight of each cluster that has any, after its centre has moved to where it belongs.
fn cluster(bins: &[Bin], centres: &mut Vec<Lab>) -> Vec<Bin> {
    for _ in 0..MAX_ROUNDS {
        let clusters = assigned(bins, centres);
        let moved = clusters.iter().zip(&*centres).any(|(cluster, centre)| cluster.lab != *centre);
        *centres = clusters.iter().map(|cluster| cluster.lab).collect();
        if !moved {
            break;
        }
    }
    assigned(bins, centres)
}

/// A cluster that has lost all is gone.
fn assigned(bins: &[Bin], centres: &[Lab]) -> Vec<Bin> {
    let mut sums = vec![Bin { lab: [0.0; 3], weight: 0.0 }; centres.len()];
    for bin in bins {
        if let Some((place, _)) = nearest(centres, bin.lab) {
            let sum = &mut sums[place];
            sum.lab = from_fn(|axis| sum.lab[axis] + bin.weight * bin.lab[axis]);
            sum.weight += bin.weight;
        }
    }
    sums.retain(|sum| sum.weight > 0.0);
    sums.iter().map(|sum| Bin { lab: sum.lab.map(|value| value / sum.weight), ..*sum }).collect()
}

fn swatches(clusters: &[Bin]) -> Vec<Swatch> {
    let all: f64 = clusters.iter().map(|cluster| cluster.weight).sum();
    let swatch =
        |cluster: &Bin| Swatch { colour: Colour(to_srgb(cluster.lab)), share: (cluster.weight / all) as f32 };
    let mut swatches: Vec<_> = clusters.iter().map(swatch).collect();
    swatches.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.colour.cmp(&b.colour)));
    swatches
}

/// Pixels with the same highest bits, as many bits as make few enough bins.
fn bins(pixels: &[Rgba]) -> Vec<Bin> {
    let mut bits = FINE;
    let mut sums = sums(pixels, bits);
    while sums.len() > MAX_BINS {
        bits -= 1;
        sums = self::sums(pixels, bits);
    }
    let bin = |[red, green, blue, weight]: &[u64; 4]| {
        let weight = *weight as f64;
        Bin { lab: from_srgb([red, green, blue].map(|sum| *sum as f64 / weight)), weight }
    };
    sums.iter().map(bin).collect()
}

/// Levels weighed by alpha, and that, of all bins that have any.
fn sums(pixels: &[Rgba], bits: u32) -> Vec<[u64; 4]> {
    let mut sums = vec![[0; 4]; 1 << (3 * bits)];
    for pixel @ [levels @ .., alpha] in pixels {
        let place = levels.iter().fold(0, |place, level| place << bits | usize::from(level >> (8 - bits)));
        let weights = [*alpha, *alpha, *alpha, 1];
        let sum = &mut sums[place];
        *sum = from_fn(|channel| sum[channel] + u64::from(pixel[channel]) * u64::from(weights[channel]));
    }
    sums.retain(|sum| sum[3] > 0);
    sums
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn thumbnail(pixels: Vec<Rgba>) -> Thumbnail {
        Thumbnail { width: pixels.len(), height: 1, pixels }
    }

    /// So many pixels of each colour, mixed.
    fn made(colours: &[([u8; 3], usize)]) -> Thumbnail {
        let pixels =
            colours.iter().flat_map(|([red, green, blue], count)| vec![[*red, *green, *blue, 255]; *count]);
        let mut pixels: Vec<_> = pixels.collect();
        Rng::with_seed(3).shuffle(&mut pixels);
        thumbnail(pixels)
    }

    fn told(palette: &[Swatch]) -> Vec<([u8; 3], usize)> {
        palette.iter().map(|swatch| (swatch.colour.0, (swatch.share * 100.0).round() as usize)).collect()
    }

    #[test]
    fn a_picture_of_one_colour_has_that_colour_and_no_other() {
        let mut rng = Rng::with_seed(2);
        for _ in 0..200 {
            let colour = from_fn(|_| rng.u8(..));
            assert_eq!(palettes(&made(&[(colour, 50)])), [[Swatch { colour: Colour(colour), share: 1.0 }]]);
        }
    }

    #[test]
    fn as_many_colours_as_there_are_have_their_shares() {
        let colours = [
            ([250, 250, 250], 40),
            ([200, 30, 30], 30),
            ([20, 90, 220], 15),
            ([30, 160, 60], 10),
            ([0; 3], 5),
        ];
        let palettes = palettes(&made(&colours));
        assert_eq!(told(&palettes[4]), colours);
        assert_eq!(palettes.len(), 5, "there are no more");
    }

    #[test]
    fn of_few_colours_like_ones_become_one() {
        let colours = [([255, 0, 0], 30), ([235, 10, 10], 20), ([0, 0, 255], 26), ([20, 20, 235], 24)];
        let two = told(&palettes(&made(&colours))[1]);
        assert_eq!((two[0].1, two[1].1), (50, 50));
        assert!(two.iter().any(|([red, _, blue], _)| *red > 235 && *blue < 20), "{two:?}");
    }

    #[test]
    fn what_nobody_can_tell_apart_is_one_colour() {
        assert_eq!(palettes(&made(&[([120, 120, 120], 60), ([122, 121, 120], 40)])).len(), 1);
    }

    #[test]
    fn pixels_weigh_what_they_do_not_let_through() {
        let pixels =
            [vec![[255, 0, 0, 255]; 10], vec![[0, 0, 255, 85]; 10], vec![[0, 255, 0, 0]; 80]].concat();
        let palettes = palettes(&thumbnail(pixels));
        assert_eq!(told(&palettes[1]), [([255, 0, 0], 75), ([0, 0, 255], 25)]);
        assert_eq!(palettes.len(), 2);
        assert!(self::palettes(&thumbnail(vec![[9, 9, 9, 0]; 5])).is_empty());
    }

    #[test]
    fn any_picture_has_palettes_of_every_size_whose_shares_make_one() {
        let mut rng = Rng::with_seed(4);
        let pixels: Vec<Rgba> =
            (0..10_000).map(|_| [rng.u8(..), rng.u8(..), rng.u8(..), rng.u8(..)]).collect();
        assert!(bins(&pixels).len() <= MAX_BINS);
        let noise = thumbnail(pixels);
        let palettes = palettes(&noise);
        assert_eq!(palettes.iter().map(Vec::len).collect::<Vec<_>>(), (1..=MAX_COLOURS).collect::<Vec<_>>());
        for palette in &palettes {
            assert!((palette.iter().map(|swatch| swatch.share).sum::<f32>() - 1.0).abs() < 1e-4);
            assert!(palette.is_sorted_by(|a, b| a.share >= b.share));
        }
        assert_eq!(self::palettes(&noise), palettes, "the same again");
    }
}
