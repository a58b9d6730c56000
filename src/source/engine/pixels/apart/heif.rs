//! AVIF and HEIC: the primary item (ISO/IEC 23008-12).

use std::io::Write;
use std::ops::Range;

use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::Property;

use super::super::NOT_DECODED;
use super::super::shrink::Layout;
use super::Rows;
use super::alpha::Alpha;
use super::coded::DAMAGED;
use super::tiles::Tiles;
use crate::error::Result;
use crate::source::engine::header::isobmff::BoxAt;
use crate::source::engine::known::Block;

/// As the primary item is stored, but cropped: the header says how it is turned.
pub fn decode<W: Write>(bytes: &[u8], max_pixels: u64, rows: &mut Rows<W>) -> Result<()> {
    let file = HeifFile::parse(boxes(bytes)).map_err(|_| DAMAGED)?;
    let tiles = Tiles::of(&file, file.primary_id, max_pixels)?;
    let alpha = Alpha::of(&file, file.primary_id, &tiles, max_pixels)?;
    let (across, down) = aperture(&file, &tiles)?;
    let layout = if alpha.is_some() { Layout::Rgba } else { Layout::Rgb };
    rows.begin(across.len() as u32, down.len() as u32, layout)?;
    let mut out = Vec::new();
    tiles.for_each_row(&file, max_pixels, &mut |y, row| {
        if !down.contains(&(y as usize)) {
            return Ok(());
        }
        let pixels = row.get(across.clone()).unwrap_or_default().iter();
        let alphas = alpha.as_ref().map(|alpha| alpha.row(y).get(across.clone()).unwrap_or_default());
        out.clear();
        match alphas {
            None => pixels.for_each(|[red, green, blue, _]| out.extend([red, green, blue])),
            Some(alphas) => pixels.zip(alphas).for_each(|([rgb @ .., _], alpha)| {
                out.extend(rgb);
                out.push(*alpha);
            }),
        }
        rows.put(&out)
    })
}

/// Up to the last box that is there: behind it may stand what is none, which the parser takes for one, and refuses.
fn boxes(bytes: &[u8]) -> &[u8] {
    let (file, mut end) = (Block::whole(bytes), 0);
    while let Ok(found) = BoxAt::read(file, end)
        && found.end <= file.len()
    {
        end = found.end;
    }
    bytes.get(..end as usize).unwrap_or(bytes)
}

/// Columns and rows of the clean aperture (ISO/IEC 14496-12 section 12.1.4). By MIAF it is cut out before anything is turned,
/// and nobody writes it the other way.
fn aperture(file: &HeifFile<'_>, tiles: &Tiles) -> Result<(Range<usize>, Range<usize>)> {
    let mut turned = false;
    for property in file.item_properties(file.primary_id).map_err(|_| DAMAGED)? {
        match *property {
            Property::CleanAperture { .. } if turned => return Err(NOT_DECODED),
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let across = part(tiles.width, width, horiz_offset);
                return across.zip(part(tiles.height, height, vert_offset)).ok_or(DAMAGED);
            }
            Property::Rotation(_) | Property::Mirror(_) => turned = true,
            _ => {}
        }
    }
    Ok((0..tiles.width as usize, 0..tiles.height as usize))
}

/// So much of a side, by its middle and how far that is from the middle of the side; both are fractions.
fn part(side: u32, len: (u32, u32), offset: (i32, u32)) -> Option<Range<usize>> {
    if len.1 == 0 || offset.1 == 0 {
        return None;
    }
    let len = f64::from(len.0) / f64::from(len.1);
    let middle = f64::from(offset.0) / f64::from(offset.1) + f64::from(side) / 2.0;
    let start = (middle - len / 2.0).round().max(0.0) as usize;
    let end = start.saturating_add(len.round() as usize).min(side as usize);
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_boxes_is_none() {
        let file = b"\0\0\0\x0Cftypavif\0\0\0\x09mdatx";
        assert_eq!(boxes(file), file);
        for behind in ["PK\x03\x04<script>", "abc", "\0\0\0\x07tiny", "\0\0\0\x01"] {
            assert_eq!(boxes(&[file, behind.as_bytes()].concat()), file, "{behind:?}");
        }
        assert_eq!(boxes(&file[..20]), &file[..12], "cut");
        assert_eq!(boxes(b"\0\0\0\0mdatx"), b"\0\0\0\0mdatx");
    }

    #[test]
    fn an_aperture_lies_about_the_middle() {
        assert_eq!(part(100, (50, 1), (0, 1)), Some(25..75));
        assert_eq!(part(100, (100, 2), (-50, 2)), Some(0..50));
        assert_eq!(part(101, (100, 1), (-1, 2)), Some(0..100));
        assert_eq!(part(10, (8, 1), (5, 1)), Some(6..10));
        for (len, offset) in [((5, 0), (0, 1)), ((5, 1), (0, 0)), ((0, 1), (0, 1)), ((5, 1), (100, 1))] {
            assert_eq!(part(10, len, offset), None);
        }
    }
}
