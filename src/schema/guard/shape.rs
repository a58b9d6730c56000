//! What a document consists of, each part counted where it stands.

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::within;
use crate::config::Documents;
use crate::error::Result;

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
        shape.add(&operation.selection_set);
    }
    for fragment in document.fragments.values() {
        shape.directives += fragment.node.directives.len();
        shape.add(&fragment.node.selection_set);
    }
    within(shape.aliases, limits.max_aliases, "aliases")?;
    within(shape.directives, limits.max_directives, "directives")
}

impl Shape {
    /// As deep as the document's brackets at most.
    fn add(&mut self, set: &Positioned<SelectionSet>) {
        for item in &set.node.items {
            match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.directives += field.node.directives.len();
                    self.add(&field.node.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives += inline.node.directives.len();
                    self.add(&inline.node.selection_set);
                }
                Selection::FragmentSpread(spread) => self.directives += spread.node.directives.len(),
            }
        }
    }
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
}
