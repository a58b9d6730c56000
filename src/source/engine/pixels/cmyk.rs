//! Grey and colour of four inks. libvips looks them up in an ICC profile; sixteen values of that profile come close.

/// Grey of every overprint of cyan, magenta, yellow and black as libvips 8.18 shows it, black the least
/// significant, 0 a full ink and 1 none.
const OVERPRINTS: [u8; 16] = [0, 23, 0, 36, 0, 121, 0, 145, 7, 115, 4, 121, 9, 236, 9, 255];

/// The same in colour.
const REDS: [u8; 16] = [0, 33, 0, 32, 0, 0, 0, 0, 25, 232, 18, 234, 19, 255, 20, 255];
const GREENS: [u8; 16] = [0, 17, 0, 6, 0, 141, 0, 153, 0, 0, 0, 0, 6, 240, 5, 255];
const BLUES: [u8; 16] = [0, 31, 0, 117, 0, 45, 0, 227, 0, 0, 0, 128, 0, 0, 0, 255];

/// Grey of what each ink lets through, which is how Adobe stores CMYK in JPEG.
pub fn grey(let_through: [u8; 4]) -> u8 {
    printed(OVERPRINTS, let_through)
}

/// Red, green and blue of the same.
pub fn rgb(let_through: [u8; 4]) -> [u8; 3] {
    [REDS, GREENS, BLUES].map(|overprints| printed(overprints, let_through))
}

/// The overprints, each weighed by the part of the paper it covers where dots of these sizes meet by chance (H. E. J.
/// Neugebauer, 1937).
fn printed(overprints: [u8; 16], let_through: [u8; 4]) -> u8 {
    let mut levels = overprints.map(f32::from);
    let mut len = levels.len();
    for light in let_through {
        len /= 2;
        for place in 0..len {
            levels[place] += (levels[place + len] - levels[place]) * f32::from(light) / 255.0;
        }
    }
    levels[0].round() as u8
}

/// What each ink lets through, from luminance, chrominances and black (JFIF 1.02; the three are inks inverted).
pub fn from_ycck([y, cb, cr, k]: [u8; 4]) -> [u8; 4] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let inverted = |value: f32| (255.0 - value).round() as u8;
    let red = inverted(y + 1.402 * cr);
    let green = inverted(y - 0.344_14 * cb - 0.714_14 * cr);
    [red, green, inverted(y + 1.772 * cb), k]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_is_white_and_overprints_are_those_of_the_table() {
        assert_eq!(grey([255; 4]), 255);
        assert_eq!(grey([0; 4]), 0);
        assert_eq!(grey([255, 255, 255, 0]), 9);
        assert_eq!(grey([0, 255, 255, 255]), 145);
        assert_eq!((rgb([255; 4]), rgb([0; 4]), rgb([255, 0, 255, 255])), ([255; 3], [0; 3], [234, 0, 128]));
    }

    #[test]
    fn half_a_dot_of_black_lies_between() {
        assert_eq!(grey([255, 255, 255, 128]), ((9.0 + (255.0 - 9.0) * 128.0 / 255.0) as f32).round() as u8);
    }

    #[test]
    fn luminance_and_chrominances_are_inks_inverted() {
        assert_eq!(from_ycck([255, 128, 128, 7]), [0, 0, 0, 7]);
        assert_eq!(from_ycck([0, 128, 128, 7]), [255, 255, 255, 7]);
    }
}
