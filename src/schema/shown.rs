//! An image as an answer shows it, at once where that can be done.
//!
//! The library makes a future of every field and puts a context around it. Of a hundred images with ten facts each that is
//! most of the time, though the facts are there before the first one is asked for.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use super::image::Image;

/// An [`Image`] to the schema, and to whoever asks.
#[derive(Clone)]
pub struct Shown(pub Image);

impl OutputType for Shown {
    fn type_name() -> Cow<'static, str> {
        Image::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Image::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let known = ctx.item.node.items.iter().map(|item| self.known(&item.node));
        match known.collect::<Option<IndexMap<_, _>>>() {
            Some(object) => Ok(Value::Object(object)),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

impl Shown {
    /// What a selection prints; `None` where the library has to find out: of fragments, conditions, arguments, fields
    /// within fields, and facts that failed.
    fn known(&self, selection: &Selection) -> Option<(async_graphql::Name, Value)> {
        let Selection::Field(field) = selection else { return None };
        let field = &field.node;
        if !field.directives.is_empty() || !field.arguments.is_empty() {
            return None;
        }
        let value = match field.name.node.as_str() {
            "__typename" => Image::type_name().into(),
            fact => self.0.known(fact)?,
        };
        Some((field.response_key().node.clone(), value))
    }
}
