//! JPEG: XMP in APP1 (ISO 16684-1 annex, XMP specification part 3 section 1.1.3), Photoshop's resources in APP13. What of a
//! long packet is in further segments, "extended XMP", holds no words and is left out.

use super::super::jpeg;
use super::{Packets, Xmp};
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const APP1: u8 = 0xE1;
const APP13: u8 = 0xED;

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    jpeg::walk(file, |marker, body| match marker {
        APP1 => behind(body, XMP)?.map_or(Ok(()), |packet| packets.add_xmp(packet, Xmp::Plain)),
        APP13 => behind(body, PHOTOSHOP)?.map_or(Ok(()), |part| packets.add_photoshop(part)),
        _ => Ok(()),
    })
}

fn behind<'a>(segment: Block<'a>, name: &[u8]) -> Result<Option<Block<'a>>, Gap> {
    let len = name.len() as u64;
    Ok(present(segment.bytes(0, len))?.filter(|start| *start == name).map(|_| segment.from(len)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use super::*;
    use crate::metadata::Format;

    fn segment(marker: u8, name: &[u8], body: &[u8]) -> Vec<u8> {
        let len = (2 + name.len() + body.len()) as u16;
        [&[0xFF, marker], &len.to_be_bytes()[..], name, body].concat()
    }

    #[test]
    fn packets_stand_in_segments_before_the_scan() {
        let file = [
            b"\xFF\xD8",
            &segment(APP1, b"Exif\0\0", b"MM")[..],
            &segment(APP13, PHOTOSHOP, b"8BIM"),
            &segment(APP1, XMP, b"<x/>"),
            &segment(APP1, XMP, b"<y/>"),
            &segment(APP13, b"Adobe_CM", b"no"),
            &segment(APP13, PHOTOSHOP, b"more"),
            b"\xFF\xDA",
            &segment(APP1, XMP, b"<z/>"),
        ]
        .concat();
        let parts = vec![b"8BIM".to_vec(), b"more".to_vec()];
        assert_eq!(find(&file, Format::Jpeg), (Some(b"<x/>".to_vec()), parts, None));
        assert_eq!(find(&file[..40], Format::Jpeg).0, None);
    }
}
