//! The settings file, as it is written.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, Right};

/// The TOML file: every key is optional, an unknown one is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    pub listen: Option<String>,
    pub public: Option<bool>,
    pub introspection: Option<String>,
    pub library: Option<PathBuf>,
    pub upstream: Option<String>,
    pub hybrid: Option<String>,
    pub index: Index,
    pub imagekit: ImageKit,
    pub accounts: Vec<Account>,
    pub callers: Vec<Caller>,
    pub anonymous: Anonymous,
    pub remote: Remote,
    pub redis: Redis,
    pub cache: Cache,
    pub documents: Documents,
    pub http: Http,
    pub subscriptions: Subscriptions,
    pub limits: Limits,
    pub log_format: Option<String>,
    pub telemetry: Telemetry,
    pub shutdown: Shutdown,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Index {
    pub url: Option<SecretString>,
    pub rescan_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageKit {
    pub url: Option<String>,
    pub url_endpoint: Option<String>,
    pub private_key: Option<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub name: String,
    pub private_key: SecretString,
    #[serde(default)]
    pub url_endpoint: Option<String>,
    #[serde(default)]
    pub caller_keys: Vec<SecretString>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    pub name: String,
    pub key: Option<SecretString>,
    /// A secret, as it may be the key by mistake.
    pub key_sha256: Option<SecretString>,
    pub account: Option<String>,
    pub rights: Option<Vec<Right>>,
    pub requests_per_second: Option<NonZeroU32>,
    pub burst: Option<NonZeroU32>,
    pub privacy: Option<Vec<String>>,
    #[serde(default)]
    pub only_trusted: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Anonymous {
    pub rights: Option<Vec<Right>>,
    pub requests_per_second: Option<NonZeroU32>,
    pub burst: Option<NonZeroU32>,
    pub privacy: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Remote {
    pub allow_hosts: Vec<String>,
    pub allow_networks: Vec<String>,
    pub ports: Option<Vec<u16>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    pub url: Option<SecretString>,
    pub ca_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    pub max_bytes: Option<u64>,
    pub ttl_seconds: Option<u64>,
    pub stale_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Documents {
    pub max_body_bytes: Option<u64>,
    pub max_batch: Option<u64>,
    pub max_document_bytes: Option<u64>,
    pub max_tokens: Option<u64>,
    pub max_nesting: Option<u64>,
    pub max_depth: Option<u64>,
    pub max_fields: Option<u64>,
    pub max_root_fields: Option<u64>,
    pub max_aliases: Option<u64>,
    pub max_directives: Option<u64>,
    pub max_fragments: Option<u64>,
    pub max_images: Option<u64>,
    pub max_urls: Option<u64>,
    pub max_parsed_bytes: Option<u64>,
    pub max_persisted_bytes: Option<u64>,
    pub trusted: Option<PathBuf>,
    pub only_trusted: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    pub cors_origins: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscriptions {
    pub max_connections: Option<u64>,
    pub max_connections_per_caller: Option<u64>,
    pub max_strangers: Option<u64>,
    pub max_operations: Option<u64>,
    pub idle_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub max_bytes: Option<u64>,
    pub max_pixels: Option<u64>,
    pub max_decode_bytes: Option<u64>,
    pub max_held_bytes: Option<u64>,
    pub max_running_bytes: Option<u64>,
    pub max_unread_bytes: Option<u64>,
    pub concurrent_decodes: Option<u64>,
    pub concurrent_loads: Option<u64>,
    pub concurrent_uploads: Option<u64>,
    pub deadline_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    pub otlp_endpoint: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shutdown {
    pub drain_seconds: Option<u64>,
}

impl File {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |reason: String| ConfigError::File { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        // Not the error's Display: it quotes the line, and the line may hold the key.
        toml::from_str(&text).map_err(|error| wrong(toml_reason(&text, &error)))
    }
}

fn toml_reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.lines().count().max(1);
    let key =
        text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map_or("", |(key, _)| key.trim());
    format!("line {line}: {key}{}", without_value(&error.message().replace('\n', " ")))
}

/// Of a value of the wrong type the message would quote the value, which may be a secret.
fn without_value(message: &str) -> String {
    let quotes =
        ["invalid type", "invalid value", "unknown variant"].iter().any(|kind| message.starts_with(kind));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => format!(" has to be {expected}"),
        _ => format!(": {message}"),
    }
}
