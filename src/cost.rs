//! What a request costs, counted where the work is done.
//!
//! The counters are the task's that does the work: a look-up knows nothing of the request that it is for. Where
//! concurrent requests share a load it is counted for the one that started it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

tokio::task_local! {
    static COST: Arc<Cost>;
}

/// Counts from zero, once for a request.
#[derive(Debug, Default)]
pub struct Cost {
    /// Different images that were looked up.
    pub images: Counter,
    /// Requests that were sent to ImageKit and to the servers of remote files.
    pub upstream_calls: Counter,
    /// Look-ups that were answered from what was known.
    pub cache_hits: Counter,
    /// Bytes of remote files.
    pub bytes_fetched: Counter,
    /// Pictures that were decoded.
    pub decoded: Counter,
}

#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Cost {
    pub fn count_images(&self, count: usize) {
        self.images.add(count as u64);
    }
}

/// Adds to what the request costs for which the current task works, if there is one.
pub fn add(counter: fn(&Cost) -> &Counter, count: u64) {
    let _ = COST.try_with(|cost| counter(cost).add(count));
}

/// The same work, for a request.
pub async fn of<T>(cost: Arc<Cost>, work: impl Future<Output = T>) -> T {
    COST.scope(cost, work).await
}

/// The same work, which another task may do for the request of this one.
pub fn shared<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let cost = COST.try_with(Arc::clone).unwrap_or_default();
    COST.scope(cost, work)
}
