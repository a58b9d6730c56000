//! The protocol `graphql-transport-ws`: what is said to a client, given what it says.
//!
//! After the PROTOCOL.md of graphql-ws, whose words the reasons of closing are. async-graphql speaks it too, but closes with
//! codes that clients do not know (1002, 1011, 3008) and says nothing of requests that cannot be run. There is no I/O in
//! here.

mod close;
mod message;

use std::collections::HashMap;

use futures_util::future::{AbortHandle, AbortRegistration};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::http::graphql::json::is_moderate;
use crate::http::graphql::parameters::Parameters;
use crate::schema::Answer;
use crate::schema::error::was_run;
pub use close::Close;
pub use message::Message;
use message::Said;

/// The sub-protocol's name.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// Bytes of an operation's id; a UUID has 36. It comes back in a closing reason, which has 123 in all (RFC 6455
/// section 5.5).
const MAX_ID: usize = 64;

const INVALID: Action = Action::Close(Close::Invalid("Invalid message"));

/// An operation's name, which the client gives it.
pub type Id = String;

/// The operations of one connection, and whether it may have any.
pub struct Connection {
    initialised: bool,
    /// Nothing new is begun.
    ending: bool,
    /// The client has said something since it was last asked whether it lives.
    heard: bool,
    max_operations: usize,
    running: HashMap<Id, AbortHandle>,
}

/// What is to be done about what a client said.
#[derive(Debug)]
pub enum Action {
    /// Find out who asks, by the payload or the headers before it.
    Identify(Map<String, Value>),
    Run(Id, Box<Parameters>, AbortRegistration),
    Say(Message),
    Close(Close),
}

/// A part of an operation's answer.
pub enum Part {
    Answer(Box<Answer>),
    End,
}

impl Connection {
    pub fn new(max_operations: usize) -> Self {
        let running = HashMap::new();
        Self { initialised: false, ending: false, heard: true, max_operations, running }
    }

    /// Takes one message of the client's.
    pub fn hear(&mut self, text: &str) -> Option<Action> {
        self.heard = true;
        if !is_moderate(text.as_bytes()) {
            return Some(INVALID);
        }
        match serde_json::from_str(text) {
            Ok(Said::ConnectionInit { payload }) => Some(self.initialise(payload.unwrap_or_default())),
            Ok(Said::Ping {}) => Some(Action::Say(Message::Pong)),
            Ok(Said::Pong {}) => None,
            Ok(Said::Subscribe { id, payload }) => match Parameters::of(*payload) {
                Ok(asked) => self.subscribe(&id, Box::new(asked)),
                Err(_) => Some(INVALID),
            },
            Ok(Said::Complete { id }) => {
                self.forget(&id);
                None
            }
            Err(_) => Some(INVALID),
        }
    }

    fn initialise(&mut self, payload: Map<String, Value>) -> Action {
        if self.initialised {
            return Action::Close(Close::TooManyInits);
        }
        self.initialised = true;
        Action::Identify(payload)
    }

    fn subscribe(&mut self, id: &str, asked: Box<Parameters>) -> Option<Action> {
        if !self.initialised {
            return Some(Action::Close(Close::Unauthorized));
        }
        if id.is_empty() || id.len() > MAX_ID {
            return Some(Action::Close(Close::Invalid("Invalid id")));
        }
        let id = Id::from(id);
        if self.running.contains_key(&id) {
            return Some(Action::Close(Close::Exists(id)));
        }
        // Clients ask again elsewhere what was not answered before the connection went away.
        (!self.ending).then(|| self.begin(id, asked))
    }

    fn begin(&mut self, id: Id, asked: Box<Parameters>) -> Action {
        if self.running.len() >= self.max_operations {
            let limit = self.max_operations as u64;
            return Action::Say(Message::refusal(
                id,
                &Error::QueryTooCostly { what: "operations at once", limit },
            ));
        }
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(id.clone(), handle);
        Action::Run(id, asked, registration)
    }

    /// What the client is told of a part. An answer of a request that could not be run is an error, and the last of it.
    pub fn tell(&mut self, id: Id, part: Part) -> Message {
        match part {
            Part::Answer(answer) if was_run(&answer.errors) => Message::Next { id, payload: answer },
            Part::Answer(answer) => {
                self.forget(&id);
                Message::Error { id, payload: answer.errors }
            }
            Part::End => {
                self.forget(&id);
                Message::Complete { id }
            }
        }
    }

    /// What the client is told of an operation that is not run.
    pub fn refuse(&mut self, id: Id, error: &Error) -> Message {
        self.forget(&id);
        Message::refusal(id, error)
    }

    /// Of an operation that is forgotten no part comes any more.
    fn forget(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// Why it is closed where it stays as it is for too long.
    pub fn overdue(&self) -> Close {
        if self.initialised { Close::GoingAway } else { Close::TooLate }
    }

    pub fn is_ending(&self) -> bool {
        self.ending
    }

    /// Begins nothing any more.
    pub fn end(&mut self) {
        self.ending = true;
    }

    /// Nothing runs and nothing will.
    pub fn has_ended(&self) -> bool {
        self.ending && self.running.is_empty()
    }

    /// A sign of life that is no message.
    pub fn notice(&mut self) {
        self.heard = true;
    }

    /// Whether the client has given a sign of life since this was asked before.
    pub fn lives(&mut self) -> bool {
        std::mem::replace(&mut self.heard, false)
    }
}

#[cfg(test)]
mod tests;
