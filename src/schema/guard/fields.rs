//! How many fields a document asks for, its fragments counted wherever they are spread.
//!
//! Fragments that each spread the next one twice double with every level: 24 of them, less than 1 KB, are 16
//! million fields, which the validation would visit one by one. Counted per fragment, each is looked at once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::error::{Error, Result};

/// A page of a hundred images with a hundred fields each.
const MAX_FIELDS: usize = 10_000;

/// Fragments may follow one another, and each step of a chain takes some of the stack.
const MAX_FRAGMENTS: usize = 100;

pub fn check(document: &ExecutableDocument) -> Result<()> {
    if document.fragments.len() > MAX_FRAGMENTS {
        return Err(Error::QueryTooCostly("it has too many fragments"));
    }
    let mut counter = Counter { document, known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fields = operations.fold(0_usize, |sum, set| sum.saturating_add(counter.fields(set)));
    if fields > MAX_FIELDS { Err(Error::QueryTooCostly("it asks for too many fields")) } else { Ok(()) }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// Fields of each fragment.
    known: HashMap<&'a str, usize>,
}

impl<'a> Counter<'a> {
    fn fields(&mut self, set: &'a SelectionSet) -> usize {
        set.items.iter().fold(0, |sum, item| sum.saturating_add(self.selection(&item.node)))
    }

    fn selection(&mut self, selection: &'a Selection) -> usize {
        match selection {
            Selection::Field(field) => self.fields(&field.node.selection_set.node).saturating_add(1),
            Selection::InlineFragment(inline) => self.fields(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str()),
        }
    }

    fn fragment(&mut self, name: &'a str) -> usize {
        if let Some(fields) = self.known.get(name) {
            return *fields;
        }
        // One that spreads itself counts nothing there; the validation refuses it.
        self.known.insert(name, 0);
        let fragment = self.document.fragments.get(name);
        let fields = fragment.map_or(0, |fragment| self.fields(&fragment.node.selection_set.node));
        self.known.insert(name, fields);
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn judge(document: &str) -> Result<()> {
        check(&parse_query(document).unwrap())
    }

    /// Each fragment spreads the next one twice.
    fn fan_out(levels: usize) -> String {
        let fragment = |level| format!("fragment f{level} on Image {{ a: id ...f{0} ...f{0} }}", level + 1);
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ file(id: 1) {{ ...f0 }} }} {fragments} fragment f{levels} on Image {{ id }}")
    }

    #[test]
    fn fields_of_fragments_count_wherever_they_are_spread() {
        assert_eq!(judge(&fan_out(8)), Ok(()));
        for levels in [14, 24, 90] {
            assert!(matches!(judge(&fan_out(levels)), Err(Error::QueryTooCostly(_))), "{levels}");
        }
    }

    #[test]
    fn fragments_that_spread_each_other_are_counted_to_an_end() {
        let circle = "{ ...a } fragment a on Query { x ...b } fragment b on Query { y ...a }";
        assert_eq!(judge(circle), Ok(()));
    }

    #[test]
    fn a_chain_of_fragments_may_be_so_long() {
        let chain = |len: usize| -> String {
            let link = |n| format!("fragment f{n} on Query {{ ...f{} }}", n + 1);
            format!("{{ ...f0 }} {} fragment f{len} on Query {{ x }}", (0..len).map(link).collect::<String>())
        };
        assert_eq!(judge(&chain(MAX_FRAGMENTS - 1)), Ok(()));
        assert!(judge(&chain(MAX_FRAGMENTS)).is_err());
    }

    #[test]
    fn fields_are_counted_over_all_operations() {
        let operation = |name: &str| format!("query {name} {{ {} }}", "x ".repeat(MAX_FIELDS / 2));
        assert_eq!(judge(&(operation("a") + &operation("b"))), Ok(()));
        assert!(judge(&(operation("a") + &operation("b") + "query c { x }")).is_err());
    }
}
