//! All settings: where they come from, what they default to, and what is wrong with them.
//!
//! A setting given on the command line or in the environment (clap joins the two, the command line first)
//! wins over the TOML file. Values are checked here, once, so that a wrong one is told the same way wherever
//! it came from: one line that names it.

mod file;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use file::File;

pub const IMAGEKIT_API: &str = "https://api.imagekit.io";
/// Read from the environment or the file only: a command line is seen by every process of the machine.
const PRIVATE_KEY_VARIABLE: &str = "IMAGEKIT_PRIVATE_KEY";

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub upstream: Upstream,
    /// The media library's folder.
    pub library: Option<PathBuf>,
    pub imagekit: ImageKit,
    pub remote: Remote,
    pub cache: Cache,
    pub limits: Limits,
}

/// Who is asked for metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upstream {
    Engine,
    ImageKit,
}

#[derive(Debug, Clone)]
pub struct ImageKit {
    /// Where the REST API is.
    pub url: Url,
    pub private_key: SecretString,
}

/// What may be fetched from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Remote {
    /// `HOST` or `HOST:PORT` that may be asked although its address is not public.
    pub allow_hosts: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Cache {
    /// Bytes of metadata kept in memory.
    pub max_bytes: u64,
    /// How long an answer is given again without asking anew.
    pub ttl: Duration,
}

/// Bounds on the work that one image may cause.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a file that are read at most.
    pub max_bytes: u64,
    /// Pixels of a picture that is decoded.
    pub max_pixels: u64,
    /// Bytes of memory of one decoder.
    pub max_decode_bytes: u64,
    /// Pictures decoded at once.
    pub concurrent_decodes: usize,
    /// Images looked up at once.
    pub concurrent_loads: usize,
    /// How long one image may take.
    pub deadline: Duration,
}

impl Default for Cache {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, ttl: Duration::from_secs(60) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 << 20,
            max_pixels: 100_000_000,
            max_decode_bytes: 512 << 20,
            concurrent_decodes: available_parallelism().map_or(1, usize::from),
            concurrent_loads: 64,
            deadline: Duration::from_secs(10),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{setting}: {value:?} is not {wanted}")]
    Wrong { setting: &'static str, value: String, wanted: &'static str },
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
    pub library: Option<PathBuf>,
    pub upstream: Option<String>,
    pub imagekit_url: Option<String>,
    /// Empty where none was given.
    pub allow_hosts: Vec<String>,
}

impl Given {
    /// An empty variable, as a compose file leaves it, states nothing.
    fn stated(self) -> Self {
        let path = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            config: path(self.config),
            listen: text(self.listen),
            library: path(self.library),
            upstream: text(self.upstream),
            imagekit_url: text(self.imagekit_url),
            allow_hosts: self.allow_hosts.into_iter().filter(|host| !host.is_empty()).collect(),
        }
    }
}

impl Config {
    /// Joins what was given with the file and the defaults, and checks every value.
    pub fn load(given: Given) -> Result<Self, ConfigError> {
        let given = given.stated();
        let file = given.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let upstream = upstream(given.upstream.or(file.upstream))?;
        Ok(Self {
            listen: listen(given.listen.or(file.listen))?,
            upstream,
            library: given.library.or(file.library).map(library).transpose()?,
            imagekit: imagekit(given.imagekit_url, file.imagekit, upstream)?,
            remote: remote(given.allow_hosts, file.remote),
            cache: cache(file.cache),
            limits: limits(file.limits)?,
        })
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

fn library(path: PathBuf) -> Result<PathBuf, ConfigError> {
    if path.is_dir() {
        return Ok(path);
    }
    let value = path.display().to_string();
    Err(ConfigError::Wrong { setting: "library", value, wanted: "a folder that can be read" })
}

fn imagekit(url: Option<String>, file: file::ImageKit, upstream: Upstream) -> Result<ImageKit, ConfigError> {
    let value = url.or(file.url).unwrap_or_else(|| IMAGEKIT_API.to_owned());
    let url = match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.password().is_none() => url,
        _ => {
            let wanted = "an http or https URL without credentials";
            return Err(ConfigError::Wrong { setting: "imagekit_url", value, wanted });
        }
    };
    let from_environment = std::env::var(PRIVATE_KEY_VARIABLE).ok().filter(|key| !key.is_empty());
    let private_key = from_environment.map(SecretString::from).or(file.private_key);
    if private_key.is_none() && upstream == Upstream::ImageKit {
        let reason = format!("upstream `imagekit` needs a private key in {PRIVATE_KEY_VARIABLE} or the file");
        return Err(ConfigError::Unusable { setting: "imagekit.private_key", reason });
    }
    Ok(ImageKit { url, private_key: private_key.unwrap_or_default() })
}

fn remote(given: Vec<String>, file: file::Remote) -> Remote {
    let allow_hosts = if given.is_empty() { file.allow_hosts } else { given };
    Remote { allow_hosts }
}

fn cache(file: file::Cache) -> Cache {
    let default = Cache::default();
    Cache {
        max_bytes: file.max_bytes.unwrap_or(default.max_bytes),
        ttl: file.ttl_seconds.map_or(default.ttl, Duration::from_secs),
    }
}

fn limits(file: file::Limits) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    let limits = Limits {
        max_bytes: file.max_bytes.unwrap_or(default.max_bytes),
        max_pixels: file.max_pixels.unwrap_or(default.max_pixels),
        max_decode_bytes: file.max_decode_bytes.unwrap_or(default.max_decode_bytes),
        concurrent_decodes: file.concurrent_decodes.unwrap_or(default.concurrent_decodes),
        concurrent_loads: file.concurrent_loads.unwrap_or(default.concurrent_loads),
        deadline: file.deadline_seconds.map_or(default.deadline, Duration::from_secs),
    };
    // With no permit, or no time, nothing would ever be answered.
    at_least_one("limits.concurrent_decodes", limits.concurrent_decodes)?;
    at_least_one("limits.concurrent_loads", limits.concurrent_loads)?;
    at_least_one("limits.deadline_seconds", limits.deadline.as_secs() as usize)?;
    Ok(limits)
}

fn at_least_one(setting: &'static str, value: usize) -> Result<(), ConfigError> {
    match value {
        0 => Err(ConfigError::Wrong { setting, value: "0".to_owned(), wanted: "1 or more" }),
        _ => Ok(()),
    }
}
