//! The code of one scan: in it the blocks of one component row by row, or of several MCU by MCU (ITU T.81 section A.2).

use std::mem::replace;
use std::ops::Range;

use super::bits::Bits;
use super::frame::{Component, Frame, Part, Scan};
use super::huffman::{Ac, Dc};
use super::segments::Tables;
use super::{BLOCK, Result, Stop};

/// More than DC coefficients of 8-bit samples can be.
const DC_RANGE: Range<i32> = -(1 << 15)..1 << 15;

/// The means of a component's blocks, row by row.
pub struct Plane {
    means: Vec<u8>,
    /// Blocks of a row, those beyond the edge of the picture too.
    stride: usize,
    is_known: bool,
}

impl Plane {
    pub fn new(frame: &Frame, component: &Component) -> Self {
        let (columns, rows) = frame.mcus();
        let stride = (columns * component.across) as usize;
        Self { means: vec![0; stride * (rows * component.down) as usize], stride, is_known: false }
    }

    pub fn row(&self, row: usize) -> &[u8] {
        &self.means[row * self.stride..][..self.stride]
    }

    /// No scan has a component again whose blocks are known.
    fn begin(&mut self) -> Result<()> {
        if replace(&mut self.is_known, true) { Err(Stop::Left) } else { Ok(()) }
    }

    pub fn is_known(&self) -> bool {
        self.is_known
    }
}

/// A component in its scan.
struct Reader<'t> {
    dc: Dc<'t>,
    /// Where they come in the same scan.
    ac: Option<Ac<'t>>,
    component: usize,
    /// Blocks of an MCU, along and down.
    across: u32,
    down: u32,
    step: i64,
    low_bits: u8,
    /// The last DC coefficient.
    last: i32,
}

impl Scan {
    /// Takes the means of what is in this scan, and tells the bytes of its code.
    pub fn decode(&self, frame: &Frame, tables: &Tables, code: &[u8], planes: &mut [Plane]) -> Result<usize> {
        let mut bits = Bits::new(code);
        let mut readers = self.readers(frame, tables)?;
        let (columns, rows) = match self.parts[..] {
            [part] => frame.blocks(&frame.components[part.component]),
            _ => frame.mcus(),
        };
        for part in &self.parts {
            planes[part.component].begin()?;
        }
        let mut mcus = 0;
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            if tables.interval > 0 && mcus == tables.interval {
                bits.restart()?;
                readers.iter_mut().for_each(|reader| reader.last = 0);
                mcus = 0;
            }
            for reader in &mut readers {
                reader.mcu(&mut bits, &mut planes[reader.component], row, column)?;
            }
            mcus += 1;
            if bits.is_overrun() {
                return Err(Stop::Left);
            }
        }
        bits.end()
    }

    fn readers<'t>(&self, frame: &Frame, tables: &'t Tables) -> Result<Vec<Reader<'t>>> {
        // Such a scan has no more than DC coefficients.
        if frame.is_progressive && !self.begins_dc() {
            return Err(Stop::Left);
        }
        self.parts.iter().map(|part| self.reader(part, frame, tables)).collect()
    }

    fn reader<'t>(&self, part: &Part, frame: &Frame, tables: &'t Tables) -> Result<Reader<'t>> {
        let component = &frame.components[part.component];
        let dc = tables.dc.get(part.dc).and_then(Option::as_ref).ok_or(Stop::Left)?;
        let ac = tables.ac.get(part.ac).and_then(Option::as_ref);
        let (across, down) = if self.parts.len() == 1 { (1, 1) } else { (component.across, component.down) };
        Ok(Reader {
            dc: Dc::new(dc),
            ac: if frame.is_progressive { None } else { Some(Ac::new(ac.ok_or(Stop::Left)?)) },
            component: part.component,
            across,
            down,
            step: tables.steps.get(component.table).copied().flatten().ok_or(Stop::Left)?.into(),
            low_bits: self.low_bits,
            last: 0,
        })
    }
}

impl Reader<'_> {
    /// Reads the blocks of an MCU.
    #[inline(always)]
    fn mcu(&mut self, bits: &mut Bits<'_>, plane: &mut Plane, row: u32, column: u32) -> Result<()> {
        let first = (row * self.down) as usize * plane.stride + (column * self.across) as usize;
        for start in (first..).step_by(plane.stride).take(self.down as usize) {
            for mean in &mut plane.means[start..][..self.across as usize] {
                *mean = self.block(bits)?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn block(&mut self, bits: &mut Bits<'_>) -> Result<u8> {
        self.last += self.dc.next(bits)?;
        if let Some(ac) = &self.ac {
            ac.skip_block(bits)?;
        }
        if DC_RANGE.contains(&self.last) { Ok(self.mean()) } else { Err(Stop::Left) }
    }

    /// The mean of a block's samples, where of its DC coefficient some low bits are not known: halfway between what it
    /// may be.
    fn mean(&self) -> u8 {
        let halves = (i64::from(self.last) << (self.low_bits + 1)) + (1 << self.low_bits) - 1;
        let scale = 2 * i64::from(BLOCK);
        ((halves * self.step + scale / 2).div_euclid(scale) + 128).clamp(0, 255) as u8
    }
}
