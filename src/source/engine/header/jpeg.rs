//! JPEG: ITU T.81 annex B, JFIF 1.02, EXIF 2.32 section 4.7, ICC.1 annex B.4.

use super::{Header, density, embedded_exif, jpeg_quality};
use crate::metadata::Level;
use crate::source::engine::exif::{self, present};
use crate::source::engine::known::{Block, Gap};

/// What an APP1 segment starts with if it is EXIF; XMP uses the same marker.
pub const EXIF: &[u8; 6] = b"Exif\0\0";

/// No writer needs as many; a bound on what a file of tiny segments can cost.
const MAX_SEGMENTS: usize = 4096;

/// Bytes of rubbish between segments, all together, that are looked through for the next marker.
const MAX_RUBBISH: u64 = 4 << 10;

/// ITU T.81 table B.1.
mod marker {
    pub const TEM: u8 = 0x01;
    pub const SOF0: u8 = 0xC0;
    pub const DHT: u8 = 0xC4;
    pub const JPG: u8 = 0xC8;
    pub const DAC: u8 = 0xCC;
    pub const SOF15: u8 = 0xCF;
    pub const RST0: u8 = 0xD0;
    pub const SOI: u8 = 0xD8;
    pub const EOI: u8 = 0xD9;
    pub const SOS: u8 = 0xDA;
    pub const DQT: u8 = 0xDB;
    pub const APP0: u8 = 0xE0;
    pub const APP1: u8 = 0xE1;
    pub const APP2: u8 = 0xE2;
}

/// Reads up to the first scan: nearly all files have everything before SOF, but EXIF and ICC may follow it.
pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    header.density = density::UNSTATED;
    let mut jpeg = Jpeg { header, level, exif_seen: false, exif_density: false };
    walk(file, |marker, body| jpeg.segment(marker, body))
}

/// Shows each segment before the first scan: its marker, and what is behind its length.
pub fn walk<'a>(file: Block<'a>, mut show: impl FnMut(u8, Block<'a>) -> Result<(), Gap>) -> Result<(), Gap> {
    let (mut offset, mut rubbish) = (2, MAX_RUBBISH);
    for _ in 0..MAX_SEGMENTS {
        let (marker, start) = next_marker(file, offset, rubbish)?;
        // The marker alone is two bytes.
        rubbish = rubbish.saturating_sub(start - offset - 2);
        match marker {
            marker::SOS | marker::EOI => break,
            // Markers that stand alone.
            marker::TEM | marker::RST0..=marker::SOI => offset = start,
            _ => {
                let len = u64::from(file.u16_be(start)?).max(2);
                show(marker, file.part(start + 2, len - 2))?;
                offset = start + len;
            }
        }
    }
    Ok(())
}

/// The next marker at or behind `offset`, and where it ends; so much rubbish may stand before it.
///
/// Any number of 0xFF may stand before a marker (ITU T.81 section B.1.1.2). Rubbish is skipped as in libjpeg.
fn next_marker(file: Block<'_>, offset: u64, rubbish: u64) -> Result<(u8, u64), Gap> {
    let mut fill = false;
    for place in offset..offset + rubbish + 2 {
        match file.u8(place)? {
            0xFF => fill = true,
            0 => fill = false,
            marker if fill => return Ok((marker, place + 1)),
            _ => {}
        }
    }
    Err(Gap::End)
}

struct Jpeg<'h> {
    header: &'h mut Header,
    level: Level,
    /// Of several EXIF segments the first counts.
    exif_seen: bool,
    /// EXIF's density wins over JFIF's, whichever comes first.
    exif_density: bool,
}

impl Jpeg<'_> {
    fn segment(&mut self, marker: u8, body: Block<'_>) -> Result<(), Gap> {
        match marker {
            marker::DHT | marker::JPG | marker::DAC => Ok(()),
            marker::SOF0..=marker::SOF15 => self.frame(body),
            marker::DQT => self.quantization(body),
            marker::APP0 => self.jfif(body),
            marker::APP1 if !self.exif_seen => self.exif(body),
            marker::APP2 => self.profile(body),
            _ => Ok(()),
        }
    }

    /// ITU T.81 section B.2.2: precision, number of lines, samples per line.
    fn frame(&mut self, body: Block<'_>) -> Result<(), Gap> {
        self.header.set_dimensions(body.u16_be(3)?.into(), body.u16_be(1)?.into());
        Ok(())
    }

    /// Of several tables of one number the last before the scan is that which the scan was made with.
    fn quantization(&mut self, body: Block<'_>) -> Result<(), Gap> {
        self.header.jpeg_quality = jpeg_quality::estimate(body)?.or(self.header.jpeg_quality);
        Ok(())
    }

    /// JFIF 1.02: version, units, densities along x and y.
    fn jfif(&mut self, body: Block<'_>) -> Result<(), Gap> {
        if self.exif_density {
            return Ok(());
        }
        let app0 = present(body.array(0))?;
        if let Some([b'J', b'F', b'I', b'F', 0, _, _, units, x1, x0, y1, y0, _, _]) = app0 {
            let (x, y) = (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]));
            self.header.density = jfif_density(units, x, y);
        }
        Ok(())
    }

    fn exif(&mut self, body: Block<'_>) -> Result<(), Gap> {
        if present(body.array(0))? != Some(*EXIF) {
            return Ok(());
        }
        self.exif_seen = true;
        let block = embedded_exif(body)?;
        if let Some(per_mm) = density::of_exif(block)? {
            self.header.density = density::per_inch(per_mm);
            self.exif_density = true;
        }
        if self.level >= Level::Exif {
            self.header.exif = exif::read(block)?;
        }
        Ok(())
    }

    /// ICC.1 annex B.4: a name, the number of this part and that of all parts, then the profile.
    fn profile(&mut self, body: Block<'_>) -> Result<(), Gap> {
        const FIRST_PART: [u8; 13] = *b"ICC_PROFILE\0\x01";
        let found = matches!(present(body.array::<15>(0))?, Some([part @ .., _, _]) if part == FIRST_PART);
        self.header.has_color_profile |= found;
        Ok(())
    }
}

