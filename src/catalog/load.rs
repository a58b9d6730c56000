//! One load: what other replicas know, else what the source says, and how long that is kept.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};
use tracing::Instrument;

use super::{Base, Catalog};
use crate::cache::{Entry, Lead, Shared, SharedCache};
use crate::cost::{self, Look, Tier};
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Metadata, Question};

/// How long a missing image is taken for missing: short, as it may be uploaded at any moment.
const MISSING_FOR: Duration = Duration::from_secs(10);
/// How long a file that is at hand is not looked at again.
const AT_HAND_FOR: Duration = Duration::from_secs(1);

/// How often it is looked whether another replica has found what it is loading.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

impl Catalog {
    /// What is not known by `until` is missing.
    pub(super) async fn load(
        &self,
        image: &ImageRef,
        question: Question,
        base: Base,
        until: Instant,
    ) -> Result<Entry> {
        // Another load may have landed between the look into the cache and this one's start.
        let ours = self.known(image, question);
        if let Some(fresh) = ours.as_ref().filter(|entry| entry.is_fresh()) {
            return Ok(fresh.clone());
        }
        let begun = SystemTime::now();
        let (others, lead) = self.others(image, question).await;
        let answers = others.clone().filter(|theirs| theirs.answered.covers(question));
        if let Some(theirs) = answers.as_ref().filter(|theirs| theirs.is_fresh() || ours.is_none()) {
            self.cache.put(image.clone(), theirs.clone());
        }
        if let Some(fresh) = answers.as_ref().filter(|entry| entry.is_fresh()) {
            return Ok(fresh.clone());
        }
        let entry = match base {
            Base::Stated(stated) => self.complete(image, question, stated).await?,
            Base::Known(known) => self.ask(image, question, known.or(answers).as_ref(), until).await?,
        };
        // What was uploaded meanwhile may not have been there when it was asked for.
        if let Some(newer) = self.known(image, question).filter(|newer| newer.asked >= begun) {
            return Ok(newer);
        }
        // What answers other questions is not forgotten for this one.
        let entry = self.cache.get(image).iter().chain(&others).fold(entry, Entry::and);
        if !entry.is_for_once() {
            self.keep(image.clone(), entry.clone(), lead).await;
        }
        Ok(entry)
    }

    /// Tells the other replicas while the caller goes on; the lead is theirs after that.
    pub(super) async fn keep(&self, image: ImageRef, entry: Entry, lead: Option<Lead>) {
        self.cache.put(image.clone(), entry.clone());
        if let Some(shared) = self.shared_of(&image).cloned() {
            let tell = async move {
                shared.put(&image, &entry).await;
                drop(lead);
            };
            tokio::spawn(tell.in_current_span());
        }
    }

    /// What other replicas know. While one of them is finding out more, it is waited for.
    async fn others(&self, image: &ImageRef, question: Question) -> (Option<Entry>, Option<Lead>) {
        let Some(shared) = self.shared_of(image) else { return (None, None) };
        loop {
            match shared.get_or_lead(image, question).await {
                Shared::Fresh(entry) => {
                    cost::looked(Tier::Redis, Look::Hit);
                    return (Some(entry), None);
                }
                Shared::Load(known, lead) => {
                    cost::looked(Tier::Redis, Look::Miss);
                    return (known, lead);
                }
                Shared::Loading => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Each machine has files of its own.
    fn shared_of(&self, image: &ImageRef) -> Option<&SharedCache> {
        self.shared.as_ref().filter(|_| !self.source.is_at_hand(image))
    }

    async fn ask(
        &self,
        image: &ImageRef,
        question: Question,
        known: Option<&Entry>,
        until: Instant,
    ) -> Result<Entry> {
        let (answered, metadata) = match self.ask_source(image, question, known, until).await {
            Ok(answer) => answer,
            Err(Error::NotFound) => (Question::EVERYTHING, None),
            Err(error) => return Err(error),
        };
        let fresh_for = self.fresh_for(image, metadata.is_some());
        Ok(Entry { answered, metadata, asked: SystemTime::now(), fresh_for })
    }

    /// It stays as old as what it completes.
    async fn complete(&self, image: &ImageRef, question: Question, stated: Entry) -> Result<Entry> {
        let metadata = stated.metadata.as_ref().ok_or(Error::NotFound)?;
        let missing = question.extras.without(stated.answered.extras);
        let metadata = self.source.complete(image, metadata, missing).await;
        Ok(Entry { answered: question.and(stated.answered), metadata: Some(Arc::new(metadata)), ..stated })
    }

    /// A version that is known is not looked at again.
    async fn ask_source(
        &self,
        image: &ImageRef,
        question: Question,
        known: Option<&Entry>,
        until: Instant,
    ) -> Result<(Question, Option<Arc<Metadata>>)> {
        let old = known.and_then(|entry| Some((entry.answered, entry.metadata.as_ref()?)));
        let old = old.filter(|(_, metadata)| !metadata.version.is_unknown());
        let version = old.map(|(_, metadata)| &metadata.version);
        match (self.source.metadata(image, question, version, until).await?, old) {
            (Some(metadata), _) => Ok((question, Some(Arc::new(metadata)))),
            (None, Some((answered, metadata))) => Ok((answered, Some(Arc::clone(metadata)))),
            (None, None) => Err(Error::Internal),
        }
    }

    /// How long what is learnt of an image now is told again. Images that came together are not all to be asked for
    /// together again: up to a tenth less.
    pub fn fresh_for(&self, image: &ImageRef, is_there: bool) -> Duration {
        match is_there {
            _ if self.source.is_at_hand(image) => self.keep.ttl.min(AT_HAND_FOR),
            true => self.keep.ttl.mul_f64(1.0 - fastrand::f64() / 10.0),
            false => self.keep.ttl.min(MISSING_FOR),
        }
    }
}
