//! The HTTP client as it has to be set up for strangers' URLs, and what its errors mean.

use std::error::Error as StdError;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

use super::Settings;
use super::resolver::Resolver;
use crate::error::{Error, Result};
use crate::tls;

/// For a refused connection and a name that does not resolve alike.
pub(super) const UNREACHABLE: &str = "its host cannot be reached";

/// Connections kept for the next range or image of a host, and for how long.
const IDLE_PER_HOST: usize = 4;
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// No proxy, which would dial what nobody has checked; no redirects, which would carry headers along.
pub(super) fn build(settings: &Settings, resolver: Resolver) -> Result<Client> {
    let client = tls::client()
        .dns_resolver(resolver)
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]))
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT);
    client.build().map_err(|_| Error::Internal)
}

/// Why there was no answer. The client's own text holds the whole URL and must not get out.
pub(super) fn failure(error: reqwest::Error) -> Error {
    if let Some(judged) = verdict(&error) {
        return judged;
    }
    match error {
        late if late.is_timeout() => Error::Timeout,
        unsendable if unsendable.is_builder() => Error::BadUrl("no request can be made of it"),
        lost if lost.is_connect() => Error::UpstreamUnavailable(UNREACHABLE),
        _ => Error::UpstreamUnavailable("its answer is not HTTP"),
    }
}

/// Our resolver's own error, which comes up through the client's.
fn verdict(error: &reqwest::Error) -> Option<Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(own) = inner.downcast_ref::<Error>() {
            return Some(own.clone());
        }
        cause = inner.source();
    }
    None
}
