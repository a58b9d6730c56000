//! The opening of a WebSocket that speaks `graphql-transport-ws`.

use actix_web::http::header::{CONTENT_LENGTH, SEC_WEBSOCKET_PROTOCOL, TRANSFER_ENCODING};
use actix_web::rt;
use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use actix_ws::{AggregatedMessageStream, MessageStream, Session};
use tracing::{Instrument, Span};

use super::Connections;
use super::admission::Admission;
use super::inlet::bounded;
use super::outlet::Outlet;
use super::socket::Socket;
use super::transport_ws::PROTOCOL;
use crate::error::{Error, Result};
use crate::http::auth::Callers;
use crate::http::graphql::answer::refuse;
use crate::http::graphql::persisted::Persisted;
use crate::schema::Schema;

pub async fn open(
    http: HttpRequest,
    schema: Data<Schema>,
    persisted: Data<Persisted>,
    callers: Data<Callers>,
    connections: Data<Connections>,
    payload: Payload,
) -> HttpResponse {
    let opened = handshake(&http, payload, schema.max_body_bytes()).await;
    let admitted = opened
        .and_then(|opened| Ok((opened, Admission::open(callers, connections.clone(), http.headers())?)));
    let ((response, session, messages), admission) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return refuse(&http, &error),
    };
    let (outlet, response) = Outlet::new(session, response);
    let socket = Socket::new(schema, persisted, admission, &connections, outlet);
    let conversation = socket.converse(messages, connections.stopping.subscribe());
    // What is logged of it is the request's.
    rt::spawn(conversation.instrument(Span::current()));
    response
}

type Opened = (HttpResponse, Session, AggregatedMessageStream);

/// RFC 6455 section 4.1: what comes behind the head is the WebSocket's.
fn has_body(http: &HttpRequest) -> bool {
    let length = http.headers().get(CONTENT_LENGTH);
    length.is_some_and(|length| length.as_bytes() != b"0") || http.headers().contains_key(TRANSFER_ENCODING)
}

async fn handshake(http: &HttpRequest, payload: Payload, max_bytes: usize) -> Result<Opened> {
    if has_body(http) {
        return Err(Error::BadRequest("the handshake of a WebSocket has no body"));
    }
    let mut payload = dev::Payload::Stream { payload: bounded(payload, max_bytes) };
    let payload = Payload::from_request(http, &mut payload).await.map_err(|_| Error::Internal)?;
    let (response, session, messages) = actix_ws::handle_with_protocols(http, payload, &[PROTOCOL])
        .map_err(|_| Error::BadRequest("not the handshake of a WebSocket"))?;
    if !response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err(Error::BadRequest("the sub-protocol has to be graphql-transport-ws"));
    }
    Ok((response, session, whole(messages, max_bytes)))
}

/// The messages, each in one piece.
fn whole(messages: MessageStream, max_bytes: usize) -> AggregatedMessageStream {
    messages.max_frame_size(max_bytes).aggregate_continuations().max_continuation_size(max_bytes)
}
