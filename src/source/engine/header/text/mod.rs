//! Where a file keeps words: XMP, Photoshop's resources and IPTC IIM, in the place that each format has for them. None is
//! looked into here.

mod gif;
mod isobmff;
mod jpeg;
mod jxl;
mod png;
mod tiff;
mod webp;

use std::ops::Range;

use crate::metadata::Format;
use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap, Known};
use crate::source::engine::text::{MAX_IIM, MAX_XMP, Packets, Xmp};

/// How far the search came with the bytes known so far.
#[derive(Debug, PartialEq, Eq)]
pub enum Search<'a> {
    Done(Packets<'a>),
    /// These bytes of the file have to be known; then search again.
    Need(Range<u64>),
}

/// Searches from the beginning of the file each time, and as far as it goes.
pub fn find(known: &Known, format: Format) -> Search<'_> {
    let mut packets = Packets::default();
    match fill(known.block(), format, &mut packets) {
        Ok(()) | Err(Gap::End) => Search::Done(packets),
        Err(Gap::Need(range)) => Search::Need(range),
    }
}

fn fill<'a>(file: Block<'a>, format: Format, packets: &mut Packets<'a>) -> Result<(), Gap> {
    match format {
        Format::Jpeg => jpeg::find(file, packets),
        Format::Png => png::find(file, packets),
        Format::Gif => gif::find(file, packets),
        Format::WebP => webp::find(file, packets),
        Format::Tiff => tiff::find(file, packets),
        Format::Avif | Format::Heic => isobmff::find(file, packets),
        Format::JpegXl => jxl::find(file, packets),
        // Icons and bitmaps have no place for it; what an SVG says of itself is of its drawing.
        Format::Bmp | Format::Ico | Format::Svg => Ok(()),
    }
}

impl<'a> Packets<'a> {
    /// Of several packets the first counts.
    fn add_xmp(&mut self, packet: Block<'a>, kind: fn(&'a [u8]) -> Xmp<'a>) -> Result<(), Gap> {
        if self.xmp.is_none() {
            self.xmp = self.bytes(packet, MAX_XMP)?.map(kind);
        }
        Ok(())
    }

    fn add_photoshop(&mut self, resources: Block<'a>) -> Result<(), Gap> {
        let held: usize = self.photoshop.iter().map(|part| part.len()).sum();
        let part = self.bytes(resources, MAX_IIM - held as u64)?;
        self.photoshop.extend(part);
        Ok(())
    }

    fn add_iim(&mut self, block: Block<'a>) -> Result<(), Gap> {
        self.iim = self.bytes(block, MAX_IIM)?;
        Ok(())
    }

    /// A length may be a lie: what ends before is as long as it is.
    fn bytes(&mut self, block: Block<'a>, most: u64) -> Result<Option<&'a [u8]>, Gap> {
        if block.len() > most && present(block.u8(most))?.is_some() {
            self.too_long = true;
            return Ok(None);
        }
        present(block.bytes(0, block.len().min(most)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XMP, the parts of Photoshop's resources, and IIM, as they are in the file.
    pub type Found = (Option<Vec<u8>>, Vec<Vec<u8>>, Option<Vec<u8>>);

    /// Searches at once, and again in just the pieces that are asked for.
    pub fn find(file: &[u8], format: Format) -> Found {
        let whole = Known::whole(file);
        let Search::Done(at_once) = super::find(&whole, format) else {
            panic!("needs more than the whole file");
        };
        let at_once = owned(&at_once);
        assert_eq!(in_pieces(file, format), at_once);
        at_once
    }

    fn owned(packets: &Packets<'_>) -> Found {
        let xmp = packets.xmp.as_ref().map(|packet| match packet {
            Xmp::Plain(bytes) | Xmp::Deflated(bytes) => bytes.to_vec(),
        });
        let parts = packets.photoshop.iter().map(|part| part.to_vec()).collect();
        (xmp, parts, packets.iim.map(<[u8]>::to_vec))
    }

    fn in_pieces(file: &[u8], format: Format) -> Found {
        let mut known = Known::default();
        loop {
            match super::find(&known, format) {
                Search::Done(found) => return owned(&found),
                Search::Need(range) => {
                    let end = (range.end as usize).min(file.len());
                    let start = (range.start as usize).min(end);
                    known.add(range.start, &file[start..end]);
                    if range.end > file.len() as u64 {
                        known.set_size(file.len() as u64);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let long = vec![0; MAX_XMP as usize + 1];
        let known = Known::whole([b"long", long.as_slice()].concat());
        let mut packets = Packets::default();
        packets.add_xmp(known.block().part(0, 4), Xmp::Plain).unwrap();
        packets.add_xmp(known.block(), Xmp::Plain).unwrap();
        assert_eq!((&packets.xmp, packets.too_long), (&Some(Xmp::Plain(b"long")), false));
        packets.add_photoshop(known.block().from(5)).unwrap();
        packets.add_photoshop(known.block().part(0, 1)).unwrap();
        assert!(packets.too_long && packets.photoshop.len() == 1);
    }
}
