//! When the next call to one endpoint may go out.
//!
//! ImageKit allows so many calls (`X-RateLimit-Limit`) in so many milliseconds (`X-RateLimit-Interval`), for several
//! intervals at once. Whoever wants to call takes a turn and waits for it. Turns are given so that no stretch of time
//! as long as an interval holds more of them than it may, wherever ImageKit lets its own windows begin.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::shared_turns::{SharedPlan, SharedTurns, Turn};
use crate::cost::Endpoint;
use crate::error::{Error, Result};
use crate::metrics::{Gauge, Held, Seconds, Table};

/// What ImageKit's documentation says of reading, until the first answer tells: 40 calls a second, with the
/// margin of every limit.
const ASSUMED: Limit = Limit { calls: 40, interval: Duration::from_millis(1_050) };
/// Intervals that are remembered of one endpoint: as many as ImageKit has, and some.
const MAX_INTERVALS: usize = 4;
/// After a refusal one call tries first, the others come so much later.
pub const TRIAL: Duration = Duration::from_millis(250);
/// Callers that waited for the same moment are not to come all at once.
const MIN_JITTER: Duration = Duration::from_millis(20);
const MAX_JITTER: Duration = Duration::from_millis(250);

/// Callers whose turn has not come.
pub static WAITING: LazyLock<Table<Endpoint, Gauge>> = LazyLock::new(Table::default);
/// How long it took to come.
pub static WAITED: LazyLock<Table<Endpoint, Seconds>> = LazyLock::new(Table::default);

/// So many calls in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub calls: usize,
    pub interval: Duration,
}

pub struct Turns {
    endpoint: Endpoint,
    plan: Mutex<Plan>,
    replanned: Notify,
    shared: Option<SharedTurns>,
}

struct Plan {
    limits: Vec<Limit>,
    /// Nothing has been learnt yet.
    assumed: bool,
    /// Given in the longest interval up to now, and to those who wait; oldest first.
    turns: VecDeque<Instant>,
    /// ImageKit has told to wait.
    not_before: Instant,
    refused: bool,
}

impl Turns {
    /// Taken together with other replicas, or by this one alone.
    pub fn new(endpoint: Endpoint, shared: Option<SharedTurns>) -> Self {
        let limits = vec![ASSUMED];
        let plan = Plan {
            limits,
            assumed: true,
            turns: VecDeque::new(),
            not_before: Instant::now(),
            refused: false,
        };
        Self { endpoint, plan: Mutex::new(plan), replanned: Notify::new(), shared }
    }

    /// Waits for a turn. Where none comes before `until`, says so at once.
    pub async fn take(&self, until: Instant) -> Result<()> {
        let _waiting = Held::count(WAITING.of(self.endpoint), 1);
        let since = Instant::now();
        let taken = self.wait(until).await;
        WAITED.of(self.endpoint).observe(since.elapsed());
        taken
    }

    async fn wait(&self, until: Instant) -> Result<()> {
        loop {
            let mut replanned = pin!(self.replanned.notified());
            replanned.as_mut().enable();
            let now = Instant::now();
            let (turn, plan) = self.reserve(now, until).await?;
            tokio::select! {
                // What is known by now comes first, however late this task is.
                biased;
                () = replanned => continue,
                () = sleep_until(turn) => {}
            }
            if turn <= now || self.holds(plan).await {
                return Ok(());
            }
        }
    }

    /// A turn, and the plan of all replicas that it belongs to, if they have one.
    async fn reserve(&self, now: Instant, until: Instant) -> Result<(Instant, Option<SharedPlan>)> {
        let alone = |replicas| Ok((self.plan().reserve(now, until, replicas)?, None));
        let Some(shared) = &self.shared else { return alone(1) };
        let limits = self.plan().limits.clone();
        match shared.reserve(&limits, until - now).await {
            Some(Turn::In(wait, plan)) => Ok((self.plan().note(Instant::now() + wait), Some(plan))),
            Some(Turn::TooLate(wait)) => Err(too_late(wait)),
            None => alone(shared.replicas()),
        }
    }

    /// No replica was told to wait while this one waited for its turn.
    async fn holds(&self, plan: Option<SharedPlan>) -> bool {
        match (&self.shared, plan) {
            (Some(shared), Some(plan)) => shared.holds(plan).await,
            _ => true,
        }
    }

    /// Of what they are turns.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// ImageKit has stated a limit.
    pub fn learn(&self, limit: Limit) {
        let mut plan = self.plan();
        // Turns that are shared cannot be given back one by one.
        if plan.learn(limit) && self.shared.is_none() {
            plan.forget_the_future();
            self.replanned.notify_waiters();
        }
    }

