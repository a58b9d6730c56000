//! The EXIF groups of a TIFF block, key for key as ImageKit prints them.
//!
//! ImageKit's `exif` is that of npm exif 0.6.0, which this follows. It differs where that package gives up or
//! guesses: what is damaged is read as far as it goes, text ends at its first NUL, a UserComment is decoded,
//! and maker notes are left alone.

#[cfg(test)]
pub mod build;
mod tags;
mod text;
mod tiff;

pub use tiff::{Directory, Entry, Kind, Order, Tiff, present};

use serde_json::{Map, Value};

use super::known::{Block, Gap};
use crate::metadata::{Exif, TagGroup, number};
use tiff::NOWHERE;

/// Bytes of one value, enough for whatever fits into a JPEG's APP1 segment. What is longer is the strip
/// table of a huge TIFF or the layers of a Photoshop file: not worth fetching, so it is left out.
const MAX_VALUE: u64 = 64 << 10;

/// Bytes of all values together. Entries may point at the same bytes over and over, and as a JSON
/// number each byte takes 32.
const MAX_VALUES: u64 = 256 << 10;

const USER_COMMENT: u16 = 0x9286;

/// `None` where the block does not start with a TIFF header.
pub fn read(block: Block<'_>) -> Result<Option<Exif>, Gap> {
    let Some(tiff) = Tiff::new(block)? else { return Ok(None) };
    let mut groups = Groups { tiff, left: MAX_VALUES, visited: Vec::new() };
    let (image, ifd1) = groups.read(tiff.ifd0, tags::ifd)?;
    let (thumbnail, _) = groups.read(ifd1, tags::ifd)?;
    let (exif, _) = groups.read(pointer(&image, "ExifOffset"), tags::ifd)?;
    let (gps, _) = groups.read(pointer(&image, "GPSInfo"), tags::gps)?;
    let (interoperability, _) = groups.read(pointer(&exif, "InteropOffset"), tags::ifd)?;
    Ok(Some(Exif { image, thumbnail, exif, gps, interoperability, makernote: TagGroup::default() }))
}

/// Where a pointer tag leads.
fn pointer(group: &TagGroup, name: &str) -> u32 {
    group.0.get(name).and_then(Value::as_u64).and_then(|offset| offset.try_into().ok()).unwrap_or(NOWHERE)
}

struct Groups<'a> {
    tiff: Tiff<'a>,
    /// Bytes that values may still take.
    left: u64,
    /// Offsets of the directories read so far: some files have loops.
    visited: Vec<u32>,
}

impl Groups<'_> {
    /// The directory at `offset`, and where its successor is.
    fn read(&mut self, offset: u32, name: fn(u16) -> Option<&'static str>) -> Result<(TagGroup, u32), Gap> {
        if self.visited.contains(&offset) {
            return Ok((TagGroup::default(), NOWHERE));
        }
        self.visited.push(offset);
        let directory = self.tiff.directory(offset)?;
        let mut group = TagGroup(Map::with_capacity(directory.entries.len()));
        for entry in &directory.entries {
            let Some(name) = name(entry.tag) else { continue };
            if let Some(value) = self.value(entry)? {
                group.insert(name, value);
            }
        }
        Ok((group, directory.next))
    }

    /// `None` for a value that is damaged, too long, or not shown.
    fn value(&mut self, entry: &Entry) -> Result<Option<Value>, Gap> {
        if entry.size() > self.left.min(MAX_VALUE) {
            return Ok(None);
        }
        let Some(bytes) = present(self.tiff.value(entry))? else { return Ok(None) };
        self.left -= entry.size();
        let order = self.tiff.order();
        Ok(match (entry.kind, entry.tag) {
            (Kind::Ascii, _) => Some(text::ascii(bytes).into()),
            (Kind::Undefined, USER_COMMENT) => text::user_comment(bytes, order).map(Value::from),
            (Kind::Undefined, _) => text::printable(bytes).map(Value::from),
            (kind, _) => Some(numeric(&kind.numbers(bytes, order))),
        })
    }
}

