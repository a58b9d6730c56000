//! Which format a file has, by its first bytes; neither extension nor Content-Type have a say.

use crate::metadata::Format;
use crate::source::engine::known::{Gap, Known};

/// Bytes that tell every binary format, the brands of a usual ftyp box included.
const SIGNATURE: u64 = 64;

/// Bytes within which the root element of an SVG has to begin: licences and DTD subsets stand before it.
pub const PROLOG: u64 = 16 << 10;

/// ISO/IEC 18181-1: what a codestream of JPEG XL begins with.
pub const JXL_CODESTREAM: [u8; 2] = [0xFF, 0x0A];

/// `None` for what is not an image.
pub fn sniff(file: &Known) -> Result<Option<Format>, Gap> {
    let head = start(file, SIGNATURE)?;
    if let Some(format) = binary(head) {
        return Ok(Some(format));
    }
    if !text(head).starts_with(b"<") {
        return Ok(None);
    }
    Ok(svg(start(file, PROLOG)?).map(|_| Format::Svg))
}

/// The first `len` bytes, or all of a shorter file.
fn start(file: &Known, len: u64) -> Result<&[u8], Gap> {
    let len = len.min(file.block().len());
    match file.block().bytes(0, len) {
        Err(Gap::End) => Ok(file.prefix()),
        reading => reading,
    }
}

fn binary(head: &[u8]) -> Option<Format> {
    Some(match head {
        // ITU T.81 section B.2.1: SOI, then a marker.
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', 13, 10, 26, 10, ..] => Format::Png,
        [b'G', b'I', b'F', b'8', _, b'a', ..] => Format::Gif,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
        // 42 is TIFF, 43 BigTIFF.
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Format::Tiff,
        [b'B', b'M', ..] if has_bitmap_header(head) => Format::Bmp,
        // Reserved, type 1 (2 is a cursor), number of images.
        [0, 0, 1, 0, 1..=255, 0, ..] => Format::Ico,
        // ISO/IEC 18181-2: the codestream, or a container's signature box.
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', 13, 10, 0x87, 10, ..] => Format::JpegXl,
        [a, b, c, d, b'f', b't', b'y', b'p', brands @ ..] => {
            let size = u32::from_be_bytes([*a, *b, *c, *d]).saturating_sub(8) as usize;
            return brand(brands.get(..size).unwrap_or(brands));
        }
        _ => return None,
    })
}

/// Two letters are not much, so the size of the header behind the file header has to be one in use.
fn has_bitmap_header(head: &[u8]) -> bool {
    matches!(head.get(14..18), Some([12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// ISO/IEC 23008-12 section 10 and AV1 Image File Format section 6: the major brand, its version, compatible
/// brands. `mif1` alone tells that it is an image, but not how it is coded.
fn brand(brands: &[u8]) -> Option<Format> {
    let brands = brands.as_chunks::<4>().0.iter();
    let mut coded = brands.clone().filter_map(|brand| match brand {
        b"avif" | b"avis" => Some(Format::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => Some(Format::Heic),
        _ => None,
    });
    let mut unspecific = brands.filter(|brand| matches!(*brand, b"mif1" | b"mif2" | b"msf1"));
    coded.next().or_else(|| unspecific.next().map(|_| Format::Heic))
}

/// What follows a byte order mark and white space.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start()
}

/// An SVG from its root element on.
pub struct Svg<'a> {
    pub root: &'a [u8],
    /// The document type declares something, such as entities.
    pub declares: bool,
}

/// XML 1.0 section 2.8: declaration, comments, processing instructions and doctype, then the root element.
pub fn svg(file: &[u8]) -> Option<Svg<'_>> {
    let mut svg = Svg { root: text(file), declares: false };
    loop {
        let rest = if svg.root.starts_with(b"<?") {
            after(svg.root, b"?>")
        } else if svg.root.starts_with(b"<!--") {
            after(svg.root, b"-->")
        } else if svg.root.starts_with(b"<!DOCTYPE") {
            let (rest, declares) = after_doctype(svg.root)?;
            svg.declares |= declares;
            Some(rest)
        } else {
            let name_ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b':');
            return svg.root.strip_prefix(b"<svg")?.first().filter(|byte| name_ends(byte)).map(|_| svg);
        };
        svg.root = rest?.trim_ascii_start();
    }
}

fn after<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let place = text.windows(end.len()).position(|window| window == end)?;
    text.get(place + end.len()..)
}

/// A doctype may hold declarations of its own in brackets.
fn after_doctype(text: &[u8]) -> Option<(&[u8], bool)> {
    let stop = text.iter().position(|byte| matches!(byte, b'[' | b'>'))?;
    match text.get(stop) {
        Some(b'[') => Some((after(after(text, b"]")?, b">")?, true)),
        _ => Some((text.get(stop + 1..)?, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(bytes: &[u8]) -> Option<Format> {
        sniff(&Known::whole(bytes)).unwrap()
    }

    #[test]
    fn an_isobmff_file_is_an_image_by_its_brands() {
        assert_eq!(format(b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf"), Some(Format::Avif));
        assert_eq!(format(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"), Some(Format::Avif));
        assert_eq!(format(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"), Some(Format::Heic));
        assert_eq!(format(b"\0\0\0\x14ftypmif1\0\0\0\0mif1"), Some(Format::Heic));
        assert_eq!(format(b"\0\0\0\x14ftypisom\0\0\0\0isom"), None);
        // A brand behind the end of the box is none.
        assert_eq!(format(b"\0\0\0\x14ftypisom\0\0\0\0isomavif"), None);
    }

    #[test]
    fn an_svg_is_known_by_its_root_element() {
        assert_eq!(format(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Some(Format::Svg));
        assert_eq!(format(b"\xEF\xBB\xBF\n<?xml version='1.0'?>\n<!-- <html> -->\n<svg>"), Some(Format::Svg));
        assert_eq!(format(b"<!DOCTYPE svg [ <!ENTITY a 'b'> ]><svg:svg>"), Some(Format::Svg));
        assert_eq!(format(b"<!DOCTYPE html><html><svg></svg></html>"), None);
        assert_eq!(format(b"<svgx>"), None);
        assert_eq!(format(b"<!-- <svg>"), None);
        assert_eq!(format(b"{\"image\": \"<svg>\"}"), None);
    }

    #[test]
    fn what_looks_like_an_image_only_at_first_is_none() {
        assert_eq!(format(b""), None);
        assert_eq!(format(b"\xFF\xD8"), None);
        assert_eq!(format(b"BMW is a brand of cars"), None);
        assert_eq!(format(b"RIFF\0\0\0\0WAVEfmt "), None);
        // A cursor.
        assert_eq!(format(b"\0\0\x02\0\x01\0\x10\x10"), None);
    }

    #[test]
    fn asks_for_the_start_of_a_file_that_nobody_has_read() {
        assert_eq!(sniff(&Known::default()), Err(Gap::Need(0..64)));
        let mut known = Known::default();
        known.set_size(5);
        assert_eq!(sniff(&known), Err(Gap::Need(0..5)));
        known.add(0, b"<svg>");
        assert_eq!(sniff(&known), Ok(Some(Format::Svg)));
    }
}
