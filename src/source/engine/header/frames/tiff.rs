//! TIFF 6.0 section 2: a directory for each page, each with the place of the next one.

use std::collections::HashSet;

use super::{Stop, too_many};
use crate::error::Error;
use crate::source::engine::exif::Tiff;
use crate::source::engine::known::Block;

/// As many as libvips reads; a bound on what a file of small ones can cost.
const MAX_PAGES: usize = 100_000;

/// A chain that leads back ends there.
pub fn count(file: Block<'_>) -> Result<u64, Stop> {
    let tiff = Tiff::new(file)?.ok_or(Error::UnsupportedFormat("BigTIFF"))?;
    let mut pages = HashSet::new();
    let mut next = Some(tiff.ifd0).filter(|first| *first != 0);
    while let Some(page) = next.filter(|page| !pages.contains(page)) {
        if pages.len() >= MAX_PAGES {
            return Err(too_many("pages", MAX_PAGES));
        }
        next = tiff.behind(page)?;
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

    #[test]
    fn a_file_without_pages_or_of_another_kind_has_no_count() {
        assert!(matches!(count(b"MM\0*\0\0\0\0", Format::Tiff), Err(Error::CorruptImage(_))));
        assert_eq!(count(b"II\x2B\0\x08\0\0\0", Format::Tiff), Err(Error::UnsupportedFormat("BigTIFF")));
    }
}
