//! Leaves alone for a while what fails whatever is asked of it.
//!
//! A file that is broken fails each time and says nothing of the others, so failures count once for each thing asked for,
//! and as long as anything goes well there is no outage. Where many failed, and for a while nothing else happened, nothing is
//! sent until a pause is over; then one call a pause tries, and the first success ends it.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Different things that fail before it is an outage.
const MANY: usize = 10;
/// How long nothing has gone well then.
const A_WHILE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Recovery must be seen within 5 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    last_success: Option<Instant>,
    /// Since then.
    failed: HashSet<Target>,
    open: Option<Open>,
}

/// What is asked for, as a number that is another for each.
pub type Target = u64;

#[derive(Clone, Copy)]
struct Open {
    until: Instant,
    /// The next one.
    pause: Duration,
}

/// Leave for one call. Dropped without an outcome it counts for nothing.
#[must_use]
pub struct Leave<'a> {
    breaker: &'a Breaker,
    target: Target,
}

impl Breaker {
    /// Whether a call would be refused now.
    pub fn is_open(&self) -> bool {
        self.state().open.is_some_and(|open| Instant::now() < open.until)
    }

    /// Leave to call; `None` during a pause.
    pub fn leave(&self, target: Target) -> Option<Leave<'_>> {
        let now = Instant::now();
        if let Some(open) = &mut self.state().open {
            if now < open.until {
                return None;
            }
            // Whatever becomes of this call, the next may try when the pause is over.
            *open = Open { until: now + open.pause, pause: (open.pause * 2).min(LONGEST_PAUSE) };
        }
        Some(Leave { breaker: self, target })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    pub fn succeeded(self) {
        // A call that was sent before the pause tells as much as one that tries.
        let mut state = self.breaker.state();
        if state.open.is_some() {
            tracing::info!("the upstream is well again");
        }
        *state = State { last_success: Some(Instant::now()), ..State::default() };
    }

    pub fn failed(self) {
        let mut state = self.breaker.state();
        let now = Instant::now();
        state.failed.insert(self.target);
        let nothing_goes_well = state.last_success.is_none_or(|last| now >= last + A_WHILE);
        if nothing_goes_well && state.failed.len() >= MANY && state.open.is_none() {
            tracing::warn!("the upstream fails whatever is asked: it is left alone for a moment");
            state.open = Some(Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(breaker: &Breaker, targets: impl IntoIterator<Item = Target>) {
        targets.into_iter().for_each(|target| breaker.leave(target).unwrap().failed());
    }

    fn broken() -> Breaker {
        let breaker = Breaker::default();
        fail(&breaker, 1..=10);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_where_many_different_things_fail_and_nothing_has_gone_well_for_a_while() {
        let breaker = Breaker::default();
        breaker.leave(0).unwrap().succeeded();
        fail(&breaker, 1..=100);
        assert!(!breaker.is_open());
        advance(A_WHILE).await;
        fail(&breaker, [1]);
        assert!(breaker.is_open() && breaker.leave(1).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_again_and_again_counts_once() {
        let breaker = Breaker::default();
        (0..100).for_each(|_| fail(&breaker, 1..=9));
        assert!(!breaker.is_open());
        fail(&breaker, [10]);
        assert!(breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn as_long_as_anything_goes_well_there_is_no_outage() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.leave(0).unwrap().succeeded();
            advance(A_WHILE / 2).await;
            fail(&breaker, 1..=100);
        }
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tries_and_its_success_closes() {
        let breaker = broken();
        assert!(breaker.is_open());
        advance(FIRST_PAUSE).await;
        let leave = breaker.leave(1).unwrap();
        assert!(breaker.leave(2).is_none());
        leave.succeeded();
        fail(&breaker, 1..=100);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_becomes_of_a_try_there_is_another_after_each_pause() {
        let breaker = broken();
        let mut hanging = Vec::new();
        for seconds in [1, 1, 2, 2] {
            advance(Duration::from_millis(seconds * 1_000 - 1)).await;
            assert!(breaker.leave(1).is_none());
            advance(Duration::from_millis(1)).await;
            hanging.push(breaker.leave(1).unwrap());
        }
        hanging.remove(0).failed();
        assert!(breaker.is_open());
        hanging.remove(0).succeeded();
        assert!(!breaker.is_open());
    }
}
