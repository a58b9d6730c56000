//! Blocks in grey and in colour.

use super::frame::Frame;
use super::scan::Plane;
use crate::source::engine::pixels::luminance;

/// Bits behind the point of the numbers below.
const POINT: u32 = 16;

/// A row of blocks in grey, of so many columns.
pub fn grey_row(frame: &Frame, planes: &[Plane], row: usize, columns: usize) -> Vec<u8> {
    let (mut blocks, luminance) = (planes[0].row(row)[..columns].to_vec(), luminance::srgb());
    if let Some((across, colours)) = colours(frame, planes, row) {
        for (blocks, colour) in blocks.chunks_mut(across).zip(colours) {
            blocks.iter_mut().for_each(|block| *block = luminance.grey(colour.rgb(*block)));
        }
    }
    blocks
}

/// The same in RGB; empty where there is luminance alone.
pub fn rgb_row(frame: &Frame, planes: &[Plane], row: usize, columns: usize) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(3 * columns);
    if let Some((across, colours)) = colours(frame, planes, row) {
        for (lumas, colour) in planes[0].row(row)[..columns].chunks(across).zip(colours) {
            lumas.iter().for_each(|luma| blocks.extend(colour.rgb(*luma)));
        }
    }
    blocks
}

/// The colours of a row, and of how many blocks each is. Both chrominances are of the same size.
fn colours<'p>(
    frame: &Frame,
    planes: &'p [Plane],
    row: usize,
) -> Option<(usize, impl Iterator<Item = Colour> + use<'p>)> {
    let ([y, c, _], [_, cb, cr]) = (&frame.components[..], planes) else { return None };
    let (across, down) = ((y.across / c.across) as usize, (y.down / c.down) as usize);
    let chrominances = cb.row(row / down).iter().zip(cr.row(row / down));
    Some((across, chrominances.map(|(cb, cr)| Colour::new(*cb, *cr))))
}

/// What red, green and blue have more than grey: JFIF 1.02.
struct Colour([i32; 3]);

impl Colour {
    fn new(cb: u8, cr: u8) -> Self {
        let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
        Self([91_881 * cr, -22_554 * cb - 46_802 * cr, 116_130 * cb])
    }

    fn rgb(&self, y: u8) -> [u8; 3] {
        let (y, half) = (i32::from(y) << POINT, 1 << (POINT - 1));
        self.0.map(|more| ((y + more + half) >> POINT).clamp(0, 255) as u8)
    }
}
