//! The metadata object in ImageKit's spelling and order of keys.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::{Fact, Metadata};

/// ImageKit's own object where ImageKit spoke, else the same from the engine's facts.
/// A fact that is not known, or cannot be had, has no key.
pub struct AsImageKit<'a>(pub &'a Metadata);

impl Metadata {
    /// The same as a value.
    pub fn to_json(&self) -> Map<String, Value> {
        match json!(AsImageKit(self)) {
            Value::Object(object) => object,
            // A map whose keys are text is an object.
            _ => Map::new(),
        }
    }
}

impl Serialize for AsImageKit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.verbatim {
            Some(object) => object.serialize(serializer),
            None => facts(self.0, serializer.serialize_map(None)?),
        }
    }
}

fn facts<M: SerializeMap>(metadata: &Metadata, mut map: M) -> Result<M::Ok, M::Error> {
    put(&mut map, "height", fact(&metadata.height))?;
    put(&mut map, "width", fact(&metadata.width))?;
    put(&mut map, "size", fact(&metadata.size))?;
    put(&mut map, "format", metadata.format.as_deref())?;
    put(&mut map, "hasColorProfile", metadata.has_color_profile)?;
    put(&mut map, "quality", metadata.quality)?;
    put(&mut map, "density", metadata.density)?;
    put(&mut map, "hasTransparency", metadata.has_transparency)?;
    put(&mut map, "pHash", fact(&metadata.p_hash).map(|hash| hash.to_string()))?;
    match &metadata.exif {
        Some(six_groups) => map.serialize_entry("exif", six_groups)?,
        None => map.serialize_entry("exif", &Map::new())?,
    }
    map.end()
}

fn put<M: SerializeMap>(map: &mut M, name: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

fn fact<T: Copy>(fact: &Fact<T>) -> Option<T> {
    fact.as_ref()?.as_ref().ok().copied()
}
