//! A file of the library, as the index knows it.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::metadata::{Checksum, Fact, Metadata, PHash};
use crate::source::engine::library::LibraryFile;

/// A file as its storage lists it. Another size or time is another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Below the library's root.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    pub modified: Micros,
}

/// Microseconds since 1970, as databases keep them.
pub type Micros = i64;

/// What its bytes say, as far as they say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub p_hash: Option<PHash>,
    /// Pixels, as stored.
    pub width: Option<u64>,
    pub height: Option<u64>,
    /// Estimated, of a JPEG: 1 to 100.
    pub quality: Option<u8>,
    pub checksum: Option<Checksum>,
}

impl From<&LibraryFile> for Listed {
    fn from(file: &LibraryFile) -> Self {
        Self { path: file.path.clone(), size: file.size, modified: micros(file.updated) }
    }
}

impl From<&Metadata> for Facts {
    fn from(metadata: &Metadata) -> Self {
        Self {
            p_hash: known(&metadata.p_hash),
            width: known(&metadata.width),
            height: known(&metadata.height),
            quality: metadata.jpeg_quality,
            checksum: known(&metadata.extras.checksum),
        }
    }
}

fn known<T: Copy>(fact: &Fact<T>) -> Option<T> {
    fact.as_ref()?.as_ref().ok().copied()
}

pub fn now() -> Micros {
    micros(SystemTime::now())
}

/// Zero for a time that is before 1970 or beyond what fits.
pub fn micros(time: SystemTime) -> Micros {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_micros().try_into().unwrap_or_default()
}
