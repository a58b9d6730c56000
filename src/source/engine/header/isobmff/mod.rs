//! AVIF and HEIC: ISO/IEC 23008-12 (HEIF) on ISO/IEC 14496-12 (ISOBMFF). What is known of the pictures stands
//! in the meta box; the picture that the file is about is its primary item.

pub mod boxes;
mod items;
mod location;

use super::{Header, embedded_exif};
use crate::metadata::{Exif, Level};
use crate::source::engine::exif::{self, present};
use crate::source::engine::known::{Block, Gap};
pub use boxes::BoxAt;
use items::Items;

/// Boxes before meta: ftyp, free, mdat. A bound on what a file of empty ones can cost.
const MAX_BOXES: usize = 64;

/// Bytes of a meta box that are read; those of phones take 4 KiB, a grid of a thousand tiles 100.
const MAX_META: u64 = 1 << 20;

pub fn read(file: Block<'_>, level: Level, header: &mut Header) -> Result<(), Gap> {
    let meta = meta(file)?;
    // Asked for as a whole, it is fetched in one go.
    present(meta.bytes(0, meta.len()))?;
    let items = Items::read(meta)?;
    if let Some((width, height)) = items.dimensions()? {
        header.set_dimensions(width, height);
    }
    header.turned = items.orientation()?;
    header.has_color_profile = items.has_color_profile()?;
    header.has_alpha = items.has_alpha()?;
    if level >= Level::Exif {
        header.exif = exif_of(&items, file)?;
    }
    Ok(())
}

