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
use crate::config::Documents;
use crate::cost::Cost;
use crate::error::Result;
use budget::Budget;
use error::ErrorCode;
use loader::{Batch, Stale};
use query::Query;

type GraphqlSchema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

#[derive(Clone)]
pub struct Schema {
    schema: GraphqlSchema,
    limits: Arc<Documents>,
}

impl Schema {
    pub fn new(limits: Documents) -> Self {
        Self { schema: build(), limits: Arc::new(limits) }
    }

    pub fn max_body_bytes(&self) -> usize {
        self.limits.max_body_bytes
    }

    /// Runs one request, over a catalog. Every error of the answer has `extensions.code`. What would cost too much is an
    /// error and not run.
    pub async fn execute(&self, catalog: &Arc<Catalog>, mut request: Request) -> Result<Response> {
        guard::check(&mut request, &self.limits)?;
        let (stale, cost) = (Stale::default(), Arc::<Cost>::default());
        let loader = Batch::loader(Arc::clone(catalog), Arc::clone(&stale), Arc::clone(&cost));
        let mut response = self.schema.execute(request.data(loader).data(Budget::default())).await;
        response.errors.iter_mut().for_each(error::ensure_code);
        tell_stale(&mut response, &stale);
        tell_cost(&mut response, &cost);
        Ok(response)
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

/// `extensions.cost`: what the answer took.
fn tell_cost(response: &mut Response, cost: &Cost) {
    let cost = value!({
        "images": cost.images.get(),
        "upstreamCalls": cost.upstream_calls.get(),
        "cacheHits": cost.cache_hits.get(),
        "bytesFetched": cost.bytes_fetched.get(),
        "decoded": cost.decoded.get(),
    });
    response.extensions.insert("cost".to_owned(), cost);
}

/// The schema in GraphQL's definition language: what `schema.graphql` holds.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions().include_specified_by();
    build().sdl_with_options(options)
}

fn build() -> GraphqlSchema {
    GraphqlSchema::build(Query, EmptyMutation, EmptySubscription).register_output_type::<ErrorCode>().finish()
}
