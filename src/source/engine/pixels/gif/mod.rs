//! The first frame of a GIF, row by row, on the canvas that the header's reader found.

mod frame;
mod lzw;

use std::array::from_fn;

use super::Limits;
use super::grey::Grey;
use super::shrink::{Layout, Shrink, View};
use crate::error::{Error, Result};
use frame::Frame;
use lzw::Indices;

const DAMAGED: Error = Error::CorruptImage("it breaks the rules of GIF, or ends too early");

/// What the file says of its screen counts no more: the canvas may be larger, or that of the first frame alone.
pub fn decode(bytes: &[u8], size: (u64, u64), has_alpha: bool, view: View, limits: &Limits) -> Result<Grey> {
    let side = |side: u64| {
        u16::try_from(side).map_err(|_| Error::CorruptImage("its first frame lies outside of it"))
    };
    let (width, height) = (side(size.0)?, side(size.1)?);
    limits.pixels(width.into(), height.into())?;
    let frame = Frame::first(bytes).ok_or(DAMAGED)?;
    let shrink = |layout| Shrink::new(width.into(), height.into(), layout, view);
    let size = (width.into(), height.into());
    if has_alpha {
        draw(&frame, Canvas::new(size, shrink(Layout::Rgba), with_alpha(&frame)), limits)
    } else {
        draw(&frame, Canvas::new(size, shrink(Layout::Rgb), without_alpha(&frame)), limits)
    }
}

/// Colours by their index.
type Colours<const N: usize> = [[u8; N]; 256];

/// An index that is not in the palette is black.
fn without_alpha(frame: &Frame<'_>) -> Colours<3> {
    from_fn(|index| frame.palette.get(index).copied().unwrap_or_default())
}

/// What is clear is black, whatever its colour is, and what is not in the palette is clear.
fn with_alpha(frame: &Frame<'_>) -> Colours<4> {
    let clear = frame.clear.map(usize::from);
    from_fn(|index| match frame.palette.get(index) {
        Some(&[red, green, blue]) if clear != Some(index) => [red, green, blue, u8::MAX],
        _ => [0; 4],
    })
}

fn draw<const N: usize>(frame: &Frame<'_>, mut canvas: Canvas<N>, limits: &Limits) -> Result<Grey> {
    let mut indices = Indices::of(frame).ok_or(DAMAGED)?;
    let width = usize::from(frame.width);
    canvas.ground(frame.top.into());
    if frame.interlaced {
        for row in interlaced(frame, &mut indices, limits)?.chunks_exact(width.max(1)) {
            canvas.row(row, frame.left.into());
        }
    } else {
        let mut row = vec![0; width];
        for _ in 0..frame.height {
            indices.fill(&mut row).ok_or(DAMAGED)?;
            canvas.row(&row, frame.left.into());
        }
    }
    canvas.finish()
}

/// Appendix E of the specification: rows that come in four passes are in order only after the last.
fn interlaced(frame: &Frame<'_>, indices: &mut Indices<'_>, limits: &Limits) -> Result<Vec<u8>> {
    const PASSES: [(usize, usize); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    limits.bytes((width * height) as u64)?;
    let mut rows = vec![0; width * height];
    for row in PASSES.into_iter().flat_map(|(first, step)| (first..height).step_by(step)) {
        indices.fill(&mut rows[row * width..][..width]).ok_or(DAMAGED)?;
    }
    Ok(rows)
}

/// What the frame is drawn on, from top to bottom.
struct Canvas<const N: usize> {
    shrink: Shrink,
    colours: Colours<N>,
    height: usize,
    rows: usize,
    /// The last row.
    pixels: Vec<[u8; N]>,
}

impl<const N: usize> Canvas<N> {
    /// Clear, or black where there is no alpha.
    const GROUND: [u8; N] = [0; N];

    fn new((width, height): (usize, usize), shrink: Shrink, colours: Colours<N>) -> Self {
        Self { shrink, colours, height, rows: 0, pixels: vec![Self::GROUND; width] }
    }

    /// Leaves so many rows as they are.
    fn ground(&mut self, rows: usize) {
        self.pixels.fill(Self::GROUND);
        (0..rows).for_each(|_| self.end_row());
    }

    /// As much of a row of the frame as lies on the canvas.
    fn row(&mut self, indices: &[u8], left: usize) {
        let places = self.pixels.iter_mut().skip(left);
        places.zip(indices).for_each(|(pixel, index)| *pixel = self.colours[usize::from(*index)]);
        self.end_row();
    }

    fn end_row(&mut self) {
        self.shrink.row(self.pixels.as_flattened());
        self.rows += 1;
    }

    fn finish(mut self) -> Result<Grey> {
        self.ground(self.height.saturating_sub(self.rows));
        self.shrink.finish()
    }
}

#[cfg(test)]
mod tests;
