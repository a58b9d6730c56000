//! TIFF 6.0 section 2: a directory for each page, each with the place of the next one.

use std::collections::HashSet;

use super::{Stop, too_many};
use crate::error::Error;
use crate::source::engine::exif::{Order, Tiff};
use crate::source::engine::known::{Block, Gap};

/// As many as libvips reads; a bound on what a file of small ones can cost.
const MAX_PAGES: usize = 100_000;

pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    match Tiff::new(file)? {
        Some(tiff) => walk(tiff.ifd0.into(), |page| tiff.behind(page)),
        None => count_big(file),
    }
}

/// BigTIFF (libtiff's description of it): counts and offsets take eight bytes, and so an entry twenty.
fn count_big(file: Block<'_>) -> Result<u64, Stop> {
    const OFFSET: u64 = 8;
    const ENTRY: u64 = 20;
    let order = if file.u8(0)? == b'I' { Order::Little } else { Order::Big };
    if order.u16(file.array(4)?) != OFFSET as u16 {
        return Err(Error::UnsupportedFormat("a TIFF with offsets of such a size").into());
    }
    let number = |place| file.array(place).map(|bytes| order.u64(bytes));
    let behind = |page: u64| {
        let entries = number(page)?.checked_mul(ENTRY).ok_or(Gap::End)?;
        let first = page.checked_add(OFFSET).ok_or(Gap::End)?;
        number(first.checked_add(entries).ok_or(Gap::End)?)
    };
    walk(number(8)?, behind)
}

/// A chain that leads back ends there.
fn walk(first: u64, behind: impl Fn(u64) -> Result<u64, Gap>) -> Result<u64, Stop> {
    let mut pages = HashSet::new();
    let mut next = first;
    while next != 0 && !pages.contains(&next) {
        if pages.len() >= MAX_PAGES {
            return Err(too_many("pages", MAX_PAGES));
        }
        let page = next;
        next = behind(page)?;
        pages.insert(page);
    }
    Ok(pages.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::count;
    use super::*;
    use crate::metadata::Format;
    use crate::source::engine::exif::build::{block, link, place};

    #[test]
    fn pages_are_a_chain_that_may_lead_back_and_not_away() {
        let tags: &[(u16, u16, u32, &[u8])] = &[(0x0100, 3, 1, b"\0\x05\0\0")];
        let mut file = block(&[tags, tags, tags]);
        assert_eq!(count(&file, Format::Tiff), Ok(1));
        link(&mut file, place(0), 1, place(2));
        link(&mut file, place(2), 1, place(1));
        assert_eq!(count(&file, Format::Tiff), Ok(3));
        link(&mut file, place(1), 1, place(0));
        assert_eq!(count(&file, Format::Tiff), Ok(3));
        link(&mut file, place(1), 1, 1 << 20);
        assert!(matches!(count(&file, Format::Tiff), Err(Error::CorruptImage(_))));
    }

    /// Directories of one entry, of which each is told where the next one is.
    fn big(next: &[u64]) -> Vec<u8> {
        let directory = |next: &u64| [&1u64.to_be_bytes()[..], &[0; 20], &next.to_be_bytes()].concat();
        let start = [b"MM\0\x2B\0\x08\0\0", &16u64.to_be_bytes()[..]].concat();
        [start, next.iter().flat_map(directory).collect()].concat()
    }

    #[test]
    fn pages_of_a_bigtiff_are_a_chain_as_well() {
        let place = |page: u64| 16 + 36 * page;
        assert_eq!(count(&big(&[0]), Format::Tiff), Ok(1));
        assert_eq!(count(&big(&[place(2), 0, place(1)]), Format::Tiff), Ok(3));
        assert_eq!(count(&big(&[place(1), place(0)]), Format::Tiff), Ok(2), "it leads back");
        let little = b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(count(little, Format::Tiff), Ok(1), "without entries");
        for away in [1 << 20, u64::MAX, u64::MAX - 20] {
            assert!(matches!(count(&big(&[away]), Format::Tiff), Err(Error::CorruptImage(_))), "{away}");
        }
        let mut endless = big(&[0]);
        endless[16..24].copy_from_slice(&u64::MAX.to_be_bytes());
        assert!(matches!(count(&endless, Format::Tiff), Err(Error::CorruptImage(_))));
    }

    #[test]
    fn a_file_without_pages_or_of_another_kind_has_no_count() {
        assert!(matches!(count(b"MM\0*\0\0\0\0", Format::Tiff), Err(Error::CorruptImage(_))));
        let other = b"II\x2B\0\x10\0\0\0\x10\0\0\0\0\0\0\0";
        assert!(matches!(count(other, Format::Tiff), Err(Error::UnsupportedFormat(_))));
    }
}
