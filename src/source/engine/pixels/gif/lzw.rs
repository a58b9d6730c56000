//! The indices of a frame's pixels: appendix F of the specification.

use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use super::frame::Frame;

/// The longest code has one bit more.
const MAX_CODE_SIZE: u8 = 11;

/// Entries of tables that may be made for nothing, and how many more for each pixel. A clear code makes a table of all
/// indices; behind another one it gives no pixel, and at the longest codes takes 4 µs for a byte and a half of a file.
const SPARE_ENTRIES: u64 = 1 << 26;
const ENTRIES_A_PIXEL: u64 = 4;

pub struct Indices<'a> {
    /// None behind the end, or what is no code.
    decoder: Option<Decoder>,
    /// Left of the present sub-block.
    block: &'a [u8],
    /// Behind it.
    rest: &'a [u8],
    /// Entries of a table that has been cleared.
    table: u64,
    /// Those that may still be made for nothing.
    spare: u64,
}

impl<'a> Indices<'a> {
    /// None where codes have no length, or are longer than they may be.
    pub fn of(frame: &Frame<'a>) -> Option<Self> {
        let size = Some(frame.code_size).filter(|size| (1..=MAX_CODE_SIZE).contains(size))?;
        let decoder = Some(Decoder::new(BitOrder::Lsb, size));
        Some(Self { decoder, block: &[], rest: frame.data, table: 1 << size, spare: SPARE_ENTRIES })
    }

    /// The next ones. None where there are not enough, or one is none.
    pub fn fill(&mut self, mut places: &mut [u8]) -> Option<()> {
        let mut idle = false;
        while !places.is_empty() {
            if self.block.is_empty() {
                self.next_block();
            }
            let step = self.decoder.as_mut()?.decode_bytes(self.block, places);
            self.block = self.block.get(step.consumed_in..)?;
            places = places.get_mut(step.consumed_out..)?;
            self.pay(step.consumed_out)?;
            let nothing = step.consumed_out == 0 && self.block.is_empty();
            idle = match step.status {
                // A clear code that `weezl` had read before is no progress to it, once (0.1.12).
                Ok(LzwStatus::NoProgress) if nothing && !idle => true,
                Ok(LzwStatus::NoProgress) if nothing => return None,
                Ok(LzwStatus::NoProgress | LzwStatus::Ok) => false,
                // What came before is good.
                Ok(LzwStatus::Done) | Err(_) => {
                    self.decoder = None;
                    false
                }
            };
        }
        Some(())
    }

    /// None of a step that gave no pixel once too often.
    fn pay(&mut self, pixels: usize) -> Option<()> {
        self.spare = match pixels {
            0 => self.spare.checked_sub(self.table)?,
            pixels => self.spare.saturating_add(pixels as u64 * ENTRIES_A_PIXEL),
        };
        Some(())
    }

    /// Section 15: as much as there is of it. An empty one is the last.
    fn next_block(&mut self) {
        let (len, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        let len = usize::from(*len).min(rest.len());
        (self.block, self.rest) = if len == 0 { (&[][..], &[][..]) } else { rest.split_at(len) };
    }
}
