//! A body in JSON, read in one go: of each request the members that mean something.

use std::collections::HashSet;
use std::fmt;

use async_graphql::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::json::{Json, check_name};

/// One request, or a list of them, be it of one.
#[derive(Debug)]
pub struct Body {
    pub requests: Vec<Members>,
    pub is_list: bool,
}

/// Of whatever type they are.
#[derive(Debug, Default)]
pub struct Members {
    pub query: Option<Value>,
    pub document_id: Option<Value>,
    pub operation_name: Option<Value>,
    pub variables: Option<Value>,
    pub extensions: Option<Value>,
}

impl Members {
    /// `None` of a name that means nothing.
    pub fn named(&mut self, name: &str) -> Option<&mut Option<Value>> {
        Some(match name {
            "query" => &mut self.query,
            "documentId" => &mut self.document_id,
            "operationName" => &mut self.operation_name,
            "variables" => &mut self.variables,
            "extensions" => &mut self.extensions,
            _ => return None,
        })
    }

    fn read<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let (mut members, mut others) = (Self::default(), HashSet::new());
        while let Some((name, Json(value))) = object.next_entry::<String, Json>()? {
            let is_new = match members.named(&name) {
                Some(member) => member.replace(value).is_none(),
                None => {
                    check_name(&name)?;
                    others.insert(name)
                }
            };
            if !is_new {
                return Err(A::Error::custom("a name stands twice in an object"));
            }
        }
        Ok(members)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfOne)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfBody)
    }
}

struct OfOne;

impl<'de> Visitor<'de> for OfOne {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Members, A::Error> {
        Members::read(object)
    }
}

struct OfBody;

impl<'de> Visitor<'de> for OfBody {
    type Value = Body;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a request, or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Body, A::Error> {
        Ok(Body { requests: vec![Members::read(object)?], is_list: false })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Body, A::Error> {
        let mut requests = Vec::new();
        while let Some(members) = items.next_element()? {
            requests.push(members);
        }
        Ok(Body { requests, is_list: true })
    }
}
