//! `GET /metrics`: what the process has done so far, in OpenMetrics' text. Each metric is described in
//! `docs/operating.md`.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::auth::Callers;
use super::graphql::refuse;
use crate::config::Right;
use crate::cost;
use crate::index;
use crate::metrics::{Counter, Seconds, Shared, Table, label};
use crate::permits;
use crate::redis;
use crate::schema::error::ERRORS;
use crate::source::imagekit;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

label!(
    /// A route by its pattern: what callers put into paths has no end.
    Route, "route" {
        Graphql = "/graphql",
        Sdl = "/schema.graphql",
        Metadata = "/v1/metadata",
        Files = "/v1/files",
        FileMetadata = "/v1/files/{id}/metadata",
        FileDetails = "/v1/files/{id}/details",
        Upload = "/api/v1/files/upload",
        Live = "/health/live",
        Ready = "/health/ready",
        Metrics = "/metrics",
        Playground = "/",
        Preview = "/preview/{id}",
        /// Pages' parts, and what there is not.
        Other = "other",
    }
);

label!(
    Verb, "method" {
        Get = "GET",
        Head = "HEAD",
        Post = "POST",
        Other = "other",
    }
);

label!(
    Status, "status" {
        Informational = "1xx",
        Success = "2xx",
        Redirect = "3xx",
        ClientError = "4xx",
        ServerError = "5xx",
    }
);

type Answered = ((Route, Verb), Status);

static REQUESTS: LazyLock<Table<Answered, Counter>> = LazyLock::new(Table::default);
static LATENCY: LazyLock<Table<Route, Seconds>> = LazyLock::new(Table::default);

/// Counts a request that has its answer, and tells its route and its method.
pub fn count<B>(response: &ServiceResponse<B>, took: Duration) -> (&'static str, &'static str) {
    let (route, verb) = (Route::of(response.request()), Verb::of(response.request().method()));
    REQUESTS.of(((route, verb), Status::of(response.status().as_u16()))).inc();
    LATENCY.of(route).observe(took);
    (Route::NAMES[route as usize], Verb::NAMES[verb as usize])
}

pub async fn serve(http: HttpRequest, callers: Data<Callers>, registry: Data<Registry>) -> HttpResponse {
    if let Err(error) = callers.admit(http.headers(), Right::Operate) {
        return refuse(&http, &error);
    }
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => HttpResponse::Ok().content_type(OPEN_METRICS).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// All that is served, on one screen. The library puts `_total` behind a counter's name, and the unit.
pub fn registry() -> Registry {
    let mut all = Registry::with_prefix("imagraph");
    all.register("build", "What runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    all.register_with_unit("start_time", "When it was started, since 1970", Unit::Seconds, started());
    register_requests(&mut all);
    register_upstreams(&mut all);
    all.register("cache_lookups", "Looks into a cache", Shared(&cost::LOOKS));
    all.register("index_files", "Files of the library's index", Shared(&index::FILES));
    all.register("redis_up", "Whether there is a connection to Redis", Shared(&redis::UP));
    all.register("redis_commands", "Commands to Redis", Shared(&redis::COMMANDS));
    let decoding = "How long pictures were decoded";
    all.register_with_unit("decode_duration", decoding, Unit::Seconds, Shared(&cost::DECODE_SECONDS));
    all.register("permits_taken", "Permits that are taken", Shared(&permits::TAKEN));
    all.register("permits_waiting", "Those who wait for permits", Shared(&permits::WAITING));
    all
}

fn register_requests(all: &mut Registry) {
    all.register("http_requests", "Requests that were answered", Shared(&REQUESTS));
    let latency = "From the head of a request to the head of its answer";
    all.register_with_unit("http_request_duration", latency, Unit::Seconds, Shared(&LATENCY));
    all.register("graphql_errors", "Errors of GraphQL answers", Shared(&ERRORS));
    all.register("graphql_images", "Different images of GraphQL requests", Shared(&cost::IMAGES));
}

fn register_upstreams(all: &mut Registry) {
    all.register("upstream_calls", "Calls, and those that were not sent", Shared(&cost::CALLS));
    let took = "To ImageKit up to the end of an answer, for remote files up to the end of its head";
    all.register_with_unit("upstream_call_duration", took, Unit::Seconds, Shared(&cost::CALL_SECONDS));
    let waiting = "Calls that wait for their turn within ImageKit's rate limits";
    all.register("upstream_turns_waiting", waiting, Shared(&imagekit::WAITING));
    let waited = "How long calls waited for their turn";
    all.register_with_unit("upstream_turn_wait", waited, Unit::Seconds, Shared(&imagekit::WAITED));
    all.register_with_unit("fetched", "Of remote files", Unit::Bytes, Shared(&cost::BYTES_FETCHED));
}

fn started() -> ConstGauge<f64> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    ConstGauge::new(since_1970.as_secs_f64())
}

impl Route {
    fn of(request: &HttpRequest) -> Self {
        match request.match_pattern().as_deref() {
            Some("/graphql") => Self::Graphql,
            Some("/schema.graphql") => Self::Sdl,
            Some("/v1/metadata") => Self::Metadata,
            Some("/v1/files" | "/v1/files/") => Self::Files,
            Some("/v1/files/{id}/metadata") => Self::FileMetadata,
            Some("/v1/files/{id}/details") => Self::FileDetails,
            Some("/api/v1/files/upload") => Self::Upload,
            Some("/health/live") => Self::Live,
            Some("/health/ready") => Self::Ready,
            Some("/metrics") => Self::Metrics,
            Some("/") => Self::Playground,
            Some("/preview/{id}") => Self::Preview,
            _ => Self::Other,
        }
    }
}

impl Verb {
    fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            Method::POST => Self::Post,
            _ => Self::Other,
        }
    }
}

impl Status {
    fn of(status: u16) -> Self {
        match status {
            ..200 => Self::Informational,
            200..300 => Self::Success,
            300..400 => Self::Redirect,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}
