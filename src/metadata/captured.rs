//! When a picture was taken, by EXIF's three dates.

use time::{Date, Month, Time};

use super::{Exif, TagGroup};

/// Digits of a fraction that are told: nanoseconds.
const MAX_DIGITS: usize = 9;

/// When a picture was taken, by the clock of its camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// ISO 8601 without a zone: `2008-05-30T15:56:01.25`, with as many digits of the second as the file has.
    pub local: String,
    /// From UTC, `+05:30`, where the file states that of this very date; never guessed, least of all from GPS.
    pub offset: Option<String>,
    /// The tag that says so, under ImageKit's name.
    pub tag: &'static str,
}

/// A date of EXIF 2.32 section 4.6.5, its fraction of a second and its offset from UTC.
struct Source {
    date: &'static str,
    fraction: &'static str,
    offset: &'static str,
}

/// In the order in which they are believed: taken, digitised, changed.
const SOURCES: [Source; 3] = [
    Source { date: "DateTimeOriginal", fraction: "SubSecTimeOriginal", offset: "OffsetTimeOriginal" },
    Source { date: "CreateDate", fraction: "SubSecTimeDigitized", offset: "OffsetTimeDigitized" },
    Source { date: "ModifyDate", fraction: "SubSecTime", offset: "OffsetTime" },
];

impl Captured {
    /// By the first date that is one.
    pub fn of(exif: &Exif) -> Option<Self> {
        SOURCES.iter().find_map(|source| source.read(exif))
    }

    /// RFC 3339, where the offset is known.
    pub fn instant(&self) -> Option<String> {
        self.offset.as_ref().map(|offset| format!("{}{offset}", self.local))
    }
}

impl Source {
    fn read(&self, exif: &Exif) -> Option<Captured> {
        let mut local = local(find(exif, self.date)?)?;
        if let Some(digits) = find(exif, self.fraction).and_then(fraction) {
            local = format!("{local}.{digits}");
        }
        let offset = find(exif, self.offset).and_then(offset);
        Some(Captured { local, offset, tag: self.date })
    }
}

/// Dates belong to the Exif IFD, but for ModifyDate; cameras that write TIFF keep all in IFD0.
fn find<'a>(exif: &'a Exif, tag: &str) -> Option<&'a str> {
    let in_group = |group: &'a TagGroup| group.trimmed(tag);
    in_group(&exif.exif).or_else(|| in_group(&exif.image))
}

/// `YYYY:MM:DD HH:MM:SS`, or with the signs of ISO 8601. What an unset clock leaves, zeros or spaces, is no date.
fn local(text: &str) -> Option<String> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let signs = [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]];
    let [b':' | b'-' | b'/' | b'.', second, b' ' | b'T', b':', b':'] = signs else { return None };
    if second != signs[0] {
        return None;
    }
    let number = |start: usize, len: usize| digits(text.get(start..start + len)?)?.parse::<u16>().ok();
    let part = |start| number(start, 2).and_then(|number| u8::try_from(number).ok());
    let year = number(0, 4).filter(|year| *year > 0)?;
    let month = Month::try_from(part(5)?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, part(8)?).ok()?;
    let time = Time::from_hms(part(11)?, part(14)?, part(17)?).ok()?;
    let (hour, minute, second) = time.as_hms();
    Some(format!("{year:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}", u8::from(month), date.day()))
}

fn fraction(text: &str) -> Option<&str> {
    let digits = digits(text)?;
    Some(&digits[..digits.len().min(MAX_DIGITS)])
}

