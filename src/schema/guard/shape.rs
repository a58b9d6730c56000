//! What a document consists of, each part counted where it stands.

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql_value::Value;

use super::within;
use crate::config::Documents;
use crate::error::{Error, Result};

#[derive(Default)]
struct Shape {
    aliases: usize,
    directives: usize,
}

pub fn check(document: &ExecutableDocument, limits: &Documents) -> Result<()> {
    within(document.fragments.len(), limits.max_fragments, "fragments")?;
    let mut shape = Shape::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        shape.directives += operation.directives.len();
        shape.directives += operation
            .variable_definitions
            .iter()
            .map(|variable| variable.node.directives.len())
            .sum::<usize>();
        shape.add(&operation.selection_set)?;
    }
    for fragment in document.fragments.values() {
        shape.directives += fragment.node.directives.len();
        shape.add(&fragment.node.selection_set)?;
    }
    within(shape.aliases, limits.max_aliases, "aliases")?;
    within(shape.directives, limits.max_directives, "directives")
}

impl Shape {
    /// As deep as the document's brackets at most.
    fn add(&mut self, set: &Positioned<SelectionSet>) -> Result<()> {
        set.node.items.iter().try_for_each(|item| match &item.node {
            Selection::Field(field) => {
                self.aliases += usize::from(field.node.alias.is_some());
                self.directives += field.node.directives.len();
                check_typename(&field.node)?;
                self.add(&field.node.selection_set)
            }
            Selection::InlineFragment(inline) => {
                self.directives += inline.node.directives.len();
                self.add(&inline.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                self.directives += spread.node.directives.len();
                Ok(())
            }
        })
    }
}

/// async-graphql looks at nothing of this field (`visit_selection` of its validation).
fn check_typename(field: &Field) -> Result<()> {
    let is_known = |directive: &Positioned<Directive>| {
        let Directive { name, arguments } = &directive.node;
        let condition = match arguments.as_slice() {
            [(name, value)] if name.node == "if" => Some(&value.node),
            _ => None,
        };
        matches!(name.node.as_str(), "skip" | "include")
            && matches!(condition, Some(Value::Boolean(_) | Value::Variable(_)))
    };
    let is_leaf = field.arguments.is_empty() && field.selection_set.node.items.is_empty();
    if field.name.node != "__typename" || (is_leaf && field.directives.iter().all(is_known)) {
        return Ok(());
    }
    Err(Error::BadRequest(
        "__typename has no arguments, no fields, and of directives only @skip and @include",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn judge(document: &str) -> Result<()> {
        check(&parse_query(document).unwrap(), &Documents::default())
    }

    #[test]
    fn each_kind_of_part_has_its_bound() {
        for (part, bound) in [("a: b ", 500), ("b @c ", 100), ("... @c { b } ", 100), ("...f @c ", 100)] {
            let document =
                |count: usize| format!("{{ a {{ {} }} }} fragment f on A {{ b }}", part.repeat(count));
            assert_eq!(judge(&document(bound)), Ok(()), "{part}");
            assert!(judge(&document(bound + 1)).is_err(), "{part}");
        }
        assert!(judge(&format!("query {} {{ a }}", "@c ".repeat(101))).is_err());
        assert!(judge(&format!("query($a: A {}) {{ a }}", "@c ".repeat(101))).is_err());
        let fragments =
            |count| (0..count).map(|n| format!("fragment f{n} on A {{ b }} ")).collect::<String>();
        assert_eq!(judge(&format!("{{ a }} {}", fragments(100))), Ok(()));
        assert!(judge(&format!("{{ a }} {}", fragments(101))).is_err());
    }

    #[test]
    fn typename_is_looked_at_as_any_other_field() {
        for plain in ["__typename", "a: __typename", "__typename @skip(if: true) @include(if: $b)"] {
            assert_eq!(judge(&format!("{{ a {{ {plain} }} }}")), Ok(()), "{plain}");
        }
        for other in [
            "@c",
            "@skip",
            "@skip(if: 1)",
            "@skip(when: true)",
            "@include(if: true, b: 1)",
            "(a: 1)",
            "{ a }",
        ] {
            for document in [
                format!("{{ __typename {other} }}"),
                format!("{{ a }} fragment f on A {{ __typename {other} }}"),
            ] {
                assert!(matches!(judge(&document), Err(Error::BadRequest(_))), "{document}");
            }
        }
    }
}
