//! One remote file, as far as it is known.

use std::ops::Range;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::answer::{self, Answer};
use super::client::failure;
use super::pace::Pace;
use super::{Conditions, Fetcher, Quota, lack};
use crate::cost;
use crate::error::{Error, Result};
use crate::metadata::{Checksum, Version};
use crate::source::engine::known::Known;

/// Requests for parts of one file, the first included.
const MAX_ROUNDS: usize = 16;

const LYING: Error = Error::UpstreamUnavailable("it does not send what it was asked for");
const CHANGED: Error = Error::UpstreamUnavailable("the file changed while it was read");
const BROKEN_OFF: Error = Error::UpstreamUnavailable("it broke off in the middle of the file");

/// Has no `Debug`: the URL's query may be a signature.
pub struct Remote {
    fetcher: Fetcher,
    /// The one that answered, after redirects.
    url: Url,
    /// The first answer's.
    version: Option<Version>,
    no_store: bool,
    known: Known,
    body: Body,
    rounds: usize,
    quota: Quota,
    pace: Pace,
    deadline: Instant,
}

/// Where more bytes come from.
enum Body {
    /// The server sends parts on request.
    Parts,
    /// The server sends the whole file, read so far.
    Stream { response: Box<Response>, position: u64 },
    /// The stream has ended or broken off.
    Over,
}

