//! TIFF 6.0: IFD0 of the file.

use super::{Header, density};
use crate::error::Error;
use crate::metadata::Level;
use crate::source::engine::exif::{self, Directory, Kind, Tiff};
use crate::source::engine::known::{Block, Gap};

/// TIFF 6.0 section 8; the last is of ICC.1 annex B.3.
const IMAGE_WIDTH: u16 = 0x0100;
const IMAGE_LENGTH: u16 = 0x0101;
const PHOTOMETRIC_INTERPRETATION: u16 = 0x0106;
const SAMPLES_PER_PIXEL: u16 = 0x0115;
const ICC_PROFILE: u16 = 0x8773;

pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    let Some(tiff) = Tiff::new(file)? else {
        header.dimensions = Err(Error::UnsupportedFormat("BigTIFF"));
        return Ok(());
    };
    let ifd0 = Ifd { tiff, directory: tiff.directory(tiff.ifd0)? };
    ifd0.dimensions(header)?;
    header.has_alpha = ifd0.has_alpha()?;
    header.has_color_profile = ifd0.has_color_profile();
    header.density = ifd0.density()?;
    if level >= Level::Exif {
        header.exif = exif::read(file)?;
    }
    Ok(())
}

struct Ifd<'a> {
    tiff: Tiff<'a>,
    directory: Directory,
}

impl Ifd<'_> {
    fn number(&self, tag: u16) -> Result<Option<f64>, Gap> {
        const NUMERIC: [Kind; 8] = [
            Kind::Byte,
            Kind::Short,
            Kind::Long,
            Kind::Rational,
            Kind::SByte,
            Kind::SShort,
            Kind::SLong,
            Kind::SRational,
        ];
        self.tiff.number(&self.directory, tag, &NUMERIC)
    }

    fn dimensions(&self, header: &mut Header) -> Result<(), Gap> {
        if let (Some(width), Some(height)) = (self.number(IMAGE_WIDTH)?, self.number(IMAGE_LENGTH)?) {
            header.set_dimensions(width as u64, height as u64);
        }
        Ok(())
    }

    /// There are more samples than colours. Like libvips, this does not ask what ExtraSamples are for.
    fn has_alpha(&self) -> Result<bool, Gap> {
        let colors = match self.number(PHOTOMETRIC_INTERPRETATION)? {
            // WhiteIsZero, BlackIsZero, Palette.
            Some(0.0 | 1.0 | 3.0) => 1.0,
            // Separated, that is CMYK.
            Some(5.0) => 4.0,
            _ => 3.0,
        };
        Ok(self.number(SAMPLES_PER_PIXEL)?.is_some_and(|samples| samples > colors))
    }

    fn has_color_profile(&self) -> bool {
        self.directory.entry(ICC_PROFILE).is_some_and(|entry| entry.count > 0)
    }

    fn density(&self) -> Result<Option<u64>, Gap> {
        let Some(x) = self.number(density::X_RESOLUTION)? else { return Ok(None) };
        let unit = self.number(density::RESOLUTION_UNIT)?.unwrap_or(density::INCH);
        let per_mm = density::per_mm(x, unit).or_else(|| density::per_mm(x, density::INCH));
        Ok(per_mm.and_then(density::per_inch))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;
    use crate::source::engine::exif::build::{Entry, block};

    const SIDES: [Entry<'_>; 2] = [(0x0100, 3, 1, b"\0\x21\0\0"), (0x0101, 4, 1, b"\0\0\0\x10")];
    const X_300: Entry<'_> = (0x011A, 5, 1, b"\0\0\x01\x2C\0\0\0\x01");

    fn header(more: &[Entry<'_>]) -> Header {
        read(&block(&[&[&SIDES, more].concat()]), Level::Header).unwrap()
    }

    #[test]
    fn sides_are_short_or_long() {
        assert_eq!(header(&[]).dimensions, Ok((33, 16)));
        assert!(read(&block(&[&SIDES[..1]]), Level::Header).unwrap().dimensions.is_err());
    }

    #[test]
    fn more_samples_than_colours_are_alpha() {
        let has_alpha = |photometric, samples| {
            let short = |value| [0, value, 0, 0];
            let (photometric, samples) = (short(photometric), short(samples));
            header(&[(0x0106, 3, 1, &photometric), (0x0115, 3, 1, &samples)]).has_alpha
        };
        for (photometric, colors) in [(0, 1), (1, 1), (2, 3), (3, 1), (5, 4), (6, 3)] {
            assert!(!has_alpha(photometric, colors) && has_alpha(photometric, colors + 1));
        }
    }

    #[test]
    fn density_counts_in_inches_unless_a_unit_says_otherwise() {
        let unit = |value: &'static [u8]| (0x0128, 3, 1, value);
        assert_eq!(header(&[]).density, None);
        assert_eq!(header(&[X_300]).density, Some(300));
        assert_eq!(header(&[X_300, unit(b"\0\x01\0\0")]).density, Some(7620));
        assert_eq!(header(&[X_300, unit(b"\0\x03\0\0")]).density, Some(762));
        assert_eq!(header(&[X_300, unit(b"\0\x09\0\0")]).density, Some(300));
    }

    #[test]
    fn a_profile_is_a_tag_with_a_value() {
        assert!(header(&[(0x8773, 7, 3, b"icc\0")]).has_color_profile);
        assert!(!header(&[(0x8773, 7, 0, b"\0\0\0\0")]).has_color_profile);
    }

    #[test]
    fn exif_is_the_directory_itself() {
        let exif = read(&block(&[&SIDES]), Level::Exif).unwrap().exif.unwrap();
        assert_eq!(exif.image.int("ImageWidth"), Some(33));
    }

    #[test]
    fn a_bigtiff_is_only_recognised() {
        let header = read(b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0", Level::Exif).unwrap();
        assert_eq!(header.dimensions, Err(Error::UnsupportedFormat("BigTIFF")));
    }
}
