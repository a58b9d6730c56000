//! What the two sides say.

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Id;
use crate::error::Error;
use crate::http::graphql::members::Members;
use crate::schema::Answer;
use crate::schema::error::request_error;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Box<Members> },
    Complete { id: String },
}

/// What is said to a client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    ConnectionAck,
    Pong,
    Next { id: Id, payload: Box<Answer> },
    Error { id: Id, payload: Vec<ServerError> },
    Complete { id: Id },
}

impl Message {
    /// What the client is told of an operation that is not run.
    pub fn refusal(id: Id, error: &Error) -> Self {
        Self::Error { id, payload: vec![request_error(error)] }
    }
}
