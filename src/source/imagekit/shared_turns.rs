//! Turns that the replicas of a gateway take together: the account's limits are for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::{Cmd, cmd};

use super::turns::{Limit, TRIAL};
use crate::cost::Endpoint;
use crate::redis::Redis;

/// Reserves the next turn: ms to wait for it, whether it was reserved (it is not where that is longer than ARGV[1]), how
/// many replicas there are, and the plan that the turn belongs to. KEYS: the turns in ms, oldest first; the pause; the
/// replicas by when they came last; the plan. ARGV[2] is the caller's name, ARGV[3] beyond how many ms nobody
/// waits (later turns are those of a clock that was set back), ARGV[4] by how many ms the others come later than the first
/// after a pause, then the limits: calls, ms.
const RESERVE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[3], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 30000)
redis.call('PEXPIRE', KEYS[3], 30000)
local replicas = redis.call('ZCARD', KEYS[3])
local beyond = now + tonumber(ARGV[3])
while tonumber(redis.call('LINDEX', KEYS[1], -1) or 0) > beyond do redis.call('RPOP', KEYS[1]) end
local over = tonumber(redis.call('GET', KEYS[2]) or 0)
local tried = tonumber(redis.call('LINDEX', KEYS[1], -1) or 0) >= over
if over > 0 and tried then over = over + tonumber(ARGV[4]) end
local turn = math.max(now, over)
local longest = 0
for i = 5, #ARGV, 2 do
    local first_of_window = redis.call('LINDEX', KEYS[1], -ARGV[i])
    if first_of_window then turn = math.max(turn, first_of_window + ARGV[i + 1]) end
    longest = math.max(longest, ARGV[i + 1])
end
local plan = tonumber(redis.call('GET', KEYS[4]) or 0)
if turn - now > tonumber(ARGV[1]) then return {turn - now, 0, replicas, plan} end
redis.call('RPUSH', KEYS[1], turn)
redis.call('LTRIM', KEYS[1], -10000, -1)
redis.call('PEXPIRE', KEYS[1], turn - now + longest)
return {turn - now, 1, replicas, plan}";

/// Holds all replicas back for ARGV[1] ms, and remembers so for another ARGV[2]. The turns of those who wait are given back, and a new plan begins, so that
/// they take others.
const PAUSE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = now + tonumber(ARGV[1])
if tonumber(redis.call('GET', KEYS[2]) or 0) < over then
    redis.call('SET', KEYS[2], over, 'PX', ARGV[1] + ARGV[2])
end
while tonumber(redis.call('LINDEX', KEYS[1], -1) or 0) > now do redis.call('RPOP', KEYS[1]) end
redis.call('INCR', KEYS[4])
redis.call('PEXPIRE', KEYS[4], 7200000)
return 1";

pub struct SharedTurns {
    redis: Arc<Redis>,
    /// Turns, pause, replicas, plan: on one node of a cluster.
    keys: [String; 4],
    /// This replica's name.
    name: String,
    /// How long a caller of any replica waits at most.
    longest_wait: Duration,
    /// As many as there were when Redis said so last.
    replicas: AtomicUsize,
}

/// All turns that are given between two refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedPlan(u64);

/// A turn that was asked for.
pub enum Turn {
    In(Duration, SharedPlan),
    /// It would be later than the caller can wait.
    TooLate(Duration),
}

impl SharedTurns {
    pub fn new(redis: Arc<Redis>, account: &str, endpoint: Endpoint, longest_wait: Duration) -> Self {
        let endpoint = Endpoint::NAMES[endpoint as usize];
        let key = |kind: &str| format!("imagraph:1:{kind}:{{{account}:{endpoint}}}");
        let name = format!("{:016x}", fastrand::u64(..));
        Self {
            redis,
            keys: ["turns", "pause", "replicas", "plan"].map(key),
            name,
            longest_wait,
            replicas: AtomicUsize::new(1),
        }
    }

    /// `None` where Redis has no answer.
    pub async fn reserve(&self, limits: &[Limit], patience: Duration) -> Option<Turn> {
        let mut script = self.script(RESERVE);
        script.arg(patience.as_millis() as u64).arg(&self.name).arg(self.longest_wait.as_millis() as u64);
        script.arg(TRIAL.as_millis() as u64);
        for limit in limits {
            script.arg(limit.calls).arg(limit.interval.as_millis() as u64);
        }
        let (wait, reserved, replicas, plan): (u64, bool, usize, u64) = self.redis.ask(&script).await?;
        self.replicas.store(replicas.max(1), Ordering::Relaxed);
        let wait = Duration::from_millis(wait);
        Some(if reserved { Turn::In(wait, SharedPlan(plan)) } else { Turn::TooLate(wait) })
    }

    pub async fn pause(&self, wait: Duration) {
        let mut script = self.script(PAUSE);
        script.arg(wait.as_millis() as u64).arg(TRIAL.as_millis() as u64);
        let _: Option<u64> = self.redis.ask(&script).await;
    }

    /// No replica has been told to wait since; so it is taken to be while Redis is away.
    pub async fn holds(&self, plan: SharedPlan) -> bool {
        let mut get = cmd("GET");
        get.arg(&self.keys[3]);
        let current: Option<Option<u64>> = self.redis.ask(&get).await;
        current.is_none_or(|current| SharedPlan(current.unwrap_or(0)) == plan)
    }

    /// Among how many the limits are to be divided while Redis is away.
    pub fn replicas(&self) -> usize {
        self.replicas.load(Ordering::Relaxed)
    }

    fn script(&self, text: &str) -> Cmd {
        let mut script = cmd("EVAL");
        script.arg(text).arg(self.keys.len()).arg(&self.keys);
        script
    }
}
