//! What the two databases are told differently.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt;
use percent_encoding::percent_decode_str;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, SqlStr};
use tokio::time::timeout;
use url::Url;

/// Readers of SQLite do not wait for its writer; more of them than cores would wait for one another. PostgreSQL has
/// other replicas to serve.
const CONNECTIONS: u32 = 4;
/// How long a connection is waited for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// With a write-ahead log readers and the writer do not wait for one another, and a power cut loses the last changes but
/// damages nothing.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite {
        file: PathBuf,
    },
    Postgres {
        /// Without names and passwords.
        place: String,
    },
}

/// For whoever runs the gateway.
impl Display for Database {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { file } => write!(to, "the file {}", file.display()),
            Self::Postgres { place } => write!(to, "{place}"),
        }
    }
}

impl Database {
    pub fn of(url: &Url) -> Self {
        match url.scheme() {
            "sqlite" => Self::Sqlite { file: file_of(url) },
            _ => Self::Postgres { place: place_of(url) },
        }
    }

    /// Connects when it is used.
    pub fn pool(&self, url: &Url) -> sqlx::Result<AnyPool> {
        let options = AnyPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT_TIMEOUT);
        let options = match self {
            Self::Postgres { .. } => options,
            Self::Sqlite { .. } => options.after_connect(|connection, _| prepare(connection).boxed()),
        };
        options.connect_lazy(self.opening(url).as_str())
    }

    /// One connection, and its end: a pool tries again for seconds, and does not say what was wrong.
    pub async fn try_connection(&self, url: &Url) -> sqlx::Result<()> {
        let url = self.opening(url);
        let connecting = timeout(CONNECT_TIMEOUT, AnyConnection::connect(url.as_str()));
        let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        if matches!(self, Self::Sqlite { .. }) {
            prepare(&mut connection).await?;
        }
        connection.close().await
    }

    fn opening(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if matches!(self, Self::Sqlite { .. }) {
            url.set_query(Some("mode=rwc"));
        }
        url
    }

    pub fn migrations(&self) -> Migrator {
        let (files, tags) = match self {
            Self::Sqlite { .. } => (include_str!("sqlite/1_files.sql"), include_str!("sqlite/2_tags.sql")),
            Self::Postgres { .. } => {
                (include_str!("postgres/1_files.sql"), include_str!("postgres/2_tags.sql"))
            }
        };
        let migration = |version, name: &'static str, sql| {
            let (kind, sql) = (MigrationType::Simple, SqlStr::from_static(sql));
            Migration::new(version, name.into(), kind, sql, false)
        };
        Migrator::with_migrations(vec![migration(1, "files", files), migration(2, "tags", tags)])
    }

    /// SQLite refuses a reader that begins to write after another has.
    pub fn begin(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "BEGIN IMMEDIATE",
            Self::Postgres { .. } => "BEGIN",
        }
    }

    /// That a number is in a list, the first argument, which is written as each database reads it.
    pub fn is_listed(&self, column: &str) -> String {
        match self {
            Self::Sqlite { .. } => format!("{column} IN (SELECT value FROM json_each($1))"),
            Self::Postgres { .. } => format!("{column} = ANY(CAST($1 AS BIGINT[]))"),
        }
    }

    /// Numbers, as `is_listed` reads them.
    pub fn list(&self, numbers: impl Iterator<Item = i64>) -> String {
        let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
        match self {
            Self::Sqlite { .. } => format!("[{}]", numbers.join(",")),
            Self::Postgres { .. } => format!("{{{}}}", numbers.join(",")),
        }
    }
}

async fn prepare(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(PRAGMAS).execute(connection).await.map(|_| ())
}

/// The host may be a parameter, such as the folder of a socket.
fn place_of(url: &Url) -> String {
    let parameter = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let host = parameter("host").or(url.host_str().map(Into::into)).unwrap_or("localhost".into());
    let port = url.port().map(|port| port.to_string().into()).or(parameter("port")).unwrap_or("5432".into());
    format!("postgres://{host}:{port}{}", url.path())
}

/// `sqlite:a.db` is of the folder that the process is in, `sqlite:///a.db` is not.
fn file_of(url: &Url) -> PathBuf {
    percent_decode_str(url.path()).decode_utf8_lossy().into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_without_the_password() {
        for (url, place) in [
            (
                "postgres://me:secret@db.example:6000/pictures?sslmode=require",
                "postgres://db.example:6000/pictures",
            ),
            (
                "postgres:///pictures?host=/run/postgresql&user=me&password=secret",
                "postgres:///run/postgresql:5432/pictures",
            ),
            ("postgresql://me@db/pictures", "postgres://db:5432/pictures"),
            ("sqlite:///a%20b.sqlite", "the file /a b.sqlite"),
        ] {
            assert_eq!(Database::of(&Url::parse(url).unwrap()).to_string(), place);
        }
    }
}
