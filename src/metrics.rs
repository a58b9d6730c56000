//! Counting for `/metrics`, without a lock and without an allocation where something happens.
//!
//! Labels have few values, all known beforehand: each set of them has its place in a [`Table`], and is served from the
//! start. The client library's own families and histograms hold a lock that all workers would share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

pub use prometheus_client::metrics::counter::Counter;
pub use prometheus_client::metrics::gauge::Gauge;

/// Name and value of a label.
type Pair = (&'static str, &'static str);

/// One label, or several.
pub trait Labels: Copy + 'static {
    const COUNT: usize;

    /// Every set that there is, each at its place.
    fn all() -> Vec<Vec<Pair>>;

    fn place(self) -> usize;
}

impl<A: Labels, B: Labels> Labels for (A, B) {
    const COUNT: usize = A::COUNT * B::COUNT;

    fn all() -> Vec<Vec<Pair>> {
        let (first, second) = (A::all(), B::all());
        let with = |a: &Vec<Pair>| second.iter().map(|b| [a.as_slice(), b].concat()).collect::<Vec<_>>();
        first.iter().flat_map(with).collect()
    }

    fn place(self) -> usize {
        self.0.place() * B::COUNT + self.1.place()
    }
}

/// An enum that is one label.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $label:literal { $($(#[$of:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            pub const NAMES: &[&'static str] = &[$($value),+];
        }

        impl $crate::metrics::Labels for $name {
            const COUNT: usize = Self::NAMES.len();

            fn all() -> Vec<Vec<(&'static str, &'static str)>> {
                Self::NAMES.iter().map(|name| vec![($label, *name)]).collect()
            }

            fn place(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use label;

/// A metric for each set of labels.
pub struct Table<L, M> {
    metrics: Box<[M]>,
    labels: PhantomData<fn(L)>,
}

impl<L: Labels, M: Default> Default for Table<L, M> {
    fn default() -> Self {
        Self { metrics: (0..L::COUNT).map(|_| M::default()).collect(), labels: PhantomData }
    }
}

impl<L: Labels, M> Table<L, M> {
    pub fn of(&self, labels: L) -> &M {
        &self.metrics[labels.place()]
    }
}

impl<L: Labels, M: EncodeMetric + TypedMetric> EncodeMetric for Table<L, M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, metric) in L::all().iter().zip(&self.metrics) {
            metric.encode(encoder.encode_family(&labels.as_slice())?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }
}

/// A metric that is counted elsewhere.
pub struct Shared<M: 'static>(pub &'static LazyLock<M>);

impl<M> fmt::Debug for Shared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<M: EncodeMetric> EncodeMetric for Shared<M> {
    fn encode(&self, encoder: MetricEncoder<'_>) -> fmt::Result {
        self.0.encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        self.0.metric_type()
    }
}

/// Seconds: from an answer of the cache to the longest deadline that makes sense.
const BOUNDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// How long something took.
#[derive(Debug, Default)]
pub struct Seconds {
    /// The last one is of what is beyond all bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Seconds {
    pub fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = took.as_nanos().try_into().unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl TypedMetric for Seconds {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Seconds {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

/// Counts something for as long as it is held.
pub struct Held<'a> {
    gauge: &'a Gauge,
    count: i64,
}

impl<'a> Held<'a> {
    pub fn count(gauge: &'a Gauge, count: i64) -> Self {
        gauge.inc_by(count);
        Self { gauge, count }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.gauge.dec_by(self.count);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    label!(Fruit, "fruit" {
        Apple = "apple",
        Pear = "pear",
    });
    label!(Ripe, "ripe" {
        Yes = "yes",
        No = "no",
    });

    fn text<M: EncodeMetric + Send + Sync>(metric: &'static LazyLock<M>) -> String {
        let mut registry = Registry::default();
        registry.register("eaten", "Eaten", Shared(metric));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn each_set_of_labels_is_counted_at_its_place_and_all_are_served() {
        static EATEN: LazyLock<Table<(Fruit, Ripe), Counter>> = LazyLock::new(Table::default);
        EATEN.of((Fruit::Pear, Ripe::Yes)).inc_by(2);
        EATEN.of((Fruit::Apple, Ripe::No)).inc();
        let text = text(&EATEN);
        for (fruit, ripe, count) in
            [("apple", "yes", 0), ("apple", "no", 1), ("pear", "yes", 2), ("pear", "no", 0)]
        {
            let line = format!("eaten_total{{fruit=\"{fruit}\",ripe=\"{ripe}\"}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
        }
    }

    #[test]
    fn a_time_is_counted_in_every_bucket_that_it_is_not_beyond() {
        static SECONDS: LazyLock<Seconds> = LazyLock::new(Seconds::default);
        [1, 10, 20_000].into_iter().for_each(|ms| SECONDS.observe(Duration::from_millis(ms)));
        let text = text(&SECONDS);
        for line in [
            "eaten_bucket{le=\"0.0005\"} 0",
            "eaten_bucket{le=\"0.001\"} 1",
            "eaten_bucket{le=\"0.01\"} 2",
            "eaten_bucket{le=\"10.0\"} 2",
            "eaten_bucket{le=\"+Inf\"} 3",
            "eaten_count 3",
            "eaten_sum 20.011",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
