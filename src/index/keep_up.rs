//! Keeping the index what the library is, in the background.

use std::sync::Arc;
use std::sync::LazyLock;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Index, Progress, Scanned};
use crate::metrics::{Gauge, Table, label};

/// How often it is said how far a scan is.
const TOLD_EVERY: Duration = Duration::from_secs(10);

label!(
    /// What is counted of the index.
    Part, "part" {
        /// Files that it has.
        Files = "files",
        /// Files that are to be looked into.
        Pending = "pending",
    }
);

/// As of the last scan, or how far this one is.
pub static FILES: LazyLock<Table<Part, Gauge>> = LazyLock::new(Table::default);

impl Index {
    /// Scans now, and again each time when so long has passed since. Half of the cores look into files: requests are
    /// served as well.
    pub async fn keep_up(self: Arc<Self>, pause: Duration) {
        let at_once = available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        loop {
            self.scan_and_tell(at_once).await;
            sleep(pause).await;
        }
    }

    async fn scan_and_tell(&self, at_once: usize) {
        let told = std::sync::Mutex::new(Instant::now());
        let tell = |progress: Progress| {
            show(progress);
            if let Ok(mut told) = told.lock()
                && told.elapsed() > TOLD_EVERY
            {
                *told = Instant::now();
                let Progress { listed, pending, looked_into, .. } = progress;
                tracing::info!(listed, pending, looked_into, "the library is being indexed");
            }
        };
        match self.scan(at_once, &tell).await {
            Ok(Scanned::Done(Progress { listed, looked_into, .. })) if looked_into > 0 => {
                tracing::info!(files = listed, looked_into, "the library is indexed");
            }
            Ok(Scanned::Done(_)) => tracing::debug!("the library has not changed"),
            Ok(Scanned::Elsewhere) => tracing::debug!("another process indexes the library"),
            Err(error) => tracing::warn!(%error, "the library could not be indexed"),
        }
        if let Ok(count) = self.count().await {
            FILES.of(Part::Files).set(count.files as i64);
            FILES.of(Part::Pending).set(count.pending as i64);
        }
    }
}

/// Until all are listed it stands as the scan before has left it.
fn show(Progress { listed, pending, looked_into, .. }: Progress) {
    if pending > 0 {
        FILES.of(Part::Files).set(listed as i64);
        FILES.of(Part::Pending).set(pending.saturating_sub(looked_into) as i64);
    }
}