/// Unit 0, and to libvips a density of 1, mean that only the ratio of the axes is known.
fn jfif_density(units: u8, x: u16, y: u16) -> Option<u64> {
    match units {
        // EXIF's numbers for inch and centimetre are greater by one.
        1 | 2 if x != 1 && y != 1 => {
            density::per_mm(x.into(), f64::from(units) + 1.0).and_then(density::per_inch)
        }
        _ => density::UNSTATED,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reading;
    use super::super::tests::read;
    use super::*;
    use crate::error::Error;
    use crate::source::engine::exif::build::block;
    use crate::source::engine::known::Known;

    /// 16 lines of 33 samples.
    const FRAME: &[u8] = b"\xFF\xC2\0\x0B\x08\0\x10\0\x21\x01\0\x11\0";
    const SCAN: &[u8] = b"\xFF\xDA\0\x02";
    /// 96 pixels an inch.
    const JFIF: &[u8] = b"\xFF\xE0\0\x10JFIF\0\x01\x02\x01\0\x60\0\x60\0\0";
    const XMP: &[u8] = b"\xFF\xE1\0\x20http://ns.adobe.com/xap/1.0/\0\0";

    fn jpeg(segments: &[&[u8]]) -> Vec<u8> {
        [b"\xFF\xD8", segments.concat().as_slice()].concat()
    }

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        [&[0xFF, marker], &(body.len() as u16 + 2).to_be_bytes()[..], body].concat()
    }

    /// A segment of EXIF with resolution in pixels an inch.
    fn exif(resolution: u32) -> Vec<u8> {
        let value = [resolution.to_be_bytes(), 1u32.to_be_bytes()].concat();
        let block = block(&[&[(0x011A, 5, 1, &value), (0x011B, 5, 1, &value)]]);
        segment(0xE1, &[EXIF, &block[..]].concat())
    }

    fn header(segments: &[&[u8]]) -> Header {
        read(&jpeg(segments), Level::Exif).unwrap()
    }

    #[test]
    fn finds_exif_behind_xmp_fill_bytes_rubbish_and_sof() {
        for segments in [
            &[XMP, &exif(300), FRAME, SCAN][..],
            &[b"\xFF\xFF\xFF", &exif(300), b"rubbish", FRAME, SCAN],
            &[JFIF, FRAME, &exif(300), SCAN],
        ] {
            let header = header(segments);
            assert_eq!(header.dimensions, Ok((33, 16)));
            assert_eq!(header.density, Some(300));
            assert!(header.exif.is_some_and(|exif| exif.image.int("XResolution") == Some(300)));
        }
    }

    #[test]
    fn exif_is_read_only_if_it_is_asked_for_but_its_density_always() {
        let header = read(&jpeg(&[&exif(300), FRAME, SCAN]), Level::Header).unwrap();
        assert_eq!((header.density, header.exif), (Some(300), None));
    }

    #[test]
    fn of_densities_the_first_exif_wins_over_the_last_jfif() {
        assert_eq!(header(&[FRAME, SCAN]).density, Some(72));
        assert_eq!(header(&[JFIF, FRAME, SCAN]).density, Some(96));
        assert_eq!(header(&[JFIF, &exif(300), &exif(150), FRAME, SCAN]).density, Some(300));
        assert_eq!(header(&[&exif(300), JFIF, FRAME, SCAN]).density, Some(300));
        assert_eq!(header(&[JFIF, &exif(20), FRAME, SCAN]).density, None);
    }

    #[test]
    fn jfif_counts_in_inches_or_centimetres_or_not_at_all() {
        assert_eq!(jfif_density(1, 300, 300), Some(300));
        assert_eq!(jfif_density(2, 118, 118), Some(300));
        assert_eq!(jfif_density(0, 300, 300), Some(72));
        assert_eq!(jfif_density(1, 300, 1), Some(72));
        assert_eq!(jfif_density(1, 0, 0), None);
    }

    #[test]
    fn a_profile_is_known_by_its_first_part() {
        let part = |number| segment(0xE2, &[b"ICC_PROFILE\0", &[number, 2, 0][..]].concat());
        assert!(header(&[&part(2), &part(1), FRAME, SCAN]).has_color_profile);
        assert!(!header(&[&part(2), FRAME, SCAN]).has_color_profile);
        assert!(!header(&[&segment(0xE2, b"ICC_PROFILE\0\x01\x01"), FRAME, SCAN]).has_color_profile);
    }

    #[test]
    fn what_stands_before_the_end_of_a_truncated_file_is_kept() {
        let file = jpeg(&[&exif(300), FRAME, SCAN]);
        let header = read(&file[..file.len() - SCAN.len() - 6], Level::Exif).unwrap();
        assert!(matches!(header.dimensions, Err(Error::CorruptImage(_))));
        assert!(header.exif.is_some());
    }

    #[test]
    fn looks_through_rubbish_only_so_far() {
        let half = vec![0; MAX_RUBBISH as usize / 2];
        let dimensions = |between: &[u8]| {
            let file = Known::whole(jpeg(&[JFIF, &half, JFIF, between, FRAME]));
            match super::super::read(&file, Level::Header) {
                Reading::Done(Ok(header)) => header.dimensions.ok(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(dimensions(&half), Some((33, 16)));
        assert_eq!(dimensions(&[&half[..], &[0]].concat()), None);
    }
}
