//! Logs, to standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use crate::config::ConfigError;

/// What to log, in the syntax of `RUST_LOG`.
const FILTER_VARIABLE: &str = "IMAGRAPH_LOG";
/// Our own lines, and of the libraries only what went wrong.
const DEFAULT_FILTER: &str = "warn,imagraph=info";

/// Starts logging. Does nothing the second time.
pub fn start() -> Result<(), ConfigError> {
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter()?)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
    drop(started);
    Ok(())
}

fn filter() -> Result<EnvFilter, ConfigError> {
    let value = std::env::var_os(FILTER_VARIABLE).filter(|value| !value.is_empty());
    let value = value.map_or(DEFAULT_FILTER.into(), |value| value.to_string_lossy().into_owned());
    let wanted = "a log filter such as `debug` or `imagraph=trace`";
    EnvFilter::try_new(&value).map_err(|_| ConfigError::Wrong { setting: FILTER_VARIABLE, value, wanted })
}
