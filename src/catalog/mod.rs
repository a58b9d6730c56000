//! The one door to metadata: from the cache, else from the source. Concurrent asks for an image share one load.

mod load;
mod tagged;
mod uploads;
mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, debug_span};

use crate::cache::{Entry, MemoryCache, SharedCache};
use crate::config::{self, Config};
use crate::cost::{self, Look, Tier};
use crate::error::{Error, Result};
use crate::index::groups::{Duplicates, Group};
use crate::index::{Index, Place, Wanted};
use crate::metadata::{ImageRef, Metadata, Question};
use crate::redis::Redis;
use crate::source::engine::library::LibraryFile;
use crate::source::engine::preview::Preview;
use crate::source::{Listed, Source};
use uploads::Storing;
pub use view::View;

pub struct Catalog {
    source: Source,
    cache: MemoryCache,
    /// With other replicas.
    shared: Option<SharedCache>,
    /// Of the engine's library.
    index: Option<Arc<Index>>,
    keep: config::Cache,
    storing: Storing,
    /// That are taken.
    max_file_bytes: u64,
    deadline: Duration,
    /// What is left of it when a source has to say what it knows.
    reserve: Duration,
    /// Where loads run. A worker that has answered its callers ends, and with it the connections that it has opened.
    tasks: Handle,
}

/// An answer to a question about an image.
#[derive(Debug, Clone)]
pub struct Found {
    pub metadata: Arc<Metadata>,
    /// How old it is, where it is older than it may be because asking anew failed.
    pub stale: Option<Duration>,
    /// How long whoever is told it may tell it on.
    pub fresh_for: Duration,
}

/// An entry, and whether it is told although it is too old.
struct Told {
    entry: Entry,
    stale: bool,
}

/// What a load starts from.
enum Base {
    /// What was known before, for the case that nothing has changed.
    Known(Option<Entry>),
    /// What is to be completed.
    Stated(Entry),
}

impl Catalog {
    /// Its loads run on `tasks`.
    pub fn new(
        source: Source,
        redis: Option<Arc<Redis>>,
        index: Option<Arc<Index>>,
        config: &Config,
        tasks: Handle,
    ) -> Self {
        let keep = config.cache.clone();
        let share = |redis| SharedCache::new(redis, &source.scope(), keep.stale);
        let shared = redis.map(share);
        let cache = MemoryCache::new(keep.max_bytes, keep.stale);
        let (deadline, max_file_bytes) = (config.limits.deadline, config.limits.max_bytes);
        let reserve = deadline.saturating_sub(config.limits.patience());
        let storing = Storing::default();
        Self { source, cache, shared, index, keep, storing, max_file_bytes, deadline, reserve, tasks }
    }

    /// The files that a query in ImageKit's parameters selects; asked for anew each time.
    pub async fn files(self: &Arc<Self>, query: &str, until: Instant) -> Result<Listed<Vec<LibraryFile>>> {
        let (catalog, query) = (Arc::clone(self), query.to_owned());
        let files = async move { catalog.source.files(&catalog.by_ids(&query).await?).await };
        self.run(until, files).await
    }

    /// A page of the engine's library: `Source::page`.
    pub async fn page(
        self: &Arc<Self>,
        under: Option<String>,
        after: Option<String>,
        limit: usize,
        until: Instant,
    ) -> Result<Vec<LibraryFile>> {
        let catalog = Arc::clone(self);
        let page = async move { catalog.source.page(under.as_deref(), after.as_deref(), limit).await };
        self.run(until, page).await
    }

    /// The library's files that look like a hash: `Index::alike`.
    pub async fn alike(&self, wanted: Wanted, until: Instant) -> Result<Vec<Place>> {
        let index = Arc::clone(self.index()?);
        self.run(until, async move { index.alike(&wanted).await }).await
    }

    /// The library's groups of files that look the same: `Index::duplicates`.
    pub async fn duplicates(&self, within: u32, until: Instant) -> Result<Arc<Duplicates>> {
        let index = Arc::clone(self.index()?);
        self.run(until, async move { index.duplicates(within).await }).await
    }

    /// So many files of each group, the best first.
    pub async fn copies(
        &self,
        groups: Vec<Group>,
        limit: usize,
        until: Instant,
    ) -> Result<Vec<Vec<PathBuf>>> {
        let index = Arc::clone(self.index()?);
        let copies = async move {
            let mut copies = Vec::with_capacity(groups.len());
            for group in &groups {
                copies.push(if limit > 0 { index.files_of(group, limit).await? } else { Vec::new() });
            }
            Ok(copies)
        };
        self.run(until, copies).await
    }

    /// One file, without what its bytes say; asked for anew each time.
    pub async fn file(self: &Arc<Self>, id: &str, until: Instant) -> Result<Listed<LibraryFile>> {
        let (catalog, id) = (Arc::clone(self), id.to_owned());
        self.run(until, async move { catalog.source.file(&id).await }).await
    }

    /// What an image looks like, made anew each time: `Source::preview`.
    pub async fn preview(self: &Arc<Self>, image: ImageRef, until: Instant) -> Result<Preview> {
        let catalog = Arc::clone(self);
        self.run(until, async move { catalog.source.preview(&image).await }).await
    }

    /// The index of the library.
    fn index(&self) -> Result<&Arc<Index>> {
        self.index
            .as_ref()
            .ok_or(Error::BadRequest("it needs an index of the engine's library, which --index makes"))
    }

