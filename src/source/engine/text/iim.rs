//! IPTC IIM: the Information Interchange Model, version 4.2, chapters 3 to 6.

use encoding_rs::WINDOWS_1252;

use crate::metadata::PictureText;
use crate::metadata::text::{clean, keywords};

const TAG_MARKER: u8 = 0x1C;
/// Record and number of the data sets that are read.
const CODED_CHARACTER_SET: (u8, u8) = (1, 90);
const OBJECT_NAME: (u8, u8) = (2, 5);
const KEYWORDS: (u8, u8) = (2, 25);
const BY_LINE: (u8, u8) = (2, 80);
const HEADLINE: (u8, u8) = (2, 105);
const CREDIT: (u8, u8) = (2, 110);
const COPYRIGHT_NOTICE: (u8, u8) = (2, 116);
const CAPTION: (u8, u8) = (2, 120);

/// ISO 2022's escape sequence for UTF-8.
const UTF_8: &[u8] = b"\x1B%G";
/// More than any newsroom writes; a bound on what a block of empty ones can cost.
const MAX_DATA_SETS: usize = 4096;

/// What a block says, up to where it is damaged.
pub fn read(block: &[u8]) -> PictureText {
    let sets: Vec<_> = DataSets(block).take(MAX_DATA_SETS).collect();
    let is_utf_8 = sets.contains(&(CODED_CHARACTER_SET, UTF_8));
    let all = |wanted| {
        let values = sets.iter().filter(move |(name, _)| *name == wanted);
        values.map(|(_, value)| decoded(value, is_utf_8))
    };
    let first = |wanted| all(wanted).find_map(|text| clean(&text));
    let words: Vec<_> = all(KEYWORDS).collect();
    let creators: Vec<_> = all(BY_LINE).filter_map(|text| clean(&text)).collect();
    PictureText {
        title: first(OBJECT_NAME).or_else(|| first(HEADLINE)),
        caption: first(CAPTION),
        credit: first(CREDIT),
        creator: clean(&creators.join("; ")),
        copyright: first(COPYRIGHT_NOTICE),
        keywords: keywords(words.iter().map(String::as_str)),
        ..PictureText::default()
    }
}

/// Who writes UTF-8 often leaves out to say so, and no other text looks like it. Without a statement older programs wrote what
/// Windows of Western Europe did.
fn decoded(bytes: &[u8], is_utf_8: bool) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if is_utf_8 => String::from_utf8_lossy(bytes).into_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Section 1.5.
struct DataSets<'a>(&'a [u8]);

impl<'a> Iterator for DataSets<'a> {
    type Item = ((u8, u8), &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([TAG_MARKER, record, number], rest) = self.0.split_first_chunk()? else { return None };
        let (len, rest) = length(rest)?;
        let (value, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some(((*record, *number), value))
    }
}

/// Two bytes; with the first bit set, how many bytes hold the length, of which four do for anything that is read.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (short, rest) = bytes.split_first_chunk()?;
    let short = usize::from(u16::from_be_bytes(*short));
    if short < 0x8000 {
        return Some((short, rest));
    }
    let (digits, rest) = rest.split_at_checked(short & 0x7FFF)?;
    let long = digits.iter().try_fold(0_u32, |len, digit| Some(len.checked_mul(256)? | u32::from(*digit)))?;
    Some((long.try_into().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::text::{MAX_KEYWORD, MAX_KEYWORDS};

    fn set(name: (u8, u8), value: &[u8]) -> Vec<u8> {
        [&[TAG_MARKER, name.0, name.1], &(value.len() as u16).to_be_bytes()[..], value].concat()
    }

    #[test]
    fn data_sets_are_told_and_some_stand_there_several_times() {
        let text = read(
            &[
                set((2, 0), b"\0\x04"),
                set(OBJECT_NAME, b"Boat"),
                set(HEADLINE, b"no"),
                set(KEYWORDS, b"sea"),
                set(BY_LINE, b"Ann"),
                set(KEYWORDS, b" boat "),
                set(BY_LINE, b"Bob"),
                set(CREDIT, b"Agency"),
                set(COPYRIGHT_NOTICE, b"\xA9 me"),
                set(CAPTION, b"A boat.\rOn the sea."),
            ]
            .concat(),
        );
        assert_eq!((text.title.as_deref(), text.creator.as_deref()), (Some("Boat"), Some("Ann; Bob")));
        assert_eq!((text.credit.as_deref(), text.copyright.as_deref()), (Some("Agency"), Some("© me")));
        assert_eq!(
            (text.caption.as_deref(), text.keywords.as_slice()),
            (Some("A boat.\rOn the sea."), &["sea".to_owned(), "boat".into()][..])
        );
        assert_eq!(read(&set(HEADLINE, b"News")).title.as_deref(), Some("News"));
    }

    #[test]
    fn the_character_set_is_stated_or_seen() {
        let title = |parts: &[Vec<u8>]| read(&parts.concat()).title.unwrap();
        let utf_8 = set(CODED_CHARACTER_SET, UTF_8);
        assert_eq!(title(&[utf_8.clone(), set(OBJECT_NAME, "Zoë".as_bytes())]), "Zoë");
        assert_eq!(title(&[set(OBJECT_NAME, "Zoë".as_bytes())]), "Zoë");
        assert_eq!(title(&[set(OBJECT_NAME, b"Zo\xEB \x80")]), "Zoë €");
        assert_eq!(title(&[utf_8, set(OBJECT_NAME, b"Zo\xEB")]), "Zo\u{fffd}");
    }

    #[test]
    fn what_is_cut_or_lies_about_its_length_ends_the_block() {
        let whole = [set(OBJECT_NAME, b"Boat"), set(CREDIT, b"Agency")].concat();
        for len in 0..whole.len() {
            let text = read(&whole[..len]);
            assert_eq!((text.title.is_some(), text.credit), (len >= 9, None), "{len}");
        }
        let long = |digits: &[u8]| {
            [b"\x1C\x02\x05", &(0x8000 | digits.len() as u16).to_be_bytes()[..], digits, b"Boat"].concat()
        };
        assert_eq!(read(&long(&[0, 0, 0, 4])).title.as_deref(), Some("Boat"));
        assert_eq!(read(&long(&[0, 0, 0, 0, 0, 4])).title.as_deref(), Some("Boat"));
        for lie in [&[5][..], &[0xFF; 4], &[0xFF; 9]] {
            assert_eq!(read(&long(lie)), PictureText::default());
        }
        assert_eq!(read(b"\x1C\x02\x05\xFF\xFF"), PictureText::default());
    }

    #[test]
    fn ten_megabytes_of_keywords_are_some_of_them() {
        let block: Vec<u8> =
            (0..10_000).flat_map(|number| set(KEYWORDS, format!("{number:01000}").as_bytes())).collect();
        let told = read(&block).keywords;
        assert!(told.len() <= MAX_KEYWORDS && told.iter().all(|word| word.len() <= MAX_KEYWORD));
    }
}
