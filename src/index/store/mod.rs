//! The index in a database: a file of SQLite's for one gateway, or PostgreSQL for all replicas.
//!
//! Both understand most statements alike. Where they do not, `Database` says how each is told.

mod alike;
mod database;
mod lead;
mod learnt;
mod listing;
mod ranked;
mod resident;
mod row;
mod tags;

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::any::install_default_drivers;
use sqlx::migrate::MigrateError;
use sqlx::{Any, AnyPool, AssertSqlSafe, Transaction};
use tokio::sync::OnceCell;
use url::Url;

pub use alike::{Place, Wanted};
use database::Database;
pub use listing::Count;
use resident::Resident;

use crate::config::ConfigError;
use crate::error::{Error, Result};

pub struct Store {
    pool: AnyPool,
    database: Database,
    /// The library that the index is of.
    address: String,
    opened: OnceCell<()>,
    /// The hashes of a database that cannot search for them itself.
    resident: Option<Resident>,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    #[error("{0}")]
    Tables(#[from] MigrateError),
    #[error("its file: {0}")]
    Folder(#[from] std::io::Error),
    #[error("it is the index of {0}: give each library its own")]
    OfAnother(String),
}

impl OpenError {
    /// Waiting does not help.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::OfAnother(_))
    }
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
            file.parent().map_or(Ok(()), make_folder)?;
            make_file(file)?;
        }
        let pool = database.pool(url)?;
        let resident = matches!(database, Database::Sqlite { .. }).then(Resident::default);
        Ok(Self { pool, database, address, opened: OnceCell::new(), resident })
    }

    /// Makes the tables where there are none, and SQLite's file, and looks whose they are. Once.
    pub async fn open(&self) -> Result<(), OpenError> {
        self.opened.get_or_try_init(|| self.prepare()).await.copied()
    }

    async fn prepare(&self) -> Result<(), OpenError> {
        const FIRST: &str =
            "INSERT INTO library (id, address, changes) VALUES (1, $1, 0) ON CONFLICT DO NOTHING";
        self.database.migrations().run(&self.pool).await?;
        sqlx::query(FIRST).bind(self.address.as_str()).execute(&self.pool).await?;
        let address: String = sqlx::query_scalar("SELECT address FROM library").fetch_one(&self.pool).await?;
        if address == self.address { Ok(()) } else { Err(OpenError::OfAnother(address)) }
    }

    /// Whether other processes of other machines may have it too.
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres)
    }

    /// The database, opened.
    async fn pool(&self) -> Result<&AnyPool> {
        self.open().await.map_err(failure)?;
        Ok(&self.pool)
    }

    /// How often what is known of any file has changed.
    pub async fn changes(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT changes FROM library").fetch_one(self.pool().await?).await.map_err(failure)
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

/// To SQLite an empty file is a new database.
fn make_file(file: &Path) -> std::io::Result<()> {
    File::options().create(true).append(true).mode(0o600).open(file).map(drop)
}

/// For nobody else: names of files may tell much.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

pub const AWAY: Error = Error::UpstreamUnavailable("the index of the library does not answer");

/// What the database says is for the log: a stranger need not know.
fn failure(error: impl std::error::Error) -> Error {
    tracing::warn!(%error, "the index does not answer");
    AWAY
}

/// Says that what is known of files has changed.
async fn count_change(writing: &mut Transaction<'static, Any>) -> Result<i64> {
    const COUNT: &str = "UPDATE library SET changes = changes + 1 RETURNING changes";
    sqlx::query_scalar(COUNT).fetch_one(&mut **writing).await.map_err(failure)
}
