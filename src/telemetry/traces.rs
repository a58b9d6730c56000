//! Traces, sent to a collector by OTLP over HTTP: in batches, from a queue that is full at some time, and nobody waits for
//! it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider};
use reqwest::{Client, Url};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::config::ConfigError;
use crate::tls;

/// Spans that wait to be sent; what comes beyond is lost.
const QUEUE: usize = 2_048;
const BATCH: usize = 512;
const BATCH_EVERY: Duration = Duration::from_secs(2);
/// For one batch.
const PATIENCE: Duration = Duration::from_secs(5);
/// For the last one.
const FLUSH: Duration = Duration::from_secs(3);
/// Of a collector's answer, which says little.
const MAX_ANSWER_BYTES: usize = 64 << 10;

pub struct Traces(SdkTracerProvider);

impl Traces {
    /// They are sent from `tasks`.
    pub fn start(collector: &Url, tasks: &Handle) -> Result<Self, ConfigError> {
        let sender = Sender::new(tasks.clone())?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(sender)
            .with_endpoint(format!("{}/v1/traces", collector.as_str().trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| unusable(&error.to_string()))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(BATCH_EVERY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let resource = Resource::builder().with_service_name(env!("CARGO_PKG_NAME")).build();
        let provider = SdkTracerProvider::builder().with_span_processor(processor).with_resource(resource);
        Ok(Self(provider.build()))
    }

    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> OpenTelemetryLayer<S, SdkTracer> {
        let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer(env!("CARGO_PKG_NAME")));
        layer.with_location(false).with_threads(false).with_tracked_inactivity(false)
    }

    /// Sends what is left, if that does not take long.
    pub fn flush(self) {
        if self.0.shutdown_with_timeout(FLUSH).is_err() {
            tracing::warn!("the last traces were not taken");
        }
    }
}

/// The exporter's thread has no runtime: requests run on that of the gateway.
#[derive(Debug)]
struct Sender {
    client: Client,
    tasks: Handle,
    /// The last batch was not taken.
    fails: AtomicBool,
}

impl Sender {
    fn new(tasks: Handle) -> Result<Self, ConfigError> {
        let client = tls::client().timeout(PATIENCE).build();
        let client = client.map_err(|error| unusable(&error.to_string()))?;
        Ok(Self { client, tasks, fails: AtomicBool::new(false) })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = exchange(self.client.clone(), request);
        let answer = self.tasks.spawn(sent).await.unwrap_or_else(|_| Err("the gateway ends".into()));
        let fails = !answer.as_ref().is_ok_and(|answer| answer.status().is_success());
        if self.fails.swap(fails, Ordering::Relaxed) != fails {
            self.tell(fails);
        }
        answer
    }

    /// Once, and not for each batch.
    fn tell(&self, fails: bool) {
        match fails {
            true => tracing::warn!("the collector does not take traces"),
            false => tracing::info!("the collector takes traces again"),
        }
    }
}

impl HttpClient for Sender {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}

async fn exchange(client: Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    // Errors without their text, which holds the collector's address.
    let request = request.try_into().map_err(|_| "no request can be made")?;
    let mut response = client.execute(request).await.map_err(|_| "the collector cannot be reached")?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "the collector's answer broke off")? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err("the collector's answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = response.status();
    Ok(answer)
}

fn unusable(reason: &str) -> ConfigError {
    ConfigError::Unusable { setting: "otlp_endpoint (telemetry.otlp_endpoint)", reason: reason.to_owned() }
}
