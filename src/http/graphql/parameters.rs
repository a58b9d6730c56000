//! What a client says of one request, in a body or in a query string.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Request, Value, Variables};

use super::json::{Json, is_moderate};
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
    /// Of an object in JSON. What it says beside its parameters is for others.
    pub fn of_json(json: Value) -> Result<Self> {
        let Value::Object(mut object) = json else {
            return Err(Error::BadRequest("a request is an object"));
        };
        Ok(Self {
            query: text(&mut object, "query")?,
            id: id(text(&mut object, "documentId")?, map(&mut object, "extensions")?)?,
            operation_name: text(&mut object, "operationName")?.filter(|name| !name.is_empty()),
            variables: Variables::from_value(Value::Object(map(&mut object, "variables")?)),
        })
    }

    /// Of a query string, whose maps are in JSON.
    pub fn of_texts(texts: IndexMap<String, String>) -> Result<Self> {
        let json = |(name, text): (String, String)| {
            let value = match name.as_str() {
                "variables" | "extensions" => parse(text.as_bytes())?,
                _ => Value::String(text),
            };
            Ok((Name::new(name), value))
        };
        Self::of_json(Value::Object(texts.into_iter().map(json).collect::<Result<_>>()?))
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

pub fn parse(json: &[u8]) -> Result<Value> {
    if !is_moderate(json) {
        return Err(Error::BadRequest("it has too many values"));
    }
    let malformed = "it is not in JSON, nests too deeply, or has a name twice or one that is too long";
    serde_json::from_slice(json).map(|Json(value)| value).map_err(|_| Error::BadRequest(malformed))
}

fn text(object: &mut Object, name: &str) -> Result<Option<String>> {
    match object.swap_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::BadRequest("query, documentId and operationName are strings")),
    }
}

fn map(object: &mut Object, name: &str) -> Result<Object> {
    match object.swap_remove(name) {
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
    let hash = text(&mut persisted, "sha256Hash")?;
    hash.map(Id::Hash).ok_or(Error::BadRequest("persistedQuery has a sha256Hash"))
}
