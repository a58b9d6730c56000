//! Metadata from the bytes of a file. The steps in order: bytes, header, size, pixels, pHash; what is wanted
//! decides how far they go.

pub mod address;
pub mod exif;
pub mod fetch;
mod file;
pub mod header;
pub mod known;
pub mod library;
pub mod phash;
pub mod pixels;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use tracing::debug_span;

use crate::config::{Config, ConfigError, Remote};
use crate::cost;
use crate::error::{Error, Result};
use crate::metadata::{Fact, ImageRef, Level, Metadata, Origin, Version};
use crate::permits::{Permit, Permits, Pool, kibibytes};
use address::{Allowed, AllowedHost};
use fetch::{Extent, Fetcher, Settings};
use file::File;
use header::{Header, Reading};
use library::{FilesQuery, Library, LibraryFile, LocalFile};
use pixels::{Amount, Limits, Picture};

/// Of a host that is there, connecting takes a few round trips.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that is silent for longer is not going to send a picture before the deadline.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a file of unknown size that are read before room is made for as many as there may be: most files end
/// before, and one that drips does not get so far.
const UNCOUNTED: u64 = 256 << 10;

/// Room for a remote file that is read whole; one of this machine needs none.
type Held = Option<Permit>;

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
    /// One for each KiB of the remote files that are held whole.
    held: Permits,
    /// One for each picture that is being decoded: they share the memory and the cores.
    decodes: Permits,
}

impl Engine {
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let limits = &config.limits;
        Ok(Self {
            library: config.library.as_deref().map(|root| library(root, limits.max_bytes)).transpose()?,
            fetcher: fetcher(config)?,
            reach: reach(&config.remote),
            max_bytes: limits.max_bytes,
            patience: limits.patience(),
            pixels: Limits { max_pixels: limits.max_pixels, max_decode_bytes: limits.max_decode_bytes },
            local_loads: Permits::new(Pool::LocalLoads, limits.concurrent_loads),
            remote_loads: Permits::new(Pool::RemoteLoads, limits.concurrent_loads),
            held: Permits::new(Pool::HeldKibibytes, kibibytes(limits.max_held_bytes) as usize),
            decodes: Permits::new(Pool::Decodes, limits.concurrent_decodes),
        })
    }

    /// A digest of where this engine may fetch from: what another was allowed to see is not to be had through a cache that
    /// both share.
    pub fn reach(&self) -> &str {
        &self.reach
    }

    /// What is known of an image up to `level`.
    pub async fn metadata(&self, image: &ImageRef, level: Level) -> Result<Metadata> {
        let until = Instant::now() + self.patience;
        self.metadata_unless(image, level, None, until).await?.ok_or(Error::Internal)
    }

    /// The same, or `None` where the file still is that version. What is not known by `until` is missing.
    pub async fn metadata_unless(
        &self,
        image: &ImageRef,
        level: Level,
        known: Option<&Version>,
        until: Instant,
    ) -> Result<Option<Metadata>> {
        let loads = match image {
            ImageRef::File(_) => &self.local_loads,
            ImageRef::Url(_) => &self.remote_loads,
        };
        let _permit = loads.acquire().await?;
        let Some(file) = self.open(image, level, known).await? else { return Ok(None) };
        let path = match image {
            ImageRef::File(id) => Some(library::path_of(id)?.display().to_string()),
            ImageRef::Url(_) => None,
        };
        Ok(Some(Metadata { path, ..self.describe(file, level, until).await? }))
    }

    /// The files of the library that a query in ImageKit's parameters selects.
    pub async fn files(&self, query: &str) -> Result<Vec<LibraryFile>> {
        let query = FilesQuery::parse(query)?;
        match &self.library {
            Some(library) => library.list(query).await,
            None => Ok(Vec::new()),
        }
    }

    /// A file of the library.
    pub async fn file(&self, id: &str) -> Result<LibraryFile> {
        match &self.library {
            Some(library) => library.file(id).await,
            None => library::path_of(id).and(Err(Error::NotFound)),
        }
    }

    /// What is known of a file of this machine, wherever it is: for the command line.
    pub async fn metadata_of_file(&self, path: &Path, level: Level) -> Result<Metadata> {
        let file = LocalFile::open(path, self.max_bytes).await?;
        self.describe(File::Local(file), level, Instant::now() + self.patience).await
    }

    async fn open(&self, image: &ImageRef, level: Level, known: Option<&Version>) -> Result<Option<File>> {
        match (image, &self.library) {
            (ImageRef::File(id), Some(library)) => {
                let file = library.open(id).await?;
                Ok((known != Some(file.version())).then_some(File::Local(file)))
            }
            (ImageRef::File(id), None) => library::path_of(id).and(Err(Error::NotFound)),
            (ImageRef::Url(url), _) => {
                let extent = if level >= Level::Pixels { Extent::Whole } else { Extent::FirstBytes };
                let file = self.fetcher.open_unless(url, extent, known).await?;
                Ok(file.map(|file| File::Remote(Box::new(file))))
            }
        }
    }

    async fn describe(&self, mut file: File, level: Level, until: Instant) -> Result<Metadata> {
        let header = read_header(&mut file, level).await?;
        // Where nobody tells the number of bytes, the last byte does.
        let counted = match file.known().size() {
            None if level >= Level::Size => timeout_at(until, self.count(&mut file)).await,
            _ => Ok(Ok(None)),
        };
        let counted = counted.unwrap_or(Err(Error::Timeout));
        let size =
            counted.as_ref().map_or_else(|error| Some(Err(error.clone())), |_| file.known().size().map(Ok));
        let (version, no_store) = (file.version(), file.no_store());
        let picture = match level {
            Level::Pixels | Level::Opacity => {
                let picture = timeout_at(until, self.look_at(file, &header, counted)).await;
                Some(picture.unwrap_or(Err(Error::Timeout)))
            }
            _ => None,
        };
        Ok(Metadata { version, no_store, ..facts(header, level, size, picture) })
    }

    /// Reads a remote file whole, as far as there is room for it.
    async fn count(&self, file: &mut File) -> Result<Held> {
        let held = self.room(file).await?;
        file.read_all().await?;
        Ok(held)
    }

    /// Room for all of a remote file.
    async fn room(&self, file: &mut File) -> Result<Held> {
        let File::Remote(remote) = file else { return Ok(None) };
        if remote.known().size().is_none() {
            remote.fill(0..UNCOUNTED.min(self.max_bytes)).await?;
        }
        let size = kibibytes(remote.known().size().unwrap_or(u64::MAX).min(self.max_bytes));
        self.held.acquire_many(size).await.map(Some)
    }

    /// `counted` is what a file is held by already, or why it cannot be read whole.
    async fn look_at(&self, mut file: File, header: &Header, counted: Result<Held>) -> Result<Picture> {
        pixels::check(header, &self.pixels)?;
        let held = match counted? {
            None => self.room(&mut file).await?,
            held => held,
        };
        // However slowly it comes, no decoder waits.
        if matches!(file, File::Remote(_)) {
            read_pixels(&mut file, header).await?;
        }
        let (mut file, held, picture) = self.decode(file, held, header).await?;
        if picture.is_ok() || file.known().is_whole() {
            return picture;
        }
        file.read_all().await?;
        self.decode(file, held, header).await?.2
    }

    async fn decode(
        &self,
        mut file: File,
        held: Held,
        header: &Header,
    ) -> Result<(File, Held, Result<Picture>)> {
        let permit = self.decodes.acquire().await?;
        // A file of this machine is read in no time, and only by those whose turn it is.
        read_pixels(&mut file, header).await?;
        let (header, limits) = (header.clone(), self.pixels.clone());
        let span = debug_span!("decode", format = header.format.name());
        decoded(cost::decoding(move || {
            let (_permit, _span) = (permit, span.entered());
            let picture = pixels::read(file.known().prefix(), &header, &limits);
            (file, held, picture)
        }))
        .await
    }
}

