//! The HTTP client of buckets: the gateway's own, whose calls are counted, and what lists say that is no file's key.

use std::error::Error as StdError;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use futures_util::TryStreamExt;
use object_store::ClientOptions;
use object_store::client::{
    ClientConfigKey, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use reqwest::{Client, ClientBuilder, Method};

use super::plain_keys::without_odd_keys;
use crate::cost::{Call, Endpoint, Outcome};
use crate::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A bucket that is silent for longer is not going to answer before the deadline.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of a list or of an error: a thousand of the longest keys, each byte written as `&#x..;`, are 6 MB.
const MAX_TEXT: usize = 8 << 20;

#[derive(Debug)]
pub struct Connector;

/// A text that is longer than any of a bucket's.
#[derive(Debug, thiserror::Error)]
#[error("it is too long")]
struct TooLong;

#[derive(Debug)]
struct Connection {
    reading: Client,
    /// An answer to a file that is sent comes when all of it has arrived: who sends it has a clock of its own.
    writing: Client,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp);
        let client =
            || tls::client().https_only(plain.as_deref() != Some("true")).connect_timeout(CONNECT_TIMEOUT);
        let build = |client: ClientBuilder| {
            client.build().map_err(|source| object_store::Error::Generic {
                store: "HTTP",
                source: Box::<dyn StdError + Send + Sync>::from(source),
            })
        };
        let reading = build(client().read_timeout(READ_TIMEOUT))?;
        Ok(HttpClient::new(Connection { reading, writing: build(client())? }))
    }
}

#[async_trait]
impl HttpService for Connection {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_list = request.uri().query().is_some_and(is_list);
        let call = Call::start(Endpoint::Bucket);
        let client = if request.method() == Method::PUT { &self.writing } else { &self.reading };
        let answer = client.call(request).await;
        call.end(match &answer {
            Ok(answer) => Outcome::of_status(answer.status().as_u16()),
            Err(error) if error.kind() == HttpErrorKind::Timeout => Outcome::Timeout,
            Err(_) => Outcome::Broken,
        });
        let answer = answer?;
        // What is no file is read at once, by a library that knows no bound.
        match is_list || !answer.status().is_success() {
            true => within_bounds(answer).await,
            false => Ok(answer),
        }
    }
}

/// `GET` of a bucket: S3's and Google's, Azure's.
fn is_list(query: &str) -> bool {
    query.split('&').any(|parameter| matches!(parameter, "list-type=2" | "comp=list"))
}

async fn within_bounds(answer: HttpResponse) -> Result<HttpResponse, HttpError> {
    let (head, body) = answer.into_parts();
    let mut chunks = body.bytes_stream();
    let mut text = BytesMut::new();
    while let Some(chunk) = chunks.try_next().await? {
        if text.len() + chunk.len() > MAX_TEXT {
            return Err(HttpError::new(HttpErrorKind::Decode, TooLong));
        }
        text.extend_from_slice(&chunk);
    }
    let body = if head.status.is_success() { without_odd_keys(&text) } else { text.into() };
    Ok(HttpResponse::from_parts(head, HttpResponseBody::from(body)))
}
