//! How slowly a body may come.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::error::{Error, Result};

/// Bytes a second: a header's 64 KiB in four seconds.
const MIN_RATE: u32 = 16 << 10;

/// How long a body may lag behind that, for a lost packet or two.
const MAX_LAG: Duration = Duration::from_secs(3);

const TOO_SLOW: Error = Error::UpstreamUnavailable("it sends too slowly");

/// What a server may still waste of our time. Only waiting for it counts, not what we do meanwhile.
pub(super) struct Pace {
    left: Duration,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { left: MAX_LAG }
    }

    /// Waits for what comes next, but not for ever.
    pub(super) async fn wait<T>(&mut self, next: impl Future<Output = T>) -> Result<T> {
        let start = Instant::now();
        let came = timeout(self.left, next).await;
        self.left = self.left.saturating_sub(start.elapsed());
        came.map_err(|_| TOO_SLOW)
    }

    /// Makes up for the time that so many bytes may take. What came sooner is not saved up.
    pub(super) fn count(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1).saturating_mul(bytes) / MIN_RATE;
        self.left = self.left.saturating_add(earned).min(MAX_LAG);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    /// How long a body lasts that comes in such pieces, with such pauses before them.
    async fn lasts(bytes: usize, pause: Duration) -> Option<Duration> {
        let (start, mut pace) = (Instant::now(), Pace::new());
        for _ in 0..1_000 {
            if pace.wait(sleep(pause)).await.is_err() {
                return Some(start.elapsed());
            }
            pace.count(bytes);
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn a_drip_ends_when_it_lags_too_far_behind() {
        let end = lasts(1, Duration::from_millis(10)).await.unwrap();
        assert!(end.abs_diff(MAX_LAG) < Duration::from_millis(20), "{end:?}");
        let half = lasts(8 << 10, Duration::from_secs(1)).await.unwrap();
        assert!(half > MAX_LAG && half < 3 * MAX_LAG, "{half:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_keeps_the_pace_goes_on() {
        assert_eq!(lasts(16 << 10, Duration::from_secs(1)).await, None);
        assert_eq!(lasts(64 << 10, Duration::from_millis(2_900)).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_start_earns_no_slow_end() {
        let (start, mut pace) = (Instant::now(), Pace::new());
        pace.count(usize::MAX);
        assert_eq!(pace.wait(pending::<()>()).await, Err(TOO_SLOW));
        assert_eq!(start.elapsed(), MAX_LAG);
    }
}
