//! One file of this machine, as far as it is known.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::regular::{look_at, open_regular, read_on, read_span, version_of};
use crate::error::{Error, Result};
use crate::metadata::{Checksum, Level, Version};
use crate::source::engine::fetch::{Quota, lack};
use crate::source::engine::header::{self, Reading};
use crate::source::engine::known::Known;

/// What one read takes: it goes on, and holds what it has, when nobody waits for it any more.
const PIECE: u64 = 1024 * 1024;

/// What goes into a digest at a time: so little that it is not had anew from the system for each read.
const DIGESTED: u64 = 128 * 1024;

/// The system reads ahead of it: a second read costs less than to copy in vain what most headers do without.
const FIRST_BYTES: u64 = 16 * 1024;

/// What a header may hold without a permit or room: all but the alpha of a long GIF is found in less.
pub const HEADER_BYTES: u64 = 1024 * 1024;

pub struct LocalFile {
    file: Arc<File>,
    version: Version,
    known: Known,
    quota: Quota,
}

impl LocalFile {
    /// Reads nothing yet. Waits on this thread, and so does what reads the header.
    pub fn open(path: &Path, max_bytes: u64) -> Result<Self> {
        open_regular(path).map(|(file, size, version)| Self::with(file, size, version, max_bytes))
    }

    /// The same of one that is open.
    pub fn opened(file: File, max_bytes: u64) -> Result<Self> {
        let (size, version) = look_at(&file)?;
        Ok(Self::with(file, size, version, max_bytes))
    }

    fn with(file: File, size: u64, version: Version, max_bytes: u64) -> Self {
        let mut known = Known::default();
        known.set_size(size);
        Self { file: Arc::new(file), version, known, quota: Quota::new(max_bytes) }
    }

    /// Reads the header, unless that takes more than `HEADER_BYTES`.
    pub fn read_header(&mut self, level: Level) -> Result<Reading> {
        loop {
            let need = match header::read(&self.known, level) {
                Reading::Need(need) => need,
                done => return Ok(done),
            };
            let Some(range) = self.next_few(&need)? else { return Ok(Reading::Need(need)) };
            let bytes = read_span(&self.file, &range)?;
            self.learn(&range, range.start, bytes);
        }
    }

