//! How many may be answered in parts.

use super::limits::count;
use super::{ConfigError, file};

/// Bounds on connections that stay open.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// WebSockets and event streams that are open at once. Each takes a file descriptor, of which processes have 1,024
    /// by default.
    pub max_connections: usize,
    /// Operations that run at once over one WebSocket.
    pub max_operations: usize,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self { max_connections: 500, max_operations: 20 }
    }
}

impl TryFrom<file::Subscriptions> for Subscriptions {
    type Error = ConfigError;

    fn try_from(file: file::Subscriptions) -> Result<Self, ConfigError> {
        let default = Self::default();
        let (connections, operations) = (file.max_connections, file.max_operations);
        Ok(Self {
            max_connections: count(
                "subscriptions.max_connections",
                connections,
                1_000_000,
                default.max_connections,
            )?,
            max_operations: count("subscriptions.max_operations", operations, 1_000, default.max_operations)?,
        })
    }
}
