//! One batch a body of requests: what all their fields want is united per image, and each image is loaded once.
//!
//! The values are shared futures: the work is started, not awaited, so a slow image holds up only those who
//! asked for it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use tokio::time::Instant;
use tracing::Instrument;

use super::plan::{self, Wants};
use super::told::Told;
use crate::catalog::Catalog;
use crate::cost;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level, Metadata};

/// An image that is being looked up.
pub type Pending = Shared<BoxFuture<'static, Result<Arc<Metadata>>>>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Want {
    pub image: ImageRef,
    pub level: Level,
}

pub type SharedLoader = Arc<DataLoader<Batch>>;

/// What the requests of one body have asked for so far.
pub struct Batch {
    catalog: Arc<Catalog>,
    /// When they are to be answered.
    until: Instant,
    told: Arc<Told>,
    started: Mutex<HashMap<ImageRef, (Level, Pending)>>,
}

impl Batch {
    /// A loader for one body, which is answered by `until`. It waits for the fields that are ready to run, and not a moment
    /// longer.
    pub fn loader(catalog: Arc<Catalog>, until: Instant, told: Arc<Told>) -> SharedLoader {
        let batch = Self { until, catalog, told, started: Mutex::default() };
        let spawn = |task| tokio::spawn(Instrument::in_current_span(task));
        Arc::new(DataLoader::new(batch, spawn).delay(Duration::ZERO))
    }

    /// Runs as a task of its own: it goes on while nobody looks, and a panic ends it alone.
    fn start(&self, image: ImageRef, level: Level) -> Pending {
        let (catalog, told) = (Arc::clone(&self.catalog), Arc::clone(&self.told));
        let until = self.until;
        let look_up = async move {
            let found = catalog.metadata(&image, level, until).await?;
            told.add(image, &found);
            Ok(found.metadata)
        };
        let task = tokio::spawn(cost::of(Arc::clone(&self.told.cost), look_up));
        task.map(|ended| ended.unwrap_or(Err(Error::Internal))).boxed().shared()
    }
}

impl Loader<Want> for Batch {
    type Value = Pending;
    type Error = Infallible;

    async fn load(&self, wants: &[Want]) -> Result<HashMap<Want, Pending>, Infallible> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let before = started.len();
        for (image, level) in united(wants) {
            if started.get(&image).is_none_or(|(known, _)| *known < level) {
                let pending = self.start(image.clone(), level);
                started.insert(image, (level, pending));
            }
        }
        self.told.cost.count_images(started.len() - before);
        let pending = |want: &Want| Some((want.clone(), started.get(&want.image)?.1.clone()));
        Ok(wants.iter().filter_map(pending).collect())
    }
}

/// Each image once, at the highest level that anybody wants of it.
fn united(wants: &[Want]) -> Wants {
    let mut united = Wants::new();
    wants.iter().for_each(|want| plan::want(&mut united, want.image.clone(), want.level));
    united
}

/// Starts looking up several images at once.
pub async fn start_all(ctx: &Context<'_>, wants: Wants) -> HashMap<ImageRef, Pending> {
    let keys = wants.into_iter().map(|(image, level)| Want { image, level });
    let Ok(pending) = loader(ctx).load_many(keys).await;
    pending.into_iter().map(|(want, pending)| (want.image, pending)).collect()
}

/// Looks up one image; free where the request has asked for it already.
pub async fn load(ctx: &Context<'_>, image: ImageRef, level: Level) -> Result<Arc<Metadata>> {
    let Ok(pending) = loader(ctx).load_one(Want { image, level }).await;
    match pending {
        Some(pending) => pending.await,
        None => Err(Error::Internal),
    }
}

fn loader<'a>(ctx: &'a Context<'_>) -> &'a DataLoader<Batch> {
    ctx.data_unchecked::<SharedLoader>()
}