/// The packet of XMP.
pub fn xmp(file: Block<'_>) -> Result<Option<Block<'_>>, Gap> {
    let meta = meta(file)?;
    present(meta.bytes(0, meta.len()))?;
    Items::read(meta)?.xmp(file)
}

/// The content of the meta box, behind its version and flags.
fn meta(file: Block<'_>) -> Result<Block<'_>, Gap> {
    let mut offset = 0;
    for _ in 0..MAX_BOXES {
        let BoxAt { kind, body, end } = BoxAt::read(file, offset)?;
        if &kind == b"meta" {
            return Ok(body.part(4, MAX_META));
        }
        offset = end;
    }
    Err(Gap::End)
}

fn exif_of(items: &Items<'_>, file: Block<'_>) -> Result<Option<Exif>, Gap> {
    items.exif(file)?.map_or(Ok(None), exif_behind_offset)
}

/// HEIF annex A.2.1: four bytes say where in the item the TIFF header is, counted from behind them.
pub fn exif_behind_offset(item: Block<'_>) -> Result<Option<Exif>, Gap> {
    let Some(skip) = present(item.u32_be(0))? else { return Ok(None) };
    exif::read(embedded_exif(item.from(4 + u64::from(skip)))?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&(8 + body.len() as u32).to_be_bytes(), kind, body.as_slice()].concat()
    }

    /// Version 0 and no flags.
    const FULL: &[u8] = &[0; 4];

    /// Item 1 has `properties`; item 2 is EXIF in idat, item 3 an alpha plane with the last property.
    fn avif(properties: &[Vec<u8>], references: &[u8]) -> Vec<u8> {
        let count = properties.len() as u8;
        let numbers: Vec<u8> = (1..=count).collect();
        let associations = [&[0, 0, 0, 2, 0, 1, count], numbers.as_slice(), &[0, 3, 1, count]].concat();
        let two_extents = [&[0, 1, 0, 0, 0, 0, 0, 2], [9; 16].as_slice()].concat();
        let one_extent = [0, 2, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 17];
        let meta = [
            boxed(b"pitm", &[FULL, &[0, 1]]),
            boxed(b"iinf", &[FULL, &[0, 1], &boxed(b"infe", &[&[2, 0, 0, 0, 0, 2, 0, 0], b"Exif\0"])]),
            boxed(b"iref", &[FULL, references]),
            boxed(
                b"iprp",
                &[&boxed(b"ipco", &[&properties.concat()]), &boxed(b"ipma", &[FULL, &associations])],
            ),
            boxed(b"idat", &[b"??\0\0\0\x03...MM\0\x2A\0\0\0\x08\0\0"]),
            boxed(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 2], &two_extents, &one_extent]),
        ];
        let ftyp = boxed(b"ftyp", &[b"avif\0\0\0\0"]);
        [ftyp, boxed(b"free", &[]), boxed(b"meta", &[FULL, &meta.concat()])].concat()
    }

    fn ispe(width: u8, height: u8) -> Vec<u8> {
        boxed(b"ispe", &[FULL, &[0, 0, 0, width, 0, 0, 0, height]])
    }

    fn header(properties: &[Vec<u8>]) -> Header {
        read(&avif(properties, &boxed(b"auxl", &[&[0, 3, 0, 1, 0, 1]])), Level::Header).unwrap()
    }

    #[test]
    fn the_picture_is_cropped_and_turned_in_the_order_of_its_properties() {
        let crop = boxed(b"clap", &[&[0, 0, 0, 41, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 0, 1], &[0; 16]]);
        let turn = |quarters| boxed(b"irot", &[&[quarters]]);
        assert_eq!(header(&[ispe(33, 16)]).dimensions, Ok((33, 16)));
        assert_eq!(header(&[ispe(33, 16), turn(1)]).dimensions, Ok((16, 33)));
        assert_eq!(header(&[ispe(33, 16), turn(2)]).dimensions, Ok((33, 16)));
        assert_eq!(header(&[ispe(33, 16), crop, turn(3)]).dimensions, Ok((10, 21)));
        assert!(header(&[turn(1)]).dimensions.is_err());
    }

    /// irot turns to the left, imir mirrors top and bottom (0) or left and right (1).
    #[test]
    fn turns_and_mirrors_together_are_an_orientation() {
        let turn = |quarters| boxed(b"irot", &[&[quarters]]);
        let mirror = |axis| boxed(b"imir", &[&[axis]]);
        for (properties, orientation) in [
            (vec![], 1),
            (vec![mirror(1)], 2),
            (vec![turn(2)], 3),
            (vec![mirror(0)], 4),
            (vec![mirror(1), turn(1)], 5),
            (vec![turn(3)], 6),
            (vec![mirror(1), turn(3)], 7),
            (vec![turn(1)], 8),
            (vec![turn(1), mirror(1)], 7),
            (vec![turn(3), mirror(0)], 7),
            (vec![mirror(0), mirror(1), turn(2)], 1),
        ] {
            let header = header(&[vec![ispe(33, 16)], properties].concat());
            assert_eq!(header.turned, Some(orientation));
        }
    }

    #[test]
    fn a_profile_is_icc_and_not_mere_numbers() {
        assert!(header(&[ispe(1, 1), boxed(b"colr", &[b"profICC"])]).has_color_profile);
        assert!(!header(&[ispe(1, 1), boxed(b"colr", &[b"nclx\0\x01\0\x0D\0\x06\x80"])]).has_color_profile);
    }

    #[test]
    fn alpha_is_an_auxiliary_picture_of_that_kind() {
        let auxiliary = |urn| boxed(b"auxC", &[FULL, urn, b"\0"]);
        assert!(header(&[ispe(1, 1), auxiliary(b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")]).has_alpha);
        assert!(!header(&[ispe(1, 1), auxiliary(b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth")]).has_alpha);
        let alpha = auxiliary(b"urn:mpeg:hevc:2015:auxid:1");
        let of_another = avif(&[ispe(1, 1), alpha], &boxed(b"auxl", &[&[0, 3, 0, 1, 0, 9]]));
        assert!(!read(&of_another, Level::Header).unwrap().has_alpha);
    }

    #[test]
    fn exif_is_an_item_with_an_offset_before_it() {
        let describes = boxed(b"cdsc", &[&[0, 2, 0, 1, 0, 1]]);
        for references in [&describes[..], b""] {
            let file = avif(&[ispe(33, 16)], references);
            assert_eq!(read(&file, Level::Exif).unwrap().exif, Some(Exif::default()));
            assert_eq!(read(&file, Level::Header).unwrap().exif, None);
        }
    }

    #[test]
    fn a_file_without_meta_is_damaged() {
        let empty = boxed(b"free", &[]).repeat(MAX_BOXES + 1);
        let file = [boxed(b"ftyp", &[b"heic\0\0\0\0"]), empty, avif(&[ispe(33, 16)], b"")].concat();
        assert!(read(&file, Level::Header).unwrap().dimensions.is_err());
    }
}