/// `+HH:MM` or `-HH:MM`, of which there are none beyond 14 hours; `Z` for UTC.
fn offset(text: &str) -> Option<String> {
    if text == "Z" {
        return Some("+00:00".to_owned());
    }
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let part = |text: &str| digits(text).filter(|digits| digits.len() == 2)?.parse::<u8>().ok();
    let minutes = u16::from(part(hours)?) * 60 + u16::from(part(minutes).filter(|minutes| *minutes < 60)?);
    (minutes <= 14 * 60).then(|| text.to_owned())
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn exif(image: serde_json::Value, photo: serde_json::Value) -> Exif {
        let group = |value: serde_json::Value| TagGroup(value.as_object().unwrap().clone());
        Exif { image: group(image), exif: group(photo), ..Exif::default() }
    }

    fn told(
        image: serde_json::Value,
        photo: serde_json::Value,
    ) -> Option<(String, Option<String>, &'static str)> {
        let captured = Captured::of(&exif(image, photo))?;
        Some((captured.local, captured.offset, captured.tag))
    }

    fn original(date: &str) -> Option<String> {
        told(json!({}), json!({"DateTimeOriginal": date})).map(|told| told.0)
    }

    #[test]
    fn the_first_date_that_is_one_counts() {
        let changed = json!({"ModifyDate": "2010:01:02 03:04:05"});
        let all = json!({"DateTimeOriginal": "2008:05:30 15:56:01", "CreateDate": "2009:05:30 15:56:01"});
        let tag = |photo| told(changed.clone(), photo).map(|told| (told.0, told.2));
        assert_eq!(tag(all), Some(("2008-05-30T15:56:01".to_owned(), "DateTimeOriginal")));
        let unset = json!({"DateTimeOriginal": "0000:00:00 00:00:00", "CreateDate": "2009:05:30 15:56:01"});
        assert_eq!(tag(unset), Some(("2009-05-30T15:56:01".to_owned(), "CreateDate")));
        assert_eq!(tag(json!({})), Some(("2010-01-02T03:04:05".to_owned(), "ModifyDate")));
        assert_eq!(told(json!({}), json!({})), None);
    }

    /// OffsetTime is that of ModifyDate, and a GPS time is no zone.
    #[test]
    fn an_offset_belongs_to_its_own_date_and_is_never_guessed() {
        let dated = |more: serde_json::Value| {
            let mut photo = json!({"DateTimeOriginal": "2008:05:30 15:56:01"});
            photo.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let mut exif = exif(json!({}), photo);
            exif.gps.insert("GPSTimeStamp", json!([13, 56, 1]));
            Captured::of(&exif).unwrap()
        };
        let captured = dated(json!({"OffsetTime": "+02:00", "OffsetTimeDigitized": "+02:00"}));
        assert_eq!((&captured.offset, captured.instant()), (&None, None));
        let captured = dated(json!({"OffsetTimeOriginal": "+05:30", "SubSecTimeOriginal": "25 "}));
        assert_eq!(captured.instant().as_deref(), Some("2008-05-30T15:56:01.25+05:30"));
        for none in ["   :  ", "+5:30", "05:30", "+14:01", "+02:60", "UTC", "", "+02:00:00"] {
            assert_eq!(dated(json!({"OffsetTimeOriginal": none})).offset, None, "{none:?}");
        }
    }

    #[test]
    fn nonsense_is_no_date() {
        assert_eq!(original("2008-05-30T15:56:01\0 ").as_deref(), Some("2008-05-30T15:56:01"));
        assert_eq!(original("2000:02:29 23:59:59").as_deref(), Some("2000-02-29T23:59:59"));
        for none in [
            "0000:00:00 00:00:00",
            "0000:01:01 00:00:00",
            "    :  :     :  :  ",
            "2008:13:01 00:00:00",
            "2001:02:29 00:00:00",
            "2008:05:30 24:00:00",
            "2008:05:30 15:60:01",
            "2008:05-30 15:56:01",
            "2008:05:30",
            "2008:05:30 15:56:0\u{e9}",
            "",
        ] {
            assert_eq!(original(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_fraction_is_digits_and_no_more_than_nine() {
        let told = |digits: &str| {
            let photo = json!({"DateTimeOriginal": "2008:05:30 15:56:01", "SubSecTimeOriginal": digits});
            told(json!({}), photo).unwrap().0.split_off(19)
        };
        assert_eq!([told("07"), told("1234567890123"), told("a7"), told("")], [".07", ".123456789", "", ""]);
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(date in "\\PC{0,24}", fraction in "\\PC{0,12}", offset in "\\PC{0,8}") {
            let photo = json!({"DateTimeOriginal": date, "SubSecTimeOriginal": fraction, "OffsetTimeOriginal": offset});
            let _ = told(json!({}), photo);
        }
    }
}
