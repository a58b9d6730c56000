//! An object that is being read: in parts, each on the condition that it still is the same version.

use std::ops::Range;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::{
    Error as StoreError, GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt,
};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};

use super::failure;
use crate::cost;
use crate::error::{Error, Result};
use crate::metadata::{Checksum, Version};
use crate::source::engine::fetch::{FIRST_BYTES, Quota, lack};
use crate::source::engine::known::Known;

const CHANGED: Error = Error::UpstreamUnavailable("the file changed while it was read");
const LYING: Error = Error::UpstreamUnavailable("the bucket does not send what it was asked for");

pub struct Object {
    store: Arc<dyn ObjectStore>,
    key: Key,
    version: Version,
    known: Known,
    quota: Quota,
    deadline: Instant,
}

impl Object {
    /// With its first bytes; `None` where it still is that version.
    pub async fn open(
        store: Arc<dyn ObjectStore>,
        key: Key,
        max_bytes: u64,
        deadline: Instant,
        known: Option<&Version>,
    ) -> Result<Option<Self>> {
        let (version, quota) = (Version::default(), Quota::new(max_bytes));
        let mut object = Self { store, key, version, known: Known::default(), quota, deadline };
        let tag = known.and_then(|version| version.etag.clone());
        let opened = timeout_at(deadline, object.read_first(tag)).await.unwrap_or(Err(Error::Timeout))?;
        Ok(opened.then_some(object))
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Bytes that are held when these are known.
    pub fn would_hold(&self, need: &Range<u64>) -> u64 {
        let next = self.quota.next(&self.known, need).ok();
        next.map_or(need.end, |next| self.quota.had().saturating_add(next.end - next.start))
    }

    /// Makes these bytes known, or that the file ends before them.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        timeout_at(self.deadline, self.fill_lack(&need)).await.unwrap_or(Err(Error::Timeout))
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        match self.quota.rest(&self.known)? {
            Some(rest) => self.fill(rest).await,
            None => Ok(()),
        }
    }

    /// SHA-256 of all of it. What is not known yet is not held for it.
    pub async fn digest(&mut self) -> Result<Checksum> {
        timeout_at(self.deadline, self.digest_rest()).await.unwrap_or(Err(Error::Timeout))
    }

    /// Whether it is another version.
    async fn read_first(&mut self, known: Option<String>) -> Result<bool> {
        let options = GetOptions { if_none_match: known.clone(), ..of_range(0..FIRST_BYTES) };
        match self.get(options).await {
            Ok(first) => {
                self.version = version_of(&first.meta);
                self.known.set_size(first.meta.size);
                self.keep(first).await?;
                Ok(true)
            }
            Err(StoreError::NotModified { .. }) if known.is_some() => Ok(false),
            Err(beyond) if failure::is_beyond_the_end(&beyond) => self.read_nothing().await,
            Err(error) => Err(failure::of_object(error)),
        }
    }

    /// An object of no bytes has no first one, which its bucket may call an error.
    async fn read_nothing(&mut self) -> Result<bool> {
        let head = self.store.head(&self.key).await.map_err(failure::of_object)?;
        if head.size > 0 {
            return Err(LYING);
        }
        self.version = version_of(&head);
        self.known.set_size(0);
        Ok(true)
    }

    async fn fill_lack(&mut self, need: &Range<u64>) -> Result<()> {
        while let Some(lack) = lack(&self.known, need) {
            let next = self.quota.next(&self.known, &lack)?;
            let part = self.part(next).await?;
            self.keep(part).await?;
        }
        Ok(())
    }

    async fn digest_rest(&mut self) -> Result<Checksum> {
        let mut digest = Sha256::new_with_prefix(self.known.prefix());
        if let Some(rest) = self.quota.rest(&self.known)? {
            let part = self.part(rest).await?;
            self.each(part, |_, _, chunk| digest.update(chunk)).await?;
        }
        Ok(Checksum(digest.finalize().into()))
    }

    /// Bytes of the version that was opened, and of no other.
    async fn part(&mut self, range: Range<u64>) -> Result<GetResult> {
        let options = GetOptions { if_match: self.version.etag.clone(), ..of_range(range.clone()) };
        let part = self.get(options).await.map_err(|error| match error {
            StoreError::Precondition { .. } => CHANGED,
            shorter if failure::is_beyond_the_end(&shorter) => CHANGED,
            other => failure::of_object(other),
        })?;
        let same = version_of(&part.meta) == self.version && Some(part.meta.size) == self.known.size();
        match part.range == range {
            _ if !same => Err(CHANGED),
            true => Ok(part),
            false => Err(LYING),
        }
    }

