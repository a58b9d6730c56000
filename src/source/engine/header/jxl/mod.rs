//! JPEG XL: ISO/IEC 18181-2 (the file format) around a codestream of ISO/IEC 18181-1, or that alone.

mod bits;
mod codestream;

use super::isobmff::{BoxAt, exif_behind_offset};
use super::{Header, embedded_exif, magic};
use crate::metadata::{Exif, Level};
use crate::source::engine::exif::{self, present};
use crate::source::engine::known::{Block, Gap};

/// Boxes up to the codestream and the EXIF, of which there are five as a rule.
pub const MAX_BOXES: usize = 64;

pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    if file.array(0)? == magic::JXL_CODESTREAM {
        return codestream::read(&[file], header);
    }
    let mut boxes = Boxes::default();
    let mut offset = 0;
    for _ in 0..MAX_BOXES {
        if boxes.headers_read && (boxes.exif_read || level < Level::Exif) {
            break;
        }
        let found = BoxAt::read(file, offset)?;
        offset = found.end;
        boxes.read(&found, level, header)?;
    }
    Ok(())
}

#[derive(Default)]
struct Boxes<'a> {
    /// Of the codestream.
    parts: Vec<Block<'a>>,
    headers_read: bool,
    exif_read: bool,
}

impl<'a> Boxes<'a> {
    fn read(&mut self, found: &BoxAt<'a>, level: Level, header: &mut Header) -> Result<(), Gap> {
        match &found.kind {
            b"jxlc" => self.part(found.body, header),
            // Behind its number.
            b"jxlp" => self.part(found.body.from(4), header),
            b"Exif" if !self.exif_read && level >= Level::Exif => {
                header.exif = exif_of(found.body)?;
                self.exif_read = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The codestream is in one box, or in parts, whose first may end in the midst of the headers.
    fn part(&mut self, part: Block<'a>, header: &mut Header) -> Result<(), Gap> {
        if !self.headers_read {
            self.parts.push(part);
            self.headers_read = present(codestream::read(&self.parts, header))?.is_some();
        }
        Ok(())
    }
}

/// As in HEIF. pillow-jxl-plugin leaves the offset out.
fn exif_of(body: Block<'_>) -> Result<Option<Exif>, Gap> {
    let start = present(body.array(0))?.unwrap_or_default();
    if matches!(&start, b"II*\0" | b"MM\0*") {
        return exif::read(embedded_exif(body)?);
    }
    exif_behind_offset(body)
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    const SIGNATURE: &[u8] = b"\0\0\0\x0CJXL \x0D\x0A\x87\x0A\0\0\0\x14ftypjxl \0\0\0\0jxl ";
    /// 8 x 8, everything else as usual.
    const CODESTREAM: &[u8] = b"\xFF\x0A\x41\x02";
    const EXIF: &[u8] = b"\0\0\0\x16Exif\0\0\0\0MM\0\x2A\0\0\0\x08\0\0";

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(8 + body.len() as u32).to_be_bytes(), &kind[..], body].concat()
    }

    fn file(boxes: &[&[u8]]) -> Vec<u8> {
        [SIGNATURE, &boxes.concat()].concat()
    }

    #[test]
    fn a_codestream_stands_alone_or_in_one_box_or_in_parts() {
        let whole = boxed(b"jxlc", CODESTREAM);
        let (start, rest) = CODESTREAM.split_at(3);
        let parts =
            [boxed(b"jxlp", &[&[0; 4], start].concat()), boxed(b"jxlp", &[&[0x80, 0, 0, 1], rest].concat())];
        for file in [CODESTREAM.to_vec(), file(&[&whole]), file(&[&parts.concat()])] {
            let header = read(&file, Level::Exif).unwrap();
            assert_eq!((header.dimensions, header.exif), (Ok((8, 8)), None));
        }
    }

    #[test]
    fn exif_stands_before_or_behind_the_codestream() {
        let whole = boxed(b"jxlc", CODESTREAM);
        let bare = boxed(b"Exif", b"MM\0\x2A\0\0\0\x08\0\0");
        for file in
            [file(&[EXIF, &whole]), file(&[&bare, &whole]), file(&[&boxed(b"jxll", b"\x0A"), &whole, EXIF])]
        {
            assert_eq!(read(&file, Level::Exif).unwrap().exif, Some(Exif::default()));
            assert_eq!(read(&file, Level::Header).unwrap().exif, None);
        }
    }

    #[test]
    fn what_is_compressed_is_left_alone() {
        let brotli = boxed(b"brob", b"Exif\x0B\x02\x80");
        assert_eq!(read(&file(&[&brotli, &boxed(b"jxlc", CODESTREAM)]), Level::Exif).unwrap().exif, None);
    }

    #[test]
    fn a_file_without_a_codestream_is_damaged() {
        let empty = boxed(b"free", &[]).repeat(MAX_BOXES);
        for file in [file(&[]), file(&[&boxed(b"jxlc", b"")]), file(&[&empty, &boxed(b"jxlc", CODESTREAM)])] {
            assert!(read(&file, Level::Header).unwrap().dimensions.is_err());
        }
    }
}
