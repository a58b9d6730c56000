//! A WebSocket that speaks `graphql-transport-ws`: the protocol is `transport_ws`, here are its frames and clocks.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, Message as Frame, ProtocolError};
use futures_util::future::{AbortRegistration, ready};
use futures_util::stream::{Abortable, BoxStream, SelectAll, StreamExt, once};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout_at};

use super::admission::Admission;
use super::outlet::Outlet;
use super::transport_ws::{Action, Close, Connection, Id, Message, Part};
use super::{Connections, FINISH};
use crate::error::{Error, Result};
use crate::http::auth::Caller;
use crate::http::graphql::json::weight;
use crate::http::graphql::parameters::Parameters;
use crate::http::graphql::persisted::Persisted;
use crate::permits::Permit;
use crate::schema::error::{ErrorCode, counted};
use crate::schema::{Answer, Operations, Schema};

/// How long a client may take to say who it is: what graphql-ws grants by default.
const INIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a client is asked whether it lives, below the minute after which proxies forget who says nothing.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Frames that are heard in a row. The runtime looks for what other clients send when nothing is left to do, or after
/// thousands of turns: yielding one would not do.
const BURST: u8 = 8;
const REST: Duration = Duration::from_millis(1);

pub struct Socket {
    schema: Data<Schema>,
    persisted: Data<Persisted>,
    admission: Admission,
    connection: Connection,
    running: SelectAll<BoxStream<'static, (Id, Part)>>,
    outlet: Outlet,
    /// Frames since the last rest.
    heard: u8,
    /// When it is closed if nothing is begun before that.
    ends: Instant,
    /// How much later than the deadline of what was begun last.
    idle: Duration,
}

/// How a conversation ends.
enum End {
    Close(Close),
    /// The client closes it, with this code.
    Closed(Option<CloseCode>),
    /// The client reads no more, or is not there.
    Gone,
}

impl Socket {
    pub fn new(
        schema: Data<Schema>,
        persisted: Data<Persisted>,
        admission: Admission,
        limits: &Connections,
        outlet: Outlet,
    ) -> Self {
        let connection = Connection::new(limits.max_operations);
        let ends = Instant::now() + INIT_TIMEOUT;
        let running = SelectAll::new();
        Self { schema, persisted, admission, connection, running, outlet, heard: 0, ends, idle: limits.idle }
    }

    pub async fn converse(mut self, mut messages: AggregatedMessageStream, stopping: watch::Receiver<bool>) {
        match self.talk(&mut messages, stopping).await {
            End::Gone => {}
            End::Closed(code) => self.close(code.map(|code| (code, String::new()))).await,
            End::Close(close) => {
                tracing::debug!(code = close.code(), "closes a WebSocket");
                self.close(Some((CloseCode::from(close.code()), close.reason()))).await;
            }
        }
    }

