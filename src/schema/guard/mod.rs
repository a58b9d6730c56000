//! What a document may be before it runs.

mod fields;
mod nesting;

use async_graphql::Request;

use crate::error::Result;

/// Refuses a document that would cost too much to parse or to validate. What does not parse is left to the
/// schema, which says why.
pub fn check(request: &mut Request) -> Result<()> {
    nesting::check(&request.query)?;
    let lists = fields::lists(&request.variables);
    request.parsed_query().map_or(Ok(()), |document| fields::check(document, lists))
}
