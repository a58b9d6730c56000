//! Whose pages may ask.

use url::Url;

use super::{ConfigError, file};

#[derive(Debug, Clone, Default)]
pub struct Http {
    /// Origins, as browsers write them, or `*` alone: pages that may read answers.
    pub cors_origins: Vec<String>,
}

impl Http {
    pub(super) fn new(given: Vec<String>, file: file::Http) -> Result<Self, ConfigError> {
        let cors_origins = if given.is_empty() { file.cors_origins } else { given };
        match cors_origins.iter().find(|origin| *origin != "*" && !is_origin(origin)) {
            None => Ok(Self { cors_origins }),
            Some(value) => Err(ConfigError::Wrong {
                setting: "cors_origins (http.cors_origins)",
                value: value.clone(),
                wanted: "an origin such as https://example.com, or *",
            }),
        }
    }
}

/// Browsers compare it letter by letter.
fn is_origin(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| url.origin().ascii_serialization() == text)
}
