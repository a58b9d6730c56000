//! A WebSocket that speaks `graphql-transport-ws`: the protocol is `transport_ws`, here are its frames and clocks.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use actix_web::rt;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{
    AggregatedMessage, AggregatedMessageStream, CloseCode, Message as Frame, MessageStream, ProtocolError,
    Session,
};
use async_graphql::Response;
use futures_util::future::{AbortRegistration, ready};
use futures_util::stream::{Abortable, BoxStream, SelectAll, StreamExt, once};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout_at};

use super::outlet::Outlet;
use super::transport_ws::{Action, Close, Connection, Id, Message, PROTOCOL, Part};
use super::{Connections, FINISH};
use crate::config::Right;
use crate::error::{Error, Result};
use crate::http::auth::{Caller, Callers};
use crate::http::graphql::answer::refuse;
use crate::http::graphql::parameters::Parameters;
use crate::http::graphql::persisted::Persisted;
use crate::schema::{Operations, Schema};

/// How long a client may take to say who it is: what graphql-ws grants by default.
const INIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a client is asked whether it lives, below the minute after which proxies forget who says nothing.
const PING_EVERY: Duration = Duration::from_secs(15);

pub async fn open(
    http: HttpRequest,
    schema: Data<Schema>,
    persisted: Data<Persisted>,
    callers: Data<Callers>,
    connections: Data<Connections>,
    payload: Payload,
) -> HttpResponse {
    let opened = handshake(&http, payload).and_then(|handshake| Ok((handshake, connections.enter()?)));
    let ((response, session, messages), place) = match opened {
        Ok(opened) => opened,
        Err(error) => return refuse(&http, &error),
    };
    let max_bytes = schema.max_body_bytes();
    let messages =
        messages.max_frame_size(max_bytes).aggregate_continuations().max_continuation_size(max_bytes);
    let (outlet, response) = Outlet::new(session, response);
    let connection = Connection::new(connections.max_operations);
    let headers = http.headers().clone();
    let running = SelectAll::new();
    let socket = Socket { schema, persisted, callers, headers, caller: None, connection, running, outlet };
    let conversation = socket.converse(messages, connections.stopping.subscribe());
    rt::spawn(async move {
        conversation.await;
        drop(place);
    });
    response
}

fn handshake(http: &HttpRequest, payload: Payload) -> Result<(HttpResponse, Session, MessageStream)> {
    let (response, session, messages) = actix_ws::handle_with_protocols(http, payload, &[PROTOCOL])
        .map_err(|_| Error::BadRequest("not the handshake of a WebSocket"))?;
    if !response.headers().contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err(Error::BadRequest("the sub-protocol has to be graphql-transport-ws"));
    }
    Ok((response, session, messages))
}

struct Socket {
    schema: Data<Schema>,
    persisted: Data<Persisted>,
    callers: Data<Callers>,
    /// Of the request that opened it.
    headers: HeaderMap,
    /// Once it is initialised.
    caller: Option<Arc<Caller>>,
    connection: Connection,
    running: SelectAll<BoxStream<'static, (Id, Part)>>,
    outlet: Outlet,
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
    async fn converse(mut self, mut messages: AggregatedMessageStream, stopping: watch::Receiver<bool>) {
        match self.talk(&mut messages, stopping).await {
            End::Gone => {}
            End::Closed(code) => self.close(code.map(|code| (code, String::new()))).await,
            End::Close(close) => {
                self.close(Some((CloseCode::from(close.code()), close.reason()))).await;
            }
        }
    }

