//! JPEG at an eighth of its scale, from the DC coefficients alone: each is eight times the mean of its block of 8 x 8
//! samples (ITU T.81 section A.3.3). No transform is made, and of AC coefficients only the length is read.
//!
//! What is not plain is left to a full decoder: any doubt is a [`Stop::Left`].

mod bits;
mod colour;
mod frame;
mod huffman;
mod scan;
mod segments;

use super::Limits;
use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use super::thumbnail::PREVIEW_SIDE;
use frame::Frame;
use scan::Plane;
use segments::Jpeg;

/// Samples of a block's side (ITU T.81 section A.1.1).
const BLOCK: u32 = 8;

/// Bytes that are looked through, at most, for the end of the DC coefficients, each time that more have come. Those of 12
/// megapixels end at some 150 KiB.
const MAX_DC_BYTES: usize = 4 << 20;

/// Why this decoder goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The bytes that are known end here.
    End,
    /// It is damaged, or of a kind that a full decoder is there for.
    Left,
}

type Result<T> = std::result::Result<T, Stop>;

/// The picture, if its blocks suffice and all of them are sound.
pub fn decode(bytes: &[u8], view: View, limits: &Limits) -> Option<Grey> {
    let mut jpeg = Jpeg::new(bytes).ok()?;
    let planes = planes(&mut jpeg, limits).ok()?;
    let frame = jpeg.frame.as_ref()?;
    let (columns, rows) = (frame.width.div_ceil(BLOCK) as usize, frame.height.div_ceil(BLOCK) as usize);
    // Of a smaller picture they would be too few to be shown.
    if view == View::Preview && columns.max(rows) < PREVIEW_SIDE as usize {
        return None;
    }
    let in_colour = view != View::Grey && planes.len() > 1;
    let layout = if in_colour { Layout::Rgb } else { Layout::Grey };
    let blocks = if in_colour { colour::rgb_row } else { colour::grey_row };
    let mut shrink = Shrink::of_blocks(frame.width, frame.height, BLOCK, layout, view);
    (0..rows).for_each(|row| shrink.row(&blocks(frame, &planes, row, columns)));
    shrink.finish().ok()
}

/// Whether these first bytes of a file are all that [`decode`] looks at: of a progressive picture whose first scans have
/// the DC coefficients. [`Stop::End`] is that more have to be known to tell.
pub fn suffices(bytes: &[u8]) -> Result<()> {
    if bytes.len() > MAX_DC_BYTES {
        return Err(Stop::Left);
    }
    let mut jpeg = Jpeg::new(bytes)?;
    let mut components = 0;
    while let Some(scan) = jpeg.next_scan()? {
        let frame = jpeg.frame()?;
        if !frame.is_progressive || !scan.begins_dc() {
            break;
        }
        components += scan.parts.len();
        let are_all = components == frame.components.len();
        jpeg.skip_scan()?;
        if are_all {
            return Ok(());
        }
    }
    Err(Stop::Left)
}

/// One for each component. Of a sequential picture the end has to be in its place, of a progressive one nothing is
/// looked at behind the DC coefficients.
fn planes(jpeg: &mut Jpeg<'_>, limits: &Limits) -> Result<Vec<Plane>> {
    let mut planes = Vec::new();
    while let Some(scan) = jpeg.next_scan()? {
        let frame = jpeg.frame()?;
        if planes.is_empty() {
            check(frame, limits)?;
            planes = frame.components.iter().map(|component| Plane::new(frame, component)).collect();
        }
        let len = scan.decode(frame, &jpeg.tables, jpeg.code(), &mut planes)?;
        if frame.is_progressive && are_known(&planes) {
            return Ok(planes);
        }
        jpeg.skip(len);
    }
    if are_known(&planes) { Ok(planes) } else { Err(Stop::Left) }
}

fn are_known(planes: &[Plane]) -> bool {
    !planes.is_empty() && planes.iter().all(Plane::is_known)
}

/// A block of each component is a byte.
fn check(frame: &Frame, limits: &Limits) -> Result<()> {
    let pixels = limits.pixels(frame.width.into(), frame.height.into()).map_err(|_| Stop::Left)?;
    let blocks = pixels / u64::from(BLOCK * BLOCK) * frame.components.len() as u64;
    limits.bytes(blocks).map_err(|_| Stop::Left)
}

#[cfg(test)]
mod pictures;
#[cfg(test)]
mod tests;
