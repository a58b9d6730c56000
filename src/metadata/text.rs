//! Words that a picture carries, whoever wrote them where.

use serde::{Deserialize, Serialize};

use super::{Exif, TagGroup};

/// Bytes of one text; what is longer is cut.
pub const MAX_TEXT: usize = 8 << 10;
/// Keywords that are told, the first ones.
pub const MAX_KEYWORDS: usize = 256;
/// Bytes of a keyword, of which IPTC allows 64; what is longer is cut.
pub const MAX_KEYWORD: usize = 256;

/// Words about a picture, as IPTC's Photo Metadata Standard means them. Each is one line or several, neither empty nor with
/// control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureText {
    pub title: Option<String>,
    /// What those are told who do not see it.
    pub alt: Option<String>,
    pub caption: Option<String>,
    pub credit: Option<String>,
    /// Several are parted by `; `.
    pub creator: Option<String>,
    pub copyright: Option<String>,
    /// An http or https URL.
    pub license: Option<String>,
    pub keywords: Vec<String>,
}

impl PictureText {
    /// What EXIF says, and Windows in tags of its own.
    pub fn of(exif: &Exif) -> Self {
        let image = &exif.image;
        let text =
            |tag, windows| image.trimmed(tag).and_then(clean).or_else(|| clean(&utf16(image, windows)?));
        Self {
            title: utf16(image, "XPTitle").as_deref().and_then(clean),
            caption: text("ImageDescription", "XPComment"),
            creator: text("Artist", "XPAuthor"),
            copyright: image.trimmed("Copyright").and_then(clean),
            keywords: keywords(utf16(image, "XPKeywords").iter().flat_map(|words| words.split(';'))),
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// With what another says of which this one says nothing.
    pub fn or(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            alt: self.alt.or(other.alt),
            caption: self.caption.or(other.caption),
            credit: self.credit.or(other.credit),
            creator: self.creator.or(other.creator),
            copyright: self.copyright.or(other.copyright),
            license: self.license.or(other.license),
            keywords: if self.keywords.is_empty() { other.keywords } else { self.keywords },
        }
    }

    /// All of it.
    pub(super) fn words(&self) -> impl Iterator<Item = &String> {
        let texts = [
            &self.title,
            &self.alt,
            &self.caption,
            &self.credit,
            &self.creator,
            &self.copyright,
            &self.license,
        ];
        texts.into_iter().flatten().chain(&self.keywords)
    }
}

/// A text as it is told: without what surrounds it and what cannot be printed. `None` where nothing is left.
pub fn clean(text: &str) -> Option<String> {
    cut(text, MAX_TEXT)
}

/// Keywords as they are told, each once.
pub fn keywords<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for word in words.filter_map(|word| cut(word, MAX_KEYWORD)) {
        if told.len() == MAX_KEYWORDS {
            break;
        }
        if !told.contains(&word) {
            told.push(word);
        }
    }
    told
}

/// A URL that a page may link to: no other scheme, as it is a stranger's.
pub fn link(text: &str) -> Option<String> {
    let text = clean(text)?;
    let scheme = text.split_once("://")?.0;
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(text)
}

fn cut(text: &str, most: usize) -> Option<String> {
    let is_blank = |sign: char| sign.is_whitespace() || sign.is_control() || sign == '\u{feff}';
    let text = text.trim_matches(is_blank);
    let kept = &text[..text.floor_char_boundary(most)];
    let printable = |sign: &char| !sign.is_control() || matches!(sign, '\n' | '\r' | '\t');
    let told: String = kept.chars().filter(printable).collect();
    (!told.is_empty()).then_some(told)
}

/// UTF-16 in little-endian bytes up to a NUL, which is how Windows writes its tags.
fn utf16(group: &TagGroup, tag: &str) -> Option<String> {
    let numbers = group.numbers(tag)?;
    let byte = |number: &Option<f64>| {
        number.filter(|number| (0.0..256.0).contains(number)).map(|number| number as u8)
    };
    let bytes: Vec<u8> = numbers.iter().map(byte).collect::<Option<_>>()?;
    let units =
        bytes.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    Some(char::decode_utf16(units).map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(image: Value) -> PictureText {
        PictureText::of(&Exif { image: TagGroup(image.as_object().unwrap().clone()), ..Exif::default() })
    }

    fn windows(text: &str) -> Value {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<_>>().into()
    }

    #[test]
    fn exif_has_words_and_windows_has_its_own() {
        let text = of(json!({
            "ImageDescription": " A boat \0", "XPComment": windows("no"), "Copyright": "me\0you",
            "XPAuthor": windows("Zoë"), "XPTitle": windows("Boat"), "XPKeywords": windows("sea; boat;;sea"),
        }));
        assert_eq!(text.caption.as_deref(), Some("A boat"));
        assert_eq!((text.creator.as_deref(), text.title.as_deref()), (Some("Zoë"), Some("Boat")));
        assert_eq!(
            (text.copyright.as_deref(), text.keywords),
            (Some("me"), vec!["sea".to_owned(), "boat".into()])
        );
        assert!(
            of(json!({"ImageDescription": "          ", "Artist": "", "XPTitle": [300, 0], "XPAuthor": "a"}))
                .is_empty()
        );
    }

    #[test]
    fn texts_are_cut_between_characters_and_have_no_control_characters() {
        assert_eq!(clean("\u{feff} a\u{0}b\u{7}\r\nc \u{0}").as_deref(), Some("ab\r\nc"));
        let long = clean(&"é".repeat(MAX_TEXT)).unwrap();
        assert_eq!(long.len(), MAX_TEXT);
        assert_eq!(clean(&format!("a{}", "é".repeat(MAX_TEXT))).unwrap().len(), MAX_TEXT - 1);
        assert_eq!((clean(" \u{0}\u{0}"), clean("")), (None, None));
        let many: Vec<_> = (0..1_000).map(|number| format!("{number}{}", "x".repeat(1_000))).collect();
        let told = keywords(many.iter().map(String::as_str));
        assert!(told.len() == MAX_KEYWORDS && told.iter().all(|word| word.len() == MAX_KEYWORD));
    }

    #[test]
    fn a_license_is_a_link_of_the_web() {
        assert_eq!(link(" HTTPS://a.b/c ").as_deref(), Some("HTTPS://a.b/c"));
        for none in ["javascript:alert(1)//://", "javascript://a", "a.b/c", "all rights reserved", ""] {
            assert_eq!(link(none), None, "{none}");
        }
    }

    #[test]
    fn what_one_does_not_say_the_other_does() {
        let one = PictureText { title: Some("a".to_owned()), ..PictureText::default() };
        let other = PictureText {
            title: Some("b".to_owned()),
            keywords: vec!["c".to_owned()],
            ..PictureText::default()
        };
        let both = one.or(other);
        assert_eq!((both.title.as_deref(), both.keywords.len()), (Some("a"), 1));
    }
}
