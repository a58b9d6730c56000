//! The answer to one request.

use async_graphql::{Response, ServerError, Value};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::error::{self, was_run};
use super::prepared::Shown;
use super::told::Extensions;
use crate::error::Error;

/// As JSON what a client is sent: of what was not run there is no `data`.
#[derive(Debug)]
pub struct Answer {
    data: Data,
    pub errors: Vec<ServerError>,
    pub extensions: Extensions,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Data {
    /// As the library says it.
    Value(Value),
    Shown(Shown),
}

impl Answer {
    /// What the library says, and what is told beside it.
    pub fn of(Response { data, errors, .. }: Response, extensions: Extensions) -> Self {
        Self { data: Data::Value(data), errors, extensions }
    }

    pub fn shown(shown: Shown, errors: Vec<ServerError>, extensions: Extensions) -> Self {
        Self { data: Data::Shown(shown), errors, extensions }
    }

    /// The answer to a request that is not run.
    pub fn refused(error: &Error) -> Self {
        Self::of(Response::from_errors(vec![error::request_error(error)]), Extensions::default())
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_map(None)?;
        if was_run(&self.errors) {
            answer.serialize_entry("data", &self.data)?;
        }
        if !self.errors.is_empty() {
            answer.serialize_entry("errors", &self.errors)?;
        }
        if !self.extensions.is_empty() {
            answer.serialize_entry("extensions", &self.extensions)?;
        }
        answer.end()
    }
}
