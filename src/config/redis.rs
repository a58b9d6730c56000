//! The Redis or Valkey that replicas share.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, file};

#[derive(Debug, Clone)]
pub struct Redis {
    /// May hold a password.
    pub url: SecretString,
    /// Certificates in PEM that `rediss://` trusts instead of the public authorities'.
    pub authorities: Option<Vec<u8>>,
}

impl Redis {
    pub(super) fn new(given: Option<SecretString>, file: file::Redis) -> Result<Option<Self>, ConfigError> {
        let authorities = file.ca_file.map(read).transpose()?;
        let Some(url) = given.or(file.url) else { return Ok(None) };
        if authorities.is_some() && !url.expose_secret().starts_with("rediss://") {
            return Err(unusable("only a redis.url of rediss:// has a use for it".to_owned()));
        }
        Ok(Some(Self { url, authorities }))
    }
}

fn read(path: PathBuf) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(&path).map_err(|error| unusable(format!("{}: {error}", path.display())))
}

fn unusable(reason: String) -> ConfigError {
    ConfigError::Unusable { setting: "redis.ca_file", reason }
}
