//! Logs, to standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// What to log, in the syntax of `RUST_LOG`.
const FILTER_VARIABLE: &str = "IMAGRAPH_LOG";
/// Our own lines, and of the libraries only what went wrong.
const DEFAULT_FILTER: &str = "warn,imagraph=info";

/// Starts logging. Does nothing the second time.
pub fn start() {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
    drop(started);
}
