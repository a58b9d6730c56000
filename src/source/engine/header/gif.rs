//! GIF: the GIF89a specification, sections 18 to 26.

use super::Header;
use crate::metadata::Level;
use crate::source::engine::known::{Block, Gap};

/// Blocks and sub-blocks, of which each but the last has 255 bytes: 256 MB. A bound on what a file of tiny
/// ones can cost.
pub const MAX_BLOCKS: usize = 1 << 20;

pub const EXTENSION: u8 = 0x21;
pub const IMAGE: u8 = 0x2C;
pub const GRAPHIC_CONTROL: u8 = 0xF9;

/// Reads up to the first frame, or where alpha is wanted up to the first transparent one: there is alpha if any
/// frame has it, so a GIF without it is read to its end.
pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    let screen = (file.u16_le(6)?.into(), file.u16_le(8)?.into());
    header.set_dimensions(screen.0, screen.1);
    let mut gif = Gif::new(file)?;
    let mut first = true;
    let mut transparent = false;
    while !header.has_alpha && gif.blocks < MAX_BLOCKS {
        match file.u8(gif.offset)? {
            EXTENSION => transparent |= gif.extension()?,
            IMAGE => {
                if first {
                    let (width, height) = grown(screen, gif.frame_extent()?);
                    header.set_dimensions(width, height);
                }
                header.has_alpha = transparent;
                first = false;
                if level < Level::Frames {
                    break;
                }
                gif.image()?;
            }
            _ => break,
        }
    }
    Ok(())
}

/// The size that libnsgif, and so ImageKit, gives a picture: the first frame may exceed the screen, and
/// replaces a screen of a size that old programs wrote without regard to the picture.
fn grown(screen: (u64, u64), extent: (u64, u64)) -> (u64, u64) {
    const MAX_SCREEN: u64 = 2048;
    match screen {
        (640, 480 | 512) | (800, 600) | (1024, 768) | (1280, 1024) | (1600, 1200) | (0, _) | (_, 0) => extent,
        (width, height) if width > MAX_SCREEN || height > MAX_SCREEN => extent,
        (width, height) => (width.max(extent.0), height.max(extent.1)),
    }
}

/// Bytes of a colour table, by the packed fields of a screen or image descriptor.
pub fn color_table(packed: u8) -> u64 {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// A walk over the blocks of a file.
pub struct Gif<'a> {
    file: Block<'a>,
    /// Of the next block.
    pub offset: u64,
    pub blocks: usize,
}

impl<'a> Gif<'a> {
    /// Behind the logical screen (section 18) and its colour table.
    pub fn new(file: Block<'a>) -> Result<Self, Gap> {
        Ok(Self { file, offset: 13 + color_table(file.u8(10)?), blocks: 0 })
    }

    /// Section 23: whether this is a graphic control extension with a transparent colour.
    pub fn extension(&mut self) -> Result<bool, Gap> {
        let [_, label, _, packed] = self.file.array(self.offset)?;
        self.offset += 2;
        self.sub_blocks()?;
        Ok(label == GRAPHIC_CONTROL && packed & 1 == 1)
    }

    /// Section 20: left, top, width and height lead to the right and bottom edges.
    fn frame_extent(&self) -> Result<(u64, u64), Gap> {
        let at = |place| self.file.u16_le(self.offset + place).map(u64::from);
        Ok((at(1)? + at(5)?, at(3)? + at(7)?))
    }

    /// Sections 20 to 22: image descriptor, local colour table, code size of LZW, pixels.
    pub fn image(&mut self) -> Result<(), Gap> {
        self.offset = self.pixels()?;
        self.sub_blocks()
    }

    /// Where the first sub-block of this image's pixels is.
    pub fn pixels(&self) -> Result<u64, Gap> {
        Ok(self.offset + 11 + color_table(self.file.u8(self.offset + 9)?))
    }

    /// Section 15: sub-blocks up to an empty one, each with its length before it.
    fn sub_blocks(&mut self) -> Result<(), Gap> {
        while self.blocks < MAX_BLOCKS {
            let len = self.file.u8(self.offset)?;
            self.offset += 1 + u64::from(len);
            self.blocks += 1;
            if len == 0 {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reading;
    use super::super::tests::read;
    use super::*;
    use crate::source::engine::known::Known;

    const OPAQUE: &[u8] = b"\x21\xF9\x04\0\x0A\0\0\0";
    const TRANSPARENT: &[u8] = b"\x21\xF9\x04\x01\x0A\0\0\0";
    const COMMENT: &[u8] = b"\x21\xFE\x03\x21\xF9\x04\0";
    /// 10 x 20 pixels at (3, 4), with a colour table of its own.
    const IMAGE: &[u8] = b"\x2C\x03\0\x04\0\x0A\0\x14\0\x80RGBRGB\x02\x03abc\x02de\0";

    fn gif(width: u16, height: u16, blocks: &[&[u8]]) -> Header {
        let screen = [width.to_le_bytes(), height.to_le_bytes()].concat();
        let file = [b"GIF89a", &screen[..], b"\x80\0\0RGBRGB", &blocks.concat(), b"\x3B"].concat();
        read(&file, Level::Frames).unwrap()
    }

    #[test]
    fn what_follows_the_first_frame_is_read_for_alpha_only() {
        let screen = b"GIF89a\x32\0\x32\0\x80\0\0RGBRGB";
        let pixels = [&[255][..], &[0; 255]].concat().repeat(20);
        let mut known = Known::default();
        known.add(0, [screen, OPAQUE, &IMAGE[..17], &pixels].concat());
        let reading = super::super::read(&known, Level::Header);
        assert!(matches!(reading, Reading::Done(Ok(header)) if header.dimensions == Ok((50, 50))));
        assert!(matches!(super::super::read(&known, Level::Frames), Reading::Need(_)));
    }

    #[test]
    fn alpha_is_that_of_any_frame() {
        assert!(!gif(50, 50, &[IMAGE]).has_alpha);
        assert!(!gif(50, 50, &[OPAQUE, IMAGE, COMMENT, OPAQUE, IMAGE]).has_alpha);
        assert!(gif(50, 50, &[OPAQUE, IMAGE, TRANSPARENT, COMMENT, IMAGE]).has_alpha);
        // No frame follows.
        assert!(!gif(50, 50, &[OPAQUE, IMAGE, TRANSPARENT]).has_alpha);
    }

    #[test]
    fn the_first_frame_may_exceed_the_screen() {
        assert_eq!(gif(50, 50, &[IMAGE]).dimensions, Ok((50, 50)));
        assert_eq!(gif(12, 50, &[IMAGE]).dimensions, Ok((13, 50)));
        assert_eq!(gif(50, 50, &[]).dimensions, Ok((50, 50)));
        assert_eq!(gif(5, 5, &[b"\x2C\0\0\0\0\x06\0\x07\0\0\x02\0", IMAGE]).dimensions, Ok((6, 7)));
    }

    #[test]
    fn a_screen_as_old_programs_wrote_it_counts_for_nothing() {
        for (width, height) in [(640, 480), (0, 50), (2049, 50)] {
            assert_eq!(gif(width, height, &[IMAGE]).dimensions, Ok((13, 24)));
        }
    }
}