impl Remote {
    pub(super) fn new(fetcher: Fetcher, url: Url, deadline: Instant) -> Self {
        Self {
            quota: Quota::new(fetcher.settings.max_bytes),
            fetcher,
            url,
            version: None,
            no_store: false,
            known: Known::default(),
            body: Body::Parts,
            rounds: 1,
            pace: Pace::new(),
            deadline,
        }
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    pub fn version(&self) -> Version {
        self.version.clone().unwrap_or_default()
    }

    /// Its server wants nobody to keep anything of it.
    pub fn no_store(&self) -> bool {
        self.no_store
    }

    /// Bytes of file bodies that came in so far.
    pub fn fetched_bytes(&self) -> u64 {
        self.quota.had()
    }

    /// Bytes that are held when these are known: of a stream all up to them.
    pub fn would_hold(&self, need: &Range<u64>) -> u64 {
        let parts = match self.body {
            Body::Stream { .. } => None,
            Body::Parts | Body::Over => self.quota.next(&self.known, need).ok(),
        };
        parts.map_or(need.end, |next| self.quota.had().saturating_add(next.end - next.start))
    }

    /// Makes these bytes known, or that the file ends before them. After too many rounds what is missing
    /// counts as beyond the end. After an error what is known stays so, but a stream is over; so it is when
    /// nobody waits for this any more.
    pub async fn fill(&mut self, need: Range<u64>) -> Result<()> {
        let filled = timeout_at(self.deadline, self.fill_lack(&need)).await.unwrap_or(Err(Error::Timeout));
        // What came ahead of a failure may do.
        if lack(&self.known, &need).is_none() { Ok(()) } else { filled }
    }

    async fn fill_lack(&mut self, need: &Range<u64>) -> Result<()> {
        while let Some(lack) = lack(&self.known, need) {
            if matches!(self.body, Body::Parts) && self.rounds >= MAX_ROUNDS {
                self.known.close();
                break;
            }
            self.get_more(&lack).await?;
        }
        Ok(())
    }

    /// Makes every byte known.
    pub async fn read_all(&mut self) -> Result<()> {
        timeout_at(self.deadline, self.read_rest()).await.unwrap_or(Err(Error::Timeout))
    }

    async fn read_rest(&mut self) -> Result<()> {
        self.rounds = 0;
        while let Some(rest) = self.quota.rest(&self.known)? {
            if self.rounds >= MAX_ROUNDS {
                return Err(LYING);
            }
            self.get_more(&rest).await?;
        }
        Ok(())
    }

    /// SHA-256 of a file that comes as a stream, and is not held for it.
    pub async fn digest(&mut self) -> Result<Checksum> {
        timeout_at(self.deadline, self.digest_stream()).await.unwrap_or(Err(Error::Timeout))
    }

    async fn digest_stream(&mut self) -> Result<Checksum> {
        self.quota.rest(&self.known)?;
        let mut digest = Sha256::new_with_prefix(self.known.prefix());
        let mut end = self.known.prefix().len() as u64;
        while let Some((position, chunk)) = self.next_of_stream().await? {
            if position != end {
                return Err(BROKEN_OFF);
            }
            end += chunk.len() as u64;
            self.quota.holds(end)?;
            digest.update(&chunk);
        }
        Ok(Checksum(digest.finalize().into()))
    }

    async fn get_more(&mut self, lack: &Range<u64>) -> Result<()> {
        match self.body {
            Body::Parts => self.ask(self.quota.next(&self.known, lack)?).await,
            Body::Stream { .. } => self.read_ahead(lack).await,
            Body::Over => Err(BROKEN_OFF),
        }
    }

    async fn ask(&mut self, range: Range<u64>) -> Result<()> {
        self.rounds += 1;
        let if_range = self.version.as_ref().and_then(answer::strong_tag);
        let conditions = Conditions { range: Some(&range), if_range, unless: None };
        let response = self.fetcher.get(&self.url, &conditions).await?;
        self.accept(response, Some(range)).await
    }

    pub(super) async fn accept(&mut self, response: Response, asked: Option<Range<u64>>) -> Result<()> {
        match (Answer::read(&response)?, asked) {
            (Answer::Whole { size }, _) => {
                self.same_file(response.headers(), size)?;
                self.body = Body::Stream { response: Box::new(response), position: 0 };
                Ok(())
            }
            (Answer::Part { range, size }, Some(asked)) if begins(&range, &asked) => {
                self.same_file(response.headers(), size)?;
                self.read_part(range, response).await
            }
            (Answer::Beyond { size }, Some(asked)) => self.end_before(asked.start, size),
            _ => Err(LYING),
        }
    }

    /// Every answer must be of the file that the first was of.
    fn same_file(&mut self, headers: &HeaderMap, size: Option<u64>) -> Result<()> {
        let version = answer::version(headers);
        self.no_store |= answer::no_store(headers);
        if self.version.get_or_insert_with(|| version.clone()).contradicts(&version) {
            return Err(CHANGED);
        }
        self.learn_size(size)
    }

    fn learn_size(&mut self, size: Option<u64>) -> Result<()> {
        let Some(size) = size else { return Ok(()) };
        if self.known.size().is_some_and(|known| known != size) || size < self.known.prefix().len() as u64 {
            return Err(CHANGED);
        }
        self.known.set_size(size);
        Ok(())
    }

    async fn read_part(&mut self, range: Range<u64>, mut response: Response) -> Result<()> {
        let mut position = range.start;
        while let Some(chunk) = self.next_chunk(&mut response).await? {
            let end = position + chunk.len() as u64;
            if end > range.end {
                return Err(LYING);
            }
            self.count(&chunk);
            self.known.add(position, &chunk[..]);
            position = end;
        }
        if position == range.end { Ok(()) } else { Err(BROKEN_OFF) }
    }

    /// Half as much again as there is. Readers begin anew with what they get, and were it a chunk at a time, would take
    /// time in the square of what they read.
    async fn read_ahead(&mut self, lack: &Range<u64>) -> Result<()> {
        let prefix = self.known.prefix().len();
        let enough = prefix + prefix / 2;
        loop {
            self.quota.reaches(&self.known, lack)?;
            self.read_chunk().await?;
            if self.known.prefix().len() >= enough || matches!(self.body, Body::Over) {
                return Ok(());
            }
        }
    }

    async fn read_chunk(&mut self) -> Result<()> {
        if let Some((position, chunk)) = self.next_of_stream().await? {
            self.known.add(position, &chunk[..]);
        }
        Ok(())
    }

    /// The next bytes and where they belong; `None` at the end, which tells the size.
    async fn next_of_stream(&mut self) -> Result<Option<(u64, Bytes)>> {
        // Over unless this chunk comes: a body that has failed once would pass for one that has ended.
        let Body::Stream { mut response, position } = std::mem::replace(&mut self.body, Body::Over) else {
            return Err(BROKEN_OFF);
        };
        let Some(chunk) = self.next_chunk(&mut response).await? else {
            self.learn_size(Some(position))?;
            return Ok(None);
        };
        self.count(&chunk);
        self.body = Body::Stream { response, position: position + chunk.len() as u64 };
        Ok(Some((position, chunk)))
    }

    async fn next_chunk(&mut self, response: &mut Response) -> Result<Option<Bytes>> {
        let chunk = self.pace.wait(response.chunk()).await?.map_err(broken_off)?;
        self.pace.count(chunk.as_ref().map_or(0, Bytes::len));
        Ok(chunk)
    }

    fn count(&mut self, chunk: &[u8]) {
        self.quota.count(chunk.len());
        cost::fetched(chunk.len());
    }

    /// The server has nothing from `start` on. Without a size from it that tells one only where `start` is next.
    fn end_before(&mut self, start: u64, size: Option<u64>) -> Result<()> {
        let next = self.known.prefix().len() as u64 == start;
        match size.or(next.then_some(start)) {
            Some(size) if size <= start => self.learn_size(Some(size)),
            _ => Err(LYING),
        }
    }
}

/// A server may send less than it was asked for (RFC 9110, 15.3.7), but not something else.
fn begins(range: &Range<u64>, asked: &Range<u64>) -> bool {
    range.start == asked.start && range.end <= asked.end
}

fn broken_off(error: reqwest::Error) -> Error {
    match failure(error) {
        Error::Timeout => Error::Timeout,
        _ => BROKEN_OFF,
    }
}
