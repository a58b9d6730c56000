//! TIFF: tags of IFD0 (XMP specification part 3 section 1.1.7; TIFF Tech Note 3).

use super::{Packets, Xmp};
use crate::source::engine::exif::Tiff;
use crate::source::engine::known::{Block, Gap};

const XMP: u16 = 700;
/// IPTC-NAA, IIM as it is.
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;

pub fn find<'a>(file: Block<'a>, packets: &mut Packets<'a>) -> Result<(), Gap> {
    let Some(tiff) = Tiff::new(file)? else { return Ok(()) };
    let directory = tiff.directory(tiff.ifd0)?;
    let value = |tag| directory.entry(tag).map(|entry| file.part(entry.place, entry.size()));
    value(XMP).map_or(Ok(()), |packet| packets.add_xmp(packet, Xmp::Plain))?;
    match (value(IPTC), value(PHOTOSHOP)) {
        (Some(block), _) => packets.add_iim(block),
        (None, Some(resources)) => packets.add_photoshop(resources),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::find;
    use crate::metadata::Format;
    use crate::source::engine::exif::build::block;

    #[test]
    fn packets_are_values_of_tags() {
        let xmp = (700, 1, 5, b"<x/>\0" as &[u8]);
        let (iptc, photoshop) =
            ((33_723, 4, 2, b"\x1C\x02\x05\0\x01a\0\0" as &[u8]), (34_377, 7, 6, b"8BIM.." as &[u8]));
        let found = find(&block(&[&[xmp, iptc, photoshop]]), Format::Tiff);
        assert_eq!(found, (Some(b"<x/>\0".to_vec()), vec![], Some(iptc.3.to_vec())));
        assert_eq!(find(&block(&[&[photoshop]]), Format::Tiff), (None, vec![b"8BIM..".to_vec()], None));
        let lie = block(&[&[(700, 1, u32::MAX, b"\xFF\xFF\xFF\0"), iptc]]);
        assert_eq!(find(&lie, Format::Tiff), (Some(vec![]), vec![], Some(iptc.3.to_vec())));
        let whole = block(&[&[iptc]]);
        assert_eq!(
            find(&whole[..whole.len() - 3], Format::Tiff).2,
            Some(iptc.3[..5].to_vec()),
            "as far as it goes"
        );
    }
}
