//! What a command line names: files, URLs, folders.

use std::fs::{DirEntry, FileType};
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::metadata::{ImageRef, Metadata, Question};
use crate::source::engine::Engine;

/// One image to look at.
pub enum Target {
    Url(String),
    /// A file that was named.
    File(PathBuf),
    /// A file that was found in a folder that was named.
    Found(PathBuf),
}

/// What the names on a command line lead to.
#[derive(Default)]
pub struct Targets {
    pub images: Vec<Target>,
    /// Folders that cannot be read, and why.
    pub unread: Vec<(PathBuf, std::io::Error)>,
}

/// Folders are replaced by the files below them, in the order of their names.
pub fn expand(named: &[String]) -> Targets {
    let mut targets = Targets::default();
    for name in named {
        match Target::named(name) {
            Target::File(path) if path.is_dir() => targets.walk(path),
            target => targets.images.push(target),
        }
    }
    targets
}

impl Targets {
    /// What is below folders of this machine, and files that are named beside them.
    pub fn below(named: Vec<PathBuf>) -> Self {
        let mut targets = Self::default();
        for path in named {
            if path.is_dir() { targets.walk(path) } else { targets.images.push(Target::File(path)) }
        }
        targets
    }

    fn walk(&mut self, folder: PathBuf) {
        match entries(&folder) {
            Ok(entries) => entries.into_iter().for_each(|(kind, path)| self.add(kind, path)),
            Err(error) => self.unread.push((folder, error)),
        }
    }

    /// Does not follow symbolic links: they may lead in circles.
    fn add(&mut self, kind: FileType, path: PathBuf) {
        if kind.is_dir() {
            self.walk(path);
        } else if kind.is_file() {
            self.images.push(Target::Found(path));
        }
    }
}

fn entries(folder: &Path) -> std::io::Result<Vec<(FileType, PathBuf)>> {
    let entry =
        |entry: std::io::Result<DirEntry>| entry.and_then(|entry| Ok((entry.file_type()?, entry.path())));
    let mut entries = std::fs::read_dir(folder)?.map(entry).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by(|(_, a), (_, b)| a.file_name().cmp(&b.file_name()));
    Ok(entries)
}

impl Target {
    pub fn named(name: &str) -> Self {
        let is_url = name.starts_with("http://") || name.starts_with("https://");
        if is_url { Self::Url(name.to_owned()) } else { Self::File(name.into()) }
    }

    pub fn was_found(&self) -> bool {
        matches!(self, Self::Found(_))
    }

    /// Of a file of this machine.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Url(_) => None,
            Self::File(path) | Self::Found(path) => Some(path),
        }
    }

    pub fn name(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::File(path) | Self::Found(path) => path.display().to_string(),
        }
    }

    pub async fn metadata(&self, engine: &Engine, question: impl Into<Question>) -> Result<Metadata> {
        match self {
            Self::Url(url) => engine.metadata(&ImageRef::Url(url.clone()), question).await,
            Self::File(path) | Self::Found(path) => engine.metadata_of_file(path, question).await,
        }
    }
}
