//! Leaves alone for a while what fails too often.
//!
//! Of the calls that ended in the last [`WINDOW`] half may fail. Where more do nothing is sent until a pause is over; then
//! one call a pause tries, and the first success ends it. The window is longer than a try may hang: calls that hang end
//! together, and are to be judged beside those that went well meanwhile.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(10);
/// What is remembered of the window: sums of so long.
const BUCKET: Duration = Duration::from_secs(1);
/// Failures that are too few to say anything.
const TOO_FEW: usize = 9;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Recovery must be seen within 5 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    /// Oldest first.
    buckets: VecDeque<Bucket>,
    open: Option<Open>,
}

struct Bucket {
    since: Instant,
    calls: usize,
    failures: usize,
}

#[derive(Clone, Copy)]
struct Open {
    until: Instant,
    /// The next one.
    pause: Duration,
}

/// Leave for one call. Dropped without an outcome it counts for nothing.
#[must_use]
pub struct Leave<'a>(&'a Breaker);

impl Breaker {
    /// Whether a call would be refused now.
    pub fn is_open(&self) -> bool {
        self.state().open.is_some_and(|open| Instant::now() < open.until)
    }

    /// Leave to call; `None` during a pause.
    pub fn leave(&self) -> Option<Leave<'_>> {
        let now = Instant::now();
        if let Some(open) = &mut self.state().open {
            if now < open.until {
                return None;
            }
            // Whatever becomes of this call, the next may try when the pause is over.
            *open = Open { until: now + open.pause, pause: (open.pause * 2).min(LONGEST_PAUSE) };
        }
        Some(Leave(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    pub fn succeeded(self) {
        let mut state = self.0.state();
        // A call that was sent before the pause tells as much as one that tries.
        match state.open.take() {
            Some(_) => state.buckets.clear(),
            None => state.count(0),
        }
    }

    pub fn failed(self) {
        let mut state = self.0.state();
        if state.open.is_none() {
            state.count(1);
            state.judge();
        }
    }
}

impl State {
    fn count(&mut self, failures: usize) {
        let now = Instant::now();
        self.buckets.retain(|bucket| now < bucket.since + WINDOW);
        match self.buckets.back_mut().filter(|bucket| now < bucket.since + BUCKET) {
            Some(bucket) => {
                bucket.calls += 1;
                bucket.failures += failures;
            }
            None => self.buckets.push_back(Bucket { since: now, calls: 1, failures }),
        }
    }

    fn judge(&mut self) {
        let calls: usize = self.buckets.iter().map(|bucket| bucket.calls).sum();
        let failures: usize = self.buckets.iter().map(|bucket| bucket.failures).sum();
        if failures > TOO_FEW && failures * 2 >= calls {
            self.buckets.clear();
            self.open = Some(Open { until: Instant::now() + FIRST_PAUSE, pause: FIRST_PAUSE });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(breaker: &Breaker, times: usize) {
        (0..times).for_each(|_| breaker.leave().unwrap().failed());
    }

    fn succeed(breaker: &Breaker, times: usize) {
        (0..times).for_each(|_| breaker.leave().unwrap().succeeded());
    }

    fn broken() -> Breaker {
        let breaker = Breaker::default();
        fail(&breaker, TOO_FEW + 1);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_when_half_of_the_calls_of_a_while_fail_and_they_are_not_few() {
        let breaker = Breaker::default();
        succeed(&breaker, 20);
        fail(&breaker, 19);
        assert!(!breaker.is_open());
        fail(&breaker, 1);
        assert!(breaker.is_open() && breaker.leave().is_none());
        let breaker = Breaker::default();
        fail(&breaker, TOO_FEW);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_come_together_are_judged_beside_all_that_went_well_meanwhile() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            succeed(&breaker, 10);
            advance(BUCKET).await;
        }
        fail(&breaker, 40);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_past_does_not_count() {
        let breaker = Breaker::default();
        fail(&breaker, TOO_FEW);
        advance(WINDOW).await;
        fail(&breaker, TOO_FEW);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tries_and_its_success_closes() {
        let breaker = broken();
        advance(FIRST_PAUSE).await;
        let leave = breaker.leave().unwrap();
        assert!(breaker.leave().is_none());
        leave.succeeded();
        fail(&breaker, TOO_FEW);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_becomes_of_a_try_there_is_another_after_each_pause() {
        let breaker = broken();
        let mut hanging = Vec::new();
        for seconds in [1, 1, 2, 2] {
            advance(Duration::from_millis(seconds * 1_000 - 1)).await;
            assert!(breaker.leave().is_none());
            advance(Duration::from_millis(1)).await;
            hanging.push(breaker.leave().unwrap());
        }
        hanging.remove(0).failed();
        assert!(breaker.is_open());
        hanging.remove(0).succeeded();
        assert!(!breaker.is_open());
    }
}
