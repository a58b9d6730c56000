//! PNG third edition, section 11.3.6.1: an animation says in acTL how many frames it has, before its pixels.

use super::super::png::{MAX_CHUNKS, SIGNATURE};
use super::{Stop, too_many};
use crate::source::engine::known::Block;

pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    let mut offset = SIGNATURE.len() as u64;
    for _ in 0..MAX_CHUNKS {
        let [a, b, c, d, kind @ ..] = file.array::<8>(offset)?;
        match &kind {
            // An animation of no frames is none.
            b"acTL" => return Ok(u64::from(file.u32_be(offset + 8)?).max(1)),
            b"IDAT" | b"IEND" => return Ok(1),
            _ => offset += 12 + u64::from(u32::from_be_bytes([a, b, c, d])),
        }
    }
    Err(too_many("chunks", MAX_CHUNKS))
}

#[cfg(test)]
mod tests {
    use super::super::tests::count;
    use super::*;
    use crate::error::Error;
    use crate::metadata::Format;

    const PIXELS: (&[u8; 4], &[u8]) = (b"IDAT", b"pixels");

    fn control(frames: u16) -> Vec<u8> {
        [&[0; 2], &frames.to_be_bytes()[..], &[0; 4]].concat()
    }

    fn counted(chunks: &[(&[u8; 4], &[u8])]) -> Result<u64, Error> {
        let chunk = |(kind, data): &(&[u8; 4], &[u8])| {
            [&(data.len() as u32).to_be_bytes(), &kind[..], data, b"CRC."].concat()
        };
        let chunks = [&[(b"IHDR", &[0; 13][..])], chunks].concat();
        count(&[&SIGNATURE[..], &chunks.iter().flat_map(chunk).collect::<Vec<_>>()].concat(), Format::Png)
    }

    #[test]
    fn an_animation_says_so_before_its_pixels() {
        assert_eq!(counted(&[PIXELS]), Ok(1));
        assert_eq!(counted(&[(b"acTL", &control(258)), PIXELS]), Ok(258));
        assert_eq!(counted(&[PIXELS, (b"acTL", &control(9))]), Ok(1));
        assert_eq!(counted(&[(b"acTL", &control(0)), PIXELS]), Ok(1));
        assert!(matches!(counted(&[]), Err(Error::CorruptImage(_))));
    }
}
