//! A file that is on its way into the library: written to a place where nobody sees it, and gone unless it is published.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncSeekExt, AsyncWriteExt, BufWriter};

use super::local::off_the_runtime;
use crate::error::{Error, Result};
use crate::permits::Permit;

/// How the files begin, which are neither listed nor served.
const PREFIX: &str = ".imagraph-upload-";
/// Bytes that wait to be written, of one file.
const BUFFER: usize = 256 << 10;
/// How often another name is tried.
const TRIES: usize = 16;
/// Before the umask, as of any new file.
const READABLE: u32 = 0o666;
const OWN: u32 = 0o600;

pub struct Draft {
    file: BufWriter<tokio::fs::File>,
    /// Where it is, to be removed.
    path: Option<PathBuf>,
    /// Bytes.
    size: u64,
    max_bytes: u64,
    /// One of those who may send files.
    _permit: Arc<Permit>,
}

impl Draft {
    /// In the folder of the library, so that it can be renamed to its place.
    pub async fn in_library(root: PathBuf, max_bytes: u64, permit: Arc<Permit>) -> Result<Self> {
        let (file, path) = off_the_runtime(move || create(&root, READABLE)).await?;
        Ok(Self::of(file, Some(path), max_bytes, permit))
    }

    /// Where the system keeps what is not to last, without a name.
    pub async fn elsewhere(max_bytes: u64, permit: Arc<Permit>) -> Result<Self> {
        let unnamed = || {
            let (file, path) = create(&std::env::temp_dir(), OWN)?;
            fs::remove_file(path).map_err(failure)?;
            Ok(file)
        };
        Ok(Self::of(off_the_runtime(unnamed).await?, None, max_bytes, permit))
    }

    fn of(file: File, path: Option<PathBuf>, max_bytes: u64, permit: Arc<Permit>) -> Self {
        let mut file = tokio::fs::File::from_std(file);
        file.set_max_buf_size(BUFFER);
        let file = BufWriter::with_capacity(BUFFER, file);
        Self { file, path, size: 0, max_bytes, _permit: permit }
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes; an error once they are more than a file may have.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.max_bytes {
            return Err(Error::TooLarge { what: "bytes", limit: self.max_bytes });
        }
        self.file.write_all(bytes).await.map_err(failure)
    }

    /// The file, written to the disk.
    pub(in crate::source::engine) async fn written(&mut self) -> Result<File> {
        self.file.flush().await.map_err(failure)?;
        let file = self.file.get_mut();
        file.sync_all().await.map_err(failure)?;
        file.rewind().await.map_err(failure)?;
        file.try_clone().await.map_err(failure)?.try_into_std().map_err(|_| Error::Internal)
    }

    /// Where it is, of a library's folder.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// It has another name now.
    pub(super) fn is_published(&mut self) {
        self.path = None;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Whoever has removed it did the same.
            let _ = fs::remove_file(path);
        }
    }
}

/// A new file, locked for as long as it is open: what is not locked belongs to no process that lives.
fn create(folder: &Path, mode: u32) -> Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(mode);
    for _ in 0..TRIES {
        let path = folder.join(format!("{PREFIX}{:032x}", fastrand::u128(..)));
        match options.open(&path) {
            // A sweep that is faster takes it away.
            Ok(file) if is_ours(&file) => return Ok((file, path)),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failure(error)),
        }
    }
    Err(Error::Internal)
}

/// Where locks are not known there is no sweep.
fn is_ours(file: &File) -> bool {
    !matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

/// Removes what a process has left that was killed.
pub fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) && entry.file_type()?.is_file()
        {
            remove_unlocked(&entry.path())?;
        }
    }
    Ok(())
}

fn remove_unlocked(path: &Path) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    if file.try_lock().is_ok() {
        fs::remove_file(path)?;
        tracing::info!("removed what is left of an upload that was broken off");
    }
    Ok(())
}

/// What a stranger may know of a storage that takes nothing.
pub(super) fn failure(error: io::Error) -> Error {
    tracing::warn!(%error, "the library cannot be written to");
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::UpstreamUnavailable("the library's storage is full")
        }
        _ => Error::UpstreamUnavailable("the library cannot be written to"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permits::{Permits, Pool};

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    async fn permit() -> Arc<Permit> {
        Arc::new(Permits::new(Pool::Uploads, 1).acquire().await.unwrap())
    }

    #[tokio::test]
    async fn what_is_not_published_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let mut draft = Draft::in_library(root.clone(), 10, permit().await).await.unwrap();
        draft.write(b"0123456789").await.unwrap();
        assert_eq!((names(&root), draft.size()), (1, 10));
        assert_eq!(draft.write(b"0").await, Err(Error::TooLarge { what: "bytes", limit: 10 }));
        drop(draft);
        assert_eq!(names(&root), 0);
    }

    #[tokio::test]
    async fn a_sweep_takes_what_nobody_writes_to_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        fs::write(root.join(format!("{PREFIX}0")), "half").unwrap();
        fs::write(root.join(".imagraph.toml"), "").unwrap();
        fs::create_dir(root.join(format!("{PREFIX}1"))).unwrap();
        let draft = Draft::in_library(root.clone(), 10, permit().await).await.unwrap();
        sweep(&root).unwrap();
        assert_eq!(names(&root), 3);
        assert!(draft.path().unwrap().exists());
    }
}
