//! A library that is somewhere else now, and its index, which has its tags.

use super::open_error::OpenError;
use super::{Store, address};

impl Store {
    /// Makes the index of the library that was at this address the index of this one. Waits for nobody who scans it.
    pub async fn move_from(&self, from: &str) -> Result<(), OpenError> {
        const MOVE: &str = "UPDATE library SET address = $1, changes = changes + 1 WHERE address = $2";
        self.make_tables().await?;
        let unusable = |error| OpenError::of(&self.database, error);
        let is_free = self.lead_in(&self.pool).await.map_err(|error| self.unusable(&error.to_string()))?;
        let _lead = is_free.ok_or_else(|| self.unusable("another process is indexing that library"))?;
        let moved = sqlx::query(MOVE).bind(self.address.as_str()).bind(from).execute(&self.pool);
        if moved.await.map_err(unusable)?.rows_affected() > 0 {
            return Ok(());
        }
        match address(&self.pool).await.map_err(unusable)? {
            None => Err(self.unusable("it is no library's yet")),
            Some(address) if address == self.address => Ok(()),
            Some(address) => Err(OpenError::OfAnother(address)),
        }
    }

    fn unusable(&self, reason: &str) -> OpenError {
        OpenError::Unusable { place: self.database.to_string(), reason: reason.to_owned() }
    }
}
