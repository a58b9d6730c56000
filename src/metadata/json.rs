//! The metadata object in ImageKit's spelling and order of keys.

use serde_json::{Map, Value, json};

use super::{Exif, Fact, Metadata};

impl Metadata {
    /// ImageKit's own object where ImageKit spoke, else the same from the engine's facts.
    /// A fact that is not known, or cannot be had, has no key.
    pub fn to_json(&self) -> Map<String, Value> {
        match &self.verbatim {
            Some(object) => object.clone(),
            None => self.facts(),
        }
    }

    fn facts(&self) -> Map<String, Value> {
        let facts = [
            ("height", fact(&self.height).map(Value::from)),
            ("width", fact(&self.width).map(Value::from)),
            ("size", fact(&self.size).map(Value::from)),
            ("format", self.format.as_deref().map(Value::from)),
            ("hasColorProfile", self.has_color_profile.map(Value::from)),
            ("quality", self.quality.map(Value::from)),
            ("density", self.density.map(Value::from)),
            ("hasTransparency", self.has_transparency.map(Value::from)),
            ("pHash", fact(&self.p_hash).map(|hash| Value::from(hash.to_string()))),
            ("exif", Some(exif(self.exif.as_ref()))),
        ];
        let stated = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        stated.collect()
    }
}

fn fact<T: Copy>(fact: &Fact<T>) -> Option<T> {
    fact.as_ref()?.as_ref().ok().copied()
}

/// `{}` for an image without EXIF, else all six groups.
fn exif(exif: Option<&Exif>) -> Value {
    exif.map_or_else(|| json!({}), |groups| json!(groups))
}
