//! One batch a body of requests: what all their fields want is united per image, and each image is looked up once.
//!
//! Look-ups are started, not awaited, so a slow image holds up only those who asked for it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use futures_util::future::{BoxFuture, Either, FutureExt, Ready, Shared, ready};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::plan::{self, Wants};
use super::told::Told;
use crate::catalog::View;
use crate::cost;
use crate::error::{Error, Result};
use crate::index::groups::{Duplicates, Group};
use crate::index::{Place, Wanted};
use crate::metadata::{ImageRef, Metadata, Question};
use crate::source::engine::library::{Draft, LibraryFile, Named};

type Answer = Result<Arc<Metadata>>;

/// An image that is known already, or is being looked up.
pub type Pending = Either<Ready<Answer>, Shared<BoxFuture<'static, Answer>>>;

/// What the requests of one body ask for.
pub struct Loader {
    catalog: Arc<View>,
    /// When they are to be answered.
    until: Instant,
    told: Arc<Told>,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    /// Wanted, and not begun: other fields may want more of the same images.
    wanted: Wants,
    begun: HashMap<ImageRef, (Question, Pending)>,
}

impl Loader {
    /// For one body, which is answered by `until`.
    pub fn new(catalog: Arc<View>, until: Instant, told: Arc<Told>) -> Arc<Self> {
        Arc::new(Self { catalog, until, told, asked: Mutex::default() })
    }

    /// All that is wanted, where it is begun.
    fn begun(&self, wants: &Wants) -> Option<HashMap<ImageRef, Pending>> {
        self.with(|asked| asked.begun(wants))
    }

    /// Begins all of it, where that is all that the body wants.
    pub fn start_only(&self, wants: Wants) -> HashMap<ImageRef, Pending> {
        self.told.cost.count_images(wants.len());
        let start = |(image, question)| {
            let pending = self.look_up(&image, question);
            (image, pending)
        };
        wants.into_iter().map(start).collect()
    }

    fn want(&self, wants: &Wants) {
        self.with(|asked| {
            for (image, question) in wants {
                plan::want(&mut asked.wanted, image.clone(), *question);
            }
        });
    }

    /// Begins whatever is wanted by now.
    fn begin(&self) {
        self.with(|asked| {
            let before = asked.begun.len();
            for (image, question) in std::mem::take(&mut asked.wanted) {
                let begun = asked.begun.get(&image).map(|(begun, _)| *begun);
                if !begun.is_some_and(|begun| begun.covers(question)) {
                    let question = begun.map_or(question, |begun| begun.and(question));
                    let pending = self.look_up(&image, question);
                    asked.begun.insert(image, (question, pending));
                }
            }
            self.told.cost.count_images(asked.begun.len() - before);
        });
    }

    fn look_up(&self, image: &ImageRef, question: Question) -> Pending {
        match cost::counted(&self.told.cost, || self.catalog.at_hand(image, question)) {
            Some(found) => Either::Left(ready(found.map(|found| self.told.take(image, question, found)))),
            None => Either::Right(self.start(image.clone(), question)),
        }
    }

    /// Runs as a task of its own: it goes on while nobody looks, and a panic ends it alone.
    fn start(&self, image: ImageRef, question: Question) -> Shared<BoxFuture<'static, Answer>> {
        let (catalog, told) = (Arc::clone(&self.catalog), Arc::clone(&self.told));
        let until = self.until;
        let look_up = async move {
            let found = catalog.metadata(&image, question, until).await?;
            Ok(told.take(&image, question, found))
        };
        let task = tokio::spawn(cost::of(Arc::clone(&self.told.cost), look_up));
        task.map(|ended| ended.unwrap_or(Err(Error::Internal))).boxed().shared()
    }

    fn with<T>(&self, act: impl FnOnce(&mut Asked) -> T) -> T {
        act(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Asked {
    fn begun(&self, wants: &Wants) -> Option<HashMap<ImageRef, Pending>> {
        let pending = |(image, question): (&ImageRef, &Question)| {
            let (begun, pending) = self.begun.get(image)?;
            begun.covers(*question).then(|| (image.clone(), pending.clone()))
        };
        wants.iter().map(pending).collect()
    }
}

/// Starts looking up several images at once; free where the request has asked for them already.
pub async fn start_all(ctx: &Context<'_>, wants: Wants) -> HashMap<ImageRef, Pending> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    if let Some(begun) = loader.begun(&wants) {
        return begun;
    }
    loader.want(&wants);
    // All fields that are ready to run say what they want before this one goes on.
    yield_now().await;
    loader.begin();
    loader.begun(&wants).unwrap_or_default()
}

/// A page of the library. It is asked for anew each time, and so is not to be kept by those who are told it.
pub async fn page(
    ctx: &Context<'_>,
    under: Option<String>,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<LibraryFile>> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    loader.told.take_list();
    let page = loader.catalog.page(under, after, limit, loader.until);
    cost::of(Arc::clone(&loader.told.cost), page).await
}

/// Puts a file into the library.
pub async fn store(ctx: &Context<'_>, draft: Draft, named: Named) -> Result<LibraryFile> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    let store = loader.catalog.store(draft, named, Vec::new(), loader.until);
    cost::of(Arc::clone(&loader.told.cost), store).await
}

/// The library's files that look like a hash, by its index, which changes as the library does.
pub async fn alike(ctx: &Context<'_>, wanted: Wanted) -> Result<Vec<Place>> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    loader.told.take_list();
    loader.catalog.alike(wanted, loader.until).await
}

/// The library's groups of files that look the same.
pub async fn duplicates(ctx: &Context<'_>, within: u32) -> Result<Arc<Duplicates>> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    loader.told.take_list();
    loader.catalog.duplicates(within, loader.until).await
}

/// So many files of each group, the best first.
pub async fn copies(ctx: &Context<'_>, groups: &[Group], limit: usize) -> Result<Vec<Vec<PathBuf>>> {
    let loader = ctx.data_unchecked::<Arc<Loader>>();
    loader.catalog.copies(groups.to_vec(), limit, loader.until).await
}

/// Looks up one image.
pub async fn load(
    ctx: &Context<'_>,
    image: ImageRef,
    question: impl Into<Question>,
) -> Result<Arc<Metadata>> {
    let mut started = start_all(ctx, Wants::from([(image.clone(), question.into())])).await;
    started.remove(&image).ok_or(Error::Internal)?.await
}
