//! The index in a database: a file of SQLite's for one gateway, or PostgreSQL for all replicas.
//!
//! Both understand most statements alike. Where they do not, `Database` says how each is told.

mod alike;
mod database;
mod lead;
mod learnt;
mod listing;
mod moved;
mod open_error;
mod ranked;
mod resident;
mod row;
mod tags;

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::any::install_default_drivers;
use sqlx::{Any, AnyPool, AssertSqlSafe, Transaction};
use tokio::sync::OnceCell;
use url::Url;

pub use alike::{Place, Wanted};
use database::Database;
pub use listing::Count;
pub use open_error::OpenError;
use open_error::is_refusal_to_write;
use resident::Resident;

use crate::config::ConfigError;
use crate::error::{Error, Result};

pub struct Store {
    pool: AnyPool,
    url: Url,
    database: Database,
    /// The library that the index is of.
    address: String,
    opened: OnceCell<()>,
    /// The hashes of a database that cannot search for them itself.
    resident: Option<Resident>,
}

impl From<OpenError> for ConfigError {
    fn from(error: OpenError) -> Self {
        Self::Unusable { setting: "index", reason: error.to_string() }
    }
}

impl Store {
    /// Connects to nothing yet.
    pub fn new(url: &Url, address: String) -> Result<Self, OpenError> {
        install_default_drivers();
        let database = Database::of(url);
        if let Database::Sqlite { file } = &database {
            let unusable = |error: std::io::Error| OpenError::Unusable {
                place: database.to_string(),
                reason: error.to_string(),
            };
            file.parent().map_or(Ok(()), make_folder).map_err(unusable)?;
            make_file(file).map_err(unusable)?;
        }
        let pool = database.pool(url).map_err(|error| OpenError::of(&database, error))?;
        let resident = matches!(database, Database::Sqlite { .. }).then(Resident::default);
        Ok(Self { pool, url: url.clone(), database, address, opened: OnceCell::new(), resident })
    }

    /// Makes the tables where there are none, and SQLite's file, and looks whose they are. Once.
    pub async fn open(&self) -> Result<(), OpenError> {
        self.opened.get_or_try_init(|| self.prepare()).await.copied()
    }

    async fn prepare(&self) -> Result<(), OpenError> {
        const FIRST: &str =
            "INSERT INTO library (id, address, changes) VALUES (1, $1, 0) ON CONFLICT DO NOTHING";
        let unusable = |error| OpenError::of(&self.database, error);
        self.make_tables().await?;
        let first = sqlx::query(FIRST).bind(self.address.as_str()).execute(&self.pool);
        first.await.map_err(unusable)?;
        match address(&self.pool).await.map_err(unusable)? {
            Some(address) if address != self.address => Err(OpenError::OfAnother(address)),
            _ => Ok(()),
        }
    }

    async fn make_tables(&self) -> Result<(), OpenError> {
        let database = &self.database;
        database.try_connection(&self.url).await.map_err(|error| OpenError::of(database, error))?;
        let made = database.migrations().run(&self.pool).await;
        made.map_err(|error| OpenError::of_tables(database, error))
    }

    /// Whether other processes of other machines may have it too.
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres { .. })
    }

    /// The database, opened.
    async fn pool(&self) -> Result<&AnyPool> {
        self.open().await.map_err(|error| away(&error))?;
        Ok(&self.pool)
    }

    /// How often what is known of any file has changed.
    pub async fn changes(&self) -> Result<i64> {
        const CHANGES: &str = "SELECT changes FROM library WHERE address = $1";
        let changes = sqlx::query_scalar(CHANGES).bind(self.address.as_str());
        changes.fetch_optional(self.pool().await?).await.map_err(failure)?.ok_or_else(|| {
            tracing::warn!("the index is that of a library that was moved: this one has none any more");
            AWAY
        })
    }

    /// Hashes of a statement whose rows are texts of many, with commas between: a row takes as long as a thousand numbers.
    async fn hashes(&self, statement: &str) -> Result<Vec<u64>> {
        let mut rows = sqlx::query_scalar(AssertSqlSafe(statement)).fetch(self.pool().await?);
        let mut hashes = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failure)? {
            let row: String = row;
            hashes.extend(row.split(',').filter_map(|hash| hash.parse().ok()).map(|hash: i64| hash as u64));
        }
        Ok(hashes)
    }

    /// Waits for no reader, and for other writers.
    async fn write(&self) -> Result<Transaction<'static, Any>> {
        self.pool().await?.begin_with(self.database.begin()).await.map_err(failure)
    }
}

/// That of the library that the index is of, if it is of any yet.
async fn address(pool: &AnyPool) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT address FROM library").fetch_optional(pool).await
}

/// To SQLite an empty file is a new database.
fn make_file(file: &Path) -> std::io::Result<()> {
    File::options().create(true).append(true).mode(0o600).open(file).map(drop)
}

/// For nobody else: names of files may tell much.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

pub const AWAY: Error = Error::UpstreamUnavailable("the index of the library does not answer");

const NOT_WRITABLE: Error = Error::UpstreamUnavailable("the index of the library cannot be written to");

/// What the database says is for the log: a stranger need not know.
fn failure(error: sqlx::Error) -> Error {
    if is_refusal_to_write(&error) {
        tracing::warn!(%error, "the index cannot be written to");
        return NOT_WRITABLE;
    }
    away(&error)
}

fn away(error: &impl std::error::Error) -> Error {
    tracing::warn!(%error, "the index does not answer");
    AWAY
}

/// Says that what is known of files has changed.
async fn count_change(writing: &mut Transaction<'static, Any>) -> Result<i64> {
    const COUNT: &str = "UPDATE library SET changes = changes + 1 RETURNING changes";
    sqlx::query_scalar(COUNT).fetch_one(&mut **writing).await.map_err(failure)
}
