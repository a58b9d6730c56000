//! What is written to a WebSocket, one message after the other.
//!
//! actix-ws takes as many as come, of any length, and keeps them for a client that does not read. Here the next one waits
//! until the connection has taken the one before, so that there are two at most, and a long one has its room until then.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use actix_ws::{CloseCode, CloseReason, Closed, Message as Frame, Session};
use futures_util::SinkExt;
use tokio::sync::Semaphore;

use crate::permits::Permit;

/// Room for what has not been taken.
type Held = Rc<Cell<Option<Permit>>>;

pub struct Outlet {
    session: Session,
    held: Held,
    /// One permit: the connection has taken everything.
    taken: Arc<Semaphore>,
}

/// The frames as the connection takes them.
struct Frames {
    body: BoxBody,
    held: Held,
    taken: Arc<Semaphore>,
}

impl Outlet {
    /// The response is the one that opens the WebSocket.
    pub fn new(session: Session, response: HttpResponse) -> (Self, HttpResponse) {
        let (taken, held) = (Arc::new(Semaphore::new(0)), Held::default());
        let outlet = Self { session, held: Rc::clone(&held), taken: Arc::clone(&taken) };
        let response = response.map_body(|_, body| Frames { body, held, taken }.boxed());
        (outlet, response)
    }

    /// Waits until the frame before has been taken.
    pub async fn send(&mut self, frame: Frame, room: Option<Permit>) -> Result<(), Closed> {
        self.turn().await?;
        self.held.set(room);
        self.session.send(frame).await
    }

    /// Says goodbye, with or without a word.
    pub async fn close(self, reason: Option<(CloseCode, String)>) -> Result<(), Closed> {
        self.turn().await?;
        let reason = reason.map(|(code, text)| CloseReason {
            code,
            description: Some(text).filter(|text| !text.is_empty()),
        });
        self.session.close(reason).await
    }

    async fn turn(&self) -> Result<(), Closed> {
        self.taken.acquire().await.map(|turn| turn.forget()).map_err(|_| Closed)
    }
}

impl MessageBody for Frames {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let frames = self.get_mut();
        let next = Pin::new(&mut frames.body).poll_next(cx);
        // It asks for more, and there is none.
        if next.is_pending() && frames.taken.available_permits() == 0 {
            frames.held.take();
            frames.taken.add_permits(1);
        }
        next
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.taken.close();
    }
}
