//! Logs, to standard error, and traces, to an OpenTelemetry collector.

mod traces;

use std::io::{IsTerminal, stderr};
use std::panic::{PanicHookInfo, set_hook};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::{ConfigError, LogFormat};
pub use traces::Traces;

/// What to log, in the syntax of `RUST_LOG`.
const FILTER_VARIABLE: &str = "IMAGRAPH_LOG";
/// Our own lines, and of the libraries only what went wrong. Of actix_http's connections that is what clients do wrong: heads
/// and frames that are none, answers that they do not take.
const DEFAULT_FILTER: &str = "warn,imagraph=info,actix_http::h1=off,actix_http::ws=off";

/// Starts logging, and tracing where there is a collector. Does nothing the second time.
pub fn start(format: LogFormat, traces: Option<&Traces>) -> Result<(), ConfigError> {
    let logs = logs(format, filter()?, stderr, stderr().is_terminal());
    // Without a collector there is no second layer: what is not logged is then known to be of no interest, once for each place.
    let started = match traces {
        None => registry().with(logs).try_init(),
        Some(traces) => {
            let spans = traces.layer().with_filter(filter_fn(is_span_of_ours));
            registry().with(logs).with(spans).try_init()
        }
    };
    if started.is_ok() {
        set_hook(Box::new(tell_panic));
    }
    Ok(())
}

fn filter() -> Result<EnvFilter, ConfigError> {
    let value = std::env::var_os(FILTER_VARIABLE).filter(|value| !value.is_empty());
    let value = value.map_or(DEFAULT_FILTER.into(), |value| value.to_string_lossy().into_owned());
    let wanted = "a log filter such as `debug` or `imagraph=trace`";
    EnvFilter::try_new(&value).map_err(|_| ConfigError::Wrong { setting: FILTER_VARIABLE, value, wanted })
}

fn logs<S: Subscriber + for<'a> LookupSpan<'a>>(
    format: LogFormat,
    wanted: EnvFilter,
    to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
    colours: bool,
) -> impl Layer<S> {
    let lines = fmt::layer().with_writer(to);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(colours).boxed(),
        // The request's span is the first of the list.
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    let no_details = filter_fn(is_ours_or_no_detail).with_max_level_hint(Level::TRACE);
    lines.with_filter(wanted.and(no_details))
}

/// What libraries say at DEBUG and TRACE may be whole headers and URLs: whatever the filter asks for, it is not written.
fn is_ours_or_no_detail(metadata: &Metadata<'_>) -> bool {
    is_ours(metadata) || *metadata.level() <= Level::INFO
}

fn is_span_of_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && is_ours(metadata)
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some(env!("CARGO_PKG_NAME"))
}

/// Where, and not what: a panic's message may quote anything.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let (file, line) = panic.location().map(|place| (place.file(), place.line())).unzip();
    tracing::error!(file, line, "a part of the gateway gave up");
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};
    use std::sync::Arc;

    use tracing::subscriber::with_default;
    use tracing::{info, trace};

    use super::*;

    fn written(format: LogFormat, events: impl FnOnce()) -> String {
        let mut file = tempfile::tempfile().unwrap();
        let logs = logs(format, EnvFilter::new("trace"), Arc::new(file.try_clone().unwrap()), false);
        with_default(registry().with(logs), events);
        let mut written = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut written).unwrap();
        written
    }

    #[test]
    fn libraries_write_no_details_whatever_is_asked_for() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let written = written(format, || {
                trace!(target: "hyper::proto::h1", "authorization: canary");
                trace!(target: "imagraphic", "not ours: canary");
                info!(target: "hyper::client", "what goes on");
                trace!("a detail of ours");
            });
            assert_eq!(written.lines().count(), 2, "{written}");
            assert!(written.contains("what goes on") && written.contains("a detail of ours"), "{written}");
        }
    }
}
