//! Pixels whose channels are some bits each of a number.

use std::array::from_fn;

use crate::source::engine::header::bmp::BITMAPV3INFOHEADER;
use crate::source::engine::known::Block;

/// A channel of every pixel.
pub struct Field {
    shift: u32,
    /// What the highest 8 bits of it, or the fewer that there are, stand for; the same again for what lies above them.
    levels: Box<[u8; 256]>,
}

pub struct Fields {
    /// Red, green and blue.
    colours: [Field; 3],
    pub alpha: Option<Field>,
}

impl Fields {
    /// Of a file without masks. None where that has no fields.
    pub fn usual(bits: u16) -> Option<Self> {
        let masks = match bits {
            16 => [0x7C00, 0x03E0, 0x001F],
            24 | 32 => [0x00FF_0000, 0xFF00, 0xFF],
            _ => return None,
        };
        Self::of([masks[0], masks[1], masks[2], 0], bits)
    }

    /// Of the masks behind the first 40 bytes of the header. Version 3 was the first with one for alpha.
    pub fn read(info: Block<'_>, size: u32, bits: u16) -> Option<Self> {
        let mask = |place: u64| info.u32_le(40 + 4 * place).ok();
        let alpha = if size >= BITMAPV3INFOHEADER { mask(3)? } else { 0 };
        Self::of([mask(0)?, mask(1)?, mask(2)?, alpha], bits)
    }

    /// None where a mask is none, or not of one piece.
    fn of([red, green, blue, alpha]: [u32; 4], bits: u16) -> Option<Self> {
        let field = |mask| Field::of(mask, bits.into());
        let alpha = if alpha == 0 { None } else { Some(field(alpha)?) };
        Some(Self { colours: [field(red)?, field(green)?, field(blue)?], alpha })
    }

    /// Adds the pixels of a row, of so many bytes each.
    pub fn pixels<const N: usize>(&self, row: &[u8], columns: usize, pixels: &mut Vec<u8>) {
        let numbers = row.as_chunks::<N>().0.iter().take(columns).map(number);
        let colours = |number| self.colours.each_ref().map(|field| field.level(number));
        match &self.alpha {
            None => numbers.for_each(|number| pixels.extend(colours(number))),
            Some(alpha) => numbers.for_each(|number| {
                let [red, green, blue] = colours(number);
                pixels.extend([red, green, blue, alpha.level(number)]);
            }),
        }
    }
}

fn number<const N: usize>(bytes: &[u8; N]) -> u32 {
    let mut number = [0; 4];
    number[..N].copy_from_slice(bytes);
    u32::from_le_bytes(number)
}

impl Field {
    fn of(mask: u32, bits: u32) -> Option<Self> {
        let (low, len) = (mask.trailing_zeros(), mask.count_ones());
        let is_of_one_piece = mask != 0 && mask >> low == u32::MAX >> (32 - len);
        if !is_of_one_piece || low + len > bits {
            return None;
        }
        let kept = len.min(8);
        let most = (1 << kept) - 1;
        let level = |level: usize| ((level & most) * 255 + most / 2) / most;
        Some(Self { shift: low + len - kept, levels: Box::new(from_fn(|place| level(place) as u8)) })
    }

    fn level(&self, number: u32) -> u8 {
        self.levels[usize::from((number >> self.shift) as u8)]
    }
}
