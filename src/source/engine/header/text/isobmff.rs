//! AVIF and HEIC: an item of the type `mime` (ISO/IEC 23008-12 annex A.3).

use super::super::isobmff;
use super::{Packets, Xmp};
use crate::source::engine::known::{Block, Gap};

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let Some(item) = isobmff::xmp(file)? else { return Ok(()) };
    packets.add_xmp(item, Xmp::Plain)
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use crate::metadata::Format;

    fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&(8 + body.len() as u32).to_be_bytes(), kind, body.as_slice()].concat()
    }

    /// Items 1 and 2 are `mime`, of these types, in idat.
    fn file(types: [&[u8]; 2]) -> Vec<u8> {
        let full = [0; 4];
        let info = |item, content| {
            boxed(b"infe", &[&[2, 0, 0, 0, 0, item, 0, 0], b"mime", b"name\0", content, b"\0"])
        };
        let extent = |item, offset| [0, item, 0, 1, 0, 0, 0, 1, 0, 0, 0, offset, 0, 0, 0, 4];
        let meta = [
            boxed(b"pitm", &[&full, &[0, 9]]),
            boxed(b"iinf", &[&full, &[0, 2], &info(1, types[0]), &info(2, types[1])]),
            boxed(b"iprp", &[]),
            boxed(b"idat", &[b"<x/><y/>"]),
            boxed(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 2], &extent(1, 0), &extent(2, 4)]),
        ];
        [boxed(b"ftyp", &[b"avif\0\0\0\0"]), boxed(b"meta", &[&full, &meta.concat()])].concat()
    }

    #[test]
    fn a_packet_is_an_item_of_its_type() {
        let packet = |types| find(&file(types), Format::Avif).0;
        assert_eq!(packet([b"text/plain", b"application/rdf+xml"]), Some(b"<y/>".to_vec()));
        assert_eq!(packet([b"application/rdf+xml", b"application/rdf+xml"]), Some(b"<x/>".to_vec()));
        assert_eq!(packet([b"text/plain", b"application/rdf+xmlish"]), None);
    }
}