    async fn talk(
        &mut self,
        messages: &mut AggregatedMessageStream,
        mut stopping: watch::Receiver<bool>,
    ) -> End {
        let mut pulse = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // In this order: what a client has completed is let go before more is heard, and one that has said something
            // while it was written to lives.
            let step = tokio::select! {
                biased;
                () = sleep_until(self.ends) => Err(End::Close(self.connection.overdue())),
                _ = stopping.wait_for(|stop| *stop), if !self.connection.is_ending() => {
                    self.connection.end();
                    self.ends = self.until() + FINISH;
                    Ok(())
                }
                Some((id, part)) = self.running.next() => self.tell(id, part).await,
                heard = messages.recv() => self.hear(heard).await,
                _ = pulse.tick() => self.ping().await,
            };
            if let Err(end) = step {
                return end;
            }
            if self.connection.has_ended() {
                return End::Close(Close::GoingAway);
            }
        }
    }

    async fn hear(&mut self, heard: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), End> {
        self.connection.notice();
        self.rest().await;
        match heard {
            Some(Ok(AggregatedMessage::Text(text))) => {
                let held = self.room_for(&text).await?;
                self.act(&text, held).await
            }
            Some(Ok(AggregatedMessage::Binary(_))) => {
                Err(End::Close(Close::Invalid("Binary messages are not understood")))
            }
            Some(Ok(AggregatedMessage::Ping(data))) => self.send(Frame::Pong(data), None).await,
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Close(reason))) => Err(End::Closed(reason.map(|reason| reason.code))),
            Some(Err(fault)) => Err(End::Close(closing(&fault))),
            None => Err(End::Gone),
        }
    }

    /// While it is waited for, what runs is told: that holds room as well.
    async fn room_for(&mut self, text: &str) -> Result<Option<Permit>, End> {
        let room = self.schema.rooms().bodies.clone();
        let mut waiting = pin!(room.wait(weight(text.as_bytes()), self.until()));
        loop {
            tokio::select! {
                biased;
                held = &mut waiting => return held.map_err(|full| End::Close(refusal(&full))),
                Some((id, part)) = self.running.next() => self.tell(id, part).await?,
            }
        }
    }

    /// A message has its room until it is done with.
    async fn act(&mut self, text: &str, held: Option<Permit>) -> Result<(), End> {
        match self.connection.hear(text) {
            None => Ok(()),
            Some(Action::Identify(payload)) => {
                self.admission.initialise(&payload).map_err(|refused| End::Close(refusal(&refused)))?;
                self.ends = self.until() + self.idle;
                self.say(Message::ConnectionAck).await
            }
            Some(Action::Run(id, asked, registration)) => self.run(id, *asked, registration, held).await,
            Some(Action::Say(message)) => self.say(message).await,
            Some(Action::Close(close)) => Err(End::Close(close)),
        }
    }

    async fn run(
        &mut self,
        id: Id,
        asked: Parameters,
        registration: AbortRegistration,
        held: Option<Permit>,
    ) -> Result<(), End> {
        self.ends = self.until() + self.idle;
        let caller = self.admission.caller.as_deref().ok_or(End::Close(Close::Unauthorized))?;
        match self.answers(caller, asked).await {
            Ok(answers) => {
                let parts = answers.map(|answer| Part::Answer(Box::new(answer)));
                let parts = parts.chain(once(ready(Part::End))).map(move |part| {
                    let _ = &held;
                    (id.clone(), part)
                });
                self.running.push(Abortable::new(parts, registration).boxed());
                Ok(())
            }
            Err(refused) => {
                let message = self.connection.refuse(id, &refused);
                self.say(message).await
            }
        }
    }

    /// However many come at once, other connections have their turn in between.
    async fn rest(&mut self) {
        self.heard = (self.heard + 1) % BURST;
        if self.heard == 0 {
            sleep(REST).await;
        }
    }

    async fn answers(&self, caller: &Caller, asked: Parameters) -> Result<BoxStream<'static, Answer>> {
        caller.admit()?;
        let until = caller.catalog.until();
        let request = self.persisted.request(asked, caller.only_trusted).await?;
        self.schema.stream(&caller.catalog, until, request, Operations::All)
    }

    /// A part for which there is no room is the last of its operation, and says so.
    async fn tell(&mut self, id: Id, part: Part) -> Result<(), End> {
        let message = self.connection.tell(id.clone(), part);
        let text = printed(message)?;
        match self.schema.rooms().answers.hold(text.len()) {
            Ok(room) => self.send(Frame::Text(text.into()), room).await,
            Err(full) => {
                drop(text);
                let refused = self.connection.refuse(id, &full);
                self.say(refused).await
            }
        }
    }

    /// Who has not even answered the last one is not there.
    async fn ping(&mut self) -> Result<(), End> {
        if self.connection.lives() {
            self.send(Frame::Ping(Default::default()), None).await
        } else {
            Err(End::Gone)
        }
    }

    /// Something short.
    async fn say(&mut self, message: Message) -> Result<(), End> {
        self.send(Frame::Text(printed(message)?.into()), None).await
    }

    /// A client that takes a message more slowly than a request may take is given up.
    async fn send(&mut self, frame: Frame, room: Option<Permit>) -> Result<(), End> {
        let sent = timeout_at(self.until(), self.outlet.send(frame, room)).await;
        if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) }
    }

    async fn close(self, reason: Option<(CloseCode, String)>) {
        let _ = timeout_at(self.until(), self.outlet.close(reason)).await;
    }

    fn until(&self) -> Instant {
        let caller = self.admission.caller.as_ref();
        caller.map_or_else(|| Instant::now() + INIT_TIMEOUT, |caller| caller.catalog.until())
    }
}

/// The message itself is let go: it may be long, and the client slow.
fn printed(message: Message) -> Result<String, End> {
    serde_json::to_string(&message).map_err(|_| End::Gone)
}

/// Who may come later is told that. It is counted as where a request is refused.
fn refusal(error: &Error) -> Close {
    match counted(error) {
        ErrorCode::TooManyRequests | ErrorCode::Overloaded => Close::TryLater,
        _ => Close::Forbidden,
    }
}

/// What is longer than it may be is one of the faults that actix-ws tells as those of its input.
fn closing(fault: &ProtocolError) -> Close {
    match fault {
        ProtocolError::Overflow => Close::TooBig,
        ProtocolError::Io(error) if error.kind() != ErrorKind::InvalidData => Close::TooBig,
        ProtocolError::Io(_) => Close::NotText,
        _ => Close::BadFrame,
    }
}
