//! The answer to one request.

use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

use super::error;
use super::prepared::Shown;
use crate::error::Error;

/// What the library says, or what stands in the place of its data.
pub struct Answer {
    pub response: Response,
    shown: Option<Shown>,
}

/// `data` as JSON.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Data<'a> {
    Value(&'a Value),
    Shown(&'a Shown),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self { response, shown: None }
    }
}

impl Answer {
    pub fn shown(shown: Shown, errors: Vec<ServerError>) -> Self {
        Self { response: Response::from_errors(errors), shown: Some(shown) }
    }

    pub fn data(&self) -> Data<'_> {
        self.shown.as_ref().map_or(Data::Value(&self.response.data), Data::Shown)
    }
}

/// The answer to a request that is not run.
pub fn refused(error: &Error) -> Response {
    Response::from_errors(vec![error::request_error(error)])
}
