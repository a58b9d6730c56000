//! Who scans: one process at a time. Its end, however it ends, lets in the next.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool};
use tokio::time::sleep;

use super::database::Database;
use super::{NOT_WRITABLE, Store, failure};
use crate::error::Result;

/// Of PostgreSQL's advisory locks, which are one number of the whole database: "imagraph" in ASCII.
const ADVISORY_LOCK: i64 = 0x696d_6167_7261_7068;

/// PostgreSQL notices a moment later that a process was killed.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Held while it is there.
#[derive(Debug)]
pub enum Lead {
    File(#[expect(dead_code, reason = "held")] File),
    /// A connection of its own: the lock is the session's.
    Session(Option<PoolConnection<Any>>),
}

impl Store {
    /// None where another process has it.
    pub async fn try_lead(&self) -> Result<Option<Lead>> {
        self.lead_in(self.pool().await?).await
    }

    /// The same, whether or not the database has been opened as this library's.
    pub(super) async fn lead_in(&self, pool: &AnyPool) -> Result<Option<Lead>> {
        match &self.database {
            Database::Sqlite { file } => lock_beside(file),
            Database::Postgres { .. } => Self::lock_session(pool).await,
        }
    }

    async fn lock_session(pool: &AnyPool) -> Result<Option<Lead>> {
        let mut session = pool.acquire().await.map_err(failure)?;
        for _ in 0..TRIES {
            let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_LOCK);
            if lock.fetch_one(&mut *session).await.map_err(failure)? {
                return Ok(Some(Lead::Session(Some(session))));
            }
            sleep(BETWEEN_TRIES).await;
        }
        Ok(None)
    }
}

impl Drop for Lead {
    /// A session that went back to the pool would keep its lock.
    fn drop(&mut self) {
        if let Self::Session(session) = self {
            session.take().map(PoolConnection::leak).into_iter().for_each(drop);
        }
    }
}

/// Of a file of its own: closing SQLite's would give up SQLite's locks.
fn lock_beside(database: &Path) -> Result<Option<Lead>> {
    let mut name = OsString::from(database);
    name.push("-scan");
    let failure = |error: std::io::Error| {
        tracing::warn!(%error, file = %Path::new(&name).display(), "the index cannot be written to");
        NOT_WRITABLE
    };
    let file = File::options().create(true).append(true).open(&name).map_err(failure)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lead::File(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failure(error)),
    }
}
