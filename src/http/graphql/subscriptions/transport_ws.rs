//! The protocol `graphql-transport-ws`: what is said to a client, given what it says.
//!
//! After the PROTOCOL.md of graphql-ws, whose words the reasons of closing are. async-graphql speaks it too, but closes with
//! codes that clients do not know (1002, 1011, 3008) and says nothing of requests that cannot be run. There is no I/O in
//! here.

use std::collections::HashMap;

use async_graphql::{Response, ServerError};
use futures_util::future::{AbortHandle, AbortRegistration};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::http::graphql::answer::was_run;
use crate::http::graphql::json::Json;
use crate::http::graphql::parameters::Parameters;
use crate::schema::error::request_error;

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

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Json },
    Complete { id: String },
}

/// What is said to a client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    ConnectionAck,
    Pong,
    Next { id: Id, payload: Box<Response> },
    Error { id: Id, payload: Vec<ServerError> },
    Complete { id: Id },
}

/// A part of an operation's answer.
pub enum Part {
    Response(Box<Response>),
    End,
}

/// Why a connection is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Close {
    GoingAway,
    BadFrame,
    TooBig,
    Invalid(&'static str),
    Unauthorized,
    Forbidden,
    TooLate,
    Exists(Id),
    TooManyInits,
}

impl Connection {
    pub fn new(max_operations: usize) -> Self {
        let running = HashMap::new();
        Self { initialised: false, ending: false, heard: true, max_operations, running }
    }