/// One number stands alone, none or several in an array.
fn numeric(numbers: &[f64]) -> Value {
    match numbers {
        [one] => number(*one),
        several => several.iter().copied().map(number).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::build::{block, link, place};
    use super::*;
    use crate::source::engine::known::Known;

    const MAKE: u16 = 0x010F;
    const ORIENTATION: u16 = 0x0112;
    const EXIF: u16 = 0x8769;
    const GPS: u16 = 0x8825;
    const INTEROPERABILITY: u16 = 0xA005;

    fn exif(block: &[u8]) -> Exif {
        read(Known::whole(block).block()).unwrap().unwrap()
    }

    fn json(group: &TagGroup) -> String {
        serde_json::to_string(group).unwrap()
    }

    #[test]
    fn pointers_lead_to_groups_and_stay_as_numbers() {
        let mut block = block(&[
            &[(EXIF, 4, 1, &place(1).to_be_bytes()), (GPS, 4, 1, &place(2).to_be_bytes())],
            &[(INTEROPERABILITY, 4, 1, &place(3).to_be_bytes())],
            &[(1, 2, 2, b"N\0\0\0")],
            &[(1, 2, 4, b"R98\0"), (0x7777, 2, 4, b"odd\0"), (2, 7, 4, b"0100")],
            &[(ORIENTATION, 3, 1, b"\0\x06\0\0")],
        ]);
        link(&mut block, place(0), 2, place(4));
        let exif = exif(&block);
        assert_eq!(json(&exif.image), r#"{"ExifOffset":2056,"GPSInfo":4104}"#);
        assert_eq!(json(&exif.exif), r#"{"InteropOffset":6152}"#);
        assert_eq!(json(&exif.gps), r#"{"GPSLatitudeRef":"N"}"#);
        assert_eq!(json(&exif.interoperability), r#"{"InteropIndex":"R98","InteropVersion":"0100"}"#);
        assert_eq!(json(&exif.thumbnail), r#"{"Orientation":6}"#);
        assert_eq!(json(&exif.makernote), "{}");
    }

    /// TIFF Technical Note 1 gives directories a type of their own, which DNG writers use.
    #[test]
    fn pointers_may_be_of_the_type_ifd_and_other_tags_not() {
        let block = block(&[
            &[(EXIF, 13, 1, &place(1).to_be_bytes()), (MAKE, 13, 1, b"\0\0\0\x08")],
            &[(0x9000, 7, 4, b"0230")],
        ]);
        let exif = exif(&block);
        assert_eq!(json(&exif.image), r#"{"ExifOffset":2056}"#);
        assert_eq!(json(&exif.exif), r#"{"ExifVersion":"0230"}"#);
    }

    #[test]
    fn one_value_stands_alone_and_any_other_number_in_an_array() {
        let block = block(&[&[
            (0x0102, 3, 3, b"\0\x08\0\x08\0\x08"),
            (0x011A, 5, 1, b"\0\0\0\x48\0\0\0\x01"),
            (0x829A, 5, 1, b"\0\0\0\x01\0\0\0\xA0"),
            (0x9204, 10, 1, b"\xFF\xFF\xFF\xFF\0\0\0\x03"),
            (0x9206, 5, 1, b"\0\0\0\x01\0\0\0\0"),
            (0x9C9B, 1, 4, b"A\0B\0"),
            (0xA40C, 1, 1, b"\x07\0\0\0"),
            (0x9205, 6, 2, b"\xFE\x02\0\0"),
            (0x9214, 3, 0, b"\0\0\0\0"),
        ]]);
        let expected = concat!(
            r#"{"BitsPerSample":[8,8,8],"XResolution":72,"ExposureTime":0.00625,"#,
            r#""ExposureCompensation":-0.3333333333333333,"SubjectDistance":null,"XPTitle":[65,0,66,0],"#,
            r#""SubjectDistanceRange":7,"MaxApertureValue":[-2,2],"SubjectArea":[]}"#,
        );
        assert_eq!(json(&exif(&block).image), expected);
    }

    #[test]
    fn unknown_ids_padding_and_unknown_types_are_dropped() {
        let block = block(&[&[
            (0x7777, 3, 1, b"\0\x01\0\0"),
            (0xEA1C, 3, 1, b"\0\x01\0\0"),
            (0x0103, 11, 1, b"\0\0\0\0"),
            (0x0106, 0, 1, b"\0\0\0\0"),
            (0xA301, 7, 1, b"\x01\0\0\0"),
            (MAKE, 2, 3, b"ok\0\0"),
        ]]);
        assert_eq!(json(&exif(&block).image), r#"{"Make":"ok"}"#);
    }

    #[test]
    fn a_little_endian_block_is_read_as_one() {
        let block = b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        assert_eq!(json(&exif(block).image), r#"{"Orientation":8}"#);
    }

    #[test]
    fn a_damaged_entry_costs_only_itself() {
        let mut block = block(&[&[
            (0x0110, 2, u32::MAX, b"\0\0\0\x08"),
            (0x0131, 2, 9, b"\xFF\xFF\xFF\xF0"),
            (MAKE, 2, 3, b"ok\0\0"),
            (EXIF, 4, 1, b"\0\xFF\0\0"),
        ]]);
        link(&mut block, place(0), 4, 0xFFFF_FFFF);
        assert_eq!(json(&exif(&block).image), r#"{"Make":"ok","ExifOffset":16711680}"#);
    }

    #[test]
    fn a_block_that_is_cut_yields_what_is_there() {
        let block = block(&[&[(MAKE, 2, 3, b"ok\0\0"), (ORIENTATION, 3, 1, b"\0\x06\0\0")]]);
        assert_eq!(json(&exif(&block[..8 + 2 + 12 + 7]).image), r#"{"Make":"ok"}"#);
        assert_eq!(exif(&block[..9]), Exif::default());
        assert_eq!(exif(&block[..4]), Exif::default());
        assert_eq!(read(Known::whole(&block[..3]).block()), Ok(None));
        assert_eq!(read(Known::whole(&b"no EXIF at all"[..]).block()), Ok(None));
    }

    #[test]
    fn a_directory_is_read_once() {
        let pointer = place(0).to_be_bytes();
        let mut block = block(&[&[(MAKE, 2, 3, b"ok\0\0"), (EXIF, 4, 1, &pointer), (GPS, 4, 1, &pointer)]]);
        link(&mut block, place(0), 3, place(0));
        let exif = exif(&block);
        assert_eq!(exif.image.0.len(), 3);
        assert_eq!((exif.thumbnail, exif.exif, exif.gps), Default::default());
    }

    #[test]
    fn a_directory_is_read_up_to_128_entries_and_its_successor_found_behind_all() {
        let mut entries = vec![(0x7777, 3, 1, &b"\0\0\0\0"[..]); 127];
        entries.extend([(MAKE, 2, 3, &b"ok\0\0"[..]), (0x0110, 2, 3, b"no\0\0")]);
        let mut block = block(&[&entries]);
        let successor = block.len() as u32;
        link(&mut block, place(0), 129, successor);
        block.extend(b"\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        assert_eq!(json(&exif(&block).image), r#"{"Make":"ok"}"#);
        assert_eq!(json(&exif(&block).thumbnail), r#"{"Orientation":6}"#);
    }

    #[test]
    fn values_are_bounded_each_and_together() {
        let (place, most) = (place(1).to_be_bytes(), MAX_VALUE as u32);
        let entry = |tag, count| (tag, 2, count, &place[..]);
        let mut block = block(&[&[
            entry(0x0111, most + 1),
            entry(0x010D, most),
            entry(0x010E, most),
            entry(0x010F, most),
            entry(0x0110, most),
            entry(0x0131, most),
        ]]);
        block.resize(block.len() + 1 + most as usize, b'x');
        let names: Vec<_> = exif(&block).image.0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["DocumentName", "ImageDescription", "Make", "Model"]);
    }

    #[test]
    fn what_has_not_been_fetched_is_asked_for() {
        let block = block(&[&[(MAKE, 2, 6, b"camera")]]);
        let mut known = Known::default();
        known.set_size(block.len() as u64);
        known.add(0, &block[..30]);
        assert_eq!(read(known.block()), Err(Gap::Need(u64::from(place(1))..u64::from(place(1)) + 6)));
    }
}
