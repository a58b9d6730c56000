//! Metadata from the bytes of a file. The steps in order: bytes, header, size, pixels, pHash; what is wanted
//! decides how far they go.

pub mod address;
mod body;
pub mod colours;
mod contents;
pub mod exif;
mod facts;
pub mod fetch;
mod file;
pub mod header;
pub mod known;
pub mod library;
pub mod phash;
pub mod pixels;
pub mod preview;
mod start;
pub mod text;
mod uploads;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::stream::{self, BoxStream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::{Config, ConfigError, Remote};
use crate::error::{Error, Result};
use crate::metadata::{ExtraSet, ImageRef, Level, Metadata, Question, Version};
use crate::permits::{Permits, Pool};
use address::{Allowed, AllowedHost};
use body::Room;
use fetch::{Fetcher, Settings};
use library::{FilesQuery, Library, LibraryFile, Place, Unlisted};
use pixels::apart::Apart;
use pixels::thumbnail::Thumbnail;
use pixels::{Limits, View};
use start::Started;
pub use uploads::{Kept, uploaded};

/// Of a host that is there, connecting takes a few round trips.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that is silent for longer is not going to send a picture before the deadline.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

pub struct Engine {
    library: Option<Library>,
    fetcher: Fetcher,
    reach: String,
    max_bytes: u64,
    /// How long an image may take before what is known of it is answered.
    patience: Duration,
    pixels: Limits,
    /// One for each image that is being read: of a library, and of others, which may take their time.
    local_loads: Permits,
    remote_loads: Permits,
    room: Room,
    /// One for each picture that is being decoded, or file that is being digested: they share the memory and the cores.
    decodes: Permits,
    /// One for each body with files for the library.
    uploads: Permits,
}

impl Engine {
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let limits = &config.limits;
        let library = config.library.as_ref().map(|place| Library::new(place, limits)).transpose()?;
        Ok(Self {
            reach: reach(&config.remote, library.as_ref()),
            library,
            fetcher: fetcher(config)?,
            max_bytes: limits.max_bytes,
            patience: limits.patience(),
            pixels: pixel_limits(config),
            local_loads: Permits::new(Pool::LocalLoads, limits.concurrent_loads),
            remote_loads: Permits::new(Pool::RemoteLoads, limits.concurrent_loads),
            room: Room::new(limits.max_held_bytes, limits.max_bytes),
            decodes: Permits::new(Pool::Decodes, limits.concurrent_decodes),
            uploads: Permits::new(Pool::Uploads, limits.concurrent_uploads),
        })
    }

    /// A digest of where this engine may fetch from, its library included where that is a bucket: what another was allowed to
    /// see is not to be had through a cache that both share.
    pub fn reach(&self) -> &str {
        &self.reach
    }

    /// Whether asking anew costs next to nothing: a file of this machine says at once whether it has changed.
    pub fn is_at_hand(&self, image: &ImageRef) -> bool {
        matches!((image, &self.library), (ImageRef::File(_), None | Some(Library::Folder(_))))
    }

    /// What is asked of an image.
    pub async fn metadata(&self, image: &ImageRef, question: impl Into<Question>) -> Result<Metadata> {
        let until = Instant::now() + self.patience;
        self.metadata_unless(image, question.into(), None, until).await?.ok_or(Error::Internal)
    }

    /// The same, or `None` where the file still is that version. What is not known by `until` is missing.
    pub async fn metadata_unless(
        &self,
        image: &ImageRef,
        question: Question,
        known: Option<&Version>,
        until: Instant,
    ) -> Result<Option<Metadata>> {
        let _permit = self.loads(image).acquire().await?;
        let question = answered(question);
        let Some(started) = self.start(image, question, known).await? else { return Ok(None) };
        let path = match image {
            ImageRef::File(id) => Some(library::path_of(id)?.display().to_string()),
            ImageRef::Url(_) => None,
        };
        Ok(Some(Metadata { path, ..self.describe(started, question, until).await? }))
    }

    /// The files of the library that a query in ImageKit's parameters selects.
    pub async fn files(&self, query: &str) -> Result<Vec<LibraryFile>> {
        let query = FilesQuery::parse(query)?;
        match &self.library {
            Some(library) => library.list(query, Instant::now() + self.patience).await,
            None => Ok(Vec::new()),
        }
    }

    /// So many files of the library that are images by their names, in the order of the bytes of their paths: of the folder
    /// `under` and those below it, behind the file whose id is `after`, which may be gone by now. A folder that is not there
    /// has none.
    pub async fn page(
        &self,
        under: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<LibraryFile>> {
        let place = Place::parse(under, after)?;
        match &self.library {
            Some(library) => library.page(place, limit, Instant::now() + self.patience).await,
            None => Ok(Vec::new()),
        }
    }

    /// Every file of the library that is an image by its name, in any order, few of them held at a time. A folder that
    /// cannot be read is an error between them, and so is the end of a list that broke off: what was not seen then may
    /// still be there.
    pub fn every_file(&self) -> BoxStream<'_, Result<LibraryFile, Unlisted>> {
        self.library.as_ref().map_or_else(|| stream::empty().boxed(), Library::every_file)
    }

