//! The headers before the first frame: ISO/IEC 18181-1, SizeHeader and ImageMetadata, as far as colours.

use super::bits::{Bits, Ways};
use crate::source::engine::header::Header;
use crate::source::engine::known::{Block, Gap};

/// Its level 10 allows no more; the format 4,097.
const MAX_EXTRA_CHANNELS: u64 = 256;

/// Width for a height, by the ratio's number less one.
const RATIOS: [(u64, u64); 7] = [(1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)];

/// Types of extra channels.
const ALPHA: u64 = 0;
const SPOT_COLOR: u64 = 2;
const COLOR_FILTER: u64 = 5;

const SIDES: Ways = [(1, 9), (1, 13), (1, 18), (1, 30)];
const PREVIEW_EIGHTHS: Ways = [(16, 0), (32, 0), (1, 5), (33, 9)];
const PREVIEW_SIDES: Ways = [(1, 6), (65, 8), (321, 10), (1_345, 12)];

/// Width and height are told as they are shown, as those of HEIF are.
pub fn read(codestream: &[Block<'_>], header: &mut Header) -> Result<(), Gap> {
    let mut bits = Bits::new(codestream);
    let _signature = bits.take(16)?;
    let (width, height) = size(&mut bits)?;
    header.set_dimensions(width, height);
    header.turned = Some(1);
    // Everything else is as usual.
    if bits.flag()? {
        return Ok(());
    }
    if bits.flag()? {
        let (orientation, is_animated) = extra_fields(&mut bits)?;
        header.is_animated = is_animated;
        header.turned = Some(orientation);
        if orientation >= 5 {
            header.set_dimensions(height, width);
        }
    }
    bit_depth(&mut bits)?;
    let _sixteen_bit_buffers_suffice = bits.flag()?;
    header.has_alpha = has_alpha(&mut bits)?;
    let _is_xyb = bits.flag()?;
    // ColourEncoding, unless it is sRGB.
    header.has_color_profile = !bits.flag()? && bits.flag()?;
    Ok(())
}

fn size(bits: &mut Bits<'_, '_>) -> Result<(u64, u64), Gap> {
    let in_eighths = bits.flag()?;
    sides(bits, |bits| if in_eighths { Ok(8 * (1 + bits.take(5)?)) } else { bits.number(SIDES) })
}

/// Height, and width by itself or by a ratio.
fn sides(
    bits: &mut Bits<'_, '_>,
    side: impl Fn(&mut Bits<'_, '_>) -> Result<u64, Gap>,
) -> Result<(u64, u64), Gap> {
    let height = side(bits)?;
    let width = match (bits.take(3)? as usize).checked_sub(1) {
        None => side(bits)?,
        Some(ratio) => height * RATIOS[ratio].0 / RATIOS[ratio].1,
    };
    Ok((width, height))
}

/// The orientation, numbered as in EXIF, and whether there may be several frames.
fn extra_fields(bits: &mut Bits<'_, '_>) -> Result<(u8, bool), Gap> {
    let orientation = bits.take(3)? as u8 + 1;
    if bits.flag()? {
        let _intrinsic = size(bits)?;
    }
    if bits.flag()? {
        let in_eighths = bits.flag()?;
        let ways = if in_eighths { PREVIEW_EIGHTHS } else { PREVIEW_SIDES };
        let _preview = sides(bits, |bits| bits.number(ways))?;
    }
    let is_animated = bits.flag()?;
    if is_animated {
        let _ticks = bits.number([(100, 0), (1_000, 0), (1, 10), (1, 30)])?;
        let _seconds = bits.number([(1, 0), (1_001, 0), (1, 8), (1, 10)])?;
        let _loops = bits.number([(0, 0), (0, 3), (0, 16), (0, 32)])?;
        let _has_timecodes = bits.flag()?;
    }
    Ok((orientation, is_animated))
}

fn bit_depth(bits: &mut Bits<'_, '_>) -> Result<(), Gap> {
    if bits.flag()? {
        let _bits = bits.number([(32, 0), (16, 0), (24, 0), (1, 6)])?;
        let _exponent = bits.take(4)?;
    } else {
        let _bits = bits.number([(8, 0), (10, 0), (12, 0), (1, 6)])?;
    }
    Ok(())
}

fn has_alpha(bits: &mut Bits<'_, '_>) -> Result<bool, Gap> {
    let channels = bits.number([(0, 0), (1, 0), (2, 4), (1, 12)])?;
    if channels > MAX_EXTRA_CHANNELS {
        return Err(Gap::End);
    }
    let mut found = false;
    for _ in 0..channels {
        found |= extra_channel(bits)? == ALPHA;
    }
    Ok(found)
}

/// Its type.
fn extra_channel(bits: &mut Bits<'_, '_>) -> Result<u64, Gap> {
    if bits.flag()? {
        return Ok(ALPHA);
    }
    let kind = bits.number([(0, 0), (1, 0), (2, 4), (18, 6)])?;
    bit_depth(bits)?;
    let _shift = bits.number([(0, 0), (3, 0), (4, 0), (1, 3)])?;
    let name_bytes = bits.number([(0, 0), (0, 4), (16, 5), (48, 10)])?;
    bits.skip(8 * name_bytes);
    match kind {
        ALPHA => bits.skip(1),
        // Four numbers of 16 bits.
        SPOT_COLOR => bits.skip(64),
        COLOR_FILTER => drop(bits.number([(1, 0), (0, 2), (3, 4), (19, 8)])?),
        _ => {}
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::read;
    use super::*;
    use crate::metadata::Level;

    /// Values and their numbers of bits, packed lowest bit first behind the signature.
    fn codestream(fields: &[(u64, u32)]) -> Header {
        let bits = fields.iter().flat_map(|(value, count)| (0..*count).map(move |bit| value >> bit & 1 == 1));
        let mut file = vec![0xFF, 0x0A];
        let bits: Vec<bool> = bits.collect();
        file.extend(
            bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit))),
        );
        read(&file, Level::Header).unwrap()
    }

    const ALL_USUAL: (u64, u32) = (1, 1);
    /// Neither in eighths nor by a ratio: 200 high, 300 wide.
    const SIZE: [(u64, u32); 6] = [(0, 1), (0, 2), (199, 9), (0, 3), (0, 2), (299, 9)];
    /// Integers of 8 bits; 16-bit buffers suffice.
    const EIGHT_BIT: [(u64, u32); 3] = [(0, 1), (0, 2), (1, 1)];

    fn of(fields: &[&[(u64, u32)]]) -> Header {
        codestream(&[&SIZE[..], &[(0, 1)], &fields.concat()].concat())
    }

    #[test]
    fn sides_are_numbers_or_eighths_or_of_a_ratio() {
        assert_eq!(codestream(&[&SIZE[..], &[ALL_USUAL]].concat()).dimensions, Ok((300, 200)));
        let eighths = |ratio| codestream(&[(1, 1), (2, 5), (ratio, 3), (31, 5), ALL_USUAL]).dimensions;
        assert_eq!(eighths(0), Ok((256, 24)));
        assert_eq!([eighths(2), eighths(5), eighths(7)], [Ok((28, 24)), Ok((42, 24)), Ok((48, 24))]);
        let large = [(0, 1), (3, 2), ((1 << 30) - 1, 30), (7, 3), ALL_USUAL];
        assert_eq!(codestream(&large).dimensions, Ok((1 << 31, 1 << 30)));
        assert!(codestream(&[(0, 1), (3, 2), (5, 6)]).dimensions.is_err());
    }

    #[test]
    fn what_lies_on_its_side_is_told_as_it_is_shown() {
        let turned =
            |orientation: u64| of(&[&[(1, 1), (orientation - 1, 3), (0, 3)], &EIGHT_BIT, &[(0, 3), (1, 1)]]);
        assert_eq!((turned(6).dimensions, turned(6).turned), (Ok((200, 300)), Some(6)));
        assert_eq!((turned(3).dimensions, turned(3).turned), (Ok((300, 200)), Some(3)));
    }

    #[test]
    fn alpha_is_one_of_the_extra_channels() {
        let channels = |channels: &[&[(u64, u32)]]| {
            let count: &[(u64, u32)] = if channels.len() == 1 { &[(1, 2)] } else { &[(2, 2), (0, 4)] };
            of(&[&[(0, 1)], &EIGHT_BIT, count, &channels.concat(), &[(1, 1), (1, 1)]]).has_alpha
        };
        let usual: &[_] = &[(1, 1)];
        // A depth named `a`, half as large; a spot colour.
        let depth: &[_] = &[(0, 1), (1, 2), (0, 1), (0, 2), (3, 2), (0, 3), (1, 2), (1, 4), (0x61, 8)];
        let spot: &[_] = &[(0, 1), (2, 2), (0, 4), (0, 1), (0, 2), (0, 2), (0, 2), (0, 32), (0, 32)];
        assert!(channels(&[usual]) && channels(&[depth, usual]) && channels(&[spot, usual]));
        assert!(!channels(&[depth]) && !channels(&[spot, depth]));
    }

    #[test]
    fn a_profile_is_icc_and_not_an_encoding_by_numbers() {
        let colors =
            |fields: &[(u64, u32)]| of(&[&[(0, 1)], &EIGHT_BIT, &[(0, 2), (1, 1)], fields]).has_color_profile;
        assert!(colors(&[(0, 1), (1, 1)]));
        assert!(!colors(&[(0, 1), (0, 1)]) && !colors(&[(1, 1), (1, 1)]));
    }

    #[test]
    fn previews_animations_and_floats_are_passed_over() {
        let extra = [(1, 1), (0, 3), (1, 1)];
        let intrinsic = [(1, 1), (0, 5), (1, 3)];
        let preview = [(1, 1), (0, 1), (1, 2), (9, 8), (1, 3)];
        let animation = [(1, 1), (1, 2), (2, 2), (9, 8), (1, 2), (5, 3), (1, 1)];
        let float = [(1, 1), (1, 2), (4, 4), (0, 1)];
        let header = of(&[
            &extra,
            &intrinsic,
            &preview,
            &animation,
            &float,
            &[(1, 2), (1, 1)],
            &[(0, 1), (0, 1), (1, 1)],
        ]);
        assert_eq!((header.has_alpha, header.has_color_profile, header.turned), (true, true, Some(1)));
    }
}
