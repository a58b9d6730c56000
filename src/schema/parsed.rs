//! Documents that were run before: they are not parsed again, nor held against the schema again where their variables
//! need not be.

use std::sync::Arc;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, Type,
};
use async_graphql::{Name, Value, Variables};
use moka::sync::Cache;

use super::prepared::Prepared;

/// Bytes of memory for a byte of text: `id ` is a field of 300.
const EXPANSION: usize = 100;
/// Bytes of a field as what it shows: fragments make many of a few bytes of text.
const SHOWN: usize = 80;
/// Bytes of a document beside that: its text as the key, and what the cache keeps of it.
const OVERHEAD: usize = 512;

/// Those that fit the schema, by their texts.
#[derive(Clone)]
pub struct Parsed(Option<Cache<String, Known>>);

/// A document that fits the schema.
#[derive(Clone)]
pub struct Known {
    pub document: Arc<ExecutableDocument>,
    /// Where that can be done.
    pub prepared: Option<Arc<Prepared>>,
    /// Bytes that its fields may take, where that depends on no variable.
    pub bytes: Option<usize>,
}

impl Parsed {
    /// Within so many bytes; of none with 0.
    pub fn new(max_bytes: u64) -> Self {
        let weight = |text: &String, known: &Known| {
            let shown = known.prepared.as_ref().map_or(0, |prepared| prepared.fields() * SHOWN);
            u32::try_from(text.len().saturating_mul(EXPANSION) + shown + OVERHEAD).unwrap_or(u32::MAX)
        };
        let cache = |max_bytes| Cache::builder().max_capacity(max_bytes).weigher(weight).build();
        Self(Some(max_bytes).filter(|bytes| *bytes > 0).map(cache))
    }

    /// The document of this text, if it is known.
    pub fn recall(&self, text: &str) -> Option<Known> {
        self.0.as_ref().and_then(|documents| documents.get(text))
    }

    /// Keeps a document that fits the schema, and whose fields may take so many bytes without variables.
    pub fn learn(&self, text: String, document: ExecutableDocument, bytes: Option<usize>) {
        if let Some(documents) = &self.0 {
            let prepared = Prepared::of(&document).map(Arc::new);
            let bytes = bytes.filter(|_| !has_variables(&document));
            documents.insert(text, Known { document: Arc::new(document), prepared, bytes });
        }
    }
}

/// Whether the variables are beyond doubt what the operation that is asked for says of them. GraphQL section 6.1.2; what is
/// in doubt is for the library to judge, which knows all types.
pub fn fits(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> bool {
    let Some(operation) = asked(document, operation) else { return false };
    operation.variable_definitions.iter().map(|definition| &definition.node).all(|definition| {
        let ty = &definition.var_type.node;
        match variables.get(&definition.name.node) {
            Some(value) => is_of(value, ty),
            None => definition.default_value.as_ref().is_some_and(|value| is_of(&value.node, ty)),
        }
    })
}

fn has_variables(document: &ExecutableDocument) -> bool {
    document.operations.iter().any(|(_, operation)| !operation.node.variable_definitions.is_empty())
}

fn asked<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(&only.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values().next().map(|only| &only.node)
        }
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|asked| &asked.node),
        _ => None,
    }
}

/// Section 3.12: a value that is no list stands for a list of one. Null is in doubt: it may stand where there has to be a
/// value.
fn is_of(value: &Value, ty: &Type) -> bool {
    match (value, &ty.base) {
        (Value::Null, _) => false,
        (Value::List(items), BaseType::List(of)) => items.iter().all(|item| is_of(item, of)),
        (value, BaseType::List(of)) => is_of(value, of),
        (value, BaseType::Named(name)) => is_named(value, name),
    }
}

fn is_named(value: &Value, ty: &Name) -> bool {
    match (ty.as_str(), value) {
        ("Boolean", Value::Boolean(_)) | ("ID" | "String" | "Url" | "PHash", Value::String(_)) => true,
        // A gateway's, of which the field itself judges.
        ("_Any", _) => true,
        ("ImageInput", Value::Object(one)) => {
            let is_one_of = |(name, id): (&Name, &Value)| {
                matches!((name.as_str(), id), ("file" | "url", Value::String(_)))
            };
            one.len() == 1 && one.iter().all(is_one_of)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;

    fn judge(variables: &str, given: Json) -> bool {
        let document = parse_query(format!("query({variables}) {{ a }}")).unwrap();
        fits(&document, None, &Variables::from_json(given))
    }

    #[test]
    fn variables_that_are_what_they_should_be_beyond_doubt() {
        for (variables, given) in [
            ("$a: ID!", json!({"a": "x"})),
            ("$a: ID", json!({"a": "x"})),
            ("$a: ID! = \"x\"", json!({})),
            ("$a: Url!, $b: Boolean!, $c: PHash", json!({"a": "x", "b": true, "c": "0"})),
            ("$a: [ImageInput!]!", json!({"a": [{"file": "x"}, {"url": "y"}]})),
            ("$a: [ImageInput!]!", json!({"a": {"file": "x"}, "b": 1})),
            ("$a: [[ID]]", json!({"a": [["x"], [], "y"]})),
            ("$a: [_Any!]!", json!({"a": [{"__typename": "Image", "id": "x"}, 7]})),
        ] {
            assert!(judge(variables, given.clone()), "{variables} {given}");
        }
    }

    #[test]
    fn variables_that_are_not_and_those_that_are_in_doubt() {
        for (variables, given) in [
            ("$a: ID!", json!({})),
            ("$a: ID!", json!({"a": null})),
            ("$a: ID", json!({"a": null})),
            ("$a: ID", json!({})),
            ("$a: ID = null", json!({})),
            ("$a: [ID]", json!({"a": [null]})),
            ("$a: ID!", json!({"a": ["x"]})),
            ("$a: ID!", json!({"a": 1.5})),
            ("$a: Boolean!", json!({"a": "true"})),
            ("$a: Int", json!({"a": 1})),
            ("$a: Unknown", json!({"a": "x"})),
            ("$a: [ImageInput!]!", json!({"a": [{"file": "x"}, null]})),
            ("$a: [_Any!]!", json!({"a": [{"id": "x"}, null]})),
            ("$a: [ImageInput!]!", json!({"a": [{"file": "x", "url": "y"}]})),
            ("$a: [ImageInput!]!", json!({"a": [{"file": null}]})),
            ("$a: [ImageInput!]!", json!({"a": [{}]})),
            ("$a: [ImageInput!]!", json!({"a": [[{"file": "x"}]]})),
        ] {
            assert!(!judge(variables, given.clone()), "{variables} {given}");
        }
    }

    #[test]
    fn the_operation_is_the_one_that_is_asked_for() {
        let document = parse_query("query a($x: ID!) { a } query b { b }").unwrap();
        let judge = |name: Option<&str>| fits(&document, name, &Variables::default());
        assert!(judge(Some("b")));
        assert!(!judge(Some("a")));
        assert!(!judge(Some("c")));
        assert!(!judge(None));
    }

    #[test]
    fn a_document_is_known_by_its_text_while_there_is_room_for_it() {
        let known = |max_bytes| {
            let parsed = Parsed::new(max_bytes);
            parsed.learn("{ a }".to_owned(), parse_query("{ a }").unwrap(), None);
            ["{ a }", "{ a}"].map(|text| parsed.recall(text).is_some())
        };
        assert_eq!(known(1 << 20), [true, false]);
        assert_eq!(known(0), [false, false]);
    }
}
