//! Remote files over real sockets on loopback: what the guard lets through, and what hostile or broken servers
//! can do to a fetch.

mod guard;
mod parts;
mod reply;
mod server;
mod streams;

use std::ops::Range;
use std::time::Duration;

use imagraph::error::{Error, Result};
use imagraph::source::engine::address::Allowed;
use imagraph::source::engine::fetch::{Extent, Fetcher, Remote, Settings};
use imagraph::source::engine::known::Gap;
use reply::{Reply, Request};
use server::Server;

const MAX_BYTES: u64 = 1024 * 1024;

/// Loopback answers at once; whatever takes longer hangs on purpose.
const PATIENCE: Duration = Duration::from_secs(10);

fn fetcher(allow_hosts: &[String]) -> Fetcher {
    fetcher_with(allow_hosts, PATIENCE, PATIENCE)
}

fn fetcher_with(allow_hosts: &[String], read_timeout: Duration, total_timeout: Duration) -> Fetcher {
    let hosts = allow_hosts.iter().map(|host| host.parse().unwrap()).collect();
    let allowed = Allowed { hosts, ..Allowed::default() };
    let settings =
        Settings { max_bytes: MAX_BYTES, connect_timeout: PATIENCE, read_timeout, total_timeout, allowed };
    Fetcher::new(settings).unwrap()
}

/// Opens a file of a server that the configuration allows.
async fn open(server: &Server, extent: Extent) -> Result<Remote> {
    fetcher(&[server.host()]).open(&server.url("/a.jpg?signature=secret"), extent).await
}

/// A server with one answer to everything.
async fn always(reply: Reply) -> Server {
    Server::start(move |_| reply.clone()).await
}

/// Bytes that are not the same at any two offsets near each other.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

fn bytes(remote: &Remote, range: Range<u64>) -> Result<&[u8], Gap> {
    remote.known().block().bytes(range.start, range.end - range.start)
}

/// Asserts without printing a file.
#[track_caller]
fn assert_same(found: &[u8], wanted: &[u8]) {
    assert_eq!(found.len(), wanted.len());
    assert!(found == wanted, "the bytes differ");
}

#[track_caller]
fn assert_unavailable<T>(result: Result<T>) {
    let error = result.err().expect("an error");
    assert!(matches!(error, Error::UpstreamUnavailable(_)), "{error:?}");
    assert!(!error.to_string().contains("secret"));
}
