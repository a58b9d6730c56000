//! This schema as a subgraph of others (Apollo Federation 2): `_service` tells it, `_entities` finds its images by their keys.
//!
//! Not by the library's own `_entities`, of which one that fails takes all others with it (decision 024).

use std::sync::LazyLock;

use async_graphql::{Any, Context, Result, SimpleObject, Union, Value};

use super::budget::Budget;
use super::error::field_error;
use super::image::Image;
use super::{query, subgraph_sdl};
use crate::error::{self, Error};
use crate::metadata::ImageRef;

/// What guards have to know of it: the schema does not tell.
pub const TYPES: &str = "
type Query { _entities: [_Entity] _service: _Service }
type _Service { sdl: String }
type _Entity
";

/// What other subgraphs may refer to.
#[derive(Union)]
#[graphql(name = "_Entity")]
pub enum Entity {
    Image(Image),
}

/// What a gateway composes.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// The subgraph's schema, in GraphQL's definition language with Federation's directives.
    sdl: &'static str,
}

/// Charged like any other text: it may be asked for under many names.
pub fn service(ctx: &Context<'_>) -> Result<Service> {
    static SDL: LazyLock<String> = LazyLock::new(subgraph_sdl);
    let charged = Budget::of(ctx).charge_text(&SDL);
    charged.map(|()| Service { sdl: &SDL }).map_err(|error| field_error(&error))
}

/// The images that others know by their keys, in the order asked. One that fails is null, with an error of its own.
pub async fn entities(ctx: &Context<'_>, representations: Vec<Any>) -> Vec<Option<Result<Entity>>> {
    let keys: Vec<_> = representations.iter().map(|Any(representation)| key(representation)).collect();
    let images = keys.iter().flatten().cloned().collect();
    let mut images = query::ask(ctx, images).await.into_iter();
    let entity = |key: error::Result<ImageRef>| match key {
        Ok(_) => images.next().flatten().map(|image| image.map(Entity::Image)),
        Err(error) => Some(Err(field_error(&error))),
    };
    keys.into_iter().map(entity).collect()
}

/// `{__typename: "Image", id: …}`, and whatever else.
fn key(representation: &Value) -> error::Result<ImageRef> {
    const NONE: Error = Error::BadRequest("a representation is {__typename: \"Image\", id: \"…\"}");
    let Value::Object(members) = representation else { return Err(NONE) };
    let is_image = matches!(members.get("__typename"), Some(Value::String(name)) if name == "Image");
    match members.get("id").filter(|_| is_image) {
        Some(Value::String(id)) => Ok(ImageRef::of_id(id.clone())),
        Some(Value::Number(id)) => Ok(ImageRef::of_id(id.to_string())),
        _ => Err(NONE),
    }
}
