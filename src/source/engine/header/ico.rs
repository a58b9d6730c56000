//! ICO: Windows icons, a directory of pictures that are each a BMP without its file header, or a PNG.

use super::{Header, png};
use crate::metadata::Level;
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

pub const ENTRY_LEN: usize = 16;

/// More than any icon has; a bound on what a damaged count can cost.
const MAX_ENTRIES: u16 = 256;

/// An entry of the directory.
pub struct Entry {
    /// As it stands in the file.
    pub bytes: [u8; ENTRY_LEN],
    width: u64,
    height: u64,
    bits_per_pixel: u16,
    /// Where the picture starts.
    pub offset: u64,
}

pub fn read(file: Block<'_>, header: &mut Header) -> Result<(), Gap> {
    largest(file)?.map_or(Ok(()), |entry| picture(file.from(entry.offset), &entry, header))
}

/// The largest picture stands for the icon, and of those the one with the most colours.
pub fn largest(file: Block<'_>) -> Result<Option<Entry>, Gap> {
    let mut entries = Vec::new();
    for index in 0..u64::from(file.u16_le(4)?.min(MAX_ENTRIES)) {
        match present(file.array(6 + index * ENTRY_LEN as u64))? {
            Some(bytes) => entries.push(Entry::new(bytes)),
            None => break,
        }
    }
    Ok(entries.into_iter().max_by_key(|entry| (entry.width * entry.height, entry.bits_per_pixel)))
}

impl Entry {
    /// Width and height, of which 0 means 256; two bytes and two words on colours; size and offset of the
    /// picture.
    fn new(bytes: [u8; ENTRY_LEN]) -> Self {
        let [width, height, _, _, _, _, bits0, bits1, _, _, _, _, offset @ ..] = bytes;
        let side = |side: u8| if side == 0 { 256 } else { side.into() };
        Self {
            bytes,
            width: side(width),
            height: side(height),
            bits_per_pixel: u16::from_le_bytes([bits0, bits1]),
            offset: u32::from_le_bytes(offset).into(),
        }
    }
}

fn picture(picture: Block<'_>, entry: &Entry, header: &mut Header) -> Result<(), Gap> {
    header.set_dimensions(entry.width, entry.height);
    if present(picture.array(0))? == Some(png::SIGNATURE) {
        let reading = png::read(picture, Level::Header, header);
        header.density = None;
        return reading;
    }
    // biBitCount; the mask that every BMP has here besides is not an alpha channel.
    header.has_alpha = picture.u16_le(14)? == 32;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    /// Entries of side, bits and offset.
    fn ico(entries: &[(u8, u8, u8)], pictures: &[u8]) -> Header {
        let directory = entries.iter().flat_map(|(side, bits, offset)| {
            [*side, *side, 0, 0, 1, 0, *bits, 0, 0, 0, 0, 0, *offset, 0, 0, 0]
        });
        let head = [0, 0, 1, 0, entries.len() as u8, 0].into_iter().chain(directory);
        read(&head.chain(pictures.iter().copied()).collect::<Vec<_>>(), Level::Header).unwrap()
    }

    fn bmp(bits: u8) -> Vec<u8> {
        [&[40, 0, 0, 0], &[0; 10][..], &[bits, 0]].concat()
    }

    #[test]
    fn an_icon_is_its_largest_picture_of_most_colours() {
        let pictures = [bmp(4), bmp(32), bmp(8)].concat();
        let header = ico(&[(16, 4, 54), (48, 32, 70), (48, 8, 86)], &pictures);
        assert_eq!((header.dimensions, header.has_alpha), (Ok((48, 48)), true));
        assert!(!ico(&[(16, 4, 22)], &bmp(4)).has_alpha);
    }

    #[test]
    fn a_side_of_0_is_256() {
        assert_eq!(ico(&[(0, 32, 22)], &bmp(32)).dimensions, Ok((256, 256)));
    }

    #[test]
    fn a_png_speaks_for_itself() {
        let ihdr = b"\0\0\0\x0DIHDR\0\0\x02\0\0\0\x02\0\x08\x06\0\0\0CRC.";
        let header = ico(&[(0, 0, 22)], &[&png::SIGNATURE[..], ihdr].concat());
        assert_eq!((header.dimensions, header.has_alpha, header.density), (Ok((512, 512)), true, None));
    }
}