    /// How long an answer is given again without asking anew.
    pub fn ttl(&self) -> Duration {
        self.keep.ttl
    }

    /// When a request that comes now is to be answered.
    pub fn until(&self) -> Instant {
        Instant::now() + self.deadline
    }

    /// What is known of an image without asking anybody.
    pub fn at_hand(&self, image: &ImageRef, question: impl Into<Question>) -> Option<Result<Found>> {
        let fresh = self.known(image, self.source.answered(question.into())).filter(Entry::is_fresh)?;
        Some(Told::at_once(fresh).found())
    }

    /// What is known of an image; `Error::Timeout` where that takes longer than `until`.
    pub async fn metadata(
        self: &Arc<Self>,
        image: &ImageRef,
        question: impl Into<Question>,
        until: Instant,
    ) -> Result<Found> {
        let question = question.into();
        let look_up = async {
            let found = self.look_up(image, question, until).await;
            found.inspect_err(|error| match error.is_passing() {
                true => tracing::info!(kind = image.kind(), %error, "an image has no answer"),
                false => tracing::debug!(kind = image.kind(), %error, "an image has no answer"),
            })
        };
        look_up.instrument(debug_span!("look_up", kind = image.kind(), ?question)).await
    }

    async fn look_up(
        self: &Arc<Self>,
        image: &ImageRef,
        question: Question,
        until: Instant,
    ) -> Result<Found> {
        let question = self.source.answered(question);
        match self.source.stated(question) {
            all if all == question => self.stated(image, question, until).await?.found(),
            part => self.completed(image, part, question, until).await?.found(),
        }
    }

    /// What the source says.
    async fn stated(self: &Arc<Self>, image: &ImageRef, question: Question, until: Instant) -> Result<Told> {
        let known = self.known(image, question);
        if let Some(fresh) = known.as_ref().filter(|entry| entry.is_fresh()) {
            return Ok(Told::at_once(fresh.clone()));
        }
        cost::looked(Tier::Memory, Look::Miss);
        // Who could be told something old does not wait for long.
        let is_there = known.as_ref().is_some_and(|entry| entry.metadata.is_some());
        let patience = if is_there { until.min(Instant::now() + self.deadline / 4) } else { until };
        let load = self.start(image, question, Base::Known(known), until);
        match timeout_at(patience, load).await.unwrap_or(Err(Error::Timeout)) {
            Ok(entry) => Ok(Told { entry, stale: false }),
            Err(error) if error.is_outage() => self.old(image, question).ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// What there is where asking anew has failed.
    fn old(&self, image: &ImageRef, question: Question) -> Option<Told> {
        let known = self.known(image, question)?;
        known.metadata.is_some().then(|| Told::at_once(known))
    }

    /// What the source says, with what it does not state. That costs nothing else where it cannot be had.
    async fn completed(
        self: &Arc<Self>,
        image: &ImageRef,
        part: Question,
        question: Question,
        until: Instant,
    ) -> Result<Told> {
        if let Some(fresh) = self.known(image, question).filter(Entry::is_fresh) {
            return Ok(Told::at_once(fresh));
        }
        let Told { entry, stale } = self.stated(image, part, until).await?;
        if entry.answered.covers(question) {
            return Ok(Told { entry, stale });
        }
        let load = self.start(image, question, Base::Stated(entry.clone()), until);
        let entry = match timeout_at(until, load).await.unwrap_or(Err(Error::Timeout)) {
            Ok(entry) => entry,
            Err(error) => entry.lacking(question.extras, &error),
        };
        Ok(Told { entry, stale })
    }

    /// Starts a load, or joins the one that is under way. It goes on while nobody waits for it, and ends with no worker
    /// that ends: those who ask next will be glad of it.
    async fn start(
        self: &Arc<Self>,
        image: &ImageRef,
        question: Question,
        base: Base,
        until: Instant,
    ) -> Result<Entry> {
        let (catalog, image) = (Arc::clone(self), image.clone());
        let load = async move {
            let load = catalog.load(&image, question, base, until - catalog.reserve);
            catalog.cache.load_once(&image, question, load).await
        };
        self.run(until, load).await
    }

    /// A panic is that work's alone.
    async fn run<T: Send + 'static>(
        &self,
        until: Instant,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let work = async move { timeout_at(until, work).await.unwrap_or(Err(Error::Timeout)) };
        self.tasks.spawn(cost::shared(work)).await.unwrap_or(Err(Error::Internal))
    }

    fn known(&self, image: &ImageRef, question: Question) -> Option<Entry> {
        self.cache.get(image).filter(|entry| entry.answered.covers(question))
    }
}

impl Told {
    /// From the cache.
    fn at_once(entry: Entry) -> Self {
        let stale = !entry.is_fresh();
        cost::looked(Tier::Memory, if stale { Look::Stale } else { Look::Hit });
        Self { entry, stale }
    }

    fn found(self) -> Result<Found> {
        let stale = self.stale.then(|| self.entry.age());
        let fresh_for = self.entry.time_left(Duration::ZERO);
        let fresh_for = if self.entry.is_for_once() { Duration::ZERO } else { fresh_for };
        Ok(Found { metadata: self.entry.metadata.ok_or(Error::NotFound)?, stale, fresh_for })
    }
}
