//! What of an image is withheld from who may not see it. It is taken out of a copy, when the image is shown: what is kept is
//! kept whole.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Exif, Metadata};
use crate::config::Private;

/// ImageKit's name of a group of tags, which is emptied and stays.
const GPS: &str = "gps";
/// Where ImageKit's details of a file have what is embedded in it, XMP and IPTC included.
const EMBEDDED: &str = "embeddedMetadata";
/// Places of XMP and IPTC, which mean something else among an account's own fields.
const PLACES: [&str; 10] = [
    "City",
    "Country",
    "CountryCode",
    "CountryName",
    "Location",
    "ProvinceState",
    "Province-State",
    "State",
    "Sub-location",
    "SubLocation",
];

/// Tags that hold XMP, IPTC or a maker's own data as they are stored, and so whatever those say.
const BLOCKS: [&str; 7] = [
    "ApplicationNotes",
    "DNGPrivateData",
    "IPTCNAA",
    "LeafData",
    "MakerNote",
    "OriginalRawFileData",
    "PhotoshopSettings",
];

impl Metadata {
    /// The same without what is private, and with a note of what that was.
    pub fn without(self: Arc<Self>, private: &[Private]) -> Arc<Self> {
        if !self.holds(private) {
            return self;
        }
        let mut shown = Self::clone(&self);
        let mut withheld = Withheld::of(private);
        shown.exif.iter_mut().for_each(|exif| withheld.take_from(exif));
        shown.verbatim.iter_mut().for_each(|object| withheld.take(object, false));
        shown.withheld = withheld.found();
        Arc::new(shown)
    }

    fn holds(&self, private: &[Private]) -> bool {
        if private.is_empty() {
            return false;
        }
        let of_gps = |exif: &Exif| private.contains(&Private::Location) && !exif.gps.0.is_empty();
        let tags = self.exif.iter().flat_map(|exif| exif.groups()).map(|group| &group.0);
        self.exif.as_ref().is_some_and(of_gps)
            || tags.chain(&self.verbatim).any(|object| holds(object, private, false))
    }
}

/// Takes what is private out of ImageKit's own words; what that was.
pub fn withhold(value: &mut Value, private: &[Private]) -> Vec<Private> {
    let mut withheld = Withheld::of(private);
    if !private.is_empty() {
        withheld.take_from_value(value, false);
    }
    withheld.found()
}

/// What is private by the name it has, which EXIF's tags of GPS all start with. XMP's names may have another's before a colon,
/// and signs between their words.
fn of_name(name: &str, is_embedded: bool) -> &'static [Private] {
    let name = name.rsplit(':').next().unwrap_or_default().trim();
    let is_place = is_embedded && PLACES.contains(&name);
    let name = in_one_word(name);
    let starts = |start: &str| name.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    let contains = |part: &str| {
        name.as_bytes().windows(part.len()).any(|found| found.eq_ignore_ascii_case(part.as_bytes()))
    };
    let is_shown_place = || is_embedded && (starts("LocationShown") || starts("LocationCreated"));
    if starts("GPS") || is_place || is_shown_place() {
        &[Private::Location]
    } else if contains("SerialNumber") {
        &[Private::SerialNumbers]
    } else if contains("OwnerName") && !contains("Copyright") {
        // Who owns the rights is meant to be read.
        &[Private::OwnerNames]
    } else if BLOCKS.contains(&&*name) {
        &Private::ALL
    } else {
        &[]
    }
}

fn in_one_word(name: &str) -> Cow<'_, str> {
    let between = [' ', '-', '_'];
    if name.contains(between) { name.replace(between, "").into() } else { name.into() }
}

/// What of these is private.
fn both(kinds: &[Private], private: &[Private]) -> Vec<Private> {
    kinds.iter().filter(|kind| private.contains(kind)).copied().collect()
}

fn holds(object: &Map<String, Value>, private: &[Private], is_embedded: bool) -> bool {
    object.iter().any(|(name, value)| match (of_name(name, is_embedded), value) {
        (kinds, value) if !both(kinds, private).is_empty() => !is_empty_group(name, value),
        (_, Value::Object(object)) => holds(object, private, is_embedded || name == EMBEDDED),
        (_, Value::Array(values)) => values
            .iter()
            .any(|value| value.as_object().is_some_and(|object| holds(object, private, is_embedded))),
        _ => false,
    })
}

fn is_empty_group(name: &str, value: &Value) -> bool {
    name == GPS && value.as_object().is_some_and(Map::is_empty)
}

struct Withheld<'a> {
    private: &'a [Private],
    found: Vec<Private>,
}

impl<'a> Withheld<'a> {
    fn of(private: &'a [Private]) -> Self {
        Self { private, found: Vec::new() }
    }

    /// Each once.
    fn found(mut self) -> Vec<Private> {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }

