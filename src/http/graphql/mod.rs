//! `GET` and `POST /graphql` -> schema, after the GraphQL over HTTP specification.

mod accept;
mod answer;
mod caching;
mod json;
mod members;
mod parameters;
mod parts;
mod persisted;
mod sent;
mod subscriptions;

use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, Payload, resource};
use actix_web::{HttpRequest, HttpResponse};
use tokio::time::Instant;

use super::auth::{Caller, Callers};
use super::multipart::is_multipart;
use super::slow_reader;
use crate::config::Right;
use crate::error::{Error, HttpFault, Result};
use crate::schema::{self, Files, Operations, Schema};
use accept::MediaType;
pub use parts::PREFLIGHT;
pub use persisted::Persisted;
use sent::Sent;
pub use subscriptions::Connections;

/// `/graphql`.
pub fn route() -> impl HttpServiceFactory {
    resource("/graphql")
        .wrap(from_fn(slow_reader::hold))
        .wrap(Compress::default())
        .wrap(from_fn(caching::tell))
        .route(subscriptions::websocket())
        .to(execute)
}

/// The schema in GraphQL's definition language.
pub async fn sdl(http: HttpRequest, callers: Data<Callers>) -> HttpResponse {
    match callers.admit(http.headers(), Right::Read) {
        Ok(_) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(schema::sdl()),
        Err(error) => refuse(&http, &error),
    }
}

/// The answer of any route to a request that is not run. What tells `Compress` to leave it alone is for `/graphql`.
pub fn refuse(http: &HttpRequest, error: &Error) -> HttpResponse {
    let mut answer = answer::refuse(http, error);
    answer.headers_mut().remove(CONTENT_ENCODING);
    answer
}

async fn execute(
    http: HttpRequest,
    schema: Data<Schema>,
    persisted: Data<Persisted>,
    callers: Data<Callers>,
    connections: Data<Connections>,
    payload: Payload,
) -> HttpResponse {
    let answered = match callers.admit(http.headers(), Right::Read) {
        Ok(caller) => execute_for(caller, &http, &schema, &persisted, &connections, payload).await,
        Err(stranger) => Err(stranger),
    };
    answered.unwrap_or_else(|error| answer::refuse(&http, &error))
}

async fn execute_for(
    caller: &Caller,
    http: &HttpRequest,
    schema: &Schema,
    persisted: &Persisted,
    connections: &Connections,
    payload: Payload,
) -> Result<HttpResponse> {
    let until = caller.catalog.until();
    let media_type = MediaType::accepted(http)?;
    let operations = match *http.method() {
        Method::GET => Operations::Queries,
        Method::POST => Operations::All,
        _ => return Err(Error::BadHttp(HttpFault::OtherMethod)),
    };
    let (sent, files) = read(caller, http, schema, payload, until).await?;
    schema.check_batch(sent.requests.len())?;
    // One of them is admitted already.
    caller.admit_others(sent.requests.len().saturating_sub(1))?;
    let mut requests = Vec::with_capacity(sent.requests.len());
    for asked in sent.requests {
        let request = persisted.request(asked, caller.only_trusted).await;
        requests.push(match &files {
            Some(files) => request.map(|request| request.data(Arc::clone(files))),
            None => request,
        });
    }
    if media_type == MediaType::Events {
        let body = sent.held;
        return subscriptions::events(connections, schema, caller, until, requests, operations, body);
    }
    let mut answers = schema.execute(&caller.catalog, until, requests, operations).await?;
    match answers.pop() {
        Some(only) if !sent.is_list => Ok(answer::one(http, media_type, only?, caller.anonymous)),
        last => Ok(answer::list(media_type, answers.into_iter().chain(last))),
    }
}

/// What the request says, and the files that come with it.
async fn read(
    caller: &Caller,
    http: &HttpRequest,
    schema: &Schema,
    payload: Payload,
    until: Instant,
) -> Result<(Sent, Option<Arc<Files>>)> {
    let (room, max_bytes) = (&schema.rooms().bodies, schema.max_body_bytes());
    let sent = match *http.method() {
        Method::GET => Sent::in_query_string(http, room, until).await,
        _ if is_multipart(http) => {
            parts::check(http)?;
            caller.may(Right::Write)?;
            let (sent, files) = parts::read(http, payload, &caller.catalog, (max_bytes, room), until).await?;
            return Ok((sent, Some(files)));
        }
        _ => Sent::in_body(http, payload, max_bytes, room, until).await,
    };
    sent.map(|sent| (sent, None))
}
