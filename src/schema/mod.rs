//! The GraphQL schema: the product's face.

mod answer;
mod budget;
mod colours;
mod cursor;
pub mod duplicates;
pub mod error;
mod exif;
mod facts;
mod federation;
mod files;
pub mod guard;
mod image;
mod loader;
mod parsed;
mod plan;
mod prepared;
mod query;
mod room;
mod scalar;
mod sdl;
mod similar;
mod similarity;
mod subscription;
mod told;
mod upload;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ValidationMode, Variables};
use futures_util::future::{FutureExt, join_all, ready};
use futures_util::stream::{BoxStream, StreamExt, once};
use tokio::time::Instant;

use crate::catalog::View;
use crate::config::Documents;
use crate::error::{Error, Result};
pub use answer::Answer;
use budget::Budget;
use guard::Types;
use loader::Loader;
use parsed::{Known, Parsed};
use query::Query;
pub use room::{Room, Rooms};
pub use sdl::{sdl, subgraph_sdl};
use subscription::Subscriptions;
use told::Told;
pub use upload::Files;
use upload::Mutation;

type GraphqlSchema = async_graphql::Schema<Query, Mutation, Subscriptions>;

/// Where a subscription is sent that came where it cannot be answered.
const IN_PARTS: Error = Error::BadRequest(
    "a subscription is answered over WebSocket (graphql-transport-ws), or with Accept: text/event-stream",
);

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
    /// The same, for documents that fit it.
    trusting: GraphqlSchema,
    parsed: Parsed,
    types: Arc<Types>,
    limits: Arc<Documents>,
    rooms: Rooms,
}

/// What the requests of one body share.
struct Batch {
    told: Arc<Told>,
    loader: Arc<Loader>,
    budget: Arc<Budget>,
}

impl Schema {
    pub fn new(limits: Documents, rooms: Rooms) -> Self {
        let parsed = Parsed::new(limits.max_parsed_bytes);
        let (schema, trusting) = (build(ValidationMode::Strict), build(ValidationMode::Fast));
        let types = Arc::new(Types::of(&sdl()));
        Self { schema, trusting, parsed, types, limits: Arc::new(limits), rooms }
    }

    pub fn max_body_bytes(&self) -> usize {
        self.limits.max_body_bytes
    }

    /// The memory that there is for requests.
    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// Refuses more requests in one body than there may be.
    pub fn check_batch(&self, requests: usize) -> Result<()> {
        guard::check_batch(requests, &self.limits)
    }

    /// Runs the requests of one body side by side, over a catalog; they share what they look up and all bounds, and are
    /// answered by `until`. One that is refused already is answered with that. Every error of an answer has
    /// `extensions.code`. What would cost too much is an error, and nothing is run.
    pub async fn execute(
        &self,
        catalog: &Arc<View>,
        until: Instant,
        mut requests: Vec<Result<Request>>,
        operations: Operations,
    ) -> Result<Vec<Result<Answer>>> {
        let known: Vec<_> = requests.iter().map(|request| self.recall(request)).collect();
        if let ([Ok(request)], [Some(known)]) = (requests.as_slice(), known.as_slice())
            && let Some(answer) = self.show(catalog, until, request, known).await?
        {
            return Ok(vec![Ok(answer)]);
        }
        let known: Vec<_> =
            requests.iter_mut().zip(known).map(|(request, known)| set(request, known)).collect();
        let bytes = guard::check(&mut requests, &self.limits)?;
        if operations == Operations::Queries {
            requests.iter_mut().flatten().try_for_each(guard::only_queries)?;
        }
        let _held = self.rooms.fields.wait(bytes, until).await?;
        let Batch { told, loader, budget } = self.batch(catalog, until);
        let run = async |(request, is_known): (Result<Request>, bool)| {
            let mut request = request?;
            if !is_known {
                guard::check_types(&mut request, &self.types)?;
            }
            let request = request.data(Arc::clone(&loader)).data(Arc::clone(&budget));
            Ok(self.run(request, is_known).await)
        };
        let answers = join_all(requests.into_iter().zip(known).map(run)).await;
        let answer =
            |response: Result<Response>| response.map(|response| Answer::of(response, told.extensions()));
        Ok(answers.into_iter().map(answer).collect())
    }

