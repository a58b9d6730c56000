//! Server-sent events: the "distinct connections mode" of graphql-sse, after its PROTOCOL.md.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentEncoding, HeaderName};
use actix_web::web::Bytes;
use async_graphql::Request;
use futures_util::future::ready;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use super::Connections;
use crate::error::{Error, Result};
use crate::http::auth::Caller;
use crate::http::graphql::accept::MediaType;
use crate::permits::Permit;
use crate::schema::{Answer, Operations, Room, Schema};

/// How long nothing may be sent. Proxies forget who says nothing, and that a client has gone is noticed when something is
/// sent to it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// A comment: no event, but a sign of life.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// Without data a browser would not tell the page of it.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// What proxies of nginx's kind do not buffer.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers the only request of a body, part by part, and keeps the room that the body has until then.
pub fn events(
    connections: &Connections,
    schema: &Schema,
    caller: &Caller,
    until: Instant,
    mut requests: Vec<Result<Request>>,
    operations: Operations,
    body: Option<Permit>,
) -> Result<HttpResponse> {
    let (Some(request), true) = (requests.pop(), requests.is_empty()) else {
        return Err(Error::BadRequest("a list of requests is not answered by events"));
    };
    let place = connections.enter(caller)?;
    let answers = request.and_then(|request| schema.stream(&caller.catalog, until, request, operations));
    // A browser tells its page nothing of an answer that is no event stream.
    let answers = answers.unwrap_or_else(|error| stream::once(ready(Answer::refused(&error))).boxed());
    let events = told(answers, schema.rooms().answers.clone()).map(move |event| {
        let _ = (&place, &body);
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

/// Answers on their way to a client.
struct Telling {
    answers: BoxStream<'static, Answer>,
    room: Room,
    /// Of the event that was taken last: who asks for the next one has written it.
    held: Option<Permit>,
    /// What is logged meanwhile is the request's.
    span: Span,
}

/// Begins with a comment, for which browsers call a stream open.
fn told(answers: BoxStream<'static, Answer>, room: Room) -> impl Stream<Item = Bytes> {
    let telling = Telling { answers, room, held: None, span: Span::current() };
    let answers = stream::unfold(telling, async |mut telling| {
        telling.held = None;
        let event = telling.next().await?;
        Some((event, telling))
    });
    stream::once(ready(COMMENT)).chain(answers).chain(stream::once(ready(COMPLETE)))
}

impl Telling {
    async fn next(&mut self) -> Option<Bytes> {
        match timeout(KEEP_ALIVE, self.answers.next()).instrument(self.span.clone()).await {
            Ok(answer) => Some(self.hold(next(&answer?))),
            Err(_) => Some(COMMENT),
        }
    }

    /// An event for which there is no room is the last one, and says so.
    fn hold(&mut self, event: Bytes) -> Bytes {
        match self.room.hold(event.len()) {
            Ok(held) => {
                self.held = held;
                event
            }
            Err(full) => {
                self.answers = stream::empty().boxed();
                next(&Answer::refused(&full))
            }
        }
    }
}

/// JSON has no line breaks of its own, so one line of data holds it.
fn next(answer: &Answer) -> Bytes {
    let data = serde_json::to_string(answer).unwrap_or_default();
    format!("event: next\ndata: {data}\n\n").into()
}
