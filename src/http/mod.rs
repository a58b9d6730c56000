//! The routes, on one screen; serving them until told to stop.

mod access_log;
pub mod auth;
mod cors;
mod graphql;
mod health;
mod imagekit;
mod playground;

use std::convert::Infallible;
use std::future::pending;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::guard::{Any, Get, Head};
use actix_web::middleware::from_fn;

use actix_web::web::{Data, ServiceConfig, route};
use actix_web::{App, HttpServer, Route};

use crate::config::{Documents, Http};
use crate::schema::Schema;
use auth::Callers;
use graphql::Persisted;

/// How long requests that are running may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How long a client may take to send the head of its request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

fn routes(config: &mut ServiceConfig) {
    config
        .service(graphql::route())
        .route("/schema.graphql", read().to(graphql::sdl))
        .service(imagekit::routes())
        .route("/health/live", read().to(health::live))
        .route("/health/ready", read().to(health::ready))
        .route("/", read().to(playground::page))
        .route("/{asset:.*}", read().to(playground::asset));
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
    pages: Http,
    documents: Documents,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    callers.start().await;
    let persisted = Data::new(Persisted::new(&documents));
    let schema = Schema::new(documents);
    let pages = Data::new(pages);
    let app = move || {
        App::new()
            .app_data(Data::new(schema.clone()))
            .app_data(Data::from(Arc::clone(&callers)))
            .app_data(persisted.clone())
            .app_data(pages.clone())
            .wrap(cors::cors(&pages))
            .wrap(from_fn(access_log::log_request))
            .configure(routes)
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
