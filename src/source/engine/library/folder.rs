//! A folder of this machine as the library.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::time::Instant;

use super::browse::{self, Place};
use super::draft::{self, Draft};
use super::id::is_hidden;
use super::listing::{self, LibraryFile};
use super::local::{self, LocalFile};
use super::publish::publish;
use super::query::FilesQuery;
use super::walk::{Unlisted, Walk};
use super::{path_of, regular};
use crate::error::{Error, Result};
use crate::metadata::{Level, Version};
use crate::permits::Permit;
use crate::source::engine::header::Reading;

/// Files that one visit to the threads that may wait for the disk looks at.
const BATCH: usize = 256;

#[derive(Debug, Clone)]
pub struct Folder {
    /// Without symbolic links, so that what is below it can be told by its path.
    root: PathBuf,
    /// Bytes of one file that are held at most.
    max_bytes: u64,
}

impl Folder {
    pub fn new(root: &Path, max_bytes: u64) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, max_bytes })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The page of files that a query selects.
    pub async fn list(&self, query: FilesQuery, until: Instant) -> Result<Vec<LibraryFile>> {
        let root = self.root.clone();
        local::off_the_runtime(move || listing::list(&root, &query, until.into_std())).await
    }

    /// So many images in the order of their paths.
    pub async fn page(&self, place: Place, limit: usize, until: Instant) -> Result<Vec<LibraryFile>> {
        let root = self.root.clone();
        local::off_the_runtime(move || browse::page(&root, place, limit, until.into_std())).await
    }

    /// Every image, in any order.
    pub fn every_file(&self) -> BoxStream<'_, Result<LibraryFile, Unlisted>> {
        let walk = Walk::of(&self.root, Path::new("")).deep();
        let batches = stream::unfold(walk, |mut walk| async move {
            let batch = local::off_the_runtime(move || {
                let batch: Vec<_> = walk.by_ref().take(BATCH).collect();
                Ok((batch, walk))
            });
            match batch.await {
                Ok((batch, _)) if batch.is_empty() => None,
                Ok((batch, walk)) => Some((batch, walk)),
                // That thread has panicked, and what it knew is gone.
                Err(error) => Some((vec![Err(Unlisted::as_a_whole(&error))], Walk::over())),
            }
        });
        let is_image =
            |file: &Result<LibraryFile, Unlisted>| file.as_ref().map_or(true, LibraryFile::is_image);
        batches.flat_map(stream::iter).filter(move |file| std::future::ready(is_image(file))).boxed()
    }

    /// What is known of a file without opening it.
    pub async fn file(&self, id: &str) -> Result<LibraryFile> {
        let (root, path) = (self.root.clone(), path_of(id)?);
        local::off_the_runtime(move || LibraryFile::at(&root, path).ok_or(Error::NotFound)).await
    }

    /// Why a file cannot be opened, for whoever runs the gateway.
    pub async fn why_unread(&self, path: PathBuf) -> Option<io::Error> {
        let path = self.root.join(path);
        // Nobody is waited for, should it be a pipe by now.
        let open = move || OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).err();
        local::off_the_runtime(move || Ok(open())).await.ok().flatten()
    }

    /// An empty file to write to, which nobody sees.
    pub async fn draft(&self, permit: Arc<Permit>) -> Result<Draft> {
        Draft::in_library(self.root.clone(), self.max_bytes, permit).await
    }

    /// Gives a written file its place, which is nobody else's unless that is to be overwritten. Size and time are told of the file
    /// itself: another one may stand in its place by now.
    pub async fn publish(
        &self,
        mut draft: Draft,
        file: File,
        path: PathBuf,
        overwrite: bool,
    ) -> Result<LibraryFile> {
        let (root, from) = (self.root.clone(), draft.path().ok_or(Error::Internal)?.to_owned());
        let placed = local::off_the_runtime(move || {
            publish(&from, &root, &path, overwrite)?;
            Ok(LibraryFile::of(path, &file.metadata().map_err(draft::failure)?))
        });
        let file = placed.await?;
        draft.is_published();
        Ok(file)
    }

    /// Removes what a process has left that was killed in the middle of an upload.
    pub async fn sweep(&self) {
        let root = self.root.clone();
        // A folder that cannot be read has nothing of ours.
        let _ = local::off_the_runtime(move || draft::sweep(&root).map_err(draft::failure)).await;
    }

    /// Finds the file, opens it and begins with its header, in one go off the runtime; `None` where it still is that
    /// version.
    pub async fn open(
        &self,
        id: &str,
        level: Level,
        known: Option<Version>,
    ) -> Result<Option<(LocalFile, Reading)>> {
        let path = self.root.join(path_of(id)?);
        let (root, max_bytes) = (self.root.clone(), self.max_bytes);
        local::off_the_runtime(move || {
            let mut file = LocalFile::open(&below(&root, &path)?, max_bytes)?;
            if known.as_ref() == Some(file.version()) {
                return Ok(None);
            }
            let reading = file.read_header(level)?;
            Ok(Some((file, reading)))
        })
        .await
    }
}