    async fn get(&self, options: GetOptions) -> object_store::Result<GetResult> {
        self.store.get_opts(&self.key, options).instrument(debug_span!("fetch", bucket = true)).await
    }

    async fn keep(&mut self, part: GetResult) -> Result<()> {
        self.each(part, |known, position, chunk| known.add(position, chunk)).await
    }

    /// What is done with each piece as it comes.
    async fn each(&mut self, part: GetResult, mut act: impl FnMut(&mut Known, u64, &[u8])) -> Result<()> {
        let mut left = part.range.clone();
        let mut chunks = part.into_stream().map_err(failure::of_object).boxed();
        while let Some(chunk) = chunks.try_next().await? {
            let len = chunk.len() as u64;
            if len > left.end - left.start {
                return Err(LYING);
            }
            self.quota.count(chunk.len());
            cost::fetched(chunk.len());
            act(&mut self.known, left.start, &chunk);
            left.start += len;
        }
        if left.is_empty() { Ok(()) } else { Err(LYING) }
    }
}

fn of_range(range: Range<u64>) -> GetOptions {
    GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() }
}

/// A bucket that tells no tag tells when it was written.
fn version_of(object: &ObjectMeta) -> Version {
    let written = || object.last_modified.to_rfc2822();
    Version { last_modified: object.e_tag.is_none().then(written), etag: object.e_tag.clone() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use object_store::memory::InMemory;

    use super::*;

    struct Made {
        store: Arc<InMemory>,
        bytes: Vec<u8>,
    }

    impl Made {
        async fn of(len: usize) -> Self {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let made = Self { store: Arc::default(), bytes };
            made.put(made.bytes.clone()).await;
            made
        }

        async fn put(&self, bytes: Vec<u8>) {
            self.store.put(&Key::from("a"), bytes.into()).await.unwrap();
        }

        async fn open(&self, max_bytes: u64, known: Option<&Version>) -> Result<Option<Object>> {
            let deadline = Instant::now() + Duration::from_secs(60);
            Object::open(self.store.clone(), Key::from("a"), max_bytes, deadline, known).await
        }

        async fn opened(&self, max_bytes: u64) -> Object {
            self.open(max_bytes, None).await.unwrap().unwrap()
        }
    }

    #[tokio::test]
    async fn the_first_bytes_are_known_at_once_and_others_when_needed() {
        let made = Made::of(3_000_000).await;
        let mut object = made.opened(5_000_000).await;
        assert_eq!((object.known().size(), object.quota.had()), (Some(3_000_000), FIRST_BYTES));
        object.fill(2_000_000..2_000_100).await.unwrap();
        assert_eq!(object.known().block().bytes(2_000_000, 100), Ok(&made.bytes[2_000_000..2_000_100]));
        assert!(object.quota.had() < 2 * FIRST_BYTES);
        object.fill(2_999_990..u64::MAX).await.unwrap();
        object.read_all().await.unwrap();
        assert!(*object.known().prefix() == made.bytes);
    }

    #[tokio::test]
    async fn pieces_of_two_versions_are_never_mixed() {
        let made = Made::of(1_000_000).await;
        for len in [1_000_000, 100, 2_000_000] {
            let mut object = made.opened(5_000_000).await;
            made.put(vec![7; len]).await;
            assert_eq!(object.fill(500_000..500_100).await, Err(CHANGED));
            assert_eq!(object.read_all().await, Err(CHANGED));
            assert_eq!(object.digest().await, Err(CHANGED));
            made.put(made.bytes.clone()).await;
        }
    }

    #[tokio::test]
    async fn a_version_that_is_known_is_not_read() {
        let made = Made::of(100).await;
        let known = made.opened(1_000).await.version().clone();
        assert!(made.open(1_000, Some(&known)).await.unwrap().is_none());
        made.put(vec![7]).await;
        assert!(made.open(1_000, Some(&known)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_digest_is_of_every_byte_and_holds_none() {
        let made = Made::of(1_000_000).await;
        let mut object = made.opened(1_000_000).await;
        assert_eq!(object.digest().await, Ok(Checksum(Sha256::digest(&made.bytes).into())));
        assert_eq!(object.known().prefix().len() as u64, FIRST_BYTES);
        let too_large = Err(Error::TooLarge { what: "bytes", limit: 999_999 });
        assert_eq!(made.opened(999_999).await.digest().await, too_large);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let made = Made { store: Arc::default(), bytes: Vec::new() };
        assert_eq!(made.open(1_000, None).await.err(), Some(Error::NotFound));
    }
}
