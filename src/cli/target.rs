//! What a command line names: files, URLs, folders.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::metadata::{ImageRef, Level, Metadata};
use crate::source::engine::Engine;

/// One image to look at.
pub enum Target {
    Url(String),
    /// A file that was named.
    File(PathBuf),
    /// A file that was found in a folder that was named.
    Found(PathBuf),
}

/// Folders are replaced by the files below them, in the order of their names.
pub fn expand(named: &[String]) -> std::io::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for name in named {
        match Target::named(name) {
            Target::File(path) if path.is_dir() => walk(&path, &mut targets)?,
            target => targets.push(target),
        }
    }
    Ok(targets)
}

/// Does not follow symbolic links: they may lead in circles.
fn walk(folder: &Path, targets: &mut Vec<Target>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), targets)?;
        } else if kind.is_file() {
            targets.push(Target::Found(entry.path()));
        }
    }
    Ok(())
}

impl Target {
    pub fn named(name: &str) -> Self {
        let is_url = name.starts_with("http://") || name.starts_with("https://");
        if is_url { Self::Url(name.to_owned()) } else { Self::File(name.into()) }
    }

    pub fn was_found(&self) -> bool {
        matches!(self, Self::Found(_))
    }

    pub fn name(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::File(path) | Self::Found(path) => path.display().to_string(),
        }
    }

    pub async fn metadata(&self, engine: &Engine, level: Level) -> Result<Metadata> {
        match self {
            Self::Url(url) => engine.metadata(&ImageRef::Url(url.clone()), level).await,
            Self::File(path) | Self::Found(path) => engine.metadata_of_file(path, level).await,
        }
    }
}
