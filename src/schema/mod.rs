//! The GraphQL schema: the product's face.

mod budget;
pub mod error;
mod exif;
mod guard;
mod image;
mod loader;
mod plan;
mod query;
mod scalar;
mod similarity;

use std::sync::{Arc, PoisonError};

use async_graphql::{EmptyMutation, EmptySubscription, Request, Response, SDLExportOptions, Value, value};

use crate::catalog::Catalog;
use budget::Budget;
use error::ErrorCode;
use loader::{Batch, Stale};
use query::Query;

type GraphqlSchema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// Fields within fields. The deepest that makes sense is a comparison's image's EXIF group.
const MAX_DEPTH: usize = 15;

#[derive(Clone)]
pub struct Schema(GraphqlSchema);

impl Default for Schema {
    fn default() -> Self {
        Self(build())
    }
}

impl Schema {
    /// Runs one request, over a catalog. Every error of the answer has `extensions.code`.
    pub async fn execute(&self, catalog: &Arc<Catalog>, mut request: Request) -> Response {
        if let Err(refused) = guard::check(&mut request) {
            return Response::from_errors(vec![error::request_error(&refused)]);
        }
        let stale = Stale::default();
        let loader = Batch::loader(Arc::clone(catalog), Arc::clone(&stale));
        let mut response = self.0.execute(request.data(loader).data(Budget::default())).await;
        response.errors.iter_mut().for_each(error::ensure_code);
        tell_stale(&mut response, &stale);
        response
    }
}

/// `extensions.stale`: what was answered from an earlier answer because asking anew failed.
fn tell_stale(response: &mut Response, stale: &Stale) {
    let stale = stale.lock().unwrap_or_else(PoisonError::into_inner);
    if stale.is_empty() {
        return;
    }
    let mut images: Vec<_> = stale.iter().map(|(image, age)| (image.id(), age.as_secs())).collect();
    images.sort_unstable();
    let images = images.into_iter().map(|(id, age)| value!({"id": id, "ageSeconds": age}));
    response.extensions.insert("stale".to_owned(), Value::List(images.collect()));
}

/// The schema in GraphQL's definition language: what `schema.graphql` holds.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions().include_specified_by();
    build().sdl_with_options(options)
}

fn build() -> GraphqlSchema {
    GraphqlSchema::build(Query, EmptyMutation, EmptySubscription)
        .register_output_type::<ErrorCode>()
        .limit_depth(MAX_DEPTH)
        .finish()
}
