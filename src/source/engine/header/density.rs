//! Pixels per inch, reckoned as libvips and sharp do.

use crate::source::engine::exif::{Kind, Tiff};
use crate::source::engine::known::{Block, Gap};

/// TIFF 6.0 section 8, and EXIF 2.32 section 4.6.4 A.
pub const X_RESOLUTION: u16 = 0x011A;
const Y_RESOLUTION: u16 = 0x011B;
pub const RESOLUTION_UNIT: u16 = 0x0128;

/// What libvips takes for a JPEG or PNG that says nothing.
pub const UNSTATED: Option<u64> = Some(72);

const MM_PER_INCH: f64 = 25.4;

/// The unit that holds where EXIF and TIFF name none.
pub const INCH: f64 = 2.0;

/// `None` up to one pixel per millimetre, which to sharp means that the file does not know.
pub fn per_inch(per_mm: f64) -> Option<u64> {
    let density = (per_mm * MM_PER_INCH).round();
    // sharp's density is a C int.
    (per_mm > 1.0 && density <= f64::from(i32::MAX)).then_some(density as u64)
}

/// Pixels per millimetre from a resolution and its EXIF unit.
///
/// Unit 1 means that only the ratio of the axes is known; libvips takes it for millimetres all the same.
pub fn per_mm(resolution: f64, unit: f64) -> Option<f64> {
    match unit {
        1.0 => Some(resolution),
        INCH => Some(resolution / MM_PER_INCH),
        3.0 => Some(resolution / 10.0),
        _ => None,
    }
}

/// Pixels per millimetre that an EXIF block states, whereupon other statements of the file do not count.
///
/// As to libvips, it states nothing unless both axes are rationals and the unit is known.
pub fn of_exif(block: Block<'_>) -> Result<Option<f64>, Gap> {
    const RATIONALS: [Kind; 2] = [Kind::Rational, Kind::SRational];
    const INTEGERS: [Kind; 4] = [Kind::Short, Kind::Long, Kind::SShort, Kind::SLong];
    let Some(tiff) = Tiff::new(block)? else { return Ok(None) };
    let ifd0 = tiff.directory(tiff.ifd0)?;
    let Some(x) = tiff.number(&ifd0, X_RESOLUTION, &RATIONALS)? else { return Ok(None) };
    let Some(_) = tiff.number(&ifd0, Y_RESOLUTION, &RATIONALS)? else { return Ok(None) };
    let unit = tiff.number(&ifd0, RESOLUTION_UNIT, &INTEGERS)?;
    Ok(per_mm(x, unit.unwrap_or(INCH)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::engine::exif::build::block;
    use crate::source::engine::known::Known;

    #[test]
    fn density_is_rounded_to_whole_pixels_per_inch() {
        assert_eq!(per_inch(11.8), Some(300));
        assert_eq!(per_inch(145.0 / 2.0 / 25.4), Some(73));
    }

    #[test]
    fn a_density_that_sharp_does_not_print_is_none() {
        assert_eq!(per_inch(1.0), None);
        assert_eq!(per_inch(-11.8), None);
        assert_eq!(per_inch(f64::NAN), None);
        assert_eq!(per_inch(f64::INFINITY), None);
        assert_eq!(per_inch(4_294_967_295.0 / 25.4), None);
    }

    #[test]
    fn units_are_none_inch_and_centimetre() {
        assert_eq!(per_mm(300.0, 1.0).and_then(per_inch), Some(7620));
        assert_eq!(per_mm(300.0, 2.0).and_then(per_inch), Some(300));
        assert_eq!(per_mm(300.0, 3.0).and_then(per_inch), Some(762));
        assert_eq!(per_mm(300.0, 4.0), None);
    }

    /// XResolution and YResolution of 300.
    fn stated(kind: u16, unit: Option<(u16, u32, &[u8])>) -> Option<f64> {
        let resolution = &b"\0\0\x01\x2C\0\0\0\x01"[..];
        let mut entries = vec![(X_RESOLUTION, kind, 1, resolution), (Y_RESOLUTION, kind, 1, resolution)];
        entries.extend(unit.map(|(kind, count, value)| (RESOLUTION_UNIT, kind, count, value)));
        of_exif(Known::whole(block(&[&entries])).block()).unwrap()
    }

    #[test]
    fn exif_states_a_density_by_two_rationals_and_a_unit_that_may_be_missing() {
        let inch = Some(300.0 / 25.4);
        assert_eq!(stated(5, None), inch);
        assert_eq!(stated(10, Some((3, 1, b"\0\x02\0\0"))), inch);
        assert_eq!(stated(5, Some((3, 1, b"\0\x03\0\0"))), Some(30.0));
        assert_eq!(stated(5, Some((3, 1, b"\0\x04\0\0"))), None);
        // Two units are none.
        assert_eq!(stated(5, Some((3, 2, b"\0\x03\0\x03"))), inch);
        assert_eq!(stated(7, None), None);
    }

    #[test]
    fn a_block_with_one_axis_states_nothing() {
        let block = block(&[&[(X_RESOLUTION, 5, 1, b"\0\0\x01\x2C\0\0\0\x01")]]);
        assert_eq!(of_exif(Known::whole(block).block()), Ok(None));
        assert_eq!(of_exif(Known::whole(&b"no EXIF"[..]).block()), Ok(None));
    }
}
