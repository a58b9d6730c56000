//! Leaves alone for a while what fails whatever is asked of it.
//!
//! A file that is broken fails each time and says nothing of the others, so failures count once for each thing asked for,
//! and as long as some calls go well there is no outage. Where nearly all failed lately nothing is sent until a pause is over;
//! then one call a pause tries, and the first success ends it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What ended so long ago still counts: longer than a try may hang, as calls that hang end together and are to be judged
/// beside those that went well meanwhile.
const WINDOW: Duration = Duration::from_secs(10);
/// Successes are remembered as sums of so long.
const BUCKET: Duration = Duration::from_secs(1);
/// Different things that fail before it is an outage.
const MANY: usize = 10;
/// Failures for each success: nine of ten.
const NEARLY_ALL: usize = 9;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Recovery must be seen within 5 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    /// When each of them failed last.
    failed: HashMap<Target, Instant>,
    /// Since when, and how many; oldest first.
    succeeded: VecDeque<(Instant, usize)>,
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
        let mut state = self.breaker.state();
        // A call that was sent before the pause tells as much as one that tries.
        if state.open.take().is_some() {
            *state = State::default();
        }
        state.failed.remove(&self.target);
        state.count_success();
    }

    pub fn failed(self) {
        let mut state = self.breaker.state();
        if state.open.is_none() {
            state.failed.insert(self.target, Instant::now());
            state.judge();
        }
    }
}

impl State {
    fn count_success(&mut self) {
        let now = Instant::now();
        match self.succeeded.back_mut().filter(|(since, _)| now < *since + BUCKET) {
            Some((_, count)) => *count += 1,
            None => self.succeeded.push_back((now, 1)),
        }
        self.succeeded.retain(|(since, _)| now < *since + WINDOW);
    }

    fn judge(&mut self) {
        let now = Instant::now();
        self.failed.retain(|_, last| now < *last + WINDOW);
        let recent = self.succeeded.iter().filter(|(since, _)| now < *since + WINDOW);
        let successes: usize = recent.map(|(_, count)| count).sum();
        if self.failed.len() >= MANY && self.failed.len() >= successes * NEARLY_ALL {
            self.open = Some(Open { until: now + FIRST_PAUSE, pause: FIRST_PAUSE });
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

    fn succeed(breaker: &Breaker, times: usize) {
        (0..times).for_each(|_| breaker.leave(0).unwrap().succeeded());
    }

    fn broken() -> Breaker {
        let breaker = Breaker::default();
        fail(&breaker, 1..=10);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_where_many_different_things_fail_and_nearly_nothing_goes_well() {
        assert!(broken().is_open() && broken().leave(1).is_none());
        let breaker = Breaker::default();
        succeed(&breaker, 2);
        fail(&breaker, 1..=17);
        assert!(!breaker.is_open());
        fail(&breaker, [18]);
        assert!(breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_again_and_again_counts_once_and_not_when_it_goes_well_after_all() {
        let breaker = Breaker::default();
        (0..100).for_each(|_| fail(&breaker, 1..=9));
        assert!(!breaker.is_open());
        breaker.leave(1).unwrap().succeeded();
        advance(WINDOW).await;
        fail(&breaker, 10..=18);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_come_together_are_judged_beside_all_that_went_well_meanwhile() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            succeed(&breaker, 2);
            advance(BUCKET).await;
        }
        fail(&breaker, 1..=80);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tries_and_its_success_closes() {
        let breaker = broken();
        advance(FIRST_PAUSE).await;
        let leave = breaker.leave(1).unwrap();
        assert!(breaker.leave(2).is_none());
        leave.succeeded();
        fail(&breaker, 2..=9);
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
