//! All settings: where they come from, what they default to, and what is wrong with them.
//!
//! A setting given on the command line or in the environment (clap joins the two, the command line first)
//! wins over the TOML file. Values are checked here, once, so that a wrong one is told the same way wherever
//! it came from: one line that names it.

mod callers;
mod documents;
mod file;
mod http;
mod imagekit;
mod index;
mod key;
mod library;
mod limits;
mod privacy;
mod redis;
mod remote;
mod subscriptions;
mod telemetry;
mod trusted;

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use callers::API_KEYS_VARIABLE;
pub use callers::{Anonymous, Caller, Rate, Right};
pub use documents::Documents;
use file::File;
pub use http::Http;
pub use imagekit::{Account, IMAGEKIT_API, ImageKit, PRIVATE_KEY_VARIABLE};
pub use index::{Index, IndexPlace};
pub use key::{KeyHash, is_key};
pub use library::{Bucket, Library, Provider};
pub use limits::{Cache, Limits, Shutdown};
pub use privacy::Private;
pub use redis::Redis;
pub use remote::Remote;
pub use subscriptions::Subscriptions;
pub use telemetry::{LogFormat, Telemetry};
pub use trusted::{Trusted, without_prefix};

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// Whether other machines may ask without a key.
    pub public: bool,
    pub upstream: Upstream,
    /// Where the media library is.
    pub library: Option<Library>,
    pub index: Index,
    /// Without accounts: the only one.
    pub imagekit: ImageKit,
    pub accounts: Vec<Account>,
    /// Where there are none, everybody may ask.
    pub callers: Vec<Caller>,
    /// Everybody together, where they send no keys.
    pub anonymous: Anonymous,
    /// Whether the engine finds out what ImageKit does not state.
    pub hybrid: bool,
    pub remote: Remote,
    /// What replicas share.
    pub redis: Option<Redis>,
    pub cache: Cache,
    pub documents: Documents,
    pub http: Http,
    pub subscriptions: Subscriptions,
    pub limits: Limits,
    /// The program that decodes AVIF, HEIC and JPEG XL in a process of its own, which is this one; without it they are not
    /// decoded.
    pub decoder: Option<PathBuf>,
    pub telemetry: Telemetry,
    pub shutdown: Shutdown,
}

/// Who is asked for metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upstream {
    Engine,
    ImageKit,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{setting}: {value:?} is not {wanted}")]
    Wrong { setting: &'static str, value: String, wanted: &'static str },
    #[error("{setting}: {value} is not from {} to {}", range.start(), range.end())]
    OutOfRange { setting: &'static str, value: u64, range: RangeInclusive<u64> },
    #[error("{setting}: {reason}")]
    Unusable { setting: &'static str, reason: String },
    #[error("config file {}: {reason}", path.display())]
    File { path: PathBuf, reason: String },
}

/// Settings as they were given on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub config: Option<PathBuf>,
    pub listen: Option<String>,
    pub public: Option<String>,
    pub introspection: Option<String>,
    pub library: Option<PathBuf>,
    pub index: Option<SecretString>,
    pub upstream: Option<String>,
    pub imagekit_url: Option<String>,
    pub hybrid: Option<String>,
    pub redis: Option<SecretString>,
    pub log_format: Option<String>,
    pub otlp_endpoint: Option<String>,
    /// Empty where none was given.
    pub allow_hosts: Vec<String>,
    /// Empty where none was given.
    pub cors_origins: Vec<String>,
    /// Not a setting: where this program is.
    pub decoder: Option<PathBuf>,
}

impl Given {
    /// An empty variable, as a compose file leaves it, states nothing.
    fn stated(self) -> Self {
        let path = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        let list = |list: Vec<String>| list.into_iter().filter(|text| !text.is_empty()).collect();
        Self {
            config: path(self.config),
            listen: text(self.listen),
            public: text(self.public),
            introspection: text(self.introspection),
            library: path(self.library),
            index: self.index.filter(|url| !url.expose_secret().is_empty()),
            upstream: text(self.upstream),
            imagekit_url: text(self.imagekit_url),
            hybrid: text(self.hybrid),
            redis: self.redis.filter(|url| !url.expose_secret().is_empty()),
            log_format: text(self.log_format),
            otlp_endpoint: text(self.otlp_endpoint),
            allow_hosts: list(self.allow_hosts),
            cors_origins: list(self.cors_origins),
            decoder: self.decoder,
        }
    }
}

