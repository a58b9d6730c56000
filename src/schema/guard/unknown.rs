//! Fields that their types do not have. The validation finds them too, and makes an error of each: thousands of them take longer
//! than all else that may be refused.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationType, Selection, SelectionSet, ServiceDocument, Type, TypeKind,
    TypeSystemDefinition,
};

use crate::error::{Error, Result};
use crate::schema::federation;

/// What the definition language does not tell of: GraphQL section 4.2, in the edition of September 2025.
const INTROSPECTION: &str = "
type __Schema { description: String types: [__Type] queryType: __Type mutationType: __Type subscriptionType: __Type
    directives: [__Directive] }
type __Type { kind: String name: String description: String specifiedByURL: String fields: [__Field] interfaces: [__Type]
    possibleTypes: [__Type] enumValues: [__EnumValue] inputFields: [__InputValue] ofType: __Type isOneOf: Boolean }
type __Field { name: String description: String args: [__InputValue] type: __Type isDeprecated: Boolean
    deprecationReason: String }
type __InputValue { name: String description: String type: __Type defaultValue: String isDeprecated: Boolean
    deprecationReason: String }
type __EnumValue { name: String description: String isDeprecated: Boolean deprecationReason: String }
type __Directive { name: String description: String isRepeatable: Boolean locations: [String] args: [__InputValue] }
";

/// Whoever mistypes does so less often.
const MAX_UNKNOWN: usize = 200;

/// The type of each field of each type, by their names.
pub struct Types(HashMap<String, HashMap<String, String>>);

impl Types {
    /// Of a schema in GraphQL's definition language. One that does not parse has none.
    pub fn of(sdl: &str) -> Self {
        let document = parse_schema(format!("{sdl}{INTROSPECTION}{}", federation::TYPES))
            .unwrap_or(ServiceDocument { definitions: Vec::new() });
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let mut known: HashMap<_, HashMap<_, _>> = HashMap::new();
        for definition in types {
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| field.node);
            let fields = fields.map(|field| (field.name.node.to_string(), named(&field.ty.node)));
            known.entry(definition.name.node.to_string()).or_default().extend(fields);
        }
        Self(known)
    }

    /// Refuses a document with many of them. What nests too deeply has been refused before.
    pub fn check(&self, document: &ExecutableDocument) -> Result<()> {
        let operations = document.operations.iter().map(|(_, operation)| {
            let root = match operation.node.ty {
                OperationType::Query => "Query",
                OperationType::Mutation => "Mutation",
                OperationType::Subscription => "Subscription",
            };
            (root, &operation.node.selection_set.node)
        });
        let fragments = document.fragments.values().map(|fragment| {
            (fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node)
        });
        let unknown: usize = operations.chain(fragments).map(|(of, set)| self.count(of, set)).sum();
        if unknown > MAX_UNKNOWN {
            return Err(Error::BadRequest("it asks for more than 200 fields that their types do not have"));
        }
        Ok(())
    }

    /// Below a field that there is not, and of a type that there is not, nothing is looked at.
    fn count(&self, of: &str, set: &SelectionSet) -> usize {
        let Some(fields) = self.0.get(of) else { return 0 };
        let count = |item: &Selection| match item {
            Selection::Field(field) => {
                let ty = match field.node.name.node.as_str() {
                    "__schema" => Some("__Schema"),
                    "__type" => Some("__Type"),
                    "__typename" => return 0,
                    name => fields.get(name).map(String::as_str),
                };
                ty.map_or(1, |ty| self.count(ty, &field.node.selection_set.node))
            }
            Selection::InlineFragment(inline) => {
                let condition = inline.node.type_condition.as_ref();
                let on = condition.map_or(of, |condition| condition.node.on.node.as_str());
                self.count(on, &inline.node.selection_set.node)
            }
            Selection::FragmentSpread(_) => 0,
        };
        set.items.iter().map(|item| count(&item.node)).sum()
    }
}

fn named(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => named(of),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn count(document: &str) -> usize {
        let types = Types::of(&crate::schema::sdl());
        let document = parse_query(document).unwrap();
        let sets = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
        sets.map(|set| types.count("Query", set)).sum()
    }

    #[test]
    fn fields_are_known_by_their_types() {
        assert_eq!(
            count("{ file(id: \"a\") { width exif { image { make raw } } __typename } __typename }"),
            0
        );
        assert_eq!(
            count(
                "{ file(id: \"a\") { make similarity(to: {pHash: \"0\"}) { with { id distance } } } width }"
            ),
            3
        );
        assert_eq!(
            count("{ __schema { types { name ofType { x } } x } __type(name: \"a\") { kind __typename x } }"),
            3
        );
        assert_eq!(count("{ node(id: \"a\") { id x ... on Image { width y } ... on Node { z } } }"), 3);
        assert_eq!(
            count("{ _service { sdl x } _entities(representations: []) { ... on Image { id y } } }"),
            2
        );
        assert_eq!(count("{ images(of: []) { ... on Image { x } ... { y } ... on Nothing { z } ...f } }"), 2);
    }

    #[test]
    fn many_are_refused_wherever_they_stand() {
        let types = Types::of(&crate::schema::sdl());
        let judge = |document: String| types.check(&parse_query(document).unwrap());
        let fields = "x ".repeat(MAX_UNKNOWN + 1);
        let few = "x ".repeat(MAX_UNKNOWN);
        assert_eq!(judge(format!("{{ {few} }}")), Ok(()));
        for document in [
            format!("{{ {fields} }}"),
            format!("{{ file(id: \"a\") {{ {fields} }} }}"),
            format!("{{ file(id: \"a\") {{ ...f }} }} fragment f on Image {{ {fields} }}"),
            format!("subscription {{ {fields} }}"),
            format!("mutation {{ {fields} }}"),
            format!("{{ __schema {{ types {{ {fields} }} }} }}"),
        ] {
            assert!(judge(document).is_err());
        }
    }
}
