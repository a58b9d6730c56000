//! Blocks in grey and in colour.

use super::frame::Frame;
use super::scan::Plane;
use crate::source::engine::pixels::luminance;

/// Bits behind the point of the numbers below.
const POINT: u32 = 16;

/// A row of blocks in grey, of so many columns.
pub fn grey_row(frame: &Frame, planes: &[Plane], row: usize, columns: usize) -> Vec<u8> {
    let mut greys = planes[0].row(row)[..columns].to_vec();
    if let Some(chrominances) = Chrominances::of(frame, planes, row) {
        let luminance = luminance::srgb();
        for (greys, (cb, cr)) in greys.chunks_mut(chrominances.across).zip(chrominances.pairs()) {
            let colour = Colour::new(*cb, *cr);
            greys.iter_mut().for_each(|grey| *grey = luminance.grey(colour.rgb(*grey)));
        }
    }
    greys
}

/// The same in RGB; empty where there is luminance alone.
pub fn rgb_row(frame: &Frame, planes: &[Plane], row: usize, columns: usize) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(3 * columns);
    if let Some(chrominances) = Chrominances::of(frame, planes, row) {
        let lumas = planes[0].row(row)[..columns].chunks(chrominances.across);
        for (lumas, (cb, cr)) in lumas.zip(chrominances.pairs()) {
            let colour = Colour::new(*cb, *cr);
            lumas.iter().for_each(|luma| blocks.extend(colour.rgb(*luma)));
        }
    }
    blocks
}

/// Of a row of blocks. Both are of the same size.
struct Chrominances<'p> {
    cb: &'p [u8],
    cr: &'p [u8],
    /// Blocks of luminance along each of them.
    across: usize,
}

impl<'p> Chrominances<'p> {
    fn of(frame: &Frame, planes: &'p [Plane], row: usize) -> Option<Self> {
        let ([y, c, _], [_, cb, cr]) = (&frame.components[..], planes) else { return None };
        let row = row / (y.down / c.down) as usize;
        Some(Self { cb: cb.row(row), cr: cr.row(row), across: (y.across / c.across) as usize })
    }

    fn pairs(&self) -> impl Iterator<Item = (&u8, &u8)> {
        self.cb.iter().zip(self.cr)
    }
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
