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
        Ok(Self { cors_origins: cors_origins.into_iter().map(origin).collect::<Result<_, _>>()? })
    }
}

fn origin(value: String) -> Result<String, ConfigError> {
    let origin = if value == "*" { Some(value.clone()) } else { as_browsers_write_it(&value) };
    let (setting, wanted) =
        ("cors_origins (http.cors_origins)", "an origin such as https://example.com, or *");
    origin.ok_or(ConfigError::Wrong { setting, value, wanted })
}

/// In lower case, without a port that goes without saying, where the URL says no more than an origin.
fn as_browsers_write_it(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let origin = url.origin().ascii_serialization();
    (url.as_str().strip_suffix('/') == Some(&origin)).then_some(origin)
}