    fn take_from(&mut self, exif: &mut Exif) {
        if self.private.contains(&Private::Location) && !exif.gps.0.is_empty() {
            exif.gps.0.clear();
            self.found.push(Private::Location);
        }
        for group in exif.groups_mut() {
            self.take(&mut group.0, false);
        }
    }

    fn take_from_value(&mut self, value: &mut Value, is_embedded: bool) {
        match value {
            Value::Object(object) => self.take(object, is_embedded),
            Value::Array(values) => {
                values.iter_mut().for_each(|value| self.take_from_value(value, is_embedded))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// The rest stays in its order.
    fn take(&mut self, object: &mut Map<String, Value>, is_embedded: bool) {
        object.retain(|name, value| match both(of_name(name, is_embedded), self.private) {
            kinds if !kinds.is_empty() => self.take_one(name, value, kinds),
            _ => {
                self.take_from_value(value, is_embedded || name == EMBEDDED);
                true
            }
        });
    }

    /// Whether its place stays.
    fn take_one(&mut self, name: &str, value: &mut Value, kinds: Vec<Private>) -> bool {
        if !is_empty_group(name, value) {
            self.found.extend(kinds);
        }
        match value {
            Value::Object(group) if name == GPS => {
                group.clear();
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn without(mut value: Value, private: &[Private]) -> (Value, Vec<Private>) {
        let withheld = withhold(&mut value, private);
        (value, withheld)
    }

    #[test]
    fn tags_are_private_by_their_names() {
        for (name, kinds) in [
            ("GPSLatitude", &[Private::Location][..]),
            ("GPSInfo", &[Private::Location][..]),
            ("gpsPosition ", &[Private::Location][..]),
            ("SerialNumber", &[Private::SerialNumbers][..]),
            ("LensSerialNumber", &[Private::SerialNumbers][..]),
            ("InternalSerialNumber", &[Private::SerialNumbers][..]),
            ("OwnerName", &[Private::OwnerNames][..]),
            ("CameraOwnerName", &[Private::OwnerNames][..]),
            ("CopyrightOwnerName", &[]),
            ("Artist", &[]),
            ("Copyright", &[]),
            ("SubjectLocation", &[]),
            ("City", &[]),
            ("XMP:GPSLatitude", &[Private::Location]),
            ("Owner Name", &[Private::OwnerNames]),
            ("Serial-Number", &[Private::SerialNumbers]),
            ("ApplicationNotes", &Private::ALL),
            ("IPTC-NAA", &Private::ALL),
            ("ﬁ", &[]),
        ] {
            assert_eq!(of_name(name, false), kinds, "{name}");
        }
    }

    #[test]
    fn what_is_private_is_taken_out_wherever_it_stands() {
        let imagekit = json!({
            "width": 7,
            "exif": {
                "image": {"Make": "a", "GPSInfo": 614, "Artist": "me"},
                "exif": {"SerialNumber": "1", "ISO": 100, "LensSerialNumber": "2", "OwnerName": "me"},
                "gps": {"GPSLatitude": [1, 2, 3], "Other": 1},
                "makernote": {"InternalSerialNumber": "3", "deeper": [{"CanonOwnerName": "me", "kept": 1}]},
            },
        });
        let (shown, withheld) = without(imagekit.clone(), &Private::ALL);
        let expected = json!({
            "width": 7,
            "exif": {
                "image": {"Make": "a", "Artist": "me"},
                "exif": {"ISO": 100},
                "gps": {},
                "makernote": {"deeper": [{"kept": 1}]},
            },
        });
        assert_eq!(
            (shown.to_string(), withheld),
            (expected.to_string(), Private::ALL.to_vec()),
            "in their order"
        );
        let (shown, withheld) = without(imagekit.clone(), &[Private::OwnerNames]);
        assert_eq!(shown["exif"]["gps"], imagekit["exif"]["gps"]);
        assert_eq!(withheld, [Private::OwnerNames]);
        assert_eq!(without(imagekit.clone(), &[]), (imagekit, vec![]));
    }

    #[test]
    fn an_empty_group_withholds_nothing() {
        let empty = json!({"exif": {"gps": {}, "exif": {"ISO": 100}}});
        assert_eq!(without(empty.clone(), &Private::ALL), (empty, vec![]));
    }

    #[test]
    fn places_are_private_in_what_is_embedded_alone() {
        let details = json!({
            "customMetadata": {"City": "our branch"},
            "embeddedMetadata": {"City": "Oslo", "Sub-location": "Harbour", "LocationShownCity": "a", "Title": "Boat"},
        });
        let (shown, withheld) = without(details, &[Private::Location]);
        let expected =
            json!({"customMetadata": {"City": "our branch"}, "embeddedMetadata": {"Title": "Boat"}});
        assert_eq!((shown, withheld), (expected, vec![Private::Location]));
    }
}
