//! What a collector is told of a request. Without one this does nothing.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// Makes the span of a request one of the trace that its headers name, if they do: W3C Trace Context.
pub fn adopt(span: &Span, headers: &HeaderMap) {
    if headers.contains_key(TRACE_PARENT) {
        // It fails where there is no collector.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}

/// By the names of OpenTelemetry's semantic conventions.
pub fn describe(span: &Span, route: &'static str, method: &'static str, status: u16) {
    span.set_attribute("http.request.method", method);
    span.set_attribute("http.route", route);
    span.set_attribute("http.response.status_code", i64::from(status));
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
