//! What is told of an answer beside its data: what it took, what of it is old or withheld, how long it may be kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::catalog::Found;
use crate::config::Private;
use crate::cost::Cost;
use crate::metadata::{ImageRef, Level, Metadata, Question};

/// Of all requests of one body, which share what they look up.
pub struct Told {
    pub cost: Arc<Cost>,
    noted: Mutex<Noted>,
}

struct Noted {
    /// The images that were answered from what is too old, and how old that is.
    stale: HashMap<ImageRef, Duration>,
    fresh_for: Duration,
    /// What of the images is not shown to who asks.
    withheld: BTreeSet<Private>,
}

impl Told {
    /// Of an answer that may be kept so long, whatever is not found for it.
    pub fn new(fresh_for: Duration) -> Self {
        let noted = Noted { stale: HashMap::new(), fresh_for, withheld: BTreeSet::new() };
        Self { cost: Arc::default(), noted: Mutex::new(noted) }
    }

    /// Notes what the answer owes to this image. What is withheld is part of an answer about EXIF, whatever is known by chance.
    pub fn take(&self, image: &ImageRef, question: Question, found: Found) -> Arc<Metadata> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.fresh_for = noted.fresh_for.min(found.fresh_for);
        if let Some(stale) = found.stale {
            noted.stale.insert(image.clone(), stale);
        }
        if question.level >= Level::Exif {
            noted.withheld.extend(&found.metadata.withheld);
        }
        found.metadata
    }

    /// Notes that the answer shows what is in the library, which may be something else the next moment.
    pub fn take_list(&self) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).fresh_for = Duration::ZERO;
    }

    /// Of an answer that is ready.
    pub fn extensions(&self) -> Extensions {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        Extensions {
            cost: Some(Counts::of(&self.cost)),
            stale: noted.stale_images(),
            withheld: noted.withheld.iter().map(|private| private.name().to_ascii_uppercase()).collect(),
            // What is fresh for less than a second is looked at again no sooner.
            max_age: u64::try_from(noted.fresh_for.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX),
        }
    }
}

impl Noted {
    fn stale_images(&self) -> Vec<Stale> {
        let stale = |(image, age): (&ImageRef, &Duration)| Stale {
            id: image.id().to_owned(),
            age_seconds: age.as_secs(),
        };
        let mut images: Vec<_> = self.stale.iter().map(stale).collect();
        images.sort_unstable();
        images
    }
}

/// `extensions` of an answer.
#[derive(Debug, Default, Serialize)]
pub struct Extensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Counts>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stale: Vec<Stale>,
    /// As the schema spells it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withheld: Vec<String>,
    /// Seconds for which the answer is fresh: told by its head.
    #[serde(skip)]
    pub max_age: u64,
}

/// What the answer took.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    images: u64,
    upstream_calls: u64,
    cache_hits: u64,
    bytes_fetched: u64,
    decoded: u64,
}

/// What was answered from an earlier answer because asking anew failed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stale {
    id: String,
    age_seconds: u64,
}

impl Extensions {
    pub fn is_empty(&self) -> bool {
        self.cost.is_none() && self.stale.is_empty() && self.withheld.is_empty()
    }
}

impl Counts {
    fn of(Cost { images, upstream_calls, cache_hits, bytes_fetched, decoded }: &Cost) -> Self {
        Self {
            images: images.get(),
            upstream_calls: upstream_calls.get(),
            cache_hits: cache_hits.get(),
            bytes_fetched: bytes_fetched.get(),
            decoded: decoded.get(),
        }
    }
}
