//! How much memory, time and work may be spent.

use std::ops::RangeInclusive;
use std::thread::available_parallelism;
use std::time::Duration;

use super::{ConfigError, file};

/// Bytes that one setting may allow: far more than any machine has, and far from overflowing a sum.
const BYTES: RangeInclusive<u64> = 1..=1 << 40;

#[derive(Debug, Clone)]
pub struct Cache {
    /// Bytes of metadata kept in memory; 0 keeps none.
    pub max_bytes: u64,
    /// How long an answer is given again without asking anew.
    pub ttl: Duration,
    /// How much longer it is given where asking anew fails.
    pub stale: Duration,
}

/// Bounds on the work that one image may cause.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a file that are read at most.
    pub max_bytes: u64,
    /// Pixels of a picture that is decoded.
    pub max_pixels: u64,
    /// Bytes of memory of one decoder.
    pub max_decode_bytes: u64,
    /// Bytes of all remote files that are held whole. Room for at least one.
    pub max_held_bytes: u64,
    /// Bytes that all requests may take which are being read, and again of what they ask for, beyond the first 64 KiB of
    /// each.
    pub max_running_bytes: u64,
    /// Bytes of all answers that are being made or have not been read, beyond the first 64 KiB of each.
    pub max_unread_bytes: u64,
    /// Pictures decoded at once.
    pub concurrent_decodes: usize,
    /// Images looked up at once.
    pub concurrent_loads: usize,
    /// Bodies with files for the library that are read and stored at once.
    pub concurrent_uploads: usize,
    /// How long one image may take.
    pub deadline: Duration,
}

/// How the gateway ends.
#[derive(Debug, Clone)]
pub struct Shutdown {
    /// How long it says that it is not ready before it takes no more connections: until balancers have noticed.
    pub drain: Duration,
}

impl Limits {
    /// Ends before the deadline: what is known of an image that is slow is still answered.
    pub fn patience(&self) -> Duration {
        self.deadline * 9 / 10
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, ttl: Duration::from_secs(60), stale: Duration::from_secs(3_600) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 << 20,
            max_pixels: 100_000_000,
            max_decode_bytes: 512 << 20,
            max_held_bytes: 256 << 20,
            max_running_bytes: 128 << 20,
            max_unread_bytes: 128 << 20,
            concurrent_decodes: available_parallelism().map_or(1, usize::from),
            concurrent_loads: 64,
            concurrent_uploads: 16,
            deadline: Duration::from_secs(10),
        }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { drain: Duration::from_secs(2) }
    }
}

impl TryFrom<file::Shutdown> for Shutdown {
    type Error = ConfigError;

    fn try_from(file: file::Shutdown) -> Result<Self, ConfigError> {
        let default = Self::default().drain;
        Ok(Self { drain: seconds("shutdown.drain_seconds", file.drain_seconds, 0..=3_600, default)? })
    }
}

impl TryFrom<file::Cache> for Cache {
    type Error = ConfigError;

    fn try_from(file: file::Cache) -> Result<Self, ConfigError> {
        let default = Self::default();
        let year = 365 * 24 * 3_600;
        Ok(Self {
            max_bytes: within("cache.max_bytes", file.max_bytes, 0..=*BYTES.end(), default.max_bytes)?,
            ttl: seconds("cache.ttl_seconds", file.ttl_seconds, 0..=year, default.ttl)?,
            stale: seconds("cache.stale_seconds", file.stale_seconds, 0..=year, default.stale)?,
        })
    }
}

impl TryFrom<file::Limits> for Limits {
    type Error = ConfigError;

    /// With no permit, no byte or no time nothing would ever be answered.
    fn try_from(file: file::Limits) -> Result<Self, ConfigError> {
        let default = Self::default();
        let decodes = file.concurrent_decodes;
        let loads = file.concurrent_loads;
        let max_bytes = within("limits.max_bytes", file.max_bytes, BYTES, default.max_bytes)?;
        let held = default.max_held_bytes.max(max_bytes);
        Ok(Self {
            max_bytes,
            max_held_bytes: within(
                "limits.max_held_bytes",
                file.max_held_bytes,
                max_bytes..=*BYTES.end(),
                held,
            )?,
            max_running_bytes: within(
                "limits.max_running_bytes",
                file.max_running_bytes,
                BYTES,
                default.max_running_bytes,
            )?,
            max_unread_bytes: within(
                "limits.max_unread_bytes",
                file.max_unread_bytes,
                BYTES,
                default.max_unread_bytes,
            )?,
            max_pixels: within("limits.max_pixels", file.max_pixels, BYTES, default.max_pixels)?,
            max_decode_bytes: within(
                "limits.max_decode_bytes",
                file.max_decode_bytes,
                BYTES,
                default.max_decode_bytes,
            )?,
            concurrent_decodes: count(
                "limits.concurrent_decodes",
                decodes,
                1_024,
                default.concurrent_decodes,
            )?,
            concurrent_loads: count("limits.concurrent_loads", loads, 10_000, default.concurrent_loads)?,
            concurrent_uploads: count(
                "limits.concurrent_uploads",
                file.concurrent_uploads,
                1_024,
                default.concurrent_uploads,
            )?,
            deadline: seconds("limits.deadline_seconds", file.deadline_seconds, 1..=3_600, default.deadline)?,
        })
    }
}

pub(super) fn within(
    setting: &'static str,
    value: Option<u64>,
    range: RangeInclusive<u64>,
    default: u64,
) -> Result<u64, ConfigError> {
    match value {
        None => Ok(default),
        Some(value) if range.contains(&value) => Ok(value),
        Some(value) => Err(ConfigError::OutOfRange { setting, value, range }),
    }
}

pub(super) fn seconds(
    setting: &'static str,
    value: Option<u64>,
    range: RangeInclusive<u64>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    within(setting, value, range, default.as_secs()).map(Duration::from_secs)
}

pub(super) fn count(
    setting: &'static str,
    value: Option<u64>,
    max: u64,
    default: usize,
) -> Result<usize, ConfigError> {
    within(setting, value, 1..=max, default as u64).map(|count| count as usize)
}
