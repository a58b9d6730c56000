//! Who may ask, and which account answers.

mod caller;
mod presented;

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use secrecy::SecretString;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use tokio::runtime::Handle;

use crate::catalog::Catalog;
use crate::config::{Account, Config, ConfigError, KeyHash, Right};
use crate::error::{Error, Result};
use crate::index::Index;
use crate::redis::Redis;
use crate::source::Source;
use crate::source::engine::Engine;
pub use caller::Caller;
use presented::{presented, presented_in};

/// The catalogs, and by which keys callers reach them.
pub struct Callers {
    tasks: Handle,
    redis: Option<Arc<Redis>>,
    engine: Arc<Engine>,
    index: Option<Arc<Index>>,
    /// How long after a scan of the library the next one begins.
    rescan: Duration,
    /// Whoever asks; `None` where there are keys.
    anyone: Option<Arc<Caller>>,
    keys: Vec<(KeyHash, Arc<Caller>)>,
}

impl Callers {
    /// Builds a catalog for each account of the settings, or the one that there is without accounts.
    ///
    /// What they look up runs on `tasks`.
    pub fn new(config: &Config, tasks: &Handle) -> Result<Self, ConfigError> {
        let redis = config.redis.clone().map(Redis::new).transpose()?;
        let engine = Arc::new(Engine::new(config)?);
        // Where its connections are kept.
        let within = tasks.enter();
        let index = Index::of_library(config, &engine)?;
        drop(within);
        let (tasks, rescan) = (tasks.clone(), config.index.rescan);
        let mut callers =
            Self { tasks, redis, engine: Arc::clone(&engine), index, rescan, anyone: None, keys: Vec::new() };
        if config.accounts.is_empty() {
            callers.reach(None, config, &engine)?;
        }
        for account in &config.accounts {
            callers.reach(Some(&account.name), &config_of(account, config), &engine)?;
        }
        Ok(callers)
    }

    /// Builds the catalog of an account, for those who may ask it.
    fn reach(
        &mut self,
        account: Option<&str>,
        config: &Config,
        engine: &Arc<Engine>,
    ) -> Result<(), ConfigError> {
        let source = Source::new(config, self.redis.as_ref(), engine)?;
        let (redis, index, tasks) = (self.redis.clone(), self.index.clone(), self.tasks.clone());
        let catalog = Arc::new(Catalog::new(source, redis, index, config, tasks));
        let asking = config.callers.iter().filter(|caller| caller.account.as_deref() == account);
        self.keys.extend(asking.map(|caller| (caller.key, Arc::new(Caller::new(caller, config, &catalog)))));
        if config.callers.is_empty() {
            self.anyone = Some(Arc::new(Caller::anonymous(config, &catalog)));
        }
        Ok(())
    }

    /// Opens the index of the library. One that replicas share may be away, as Redis may.
    pub async fn open_index(&self) -> Result<(), ConfigError> {
        match &self.index {
            Some(index) => Ok(index.open_unless_away().await?),
            None => Ok(()),
        }
    }

    /// Connects to what is shared with other replicas, if it is there, and begins to keep up the index.
    pub async fn start(&self) {
        let engine = Arc::clone(&self.engine);
        self.tasks.spawn(async move { engine.sweep().await });
        if let Some(index) = self.index.clone() {
            self.tasks.spawn(index.keep_up(self.rescan));
        }
        if let Some(redis) = self.redis.clone() {
            let _ = self.tasks.spawn(async move { redis.start().await }).await;
        }
    }

    /// Who sends a request with these headers, if it may do that now.
    pub fn admit(&self, headers: &HeaderMap, right: Right) -> Result<&Arc<Caller>> {
        let caller = self.caller(presented(headers), right)?;
        caller.admit()?;
        Ok(caller)
    }

    /// Who opened a WebSocket with these headers, to which pages can add none, and this payload of its first message. It is
    /// not counted yet.
    pub fn connecting(
        &self,
        headers: &HeaderMap,
        payload: &Map<String, Value>,
        right: Right,
    ) -> Result<&Arc<Caller>> {
        self.caller(presented_in(payload).or_else(|| presented(headers)), right)
    }

    fn caller(&self, key: Option<SecretString>, right: Right) -> Result<&Arc<Caller>> {
        let caller = self.holder(key)?;
        caller.may(right)?;
        Ok(caller)
    }

    fn holder(&self, key: Option<SecretString>) -> Result<&Arc<Caller>> {
        if let Some(anyone) = &self.anyone {
            return Ok(anyone);
        }
        let key = key.ok_or(Error::Unauthenticated { unknown_key: false })?;
        self.known(&KeyHash::of(&key)).ok_or(Error::Unauthenticated { unknown_key: true })
    }

    /// All are looked at, whichever it is.
    fn known(&self, sent: &KeyHash) -> Option<&Arc<Caller>> {
        self.keys.iter().fold(
            None,
            |found, (key, caller)| {
                if bool::from(key.ct_eq(sent)) { Some(caller) } else { found }
            },
        )
    }
}

/// The account has a fair share of the memory.
fn config_of(account: &Account, config: &Config) -> Config {
    let mut own = config.clone();
    own.imagekit = account.imagekit.clone();
    own.cache.max_bytes /= config.accounts.len() as u64;
    own
}
