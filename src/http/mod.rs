//! The routes, on one screen; serving them until told to stop.

mod access_log;
pub mod auth;
mod graphql;
mod health;
mod imagekit;
mod metrics;
mod multipart;
mod pages;
mod playground;
mod preview;
mod slow_reader;
mod trace;
mod unread;

use std::convert::Infallible;
use std::future::pending;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::guard::{Any, Get, Head};
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{Data, ServiceConfig, resource, to};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource, Route};
use tokio::time::sleep;

use crate::config::Config;
use crate::error::{Error, HttpFault};
use crate::schema::{Rooms, Schema};
use auth::Callers;
use graphql::{Connections, Persisted};
use health::Stopping;
use pages::Pages;
use slow_reader::Patience;

/// How long requests that are running may go on after the order to stop, beyond their deadline.
const GRACE: Duration = Duration::from_secs(5);
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

fn routes(config: &mut ServiceConfig, introspection: bool) {
    config
        .service(graphql::route())
        .service(imagekit::routes())
        .service(imagekit::upload_route())
        .service(only_read("/health/live", to(health::live)))
        .service(only_read("/health/ready", to(health::ready)))
        .service(only_read("/metrics", to(metrics::serve)));
    if introspection {
        config
            .service(only_read("/schema.graphql", to(graphql::sdl)))
            .service(only_read("/", to(playground::page)))
            .service(only_read("/assets/{asset:.*}", to(playground::asset)))
            .service(only_read("/preview/{id}", to(preview::serve)).wrap(from_fn(slow_reader::hold)));
    }
}

/// For `Retry-After`: never so few that who waits them comes too early. RFC 9110, 10.2.3.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// GET, and HEAD, by which some balancers look whether a server lives.
fn only_read(path: &str, answered: Route) -> Resource {
    resource(path).route(answered.guard(Any(Get()).or(Head()))).default_service(to(other_method))
}

async fn other_method(http: HttpRequest) -> HttpResponse {
    refuse(&http, &Error::BadHttp(HttpFault::OnlyRead))
}

/// The answer to a request that is not run, in the words of whom it was sent to.
fn refuse(http: &HttpRequest, error: &Error) -> HttpResponse {
    if is_imagekits(http.path()) { imagekit::refuse(error) } else { graphql::refuse(http, error) }
}

fn is_imagekits(path: &str) -> bool {
    path.starts_with("/v1") || path.starts_with("/api/v1")
}

/// Serves until it is `told` to stop, then says that it is not ready, and answers what comes nevertheless until balancers
/// have noticed, then answers what is running. Told again it ends at once. The port is the listener's, so that a test can
/// ask for any that is free.
pub async fn run(
    listener: TcpListener,
    callers: Arc<Callers>,
    config: &Config,
    mut told: impl AsyncFnMut(),
) -> std::io::Result<()> {
    callers.start().await;
    let stopping = Data::new(Stopping::default());
    let connections = Data::new(Connections::new(&config.subscriptions));
    let mut server = pin!(server(listener, callers, config, stopping.clone(), connections.clone())?);
    tokio::select! {
        served = &mut server => return served,
        () = told() => {}
    }
    tracing::info!("stopping");
    stopping.begin();
    let handle = server.handle();
    let drained = async {
        sleep(config.shutdown.drain).await;
        connections.stop();
        handle.stop(true).await;
        // The server ends by itself once it has answered everybody.
        pending::<Infallible>().await
    };
    tokio::select! {
        served = &mut server => served,
        never = drained => match never {},
        () = told() => Err(std::io::Error::other("told twice to stop: requests were broken off")),
    }
}

fn server(
    listener: TcpListener,
    callers: Arc<Callers>,
    config: &Config,
    stopping: Data<Stopping>,
    connections: Data<Connections>,
) -> std::io::Result<Server> {
    let introspection = config.documents.introspection;
    let persisted = Data::new(Persisted::new(&config.documents));
    let schema = Schema::new(config.documents.clone(), Rooms::new(&config.limits));
    let pages = Data::new(Pages::new(config));
    let registry = Data::new(metrics::registry());
    let deadline = config.limits.deadline;
    let patience = Data::new(Patience(deadline));
    let app = move || {
        App::new()
            .app_data(Data::new(schema.clone()))
            .app_data(Data::from(Arc::clone(&callers)))
            .app_data(persisted.clone())
            .app_data(pages.clone())
            .app_data(registry.clone())
            .app_data(stopping.clone())
            .app_data(connections.clone())
            .app_data(patience.clone())
            .wrap(from_fn(slow_reader::hurry))
            .wrap(from_fn(pages::check))
            .wrap(Condition::new(pages.lets_in_others(), pages.cors()))
            .wrap(from_fn(access_log::log_request))
            .wrap(from_fn(unread::close))
            .configure(|routing| routes(routing, introspection))
    };
    let server = HttpServer::new(app)
        .client_request_timeout(HEAD_TIMEOUT)
        .on_connect(slow_reader::end_stalled(deadline))
        .shutdown_timeout((deadline + GRACE).as_secs())
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
