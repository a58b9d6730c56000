//! Which bytes of a file to get next, and how many may be had in all. The same for files near and far.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::source::engine::known::{Gap, Known};

/// The first request's: size, EXIF and profile end by byte 65,536 in nearly every camera's JPEG.
pub const FIRST_BYTES: u64 = 64 * 1024;

/// By how much a prefix grows that was too short.
const GROWTH: u64 = 4;

/// What is worth a request of its own: the bytes around a directory are mostly what it points to.
const SPAN: u64 = 16 * 1024;

/// A page: where a span starts.
const ALIGNMENT: u64 = 4096;

/// What of `need` is in the file but not known.
pub fn lack(known: &Known, need: &Range<u64>) -> Option<Range<u64>> {
    let end = need.end.min(known.size().unwrap_or(u64::MAX));
    let len = end.checked_sub(need.start).filter(|len| *len > 0)?;
    match known.block().bytes(need.start, len) {
        Err(Gap::Need(lack)) => Some(lack),
        Ok(_) | Err(Gap::End) => None,
    }
}

/// How many bytes of one file may be held, and how many have been had.
pub struct Quota {
    max_bytes: u64,
    had: u64,
}

impl Quota {
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes, had: 0 }
    }

    pub fn count(&mut self, bytes: usize) {
        self.had = self.had.saturating_add(bytes as u64);
    }

    pub fn had(&self) -> u64 {
        self.had
    }

    /// What is missing of the whole file.
    pub fn rest(&self, known: &Known) -> Result<Option<Range<u64>>> {
        let prefix = known.prefix().len() as u64;
        match known.size() {
            Some(size) if size > self.max_bytes => Err(self.exceeded()),
            Some(size) => Ok((prefix < size).then_some(prefix..size)),
            // One byte more than may be had tells that there is one.
            None => Ok(Some(prefix..self.max_bytes.saturating_add(1))),
        }
    }

    /// The range to get for a lack: never empty, and where there is room the whole of it.
    pub fn next(&self, known: &Known, lack: &Range<u64>) -> Result<Range<u64>> {
        let size = known.size().unwrap_or(u64::MAX);
        let prefix = known.prefix().len() as u64;
        let wish = wish(prefix, lack, size);
        let room = self.room(known.size(), lack.end.saturating_sub(lack.start.max(prefix)))?;
        Ok(wish.start..wish.end.min(size).min(wish.start.saturating_add(room)))
    }

    /// Reading a stream from its start to what is lacking must not take too much.
    pub fn reaches(&self, known: &Known, lack: &Range<u64>) -> Result<()> {
        let hopeless = known.size().is_some() && lack.end > self.max_bytes;
        if hopeless || known.prefix().len() as u64 > self.max_bytes { Err(self.exceeded()) } else { Ok(()) }
    }

    /// Whether a file may have so many bytes.
    pub fn holds(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_bytes { Err(self.exceeded()) } else { Ok(()) }
    }

    /// Of a file within the limit every byte may be had. A size not known may turn out to be within it.
    fn room(&self, size: Option<u64>, lacking: u64) -> Result<u64> {
        let left = self.max_bytes.saturating_add(1).saturating_sub(self.had);
        let fits = match size {
            Some(size) if size <= self.max_bytes => return Ok(u64::MAX),
            Some(_) => lacking < left,
            None => left > 0,
        };
        if fits { Ok(left) } else { Err(self.exceeded()) }
    }

    fn exceeded(&self) -> Error {
        Error::TooLarge { what: "bytes", limit: self.max_bytes }
    }
}