/// Where a path leads to, links followed; one that leads out of the root is as good as none. Whoever can change
/// a link between this and the opening owns the library's folders and could put the file there himself.
pub(super) fn below(root: &Path, path: &Path) -> Result<PathBuf> {
    let real = path.canonicalize().map_err(regular::failure)?;
    let inside = real.strip_prefix(root).is_ok_and(|path| !is_hidden(path));
    if inside { Ok(real) } else { Err(Error::NotFound) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::super::id_of;
    use super::*;

    struct Made {
        folder: tempfile::TempDir,
        library: Folder,
    }

    /// A library in a folder that has a file beside it.
    fn folder() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("images");
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        fs::write(root.join("a/b.jpg"), "image").unwrap();
        Made { library: Folder::new(&root, 1000).unwrap(), folder }
    }

    async fn opened(folder: &Made, path: &str) -> Result<Vec<u8>> {
        let opened = folder.library.open(&id_of(Path::new(path)), Level::Header, None).await?;
        Ok(opened.expect("no version is known").0.known().prefix().to_vec())
    }

    #[tokio::test]
    async fn opens_a_file_by_its_id() {
        let folder = folder();
        assert_eq!(opened(&folder, "a/b.jpg").await.unwrap(), b"image");
        assert_eq!(opened(&folder, "a/c.jpg").await, Err(Error::NotFound));
        assert_eq!(opened(&folder, "a").await, Err(Error::NotFound));
        assert_eq!(opened(&folder, "a/b.jpg/c").await, Err(Error::NotFound));
        assert_eq!(opened(&folder, &"a".repeat(300)).await, Err(Error::NotFound));
        assert!(matches!(opened(&folder, "../secret").await, Err(Error::BadId(_))));
    }

    #[tokio::test]
    async fn links_lead_about_the_library_but_not_out_of_it() {
        let folder = folder();
        let root = folder.library.root();
        symlink("b.jpg", root.join("a/inside.jpg")).unwrap();
        symlink(folder.folder.path().join("secret"), root.join("outside.jpg")).unwrap();
        symlink("../..", root.join("a/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("gone", root.join("dangling")).unwrap();
        assert_eq!(opened(&folder, "a/inside.jpg").await.unwrap(), b"image");
        for path in ["outside.jpg", "a/up/secret", "loop", "dangling"] {
            assert_eq!(opened(&folder, path).await, Err(Error::NotFound), "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_not_to_be_seen_yet_is_not_there() {
        let folder = folder();
        let root = folder.library.root();
        fs::create_dir(root.join(".imagraph-uploads")).unwrap();
        fs::write(root.join(".imagraph-uploads/b.jpg"), "half").unwrap();
        fs::write(root.join("a/.imagraph.jpg"), "half").unwrap();
        symlink("../.imagraph-uploads", root.join("a/uploads")).unwrap();
        for path in [".imagraph-uploads/b.jpg", "a/.imagraph.jpg", "a/uploads/b.jpg"] {
            assert_eq!(opened(&folder, path).await, Err(Error::NotFound), "{path}");
            let file = folder.library.file(&id_of(Path::new(path))).await;
            assert_eq!(file.err(), Some(Error::NotFound), "{path}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_begins_like_the_root_is_outside_it() {
        let folder = folder();
        let sibling = folder.folder.path().join("images-private");
        fs::create_dir(&sibling).unwrap();
        fs::write(sibling.join("c.jpg"), "secret").unwrap();
        symlink(&sibling, folder.library.root().join("link")).unwrap();
        assert_eq!(opened(&folder, "link/c.jpg").await, Err(Error::NotFound));
    }

    #[tokio::test]
    async fn a_pipe_is_no_file_and_nobody_waits_for_it() {
        let folder = folder();
        let made = Command::new("mkfifo").arg(folder.library.root().join("pipe")).status().unwrap();
        assert!(made.success());
        assert_eq!(opened(&folder, "pipe").await, Err(Error::NotFound));
    }
}
