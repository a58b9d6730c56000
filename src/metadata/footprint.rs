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
            + self.extras.footprint()
    }

    /// Bytes that its tags and words have at most where they are printed.
    pub fn printed(&self) -> usize {
        let groups = self.exif.iter().flat_map(|exif| exif.groups());
        let texts =
            groups.flat_map(|group| group.0.values()).chain(self.verbatim.iter().flat_map(Map::values));
        let words = self.extras.words().flat_map(|word| word.bytes()).map(escape);
        self.footprint() + texts.map(escapes).chain(words).sum::<usize>()
    }
}

/// Bytes that strings have more in JSON than in memory: a control character is printed as six (RFC 8259 section 7).
fn escapes(node: &Value) -> usize {
    match node {
        Value::String(text) => text.bytes().map(escape).sum(),
        Value::Array(values) => values.iter().map(escapes).sum(),
        Value::Object(object) => object.values().map(escapes).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn escape(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
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

    #[test]
    fn what_is_escaped_is_printed_longer() {
        let node = json!({"a": ["\u{1}\"\\é", {"b": "\n"}], "c": 1});
        let in_memory = "\u{1}\"\\é".len() + "\n".len();
        let printed = json!("\u{1}\"\\é").to_string().len() + json!("\n").to_string().len() - 4;
        assert!(escapes(&node) >= printed - in_memory);
        assert_eq!(escapes(&json!("plain é")), 0);
    }
}
