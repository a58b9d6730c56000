//! JSON in which no object has a name twice: two readers of such a body might take it for two requests.

use std::fmt;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::{Name, Number, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

pub struct Json(pub Value);

/// Values of one body. Each takes some 100 ns.
const MAX_VALUES: usize = 50_000;
/// Bytes of memory of each, names included: of an object of one member, and of an empty request in a list.
const VALUE: usize = 448;
/// Bytes that a byte of a document may become: `id ` is a field of 300. Of a longer one the tokens are bounded.
const EXPANSION: usize = 100;
const MAX_PARSED: usize = 4 << 20;

/// Bytes of a name. Errors quote them.
const MAX_NAME: usize = 128;

/// Whether a body has no more values than anybody needs. Brackets and commas in strings count as well: it has fewer. Each is a byte
/// at least.
pub fn is_moderate(json: &[u8]) -> bool {
    json.len() <= MAX_VALUES || values(json) <= MAX_VALUES
}

/// Bytes of memory that a body may take once it is read, and its document parsed.
pub fn weight(json: &[u8]) -> usize {
    json.len() + values(json) * VALUE + MAX_PARSED.min(json.len() * EXPANSION)
}

/// Counted in bytes, as many at once as the processor takes.
fn values(json: &[u8]) -> usize {
    let is_value = |byte: &u8| u8::from(matches!(byte, b'[' | b'{' | b','));
    let count = |piece: &[u8]| usize::from(piece.iter().map(is_value).sum::<u8>());
    json.chunks(u8::MAX.into()).map(count).sum()
}

pub fn check_name<E: Error>(name: &str) -> Result<(), E> {
    if name.len() > MAX_NAME { Err(E::custom("a name is too long")) } else { Ok(()) }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(Self)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = IndexMap::new();
        while let Some((name, Json(value))) = members.next_entry::<String, Json>()? {
            check_name(&name)?;
            match object.entry(Name::new(name)) {
                Entry::Vacant(free) => free.insert(value),
                Entry::Occupied(_) => return Err(A::Error::custom("a name stands twice in an object")),
            };
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_an_object_and_again_in_the_next() {
        for (text, read) in [
            (r#"{"a":{"b":1},"b":[{"b":null},{"b":"x"}],"c":-1.5e3}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"a":1,"\u0061":2}"#, false),
            (r#"[{"a":[{"b":1,"c":2,"b":3}]}]"#, false),
            (r#"{"a":{"NAME":1}}"#.replace("NAME", &"b".repeat(128)).as_str(), true),
            (r#"{"a":{"NAME":1}}"#.replace("NAME", &"b".repeat(129)).as_str(), false),
            ("\u{feff}{}", false),
            ("{} {}", false),
            ("1e999", false),
        ] {
            assert_eq!(serde_json::from_str::<Json>(text).is_ok(), read, "{text}");
        }
    }

    #[test]
    fn values_are_what_they_were() {
        let text = r#"{"b":[null,true,-1,18446744073709551615,0.5,"é"],"a":{}}"#;
        let Json(value) = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }

    #[test]
    fn a_body_has_so_many_values() {
        let list = |values: usize| format!("[{}1]", "1,".repeat(values - 1));
        assert!(is_moderate(list(MAX_VALUES).as_bytes()));
        for beyond in [list(MAX_VALUES + 1), "[[]],".repeat(20_000), "{},".repeat(30_000)] {
            assert!(!is_moderate(beyond.as_bytes()));
        }
    }

    #[test]
    fn what_nests_too_deeply_is_no_json() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(serde_json::from_str::<Json>(&nested(100)).is_ok());
        for depth in [130, 100_000] {
            assert!(serde_json::from_str::<Json>(&nested(depth)).is_err(), "{depth}");
        }
    }
}
