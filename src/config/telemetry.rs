//! What the gateway tells of itself, and to whom.

use url::Url;

use super::imagekit::is_base;
use super::{ConfigError, file};

/// OpenTelemetry's own, which counts where nothing of ours is given.
const STANDARD_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    pub log_format: LogFormat,
    /// The collector that spans are sent to, by OTLP over HTTP.
    pub otlp_endpoint: Option<Url>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    /// One object a line.
    Json,
}

impl Telemetry {
    pub(super) fn new(
        log_format: Option<String>,
        otlp_endpoint: Option<String>,
        file: file::Telemetry,
    ) -> Result<Self, ConfigError> {
        let endpoint = otlp_endpoint.or(file.otlp_endpoint).or_else(standard);
        Ok(Self {
            log_format: self::log_format(log_format)?,
            otlp_endpoint: endpoint.as_deref().map(parse).transpose()?,
        })
    }
}

fn log_format(value: Option<String>) -> Result<LogFormat, ConfigError> {
    match value.as_deref() {
        None | Some("text") => Ok(LogFormat::Text),
        Some("json") => Ok(LogFormat::Json),
        Some(value) => {
            let (value, wanted) = (value.to_owned(), "`text` or `json`");
            Err(ConfigError::Wrong { setting: "log_format", value, wanted })
        }
    }
}

fn standard() -> Option<String> {
    std::env::var(STANDARD_VARIABLE).ok().filter(|url| !url.is_empty())
}

fn parse(value: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(value).ok().filter(is_base);
    // Not the value: who writes a user into it writes a password as well.
    url.ok_or(ConfigError::Unusable {
        setting: "otlp_endpoint (telemetry.otlp_endpoint)",
        reason: "it is not an http or https URL without user, query and fragment".to_owned(),
    })
}
