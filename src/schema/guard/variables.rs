//! What a variable may stand for, and how many images a page may have by it.

use async_graphql::parser::types::{ExecutableDocument, Field};
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use crate::schema::duplicates::USUAL_COPIES;
use crate::schema::files::{MAX_FIRST, USUAL_FIRST};

/// How many a field with an argument `first` may show: `files`, `similar`, `duplicateGroups`, and `images` of a group. What is refused when it runs shows none.
pub fn page_size(field: &Field, document: &ExecutableDocument, variables: &Variables) -> usize {
    let usual = if field.name.node == "images" { USUAL_COPIES } else { USUAL_FIRST };
    match field.get_argument("first").map(|first| &first.node) {
        None => usual,
        Some(Value::Variable(name)) => {
            let sizes = values_of(document, variables, name).into_iter().map(|first| size(first, usual));
            sizes.max().unwrap_or(usual)
        }
        Some(first) => first.clone().into_const().map_or(MAX_FIRST, |first| size(&first, usual)),
    }
}

fn size(first: &ConstValue, usual: usize) -> usize {
    match first {
        ConstValue::Number(number) => number.as_u64().map_or(0, |size| size.min(MAX_FIRST as u64) as usize),
        ConstValue::Null => usual,
        _ => MAX_FIRST,
    }
}

/// What a variable may stand for: what the request gives, or any default that an operation gives it.
pub fn values_of<'a>(
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    name: &Name,
) -> Vec<&'a ConstValue> {
    if let Some(value) = variables.get(name) {
        return vec![value];
    }
    let operations = document.operations.iter();
    let definitions = operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
    let of_that_name = definitions.filter(|definition| definition.node.name.node == *name);
    of_that_name.filter_map(|definition| Some(&definition.node.default_value.as_ref()?.node)).collect()
}
