//! The manifest of trusted documents.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::{ConfigError, file};

const APOLLO: &str = "apollo-persisted-query-manifest";

/// The documents of a manifest.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    /// By the ids that clients ask for them by, without a prefix.
    by_id: Arc<HashMap<String, Arc<str>>>,
    texts: Arc<HashSet<Arc<str>>>,
}

/// The manifests that are written by the tools of clients.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// `generate-persisted-query-manifest` of Apollo.
    Apollo { format: String, version: u32, operations: Vec<Operation> },
    /// Persisted documents of graphql-codegen: documents by their hashes.
    Plain(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Trusted {
    pub fn get(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(Arc::as_ref)
    }

    /// Whether a document is one of these, to the byte.
    pub fn has(&self, document: &str) -> bool {
        self.texts.contains(document)
    }

    /// Whether only these are run, which has a use where there are any.
    pub(super) fn load(file: &file::Documents) -> Result<(Self, bool), ConfigError> {
        let trusted = file.trusted.as_deref().map(Self::read).transpose()?;
        let only_trusted = file.only_trusted.unwrap_or_default();
        if only_trusted && trusted.is_none() {
            let reason = "there is no documents.trusted that could be run".to_owned();
            return Err(ConfigError::Unusable { setting: "documents.only_trusted", reason });
        }
        Ok((trusted.unwrap_or_default(), only_trusted))
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |reason: String| ConfigError::File { path: PathBuf::from(path), reason };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        match serde_json::from_str(&text) {
            Ok(Manifest::Apollo { format, version: 1, operations }) if format == APOLLO => {
                Ok(Self::new(operations.into_iter().map(|operation| (operation.id, operation.body))))
            }
            Ok(Manifest::Plain(documents)) => Ok(Self::new(documents)),
            _ => Err(wrong(
                "it is no manifest of documents: neither Apollo's, version 1, nor hashes with \
                            their documents"
                    .to_owned(),
            )),
        }
    }

    fn new(documents: impl IntoIterator<Item = (String, String)>) -> Self {
        let known =
            documents.into_iter().map(|(id, document)| (without_prefix(&id).to_owned(), document.into()));
        let by_id: HashMap<_, Arc<str>> = known.collect();
        let texts = by_id.values().cloned().collect();
        Self { by_id: Arc::new(by_id), texts: Arc::new(texts) }
    }
}

/// GraphQL over HTTP, appendix A: an id that is a hash may say so.
pub fn without_prefix(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}
