//! PNG: W3C PNG third edition, sections 5 and 11.

use super::{Header, density, embedded_exif};
use crate::metadata::Level;
use crate::source::engine::exif::{self, present};
use crate::source::engine::known::{Block, Gap};

pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1A\n";

/// Enough for 500 MB in chunks of the usual 8 KiB; a bound on what a file of empty chunks can cost.
pub const MAX_CHUNKS: usize = 1 << 16;

/// Reads up to the pixels; where EXIF is wanted and did not come before, up to the end.
pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    header.density = density::UNSTATED;
    let mut png = Png { header, level, pixels_seen: false, density_known: false };
    let mut offset = SIGNATURE.len() as u64;
    for _ in 0..MAX_CHUNKS {
        let [a, b, c, d, kind @ ..] = file.array::<8>(offset)?;
        let len = u64::from(u32::from_be_bytes([a, b, c, d]));
        png.chunk(kind, file.part(offset + 8, len))?;
        if png.done(kind) {
            break;
        }
        // Length, type and CRC surround the data.
        offset += 12 + len;
    }
    Ok(())
}

struct Png<'h> {
    header: &'h mut Header,
    level: Level,
    /// Only EXIF may follow the first IDAT.
    pixels_seen: bool,
    /// From the first pHYs, or from EXIF, which wins over it.
    density_known: bool,
}

impl Png<'_> {
    fn done(&self, kind: [u8; 4]) -> bool {
        let exif_wanted = self.level >= Level::Exif && self.header.exif.is_none();
        kind == *b"IEND" || (self.pixels_seen && !exif_wanted)
    }

    fn chunk(&mut self, kind: [u8; 4], body: Block<'_>) -> Result<(), Gap> {
        match &kind {
            b"eXIf" => self.exif(body)?,
            _ if self.pixels_seen => {}
            b"IHDR" => self.image_header(body)?,
            b"pHYs" if !self.density_known => self.physical(body)?,
            b"tRNS" => self.header.has_alpha |= present(body.u8(0))?.is_some(),
            b"iCCP" => self.header.has_color_profile = true,
            b"IDAT" => self.pixels_seen = true,
            _ => {}
        }
        Ok(())
    }

    /// Section 11.2.1: width, height, bit depth, colour type, of which 4 and 6 have alpha.
    fn image_header(&mut self, body: Block<'_>) -> Result<(), Gap> {
        self.header.set_dimensions(body.u32_be(0)?.into(), body.u32_be(4)?.into());
        self.header.has_alpha = matches!(body.u8(9)?, 4 | 6);
        Ok(())
    }

    /// Section 11.3.4.3: pixels a unit along x and y, the unit being 1 for the metre. To libvips any other is
    /// the millimetre.
    fn physical(&mut self, body: Block<'_>) -> Result<(), Gap> {
        let mm = if body.u8(8)? == 1 { 1000.0 } else { 1.0 };
        self.header.density = density::per_inch(f64::from(body.u32_be(0)?) / mm);
        self.density_known = true;
        Ok(())
    }

    fn exif(&mut self, body: Block<'_>) -> Result<(), Gap> {
        let block = embedded_exif(body)?;
        if let Some(per_mm) = density::of_exif(block)?.filter(|_| !self.pixels_seen) {
            self.header.density = density::per_inch(per_mm);
            self.density_known = true;
        }
        if self.level >= Level::Exif && self.header.exif.is_none() {
            self.header.exif = exif::read(block)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reading;
    use super::super::tests::read;
    use super::*;
    use crate::source::engine::exif::build::block;
    use crate::source::engine::known::Known;

    const RGB: u8 = 2;
    const RGBA: u8 = 6;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32).to_be_bytes(), kind, data, b"CRC."].concat()
    }

    /// 5 x 7 pixels.
    fn png(colors: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
        let ihdr = chunk(b"IHDR", &[0, 0, 0, 5, 0, 0, 0, 7, 8, colors, 0, 0, 0]);
        [&SIGNATURE[..], &ihdr, &chunks.concat(), &chunk(b"IEND", b"")].concat()
    }

    /// With 300 pixels an inch.
    fn exif() -> Vec<u8> {
        let resolution = b"\0\0\x01\x2C\0\0\0\x01";
        chunk(b"eXIf", &block(&[&[(0x011A, 5, 1, resolution), (0x011B, 5, 1, resolution)]]))
    }

    fn header(colors: u8, chunks: &[Vec<u8>]) -> Header {
        read(&png(colors, chunks), Level::Exif).unwrap()
    }

    #[test]
    fn alpha_is_in_the_colour_type_or_in_trns() {
        assert!(!header(RGB, &[]).has_alpha);
        assert!(header(RGBA, &[]).has_alpha);
        assert!(header(RGB, &[chunk(b"tRNS", &[0; 6])]).has_alpha);
        assert!(!header(RGB, &[chunk(b"tRNS", b"")]).has_alpha);
    }

    #[test]
    fn density_is_that_of_exif_or_the_first_phys_before_the_pixels() {
        let pixels = || chunk(b"IDAT", b"");
        let physical = |x: u32, unit| chunk(b"pHYs", &[&x.to_be_bytes(), &[0, 0, 0, 1, unit][..]].concat());
        assert_eq!(header(RGB, &[]).density, Some(72));
        assert_eq!(header(RGB, &[physical(11811, 1), physical(2835, 1)]).density, Some(300));
        assert_eq!(header(RGB, &[physical(72, 0)]).density, Some(1829));
        assert_eq!(header(RGB, &[pixels(), physical(11811, 1)]).density, Some(72));
        assert_eq!(header(RGB, &[physical(2835, 1), exif()]).density, Some(300));
        assert_eq!(header(RGB, &[exif(), physical(2835, 1)]).density, Some(300));
        assert_eq!(header(RGB, &[pixels(), exif()]).density, Some(72));
    }

    #[test]
    fn a_profile_has_to_stand_before_the_pixels() {
        let [profile, pixels] = [chunk(b"iCCP", b"icc\0\0"), chunk(b"IDAT", b"")];
        assert!(header(RGB, &[profile.clone(), pixels.clone()]).has_color_profile);
        assert!(!header(RGB, &[pixels, profile]).has_color_profile);
    }

    #[test]
    fn exif_may_follow_the_pixels_and_may_have_a_prefix() {
        let prefixed = chunk(b"eXIf", b"Exif\0\0MM\0\x2A\0\0\0\x08\0\0");
        for exif in [exif(), prefixed] {
            assert!(header(RGB, &[chunk(b"IDAT", b"pixels"), exif]).exif.is_some());
        }
    }

    #[test]
    fn a_header_needs_nothing_behind_the_first_pixels() {
        let mut known = Known::default();
        let file = png(RGB, &[chunk(b"IDAT", &[0; 1000])]);
        known.add(0, &file[..64]);
        let reading = |level| super::super::read(&known, level);
        assert!(
            matches!(reading(Level::Header), Reading::Done(Ok(header)) if header.dimensions == Ok((5, 7)))
        );
        assert_eq!(reading(Level::Exif), Reading::Need(1045..1053));
    }
}
