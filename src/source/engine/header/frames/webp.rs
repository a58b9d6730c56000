//! WebP: the ANMF chunks of an animation, RFC 9649 section 2.7.1.1.

use super::super::webp::{ANIMATION, MAX_CHUNKS, chunk};
use super::{CUT, Stop, too_many};
use crate::source::engine::known::Block;

/// The chunks of a file end where its RIFF header says (section 2.4).
pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    let end = 8 + u64::from(file.u32_le(4)?);
    let (kind, body, mut offset) = chunk(file, 12)?;
    if &kind != b"VP8X" || body.u8(0)? & ANIMATION == 0 {
        return Ok(1);
    }
    let mut frames = 0;
    for _ in 0..MAX_CHUNKS {
        if offset >= end {
            return Ok(frames);
        }
        let (kind, _, next) = chunk(file, offset)?;
        if next > file.len() {
            return Err(CUT.into());
        }
        frames += u64::from(&kind == b"ANMF");
        offset = next;
    }
    Err(too_many("chunks", MAX_CHUNKS))
}

#[cfg(test)]
mod tests {
    use super::super::tests::count;
    use super::*;
    use crate::error::Error;
    use crate::metadata::Format;

    fn webp(flags: u8, chunks: &[&[u8]]) -> Vec<u8> {
        let canvas = [b"VP8X\x0A\0\0\0", &[flags][..], b"\0\0\0\x04\0\0\x04\0\0"].concat();
        let chunks = [canvas, chunks.concat()].concat();
        [b"RIFF", &(4 + chunks.len() as u32).to_le_bytes()[..], b"WEBP", &chunks].concat()
    }

    #[test]
    fn an_animation_has_a_chunk_for_each_frame() {
        let frame = b"ANMF\x03\0\0\0abc\0";
        let parts: [&[u8]; 4] = [b"ANIM\x06\0\0\0abcdef", frame, frame, b"EXIF\0\0\0\0"];
        let file = webp(ANIMATION, &parts);
        assert_eq!(count(&file, Format::WebP), Ok(2));
        assert_eq!(count(&[&file[..], frame].concat(), Format::WebP), Ok(2), "behind the end");
        assert_eq!(count(&webp(0, &parts), Format::WebP), Ok(1));
        for missing in 1..20 {
            let cut = count(&file[..file.len() - missing], Format::WebP);
            assert!(matches!(cut, Err(Error::CorruptImage(_))), "{missing}: {cut:?}");
        }
    }

    #[test]
    fn a_simple_picture_is_one() {
        assert_eq!(count(b"RIFF\x0E\0\0\0WEBPVP8L\x02\0\0\0\x2F\0", Format::WebP), Ok(1));
    }
}
