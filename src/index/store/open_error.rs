//! Why there is no index, for whoever runs the gateway.

use std::borrow::Cow;

use sqlx::migrate::MigrateError;

use super::database::Database;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{place}: {reason}")]
    Unusable { place: String, reason: String },
    #[error(
        "{place} is damaged, or no index: {reason}. It can be deleted: it is made anew from the library, but without the \
        tags that files had"
    )]
    Damaged { place: String, reason: String },
    #[error(
        "it is the index of {0}: give each library its own. Where that library has been moved here, \
        `imagraph index --moved-from` keeps its index and its tags"
    )]
    OfAnother(String),
}

impl OpenError {
    pub fn of(database: &Database, error: sqlx::Error) -> Self {
        let (place, reason) = (database.to_string(), told(&error));
        match is_damage(&error) {
            true => Self::Damaged { place, reason },
            false => Self::Unusable { place, reason },
        }
    }

    pub fn of_tables(database: &Database, error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Self::of(database, error)
            }
            other => Self::Unusable { place: database.to_string(), reason: other.to_string() },
        }
    }

    /// Waiting does not help.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Unusable { .. })
    }
}

/// As the database says it, without what led there.
fn told(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => "it does not answer".to_owned(),
        other => other.to_string(),
    }
}

/// SQLITE_CORRUPT and SQLITE_NOTADB.
fn is_damage(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| matches!(of_sqlite(&code), Some(11 | 26)))
}

/// SQLITE_READONLY; PostgreSQL's read_only_sql_transaction and insufficient_privilege.
pub fn is_refusal_to_write(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| of_sqlite(&code) == Some(8) || matches!(code.as_ref(), "25006" | "42501"))
}

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}

/// Its result codes say more above the lowest byte. PostgreSQL's codes have five signs.
fn of_sqlite(code: &str) -> Option<u8> {
    code.parse::<u32>().ok().filter(|_| code.len() < 5).map(|code| code as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_sqlite_are_told_from_others() {
        // SQLITE_CORRUPT_INDEX, SQLITE_READONLY_DIRECTORY, and one of PostgreSQL's.
        assert_eq!(["26", "779", "1544", "22024"].map(of_sqlite), [Some(26), Some(11), Some(8), None]);
    }
}
