//! TIFF 6.0: the values of every page's directory lie within the file, and so do its strips or tiles. Only the first page is
//! decoded.

use std::collections::HashSet;
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use super::array;
use crate::source::engine::exif::Order;

const ENTRY_LEN: usize = 12;

/// Where strips and tiles are, and how many bytes they take (section 8 and 15).
const PLACES: [u16; 2] = [0x0111, 0x0144];
const SIZES: [u16; 2] = [0x0117, 0x0145];

pub fn is_whole(mut file: impl BufRead + Seek, len: u64) -> io::Result<bool> {
    let start: [u8; 4] = array(&mut file)?;
    let order = match start {
        [b'I', b'I', 42, 0] => Order::Little,
        [b'M', b'M', 0, 42] => Order::Big,
        // A BigTIFF, which is refused as such.
        _ => return Ok(true),
    };
    let mut tiff = Tiff { file, len, order, readable: len };
    let mut next = tiff.u32()?.into();
    let mut pages = HashSet::new();
    // A chain that leads back ends there.
    while next != 0 && pages.insert(next) {
        match tiff.page(next)? {
            Some(behind) => next = behind,
            None => return Ok(false),
        }
    }
    Ok(true)
}

struct Tiff<R> {
    file: R,
    len: u64,
    order: Order,
    /// Bytes. Directories and tables that do not overlap take no more than the file has.
    readable: u64,
}

struct Entry {
    tag: u16,
    /// Bytes of one value.
    each: u64,
    count: u64,
    /// Where the values start.
    place: u64,
}

impl<R: BufRead + Seek> Tiff<R> {
    /// Where the next page is; `None` where not all of this one is there.
    fn page(&mut self, place: u64) -> io::Result<Option<u64>> {
        self.file.seek(SeekFrom::Start(place))?;
        let count = usize::from(self.order.u16(array(&mut self.file)?));
        let directory = self.read((count * ENTRY_LEN) as u64)?;
        let next = self.u32()?.into();
        let first = place + 2;
        let entries = directory.as_chunks::<ENTRY_LEN>().0.iter().zip((first..).step_by(ENTRY_LEN));
        let entries: Vec<_> = entries.map(|(bytes, place)| self.entry(*bytes, place)).collect();
        let is_there = |entry: &Entry| entry.place + entry.each * entry.count <= self.len;
        if !entries.iter().all(is_there) {
            return Ok(None);
        }
        let numbers = |tiff: &mut Self, tags: [u16; 2]| {
            let entry = entries.iter().find(|entry| tags.contains(&entry.tag));
            entry.map_or(Ok(Vec::new()), |entry| tiff.numbers(entry))
        };
        let (places, sizes) = (numbers(self, PLACES)?, numbers(self, SIZES)?);
        let ends = places.iter().zip(sizes).map(|(place, size)| place + size);
        Ok(ends.max().is_none_or(|end| end <= self.len).then_some(next))
    }

    fn entry(&self, [a, b, c, d, e, f, g, h, value @ ..]: [u8; ENTRY_LEN], place: u64) -> Entry {
        let each = match self.order.u16([c, d]) {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            // Of no type that there is: nothing is known of its values.
            _ => 0,
        };
        let count = u64::from(self.order.u32([e, f, g, h]));
        // Values that fit into four bytes stand in the entry itself.
        let place = if each * count <= 4 { place + 8 } else { self.order.u32(value).into() };
        Entry { tag: self.order.u16([a, b]), each, count, place }
    }

    /// Of SHORT or LONG.
    fn numbers(&mut self, entry: &Entry) -> io::Result<Vec<u64>> {
        self.file.seek(SeekFrom::Start(entry.place))?;
        let bytes = self.read(entry.each * entry.count)?;
        Ok(match entry.each {
            2 => bytes.as_chunks().0.iter().map(|bytes| self.order.u16(*bytes).into()).collect(),
            4 => bytes.as_chunks().0.iter().map(|bytes| self.order.u32(*bytes).into()).collect(),
            _ => Vec::new(),
        })
    }

    fn u32(&mut self) -> io::Result<u32> {
        Ok(self.order.u32(array(&mut self.file)?))
    }

    fn read(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        self.readable = self.readable.checked_sub(bytes).ok_or(ErrorKind::UnexpectedEof)?;
        let mut read = Vec::new();
        self.file.by_ref().take(bytes).read_to_end(&mut read)?;
        if read.len() as u64 == bytes { Ok(read) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{is_whole_to_its_last_byte, whole};
    use crate::metadata::Format;
    use crate::source::engine::exif::build::{block, link, place};

    const SHORT: u16 = 3;
    const LONG: u16 = 4;

    #[test]
    fn a_tiff_ends_with_the_last_strip_of_its_pages() {
        let data = place(2);
        let at = |place: u32| place.to_be_bytes();
        let places = [at(data + 12), at(data + 12 + 50)].concat();
        let first: &[_] = &[(0x0111, LONG, 2, &places[..]), (0x0117, SHORT, 2, &[0, 50, 0, 40])];
        let (tile, size) = (at(data + 12 + 90), at(10));
        let second: &[_] = &[(0x0144, LONG, 1, &tile[..]), (0x0145, LONG, 1, &size[..])];
        let mut file = block(&[first, second]);
        link(&mut file, place(0), 2, place(1));
        file.resize(data as usize + 12 + 100, 7);
        // The first page does not reach as far.
        for end in [data as usize + 12, file.len() - 10, file.len() - 1] {
            assert!(!whole(Format::Tiff, &file[..end]), "{end}");
        }
        is_whole_to_its_last_byte(Format::Tiff, &file);
    }

    #[test]
    fn values_lie_within_and_a_chain_may_lead_back() {
        let density = [0, 0, 0, 72, 0, 0, 0, 1];
        let mut file = block(&[&[(0x011A, 5, 1, &density[..])]]);
        link(&mut file, place(0), 1, place(0));
        assert!(whole(Format::Tiff, &file) && !whole(Format::Tiff, &file[..file.len() - 1]));
    }

    /// Each page by itself is small, all of them together would take a day.
    #[test]
    fn pages_that_share_a_table_are_not_read_without_end() {
        let mut file = b"MM\0\x2A\0\0\0\x08".to_vec();
        let pages = 20_000;
        for page in 1..=pages {
            let next = if page == pages { 0 } else { 8 + 18 * page as u32 };
            file.extend(
                [&b"\0\x01\x01\x11\0\x04"[..], &60_000_u32.to_be_bytes(), &[0; 4], &next.to_be_bytes()]
                    .concat(),
            );
        }
        assert!(!whole(Format::Tiff, &file));
    }
}
