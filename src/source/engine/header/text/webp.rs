//! WebP: the chunk `XMP ` that VP8X announces (RFC 9649, section 2.7.1.5).

use super::super::webp::{MAX_CHUNKS, chunk};
use super::{Packets, Xmp};
use crate::source::engine::known::{Block, Gap};

/// A flag of VP8X.
const XMP: u8 = 0x04;

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let (kind, body, mut offset) = chunk(file, 12)?;
    if &kind != b"VP8X" || body.u8(0)? & XMP == 0 {
        return Ok(());
    }
    for _ in 0..MAX_CHUNKS {
        let (kind, body, next) = chunk(file, offset)?;
        if &kind == b"XMP " {
            return packets.add_xmp(body, Xmp::Plain);
        }
        offset = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use crate::metadata::Format;

    #[test]
    fn a_packet_takes_both_a_flag_and_a_chunk() {
        let file = |flags: u8, chunks: &[&[u8]]| {
            let start = [b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0", &[flags][..], &[0; 9]].concat();
            find(&[start, chunks.concat()].concat(), Format::WebP).0
        };
        let (pixels, xmp) = (b"VP8 \x03\0\0\0abc\0" as &[u8], b"XMP \x04\0\0\0<x/>" as &[u8]);
        assert_eq!(file(0x04, &[pixels, xmp]), Some(b"<x/>".to_vec()));
        assert_eq!(file(0, &[pixels, xmp]), None);
        assert_eq!(file(0x04, &[pixels]), None);
        assert_eq!(file(0x04, &[pixels, &xmp[..10]]), Some(b"<x".to_vec()), "as far as it goes");
    }
}
