//! How much memory metadata takes, near enough to bound a cache.

use std::mem::size_of;

use serde_json::{Map, Value};

use super::Metadata;

/// Of an entry in a map beside its key and value: hash, index, capacity in reserve.
const ENTRY_OVERHEAD: usize = 32;

impl Metadata {
    /// Bytes of memory.
    pub fn footprint(&self) -> usize {
        let groups = self.exif.iter().flat_map(|exif| exif.groups());
        let texts = [&self.path, &self.format].into_iter().flatten().map(String::capacity).sum::<usize>();
        size_of::<Self>()
            + texts
            + groups.map(|group| map(&group.0)).sum::<usize>()
            + self.verbatim.as_ref().map_or(0, map)
    }
}

fn map(map: &Map<String, Value>) -> usize {
    map.iter().map(|(key, child)| ENTRY_OVERHEAD + size_of::<String>() + key.len() + value(child)).sum()
}

fn value(node: &Value) -> usize {
    size_of::<Value>()
        + match node {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(value).sum(),
            Value::Object(object) => map(object),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn grows_with_what_is_held() {
        let small = value(&json!({"a": 1}));
        let large = value(&json!({"a": ["x".repeat(10_000), {"b": "y".repeat(10_000)}]}));
        assert!(small < 256, "{small}");
        assert!((20_000..20_500).contains(&large), "{large}");
    }
}
