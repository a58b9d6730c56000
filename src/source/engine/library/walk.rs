//! The files below a folder, in no order, as the system tells them: nothing is held but one open folder for each level.

use std::fs::{self, DirEntry, ReadDir};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::id::is_hidden;
use super::listing::LibraryFile;
use crate::error::Error;

/// A folder of the library that cannot be listed, and why: for whoever runs the gateway.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Unlisted {
    /// Below the library's root; empty for that itself.
    pub folder: PathBuf,
    pub reason: String,
}

impl Unlisted {
    /// The library, or the rest of it.
    pub fn as_a_whole(error: &Error) -> Self {
        Self { folder: PathBuf::new(), reason: error.to_string() }
    }
}

type Result<T> = std::result::Result<T, Unlisted>;

pub struct Walk {
    root: PathBuf,
    /// Where it begins, until it has.
    start: Option<PathBuf>,
    deep: bool,
    open: Vec<(PathBuf, ReadDir)>,
}

impl Walk {
    /// Files of one folder below the root.
    pub fn of(root: &Path, folder: &Path) -> Self {
        Self { root: root.to_owned(), start: Some(folder.to_owned()), deep: false, open: Vec::new() }
    }

    /// Those of the folders below it as well.
    pub fn deep(self) -> Self {
        Self { deep: true, ..self }
    }

    /// Of nothing.
    pub fn over() -> Self {
        Self { root: PathBuf::new(), start: None, deep: false, open: Vec::new() }
    }

    fn enter(&mut self, folder: PathBuf) -> Result<()> {
        match opened(&self.root, &folder) {
            Ok(entries) => self.open.push((folder, entries)),
            Err(error) => return Err(unlisted(folder, &error)),
        }
        Ok(())
    }

    fn look_at(&mut self, path: PathBuf, entry: &DirEntry) -> Option<Result<LibraryFile>> {
        match entry.file_type() {
            _ if is_hidden(&path) => None,
            // Links are not followed: they may lead in circles.
            Ok(kind) if kind.is_dir() && self.deep => self.enter(path).err().map(Err),
            // It may have been removed by now.
            Ok(kind) if kind.is_file() => {
                entry.metadata().ok().map(|known| Ok(LibraryFile::of(path, &known)))
            }
            _ => None,
        }
    }
}

/// The entries of a folder, to which no link leads: whoever lists does not follow them.
pub(super) fn opened(root: &Path, folder: &Path) -> io::Result<ReadDir> {
    let place = root.join(folder);
    if is_hidden(folder) || place.canonicalize()? != place {
        return Err(ErrorKind::NotFound.into());
    }
    fs::read_dir(place)
}

fn unlisted(folder: PathBuf, error: &io::Error) -> Unlisted {
    Unlisted { folder, reason: error.to_string() }
}

/// A folder that is a link, or cannot be read, is an error, and what is beside it follows.
impl Iterator for Walk {
    type Item = Result<LibraryFile>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.start.take().and_then(|start| self.enter(start).err()) {
            return Some(Err(error));
        }
        loop {
            let (at, entries) = self.open.last_mut()?;
            let found = match entries.next() {
                None => {
                    self.open.pop();
                    None
                }
                Some(Err(error)) => Some(Err(unlisted(at.clone(), &error))),
                Some(Ok(entry)) => {
                    let path = at.join(entry.file_name());
                    self.look_at(path, &entry)
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }
}
