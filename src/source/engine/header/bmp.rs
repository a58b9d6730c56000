//! BMP: the headers of Windows' BITMAPINFO and its successors.

use super::Header;
use crate::source::engine::known::{Block, Gap};

/// Bytes of the headers, which serve as their names.
pub const BITMAPCOREHEADER: u32 = 12;
pub const BITMAPINFOHEADER: u32 = 40;
pub const BITMAPV2INFOHEADER: u32 = 52;
pub const BITMAPV3INFOHEADER: u32 = 56;
pub const BITMAPV4HEADER: u32 = 108;
pub const BITMAPV5HEADER: u32 = 124;

/// Values of biCompression.
pub const BI_BITFIELDS: u32 = 3;
const BI_ALPHABITFIELDS: u32 = 6;

/// `MBED` in bV5CSType: the file holds an ICC profile.
const PROFILE_EMBEDDED: u32 = 0x4D42_4544;

pub fn read(file: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    // A file header of 14 bytes stands first.
    let info = file.from(14);
    let size = info.u32_le(0)?;
    if size == BITMAPCOREHEADER {
        header.set_dimensions(info.u16_le(4)?.into(), info.u16_le(6)?.into());
        return Ok(());
    }
    // Rows are stored from the top where the height is negative.
    let height = info.u32_le(8)?.cast_signed().unsigned_abs();
    // A width has no such meaning.
    let width = u32::try_from(info.u32_le(4)?.cast_signed()).unwrap_or_default();
    header.set_dimensions(width.into(), height.into());
    header.has_alpha = size >= BITMAPINFOHEADER && has_alpha(info, size)?;
    header.has_color_profile = size >= BITMAPV5HEADER && info.u32_le(56)? == PROFILE_EMBEDDED;
    Ok(())
}

/// There is a mask for alpha. The fourth byte of a pixel of 32 bits is otherwise reserved.
fn has_alpha(info: Block<'_>, size: u32) -> Result<bool, Gap> {
    let has_mask = match info.u32_le(16)? {
        BI_BITFIELDS => size >= BITMAPV3INFOHEADER,
        BI_ALPHABITFIELDS => true,
        _ => false,
    };
    Ok(has_mask && info.u32_le(52)? != 0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;
    use crate::metadata::Level;

    /// Words of four bytes behind a file header.
    fn bmp(info: &[u32]) -> Header {
        let info: Vec<u8> = info.iter().flat_map(|word| word.to_le_bytes()).collect();
        read(&[b"BM\0\0\0\0\0\0\0\0\0\0\0\0", info.as_slice()].concat(), Level::Header).unwrap()
    }

    fn header(size: u32, compression: u32, alpha_mask: u32, color_space: u32) -> Header {
        let mut info = [0; 31];
        info[..5].copy_from_slice(&[size, 44, 33, 0x0020_0001, compression]);
        (info[13], info[14]) = (alpha_mask, color_space);
        bmp(&info)
    }

    #[test]
    fn the_oldest_header_has_sides_of_16_bits() {
        assert_eq!(bmp(&[BITMAPCOREHEADER, 0x0021_002C, 0]).dimensions, Ok((44, 33)));
    }

    #[test]
    fn a_negative_height_turns_rows_around() {
        assert_eq!(bmp(&[BITMAPINFOHEADER, 44, 33_u32.wrapping_neg(), 0, 0]).dimensions, Ok((44, 33)));
    }

    #[test]
    fn alpha_takes_a_mask_that_is_in_use() {
        assert!(header(BITMAPV5HEADER, BI_BITFIELDS, 0xFF00_0000, 0).has_alpha);
        assert!(!header(BITMAPV5HEADER, BI_BITFIELDS, 0, 0).has_alpha);
        assert!(!header(BITMAPV5HEADER, 0, 0xFF00_0000, 0).has_alpha);
    }

    #[test]
    fn only_the_newest_header_may_announce_a_profile() {
        assert!(header(BITMAPV5HEADER, 0, 0, PROFILE_EMBEDDED).has_color_profile);
        assert!(!header(BITMAPV5HEADER, 0, 0, 0).has_color_profile);
        assert!(!header(BITMAPV4HEADER, 0, 0, PROFILE_EMBEDDED).has_color_profile);
    }
}
