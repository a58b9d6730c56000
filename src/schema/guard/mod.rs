//! What a document may be before it runs: each bound is looked at in time linear in what was sent.

mod arguments;
mod fields;
mod images;
mod shape;
mod tokens;
mod unknown;
mod variables;

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Variables};

use crate::config::Documents;
use crate::error::{Error, HttpFault, Result};
use fields::Fields;
use images::Images;
pub use unknown::Types;

/// What the requests of one body ask for together.
#[derive(Default)]
struct Sum {
    fields: Fields,
    images: Images,
}

/// Refuses documents that would cost too much to parse, to validate or to run, and tells how many bytes the others may
/// take while they run. What does not parse is left to the schema, which says why.
pub fn check(requests: &mut [Result<Request>], limits: &Documents) -> Result<usize> {
    check_batch(requests.len(), limits)?;
    let mut sum = Sum::default();
    requests.iter_mut().flatten().try_for_each(|request| sum.add(request, limits))?;
    Ok(sum.fields.bytes())
}

/// The same for one request whose document has been checked before, by itself: its variables are others now.
pub fn check_known(
    document: &ExecutableDocument,
    variables: &Variables,
    limits: &Documents,
) -> Result<usize> {
    let mut sum = Sum::default();
    sum.add_document(document, variables, limits)?;
    Ok(sum.fields.bytes())
}

/// Refuses a document with many fields that there are not.
pub fn check_types(request: &mut Request, types: &Types) -> Result<()> {
    request.parsed_query().map_or(Ok(()), |document| types.check(document))
}

/// Refuses more requests in one body than there may be.
pub fn check_batch(requests: usize, limits: &Documents) -> Result<()> {
    within(requests, limits.max_batch, "requests in one body")
}

/// Refuses a request that is not safe to repeat, nor to be sent by whoever can make a browser follow a link.
pub fn only_queries(request: &mut Request) -> Result<()> {
    let mutates = asks_for(request, OperationType::Mutation);
    if mutates { Err(Error::BadHttp(HttpFault::MutationByGet)) } else { Ok(()) }
}

/// Whether an operation of this type is to be run.
pub fn asks_for(request: &mut Request, kind: OperationType) -> bool {
    let asked = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return false };
    document.operations.iter().any(|(name, operation)| {
        let is_asked = asked.is_none() || name.map(|name| name.as_str()) == asked.as_deref();
        is_asked && operation.node.ty == kind
    })
}

impl Sum {
    fn add(&mut self, request: &mut Request, limits: &Documents) -> Result<()> {
        tokens::check(&request.query, limits)?;
        request.operation_name.as_deref().map_or(Ok(()), tokens::check_name)?;
        let variables = std::mem::take(&mut request.variables);
        let checked = match request.parsed_query() {
            Err(_) => Ok(()),
            Ok(document) => {
                shape::check(document, limits).and_then(|()| self.add_document(document, &variables, limits))
            }
        };
        request.variables = variables;
        checked
    }

    fn add_document(
        &mut self,
        document: &ExecutableDocument,
        variables: &Variables,
        limits: &Documents,
    ) -> Result<()> {
        self.fields.add(document, variables, limits)?;
        self.images.add(document, variables, limits)
    }
}

fn within(count: usize, limit: usize, what: &'static str) -> Result<()> {
    if count > limit { Err(Error::QueryTooCostly { what, limit: limit as u64 }) } else { Ok(()) }
}