/// Runs a decoder where it holds up nobody. It goes on after a deadline has passed, and so does what it holds.
async fn decoded<T: Send + 'static>(decode: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    // One that panics does so over what is in the file.
    spawn_blocking(decode).await.map_err(|_| Error::CorruptImage("its decoder gave up"))
}

/// Reads as much of a file as its pixels take.
async fn read_pixels(file: &mut File, header: &Header) -> Result<()> {
    loop {
        match pixels::amount(file.known(), header) {
            Amount::Known => return Ok(()),
            Amount::Need(range) => file.fill(range).await?,
            Amount::Whole => return file.read_all().await,
        }
    }
}

fn reach(remote: &Remote) -> String {
    let Remote { mut allow_hosts, mut allow_networks, mut ports } = remote.clone();
    allow_hosts.sort_unstable();
    allow_networks.sort_unstable();
    ports.sort_unstable();
    let digest = Sha256::digest(format!("{allow_hosts:?} {allow_networks:?} {ports:?}"));
    URL_SAFE_NO_PAD.encode(&digest[..12])
}

fn library(root: &Path, max_bytes: u64) -> Result<Library, ConfigError> {
    let unusable =
        |error: std::io::Error| ConfigError::Unusable { setting: "library", reason: error.to_string() };
    Library::new(root, max_bytes).map_err(unusable)
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

/// Feeds the header's readers until they have what they need.
async fn read_header(file: &mut File, level: Level) -> Result<Header> {
    loop {
        match header::read(file.known(), level) {
            Reading::Done(header) => return header,
            Reading::Need(range) => file.fill(range).await?,
        }
    }
}

fn facts(header: Header, level: Level, size: Fact<u64>, picture: Fact<Picture>) -> Metadata {
    let (width, height) = match header.dimensions {
        Ok((width, height)) => (Ok(width), Ok(height)),
        Err(error) => (Err(error.clone()), Err(error)),
    };
    // Of a file that could not be read through, what was not found may still be there.
    let stated = |found: bool| (found || width.is_ok()).then_some(found);
    Metadata {
        origin: Origin::Engine,
        path: None,
        has_color_profile: stated(header.has_color_profile),
        has_transparency: stated(header.has_alpha).filter(|_| level >= Level::Frames),
        width: Some(width),
        height: Some(height),
        size,
        format: Some(header.format.name().to_owned()),
        // As ImageKit prints it for every example it gives; an estimate would be a fact of another name.
        quality: Some(0),
        density: header.density,
        p_hash: picture.clone().map(|picture| picture.map(|picture| picture.p_hash)),
        // What has no alpha channel needs no look.
        is_opaque: match picture {
            Some(_) if !header.has_alpha => Some(Ok(true)),
            picture => picture.map(|picture| picture.map(|picture| picture.is_opaque)),
        },
        exif: header.exif,
        video: None,
        verbatim: None,
        version: Version::default(),
        no_store: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_decoder_that_panics_fails_its_image_and_gives_its_permit_back() {
        let permits = Permits::new(Pool::Decodes, 1);
        for _ in 0..2 {
            let permit = permits.acquire().await.unwrap();
            let gave_up = decoded(move || {
                let _permit = permit;
                panic!("over what is in the file")
            });
            assert!(matches!(gave_up.await, Err(Error::CorruptImage(_))));
        }
    }
}
