//! A file that is being read: of this machine or from elsewhere.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::fetch::Remote;
use super::known::Known;
use super::library::LocalFile;
use crate::error::Result;
use crate::metadata::{Checksum, Version};

pub enum File {
    Local(LocalFile),
    Remote(Box<Remote>),
}

impl File {
    pub fn known(&self) -> &Known {
        match self {
            Self::Local(file) => file.known(),
            Self::Remote(file) => file.known(),
        }
    }

    pub fn version(&self) -> Version {
        match self {
            Self::Local(file) => file.version().clone(),
            Self::Remote(file) => file.version(),
        }
    }

    /// Its server wants nobody to keep anything of it.
    pub fn no_store(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Remote(file) => file.no_store(),
        }
    }

    /// Makes these bytes known, or that the file ends before them.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        match self {
            Self::Local(file) => file.fill(need).await,
            Self::Remote(file) => file.fill(need).await,
        }
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        match self {
            Self::Local(file) => file.read_all().await,
            Self::Remote(file) => file.read_all().await,
        }
    }

    /// SHA-256 of all of it, on this thread: of a remote file as it is known, of one of this machine as it is read for that.
    pub fn digest(&self) -> Result<Checksum> {
        match self {
            Self::Local(file) => file.digest(),
            Self::Remote(file) => Ok(Checksum(Sha256::digest(file.known().prefix()).into())),
        }
    }
}