    /// Why a file of the library cannot be opened, for whoever runs the gateway.
    pub async fn why_unread(&self, path: PathBuf) -> Option<std::io::Error> {
        self.library.as_ref()?.why_unread(path).await
    }

    /// A file of the library.
    pub async fn file(&self, id: &str) -> Result<LibraryFile> {
        match &self.library {
            Some(library) => library.file(id).await,
            None => library::path_of(id).and(Err(Error::NotFound)),
        }
    }

    /// What is known of a file of this machine, wherever it is: for the command line, whose threads may wait for the disk.
    pub async fn metadata_of_file(&self, path: &Path, question: impl Into<Question>) -> Result<Metadata> {
        let question = answered(question.into());
        let started = Started::here(path, self.max_bytes, question.level)?;
        self.describe(started, question, Instant::now() + self.patience).await
    }

    /// A small picture of a file of this machine, upright: for the command line, too.
    pub async fn thumbnail_of_file(&self, path: &Path) -> Result<Arc<Thumbnail>> {
        let started = Started::here(path, self.max_bytes, Level::Exif)?;
        let (mut body, header) = self.header(started, Level::Exif).await?;
        let picture = self.look_at(&mut body, &header, View::Colour);
        let picture = timeout(self.patience, picture).await.unwrap_or(Err(Error::Timeout))?;
        picture.thumbnail.ok_or(Error::UnsupportedFormat("thumbnails"))
    }

    fn loads(&self, image: &ImageRef) -> &Permits {
        match image {
            ImageRef::File(_) => &self.local_loads,
            ImageRef::Url(_) => &self.remote_loads,
        }
    }

    async fn describe(&self, started: Started, question: Question, until: Instant) -> Result<Metadata> {
        let (mut body, header) = self.header(started, question.level).await?;
        // Where nobody tells the number of bytes, the last byte does.
        if question.level >= Level::Size && body.known().size().is_none() {
            let counted = timeout_at(until, self.read_all(&mut body)).await;
            body.set_counted(counted.unwrap_or(Err(Error::Timeout)));
        }
        let size = body.size();
        let (version, no_store) = (body.version(), body.no_store());
        let contents = self.contents(body, &header, question, until).await;
        Ok(Metadata { version, no_store, ..facts::facts(header, question, size, contents) })
    }
}

/// What is really answered where this is asked: all that the pixels say at once.
pub fn answered(question: Question) -> Question {
    let asks_for = |extra| question.extras.contains(extra);
    let of_pixels = asks_for(ExtraSet::OPACITY) || asks_for(ExtraSet::COLOURS);
    if of_pixels || question.level == Level::Pixels {
        question.and(Level::Pixels).and(ExtraSet::OPACITY)
    } else {
        question
    }
}

fn pixel_limits(config: &Config) -> Limits {
    let limits = &config.limits;
    let apart = config.decoder.clone().map(|program| Apart { program, time: limits.patience() });
    Limits { max_pixels: limits.max_pixels, max_decode_bytes: limits.max_decode_bytes, apart }
}

fn reach(remote: &Remote, library: Option<&Library>) -> String {
    let Remote { mut allow_hosts, mut allow_networks, mut ports } = remote.clone();
    allow_hosts.sort_unstable();
    allow_networks.sort_unstable();
    ports.sort_unstable();
    let mut reach = format!("{allow_hosts:?} {allow_networks:?} {ports:?}");
    if let Some(Library::Bucket(bucket)) = library {
        reach.push_str(bucket.scope());
    }
    let digest = Sha256::digest(reach);
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

fn fetcher(config: &Config) -> Result<Fetcher, ConfigError> {
    let remote = &config.remote;
    let hosts = remote.allow_hosts.iter().map(|host| allowed_host(host)).collect::<Result<_, _>>()?;
    let settings = Settings {
        max_bytes: config.limits.max_bytes,
        connect_timeout: CONNECT_TIMEOUT,
        read_timeout: READ_TIMEOUT,
        total_timeout: config.limits.patience(),
        allowed: Allowed { hosts, networks: remote.allow_networks.clone(), ports: remote.ports.clone() },
    };
    let unusable = |error: Error| ConfigError::Unusable { setting: "remote", reason: error.to_string() };
    Fetcher::new(settings).map_err(unusable)
}

fn allowed_host(host: &str) -> Result<AllowedHost, ConfigError> {
    let (setting, wanted) =
        ("allow_host (remote.allow_hosts)", "a host such as example.com, or example.com:8080");
    host.parse().map_err(|_| ConfigError::Wrong { setting, value: host.to_owned(), wanted })
}
