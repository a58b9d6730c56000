//! Looks into files, on all cores.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use futures_util::stream::{self, StreamExt};

use super::super::target::Target;
use super::super::{Failure, progress};
use super::copies::Seen;
use super::tell;
use crate::error::{Error, Result};
use crate::index::Facts;
use crate::metadata::{ExtraSet, Level, Metadata, Question};
use crate::source::engine::Engine;
use crate::source::engine::library::is_image_name;

/// What was seen of all files.
#[derive(Default)]
pub struct Looked {
    pub seen: Vec<Seen>,
    /// Files that are told on standard error: they could not be read, or not all of what was needed.
    pub failed: usize,
    /// Files that were found, and are images by their names alone.
    pub not_images: usize,
}

/// Files that are no images and were not named, and formats without a hash, are passed over.
pub async fn at(engine: &Arc<Engine>, targets: Vec<Target>) -> std::result::Result<Looked, Failure> {
    let targets = once_each(targets);
    let bar = progress::of_files(targets.len());
    let at_once = available_parallelism().map_or(1, usize::from);
    // Each on a thread of the runtime, which may wait for the disk: nothing else runs there.
    let looking = stream::iter(targets).map(|target| tokio::spawn(look(Arc::clone(engine), target)));
    let mut looking = looking.buffered(at_once);
    let mut looked = Looked::default();
    while let Some(one) = looking.next().await {
        bar.inc(1);
        match one.map_err(|_| Failure { message: Error::Internal.to_string(), status: 1 })? {
            Ok(Look::Seen(seen)) => looked.seen.push(*seen),
            Ok(Look::NotAnImage) => looked.not_images += 1,
            Ok(Look::PassedOver) => {}
            Err((name, error)) => {
                looked.failed += 1;
                bar.suspend(|| tell(&name, &error));
            }
        }
    }
    bar.finish_and_clear();
    Ok(looked)
}

/// A file that two of the folders lead to, or that has two names, takes its bytes once.
fn once_each(targets: Vec<Target>) -> Vec<Target> {
    let mut seen = HashSet::new();
    let is_new = |target: &Target| match target.path().map(fs::metadata) {
        Some(Ok(file)) => seen.insert((file.dev(), file.ino())),
        // Whoever reads it says what is wrong.
        _ => true,
    };
    targets.into_iter().filter(is_new).collect()
}

enum Look {
    Seen(Box<Seen>),
    /// But called as if it were one.
    NotAnImage,
    PassedOver,
}

async fn look(engine: Arc<Engine>, target: Target) -> std::result::Result<Look, (String, Error)> {
    let Some(path) = target.path() else { return Ok(Look::PassedOver) };
    match seen(&engine, path).await {
        Ok(seen) => Ok(Look::Seen(Box::new(seen))),
        Err(Error::UnsupportedFormat(_)) => Ok(Look::PassedOver),
        Err(Error::NotAnImage) if target.was_found() => {
            Ok(match is_image_name(path.as_os_str().as_bytes()) {
                true => Look::NotAnImage,
                false => Look::PassedOver,
            })
        }
        Err(error) => Err((target.name(), error)),
    }
}

async fn seen(engine: &Engine, path: &Path) -> Result<Seen> {
    let metadata = engine.metadata_of_file(path, Level::Pixels).await?;
    let p_hash = metadata.p_hash.clone().unwrap_or(Err(Error::UnsupportedFormat("pHash")))?;
    let flat = p_hash.is_low_entropy();
    let metadata = if flat { with_checksum(engine, path, metadata).await? } else { metadata };
    Ok(Seen {
        path: PathBuf::from(path),
        size: metadata.size.clone().unwrap_or(Err(Error::Internal))?,
        p_hash,
        facts: Facts::from(&metadata),
        format: metadata.format,
    })
}

/// Of flat pictures, which are few, all bytes are compared.
async fn with_checksum(engine: &Engine, path: &Path, metadata: Metadata) -> Result<Metadata> {
    let more = engine.metadata_of_file(path, Question::from(ExtraSet::CHECKSUM)).await?;
    more.extras.checksum.clone().transpose()?;
    Ok(metadata.or(&more))
}
