//! An answer that goes out before its request has come in whole.
//!
//! actix-web reads on for ever what comes in chunks once nobody holds the payload any more. Held until the answer has gone,
//! it makes the server close the connection.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::{Bytes, Payload};

struct Unread {
    body: BoxBody,
    _payload: Payload,
}

pub fn hold(payload: Payload, answer: HttpResponse) -> HttpResponse {
    answer.map_body(|_, body| BoxBody::new(Unread { body, _payload: payload }))
}

impl MessageBody for Unread {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(ctx)
    }
}
