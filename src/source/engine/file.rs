//! A file that is being read: of this machine, of a bucket, or from anywhere.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::fetch::Remote;
use super::known::Known;
use super::library::{LocalFile, Object};
use crate::error::Result;
use crate::metadata::{Checksum, Version};

pub enum File {
    Local(LocalFile),
    Remote(Box<Remote>),
    Stored(Box<Object>),
}

impl File {
    pub fn known(&self) -> &Known {
        match self {
            Self::Local(file) => file.known(),
            Self::Remote(file) => file.known(),
            Self::Stored(file) => file.known(),
        }
    }

    pub fn version(&self) -> Version {
        match self {
            Self::Local(file) => file.version().clone(),
            Self::Remote(file) => file.version(),
            Self::Stored(file) => file.version().clone(),
        }
    }

    /// Its server wants nobody to keep anything of it.
    pub fn no_store(&self) -> bool {
        match self {
            Self::Local(_) | Self::Stored(_) => false,
            Self::Remote(file) => file.no_store(),
        }
    }

    /// Makes these bytes known, or that the file ends before them.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        match self {
            Self::Local(file) => file.fill(need).await,
            Self::Remote(file) => file.fill(need).await,
            Self::Stored(file) => file.fill(need).await,
        }
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        match self {
            Self::Local(file) => file.read_all().await,
            Self::Remote(file) => file.read_all().await,
            Self::Stored(file) => file.read_all().await,
        }
    }

    /// It comes over a network: it may be slow, and what has come is held.
    pub fn is_remote(&self) -> bool {
        !matches!(self, Self::Local(_))
    }

    /// Bytes that are held when these have been read; of a file of this machine they are no matter.
    pub fn would_hold(&self, need: &Range<u64>) -> u64 {
        match self {
            Self::Local(_) => 0,
            Self::Remote(file) => file.would_hold(need),
            Self::Stored(file) => file.would_hold(need),
        }
    }

    /// SHA-256 of all of it, of which what has not come yet goes into it as it comes; `None` where all is there, or on a disk.
    pub async fn digest_as_it_comes(&mut self) -> Option<Result<Checksum>> {
        match self {
            Self::Remote(file) if !file.known().is_whole() => Some(file.digest().await),
            Self::Stored(file) if !file.known().is_whole() => Some(file.digest().await),
            Self::Local(_) | Self::Remote(_) | Self::Stored(_) => None,
        }
    }

    /// SHA-256 of all of it, on this thread: as it is known, or of a file of this machine as it is read for that.
    pub fn digest(&self) -> Result<Checksum> {
        match self {
            Self::Local(file) => file.digest(),
            Self::Remote(_) | Self::Stored(_) => Ok(Checksum(Sha256::digest(self.known().prefix()).into())),
        }
    }
}
