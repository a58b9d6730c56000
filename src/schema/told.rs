//! What is told of an answer beside its data: what it took, what of it is old, how long it may be kept.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::{CacheControl, Name, Response, Value, value};

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
    pub fn take(&self, image: ImageRef, found: Found) -> Arc<Metadata> {
        let mut age = self.age.lock().unwrap_or_else(PoisonError::into_inner);
        age.fresh_for = age.fresh_for.min(found.fresh_for);
        if let Some(stale) = found.stale {
            age.stale.insert(image, stale);
        }
        found.metadata
    }

    pub fn write(&self, response: &mut Response) {
        let age = self.age.lock().unwrap_or_else(PoisonError::into_inner);
        // What is fresh for less than a second is looked at again no sooner.
        let seconds = age.fresh_for.as_millis().div_ceil(1_000);
        let max_age = i32::try_from(seconds).unwrap_or(i32::MAX);
        response.cache_control = CacheControl { public: true, max_age };
        if !age.stale.is_empty() {
            response.extensions.insert("stale".to_owned(), age.stale_images());
        }
        response.extensions.insert("cost".to_owned(), cost(&self.cost));
    }
}

impl Age {
    /// `extensions.stale`: what was answered from an earlier answer because asking anew failed.
    fn stale_images(&self) -> Value {
        let mut images: Vec<_> = self.stale.iter().map(|(image, age)| (image.id(), age.as_secs())).collect();
        images.sort_unstable();
        images.into_iter().map(|(id, age)| value!({"id": id, "ageSeconds": age})).collect()
    }
}

/// `extensions.cost`: what the answer took.
fn cost(cost: &Cost) -> Value {
    // Of every answer: made once.
    static NAMES: LazyLock<[Name; 5]> =
        LazyLock::new(|| ["images", "upstreamCalls", "cacheHits", "bytesFetched", "decoded"].map(Name::new));
    let Cost { images, upstream_calls, cache_hits, bytes_fetched, decoded } = cost;
    let counts = [images, upstream_calls, cache_hits, bytes_fetched, decoded].map(|count| count.get().into());
    Value::Object(NAMES.iter().cloned().zip(counts).collect())
}
