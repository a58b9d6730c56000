//! `imagraph serve`: the gateway.

use std::io::{Write, stdout};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::rt::System;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::http;
use crate::redis::Redis;
use crate::source::Source;

pub fn run(config: Config) -> Result<ExitCode, Failure> {
    let redis = config.redis.clone().map(Redis::new).transpose()?;
    let catalog = Arc::new(Catalog::new(Source::new(&config, redis.as_ref())?, redis, &config));
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| Failure { message: format!("listen: {}: {error}", config.listen), status: 2 })?;
    System::new().block_on(serve(listener, catalog))
}

async fn serve(listener: TcpListener, catalog: Arc<Catalog>) -> Result<ExitCode, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
    };
    catalog.start().await;
    writeln!(stdout(), "listening on http://{}", listener.local_addr()?)?;
    http::run(listener, catalog, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