    async fn talk(
        &mut self,
        messages: &mut AggregatedMessageStream,
        mut stopping: watch::Receiver<bool>,
    ) -> End {
        // For the client to begin, then for what runs to end.
        let mut patience = std::pin::pin!(sleep(INIT_TIMEOUT));
        let mut pulse = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // In this order: a client that has said something while it was written to lives.
            let step = tokio::select! {
                biased;
                () = &mut patience, if self.connection.is_awaited() => Err(End::Close(self.connection.overdue())),
                _ = stopping.wait_for(|stop| *stop), if !self.connection.is_ending() => {
                    self.connection.end();
                    patience.as_mut().reset(self.until() + FINISH);
                    Ok(())
                }
                heard = messages.recv() => self.hear(heard).await,
                _ = pulse.tick() => self.ping().await,
                Some((id, part)) = self.running.next() => self.tell(id, part).await,
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
        match heard {
            Some(Ok(AggregatedMessage::Text(text))) => self.act(&text).await,
            Some(Ok(AggregatedMessage::Binary(_))) => {
                Err(End::Close(Close::Invalid("Binary messages are not understood")))
            }
            Some(Ok(AggregatedMessage::Ping(data))) => self.send(Frame::Pong(data)).await,
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Close(reason))) => Err(End::Closed(reason.map(|reason| reason.code))),
            Some(Err(fault)) => Err(End::Close(closing(&fault))),
            None => Err(End::Gone),
        }
    }

    async fn act(&mut self, text: &str) -> Result<(), End> {
        match self.connection.hear(text) {
            None => Ok(()),
            Some(Action::Identify(payload)) => {
                let caller = self.callers.connecting(&self.headers, &payload, Right::Read);
                let caller = caller.map_err(|_| End::Close(Close::Forbidden))?;
                self.caller = Some(Arc::clone(caller));
                self.say(&Message::ConnectionAck).await
            }
            Some(Action::Run(id, asked, registration)) => self.run(id, *asked, registration).await,
            Some(Action::Say(message)) => self.say(&message).await,
            Some(Action::Close(close)) => Err(End::Close(close)),
        }
    }

    async fn run(&mut self, id: Id, asked: Parameters, registration: AbortRegistration) -> Result<(), End> {
        let caller = self.caller.as_ref().ok_or(End::Close(Close::Unauthorized))?;
        match self.answers(caller, asked).await {
            Ok(answers) => {
                let parts = answers.map(|answer| Part::Response(Box::new(answer)));
                let parts = parts.chain(once(ready(Part::End))).map(move |part| (id.clone(), part));
                self.running.push(Abortable::new(parts, registration).boxed());
                Ok(())
            }
            Err(refused) => {
                let message = self.connection.refuse(id, &refused);
                self.say(&message).await
            }
        }
    }

    async fn answers(&self, caller: &Caller, asked: Parameters) -> Result<BoxStream<'static, Response>> {
        caller.admit()?;
        let until = caller.catalog.until();
        let request = self.persisted.request(asked, caller.only_trusted).await?;
        self.schema.stream(&caller.catalog, until, request, Operations::All)
    }

    async fn tell(&mut self, id: Id, part: Part) -> Result<(), End> {
        let message = self.connection.tell(id, part);
        self.say(&message).await
    }

    /// Who has not even answered the last one is not there.
    async fn ping(&mut self) -> Result<(), End> {
        if self.connection.lives() {
            self.send(Frame::Ping(Default::default())).await
        } else {
            Err(End::Gone)
        }
    }

    async fn say(&mut self, message: &Message) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|_| End::Gone)?;
        self.send(Frame::Text(text.into())).await
    }

    /// A client that takes a message more slowly than a request may take is given up.
    async fn send(&mut self, frame: Frame) -> Result<(), End> {
        let sent = timeout_at(self.until(), self.outlet.send(frame)).await;
        if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) }
    }

    async fn close(self, reason: Option<(CloseCode, String)>) {
        let _ = timeout_at(self.until(), self.outlet.close(reason)).await;
    }

    fn until(&self) -> Instant {
        self.caller.as_ref().map_or_else(|| Instant::now() + INIT_TIMEOUT, |caller| caller.catalog.until())
    }
}

/// What is longer than it may be is one of the faults that actix-ws tells as those of its input.
fn closing(fault: &ProtocolError) -> Close {
    match fault {
        ProtocolError::Overflow => Close::TooBig,
        ProtocolError::Io(error) if error.kind() != ErrorKind::InvalidData => Close::TooBig,
        _ => Close::BadFrame,
    }
}
