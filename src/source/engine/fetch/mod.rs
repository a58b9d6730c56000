//! Guarded HTTP: the bytes of images at addresses that strangers name.
//!
//! Every request, of every hop and every range, goes through [`Fetcher::get`], which judges the URL; every
//! connection goes through [`Resolver`], which judges what a name resolves to. There is no other way out.

mod answer;
mod client;
mod pace;
mod quota;
mod redirect;
mod remote;
mod resolver;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};
use url::Url;

pub(super) use quota::{FIRST_BYTES, Quota, lack};
pub use remote::Remote;

use super::address::{self, Allowed, Reach};
use crate::cost::{Call, Endpoint, Outcome};
use crate::error::{Error, Result};
use crate::metadata::Version;
use resolver::{LookUp, Resolver};

/// Longer URLs are no images' and would only be carried about, in bytes.
const MAX_URL: usize = 8 * 1024;

const MAX_REDIRECTS: usize = 3;

pub struct Settings {
    /// Bytes of one file that are held at most.
    pub max_bytes: u64,
    /// Name resolution, TCP and TLS together.
    pub connect_timeout: Duration,
    /// Up to the head of an answer, connecting included, and then between two reads.
    pub read_timeout: Duration,
    /// Of one file, from opening it to the last byte that is wanted.
    pub total_timeout: Duration,
    pub allowed: Allowed,
}

/// What to ask for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The header is wanted: it rarely needs more.
    FirstBytes,
    /// Every byte is wanted.
    Whole,
}

impl Extent {
    fn range(self) -> Option<Range<u64>> {
        match self {
            Self::FirstBytes => Some(0..FIRST_BYTES),
            Self::Whole => None,
        }
    }
}

/// What a request asks for of a file: RFC 9110, 13 and 14.
#[derive(Default)]
struct Conditions<'a> {
    range: Option<&'a Range<u64>>,
    /// The whole file where this is no longer its tag.
    if_range: Option<&'a str>,
    /// Nothing where the file still is this version.
    unless: Option<&'a Version>,
}

impl Conditions<'_> {
    fn put(&self, mut request: RequestBuilder) -> RequestBuilder {
        if let Some(range) = self.range {
            request = request.header(RANGE, format!("bytes={}-{}", range.start, range.end - 1));
        }
        if let Some(tag) = self.if_range {
            request = request.header(IF_RANGE, tag);
        }
        if let Some(tag) = self.unless.and_then(|version| version.etag.as_deref()) {
            request = request.header(IF_NONE_MATCH, tag);
        }
        // A server that knows tags does not look at the date (13.1.3).
        if let Some(date) = self.unless.and_then(|version| version.last_modified.as_deref()) {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        request
    }
}

/// Cheap to clone: clones share their connections.
#[derive(Clone)]
pub struct Fetcher {
    /// For hosts that have to be public.
    public: Client,
    /// For hosts that the configuration allows to be anywhere.
    exempt: Client,
    settings: Arc<Settings>,
}

impl Fetcher {
    pub fn new(settings: Settings) -> Result<Self> {
        Self::looking_up(Arc::new(resolver::system), settings)
    }

    fn looking_up(look_up: LookUp, settings: Settings) -> Result<Self> {
        let settings = Arc::new(settings);
        let resolver = Resolver::new(settings.clone(), look_up);
        Ok(Self {
            public: client::build(&settings, resolver.reaching(Reach::Public))?,
            exempt: client::build(&settings, resolver.reaching(Reach::Anywhere))?,
            settings,
        })
    }

    pub async fn open(&self, url: &str, extent: Extent) -> Result<Remote> {
        let opened = self.open_unless(url, extent, None).await?;
        opened.ok_or(Error::UpstreamUnavailable("it says that nothing has changed, which nobody asked"))
    }

    /// `None` where the file still is that version.
    pub async fn open_unless(
        &self,
        url: &str,
        extent: Extent,
        known: Option<&Version>,
    ) -> Result<Option<Remote>> {
        let deadline = Instant::now() + self.settings.total_timeout;
        let opened = timeout_at(deadline, self.open_before(deadline, url, extent, known));
        opened.await.unwrap_or(Err(Error::Timeout))
    }

    async fn open_before(
        &self,
        deadline: Instant,
        url: &str,
        extent: Extent,
        known: Option<&Version>,
    ) -> Result<Option<Remote>> {
        let range = extent.range();
        let conditions = Conditions { range: range.as_ref(), if_range: None, unless: known };
        let (url, response) = self.follow(parse(url)?, &conditions).await?;
        if response.status() == StatusCode::NOT_MODIFIED && known.is_some() {
            return Ok(None);
        }
        let mut remote = Remote::new(self.clone(), url, deadline);
        remote.accept(response, range).await?;
        Ok(Some(remote))
    }

    /// Asks, and asks again where the answers point to. Nothing that one hop says is carried to the next.
    async fn follow(&self, mut url: Url, conditions: &Conditions<'_>) -> Result<(Url, Response)> {
        let mut response = self.get(&url, conditions).await?;
        for _ in 0..MAX_REDIRECTS {
            match redirect::target(&url, response.status(), response.headers())? {
                None => return Ok((url, response)),
                Some(next) => url = next,
            }
            response = self.get(&url, conditions).await.map_err(redirect::blame)?;
        }
        match redirect::target(&url, response.status(), response.headers())? {
            None => Ok((url, response)),
            Some(_) => Err(Error::UpstreamUnavailable("it redirects too often")),
        }
    }

    /// The one door to the network.
    async fn get(&self, url: &Url, conditions: &Conditions<'_>) -> Result<Response> {
        let reach = address::check(url, &self.settings.allowed)?;
        let request = conditions.put(self.client(reach).get(url.clone()));
        let call = Call::start(Endpoint::Remote);
        let span = debug_span!("fetch", host = url.host_str());
        let answer = request.send().instrument(span).await.map_err(client::failure);
        call.end(match &answer {
            Ok(answer) => Outcome::of_status(answer.status().as_u16()),
            Err(Error::Timeout) => Outcome::Timeout,
            Err(_) => Outcome::Broken,
        });
        answer
    }

    fn client(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::Anywhere => &self.exempt,
        }
    }
}

fn parse(url: &str) -> Result<Url> {
    if url.len() > MAX_URL {
        return Err(Error::BadUrl("it is too long"));
    }
    Url::parse(url).map_err(|_| Error::BadUrl("it is not an absolute URL"))
}

#[cfg(test)]
mod rebinding;
