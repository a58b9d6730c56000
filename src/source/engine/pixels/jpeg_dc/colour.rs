//! Grey of blocks in colour.

use super::frame::Frame;
use super::scan::Plane;
use crate::source::engine::pixels::luminance;

/// Bits behind the point of the numbers below.
const POINT: u32 = 16;

/// A row of blocks in grey, of so many columns. Both chrominances are of the same size.
pub fn row(frame: &Frame, planes: &[Plane], row: usize, columns: usize) -> Vec<u8> {
    let mut greys = planes[0].row(row)[..columns].to_vec();
    if let ([y, c, _], [_, cb, cr]) = (&frame.components[..], planes) {
        let (across, down) = ((y.across / c.across) as usize, (y.down / c.down) as usize);
        let chrominances = cb.row(row / down).iter().zip(cr.row(row / down));
        for (greys, (cb, cr)) in greys.chunks_mut(across).zip(chrominances) {
            let colour = Colour::new(*cb, *cr);
            greys.iter_mut().for_each(|grey| *grey = luminance::srgb().grey(colour.rgb(*grey)));
        }
    }
    greys
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
