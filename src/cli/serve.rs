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
use crate::telemetry::{self, Traces};

pub fn run(config: Config) -> Result<ExitCode, Failure> {
    config.check_exposure()?;
    let tasks = Runtime::new()?;
    let collector = config.telemetry.otlp_endpoint.as_ref();
    let traces = collector.map(|collector| Traces::start(collector, tasks.handle())).transpose()?;
    telemetry::start(config.telemetry.log_format, traces.as_ref())?;
    let callers = Arc::new(Callers::new(&config, tasks.handle())?);
    tasks.block_on(callers.open_index())?;
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| Failure { message: format!("listen: {}: {error}", config.listen), status: 2 })?;
    let served = System::new().block_on(serve(listener, callers, &config));
    // Who was told twice to stop waits for nobody.
    if let Some(traces) = traces.filter(|_| served.is_ok()) {
        traces.flush();
    }
    // Everybody has an answer: what goes on is for nobody.
    tasks.shutdown_background();
    served
}

async fn serve(listener: TcpListener, callers: Arc<Callers>, config: &Config) -> Result<ExitCode, Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let told = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    writeln!(stdout(), "listening on http://{}", listener.local_addr()?)?;
    http::run(listener, callers, config, told).await?;
    Ok(ExitCode::SUCCESS)
}
