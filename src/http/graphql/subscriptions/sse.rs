//! Server-sent events: the "distinct connections mode" of graphql-sse, after its PROTOCOL.md.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentEncoding, HeaderName};
use actix_web::web::Bytes;
use async_graphql::{Request, Response};
use futures_util::future::ready;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use super::Connections;
use crate::error::{Error, Result};
use crate::http::auth::Caller;
use crate::http::graphql::accept::MediaType;
use crate::http::graphql::answer::{Body, refusal};
use crate::schema::{Operations, Schema};

/// How long nothing may be sent. Proxies forget who says nothing, and that a client has gone is noticed when something is
/// sent to it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// A comment: no event, but a sign of life.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// Without data a browser would not tell the page of it.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// What proxies of nginx's kind do not buffer.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers the only request of a body, part by part.
pub fn events(
    connections: &Connections,
    schema: &Schema,
    caller: &Caller,
    until: Instant,
    mut requests: Vec<Result<Request>>,
    operations: Operations,
) -> Result<HttpResponse> {
    let (Some(request), true) = (requests.pop(), requests.is_empty()) else {
        return Err(Error::BadRequest("a list of requests is not answered by events"));
    };
    let place = connections.enter(caller)?;
    let answers = request.and_then(|request| schema.stream(&caller.catalog, until, request, operations));
    // A browser tells its page nothing of an answer that is no event stream.
    let answers = answers.unwrap_or_else(|error| stream::once(ready(refusal(&error))).boxed());
    let events = told(answers).map(move |event| {
        let _ = &place;
        Ok::<_, actix_web::Error>(event)
    });
    let response = HttpResponse::Ok()
        .content_type(MediaType::Events.content_type())
        .insert_header((CACHE_CONTROL, "no-store"))
        // What is compressed waits for more.
        .insert_header(ContentEncoding::Identity)
        .insert_header((ACCEL_BUFFERING, "no"))
        .streaming(events);
    Ok(response)
}

/// Begins with a comment, for which browsers call a stream open. What is logged meanwhile is the request's.
fn told(answers: BoxStream<'static, Response>) -> impl Stream<Item = Bytes> {
    let opening = stream::once(ready(COMMENT));
    let answers = stream::unfold((answers, Span::current()), async |(mut answers, span)| {
        let answer = timeout(KEEP_ALIVE, answers.next()).instrument(span.clone()).await;
        let event = match answer {
            Ok(Some(answer)) => next(&answer),
            Ok(None) => return None,
            Err(_) => COMMENT,
        };
        Some((event, (answers, span)))
    });
    opening.chain(answers).chain(stream::once(ready(COMPLETE)))
}

/// JSON has no line breaks of its own, so one line of data holds it.
fn next(answer: &Response) -> Bytes {
    let data = serde_json::to_string(&Body::of(answer)).unwrap_or_default();
    format!("event: next\ndata: {data}\n\n").into()
}
