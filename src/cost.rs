//! What work costs, counted where it is done: once for the request that it is done for (`extensions.cost`), and once for
//! the process (`/metrics`).
//!
//! A request's counters are the task's that does the work: a look-up knows nothing of the request that it is for. Where
//! concurrent requests share a load it is counted for the one that started it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use tracing::Instrument;

use crate::metrics::{self, Seconds, Table, label};

tokio::task_local! {
    static COST: Arc<Cost>;
}

/// Counts from zero, once for a request.
#[derive(Debug, Default)]
pub struct Cost {
    /// Different images that were looked up.
    pub images: Counter,
    /// Requests that were sent to ImageKit, to the servers of remote files, and to the library's bucket.
    pub upstream_calls: Counter,
    /// Look-ups that were answered from what was known.
    pub cache_hits: Counter,
    /// Bytes of remote files, and of files of a bucket.
    pub bytes_fetched: Counter,
    /// Pictures that were decoded.
    pub decoded: Counter,
}

/// Of all requests together.
pub static IMAGES: LazyLock<metrics::Counter> = LazyLock::new(Default::default);
pub static LOOKS: LazyLock<Table<(Tier, Look), metrics::Counter>> = LazyLock::new(Default::default);
pub static CALLS: LazyLock<Table<(Endpoint, Outcome), metrics::Counter>> = LazyLock::new(Default::default);
pub static CALL_SECONDS: LazyLock<Table<Endpoint, Seconds>> = LazyLock::new(Default::default);
pub static BYTES_FETCHED: LazyLock<metrics::Counter> = LazyLock::new(Default::default);
pub static DECODE_SECONDS: LazyLock<Seconds> = LazyLock::new(Default::default);

label!(
    /// Where something may be known.
    Tier, "tier" {
        Memory = "memory",
        Redis = "redis",
    }
);

label!(
    /// What a look into a cache finds.
    Look, "result" {
        Hit = "hit",
        /// Too old, and answered because asking anew failed.
        Stale = "stale",
        Miss = "miss",
    }
);

label!(
    /// Who is asked for what.
    Endpoint, "endpoint" {
        Files = "files",
        Urls = "urls",
        Details = "details",
        Lists = "lists",
        /// The server of a remote file.
        Remote = "remote",
        /// The library, where it is a bucket.
        Bucket = "bucket",
    }
);

label!(
    /// How a call ended, or why it was not sent.
    Outcome, "outcome" {
        Success = "2xx",
        Redirect = "3xx",
        Refused = "4xx",
        Failed = "5xx",
        /// A 429.
        RateLimited = "rate_limited",
        /// The deadline came first, whoever has set it.
        Timeout = "timeout",
        /// No connection, or not HTTP.
        Broken = "broken",
        /// Not sent: the upstream has failed too often.
        LeftAlone = "left_alone",
        /// Not sent: the rate limit has no turn left before the deadline.
        NoTurn = "no_turn",
    }
);

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
        IMAGES.inc_by(count as u64);
    }
}

impl Outcome {
    pub fn of_status(status: u16) -> Self {
        match status {
            429 => Self::RateLimited,
            ..300 => Self::Success,
            300..400 => Self::Redirect,
            400..500 => Self::Refused,
            500.. => Self::Failed,
        }
    }
}

/// A call that is under way. Dropped without an outcome it is one that nobody waits for any more.
pub struct Call {
    endpoint: Endpoint,
    since: Instant,
    outcome: Outcome,
}

impl Call {
    pub fn start(endpoint: Endpoint) -> Self {
        add(|cost| &cost.upstream_calls, 1);
        Self { endpoint, since: Instant::now(), outcome: Outcome::Timeout }
    }

    pub fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        CALLS.of((self.endpoint, self.outcome)).inc();
        CALL_SECONDS.of(self.endpoint).observe(self.since.elapsed());
    }
}

/// A call that there is no leave for.
pub fn not_sent(endpoint: Endpoint, why: Outcome) {
    CALLS.of((endpoint, why)).inc();
}

pub fn looked(tier: Tier, found: Look) {
    LOOKS.of((tier, found)).inc();
    if found != Look::Miss {
        add(|cost| &cost.cache_hits, 1);
    }
}

pub fn fetched(bytes: usize) {
    BYTES_FETCHED.inc_by(bytes as u64);
    add(|cost| &cost.bytes_fetched, bytes as u64);
}

/// A picture that is decoded for the request of a task, on whatever thread.
pub struct Decoding(());

impl Decoding {
    /// Counts it for the request of this task.
    pub fn start() -> Self {
        add(|cost| &cost.decoded, 1);
        Self(())
    }

    /// A decoder that panics is not timed.
    pub fn time<T>(self, work: impl FnOnce() -> T) -> T {
        let since = Instant::now();
        let picture = work();
        DECODE_SECONDS.observe(since.elapsed());
        picture
    }
}

/// Adds to what the request costs for which the current task works, if there is one.
fn add(counter: fn(&Cost) -> &Counter, count: u64) {
    let _ = COST.try_with(|cost| counter(cost).add(count));
}

/// The same work, which another task may do for the request of this one: it is counted for that, and logged.
pub fn of<T>(cost: Arc<Cost>, work: impl Future<Output = T>) -> impl Future<Output = T> {
    COST.scope(cost, work).in_current_span()
}

/// What is done at once for a request, on whatever task.
pub fn counted<T>(cost: &Arc<Cost>, work: impl FnOnce() -> T) -> T {
    COST.sync_scope(Arc::clone(cost), work)
}

/// The same, for whatever this task counts.
pub fn shared<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    of(COST.try_with(Arc::clone).unwrap_or_default(), work)
}
