//! How little a JPEG was compressed, by its quantization table: ITU T.81 section B.2.4.1 and annex K.1.
//!
//! Writers make their tables of the one in the standard by the formula of the IJG's libjpeg, whose quality everybody knows.
//! The sum of a table's steps tells which quality it is, and of tables of another make which one is next to it.

use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

/// Steps of a table.
const STEPS: usize = 64;

/// The step sizes for luminance of ITU T.81 table K.1, which is quality 50. Only their sum matters, not their order.
const LUMINANCE: [u32; STEPS] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// Of the tables for quality 1 to 100, which grow smaller.
const SUMS: [u32; 100] = sums();

const fn sums() -> [u32; 100] {
    let mut sums = [0; 100];
    let mut place = 0;
    while place < sums.len() {
        sums[place] = sum(place as u32 + 1);
        place += 1;
    }
    sums
}

/// libjpeg's `jpeg_quality_scaling` and `jpeg_add_quant_table`, for baseline files.
const fn sum(quality: u32) -> u32 {
    let percent = if quality < 50 { 5_000 / quality } else { 200 - 2 * quality };
    let (mut sum, mut place) = (0, 0);
    while place < STEPS {
        let step = (LUMINANCE[place] * percent + 50) / 100;
        sum += if step < 1 {
            1
        } else if step > 255 {
            255
        } else {
            step
        };
        place += 1;
    }
    sum
}

/// Estimates the quality, 1 to 100, by the table that is there for luminance, number 0. `None` for a segment without it.
pub fn estimate(segment: Block<'_>) -> Result<Option<u8>, Gap> {
    let mut offset = 0;
    // A segment of 64 KiB has many tables; no frame has use for more than four.
    for _ in 0..4 {
        let Some(kind) = present(segment.u8(offset))? else { break };
        let are_wide = kind >> 4 != 0;
        let len = STEPS as u64 * if are_wide { 2 } else { 1 };
        if kind & 0x0F == 0 {
            let table = present(segment.bytes(offset + 1, len))?;
            return Ok(table.map(|table| nearest(steps(table, are_wide))));
        }
        offset += 1 + len;
    }
    Ok(None)
}

/// The sum of the steps, of one byte or two.
fn steps(table: &[u8], are_wide: bool) -> u32 {
    match are_wide {
        true => table.as_chunks().0.iter().map(|step| u32::from(u16::from_be_bytes(*step))).sum(),
        false => table.iter().copied().map(u32::from).sum(),
    }
}

fn nearest(sum: u32) -> u8 {
    // Those before are larger.
    let next = SUMS.partition_point(|of_quality| *of_quality > sum).min(SUMS.len() - 1);
    let before = next.saturating_sub(1);
    let place = if SUMS[before].abs_diff(sum) < SUMS[next].abs_diff(sum) { before } else { next };
    place as u8 + 1
}

#[cfg(test)]
mod tests {
    use jpeg_encoder::{ColorType, Encoder};

    use super::super::Header;
    use super::super::tests::read;
    use super::*;
    use crate::metadata::Level;
    use crate::source::engine::known::Known;

    fn encoded(quality: u8) -> Header {
        let mut file = Vec::new();
        Encoder::new(&mut file, quality).encode(&[90; 8 * 8 * 3], 8, 8, ColorType::Rgb).unwrap();
        read(&file, Level::Header).unwrap()
    }

    fn of_segment(segment: &[u8]) -> Option<u8> {
        estimate(Known::whole(segment).block()).unwrap()
    }

    #[test]
    fn the_quality_that_an_encoder_was_given_is_found() {
        for quality in 1..=100 {
            assert_eq!(encoded(quality).jpeg_quality, Some(quality));
        }
    }

    #[test]
    fn sums_fall_with_quality() {
        assert!(SUMS.is_sorted_by(|a: &u32, b: &u32| a > b), "{SUMS:?}");
        assert_eq!(SUMS[49], LUMINANCE.iter().sum::<u32>());
    }

    #[test]
    fn only_the_table_for_luminance_counts_of_either_precision() {
        let chrominance = [&[1][..], &[255; 64]].concat();
        let ones = [&[0][..], &[1; 64]].concat();
        assert_eq!(of_segment(&[chrominance.clone(), ones].concat()), Some(100));
        assert_eq!(of_segment(&chrominance), None);
        let wide = [&[0x10][..], &[255; 128]].concat();
        assert_eq!(of_segment(&wide), Some(1));
        let wide = [&[0x10][..], &[0, 1].repeat(64)].concat();
        assert_eq!(of_segment(&wide), Some(100));
    }

    #[test]
    fn what_is_cut_or_nonsense_is_no_table() {
        for segment in [&[][..], &[0], &[0; 64], &[0x10; 128]] {
            assert_eq!(of_segment(segment), None, "{}", segment.len());
        }
        assert_eq!(of_segment(&[0; 65]), Some(100));
    }
}