    /// Takes one message of the client's.
    pub fn hear(&mut self, text: &str) -> Option<Action> {
        self.heard = true;
        match serde_json::from_str(text) {
            Ok(Said::ConnectionInit { payload }) => Some(self.initialise(payload.unwrap_or_default())),
            Ok(Said::Ping {}) => Some(Action::Say(Message::Pong)),
            Ok(Said::Pong {}) => None,
            Ok(Said::Subscribe { id, payload: Json(asked) }) => match Parameters::of_json(asked) {
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
            return Action::Say(refusal(id, &Error::QueryTooCostly { what: "operations at once", limit }));
        }
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(id.clone(), handle);
        Action::Run(id, asked, registration)
    }

    /// What the client is told of a part. An answer of a request that could not be run is an error, and the last of it.
    pub fn tell(&mut self, id: Id, part: Part) -> Message {
        match part {
            Part::Response(answer) if was_run(&answer) => Message::Next { id, payload: answer },
            Part::Response(answer) => {
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
        refusal(id, error)
    }

    /// Of an operation that is forgotten no part comes any more.
    fn forget(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// There is an end to how long it may stay as it is.
    pub fn is_awaited(&self) -> bool {
        self.ending || !self.initialised
    }

    /// Why it is closed where it stays so for too long.
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

fn refusal(id: Id, error: &Error) -> Message {
    Message::Error { id, payload: vec![request_error(error)] }
}

impl Close {
    /// RFC 6455 section 7.4.1, and the protocol's own.
    pub fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::BadFrame => 1002,
            Self::TooBig => 1009,
            Self::Invalid(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::TooLate => 4408,
            Self::Exists(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    pub fn reason(&self) -> String {
        match self {
            Self::GoingAway => "Going away".to_owned(),
            Self::BadFrame => "Invalid frame".to_owned(),
            Self::TooBig => "Message too big".to_owned(),
            Self::Invalid(why) => (*why).to_owned(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden => "Forbidden".to_owned(),
            Self::TooLate => "Connection initialisation timeout".to_owned(),
            Self::Exists(id) => format!("Subscriber for {id} already exists"),
            Self::TooManyInits => "Too many initialisation requests".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::PathSegment;
    use serde_json::json;

    use super::*;

    const INIT: &str = r#"{"type":"connection_init"}"#;

    fn initialised() -> Connection {
        let mut connection = Connection::new(2);
        assert!(matches!(connection.hear(INIT), Some(Action::Identify(_))));
        connection
    }

    fn subscribe(id: &str) -> String {
        json!({"type": "subscribe", "id": id, "payload": {"query": "{ a }"}}).to_string()
    }

    fn closed(action: Option<Action>) -> (u16, String) {
        match action {
            Some(Action::Close(close)) => (close.code(), close.reason()),
            other => panic!("{other:?}"),
        }
    }

    fn said(message: &Message) -> Value {
        serde_json::to_value(message).unwrap()
    }

    fn run(connection: &mut Connection, id: &str) -> (Id, AbortRegistration) {
        match connection.hear(&subscribe(id)) {
            Some(Action::Run(id, asked, registration)) => {
                assert_eq!(asked.query.as_deref(), Some("{ a }"));
                (id, registration)
            }
            other => panic!("{other:?}"),
        }
    }

    fn answer(errors: Vec<ServerError>) -> Part {
        Part::Response(Box::new(Response::from_errors(errors)))
    }

    #[test]
    fn what_is_no_message_of_the_protocol_closes_with_4400() {
        for text in [
            "",
            "{",
            "null",
            "[]",
            "1",
            "{}",
            "\u{feff}{}",
            r#"{"type":1}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":null}"#,
            r#"{"type":"subscribe","id":"1","payload":"{a}"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","query":"{b}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[1]}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":1}"#,
        ] {
            let (code, reason) = closed(initialised().hear(text));
            assert_eq!(code, 4400, "{text}");
            assert!(["Invalid message", "Invalid id"].contains(&&*reason), "{text}: {reason}");
        }
        assert_eq!(closed(initialised().hear(&subscribe(&"x".repeat(65)))).0, 4400);
        let deep = format!(r#"{{"type":"connection_init","payload":{{"a":{}"#, "[".repeat(100_000));
        assert_eq!(closed(Connection::new(1).hear(&deep)).0, 4400);
    }

    #[test]
    fn a_connection_is_initialised_once_and_before_anything_else() {
        let mut connection = Connection::new(1);
        assert_eq!((connection.is_awaited(), connection.overdue().code()), (true, 4408));
        let early = closed(connection.hear(&subscribe("1")));
        assert_eq!(early, (4401, "Unauthorized".to_owned()));
        let payload = r#"{"type":"connection_init","payload":{"a":1}}"#;
        let Some(Action::Identify(payload)) = connection.hear(payload) else { panic!("not identified") };
        assert_eq!(payload["a"], 1);
        assert!(!connection.is_awaited());
        let again = closed(connection.hear(INIT));
        assert_eq!(again, (4429, "Too many initialisation requests".to_owned()));
    }

    #[test]
    fn pings_are_answered_and_pongs_are_not_before_and_after_init() {
        for mut connection in [Connection::new(1), initialised()] {
            for ping in [r#"{"type":"ping"}"#, r#"{"type":"ping","payload":{"canary":1}}"#] {
                let Some(Action::Say(pong)) = connection.hear(ping) else { panic!("no pong") };
                assert_eq!(said(&pong), json!({"type": "pong"}));
            }
            assert!(connection.hear(r#"{"type":"pong","payload":null}"#).is_none());
        }
    }

    #[test]
    fn an_id_is_taken_until_its_operation_has_ended() {
        let mut connection = initialised();
        for end in [Part::End, answer(vec![ServerError::new("no", None)])] {
            let (id, _) = run(&mut connection, "a");
            let taken = closed(connection.hear(&subscribe("a")));
            assert_eq!(taken, (4409, "Subscriber for a already exists".to_owned()));
            connection.tell(id, end);
        }
        run(&mut connection, "a");
        assert!(connection.hear(r#"{"type":"complete","id":"a"}"#).is_none());
        run(&mut connection, "a");
    }

    #[test]
    fn what_is_told_are_parts_and_an_end_or_an_error_and_nothing_more() {
        let mut connection = initialised();
        let (id, registration) = run(&mut connection, "a");
        let next = connection.tell(id.clone(), answer(Vec::new()));
        assert_eq!(said(&next), json!({"type": "next", "id": "a", "payload": {"data": null}}));
        let failed = ServerError::new("no", None).with_path(vec![PathSegment::Field("a".to_owned())]);
        let partial = connection.tell(id.clone(), answer(vec![failed]));
        assert_eq!(said(&partial)["type"], "next");
        assert!(!registration.handle().is_aborted());
        let end = connection.tell(id, Part::End);
        assert_eq!(said(&end), json!({"type": "complete", "id": "a"}));

        let (id, registration) = run(&mut connection, "b");
        let error = connection.tell(id, answer(vec![ServerError::new("no", None)]));
        assert_eq!(said(&error), json!({"type": "error", "id": "b", "payload": [{"message": "no"}]}));
        assert!(registration.handle().is_aborted(), "nothing follows an error");

        let (id, registration) = run(&mut connection, "c");
        let error = said(&connection.refuse(id, &Error::Internal));
        assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL");
        assert!(registration.handle().is_aborted());
    }

    #[test]
    fn what_the_client_completes_is_aborted_and_what_it_never_began_is_not_missed() {
        let mut connection = initialised();
        let (_, registration) = run(&mut connection, "a");
        assert!(connection.hear(r#"{"type":"complete","id":"b"}"#).is_none());
        assert!(!registration.handle().is_aborted());
        assert!(connection.hear(r#"{"type":"complete","id":"a"}"#).is_none());
        assert!(registration.handle().is_aborted());
    }

    #[test]
    fn one_operation_too_many_is_an_error_of_its_own() {
        let mut connection = initialised();
        run(&mut connection, "a");
        run(&mut connection, "b");
        let Some(Action::Say(error)) = connection.hear(&subscribe("c")) else { panic!("no error") };
        let error = said(&error);
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("c")));
        assert_eq!(error["payload"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
        connection.hear(r#"{"type":"complete","id":"a"}"#);
        run(&mut connection, "c");
    }

    #[test]
    fn what_runs_is_finished_before_a_connection_has_ended() {
        let mut connection = initialised();
        let (id, _) = run(&mut connection, "a");
        assert!(!connection.has_ended());
        connection.end();
        assert_eq!((connection.is_awaited(), connection.overdue().code()), (true, 1001));
        assert!(connection.hear(&subscribe("b")).is_none());
        assert!(!connection.has_ended());
        connection.tell(id, Part::End);
        assert!(connection.has_ended());
    }

    #[test]
    fn who_says_nothing_between_two_looks_does_not_live() {
        let mut connection = Connection::new(1);
        assert!(connection.lives());
        assert!(!connection.lives());
        connection.hear(r#"{"type":"pong"}"#);
        assert!(connection.lives());
        connection.notice();
        assert!(connection.lives());
        assert!(!connection.lives());
    }

    #[test]
    fn every_reason_fits_into_a_closing_frame() {
        let id = Id::from("x".repeat(MAX_ID));
        for close in [Close::Exists(id), Close::TooLate, Close::TooManyInits] {
            assert!(close.reason().len() <= 123, "{close:?}");
        }
    }
}
