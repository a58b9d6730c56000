//! The bits of a scan's code, without the zeros that are stuffed behind each 0xFF (ITU T.81 section F.1.2.3).

use super::segments::restart_marker;
use super::{Result, Stop};

/// Bits of the longest step: a code of 16 and what follows it.
const ENOUGH: u32 = 32;

pub struct Bits<'a> {
    code: &'a [u8],
    offset: usize,
    /// From the most significant bit on.
    buffer: u64,
    count: u32,
    /// Zeros that were added behind the end of the code.
    added: u32,
    restarts: u32,
}

impl<'a> Bits<'a> {
    pub fn new(code: &'a [u8]) -> Self {
        Self { code, offset: 0, buffer: 0, count: 0, added: 0, restarts: 0 }
    }

    /// The next bits, 16 at most.
    #[inline(always)]
    pub fn peek(&self, bits: u32) -> u32 {
        // A shift by 64 for no bits is made in two.
        (self.buffer >> 1 >> (63 - bits)) as u32
    }

    #[inline(always)]
    pub fn skip(&mut self, bits: u32) {
        self.buffer <<= bits;
        self.count -= bits;
    }

    /// Makes sure of enough bits for a step.
    #[inline(always)]
    pub fn refill(&mut self) {
        if self.count >= ENOUGH {
            return;
        }
        match self.code[self.offset..].first_chunk() {
            Some(chunk) if !has_ff(u64::from_be_bytes(*chunk)) => {
                self.buffer |= u64::from_be_bytes(*chunk) >> self.count;
                let bytes = (63 - self.count) / 8;
                self.offset += bytes as usize;
                self.count += 8 * bytes;
            }
            _ => self.refill_by_bytes(),
        }
    }

    #[cold]
    fn refill_by_bytes(&mut self) {
        while self.count <= 56 {
            let (byte, len) = match self.code[self.offset..] {
                [0xFF, 0, ..] => (0xFF, 2),
                [0xFF, ..] | [] => (0, 0),
                [byte, ..] => (byte, 1),
            };
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.offset += len;
            self.added += if len == 0 { 8 } else { 0 };
        }
    }

    /// Whether more was read than there is.
    #[inline(always)]
    pub fn is_overrun(&self) -> bool {
        self.added > self.count
    }

    /// Bytes of the code up to its end, where all has been read but what fills up the last byte.
    pub fn end(&mut self) -> Result<usize> {
        self.refill_by_bytes();
        match self.count.checked_sub(self.added) {
            Some(0..8) => Ok(self.offset),
            _ => Err(Stop::Left),
        }
    }

    /// Reads the marker between two parts of a scan: they are counted modulo 8.
    pub fn restart(&mut self) -> Result<()> {
        let end = self.end()?;
        match self.code[end..] {
            [0xFF, marker, ..] if marker == restart_marker(self.restarts) => {
                *self = Self { offset: end + 2, restarts: self.restarts + 1, ..Self::new(self.code) };
                Ok(())
            }
            _ => Err(Stop::Left),
        }
    }
}

/// Whether one of its bytes is 0xFF: that is a zero of what it lacks.
#[inline(always)]
fn has_ff(word: u64) -> bool {
    (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0
}