fn wish(prefix: u64, lack: &Range<u64>, size: u64) -> Range<u64> {
    if lack.start <= prefix.saturating_add(SPAN) {
        return prefix..lack.end.max(prefix.saturating_mul(GROWTH)).max(FIRST_BYTES);
    }
    // At the end of a file: its last span.
    let start = lack.start.min(size.saturating_sub(SPAN));
    let end = lack.end.max(start.saturating_add(SPAN));
    (start - start % ALIGNMENT).max(prefix)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;

    fn known(prefix: u64, size: Option<u64>) -> Known {
        let mut known = Known::default();
        known.add(0, vec![0; prefix as usize]);
        size.into_iter().for_each(|size| known.set_size(size));
        known
    }

    fn next(max: u64, had: u64, known: &Known, lack: Range<u64>) -> Result<Range<u64>> {
        Quota { max_bytes: max, had }.next(known, &lack)
    }

    const TOO_LARGE: Result<Range<u64>> = Err(Error::TooLarge { what: "bytes", limit: MIB });

    #[test]
    fn a_prefix_grows_fourfold_or_as_far_as_is_needed() {
        let file = known(64 * KIB, Some(10 * MIB));
        let next = |lack| next(50 * MIB, 64 * KIB, &file, lack);
        assert_eq!(next(64 * KIB..64 * KIB + 2), Ok(64 * KIB..256 * KIB));
        assert_eq!(next(80 * KIB..80 * KIB + 2), Ok(64 * KIB..256 * KIB));
        assert_eq!(next(60 * KIB..2 * MIB), Ok(64 * KIB..2 * MIB));
        assert_eq!(next(0..10 * MIB), Ok(64 * KIB..10 * MIB));
    }

    #[test]
    fn a_far_span_is_fetched_alone_with_what_surrounds_it() {
        let file = known(64 * KIB, Some(10 * MIB));
        let next = |lack| next(50 * MIB, 64 * KIB, &file, lack);
        assert_eq!(next(MIB + 5..MIB + 7), Ok(MIB..MIB + 16 * KIB + 5));
        assert_eq!(next(MIB + 5..MIB + 100 * KIB), Ok(MIB..MIB + 100 * KIB));
        assert_eq!(next(10 * MIB - 6..10 * MIB), Ok(10 * MIB - 16 * KIB..10 * MIB));
    }

    #[test]
    fn nothing_is_asked_for_beyond_the_end() {
        let file = known(64 * KIB, Some(100 * KIB + 1));
        assert_eq!(next(MIB, 0, &file, 64 * KIB..64 * KIB + 1), Ok(64 * KIB..100 * KIB + 1));
        assert_eq!(next(MIB, 0, &file, 100 * KIB..100 * KIB + 1), Ok(84 * KIB..100 * KIB + 1));
    }

    #[test]
    fn a_file_above_the_limit_gives_no_more_than_the_limit() {
        let file = known(64 * KIB, Some(10 * MIB));
        assert_eq!(next(MIB, 64 * KIB, &file, 9 * MIB..9 * MIB + 2), Ok(9 * MIB..9 * MIB + 16 * KIB));
        assert_eq!(next(MIB, 64 * KIB, &file, 64 * KIB..64 * KIB + MIB), TOO_LARGE);
        assert_eq!(next(MIB, 64 * KIB, &file, 0..MIB), Ok(64 * KIB..MIB));
        assert_eq!(next(MIB, MIB, &file, 9 * MIB..9 * MIB + 1), TOO_LARGE);
        assert_eq!(next(MIB, MIB - 10, &file, 9 * MIB..9 * MIB + 10), Ok(9 * MIB..9 * MIB + 11));
    }

    #[test]
    fn a_file_above_the_limit_is_too_large_even_where_all_of_it_is_known() {
        let quota = |max_bytes| Quota { max_bytes, had: 100 };
        assert_eq!(quota(99).rest(&known(100, Some(100))), Err(Error::TooLarge { what: "bytes", limit: 99 }));
        assert_eq!(quota(100).rest(&known(100, Some(100))), Ok(None));
        assert_eq!(quota(100).rest(&known(90, Some(100))), Ok(Some(90..100)));
    }

    #[test]
    fn an_unknown_size_is_found_out_within_the_limit() {
        let file = known(64 * KIB, None);
        let quota = Quota { max_bytes: MIB, had: 64 * KIB };
        let rest = quota.rest(&file).unwrap().unwrap();
        assert_eq!(rest, 64 * KIB..MIB + 1);
        assert_eq!(quota.next(&file, &rest), Ok(64 * KIB..MIB + 1));
        assert_eq!(next(MIB, MIB + 1, &known(MIB + 1, None), MIB + 1..MIB + 2), TOO_LARGE);
        assert_eq!(quota.next(&file, &(64 * KIB..u64::MAX)), Ok(64 * KIB..MIB + 1));
    }

    #[test]
    fn what_lies_beyond_the_end_is_not_lacking() {
        let file = known(10, Some(20));
        assert_eq!(lack(&file, &(0..10)), None);
        assert_eq!(lack(&file, &(5..15)), Some(5..15));
        assert_eq!(lack(&file, &(15..u64::MAX)), Some(15..20));
        for nothing in [20..30, 30..40, 12..12, u64::MAX..u64::MAX] {
            assert_eq!(lack(&file, &nothing), None);
        }
    }
}
