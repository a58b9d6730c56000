use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// One EXIF directory under ImageKit's tag names, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagGroup(pub Map<String, Value>);

/// ImageKit's six EXIF groups. Serialises to ImageKit's `exif` object: all six keys, empty groups as `{}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exif {
    /// IFD0.
    pub image: TagGroup,
    /// IFD1.
    pub thumbnail: TagGroup,
    /// The Exif IFD (0x8769).
    pub exif: TagGroup,
    /// The GPS IFD (0x8825).
    pub gps: TagGroup,
    /// The interoperability IFD (0xA005).
    pub interoperability: TagGroup,
    /// Always empty: ImageKit reads no maker notes.
    pub makernote: TagGroup,
}

impl TagGroup {
    /// Puts a tag. Of duplicates the last value wins and the first place stays, as in a JavaScript object.
    pub fn insert(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// A tag's value; the first element where an array stands for a single value.
    pub fn first(&self, name: &str) -> Option<&Value> {
        match self.0.get(name)? {
            Value::Array(values) => values.first(),
            value => Some(value),
        }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.first(name)?.as_str()
    }

    /// A tag's text up to its first NUL, without the spaces around it; `None` where nothing is left. ImageKit keeps what stands
    /// behind the NUL.
    pub fn trimmed(&self, name: &str) -> Option<&str> {
        let text = self.text(name)?.split('\0').next().unwrap_or_default().trim();
        (!text.is_empty()).then_some(text)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.first(name)?.as_f64()
    }

    /// A whole number that fits GraphQL's 32-bit Int.
    pub fn int(&self, name: &str) -> Option<i32> {
        self.first(name)?.as_i64()?.try_into().ok()
    }

    /// All values of a tag that is an array by nature; a rational without a value is `None`.
    pub fn numbers(&self, name: &str) -> Option<Vec<Option<f64>>> {
        match self.0.get(name)? {
            Value::Array(values) => Some(values.iter().map(Value::as_f64).collect()),
            value => value.as_f64().map(|number| vec![Some(number)]),
        }
    }
}

impl Exif {
    /// ImageKit's names of the groups, in ImageKit's order.
    pub const NAMES: [&str; 6] = ["image", "thumbnail", "exif", "gps", "interoperability", "makernote"];

    /// In ImageKit's order.
    pub fn groups(&self) -> [&TagGroup; 6] {
        [&self.image, &self.thumbnail, &self.exif, &self.gps, &self.interoperability, &self.makernote]
    }

    pub fn groups_mut(&mut self) -> [&mut TagGroup; 6] {
        let Self { image, thumbnail, exif, gps, interoperability, makernote } = self;
        [image, thumbnail, exif, gps, interoperability, makernote]
    }

    /// EXIF 2.32 section 4.6.4 A, Orientation: 1 to 8.
    pub fn orientation(&self) -> Option<u8> {
        let value = self.image.int("Orientation")?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }
}

/// A number as JavaScript prints it: whole values without a fraction, what is not finite as `null`.
pub fn number(value: f64) -> Value {
    // 2^53: beyond it not every whole f64 has digits of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value as i64;
    if whole as f64 == value && value.abs() <= EXACT {
        return Value::from(whole);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_javascript() {
        assert_eq!(number(72.0).to_string(), "72");
        assert_eq!(number(0.00625).to_string(), "0.00625");
        assert_eq!(number(-0.0).to_string(), "0");
        assert_eq!(number(f64::NAN), Value::Null);
        assert_eq!(number(f64::INFINITY), Value::Null);
    }

    #[test]
    fn of_duplicate_tags_the_last_value_stands_in_the_first_place() {
        let mut group = TagGroup::default();
        group.insert("Make", "a".into());
        group.insert("Model", "b".into());
        group.insert("Make", "c".into());
        assert_eq!(serde_json::to_string(&group).unwrap(), r#"{"Make":"c","Model":"b"}"#);
    }
}
