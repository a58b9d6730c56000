//! The bytes of a file that are known so far.
//!
//! Header readers do no I/O: they read a file through a [`Block`] as if it were all there. Where it is not,
//! they end with [`Gap::Need`], the missing bytes are fetched, and the reader starts again. So the tail of a
//! TIFF, the iloc of a HEIC and a growing JPEG prefix are the same case.

use std::borrow::Cow;
use std::ops::Range;

/// Why bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// They have not been fetched: offsets in the file.
    Need(Range<u64>),
    /// The file, or the block looked at, ends before them; or no more will be fetched.
    End,
}

/// Some spans of a file.
#[derive(Debug, Default)]
pub struct Known {
    /// By offset, neither overlapping nor touching.
    spans: Vec<(u64, Vec<u8>)>,
    /// Bytes of the whole file, where anybody said so.
    size: Option<u64>,
    /// Nothing more will be fetched: what is missing counts as beyond the end.
    closed: bool,
}

impl Known {
    /// A file that is known whole.
    pub fn whole(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { size: Some(bytes.len() as u64), spans: vec![(0, bytes)], closed: true }
    }

    pub fn size(&self) -> Option<u64> {
        self.size
    }

    pub fn set_size(&mut self, size: u64) {
        self.size = Some(size);
    }

    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Bytes known from the start of the file without a gap.
    pub fn prefix(&self) -> &[u8] {
        match self.spans.first() {
            Some((0, bytes)) => bytes,
            _ => &[],
        }
    }

    /// Every byte of the file is known.
    pub fn is_whole(&self) -> bool {
        self.size == Some(self.prefix().len() as u64)
    }

    /// Adds bytes; what is known already stays as it is.
    pub fn add<'b>(&mut self, offset: u64, bytes: impl Into<Cow<'b, [u8]>>) {
        let bytes = bytes.into();
        let mut place = self.spans.partition_point(|(start, _)| *start <= offset);
        match place.checked_sub(1).map(|before| end(&self.spans[before])) {
            Some(known) if known >= offset => {
                place -= 1;
                let fresh = bytes.get((known - offset) as usize..).unwrap_or_default();
                self.spans[place].1.extend_from_slice(fresh);
            }
            _ => self.spans.insert(place, (offset, bytes.into_owned())),
        }
        self.join_followers(place);
    }

    /// Takes out the bytes that end here and their place, to be added again with what follows.
    pub fn take_before(&mut self, offset: u64) -> (u64, Vec<u8>) {
        let before = self.spans.iter().position(|span| end(span) == offset);
        before.map_or((offset, Vec::new()), |place| self.spans.remove(place))
    }

    /// Forgets all but so many bytes from the start.
    pub fn keep_prefix(&mut self, len: usize) {
        self.spans.truncate(1);
        self.spans.retain(|(start, _)| *start == 0);
        for (_, bytes) in &mut self.spans {
            bytes.truncate(len);
            bytes.shrink_to_fit();
        }
    }

    /// Joins to a span what it reaches of those behind it.
    fn join_followers(&mut self, place: usize) {
        while self.spans.get(place + 1).is_some_and(|next| next.0 <= end(&self.spans[place])) {
            let (start, bytes) = self.spans.remove(place + 1);
            let overlap = (end(&self.spans[place]) - start) as usize;
            let fresh = bytes.get(overlap..).unwrap_or_default();
            self.spans[place].1.extend_from_slice(fresh);
        }
    }

    /// The whole file as a block.
    pub fn block(&self) -> Block<'_> {
        Block { file: File::Known(self), start: 0, end: self.size.unwrap_or(u64::MAX) }
    }

    fn slice(&self, range: Range<u64>) -> Result<&[u8], Gap> {
        // No bytes are known anywhere; to need them would be to ask forever.
        if range.is_empty() {
            return Ok(&[]);
        }
        let place = self.spans.partition_point(|(start, _)| *start <= range.start);
        if let Some((start, bytes)) = place.checked_sub(1).map(|before| &self.spans[before]) {
            let skip = (range.start - start) as usize;
            let len = (range.end - range.start) as usize;
            if let Some(found) = bytes.get(skip..).and_then(|rest| rest.get(..len)) {
                return Ok(found);
            }
        }
        Err(if self.closed { Gap::End } else { Gap::Need(range) })
    }
}

/// Where a span ends.
fn end(span: &(u64, Vec<u8>)) -> u64 {
    span.0 + span.1.len() as u64
}

/// A part of a file, addressed from its own start.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    file: File<'a>,
    start: u64,
    end: u64,
}

