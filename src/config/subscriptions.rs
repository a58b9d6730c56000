//! How many may be answered in parts.

use std::time::Duration;

use super::limits::{count, seconds};
use super::{ConfigError, file};

/// Bounds on connections that stay open.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// WebSockets and event streams of callers that are open at once. Each takes a file descriptor, of which processes
    /// have 1,024 by default.
    pub max_connections: usize,
    /// Of these, those of one caller.
    pub max_connections_per_caller: Option<usize>,
    /// WebSockets beside these that have not yet said who they are.
    pub max_strangers: usize,
    /// Operations that run at once over one WebSocket.
    pub max_operations: usize,
    /// How long a WebSocket may begin nothing, beyond the deadline of what it began last.
    pub idle: Duration,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            max_connections: 500,
            max_connections_per_caller: None,
            max_strangers: 100,
            max_operations: 20,
            idle: Duration::from_secs(300),
        }
    }
}

impl Subscriptions {
    /// Of so many: one among others leaves half to them.
    pub fn per_caller(&self, callers: usize) -> usize {
        let share = if callers > 1 { self.max_connections.div_ceil(2) } else { self.max_connections };
        self.max_connections_per_caller.unwrap_or(share)
    }
}

impl TryFrom<file::Subscriptions> for Subscriptions {
    type Error = ConfigError;

    fn try_from(file: file::Subscriptions) -> Result<Self, ConfigError> {
        let default = Self::default();
        let max_connections =
            count("subscriptions.max_connections", file.max_connections, 1_000_000, default.max_connections)?;
        let per_caller = |value| {
            count(
                "subscriptions.max_connections_per_caller",
                Some(value),
                max_connections as u64,
                value as usize,
            )
        };
        let (strangers, operations) = (file.max_strangers, file.max_operations);
        Ok(Self {
            max_connections,
            max_connections_per_caller: file.max_connections_per_caller.map(per_caller).transpose()?,
            max_strangers: count("subscriptions.max_strangers", strangers, 1_000_000, default.max_strangers)?,
            max_operations: count("subscriptions.max_operations", operations, 1_000, default.max_operations)?,
            idle: seconds("subscriptions.idle_seconds", file.idle_seconds, 1..=86_400, default.idle)?,
        })
    }
}
