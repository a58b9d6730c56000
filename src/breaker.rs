//! Leaves alone for a while what has failed too often.
//!
//! Of the last [`REMEMBERED`] calls half may fail. Beyond that nothing is sent until a pause is over; then one call
//! tries, and its outcome decides for all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Calls that are judged together: bits of the history.
const REMEMBERED: u32 = 20;
/// Failures among them that are too many.
const TOO_MANY: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Recovery must be seen within 5 s.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

pub struct Breaker(Mutex<State>);

#[derive(Debug)]
enum State {
    /// A bit a call, the latest lowest: 1 for a failure.
    Closed {
        history: u32,
    },
    Open {
        until: Instant,
        pause: Duration,
    },
    /// One call tries; `pause` is how long it waits again where that fails.
    Trying {
        pause: Duration,
    },
}

/// Leave for one call. Dropped without an outcome it counts for nothing.
#[must_use]
pub struct Leave<'a> {
    breaker: &'a Breaker,
    told: bool,
}

impl Default for Breaker {
    fn default() -> Self {
        Self(Mutex::new(State::Closed { history: 0 }))
    }
}

impl Breaker {
    /// Whether a call would be refused now.
    pub fn is_open(&self) -> bool {
        match *self.state() {
            State::Closed { .. } => false,
            State::Open { until, .. } => Instant::now() < until,
            State::Trying { .. } => true,
        }
    }

    /// Leave to call, `None` during a pause and while another call tries.
    pub fn leave(&self) -> Option<Leave<'_>> {
        let mut state = self.state();
        match *state {
            State::Closed { .. } => {}
            State::Open { until, pause } if Instant::now() >= until => *state = State::Trying { pause },
            State::Open { .. } | State::Trying { .. } => return None,
        }
        Some(Leave { breaker: self, told: false })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    pub fn succeeded(mut self) {
        self.told = true;
        let mut state = self.breaker.state();
        *state = match *state {
            State::Closed { history } => State::Closed { history: remember(history, 0) },
            // A call that was sent before the pause tells as much as the one that tries.
            State::Open { .. } | State::Trying { .. } => State::Closed { history: 0 },
        };
    }

    pub fn failed(mut self) {
        self.told = true;
        let mut state = self.breaker.state();
        *state = match *state {
            State::Closed { history } => closed_or_open(remember(history, 1)),
            State::Trying { pause } => open((pause * 2).min(LONGEST_PAUSE)),
            State::Open { until, pause } => State::Open { until, pause },
        };
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        if !self.told
            && let State::Trying { pause } = *state
        {
            *state = State::Open { until: Instant::now(), pause };
        }
    }
}

fn remember(history: u32, outcome: u32) -> u32 {
    (history << 1 | outcome) & ((1 << REMEMBERED) - 1)
}

fn closed_or_open(history: u32) -> State {
    if history.count_ones() < TOO_MANY { State::Closed { history } } else { open(FIRST_PAUSE) }
}

fn open(pause: Duration) -> State {
    State::Open { until: Instant::now() + pause, pause }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(breaker: &Breaker, times: u32) {
        (0..times).for_each(|_| breaker.leave().unwrap().failed());
    }

    fn broken() -> Breaker {
        let breaker = Breaker::default();
        fail(&breaker, TOO_MANY);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_when_half_of_the_calls_fail() {
        let breaker = Breaker::default();
        for _ in 0..100 {
            fail(&breaker, 1);
            breaker.leave().unwrap().succeeded();
            breaker.leave().unwrap().succeeded();
        }
        (0..REMEMBERED).for_each(|_| breaker.leave().unwrap().succeeded());
        fail(&breaker, TOO_MANY - 1);
        assert!(!breaker.is_open());
        fail(&breaker, 1);
        assert!(breaker.is_open() && breaker.leave().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_call_tries_and_its_success_closes() {
        let breaker = broken();
        advance(FIRST_PAUSE).await;
        let leave = breaker.leave().unwrap();
        assert!(breaker.leave().is_none());
        leave.succeeded();
        fail(&breaker, TOO_MANY - 1);
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn each_failed_try_doubles_the_pause_up_to_the_longest() {
        let breaker = broken();
        for seconds in [1, 2, 3, 3] {
            advance(Duration::from_millis(seconds * 1_000 - 1)).await;
            assert!(breaker.leave().is_none());
            advance(Duration::from_millis(1)).await;
            breaker.leave().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_is_given_up_is_left_to_the_next() {
        let breaker = broken();
        advance(FIRST_PAUSE).await;
        drop(breaker.leave());
        assert!(breaker.leave().is_some());
    }
}
