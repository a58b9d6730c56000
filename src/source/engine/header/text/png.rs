//! PNG: iTXt with XMP's keyword (PNG third edition section 11.3.3.4; XMP specification part 3 section 1.1.5), before the pixels
//! or behind them.

use super::super::png::{MAX_CHUNKS, SIGNATURE};
use super::{Packets, Xmp};
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

const KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let mut offset = SIGNATURE.len() as u64;
    for _ in 0..MAX_CHUNKS {
        let [a, b, c, d, kind @ ..] = file.array::<8>(offset)?;
        let len = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"iTXt" => text(file.part(offset + 8, len), packets)?,
            b"IEND" => break,
            _ => {}
        }
        if packets.xmp.is_some() {
            break;
        }
        // Length, type and CRC surround the data.
        offset += 12 + len;
    }
    Ok(())
}

/// Behind the keyword: whether it is compressed, and how; a language and a translation, each with a NUL behind it.
fn text<'a>(body: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    if present(body.bytes(0, KEYWORD.len() as u64))? != Some(KEYWORD) {
        return Ok(());
    }
    let flags = KEYWORD.len() as u64;
    let Some([compressed, _]) = present(body.array(flags))? else { return Ok(()) };
    let mut start = flags + 2;
    for _ in 0..2 {
        start += until_nul(body.from(start))? + 1;
    }
    packets.add_xmp(body.from(start), if compressed == 1 { Xmp::Deflated } else { Xmp::Plain })
}

/// Languages and translations have some bytes.
fn until_nul(block: Block<'_>) -> Result<u64, Gap> {
    const MAX_NAME: u64 = 256;
    for place in 0..MAX_NAME {
        if block.u8(place)? == 0 {
            return Ok(place);
        }
    }
    Err(Gap::End)
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use super::*;
    use crate::metadata::Format;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32).to_be_bytes(), kind, data, b"CRC."].concat()
    }

    fn packet(file: &[Vec<u8>]) -> Option<Vec<u8>> {
        find(&[&SIGNATURE[..], &file.concat()].concat(), Format::Png).0
    }

    #[test]
    fn a_packet_stands_before_or_behind_the_pixels() {
        let xmp = chunk(b"iTXt", &[KEYWORD, b"\0\0en\0XMP\0<x/>"].concat());
        let other = chunk(b"iTXt", b"Title\0\0\0\0\0<y/>");
        let [pixels, end] = [chunk(b"IDAT", &[7; 300]), chunk(b"IEND", b"")];
        for order in [[&xmp, &pixels, &end], [&pixels, &xmp, &end]] {
            let file: Vec<_> = order.into_iter().cloned().collect();
            assert_eq!(packet(&file), Some(b"<x/>".to_vec()));
        }
        assert_eq!(packet(&[other, pixels, end, xmp]), None);
        assert_eq!(packet(&[chunk(b"iTXt", KEYWORD)]), None);
        assert_eq!(packet(&[chunk(b"iTXt", &[KEYWORD, b"\0\0", &[b'a'; 300], b"\0\0<x/>"].concat())]), None);
    }
}
