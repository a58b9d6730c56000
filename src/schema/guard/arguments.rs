//! What the arguments of fields weigh. A variable weighs as much wherever it is used: it is copied to each place, and held
//! against the type there.

use std::collections::HashMap;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use async_graphql_value::Value;

/// Bytes of a value beside its text.
const VALUE: usize = 32;

/// The bytes of a request's variables.
pub struct Weights(HashMap<Name, usize>);

type Arguments = [(Positioned<Name>, Positioned<Value>)];

impl Weights {
    /// A variable that the request leaves out has its default, of which several operations may have several.
    pub fn new(document: &ExecutableDocument, variables: &Variables) -> Self {
        let mut weights: HashMap<_, _> =
            variables.iter().map(|(name, value)| (name.clone(), of_const(value))).collect();
        let operations = document.operations.iter().map(|(_, operation)| &operation.node);
        for definition in operations.flat_map(|operation| &operation.variable_definitions) {
            let default = definition.node.default_value.as_ref().map_or(VALUE, |value| of_const(&value.node));
            let known = weights.entry(definition.node.name.node.clone()).or_default();
            *known = default.max(*known);
        }
        Self(weights)
    }

    pub fn of_field(&self, field: &Field) -> usize {
        self.of_arguments(&field.arguments).saturating_add(self.of_directives(&field.directives))
    }

    pub fn of_directives(&self, directives: &[Positioned<Directive>]) -> usize {
        directives.iter().map(|directive| self.of_arguments(&directive.node.arguments)).sum()
    }

    fn of_arguments(&self, arguments: &Arguments) -> usize {
        arguments.iter().map(|(_, value)| self.of(&value.node)).sum()
    }

    /// As deep as the document's brackets at most.
    fn of(&self, value: &Value) -> usize {
        match value {
            Value::Variable(name) => self.0.get(name).copied().unwrap_or(VALUE),
            Value::String(text) => VALUE + text.len(),
            Value::List(items) => VALUE + items.iter().map(|item| self.of(item)).sum::<usize>(),
            Value::Object(members) => {
                VALUE + members.iter().map(|(name, member)| name.len() + self.of(member)).sum::<usize>()
            }
            _ => VALUE,
        }
    }
}

/// As deep as JSON may nest at most.
fn of_const(value: &ConstValue) -> usize {
    match value {
        ConstValue::String(text) => VALUE + text.len(),
        ConstValue::List(items) => VALUE + items.iter().map(of_const).sum::<usize>(),
        ConstValue::Object(members) => {
            VALUE + members.iter().map(|(name, member)| name.len() + of_const(member)).sum::<usize>()
        }
        _ => VALUE,
    }
}
