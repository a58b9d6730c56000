//! PNG third edition, section 5: chunks up to IEND. The pixels of a still, and of an animation those of its first frame, are
//! had long before.

use std::io::{self, BufRead, Seek};

use super::{array, skip};

/// A CRC of four bytes follows the data of a chunk.
const CRC: u64 = 4;

/// An animation has the frames that it speaks of (section 11.3.6.1).
pub fn is_whole(mut file: impl BufRead + Seek, len: u64) -> io::Result<bool> {
    let _signature: [u8; 8] = array(&mut file)?;
    let (mut announced, mut frames) = (0, 0_u64);
    loop {
        let size = u64::from(u32::from_be_bytes(array(&mut file)?));
        let kind: [u8; 4] = array(&mut file)?;
        let mut left = size + CRC;
        match &kind {
            b"acTL" if announced == 0 => {
                announced = u32::from_be_bytes(array(&mut file)?).into();
                left = left.saturating_sub(4);
            }
            b"fcTL" => frames += 1,
            _ => {}
        }
        if !skip(&mut file, left, len)? {
            return Ok(false);
        }
        if kind == *b"IEND" {
            return Ok(frames >= announced);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{is_whole_to_its_last_byte, whole};
    use crate::metadata::Format;

    type Chunk = (&'static [u8; 4], &'static [u8]);

    fn png(chunks: &[Chunk]) -> Vec<u8> {
        let chunk =
            |(kind, data): &Chunk| [&(data.len() as u32).to_be_bytes(), &kind[..], data, b"CRC."].concat();
        [&b"\x89PNG\r\n\x1A\n"[..], &chunks.iter().flat_map(chunk).collect::<Vec<_>>()].concat()
    }

    #[test]
    fn a_png_ends_with_the_crc_of_its_last_chunk() {
        let pixels: Chunk = (b"IDAT", b"....IEND....");
        is_whole_to_its_last_byte(Format::Png, &png(&[(b"IHDR", &[0; 13]), pixels, (b"IEND", b"")]));
        assert!(!whole(Format::Png, &png(&[(b"IHDR", &[0; 13]), pixels])));
        assert!(!whole(Format::Png, b"\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFFIDAT"));
    }

    #[test]
    fn an_animation_has_all_its_frames() {
        let control: Chunk = (b"acTL", b"\0\0\0\x02\0\0\0\0");
        let (frame, pixels): (Chunk, Chunk) = ((b"fcTL", &[0; 26]), (b"fdAT", b"...."));
        let end: Chunk = (b"IEND", b"");
        is_whole_to_its_last_byte(Format::Png, &png(&[control, frame, pixels, frame, pixels, end]));
        assert!(!whole(Format::Png, &png(&[control, frame, pixels, end])), "one of two");
    }
}
