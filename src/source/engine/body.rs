//! A file whose header is known: its bytes, near or far, and the room that they take.

use std::ops::Range;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::file::File;
use super::header::Header;
use super::known::Known;
use super::pixels::{self, Amount};
use crate::error::{Error, Result};
use crate::metadata::{Checksum, Fact, Version};
use crate::permits::{Permit, Permits, Pool, kibibytes};

/// Bytes of a file of unknown size that are read before room is made for as many as there may be: most files end
/// before, and one that drips does not get so far.
const UNCOUNTED: u64 = 256 << 10;

pub struct Body {
    bytes: Arc<Bytes>,
    /// Why it cannot be read whole, where that was tried to count it.
    counted: Result<()>,
}

/// What work off the runtime holds for as long as it takes.
struct Bytes {
    file: File,
    /// Room for a remote file that is read whole; one of this machine needs none.
    held: Option<Permit>,
}

/// Room for the remote files that are held whole.
pub struct Room {
    /// One for each KiB.
    kibibytes: Permits,
    /// Of one file.
    max_bytes: u64,
}

impl Room {
    pub fn new(bytes: u64, max_bytes: u64) -> Self {
        Self { kibibytes: Permits::new(Pool::HeldKibibytes, kibibytes(bytes) as usize), max_bytes }
    }

    /// Room for so many bytes of one file.
    pub async fn hold(&self, bytes: u64) -> Result<Permit> {
        self.kibibytes.acquire_many(kibibytes(bytes.min(self.max_bytes))).await
    }
}

impl Body {
    pub fn new(file: File) -> Self {
        Self { bytes: Arc::new(Bytes { file, held: None }), counted: Ok(()) }
    }

    pub fn known(&self) -> &Known {
        self.bytes.file.known()
    }

    pub fn version(&self) -> Version {
        self.bytes.file.version()
    }

    pub fn no_store(&self) -> bool {
        self.bytes.file.no_store()
    }

    pub fn is_remote(&self) -> bool {
        self.bytes.file.is_remote()
    }

    /// Bytes of the file; an error where it would have to be read whole to tell, and cannot be.
    pub fn size(&self) -> Fact<u64> {
        match &self.counted {
            Ok(()) => self.known().size().map(Ok),
            Err(error) => Some(Err(error.clone())),
        }
    }

    /// It had to be read whole to count it, and this is how that went.
    pub fn set_counted(&mut self, counted: Result<()>) {
        self.counted = counted;
    }

    /// Makes room for all of it; an error where it is known that it cannot be read whole.
    pub async fn make_room(&mut self, room: &Room) -> Result<()> {
        self.counted.clone()?;
        let bytes = self.own()?;
        if !bytes.file.is_remote() || bytes.held.is_some() {
            return Ok(());
        }
        if bytes.file.known().size().is_none() {
            bytes.file.fill(0..UNCOUNTED.min(room.max_bytes)).await?;
        }
        bytes.held = Some(room.hold(bytes.file.known().size().unwrap_or(u64::MAX)).await?);
        Ok(())
    }

    /// Bytes of a remote file that are held when these have been read; of one of this machine they are no matter.
    pub fn would_hold(&self, need: &Range<u64>) -> u64 {
        self.bytes.file.would_hold(need)
    }

    /// Reads these bytes.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        self.own()?.file.fill(need).await
    }

    /// Forgets of a file of this machine what is not at its start: it can be read again at any time.
    pub fn forget(&mut self) -> Result<()> {
        if let File::Local(file) = &mut self.own()?.file {
            file.forget();
        }
        Ok(())
    }

    pub async fn read_all(&mut self) -> Result<()> {
        self.own()?.file.read_all().await
    }

    /// Reads as much as its pixels take.
    pub async fn read_pixels(&mut self, header: &Header) -> Result<()> {
        loop {
            match pixels::amount(self.known(), header) {
                Amount::Known => return Ok(()),
                Amount::Need(range) => self.fill(range).await?,
                Amount::Whole => return self.read_all().await,
            }
        }
    }

    /// SHA-256 of all of it. What of a remote file has not come yet goes into it as it comes; else it takes a core, and so a
    /// permit of those who decode.
    pub async fn digest(&mut self, decodes: &Permits) -> Result<Checksum> {
        if let Some(digest) = self.own()?.file.digest_as_it_comes().await {
            return digest;
        }
        let permit = decodes.acquire().await?;
        self.work(move |file| {
            let _permit = permit;
            file.digest()
        })
        .await?
    }

    /// Works on the file as it is known, where that holds up nobody. It goes on after a deadline has passed, and so does
    /// what it holds.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce(&File) -> T + Send + 'static) -> Result<T> {
        let bytes = Arc::clone(&self.bytes);
        // What panics does so over what is in the file.
        let gave_up = |_| Error::CorruptImage("its decoder gave up");
        spawn_blocking(move || work(&bytes.file)).await.map_err(gave_up)
    }

    /// Work that has ended, in a panic too, has let go of them.
    fn own(&mut self) -> Result<&mut Bytes> {
        Arc::get_mut(&mut self.bytes).ok_or(Error::Internal)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::source::engine::library::LocalFile;

    #[tokio::test]
    async fn work_that_panics_fails_alone_and_gives_back_what_it_holds() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), [7; 100_000]).unwrap();
        let mut body = Body::new(File::Local(LocalFile::open(file.path(), 100_000).unwrap()));
        let permits = Permits::new(Pool::Decodes, 1);
        for _ in 0..2 {
            let permit = permits.acquire().await.unwrap();
            let gave_up = body.work(move |_| {
                let _permit = permit;
                panic!("over what is in the file")
            });
            assert!(matches!(gave_up.await, Err::<(), _>(Error::CorruptImage(_))));
        }
        body.read_all().await.unwrap();
        assert_eq!(body.work(|file| file.known().prefix().len()).await, Ok(100_000));
    }
}
