//! What is told of an answer beside its data: what it took, what of it is old, how long it may be kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::catalog::Found;
use crate::cost::Cost;
use crate::metadata::{ImageRef, Metadata};

/// Of all requests of one body, which share what they look up.
pub struct Told {
    pub cost: Arc<Cost>,
    age: Mutex<Age>,
}

struct Age {
    /// The images that were answered from what is too old, and how old that is.
    stale: HashMap<ImageRef, Duration>,
    fresh_for: Duration,
}

impl Told {
    /// Of an answer that may be kept so long, whatever is not found for it.
    pub fn new(fresh_for: Duration) -> Self {
        Self { cost: Arc::default(), age: Mutex::new(Age { stale: HashMap::new(), fresh_for }) }
    }

    /// Notes what the answer owes to this image.
    pub fn take(&self, image: &ImageRef, found: Found) -> Arc<Metadata> {
        let mut age = self.age.lock().unwrap_or_else(PoisonError::into_inner);
        age.fresh_for = age.fresh_for.min(found.fresh_for);
        if let Some(stale) = found.stale {
            age.stale.insert(image.clone(), stale);
        }
        found.metadata
    }

    /// Notes that the answer shows what is in the library, which may be something else the next moment.
    pub fn take_list(&self) {
        self.age.lock().unwrap_or_else(PoisonError::into_inner).fresh_for = Duration::ZERO;
    }

    /// Of an answer that is ready.
    pub fn extensions(&self) -> Extensions {
        let age = self.age.lock().unwrap_or_else(PoisonError::into_inner);
        Extensions {
            cost: Some(Counts::of(&self.cost)),
            stale: age.stale_images(),
            // What is fresh for less than a second is looked at again no sooner.
            max_age: u64::try_from(age.fresh_for.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX),
        }
    }
}

impl Age {
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
        self.cost.is_none() && self.stale.is_empty()
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
