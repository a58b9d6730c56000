//! What a client says of one request, in a body or in a query string.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Request, Value, Variables};
use serde::Deserialize;
use serde_json::error::Category;

use super::json::{Json, is_moderate};
use super::members::Members;
use crate::config::without_prefix;
use crate::error::{Error, Result};

type Object = IndexMap<Name, Value>;

/// GraphQL over HTTP section 4.1, and its appendix A.
#[derive(Debug, Default)]
pub struct Parameters {
    pub query: Option<String>,
    /// By which a document may be known.
    pub id: Option<Id>,
    operation_name: Option<String>,
    variables: Variables,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Id {
    /// `documentId`.
    Given(String),
    /// `extensions.persistedQuery.sha256Hash` of Apollo's clients, in hexadecimal digits.
    Hash(String),
}

impl Id {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Given(id) | Self::Hash(id) => id,
        }
    }
}

impl Parameters {
    pub fn of(members: Members) -> Result<Self> {
        Ok(Self {
            query: text(members.query)?,
            id: id(text(members.document_id)?, map(members.extensions)?)?,
            operation_name: text(members.operation_name)?.filter(|name| !name.is_empty()),
            variables: Variables::from_value(Value::Object(map(members.variables)?)),
        })
    }

    /// Of a query string, whose maps are in JSON. What it says beside its parameters is for others.
    pub fn of_texts(texts: IndexMap<String, String>) -> Result<Self> {
        let mut members = Members::default();
        for (name, text) in texts {
            let Some(member) = members.named(&name) else { continue };
            *member = Some(match name.as_str() {
                "variables" | "extensions" => parse::<Json>(text.as_bytes())?.0,
                _ => Value::String(text),
            });
        }
        Self::of(members)
    }

    /// The request, once its document is known.
    pub fn request(self, document: String) -> Request {
        let request = Request::new(document).variables(self.variables);
        match self.operation_name {
            Some(name) => request.operation_name(name),
            None => request,
        }
    }
}

pub fn parse<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T> {
    if !is_moderate(json) {
        return Err(Error::BadRequest("it has too many values"));
    }
    serde_json::from_slice(json).map_err(|error| Error::BadRequest(fault(&error)))
}

fn fault(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Data => "a request is an object, and no object has a name twice or one that is too long",
        Category::Io | Category::Syntax | Category::Eof => "it is not in JSON, or nests too deeply",
    }
}

fn text(member: Option<Value>) -> Result<Option<String>> {
    match member {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::BadRequest("query, documentId and operationName are strings")),
    }
}

fn map(member: Option<Value>) -> Result<Object> {
    match member {
        None | Some(Value::Null) => Ok(Object::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(Error::BadRequest("variables and extensions are objects")),
    }
}

fn id(given: Option<String>, mut extensions: Object) -> Result<Option<Id>> {
    if let Some(given) = given {
        return Ok(Some(Id::Given(without_prefix(&given).to_owned())));
    }
    match extensions.swap_remove("persistedQuery") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(persisted)) => hash(persisted).map(Some),
        Some(_) => Err(Error::BadRequest("persistedQuery is an object")),
    }
}

fn hash(mut persisted: Object) -> Result<Id> {
    if persisted.get("version") != Some(&Value::from(1)) {
        return Err(Error::BadRequest("version 1 of persistedQuery is known"));
    }
    let hash = text(persisted.swap_remove("sha256Hash"))?;
    hash.map(Id::Hash).ok_or(Error::BadRequest("persistedQuery has a sha256Hash"))
}