    /// The answer to a request of which is known what it shows.
    async fn show(
        &self,
        catalog: &Arc<View>,
        until: Instant,
        request: &Request,
        Known { document, prepared, bytes }: &Known,
    ) -> Result<Option<Answer>> {
        let variables = &request.variables;
        let fits = parsed::fits(document, request.operation_name.as_deref(), variables);
        let Some(prepared) = prepared.as_ref().filter(|_| fits) else { return Ok(None) };
        let bytes = bytes.map_or_else(|| guard::check_known(document, variables, &self.limits), Ok)?;
        let _held = self.rooms.fields.wait(bytes, until).await?;
        let Batch { told, loader, budget } = self.batch(catalog, until);
        let shown = prepared.show(variables, &loader, &budget).await;
        Ok(shown.map(|(shown, errors)| Answer::shown(shown, errors, told.extensions())))
    }

    /// Runs one request whose answer may come in parts, as a subscription's does; any other has one part. All are
    /// there by `until`.
    pub fn stream(
        &self,
        catalog: &Arc<View>,
        until: Instant,
        request: Request,
        operations: Operations,
    ) -> Result<BoxStream<'static, Answer>> {
        let mut requests = [Ok(request)];
        let bytes = guard::check(&mut requests, &self.limits)?;
        let [request] = requests;
        let mut request = request?;
        guard::check_types(&mut request, &self.types)?;
        subscription::check(&mut request)?;
        if operations == Operations::Queries {
            guard::only_queries(&mut request)?;
        }
        let Batch { told, loader, budget } = self.batch(catalog, until);
        let request = request.data(loader).data(Arc::clone(&budget));
        let (schema, room) = (self.schema.clone(), self.rooms.fields.clone());
        let introspection = self.limits.introspection;
        // A part of the stream, as other streams of the same client may hold room and have to go on meanwhile.
        let parts = async move {
            let held = match room.wait(bytes, until).await {
                Ok(held) => held,
                Err(full) => return once(ready(Answer::refused(&full))).boxed(),
            };
            let parts = schema.execute_stream(request).map(move |mut part| {
                let _ = &held;
                error::settle(&mut part.errors, introspection);
                budget.hand_over();
                Answer::of(part, told.extensions())
            });
            parts.boxed()
        };
        Ok(parts.flatten_stream().boxed())
    }

    fn batch(&self, catalog: &Arc<View>, until: Instant) -> Batch {
        let told = Arc::new(Told::new(catalog.ttl()));
        let loader = Loader::new(Arc::clone(catalog), until, Arc::clone(&told));
        Batch { told, loader, budget: Arc::new(Budget::new(self.rooms.answers.clone())) }
    }

    fn recall(&self, request: &Result<Request>) -> Option<Known> {
        request.as_ref().ok().and_then(|request| self.parsed.recall(&request.query))
    }

    async fn run(&self, mut request: Request, is_known: bool) -> Response {
        if guard::asks_for(&mut request, OperationType::Subscription) {
            return Response::from_errors(vec![error::request_error(&IN_PARTS)]);
        }
        let mut response = match is_known {
            true => self.run_known(request).await,
            false => self.run_unknown(request).await,
        };
        error::settle(&mut response.errors, self.limits.introspection);
        response
    }

    async fn run_known(&self, mut request: Request) -> Response {
        let variables = std::mem::take(&mut request.variables);
        let operation = request.operation_name.clone();
        let document = request.parsed_query();
        let fits = document.is_ok_and(|document| parsed::fits(document, operation.as_deref(), &variables));
        request.variables = variables;
        if fits { self.trusting.execute(request).await } else { self.schema.execute(request).await }
    }

    async fn run_unknown(&self, mut request: Request) -> Response {
        let (text, document) = (request.query.clone(), request.parsed_query().cloned());
        let response = self.schema.execute(request).await;
        if let (Ok(document), true) = (document, response.errors.iter().all(error::has_code)) {
            let bytes = guard::check_known(&document, &Variables::default(), &self.limits).ok();
            self.parsed.learn(text, document, bytes);
        }
        response
    }
}

/// Gives a request its document, if that is known.
fn set(request: &mut Result<Request>, known: Option<Known>) -> bool {
    let (Ok(request), Some(known)) = (request, known) else { return false };
    request.set_parsed_query((*known.document).clone());
    true
}

fn build(validation: ValidationMode) -> GraphqlSchema {
    let schema = GraphqlSchema::build(Query, Mutation, Subscriptions).enable_subscription_in_federation();
    // What a field may have been meant to be takes 12 ms to find out for 60 KB of unknown ones.
    schema.validation_mode(validation).disable_suggestions().finish()
}
