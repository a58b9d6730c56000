//! How many fields a document asks for, its fragments counted wherever they are spread and lists of images as
//! often as they are long.
//!
//! Fragments that each spread the next one twice double with every level: 24 of them, less than 1 KB, are 16
//! million fields, which the validation would visit one by one. Counted per fragment, each is looked at once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use crate::error::{Error, Result};

/// A page of a hundred images with a hundred fields each.
const MAX_FIELDS: usize = 10_000;

/// An image costs its look-up however little is asked of it.
const FIELDS_PER_IMAGE: usize = 10;

/// Fragments may follow one another, and each step of a chain takes some of the stack.
const MAX_FRAGMENTS: usize = 100;

/// How long the lists are that a request's variables hold.
pub type Lists = HashMap<Name, usize>;

pub fn lists(variables: &Variables) -> Lists {
    let list = |(name, value): (&Name, &ConstValue)| Some((name.clone(), length(value)?));
    variables.iter().filter_map(list).collect()
}

pub fn check(document: &ExecutableDocument, lists: Lists) -> Result<()> {
    if document.fragments.len() > MAX_FRAGMENTS {
        return Err(Error::QueryTooCostly("it has too many fragments"));
    }
    let mut counter = Counter { document, lists: with_defaults(lists, document), known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fields = operations.fold(0_usize, |sum, set| sum.saturating_add(counter.fields(set)));
    if fields > MAX_FIELDS { Err(Error::QueryTooCostly("it asks for too many fields")) } else { Ok(()) }
}

fn length(value: &ConstValue) -> Option<usize> {
    match value {
        ConstValue::List(items) => Some(items.len()),
        _ => None,
    }
}

/// A variable that the request leaves out has its default, of which several operations may have several.
fn with_defaults(mut lists: Lists, document: &ExecutableDocument) -> Lists {
    let operations =
        document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    for definition in operations.map(|definition| &definition.node) {
        let default = definition.default_value.as_ref().and_then(|value| length(&value.node)).unwrap_or(0);
        let known = lists.entry(definition.name.node.clone()).or_default();
        *known = default.max(*known);
    }
    lists
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    lists: Lists,
    /// Fields of each fragment.
    known: HashMap<&'a str, usize>,
}

impl<'a> Counter<'a> {
    fn fields(&mut self, set: &'a SelectionSet) -> usize {
        set.items.iter().fold(0, |sum, item| sum.saturating_add(self.selection(&item.node)))
    }

    fn selection(&mut self, selection: &'a Selection) -> usize {
        match selection {
            Selection::Field(field) => self.field(&field.node),
            Selection::InlineFragment(inline) => self.fields(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str()),
        }
    }

    fn field(&mut self, field: &'a Field) -> usize {
        let fields = self.fields(&field.selection_set.node).saturating_add(1);
        match field.name.node.as_str() {
            "file" | "remote" => fields.max(FIELDS_PER_IMAGE),
            "images" => fields.max(FIELDS_PER_IMAGE).saturating_mul(self.images(field)),
            _ => fields,
        }
    }

    /// How many images a field lists. A value that is no list stands for a list of one.
    fn images(&self, field: &Field) -> usize {
        match field.get_argument("of").map(|value| &value.node) {
            Some(Value::List(items)) => items.len(),
            Some(Value::Variable(name)) => self.lists.get(name).copied().unwrap_or_default().max(1),
            _ => 1,
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
        check(&parse_query(document).unwrap(), Lists::new())
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
    fn a_list_of_images_counts_as_often_as_it_is_long_wherever_it_stands() {
        let images = |count: usize| format!("[{}]", "{url: \"u\"} ".repeat(count));
        let ten = "a b c d e f g h i";
        let literal = |count| judge(&format!("{{ images(of: {}) {{ {ten} }} }}", images(count)));
        assert_eq!(literal(1_000), Ok(()));
        assert!(literal(1_001).is_err());
        let default =
            |count| judge(&format!("query($o: [I!] = {}) {{ images(of: $o) {{ a }} }}", images(count)));
        assert_eq!(default(1_000), Ok(()));
        assert!(default(1_001).is_err());
        let document =
            parse_query("query($o: [I!]) { ...f } fragment f on Query { images(of: $o) { a } }").unwrap();
        assert_eq!(check(&document, Lists::from([(Name::new("o"), 1_000)])), Ok(()));
        assert!(check(&document, Lists::from([(Name::new("o"), 1_001)])).is_err());
    }

    #[test]
    fn an_image_costs_something_however_little_is_asked_of_it() {
        let aliases =
            |count: usize| (0..count).map(|n| format!("a{n}: file(id: 1) {{ id }} ")).collect::<String>();
        assert_eq!(judge(&format!("{{ {} }}", aliases(1_000))), Ok(()));
        assert!(judge(&format!("{{ {} }}", aliases(1_001))).is_err());
    }

    #[test]
    fn fields_are_counted_over_all_operations() {
        let operation = |name: &str| format!("query {name} {{ {} }}", "x ".repeat(MAX_FIELDS / 2));
        assert_eq!(judge(&(operation("a") + &operation("b"))), Ok(()));
        assert!(judge(&(operation("a") + &operation("b") + "query c { x }")).is_err());
    }
}
