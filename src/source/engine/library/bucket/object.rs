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
