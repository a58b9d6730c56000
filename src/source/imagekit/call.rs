//! One call to ImageKit: its turn, its tries, and an end to both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout_at};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument, debug_span};

use super::limits;
use super::turns::Turns;
use crate::breaker::{self, Breaker};
use crate::config::ConfigError;
use crate::cost::{self, Call, Endpoint, Outcome};
use crate::error::{Error, Result};
use crate::permits::{Permit, Permits, Pool};
use crate::tls;

/// Calls under way at once. With an upstream 20 ms away 16 take twice as long for a page of 50 images.
const CALLS_AT_ONCE: usize = 64;
const RETRIES: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Of the calls, that may be tried again: the upstream of an outage is not to be asked three times as much.
const RETRIED: f32 = 0.2;
/// A lone call may be tried again whatever the share: so many a second.
const RETRIED_ANYHOW: u32 = 1;
/// The calls that the share is taken of: those of so long.
const REMEMBERED: Duration = Duration::from_secs(3);
/// An answer with every EXIF tag there is has some 20 KB, a list of a thousand files some 2 MB.
const MAX_ANSWER_BYTES: usize = 8 << 20;

const TOO_LONG: Error = Error::UpstreamUnavailable("its answer is too long");
const LEFT_ALONE: Error =
    Error::UpstreamUnavailable("it has failed too often and is left alone for a moment");

pub struct Upstream {
    client: Client,
    private_key: SecretString,
    permits: Permits,
    retries: TpsBudget,
    /// How long a call may take, with all that it waits for.
    patience: Duration,
}

/// What stands before one of ImageKit's endpoints, which have their limits and their outages each for itself.
pub struct Gate {
    turns: Turns,
    breaker: Breaker,
}

impl Gate {
    pub fn new(turns: Turns) -> Self {
        Self { turns, breaker: Breaker::default() }
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

struct Failure {
    error: Error,
    /// Another try may do.
    again: bool,
}

impl Upstream {
    pub fn new(private_key: SecretString, patience: Duration) -> Result<Self, ConfigError> {
        // A try that hangs leaves time for a second one.
        let client = tls::client().timeout(patience / 2).build();
        let client = client.map_err(|error| ConfigError::Unusable {
            setting: "imagekit_url (imagekit.url)",
            reason: error.to_string(),
        })?;
        Ok(Self {
            client,
            private_key,
            permits: Permits::new(Pool::Calls, CALLS_AT_ONCE),
            retries: TpsBudget::new(REMEMBERED, RETRIED_ANYHOW, RETRIED),
            patience,
        })
    }

    /// Asks in turn, at most three times, and gives what `read` makes of the answer. An upstream that breaks off,
    /// or whose answer `read` finds unusable, is asked again.
    pub async fn get<T>(&self, gate: &Gate, url: &str, read: impl Fn(Answer) -> Result<T>) -> Result<T> {
        let until = Instant::now() + self.patience;
        let first = OnceLock::new();
        self.retries.deposit();
        let pauses =
            ExponentialBuilder::new().with_min_delay(FIRST_PAUSE).with_max_times(RETRIES).with_jitter();
        let tries = (async || self.attempt(gate, url, &read, until).await).retry(pauses).when(|failure| {
            let _ = first.set(failure.error.clone());
            failure.again && self.retries.withdraw()
        });
        let outcome = timeout_at(until, tries).await.unwrap_or(Err(TIMED_OUT));
        // What went wrong says more than that it was not tried again.
        outcome.map_err(|Failure { error, .. }| match error {
            LEFT_ALONE => first.into_inner().unwrap_or(LEFT_ALONE),
            error => error,
        })
    }

    /// One try. To be refused for asking too often is none: the next turn waits for as long as ImageKit wants.
    async fn attempt<T>(
        &self,
        gate: &Gate,
        url: &str,
        read: impl Fn(Answer) -> Result<T>,
        until: Instant,
    ) -> Result<T, Failure> {
        let endpoint = gate.turns.endpoint();
        loop {
            if gate.breaker.is_open() {
                return Err(not_sent(endpoint, LEFT_ALONE));
            }
            let permit = self.turn_and_permit(&gate.turns, until).await;
            let _permit = permit.map_err(|error| not_sent(endpoint, error))?;
            let leave = gate.breaker.leave(target(url)).ok_or_else(|| not_sent(endpoint, LEFT_ALONE))?;
            let call = Call::start(endpoint);
            let span = debug_span!("upstream_call", endpoint = Endpoint::NAMES[endpoint as usize]);
            let answer = self.exchange(&gate.turns, url).instrument(span).await;
            call.end(outcome_of(&answer));
            let outcome = answer.and_then(&read);
            match &outcome {
                Err(error) if is_fault(error) => leave.failed(),
                _ => leave.succeeded(),
            }
            if !matches!(outcome, Err(Error::UpstreamRateLimited { .. })) {
                return outcome.map_err(|error| Failure { again: is_fault(&error), error });
            }
        }
    }

    /// A turn that is used at once. One that a permit comes too late for is gone: between the two there may have been a
    /// refusal, and turns that are saved up would be used all together.
    async fn turn_and_permit(&self, turns: &Turns, until: Instant) -> Result<Permit> {
        loop {
            turns.take(until).await?;
            if let Some(permit) = self.permits.try_acquire() {
                return Ok(permit);
            }
            drop(self.permits.acquire().await?);
        }
    }

    async fn exchange(&self, turns: &Turns, url: &str) -> Result<Answer> {
        let request = self.client.get(url).basic_auth(self.private_key.expose_secret(), Some(""));
        let response = request.send().await.map_err(|error| transport_error(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if let Some(limit) = limits::stated(&headers) {
            turns.learn(limit);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            turns.pause(limits::wait(&headers)).await;
            return Ok(Answer { status, headers, body: Vec::new() });
        }
        Ok(Answer { status, headers, body: read_body(response).await? })
    }
}

const TIMED_OUT: Failure = last(Error::Timeout);

const fn last(error: Error) -> Failure {
    Failure { error, again: false }
}

fn not_sent(endpoint: Endpoint, error: Error) -> Failure {
    let why = if error == LEFT_ALONE { Outcome::LeftAlone } else { Outcome::NoTurn };
    cost::not_sent(endpoint, why);
    last(error)
}

fn outcome_of(answer: &Result<Answer>) -> Outcome {
    match answer {
        Ok(answer) => Outcome::of_status(answer.status.as_u16()),
        Err(Error::Timeout) => Outcome::Timeout,
        Err(_) => Outcome::Broken,
    }
}

/// ImageKit is not well, whatever was asked. An answer that is too long is what somebody has asked for.
fn is_fault(error: &Error) -> bool {
    matches!(error, Error::UpstreamUnavailable(_) | Error::Timeout) && *error != TOO_LONG
}

fn target(url: &str) -> breaker::Target {
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    hasher.finish()
}

async fn read_body(mut response: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(TOO_LONG);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Says nothing of the error itself: its text holds the URL.
fn transport_error(error: &reqwest::Error) -> Error {
    if error.is_timeout() { Error::Timeout } else { Error::UpstreamUnavailable("the connection failed") }
}