#[derive(Debug, Clone, Copy)]
enum File<'a> {
    Known(&'a Known),
    Whole(&'a [u8]),
}

#[expect(clippy::len_without_is_empty, reason = "an empty block is the case of every other that ends early")]
impl<'a> Block<'a> {
    /// A file that is held whole by somebody else.
    pub fn whole(file: &'a [u8]) -> Self {
        Self { file: File::Whole(file), start: 0, end: file.len() as u64 }
    }

    /// A part of this block, cut where this block ends.
    pub fn part(&self, offset: u64, len: u64) -> Block<'a> {
        let start = self.start.saturating_add(offset).min(self.end);
        Block { file: self.file, start, end: start.saturating_add(len).min(self.end) }
    }

    /// What follows `offset`.
    pub fn from(&self, offset: u64) -> Block<'a> {
        self.part(offset, u64::MAX)
    }

    /// Bytes in the block; far too many where nobody has told the size of the file.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    pub fn bytes(&self, offset: u64, len: u64) -> Result<&'a [u8], Gap> {
        let start = self.start.checked_add(offset).ok_or(Gap::End)?;
        let end = start.checked_add(len).ok_or(Gap::End)?;
        if end > self.end {
            return Err(Gap::End);
        }
        match self.file {
            File::Known(known) => known.slice(start..end),
            File::Whole(bytes) => bytes.get(start as usize..end as usize).ok_or(Gap::End),
        }
    }

    pub fn array<const N: usize>(&self, offset: u64) -> Result<[u8; N], Gap> {
        let bytes = self.bytes(offset, N as u64)?;
        bytes.try_into().map_err(|_| Gap::End)
    }

    pub fn u8(&self, offset: u64) -> Result<u8, Gap> {
        Ok(self.array::<1>(offset)?[0])
    }

    pub fn u16_be(&self, offset: u64) -> Result<u16, Gap> {
        self.array(offset).map(u16::from_be_bytes)
    }

    pub fn u32_be(&self, offset: u64) -> Result<u32, Gap> {
        self.array(offset).map(u32::from_be_bytes)
    }

    pub fn u16_le(&self, offset: u64) -> Result<u16, Gap> {
        self.array(offset).map(u16::from_le_bytes)
    }

    pub fn u32_le(&self, offset: u64) -> Result<u32, Gap> {
        self.array(offset).map(u32::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_missing_and_reads_across_joined_spans() {
        let mut known = Known::default();
        known.set_size(12);
        known.add(0, b"abcd");
        assert_eq!(known.block().bytes(2, 4), Err(Gap::Need(2..6)));
        known.add(8, b"ijkl");
        known.add(3, b"defghi");
        assert_eq!(known.block().bytes(2, 8), Ok(&b"cdefghij"[..]));
        assert_eq!(known.prefix().len(), 12);
        assert_eq!(known.block().bytes(11, 2), Err(Gap::End));
    }

    #[test]
    fn a_block_ends_where_its_parent_does() {
        let known = Known::whole(&b"abcdef"[..]);
        for file in [known.block(), Block::whole(b"abcdef")] {
            let part = file.part(4, 100);
            assert_eq!(part.len(), 2);
            assert_eq!(part.bytes(0, 2), Ok(&b"ef"[..]));
            assert_eq!(part.bytes(2, 0), Ok(&b""[..]));
            assert_eq!(part.bytes(1, 2), Err(Gap::End));
            assert_eq!(part.bytes(u64::MAX, u64::MAX), Err(Gap::End));
            assert_eq!(file.from(u64::MAX).len(), 0);
        }
    }

    #[test]
    fn what_is_taken_out_is_missing_until_it_is_added_again() {
        let mut known = Known::default();
        known.add(0, b"ab");
        known.add(4, b"ef");
        assert_eq!(known.take_before(3), (3, Vec::new()));
        let (start, mut bytes) = known.take_before(2);
        assert_eq!(known.block().u8(0), Err(Gap::Need(0..1)));
        bytes.extend(b"cd");
        known.add(start, bytes);
        assert_eq!(known.prefix(), b"abcdef");
    }

    #[test]
    fn no_bytes_need_no_fetching() {
        assert_eq!(Known::default().block().bytes(4, 0), Ok(&b""[..]));
    }

    #[test]
    fn a_closed_file_has_an_end_where_it_has_a_gap() {
        let mut known = Known::default();
        known.add(4, b"efgh");
        assert_eq!(known.block().u8(0), Err(Gap::Need(0..1)));
        known.close();
        assert_eq!(known.block().u8(0), Err(Gap::End));
    }
}
