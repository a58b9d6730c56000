//! A client that reads its answer slowly, or not at all, holds it in memory. It has as long as the deadline to take it.
//!
//! An answer is handed on in pieces, as the client takes them, and breaks off once the time is over. Where the client takes
//! nothing at all nobody asks for the next piece: that is the system's to end.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, Data};
use socket2::SockRef;
use tokio::time::Instant;

/// What is written at once.
const PIECE: usize = 64 << 10;

/// How long a client may take to read an answer.
pub struct Patience(pub Duration);

/// Ends a connection whose client takes nothing for so long.
pub fn end_stalled(patience: Duration) -> impl Fn(&dyn Any, &mut Extensions) {
    move |connection, _| {
        if let Some(connection) = connection.downcast_ref::<TcpStream>() {
            // RFC 5482. Where the system has no such option, pieces alone have an end.
            #[cfg(target_os = "linux")]
            let _ = SockRef::from(connection).set_tcp_user_timeout(Some(patience));
        }
    }
}

/// Answers of known length; who subscribes is told things for as long as there are some.
pub async fn hurry(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let patience = request.app_data::<Data<Patience>>().map(|patience| patience.0);
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| match (body.size(), body.try_into_bytes(), patience) {
        (BodySize::Sized(_), Ok(rest), Some(patience)) if rest.len() > PIECE => {
            BoxBody::new(Pieces { rest, until: Instant::now() + patience })
        }
        (_, Ok(whole), _) => BoxBody::new(whole),
        (_, Err(stream), _) => BoxBody::new(stream),
    }))
}

struct Pieces {
    rest: Bytes,
    until: Instant,
}

impl MessageBody for Pieces {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if Instant::now() >= self.until {
            return Poll::Ready(Some(Err(std::io::ErrorKind::TimedOut.into())));
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(piece))))
    }
}
