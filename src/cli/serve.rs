//! `imagraph serve`: the gateway.

use std::io::{Write, stdout};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::rt::System;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::config::Config;
use crate::http;
use crate::http::auth::Callers;

pub fn run(config: Config) -> Result<ExitCode, Failure> {
    config.check_exposure()?;
    let tasks = Runtime::new()?;
    let callers = Arc::new(Callers::new(&config, tasks.handle())?);
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| Failure { message: format!("listen: {}: {error}", config.listen), status: 2 })?;
    let served = System::new().block_on(serve(listener, callers, &config));
    // Everybody has an answer: what goes on is for nobody.
    tasks.shutdown_background();
    served
}

async fn serve(listener: TcpListener, callers: Arc<Callers>, config: &Config) -> Result<ExitCode, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
    };
    writeln!(stdout(), "listening on http://{}", listener.local_addr()?)?;
    http::run(listener, callers, config, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
