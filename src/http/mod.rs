//! The routes, on one screen; serving them until told to stop.

mod access_log;
pub mod auth;
mod cors;
mod graphql;
mod health;
mod imagekit;
mod playground;
mod unread;

use std::convert::Infallible;
use std::future::pending;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::guard::{Any, Get, Head};
use actix_web::middleware::from_fn;

use actix_web::web::{Data, ServiceConfig, route};
use actix_web::{App, HttpServer, Route};

use crate::config::Config;
use crate::schema::Schema;
use auth::Callers;
use graphql::Persisted;

/// How long requests that are running may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

fn routes(config: &mut ServiceConfig, introspection: bool) {
    config
        .service(graphql::route())
        .service(imagekit::routes())
        .route("/health/live", read().to(health::live))
        .route("/health/ready", read().to(health::ready));
    if introspection {
        config
            .route("/schema.graphql", read().to(graphql::sdl))
            .route("/", read().to(playground::page))
            .route("/{asset:.*}", read().to(playground::asset));
    }
}

/// For `Retry-After`: never so few that who waits them comes too early. RFC 9110, 10.2.3.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// GET, and HEAD, by which some balancers look whether a server lives.
fn read() -> Route {
    route().guard(Any(Get()).or(Head()))
}

/// Serves until `shutdown` is done, then answers what is running. The port is the listener's, so that a test
/// can ask for any that is free.
pub async fn run(
    listener: TcpListener,
    callers: Arc<Callers>,
    config: &Config,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    callers.start().await;
    let introspection = config.documents.introspection;
    let persisted = Data::new(Persisted::new(&config.documents));
    let schema = Schema::new(config.documents.clone());
    let pages = Data::new(config.http.clone());
    let app = move || {
        App::new()
            .app_data(Data::new(schema.clone()))
            .app_data(Data::from(Arc::clone(&callers)))
            .app_data(persisted.clone())
            .app_data(pages.clone())
            .wrap(cors::cors(&pages))
            .wrap(from_fn(access_log::log_request))
            .wrap(from_fn(unread::close))
            .configure(|routing| routes(routing, introspection))
    };
    let server = HttpServer::new(app)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(GRACE.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let stop = async {
        shutdown.await;
        handle.stop(true).await;
        // The server ends by itself once it has answered everybody.
        pending::<Infallible>().await
    };
    tokio::select! {
        served = server => served,
        never = stop => match never {},
    }
}
