//! GIF: its image descriptors.

use super::super::gif::{EXTENSION, Gif, IMAGE, MAX_BLOCKS};
use super::{Stop, too_many};
use crate::source::engine::known::Block;

/// Many writers leave out the trailer.
pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    let mut gif = Gif::new(file)?;
    let mut frames = 0;
    while gif.offset < file.len() {
        match file.u8(gif.offset)? {
            EXTENSION => drop(gif.extension()?),
            IMAGE => {
                gif.image()?;
                frames += 1;
            }
            _ => break,
        }
        if gif.blocks >= MAX_BLOCKS {
            return Err(too_many("blocks", MAX_BLOCKS));
        }
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Header, frames};
    use super::super::Counting;
    use super::super::tests::count;
    use crate::error::Error;
    use crate::metadata::Format;
    use crate::source::engine::known::Known;

    const SCREEN: &[u8] = b"GIF89a\x05\0\x05\0\x80\0\0RGBRGB";
    const CONTROL: &[u8] = b"\x21\xF9\x04\x01\x0A\0\0\0";
    const FRAME: &[u8] = b"\x2C\0\0\0\0\x05\0\x05\0\x80RGBRGB\x02\x03abc\x02de\0";

    fn gif(blocks: &[&[u8]]) -> Vec<u8> {
        [SCREEN, &blocks.concat()].concat()
    }

    #[test]
    fn every_image_is_a_frame_and_what_follows_the_trailer_is_none() {
        let file = gif(&[CONTROL, FRAME, CONTROL, FRAME, FRAME, b"\x3B", FRAME]);
        assert_eq!(count(&file, Format::Gif), Ok(3));
        assert_eq!(count(&gif(&[FRAME]), Format::Gif), Ok(1), "without a trailer");
    }

    #[test]
    fn a_frame_that_is_cut_is_not_counted() {
        let file = gif(&[FRAME, CONTROL, FRAME]);
        for missing in 1..FRAME.len() {
            let count = count(&file[..file.len() - missing], Format::Gif);
            assert!(matches!(count, Err(Error::CorruptImage(_))), "{missing}: {count:?}");
        }
        assert!(matches!(count(&gif(&[CONTROL]), Format::Gif), Err(Error::CorruptImage(_))));
    }

    #[test]
    fn blocks_without_end_are_too_many() {
        let file = Known::whole(gif(&[b"\x21\xFE", &b"\x01a".repeat(1 << 20), b"\0"]));
        let count = frames::count(&file, &Header::new(Format::Gif));
        assert!(matches!(count, Counting::Done(Err(Error::TooLarge { .. }))));
    }
}
