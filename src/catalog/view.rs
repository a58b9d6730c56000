//! A catalog as one of its callers may see it. All who ask go through one of these: what is withheld from them is taken out of
//! what is shown, and never of what is kept, which others see whole.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use moka::sync::Cache;
use tokio::time::Instant;

use super::{Catalog, Found};
use crate::config::Private;
use crate::error::Result;
use crate::index::groups::{Duplicates, Group};
use crate::index::{Place, Wanted};
use crate::metadata::{ImageRef, Metadata, Question, withhold};
use crate::permits::Permit;
use crate::source::Listed;
use crate::source::engine::library::{Draft, LibraryFile, Named};
use crate::source::engine::preview::Preview;

/// Bytes of images that are remembered as they are shown, of some KiB each: to take out what is private costs a third as much again
/// as all else that it takes to answer for one that is known. A stranger's EXIF may take MBs.
const REMEMBERED: u64 = 4 << 20;

pub struct View {
    catalog: Arc<Catalog>,
    withheld: Vec<Private>,
    /// By the address of what is shown, which nothing else has as long as it is remembered here.
    shown: Cache<usize, (Weak<Metadata>, Arc<Metadata>)>,
}

impl View {
    /// `withheld` from whoever has it.
    pub fn new(catalog: &Arc<Catalog>, withheld: &[Private]) -> Self {
        let shown = Cache::builder().max_capacity(REMEMBERED).weigher(weight).build();
        Self { catalog: Arc::clone(catalog), withheld: withheld.to_vec(), shown }
    }

    /// As [`Catalog::at_hand`].
    pub fn at_hand(&self, image: &ImageRef, question: impl Into<Question>) -> Option<Result<Found>> {
        self.catalog.at_hand(image, question).map(|found| found.map(|found| self.shown(found)))
    }

    /// As [`Catalog::metadata`].
    pub async fn metadata(
        &self,
        image: &ImageRef,
        question: impl Into<Question>,
        until: Instant,
    ) -> Result<Found> {
        self.catalog.metadata(image, question, until).await.map(|found| self.shown(found))
    }

    /// As [`Catalog::files`], and what of it is withheld.
    pub async fn files(
        &self,
        query: &str,
        until: Instant,
    ) -> Result<(Listed<Vec<LibraryFile>>, Vec<Private>)> {
        self.catalog.files(query, until).await.map(|listed| self.listed(listed))
    }

    /// As [`Catalog::file`], and what of it is withheld.
    pub async fn file(&self, id: &str, until: Instant) -> Result<(Listed<LibraryFile>, Vec<Private>)> {
        self.catalog.file(id, until).await.map(|listed| self.listed(listed))
    }

    /// As [`Catalog::page`]. Paths are not private.
    pub async fn page(
        &self,
        under: Option<String>,
        after: Option<String>,
        limit: usize,
        until: Instant,
    ) -> Result<Vec<LibraryFile>> {
        self.catalog.page(under, after, limit, until).await
    }

    /// As [`Catalog::alike`].
    pub async fn alike(&self, wanted: Wanted, until: Instant) -> Result<Vec<Place>> {
        self.catalog.alike(wanted, until).await
    }

    /// As [`Catalog::duplicates`].
    pub async fn duplicates(&self, within: u32, until: Instant) -> Result<Arc<Duplicates>> {
        self.catalog.duplicates(within, until).await
    }

    /// As [`Catalog::copies`].
    pub async fn copies(
        &self,
        groups: Vec<Group>,
        limit: usize,
        until: Instant,
    ) -> Result<Vec<Vec<PathBuf>>> {
        self.catalog.copies(groups, limit, until).await
    }

    /// As [`Catalog::preview`]. What a picture shows is not private.
    pub async fn preview(&self, image: ImageRef, until: Instant) -> Result<Preview> {
        self.catalog.preview(image, until).await
    }

    /// As [`Catalog::intake`].
    pub async fn intake(&self) -> Result<Arc<Permit>> {
        self.catalog.intake().await
    }

    /// Bytes of one file.
    pub fn max_file_bytes(&self) -> u64 {
        self.catalog.max_file_bytes()
    }

    /// As [`Catalog::draft`].
    pub async fn draft(&self, intake: &Arc<Permit>) -> Result<Draft> {
        self.catalog.draft(intake).await
    }

    /// As [`Catalog::fetch`].
    pub async fn fetch(&self, url: &str, intake: &Arc<Permit>, until: Instant) -> Result<Draft> {
        self.catalog.fetch(url, intake, until).await
    }

    /// As [`Catalog::store`].
    pub async fn store(
        &self,
        draft: Draft,
        named: Named,
        tags: Vec<String>,
        until: Instant,
    ) -> Result<LibraryFile> {
        self.catalog.store(draft, named, tags, until).await
    }

    /// As [`Catalog::tags`].
    pub async fn tags(&self, paths: Vec<PathBuf>, until: Instant) -> Result<Vec<Vec<String>>> {
        self.catalog.tags(paths, until).await
    }

    /// How long what an image looks like now may be shown again.
    pub fn fresh_for(&self, image: &ImageRef) -> Duration {
        self.catalog.fresh_for(image, true)
    }

    pub fn ttl(&self) -> Duration {
        self.catalog.ttl()
    }

    pub fn until(&self) -> Instant {
        self.catalog.until()
    }

    fn shown(&self, found: Found) -> Found {
        if self.withheld.is_empty() {
            return found;
        }
        let whole = &found.metadata;
        let without = || (Arc::downgrade(whole), Arc::clone(whole).without(&self.withheld));
        let (_, metadata) = self.shown.get_with(Arc::as_ptr(whole) as usize, without);
        Found { metadata, ..found }
    }

    /// What the engine lists says nothing that is private.
    fn listed<T>(&self, listed: Listed<T>) -> (Listed<T>, Vec<Private>) {
        match listed {
            Listed::Verbatim(mut value) => {
                let withheld = withhold(&mut value, &self.withheld);
                (Listed::Verbatim(value), withheld)
            }
            library @ Listed::Library(_) => (library, Vec::new()),
        }
    }
}

/// Of the one that was taken from only its head stays, without what it points to.
fn weight(_: &usize, (_, shown): &(Weak<Metadata>, Arc<Metadata>)) -> u32 {
    (shown.footprint() + size_of::<Metadata>()).try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_weighs_what_it_takes() {
        let metadata = |path: usize| Arc::new(Metadata::listed("x".repeat(path)));
        let weight = |metadata: &Arc<Metadata>| weight(&0, &(Arc::downgrade(metadata), Arc::clone(metadata)));
        assert_eq!(weight(&metadata(5_000)) - weight(&metadata(1_000)), 4_000);
        assert!(weight(&metadata(0)) as usize >= 2 * size_of::<Metadata>());
    }
}
