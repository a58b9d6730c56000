//! What a document may be before it runs: each bound is looked at in time linear in what was sent.

mod fields;
mod images;
mod shape;
mod tokens;

use async_graphql::Request;

use crate::config::Documents;
use crate::error::{Error, Result};

/// Refuses a document that would cost too much to parse, to validate or to run. What does not parse is left to the
/// schema, which says why.
pub fn check(request: &mut Request, limits: &Documents) -> Result<()> {
    tokens::check(&request.query, limits)?;
    let variables = std::mem::take(&mut request.variables);
    let checked = match request.parsed_query() {
        Err(_) => Ok(()),
        Ok(document) => shape::check(document, limits)
            .and_then(|()| fields::check(document, &variables, limits))
            .and_then(|()| images::check(document, &variables, limits)),
    };
    request.variables = variables;
    checked
}

fn within(count: usize, limit: usize, what: &'static str) -> Result<()> {
    if count > limit { Err(Error::QueryTooCostly { what, limit: limit as u64 }) } else { Ok(()) }
}
