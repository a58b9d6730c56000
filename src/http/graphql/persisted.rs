//! Documents that clients name by an id instead of sending them: those of the manifest, and those that were sent with
//! their hash before (Apollo's automatic persisted queries).

use std::fmt::Write;
use std::sync::Arc;

use async_graphql::Request;
use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::parameters::{Id, Parameters};
use crate::config::{Documents, Trusted};
use crate::error::{Error, Result};

/// Bytes of a document that is remembered, beside its text: its hash, and what the cache keeps of it.
const OVERHEAD: usize = 256;

pub struct Persisted {
    trusted: Trusted,
    /// By their hashes, whoever sent them: who knows the hash knows the text.
    learnt: Option<Cache<String, Arc<str>>>,
}

impl Persisted {
    pub fn new(documents: &Documents) -> Self {
        let weight = |_: &String, text: &Arc<str>| u32::try_from(text.len() + OVERHEAD).unwrap_or(u32::MAX);
        let cache = |max_bytes| Cache::builder().max_capacity(max_bytes).weigher(weight).build();
        let max_bytes = Some(documents.max_persisted_bytes).filter(|bytes| *bytes > 0);
        Self { trusted: documents.trusted.clone(), learnt: max_bytes.map(cache) }
    }

    /// The request with its document.
    pub async fn request(&self, mut asked: Parameters, only_trusted: bool) -> Result<Request> {
        let (id, query) = (asked.id.take(), asked.query.take());
        let trusted = id.as_ref().and_then(|id| self.trusted.get(id.as_str()));
        let document = match (trusted, id, query) {
            (Some(document), ..) => document.to_owned(),
            (None, None, Some(query)) if only_trusted && self.trusted.has(&query) => query,
            _ if only_trusted => return Err(Error::DocumentNotTrusted),
            (None, None, Some(query)) => query,
            (None, None, None) => return Err(Error::BadRequest("there is no query")),
            (None, Some(Id::Given(_)), Some(_)) => {
                return Err(Error::BadRequest("there is a query beside a documentId"));
            }
            (None, Some(Id::Hash(hash)), Some(query)) => self.learn(&hash, query).await?,
            (None, Some(id), None) => self.learnt(&id).await?,
        };
        Ok(asked.request(document))
    }

    async fn learn(&self, hash: &str, query: String) -> Result<String> {
        let learnt = self.learnt.as_ref().ok_or(Error::PersistedQueryNotSupported)?;
        let its_own = digest(&query);
        if !hash.eq_ignore_ascii_case(&its_own) {
            return Err(Error::BadRequest("sha256Hash is not that of the query"));
        }
        learnt.insert(its_own, query.as_str().into()).await;
        Ok(query)
    }

    async fn learnt(&self, id: &Id) -> Result<String> {
        match (&self.learnt, id) {
            (None, Id::Hash(_)) => Err(Error::PersistedQueryNotSupported),
            (None, Id::Given(_)) => Err(Error::PersistedQueryNotFound),
            (Some(learnt), id) => {
                let document = learnt.get(&id.as_str().to_ascii_lowercase()).await;
                document.map(|text| text.to_string()).ok_or(Error::PersistedQueryNotFound)
            }
        }
    }
}

/// In hexadecimal digits.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
