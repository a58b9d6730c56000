//! Metadata that the replicas of a gateway share in Redis, and whose turn it is to load what is not there.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::cmd;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::{Entry, stored};
use crate::metadata::{ImageRef, Question};
use crate::redis::Redis;

/// Longer values are none of ours.
const MAX_BYTES: usize = 2 << 20;
/// How long the others wait for a replica that has gone away while it was loading.
const LEAD: Duration = Duration::from_secs(3);

/// The value (KEYS[1]) and its time left in ms, and whether the caller is to load it anew: it is stale, having no more
/// than ARGV[1] ms left, or does not answer the question, as its level, the first byte, is below ARGV[5] or its extras,
/// the second, lack some of ARGV[6]; and nobody else has taken the lead (KEYS[2]), for ARGV[3] ms under the token ARGV[2].
const GET_OR_LEAD: &str = "
local value = redis.call('GETRANGE', KEYS[1], 0, ARGV[4])
local left = redis.call('PTTL', KEYS[1])
local level, extras = string.byte(value, 1, 2)
local answers = extras and level >= tonumber(ARGV[5]) and bit.band(extras, tonumber(ARGV[6])) == tonumber(ARGV[6])
if left > tonumber(ARGV[1]) and answers then return {value, left, 0} end
local lead = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])
return {value, left, lead and 1 or 0}";

/// Keeps the lead (KEYS[1]) for another ARGV[2] ms where it still is the caller's (ARGV[1]).
const RENEW: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0";

/// Gives up the lead (KEYS[1]) where it still is the caller's (ARGV[1]).
const YIELD: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

#[derive(Clone)]
pub struct SharedCache {
    redis: Arc<Redis>,
    /// Replicas with another source, or another account, have other answers; those that keep them for another time would
    /// misjudge their age.
    scope: String,
    stale: Duration,
}

/// What the others know, and who is to find out more.
pub enum Shared {
    Fresh(Entry),
    /// The caller is, starting from what was known before, which may answer other questions only.
    Load(Option<Entry>, Option<Lead>),
    /// Another replica is.
    Loading,
}

/// The others wait for what its holder loads. Yields when it is dropped.
pub struct Lead {
    redis: Arc<Redis>,
    key: String,
    token: String,
    /// As long as it is held.
    renewing: AbortHandle,
}

impl SharedCache {
    pub fn new(redis: Arc<Redis>, scope: &str, stale: Duration) -> Self {
        let scope = format!("imagraph:{}:{}:{scope}", stored::VERSION, stale.as_secs());
        Self { redis, scope, stale }
    }

    /// What is known of an image. Without an answer from Redis the caller is to load it.
    pub async fn get_or_lead(&self, image: &ImageRef, question: Question) -> Shared {
        let (level, extras) = (question.level as u8, question.extras.bits());
        let lead = format!("lead{level}.{extras}");
        let (value, lead) = (self.key("metadata", image), self.key(&lead, image));
        let token = format!("{:016x}", fastrand::u64(..));
        let mut script = cmd("EVAL");
        script.arg(GET_OR_LEAD).arg(2).arg(&value).arg(&lead);
        script.arg(millis(self.stale)).arg(&token).arg(millis(LEAD)).arg(MAX_BYTES - 1);
        script.arg(level).arg(extras);
        let answer: Option<(Vec<u8>, i64, bool)> = self.redis.ask(&script).await;
        let Some((value, left, leads)) = answer else { return Shared::Load(None, None) };
        let left = Duration::from_millis(left.try_into().unwrap_or_default());
        let known = stored::from_bytes(&value, left, self.stale);
        // Nobody of ours is at work to replace it.
        let is_foreign = known.is_none() && left > self.stale;
        match known {
            Some(fresh) if fresh.is_fresh() && fresh.answered.covers(question) => Shared::Fresh(fresh),
            known if leads => Shared::Load(known, Some(Lead::hold(&self.redis, lead, token))),
            _ if is_foreign => Shared::Load(None, None),
            _ => Shared::Loading,
        }
    }

    pub async fn put(&self, image: &ImageRef, entry: &Entry) {
        let left = millis(entry.time_left(self.stale));
        let Some(bytes) = stored::to_bytes(entry).filter(|bytes| bytes.len() < MAX_BYTES && left > 0) else {
            return;
        };
        let mut set = cmd("SET");
        set.arg(self.key("metadata", image)).arg(bytes).arg("PX").arg(left);
        let _: Option<()> = self.redis.ask(&set).await;
    }

    /// All keys of an image lie on one node of a cluster. URLs may be long, and may be signed: their digest is neither.
    fn key(&self, kind: &str, image: &ImageRef) -> String {
        let digest =
            Sha256::new().chain_update(image.kind()).chain_update([0]).chain_update(image.id()).finalize();
        format!("{}:{kind}:{{{}}}", self.scope, URL_SAFE_NO_PAD.encode(digest))
    }
}

/// Redis counts to 2^63, and nothing is kept for longer.
fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(i64::MAX as u64).min(i64::MAX as u64)
}

impl Lead {
    fn hold(redis: &Arc<Redis>, key: String, token: String) -> Self {
        let mut script = cmd("EVAL");
        script.arg(RENEW).arg(1).arg(&key).arg(&token).arg(millis(LEAD));
        let renewed = Arc::clone(redis);
        let renewing = tokio::spawn(async move {
            loop {
                sleep(LEAD / 3).await;
                let _ = renewed.ask::<i64>(&script).await;
            }
        });
        Self { redis: Arc::clone(redis), key, token, renewing: renewing.abort_handle() }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.renewing.abort();
        let redis = Arc::clone(&self.redis);
        let mut script = cmd("EVAL");
        script.arg(YIELD).arg(1).arg(&self.key).arg(&self.token);
        // Without a runtime the process ends, and the lead by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { redis.ask::<i64>(&script).await });
        }
    }
}