impl Config {
    /// Joins what was given with the file and the defaults, and checks every value.
    pub fn load(given: Given) -> Result<Self, ConfigError> {
        let given = given.stated();
        let file = given.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let upstream = upstream(given.upstream.or(file.upstream))?;
        let needs_key = upstream == Upstream::ImageKit && file.accounts.is_empty();
        let imagekit = ImageKit::new(given.imagekit_url, file.imagekit, needs_key)?;
        let accounts = imagekit::accounts(&file.accounts, upstream, &imagekit.url)?;
        let callers = callers::all(file.callers, &file.accounts)?;
        let introspection = switch("introspection", given.introspection.or(file.introspection))?;
        let public = public(given.public, file.public)?;
        let http = Http::new(given.cors_origins, file.http)?;
        Ok(Self {
            listen: listen(given.listen.or(file.listen))?,
            public,
            upstream,
            library: given.library.or(file.library).map(Library::parse).transpose()?,
            index: Index::new(given.index, file.index)?,
            imagekit,
            accounts,
            anonymous: callers::anonymous(file.anonymous, public, &http, &callers)?,
            callers,
            hybrid: switch("hybrid", given.hybrid.or(file.hybrid))?,
            remote: Remote::new(given.allow_hosts, file.remote)?,
            redis: Redis::new(given.redis, file.redis)?,
            cache: file.cache.try_into()?,
            documents: Documents { introspection, ..file.documents.try_into()? },
            subscriptions: file.subscriptions.try_into()?,
            http,
            limits: file.limits.try_into()?,
            decoder: given.decoder,
            telemetry: Telemetry::new(
                given.log_format.or(file.log_format),
                given.otlp_endpoint,
                file.telemetry,
            )?,
            shutdown: file.shutdown.try_into()?,
        })
    }

    /// Whether it was thought of that other machines may ask.
    pub fn is_for_others(&self) -> bool {
        self.public || !self.callers.is_empty()
    }

    /// That strangers on other machines cannot ask by mistake.
    pub fn check_exposure(&self) -> Result<(), ConfigError> {
        let own_machine = self.listen.ip().to_canonical().is_loopback();
        if own_machine || self.is_for_others() {
            return Ok(());
        }
        let reason = format!(
            "{} is for other machines too, and nobody needs a key: set {API_KEYS_VARIABLE} or list callers, \
            or allow it with --public",
            self.listen
        );
        Err(ConfigError::Unusable { setting: "listen", reason })
    }
}

fn listen(value: Option<String>) -> Result<SocketAddr, ConfigError> {
    let value = value.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let wanted = "an address with a port, such as 127.0.0.1:8080";
    value.parse().map_err(|_| ConfigError::Wrong { setting: "listen", value, wanted })
}

fn upstream(value: Option<String>) -> Result<Upstream, ConfigError> {
    match value.as_deref() {
        None | Some("engine") => Ok(Upstream::Engine),
        Some("imagekit") => Ok(Upstream::ImageKit),
        Some(value) => Err(ConfigError::Wrong {
            setting: "upstream",
            value: value.to_owned(),
            wanted: "`engine` or `imagekit`",
        }),
    }
}

/// One that is on where nothing is said.
fn switch(setting: &'static str, value: Option<String>) -> Result<bool, ConfigError> {
    match value.as_deref() {
        None | Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(value) => Err(ConfigError::Wrong { setting, value: value.to_owned(), wanted: "`on` or `off`" }),
    }
}

fn public(given: Option<String>, file: Option<bool>) -> Result<bool, ConfigError> {
    match given.as_deref() {
        None => Ok(file.unwrap_or_default()),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(value) => Err(ConfigError::Wrong {
            setting: "public",
            value: value.to_owned(),
            wanted: "`true` or `false`",
        }),
    }
}
