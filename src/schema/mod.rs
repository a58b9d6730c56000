//! The GraphQL schema: the product's face.

mod budget;
pub mod error;
mod exif;
pub mod guard;
mod image;
mod loader;
mod plan;
mod query;
mod scalar;
mod similarity;
mod subscription;
mod told;

use std::sync::Arc;

use async_graphql::{EmptyMutation, Request, Response, SDLExportOptions};
use futures_util::future::join_all;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::time::Instant;

use crate::catalog::Catalog;
use crate::config::Documents;
use crate::error::Result;
use budget::Budget;
use loader::Loader;
use query::Query;
use subscription::Subscriptions;
use told::Told;

type GraphqlSchema = async_graphql::Schema<Query, EmptyMutation, Subscriptions>;

/// What a request may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Only read, subscriptions included, as HTTP's safe methods do.
    Queries,
    All,
}

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

    /// Runs the requests of one body side by side, over a catalog; they share what they look up and all bounds, and are
    /// answered by `until`. One that is refused already is answered with that. Every error of an answer has
    /// `extensions.code`. What would cost too much is an error, and nothing is run.
    pub async fn execute(
        &self,
        catalog: &Arc<Catalog>,
        until: Instant,
        mut requests: Vec<Result<Request>>,
        operations: Operations,
    ) -> Result<Vec<Result<Response>>> {
        guard::check(&mut requests, &self.limits)?;
        if operations == Operations::Queries {
            requests.iter_mut().flatten().try_for_each(guard::only_queries)?;
        }
        let told = Arc::new(Told::new(catalog.ttl()));
        let loader = Loader::new(Arc::clone(catalog), until, Arc::clone(&told));
        let budget = Arc::<Budget>::default();
        let run = async |request: Result<Request>| {
            let request = request?.data(Arc::clone(&loader)).data(Arc::clone(&budget));
            Ok(self.run(request).await)
        };
        let mut answers = join_all(requests.into_iter().map(run)).await;
        answers.iter_mut().flatten().for_each(|answer| told.write(answer));
        Ok(answers)
    }

    /// Runs one request whose answer may come in parts, as a subscription's does; any other has one part. All are
    /// there by `until`.
    pub fn stream(
        &self,
        catalog: &Arc<Catalog>,
        until: Instant,
        request: Request,
        operations: Operations,
    ) -> Result<BoxStream<'static, Response>> {
        let mut requests = [Ok(request)];
        guard::check(&mut requests, &self.limits)?;
        let [request] = requests;
        let mut request = request?;
        subscription::check(&mut request)?;
        if operations == Operations::Queries {
            guard::only_queries(&mut request)?;
        }
        let told = Arc::new(Told::new(catalog.ttl()));
        let loader = Loader::new(Arc::clone(catalog), until, Arc::clone(&told));
        let request = request.data(loader).data(Arc::<Budget>::default());
        let introspection = self.limits.introspection;
        let parts = self.schema.execute_stream(request).map(move |mut part| {
            error::settle(&mut part.errors, introspection);
            told.write(&mut part);
            part
        });
        Ok(parts.boxed())
    }

    async fn run(&self, request: Request) -> Response {
        let mut response = self.schema.execute(request).await;
        error::settle(&mut response.errors, self.limits.introspection);
        response
    }
}

/// The schema in GraphQL's definition language: what `schema.graphql` holds.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions().include_specified_by();
    build().sdl_with_options(options)
}

fn build() -> GraphqlSchema {
    GraphqlSchema::build(Query, EmptyMutation, Subscriptions).finish()
}
