//! Boxes: ISO/IEC 14496-12 section 4.2.

use crate::source::engine::exif::present;
use crate::source::engine::known::{Block, Gap};

/// A box and where it ends.
pub struct BoxAt<'a> {
    pub kind: [u8; 4],
    pub body: Block<'a>,
    pub end: u64,
}

impl<'a> BoxAt<'a> {
    pub fn read(block: Block<'a>, offset: u64) -> Result<Self, Gap> {
        let [a, b, c, d, kind @ ..] = block.array::<8>(offset)?;
        let (head, size) = match u32::from_be_bytes([a, b, c, d]) {
            // Up to the end of what is around it.
            0 => (8, block.len() - offset),
            1 => (16, u64::from_be_bytes(block.array(offset + 8)?)),
            size => (8, size.into()),
        };
        let len = size.checked_sub(head).ok_or(Gap::End)?;
        let end = offset.checked_add(size).ok_or(Gap::End)?;
        Ok(Self { kind, body: block.part(offset + head, len), end })
    }
}

/// The boxes that fill a block, as far as they are there.
pub fn children(block: Block<'_>) -> Result<Vec<BoxAt<'_>>, Gap> {
    let mut boxes = Vec::new();
    let mut offset = 0;
    while let Some(found) = present(BoxAt::read(block, offset))? {
        offset = found.end;
        boxes.push(found);
    }
    Ok(boxes)
}

/// Reads the fields of a box one behind the other.
pub struct Fields<'a> {
    block: Block<'a>,
    offset: u64,
}

impl<'a> Fields<'a> {
    pub fn new(block: Block<'a>) -> Self {
        Self { block, offset: 0 }
    }

    /// A big-endian integer of up to 8 bytes.
    pub fn uint(&mut self, len: u64) -> Result<u64, Gap> {
        let bytes = self.block.bytes(self.offset, len)?;
        self.offset += len;
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Version and flags of a full box.
    pub fn version_and_flags(&mut self) -> Result<(u64, u64), Gap> {
        Ok((self.uint(1)?, self.uint(3)?))
    }

    pub fn skip(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
    }

    /// What has not been read.
    pub fn rest(&self) -> Block<'a> {
        self.block.from(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::engine::known::Known;

    /// Type, length of the content and end of each box.
    fn boxes(bytes: &[u8]) -> Vec<([u8; 4], u64, u64)> {
        let known = Known::whole(bytes);
        let boxes = children(known.block()).unwrap();
        boxes.iter().map(|found| (found.kind, found.body.len(), found.end)).collect()
    }

    #[test]
    fn a_size_may_have_8_bytes_or_mean_all_that_is_left() {
        let long = b"\0\0\0\x01long\0\0\0\0\0\0\0\x12..";
        let last = b"\0\0\0\0last...";
        let found = [(*b"long", 2, 18), (*b"last", 3, 29)];
        assert_eq!(boxes(&[&long[..], last].concat()), found);
    }

    #[test]
    fn a_size_that_cannot_be_ends_the_boxes() {
        assert_eq!(boxes(b"\0\0\0\x07tiny...."), []);
        assert_eq!(boxes(b"\0\0\0\x01huge\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), [(*b"huge", 0, u64::MAX)]);
    }
}
