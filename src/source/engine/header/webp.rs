//! WebP: RFC 9649, sections 2.3 to 2.7 and 3.4; for lossy pictures RFC 6386 section 9.1.

use super::{Header, embedded_exif};
use crate::metadata::Level;
use crate::source::engine::exif;
use crate::source::engine::known::{Block, Gap};

/// An animation has a chunk a frame; a bound on what a file of empty chunks can cost.
pub const MAX_CHUNKS: usize = 1 << 16;

/// Flags of VP8X, RFC 9649 section 2.7.1.
const PROFILE: u8 = 0x20;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
pub const ANIMATION: u8 = 0x02;

pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    let (kind, body, next) = chunk(file, 12)?;
    match &kind {
        b"VP8 " => lossy(body, header),
        b"VP8L" => lossless(body, header),
        b"VP8X" => {
            extended(body, header)?;
            metadata(file.from(next), body.u8(0)?, level, header)
        }
        _ => Ok(()),
    }
}

/// Type, data, and where the next chunk starts: data is padded to an even length.
pub fn chunk(block: Block<'_>, offset: u64) -> Result<([u8; 4], Block<'_>, u64), Gap> {
    let [kind @ .., a, b, c, d] = block.array::<8>(offset)?;
    let len = u64::from(u32::from_le_bytes([a, b, c, d]));
    Ok((kind, block.part(offset + 8, len), offset + 8 + len + len % 2))
}

/// RFC 6386 section 9.1: frame tag, start code, then width and height of 14 bits, each below a scale.
fn lossy(body: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    if body.array(3)? == [0x9D, 0x01, 0x2A] {
        header.set_dimensions((body.u16_le(6)? & 0x3FFF).into(), (body.u16_le(8)? & 0x3FFF).into());
    }
    Ok(())
}

/// RFC 9649 section 3.4: signature, then width and height less one, of 14 bits each, and one bit for alpha.
fn lossless(body: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    if body.u8(0)? == 0x2F {
        let bits = body.u32_le(1)?;
        let side = |bits: u32| u64::from(bits & 0x3FFF) + 1;
        header.set_dimensions(side(bits), side(bits >> 14));
        header.has_alpha = (bits >> 28) & 1 == 1;
    }
    Ok(())
}

/// RFC 9649 section 2.7.1: flags, three reserved bytes, then width and height less one, of 24 bits each.
fn extended(body: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    let side = |[a, b, c]: [u8; 3]| u64::from(u32::from_le_bytes([a, b, c, 0])) + 1;
    header.set_dimensions(side(body.array(4)?), side(body.array(7)?));
    header.has_alpha = body.u8(0)? & ALPHA != 0;
    Ok(())
}

/// The chunks behind VP8X, as far as its flags announce something worth looking for.
fn metadata(chunks: Block<'_>, flags: u8, level: Level, header: &mut Header) -> Result<(), Gap> {
    let mut profile_wanted = flags & PROFILE != 0;
    let exif_wanted = flags & EXIF != 0 && level >= Level::Exif;
    let mut offset = 0;
    for _ in 0..MAX_CHUNKS {
        if !profile_wanted && !exif_wanted {
            break;
        }
        let (kind, body, next) = chunk(chunks, offset)?;
        match &kind {
            b"ICCP" if profile_wanted => header.has_color_profile = true,
            // A profile has to stand before the pixels.
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANMF" => profile_wanted = false,
            b"EXIF" if exif_wanted => {
                header.exif = exif::read(embedded_exif(body)?)?;
                break;
            }
            _ => {}
        }
        offset = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    const LOSSY: &[u8] = b"VP8 \x0A\0\0\0\0\0\0\x9D\x01\x2A\x15\x40\x0B\x80";

    fn webp(chunks: &[&[u8]], level: Level) -> Header {
        read(&[b"RIFF\0\0\0\0WEBP", chunks.concat().as_slice()].concat(), level).unwrap()
    }

    /// A canvas of 300 x 200.
    fn canvas(flags: u8) -> Vec<u8> {
        [b"VP8X\x0A\0\0\0", &[flags][..], b"\0\0\0\x2B\x01\0\xC7\0\0"].concat()
    }

    #[test]
    fn a_lossy_picture_has_14_bits_a_side_and_no_alpha() {
        let header = webp(&[LOSSY], Level::Header);
        assert_eq!(header.dimensions, Ok((21, 11)));
        assert!(!header.has_alpha && header.density.is_none());
    }

    #[test]
    fn a_lossless_picture_has_a_bit_for_alpha() {
        for (last, has_alpha) in [(0, false), (0x10, true)] {
            let header = webp(&[b"VP8L\x05\0\0\0\x2F\x14\x80\x02", &[last]], Level::Header);
            assert_eq!((header.dimensions, header.has_alpha), (Ok((21, 11)), has_alpha));
        }
    }

    #[test]
    fn an_extended_picture_has_a_canvas_and_flags() {
        let header = webp(&[&canvas(ALPHA), LOSSY], Level::Header);
        assert_eq!((header.dimensions, header.has_alpha), (Ok((300, 200)), true));
        assert!(!webp(&[&canvas(0), LOSSY], Level::Header).has_alpha);
    }

    #[test]
    fn a_profile_takes_both_a_flag_and_a_chunk() {
        let chunk = b"ICCP\x03\0\0\0icc\0";
        assert!(webp(&[&canvas(PROFILE), chunk, LOSSY], Level::Header).has_color_profile);
        assert!(!webp(&[&canvas(PROFILE), LOSSY], Level::Header).has_color_profile);
        assert!(!webp(&[&canvas(0), chunk, LOSSY], Level::Header).has_color_profile);
    }

    #[test]
    fn exif_takes_both_a_flag_and_a_chunk_with_or_without_a_prefix() {
        let bare = b"EXIF\x0A\0\0\0MM\0\x2A\0\0\0\x08\0\0";
        let prefixed = b"EXIF\x10\0\0\0Exif\0\0MM\0\x2A\0\0\0\x08\0\0";
        assert!(webp(&[&canvas(EXIF), LOSSY, bare], Level::Exif).exif.is_some());
        assert!(webp(&[&canvas(EXIF), LOSSY, prefixed], Level::Exif).exif.is_some());
        // The length of a chunk may be odd, its place is even.
        assert!(webp(&[&canvas(EXIF), b"ICCP\x03\0\0\0icc\0", LOSSY, bare], Level::Exif).exif.is_some());
        assert!(webp(&[&canvas(EXIF), LOSSY, bare], Level::Header).exif.is_none());
        assert!(webp(&[&canvas(0), LOSSY, bare], Level::Exif).exif.is_none());
    }
}