    /// ImageKit wants no call before `wait` is over.
    pub async fn pause(&self, wait: Duration) {
        let wait = wait + MIN_JITTER + MAX_JITTER.min(wait / 10).mul_f64(fastrand::f64());
        self.plan().pause(Instant::now() + wait);
        if let Some(shared) = &self.shared {
            shared.pause(wait).await;
        }
        self.replanned.notify_waiters();
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_late(wait: Duration) -> Error {
    Error::UpstreamRateLimited { retry_after: Some(wait) }
}

impl Plan {
    /// The next turn of one of so many replicas.
    fn reserve(&mut self, now: Instant, until: Instant, replicas: usize) -> Result<Instant> {
        self.forget_the_past(now);
        let is_tried = self.turns.back().is_some_and(|last| *last >= self.not_before);
        let trial = if self.refused && is_tried { TRIAL } else { Duration::ZERO };
        let earliest = now.max(self.not_before + trial);
        let next = self.limits.iter().filter_map(|limit| self.next(limit, replicas));
        let turn = next.fold(earliest, Instant::max);
        if turn > until { Err(too_late(turn - now)) } else { Ok(self.note(turn)) }
    }

    /// The earliest turn that a share of a limit leaves, where it leaves not every one.
    fn next(&self, limit: &Limit, replicas: usize) -> Option<Instant> {
        let share = (limit.calls / replicas).max(1);
        let first_of_window = self.turns.len().checked_sub(share)?;
        Some(*self.turns.get(first_of_window)? + limit.interval)
    }

    fn note(&mut self, turn: Instant) -> Instant {
        self.forget_the_past(Instant::now());
        self.turns.push_back(turn);
        turn
    }

    /// Whether that changes anything.
    fn learn(&mut self, limit: Limit) -> bool {
        if !self.assumed && self.limits.contains(&limit) {
            return false;
        }
        let assumed = std::mem::take(&mut self.assumed);
        self.limits.retain(|known| !assumed && known.interval != limit.interval);
        self.limits.truncate(MAX_INTERVALS - 1);
        self.limits.push(limit);
        true
    }

    fn pause(&mut self, until: Instant) {
        self.not_before = self.not_before.max(until);
        self.refused = true;
        self.forget_the_future();
    }

    fn forget_the_past(&mut self, now: Instant) {
        let longest = self.limits.iter().map(|limit| limit.interval).max().unwrap_or_default();
        let past = self.turns.partition_point(|turn| *turn + longest <= now);
        self.turns.drain(..past);
    }

    /// Those who wait take new turns.
    fn forget_the_future(&mut self) {
        let now = Instant::now();
        self.turns.retain(|turn| *turn <= now);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn turns(calls: usize, interval: Duration) -> Arc<Turns> {
        let turns = Turns::new(Endpoint::Files, None);
        turns.learn(Limit { calls, interval });
        Arc::new(turns)
    }

    /// How many of 100 callers have had their turn after each of these spans.
    async fn served(turns: &Arc<Turns>, after: &[Duration]) -> Vec<usize> {
        let until = Instant::now() + 60 * SECOND;
        let callers: Vec<_> = (0..100).map(|_| Arc::clone(turns)).collect();
        let callers = callers.into_iter().map(|turns| tokio::spawn(async move { turns.take(until).await }));
        let callers: Vec<_> = callers.collect();
        let mut served = Vec::new();
        let start = Instant::now();
        for span in after {
            tokio::time::sleep_until(start + *span + Duration::from_millis(2)).await;
            served.push(callers.iter().filter(|caller| caller.is_finished()).count());
        }
        served
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_turns_than_it_may() {
        let turns = turns(40, SECOND);
        assert_eq!(served(&turns, &[Duration::ZERO, SECOND, 2 * SECOND]).await, [40, 80, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_strictest_of_several_intervals_counts() {
        let turns = turns(30, SECOND);
        turns.learn(Limit { calls: 50, interval: 10 * SECOND });
        let after = [Duration::ZERO, SECOND, 9 * SECOND, 10 * SECOND, 11 * SECOND];
        assert_eq!(served(&turns, &after).await, [30, 50, 50, 80, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn before_anything_is_learnt_the_documented_limit_holds_and_the_learnt_one_is_used_at_once() {
        let turns = Arc::new(Turns::new(Endpoint::Files, None));
        let later = Arc::clone(&turns);
        tokio::spawn(async move {
            tokio::time::sleep(SECOND / 2).await;
            later.learn(Limit { calls: 90, interval: SECOND });
        });
        assert_eq!(served(&turns, &[Duration::ZERO, SECOND / 2, SECOND]).await, [40, 90, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_those_who_wait_already() {
        let turns = turns(40, SECOND);
        let later = Arc::clone(&turns);
        tokio::spawn(async move {
            tokio::time::sleep(SECOND / 2).await;
            later.pause(5 * SECOND).await;
        });
        let paused = 5 * SECOND + SECOND / 2;
        let after = [
            Duration::ZERO,
            paused - Duration::from_millis(3),
            paused + SECOND - MAX_JITTER / 2,
            paused + 2 * SECOND + MAX_JITTER,
        ];
        assert_eq!(served(&turns, &after).await, [40, 40, 80, 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_known_holds_also_who_comes_to_it_late() {
        for _ in 0..20 {
            let turns = turns(1, SECOND);
            let until = Instant::now() + 60 * SECOND;
            turns.take(until).await.unwrap();
            let mut waiter = pin!(turns.take(until));
            assert!(futures_util::poll!(&mut waiter).is_pending());
            advance(2 * SECOND).await;
            turns.pause(10 * SECOND).await;
            assert!(futures_util::poll!(&mut waiter).is_pending());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn turns_that_are_over_are_forgotten() {
        let turns = turns(10, SECOND);
        for _ in 0..100 {
            turns.take(Instant::now() + SECOND).await.unwrap();
            turns.plan().note(Instant::now());
            advance(SECOND).await;
        }
        assert!(turns.plan().turns.len() <= 4, "{}", turns.plan().turns.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_comes_too_late_is_told_at_once() {
        let turns = turns(1, SECOND);
        let until = Instant::now() + 2 * SECOND;
        for _ in 0..3 {
            turns.take(until).await.unwrap();
        }
        let refused = timeout(Duration::ZERO, turns.take(until)).await.unwrap();
        assert_eq!(refused, Err(Error::UpstreamRateLimited { retry_after: Some(SECOND) }));
        advance(SECOND).await;
        assert_eq!(turns.take(Instant::now()).await, Ok(()));
    }
}
