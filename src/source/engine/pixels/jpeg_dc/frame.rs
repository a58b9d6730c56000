//! The header of the frame, and those of scans (ITU T.81 sections B.2.2 and B.2.3).

use super::{BLOCK, Result, Stop};

/// Of pictures with a shorter side of fewer pixels, hashes come out further from sharp's (decision 012).
const MIN_SIDE: u32 = 320;

pub struct Frame {
    pub is_progressive: bool,
    pub width: u32,
    pub height: u32,
    /// Grey; or luminance and two chrominances.
    pub components: Vec<Component>,
}

#[derive(Debug, Clone, Copy)]
pub struct Component {
    id: u8,
    /// Blocks of an MCU, along and down.
    pub across: u32,
    pub down: u32,
    /// Place of its quantisation table.
    pub table: usize,
}

impl Frame {
    /// Precision, number of lines, samples per line, number of components, and three bytes for each of them.
    pub fn read(is_progressive: bool, body: &[u8], is_ycc: Option<bool>) -> Result<Self> {
        let [8, h1, h0, w1, w0, count, rest @ ..] = body else { return Err(Stop::Left) };
        let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
        let (components, []) = rest.as_chunks() else { return Err(Stop::Left) };
        let components: Vec<Component> = components.iter().map(Component::read).collect();
        let frame = Self { is_progressive, width: width.into(), height: height.into(), components };
        let plain = frame.components.len() == usize::from(*count) && frame.is_plain(is_ycc);
        if plain && frame.width.min(frame.height) >= MIN_SIDE { Ok(frame) } else { Err(Stop::Left) }
    }

    /// Whether luminance comes first, and is that of whole numbers of blocks to each of chrominance.
    fn is_plain(&self, is_ycc: Option<bool>) -> bool {
        let fits = |component: &Component| component.divides(&self.components[0]);
        match self.components.as_slice() {
            [_] => self.components.iter().all(fits),
            [y, cb, cr] => {
                let named = [y.id, cb.id, cr.id] == *b"RGB";
                let alike = (cb.across, cb.down) == (cr.across, cr.down);
                is_ycc != Some(false) && !named && alike && self.components.iter().all(fits)
            }
            _ => false,
        }
    }

    /// MCUs of a scan of all components, along and down.
    pub fn mcus(&self) -> (u32, u32) {
        let y = &self.components[0];
        (self.width.div_ceil(BLOCK * y.across), self.height.div_ceil(BLOCK * y.down))
    }

    /// Blocks of a component that the picture covers, along and down.
    pub fn blocks(&self, component: &Component) -> (u32, u32) {
        let y = &self.components[0];
        let blocks = |side: u32, part: u32, of: u32| (side * part).div_ceil(of).div_ceil(BLOCK);
        (blocks(self.width, component.across, y.across), blocks(self.height, component.down, y.down))
    }
}

impl Component {
    fn read(&[id, sampling, table]: &[u8; 3]) -> Self {
        Self { id, across: (sampling >> 4).into(), down: (sampling & 15).into(), table: table.into() }
    }

    fn divides(&self, y: &Self) -> bool {
        let divides = |part: u32, of: u32| (1..=4).contains(&part) && of <= 4 && of.is_multiple_of(part);
        divides(self.across, y.across) && divides(self.down, y.down)
    }
}

/// A component of a scan, and its tables.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub component: usize,
    pub dc: usize,
    pub ac: usize,
}

pub struct Scan {
    pub parts: Vec<Part>,
    /// First and last coefficient.
    pub band: [u8; 2],
    /// Bits of the coefficients that came before this scan, or 0.
    before: u8,
    /// Bits of the coefficients that come in other scans.
    pub low_bits: u8,
}

impl Scan {
    /// The number of components, two bytes for each of them, and three more.
    pub fn read(body: &[u8], frame: &Frame) -> Result<Self> {
        let [_, parts @ .., first, last, bits] = body else { return Err(Stop::Left) };
        let (parts, []) = parts.as_chunks() else { return Err(Stop::Left) };
        let parts = parts.iter().map(|part| Part::read(part, frame)).collect::<Result<Vec<_>>>()?;
        let in_order = parts.is_sorted_by(|a, b| a.component < b.component);
        if parts.is_empty() || parts.len() != usize::from(body[0]) || !in_order {
            return Err(Stop::Left);
        }
        let scan = Self { parts, band: [*first, *last], before: bits >> 4, low_bits: bits & 15 };
        if frame.is_progressive || scan.is_sequential() { Ok(scan) } else { Err(Stop::Left) }
    }

    fn is_sequential(&self) -> bool {
        (self.band, self.before, self.low_bits) == ([0, 63], 0, 0)
    }

    /// Whether it has DC coefficients, all but their last bit.
    pub fn begins_dc(&self) -> bool {
        self.band == [0, 0] && self.before == 0 && self.low_bits <= 1
    }
}

impl Part {
    fn read(&[id, tables]: &[u8; 2], frame: &Frame) -> Result<Self> {
        let component = frame.components.iter().position(|component| component.id == id);
        let component = component.ok_or(Stop::Left)?;
        Ok(Self { component, dc: (tables >> 4).into(), ac: (tables & 15).into() })
    }
}
