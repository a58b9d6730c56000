//! Who may ask, and which account answers.

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::runtime::Handle;

use crate::catalog::Catalog;
use crate::config::{Account, Config, ConfigError};
use crate::error::{Error, Result};
use crate::redis::Redis;
use crate::source::Source;
use crate::source::engine::Engine;

/// The catalogs, and by which keys callers reach them.
pub struct Callers {
    tasks: Handle,
    redis: Option<Arc<Redis>>,
    /// For whoever asks; `None` where accounts are listed.
    anyone: Option<Arc<Caller>>,
    keys: Vec<(Key, Arc<Caller>)>,
}

/// Who asks, as far as it matters.
pub struct Caller {
    pub catalog: Arc<Catalog>,
    /// Nobody in particular: whoever asks is told the same.
    pub anonymous: bool,
    /// May run no other documents.
    pub only_trusted: bool,
}

/// The digest of a caller's key: of the same length for all, and of no use to who reads the memory.
type Key = [u8; 32];

impl Callers {
    /// Builds a catalog for each account of the settings, or the one that there is without accounts.
    ///
    /// What they look up runs on `tasks`.
    pub fn new(config: &Config, tasks: &Handle) -> Result<Self, ConfigError> {
        let redis = config.redis.clone().map(Redis::new).transpose()?;
        let engine = Arc::new(Engine::new(config)?);
        let only_trusted = config.documents.only_trusted;
        let mut callers = Self { tasks: tasks.clone(), redis, anyone: None, keys: Vec::new() };
        if config.accounts.is_empty() {
            let catalog = callers.catalog_of(config, &engine)?;
            callers.anyone = Some(Arc::new(Caller { catalog, anonymous: true, only_trusted }));
        }
        for account in &config.accounts {
            let catalog = callers.catalog_of(&config_of(account, config), &engine)?;
            let caller = Arc::new(Caller { catalog, anonymous: false, only_trusted });
            let keys = account.caller_keys.iter().map(|key| (digest(key), Arc::clone(&caller)));
            callers.keys.extend(keys);
        }
        Ok(callers)
    }

    fn catalog_of(&self, config: &Config, engine: &Arc<Engine>) -> Result<Arc<Catalog>, ConfigError> {
        let source = Source::new(config, self.redis.as_ref(), engine)?;
        Ok(Arc::new(Catalog::new(source, self.redis.clone(), config, self.tasks.clone())))
    }

    /// Connects to what is shared with other replicas, if it is there.
    pub async fn start(&self) {
        if let Some(redis) = self.redis.clone() {
            let _ = self.tasks.spawn(async move { redis.start().await }).await;
        }
    }

    /// Who sends a request with these headers.
    pub fn caller(&self, headers: &HeaderMap) -> Result<&Arc<Caller>> {
        if let Some(anyone) = &self.anyone {
            return Ok(anyone);
        }
        let key = presented(headers).ok_or(Error::Unauthenticated { unknown_key: false })?;
        let digest = digest(&key);
        // All are looked at, whichever it is.
        let known =
            self.keys.iter().fold(
                None,
                |found, (key, caller)| {
                    if bool::from(key.ct_eq(&digest)) { Some(caller) } else { found }
                },
            );
        known.ok_or(Error::Unauthenticated { unknown_key: true })
    }
}

/// The account has a fair share of the memory.
fn config_of(account: &Account, config: &Config) -> Config {
    let mut own = config.clone();
    own.imagekit = account.imagekit.clone();
    own.cache.max_bytes /= config.accounts.len() as u64;
    own
}

fn digest(key: &SecretString) -> Key {
    Sha256::digest(key.expose_secret()).into()
}

/// `Basic` with the key as user name and any password, encoded or, as ImageKit allows, not; or `Bearer`.
fn presented(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    let key = match scheme {
        _ if scheme.eq_ignore_ascii_case("Bearer") => key.to_owned(),
        _ if scheme.eq_ignore_ascii_case("Basic") => user_name(key).unwrap_or_else(|| key.to_owned()),
        _ => return None,
    };
    (!key.is_empty()).then(|| key.into())
}

fn user_name(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(user, _)| user.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn key(authorization: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
        presented(&headers).map(|key| key.expose_secret().to_owned())
    }

    #[test]
    fn a_key_comes_in_any_form_that_imagekit_takes() {
        // `key:`, `key:do_not_set`, and as it is.
        for form in
            ["Basic a2V5Og==", "basic a2V5OmRvX25vdF9zZXQ=", "Basic key", "Bearer key", "bearer  key "]
        {
            assert_eq!(key(form).as_deref(), Some("key"), "{form}");
        }
        for none in ["", "Basic", "Basic ", "Basic Og==", "Digest key", "key"] {
            assert_eq!(key(none), None, "{none}");
        }
        assert_eq!(presented(&HeaderMap::new()).map(drop), None);
    }
}
