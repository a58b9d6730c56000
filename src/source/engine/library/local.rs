//! One file of this machine, as far as it is known.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::regular::{open_regular, read_span};
use crate::error::{Error, Result};
use crate::metadata::Version;
use crate::source::engine::fetch::{FIRST_BYTES, Quota, lack};
use crate::source::engine::known::Known;

/// What one read takes, so that hardly more than the file itself is held at a time.
const PIECE: u64 = 1024 * 1024;

pub struct LocalFile {
    file: Arc<File>,
    version: Version,
    known: Known,
    quota: Quota,
}

impl LocalFile {
    pub async fn open(path: &Path, max_bytes: u64) -> Result<Self> {
        let path = path.to_owned();
        open(max_bytes, move || Ok(path)).await
    }

    pub fn version(&self) -> &Version {
        &self.version
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Makes these bytes known, or that the file ends before them.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        while let Some(lack) = lack(&self.known, &need) {
            self.read(&lack).await?;
        }
        Ok(())
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        while let Some(rest) = self.quota.rest(&self.known)? {
            self.read(&rest).await?;
        }
        Ok(())
    }

    async fn read(&mut self, lack: &Range<u64>) -> Result<()> {
        let mut rest = self.quota.next(&self.known, lack)?;
        while !rest.is_empty() {
            let piece = rest.start..rest.end.min(rest.start + PIECE);
            let (file, span) = (self.file.clone(), piece.clone());
            let bytes = off_the_runtime(move || read_span(&file, &span)).await?;
            self.learn(&piece, &bytes);
            // The last piece, or a file that ends before.
            if (bytes.len() as u64) < PIECE {
                break;
            }
            rest.start = piece.end;
        }
        Ok(())
    }

    /// A file that has become shorter ends where it ends now.
    fn learn(&mut self, range: &Range<u64>, bytes: &[u8]) {
        let end = range.start + bytes.len() as u64;
        if end < range.end {
            self.known.set_size(end);
        }
        self.known.add(range.start, bytes);
        self.quota.count(bytes.len());
    }
}

/// Finds the file, opens it and reads its first bytes, in one go off the runtime.
pub(super) async fn open(
    max_bytes: u64,
    path: impl FnOnce() -> Result<PathBuf> + Send + 'static,
) -> Result<LocalFile> {
    off_the_runtime(move || {
        let (file, size, version) = open_regular(&path()?)?;
        let first = 0..size.min(FIRST_BYTES);
        let bytes = read_span(&file, &first)?;
        let (known, quota) = (Known::default(), Quota::new(max_bytes));
        let mut local = LocalFile { file: Arc::new(file), version, known, quota };
        local.known.set_size(size);
        local.learn(&first, &bytes);
        Ok(local)
    })
    .await
}

pub(super) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    spawn_blocking(work).await.map_err(|_| Error::Internal)?
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::source::engine::known::Gap;

    fn file_of(len: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &bytes).unwrap();
        (file, bytes)
    }

    #[tokio::test]
    async fn the_first_bytes_are_known_at_once_and_others_when_needed() {
        let (file, bytes) = file_of(5_000_000);
        let mut local = LocalFile::open(file.path(), 5_000_000).await.unwrap();
        assert_eq!(local.known().size(), Some(5_000_000));
        assert!(*local.known().prefix() == bytes[..65_536]);

        local.fill(4_000_000..4_000_100).await.unwrap();
        assert_eq!(local.known().block().bytes(4_000_000, 100), Ok(&bytes[4_000_000..4_000_100]));
        assert_eq!(local.known().prefix().len(), 65_536);

        local.fill(1_700_000..4_000_050).await.unwrap();
        let found = local.known().block().bytes(1_700_000, 2_300_050).unwrap();
        assert!(*found == bytes[1_700_000..4_000_050]);

        local.fill(65_536..1_500_000).await.unwrap();
        assert!(local.known().prefix()[..1_500_000] == bytes[..1_500_000]);

        local.read_all().await.unwrap();
        assert!(*local.known().prefix() == bytes);
    }

    #[tokio::test]
    async fn a_need_beyond_the_end_ends() {
        let (file, _) = file_of(10);
        let mut local = LocalFile::open(file.path(), 100).await.unwrap();
        local.fill(5..20).await.unwrap();
        local.fill(20..u64::MAX).await.unwrap();
        assert_eq!(local.known().block().bytes(5, 15), Err(Gap::End));
    }

    #[tokio::test]
    async fn a_file_above_the_limit_has_a_header_but_is_not_read_whole() {
        let (file, _) = file_of(200_000);
        let mut local = LocalFile::open(file.path(), 100_000).await.unwrap();
        local.fill(199_990..200_000).await.unwrap();
        assert_eq!(local.read_all().await, Err(Error::TooLarge { what: "bytes", limit: 100_000 }));
        assert_eq!(local.fill(90_000..120_000).await, local.read_all().await);
        assert_eq!(local.known().prefix().len(), 65_536);
    }

    #[tokio::test]
    async fn a_file_that_shrinks_ends_where_it_ends_now() {
        let (file, bytes) = file_of(3_000_000);
        let mut local = LocalFile::open(file.path(), 5_000_000).await.unwrap();
        file.as_file().set_len(100_000).unwrap();
        local.fill(2_000_000..2_000_010).await.unwrap();
        assert_eq!(local.known().block().u8(2_000_000), Err(Gap::End));
        local.read_all().await.unwrap();
        assert!(*local.known().prefix() == bytes[..100_000]);

        let mut local = LocalFile::open(file.path(), 5_000_000).await.unwrap();
        file.as_file().set_len(0).unwrap();
        local.read_all().await.unwrap();
        assert_eq!(local.known().size(), Some(65_536));
    }

    #[tokio::test]
    async fn an_empty_file_is_known_whole() {
        let (file, _) = file_of(0);
        let mut local = LocalFile::open(file.path(), 100).await.unwrap();
        local.read_all().await.unwrap();
        assert_eq!((local.known().size(), local.known().prefix()), (Some(0), &[][..]));
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_found() {
        for path in ["/", "/dev/zero", "/nowhere/a.jpg", "/dev/null/a.jpg"] {
            let opened = LocalFile::open(Path::new(path), 100).await;
            assert_eq!(opened.err(), Some(Error::NotFound), "{path}");
        }
    }
}
