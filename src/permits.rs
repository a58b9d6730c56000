//! Permits for what only so many may do at once; how many are taken and waited for is on `/metrics`.

use std::sync::{Arc, LazyLock};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::metrics::{Gauge, Held, Table, label};

label!(
    /// What the permits are for.
    Pool, "pool" {
        /// Files of the library that are being read.
        LocalLoads = "local_loads",
        /// Remote files that are being read.
        RemoteLoads = "remote_loads",
        /// Pictures that are being decoded.
        Decodes = "decodes",
        /// KiB of files of URLs and of a bucket that are held whole.
        HeldKibibytes = "held_kibibytes",
        /// Bodies with files for the library that are being read and stored.
        Uploads = "uploads",
        /// Calls to ImageKit.
        Calls = "calls",
        /// KiB of bodies that are being read, and of what they have become.
        BodyKibibytes = "body_kibibytes",
        /// KiB of fields that run.
        FieldKibibytes = "field_kibibytes",
        /// KiB of answers that are being made or have not been read.
        UnreadKibibytes = "unread_kibibytes",
        /// Connections of callers who are answered in parts.
        Connections = "connections",
        /// WebSockets that have not said who they are.
        Strangers = "strangers",
    }
);

/// Of all that share the name.
pub static TAKEN: LazyLock<Table<Pool, Gauge>> = LazyLock::new(Table::default);
/// Those who wait, however much they want.
pub static WAITING: LazyLock<Table<Pool, Gauge>> = LazyLock::new(Table::default);

/// Bytes as permits of a KiB, rounded up; as many as a semaphore counts, which is more than there is memory.
pub fn kibibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX >> 3).min(u32::MAX >> 3)
}

pub struct Permits {
    pool: Pool,
    count: u32,
    semaphore: Arc<Semaphore>,
}

/// Given back when it is dropped.
pub struct Permit {
    _permit: OwnedSemaphorePermit,
    _taken: Held<'static>,
}

impl Permits {
    pub fn new(pool: Pool, count: usize) -> Self {
        Self {
            pool,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            semaphore: Arc::new(Semaphore::new(count)),
        }
    }

    /// All that there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    pub async fn acquire(&self) -> Result<Permit> {
        self.acquire_many(1).await
    }

    pub async fn acquire_many(&self, count: u32) -> Result<Permit> {
        if let Some(permit) = self.try_acquire_many(count) {
            return Ok(permit);
        }
        let _waiting = Held::count(WAITING.of(self.pool), 1);
        let permit = Arc::clone(&self.semaphore).acquire_many_owned(count).await;
        Ok(self.taken(permit.map_err(|_| Error::Internal)?))
    }

    pub fn try_acquire(&self) -> Option<Permit> {
        self.try_acquire_many(1)
    }

    pub fn try_acquire_many(&self, count: u32) -> Option<Permit> {
        let permit = Arc::clone(&self.semaphore).try_acquire_many_owned(count);
        permit.ok().map(|permit| self.taken(permit))
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Permit {
        let taken = Held::count(TAKEN.of(self.pool), permit.num_permits() as i64);
        Permit { _permit: permit, _taken: taken }
    }
}
