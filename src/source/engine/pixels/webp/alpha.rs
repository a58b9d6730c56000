//! Pixels of lossless pictures, weighed by alpha where they are averaged, as libwebp does it: in 8 bits before and after
//! (`WebPMultARGBRow`). Of lossy ones it weighs nothing.

use super::mean_of;

pub fn averaged<'a>(rows: impl Iterator<Item = &'a [u8]>, size: (u32, u32)) -> Vec<u8> {
    let (mut mean, mut weighed) = (mean_of::<4>(size), Vec::new());
    for row in rows {
        weighed.clear();
        weighed.extend(row.as_chunks().0.iter().flat_map(|pixel| times_alpha(*pixel)));
        mean.row(&weighed);
    }
    mean.finish().into_iter().flat_map(by_alpha).collect()
}

fn times_alpha([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let times = |channel: u8| ((u16::from(channel) * u16::from(alpha) + 127) / 255) as u8;
    [times(red), times(green), times(blue), alpha]
}

/// What is clear is black.
fn by_alpha([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let half = u16::from(alpha / 2);
    let by =
        |channel: u8| (u16::from(channel) * 255 + half).checked_div(alpha.into()).unwrap_or(0).min(255) as u8;
    [by(red), by(green), by(blue), alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_pixels_have_no_colour_to_add() {
        let row = [[200, 100, 0, 255], [9, 9, 9, 0]].concat().repeat(32);
        let small = averaged(std::iter::repeat_n(&row[..], 64), (64, 64));
        assert_eq!(small, [199, 100, 0, 128].repeat(32 * 32));
        assert_eq!(by_alpha([0, 0, 0, 0]), [0; 4]);
    }
}
