use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::metadata::{Level, Metadata};

/// What a source said of an image.
#[derive(Debug, Clone)]
pub struct Entry {
    /// It answers whoever wants no more.
    pub level: Level,
    /// `None` for an image that is not there.
    pub metadata: Option<Arc<Metadata>>,
    /// When the source said so.
    pub asked: SystemTime,
    /// How long it is given again without asking anew.
    pub fresh_for: Duration,
}

impl Entry {
    /// A clock that was set back makes nothing younger than new.
    pub fn age(&self) -> Duration {
        self.asked.elapsed().unwrap_or_default()
    }

    pub fn is_fresh(&self) -> bool {
        self.age() < self.fresh_for
    }

    /// How long it is kept from now on, that is for `stale` beyond the time that it is fresh.
    pub fn time_left(&self, stale: Duration) -> Duration {
        self.fresh_for.saturating_add(stale).saturating_sub(self.age())
    }

    /// The same without what the pixels let through, which could not be had.
    pub fn lacking_opacity(self, error: Error) -> Self {
        let metadata =
            self.metadata.map(|known| Metadata { is_opaque: Some(Err(error)), ..(*known).clone() });
        Self { metadata: metadata.map(Arc::new), ..self }
    }

    /// Nobody is to be told this again: its server does not want it, or what is missing is missing for a passing
    /// reason.
    pub fn is_for_once(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.no_store || metadata.lacks_for_now())
    }
}
