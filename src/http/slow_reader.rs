//! A client that reads its answer slowly, or not at all, holds it in memory. It has as long as the deadline to take it.
//!
//! An answer is handed on in pieces, as the client takes them, and breaks off once the time is over. Where the client takes
//! nothing at all nobody asks for the next piece: that is the system's to end. Until then it has its part of the room that
//! there is for answers.

use std::any::Any;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, Data};
use socket2::SockRef;
use tokio::time::Instant;

use super::refuse;
use crate::permits::Permit;
use crate::schema::Schema;

/// What is written at once.
const PIECE: usize = 64 << 10;

/// How long a client may take to read an answer.
pub struct Patience(pub Duration);

/// Bytes that the system keeps of what a client has sent and nobody has looked at; it doubles them itself.
const UNSEEN: usize = 256 << 10;

/// Ends a connection whose client takes nothing for so long, and has others wait with what they send.
pub fn end_stalled(patience: Duration) -> impl Fn(&dyn Any, &mut Extensions) {
    move |connection, _| {
        if let Some(connection) = connection.downcast_ref::<TcpStream>() {
            let _ = SockRef::from(connection).set_recv_buffer_size(UNSEEN);
            // RFC 5482. Where the system has no such option, pieces alone have an end.
            #[cfg(target_os = "linux")]
            let _ = SockRef::from(connection).set_tcp_user_timeout(Some(patience));
        }
    }
}

/// Answers whose length is known here and that differ from one request to the next: those for which there is no room are
/// refused, the others take their room along.
pub async fn hold(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let schema = request.app_data::<Data<Schema>>().cloned();
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let (BodySize::Sized(length), Some(schema)) = (response.response().body().size(), schema) {
        match schema.rooms().answers.hold(usize::try_from(length).unwrap_or(usize::MAX)) {
            Ok(None) => {}
            Ok(Some(held)) => drop(response.response_mut().extensions_mut().insert(held)),
            Err(full) => {
                let refused = refuse(response.request(), &full);
                response = response.into_response(refused);
            }
        }
    }
    Ok(response)
}

/// Cuts answers, and each part of those that come in parts.
pub async fn hurry(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let patience = request.app_data::<Data<Patience>>().map(|patience| patience.0);
    let mut response = next.call(request).await?;
    let held = response.response_mut().extensions_mut().remove::<Permit>();
    Ok(response.map_body(|_, body| match (body.try_into_bytes(), patience) {
        (Ok(whole), Some(patience)) if whole.len() > PIECE => Pieces::of(whole, patience, held).boxed(),
        (Ok(whole), _) => BoxBody::new(whole),
        (Err(parts), Some(patience)) => Pieces::of(parts, patience, held).boxed(),
        (Err(parts), None) => BoxBody::new(parts),
    }))
}

struct Pieces {
    parts: BoxBody,
    /// Of the part that is being taken.
    rest: Bytes,
    /// When all of it has to be taken.
    until: Instant,
    patience: Duration,
    _held: Option<Permit>,
}

impl Pieces {
    fn of(parts: impl MessageBody + 'static, patience: Duration, held: Option<Permit>) -> Self {
        let parts = BoxBody::new(parts);
        Self { parts, rest: Bytes::new(), until: Instant::now(), patience, _held: held }
    }
}

impl MessageBody for Pieces {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.parts.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.parts).poll_next(context)?) {
                Some(part) => (self.rest, self.until) = (part, Instant::now() + self.patience),
                None => return Poll::Ready(None),
            }
        }
        if Instant::now() >= self.until {
            return Poll::Ready(Some(Err(io::Error::from(ErrorKind::TimedOut).into())));
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(piece))))
    }
}
