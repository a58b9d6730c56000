//! Fields of a codestream's headers: ISO/IEC 18181-1.

use crate::source::engine::known::{Block, Gap};

/// What is asked for at once: headers are shorter as a rule.
const AHEAD: u64 = 64;

/// The four ways in which a number may be coded: a constant, and bits of what is added to it.
pub type Ways = [(u64, u32); 4];

/// What is read may be in several parts.
pub struct Bits<'p, 'a> {
    parts: &'p [Block<'a>],
    /// Bits.
    position: u64,
}

impl<'p, 'a> Bits<'p, 'a> {
    pub fn new(parts: &'p [Block<'a>]) -> Self {
        Self { parts, position: 0 }
    }

    /// The first bit is the lowest. Up to 32.
    pub fn take(&mut self, count: u32) -> Result<u64, Gap> {
        let (first, skip) = (self.position / 8, self.position % 8);
        let end = first + (skip + u64::from(count)).div_ceil(8);
        let value =
            (first..end).rev().try_fold(0_u64, |value, at| Ok(value << 8 | u64::from(self.byte(at)?)))?;
        self.position += u64::from(count);
        Ok(value >> skip & ((1 << count) - 1))
    }

    fn byte(&self, mut at: u64) -> Result<u8, Gap> {
        for part in self.parts {
            match part.len().checked_sub(at) {
                None | Some(0) => at -= part.len(),
                Some(left) => return part.bytes(at, left.min(AHEAD)).map(|bytes| bytes[0]),
            }
        }
        Err(Gap::End)
    }

    pub fn flag(&mut self) -> Result<bool, Gap> {
        Ok(self.take(1)? == 1)
    }

    /// U32(): two bits choose the way.
    pub fn number(&mut self, ways: Ways) -> Result<u64, Gap> {
        let (constant, bits) = ways[self.take(2)? as usize];
        Ok(constant + self.take(bits)?)
    }

    pub fn skip(&mut self, count: u64) {
        self.position = self.position.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::engine::known::Known;

    #[test]
    fn bits_come_lowest_first_across_bytes() {
        let known = Known::whole(&b"\xB5\x0F\x80\xFF\xFF\xFF\xFF\xFF"[..]);
        let parts = [known.block()];
        let mut bits = Bits::new(&parts);
        assert_eq!(
            [bits.take(3), bits.take(0), bits.take(9), bits.take(12)],
            [Ok(5), Ok(0), Ok(0x1F6), Ok(0x800)]
        );
        bits.skip(7);
        assert_eq!([bits.take(32), bits.take(1), bits.take(1)], [Ok(0xFFFF_FFFF), Ok(1), Err(Gap::End)]);
    }

    #[test]
    fn two_bits_choose_among_four_ways() {
        let known = Known::whole(&[0b0001_0110, 0b11][..]);
        let parts = [known.block().part(0, 1), known.block().from(1)];
        let mut bits = Bits::new(&parts);
        let ways = [(100, 0), (7, 0), (1, 3), (64, 6)];
        assert_eq!(bits.number(ways), Ok(1 + 0b101));
        assert_eq!(bits.number(ways), Ok(100));
        assert!(bits.flag().is_ok_and(|flag| !flag));
    }
}
