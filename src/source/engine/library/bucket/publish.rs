//! A file gets its key in the bucket.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{
    Attribute, Attributes, Error as StoreError, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use tokio::time::timeout;

use super::{Bucket, failure};
use crate::error::{Error, Result};
use crate::permits::Permit;
use crate::source::engine::library::LibraryFile;
use crate::source::engine::library::draft::Draft;
use crate::source::engine::library::local::off_the_runtime;

/// Bytes that are read at a time.
const PIECE: u64 = 1 << 20;

impl Bucket {
    /// An empty file to write to, of this machine.
    pub async fn draft(&self, permit: Arc<Permit>) -> Result<Draft> {
        Draft::elsewhere(self.max_bytes, permit).await
    }

    /// Sends a written file in one request, which the bucket obeys as a whole or not at all. All of it is held meanwhile.
    pub async fn publish(
        &self,
        file: File,
        path: PathBuf,
        media_type: Option<&'static str>,
        overwrite: bool,
    ) -> Result<LibraryFile> {
        let key = self.keys.key(&path).map_err(|_| Error::BadName("the bucket takes no such name"))?;
        let payload = off_the_runtime(move || read(file)).await?;
        let attributes = media_type.map(|name| (Attribute::ContentType, name));
        let mode = if overwrite { PutMode::Overwrite } else { PutMode::Create };
        let options =
            PutOptions { mode, attributes: Attributes::from_iter(attributes), ..PutOptions::default() };
        let size = payload.content_length() as u64;
        let put = timeout(self.patience, self.objects.put_opts(&key, payload, options)).await;
        let put = put.map_err(|_| Error::Timeout)?.map_err(|error| match error {
            StoreError::AlreadyExists { .. } | StoreError::Precondition { .. } => Error::AlreadyExists,
            StoreError::PermissionDenied { .. } => Error::UpstreamUnauthorized,
            other => failure::of_list(other),
        })?;
        let listed = self.as_listed(path.clone()).await?;
        // Another one may stand in its place by now, which the next scan then looks into: no list has this time.
        let is_there = put.e_tag.is_none() || self.tag(&key).await? == put.e_tag;
        let never = LibraryFile { size, updated: SystemTime::UNIX_EPOCH, ..listed.clone() };
        Ok(if is_there { listed } else { never })
    }

    async fn tag(&self, key: &Key) -> Result<Option<String>> {
        let head = timeout(self.patience, self.objects.head(key)).await.map_err(|_| Error::Timeout)?;
        Ok(head.map_err(failure::of_object)?.e_tag)
    }

    /// Its time is not told to the same fraction of a second as in lists if it is asked for itself.
    async fn as_listed(&self, path: PathBuf) -> Result<LibraryFile> {
        let mut first = std::pin::pin!(self.beginning_with(&path));
        match timeout(self.patience, first.try_next()).await.map_err(|_| Error::Timeout)?? {
            Some(file) if file.path == path => Ok(file),
            _ => self.file(path.clone()).await,
        }
    }
}

fn read(mut file: File) -> Result<PutPayload> {
    let broken = |_| Error::Internal;
    file.rewind().map_err(broken)?;
    let mut pieces = Vec::new();
    loop {
        let mut piece = Vec::new();
        Read::by_ref(&mut file).take(PIECE).read_to_end(&mut piece).map_err(broken)?;
        if piece.is_empty() {
            return Ok(pieces.into_iter().collect());
        }
        pieces.push(Bytes::from(piece));
    }
}