    fn next_few(&self, need: &Range<u64>) -> Result<Option<Range<u64>>> {
        let Some(lack) = lack(&self.known, need) else { return Ok(None) };
        let mut next = self.quota.next(&self.known, &lack)?;
        if self.quota.had() == 0 {
            next.end = next.end.min(lack.end.max(FIRST_BYTES));
        }
        let had = self.quota.had() + (next.end - next.start);
        Ok(Some(next).filter(|_| had <= HEADER_BYTES))
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

    /// Keeps what a header may hold.
    pub fn forget(&mut self) {
        self.known.keep_prefix(HEADER_BYTES as usize);
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        while let Some(rest) = self.quota.rest(&self.known)? {
            self.read(&rest).await?;
        }
        Ok(())
    }

    /// SHA-256 of every byte, of which few are held at a time. On this thread, which waits for the disk.
    pub fn digest(&self) -> Result<Checksum> {
        let mut digest = Sha256::new_with_prefix(self.known.prefix());
        let mut rest = self.quota.rest(&self.known)?.unwrap_or_default();
        while !rest.is_empty() {
            let piece = rest.start..rest.end.min(rest.start + DIGESTED);
            let bytes = read_span(&self.file, &piece)?;
            digest.update(&bytes);
            // A file that has become shorter ends where it ends now, and is another.
            rest.start = if bytes.is_empty() { rest.end } else { rest.start + bytes.len() as u64 };
        }
        match version_of(&self.file)? == self.version {
            true => Ok(Checksum(digest.finalize().into())),
            false => Err(Error::CorruptImage("it was written to while it was read")),
        }
    }

    async fn read(&mut self, lack: &Range<u64>) -> Result<()> {
        let mut rest = self.quota.next(&self.known, lack)?;
        while !rest.is_empty() {
            let piece = rest.start..rest.end.min(rest.start + PIECE);
            self.read_piece(&piece).await?;
            // A file that ends before.
            if self.known.size().is_some_and(|size| size < piece.end) {
                break;
            }
            rest.start = piece.end;
        }
        Ok(())
    }

    /// Whoever waits no longer leaves the file without what is before the piece, and that is read again if it is needed.
    async fn read_piece(&mut self, piece: &Range<u64>) -> Result<()> {
        let (start, mut bytes) = self.known.take_before(piece.start);
        let (file, span) = (self.file.clone(), piece.clone());
        let read = off_the_runtime(move || {
            let read = read_on(&file, &span, &mut bytes);
            Ok((bytes, read))
        });
        match read.await? {
            (bytes, Ok(())) => self.learn(piece, start, bytes),
            (bytes, Err(error)) => {
                self.known.add(start, bytes);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Bytes with those before them. A file that has become shorter ends where it ends now.
    fn learn(&mut self, range: &Range<u64>, start: u64, bytes: Vec<u8>) {
        let end = start + bytes.len() as u64;
        if end < range.end {
            self.known.set_size(end);
        }
        self.quota.count((end - range.start) as usize);
        self.known.add(start, bytes);
    }
}

/// Work that waits for the disk.
pub async fn off_the_runtime<T: Send + 'static>(
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
        let mut local = LocalFile::open(file.path(), 5_000_000).unwrap();
        assert_eq!(local.known().size(), Some(5_000_000));
        local.fill(0..1).await.unwrap();
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
        let mut local = LocalFile::open(file.path(), 100).unwrap();
        local.fill(5..20).await.unwrap();
        local.fill(20..u64::MAX).await.unwrap();
        assert_eq!(local.known().block().bytes(5, 15), Err(Gap::End));
    }

    #[tokio::test]
    async fn a_file_above_the_limit_has_a_header_but_is_not_read_whole() {
        let (file, _) = file_of(200_000);
        let mut local = LocalFile::open(file.path(), 100_000).unwrap();
        local.fill(0..1).await.unwrap();
        local.fill(199_990..200_000).await.unwrap();
        assert_eq!(local.read_all().await, Err(Error::TooLarge { what: "bytes", limit: 100_000 }));
        assert_eq!(local.fill(90_000..120_000).await, local.read_all().await);
        assert_eq!(local.known().prefix().len(), 65_536);
    }

    #[tokio::test]
    async fn a_file_that_shrinks_ends_where_it_ends_now() {
        let (file, bytes) = file_of(3_000_000);
        let mut local = LocalFile::open(file.path(), 5_000_000).unwrap();
        local.fill(0..1).await.unwrap();
        file.as_file().set_len(100_000).unwrap();
        local.fill(2_000_000..2_000_010).await.unwrap();
        assert_eq!(local.known().block().u8(2_000_000), Err(Gap::End));
        local.read_all().await.unwrap();
        assert!(*local.known().prefix() == bytes[..100_000]);

        let mut local = LocalFile::open(file.path(), 5_000_000).unwrap();
        local.fill(0..1).await.unwrap();
        file.as_file().set_len(0).unwrap();
        local.read_all().await.unwrap();
        assert_eq!(local.known().size(), Some(65_536));
    }

    #[test]
    fn a_file_that_is_written_to_has_no_checksum() {
        let (file, _) = file_of(200_000);
        let local = LocalFile::open(file.path(), 200_000).unwrap();
        assert!(local.digest().is_ok());
        for len in [200_001, 100_000] {
            fs::write(file.path(), vec![0; len]).unwrap();
            assert!(matches!(local.digest(), Err(Error::CorruptImage(_))), "{len}");
        }
    }

    #[tokio::test]
    async fn an_empty_file_is_known_whole() {
        let (file, _) = file_of(0);
        let mut local = LocalFile::open(file.path(), 100).unwrap();
        local.read_all().await.unwrap();
        assert_eq!((local.known().size(), local.known().prefix()), (Some(0), &[][..]));
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_found() {
        for path in ["/", "/dev/zero", "/nowhere/a.jpg", "/dev/null/a.jpg"] {
            let opened = LocalFile::open(Path::new(path), 100);
            assert_eq!(opened.err(), Some(Error::NotFound), "{path}");
        }
    }

    /// A GIF whose one frame has so many bytes.
    fn gif_of(len: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
        let frame = [&[255][..], &[7; 255]].concat().repeat(len / 256);
        let start = b"GIF89a\x05\0\x05\0\0\0\0\x2C\0\0\0\0\x05\0\x05\0\0\x02";
        let bytes = [start, &frame[..], b"\0\x3B"].concat();
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn of_a_header_only_so_much_is_read_without_a_permit() {
        let (file, _) = gif_of(3_000_000);
        let mut local = LocalFile::open(file.path(), 5_000_000).unwrap();
        assert!(matches!(local.read_header(Level::Header), Ok(Reading::Done(Ok(_)))));
        assert_eq!(local.known().prefix().len() as u64, FIRST_BYTES);
        assert!(matches!(local.read_header(Level::Frames), Ok(Reading::Need(_))));
        let held = local.known().prefix().len() as u64;
        assert!((FIRST_BYTES + 1..=HEADER_BYTES).contains(&held), "{held}");
    }

    #[tokio::test]
    async fn what_is_forgotten_is_read_again() {
        let (file, bytes) = gif_of(3_000_000);
        let mut local = LocalFile::open(file.path(), 5_000_000).unwrap();
        for _ in 0..2 {
            local.read_all().await.unwrap();
            assert!(*local.known().prefix() == bytes);
            local.forget();
            assert!(*local.known().prefix() == bytes[..HEADER_BYTES as usize]);
        }
    }

    #[test]
    fn a_digest_is_of_every_byte_and_holds_none() {
        let (file, bytes) = file_of(3_000_000);
        let mut local = LocalFile::open(file.path(), 3_000_000).unwrap();
        for _ in 0..2 {
            assert_eq!(local.digest(), Ok(Checksum(Sha256::digest(&bytes).into())));
            let _ = local.read_header(Level::Header).unwrap();
        }
        assert_eq!(local.known().prefix().len() as u64, FIRST_BYTES);
        let local = LocalFile::open(file.path(), 2_999_999).unwrap();
        assert_eq!(local.digest(), Err(Error::TooLarge { what: "bytes", limit: 2_999_999 }));
    }
}
