//! GIF: an application extension (XMP specification part 3 section 1.1.2), before the frames or behind them. The packet stands
//! there as it is, so its signs are the lengths of sub-blocks, wherever they lead; what catches them all is a trailer of 257
//! bytes that count down.

use super::super::gif::{EXTENSION, Gif, IMAGE, MAX_BLOCKS};
use super::{Packets, Xmp};
use crate::source::engine::known::{Block, Gap};

/// Application extension, its length, identifier and authentication code.
const XMP: [u8; 14] = *b"\x21\xFF\x0BXMP DataXMP";
/// The trailer, of which the last is the empty sub-block.
const TRAILER: u64 = 258;

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let mut gif = Gif::new(file)?;
    while gif.blocks < MAX_BLOCKS && packets.xmp.is_none() {
        let start = gif.offset;
        match file.u8(start)? {
            EXTENSION => {
                let is_xmp = file.array(start)? == XMP;
                gif.extension()?;
                if is_xmp {
                    packet(file, start + XMP.len() as u64, gif.offset, packets)?;
                }
            }
            IMAGE => gif.image()?,
            _ => break,
        }
    }
    Ok(())
}

fn packet<'a>(file: Block<'a>, start: u64, end: u64, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let len = (end - start).checked_sub(TRAILER);
    len.map_or(Ok(()), |len| packets.add_xmp(file.part(start, len), Xmp::Plain))
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use super::*;
    use crate::metadata::Format;

    #[test]
    fn a_packet_is_an_extension_with_a_trailer() {
        let countdown: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
        assert_eq!(countdown.len() as u64, TRAILER);
        let screen = b"GIF89a\x05\0\x05\0\0\0\0" as &[u8];
        let frame = b"\x2C\0\0\0\0\x05\0\x05\0\0\x02\x01a\0" as &[u8];
        let packet = b"<x>some words in a packet</x>" as &[u8];
        let xmp = [&XMP[..], packet, &countdown].concat();
        for blocks in [[&xmp[..], frame, b"\x3B"], [frame, &xmp, b"\x3B"]] {
            let file = [screen, &blocks.concat()].concat();
            assert_eq!(find(&file, Format::Gif).0, Some(packet.to_vec()));
        }
        assert_eq!(find(&[screen, &xmp[..40]].concat(), Format::Gif).0, None);
        assert_eq!(find(&[screen, &XMP[..], b"\x01a\0", frame].concat(), Format::Gif).0, None);
    }
}
