//! The nearest of what is offered.

use std::collections::BinaryHeap;

/// A hash and its distance from another, nearest first. Equally near ones stand in the order in which SQL compares them:
/// as signed numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
    /// Bits.
    pub distance: u32,
    pub(super) hash: i64,
}

impl Neighbour {
    pub fn of(target: u64, hash: u64) -> Self {
        Self { distance: (target ^ hash).count_ones(), hash: hash as i64 }
    }

    pub fn hash(self) -> u64 {
        self.hash as u64
    }

    /// The first that may come after it.
    pub fn following(self) -> Option<Self> {
        let next = self.hash.checked_add(1).map(|hash| (self.distance, hash));
        let (distance, hash) = next.or_else(|| Some((self.distance.checked_add(1)?, i64::MIN)))?;
        Some(Self { distance, hash })
    }
}

/// Which neighbours are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    pub target: u64,
    /// The largest distance, in bits.
    pub within: u32,
    /// No nearer than this one, which is among them if it is there.
    pub from: Option<Neighbour>,
    /// No more than so many.
    pub limit: usize,
}

/// The nearest of what is offered.
pub struct Nearest<'a> {
    search: &'a Search,
    /// The farthest on top.
    found: BinaryHeap<Neighbour>,
    /// Bits beyond which nothing is taken any more.
    within: u32,
}

impl<'a> Nearest<'a> {
    pub fn new(search: &'a Search) -> Self {
        Self { search, found: BinaryHeap::new(), within: search.within }
    }

    pub fn may_take(&self, hash: u64) -> bool {
        (hash ^ self.search.target).count_ones() <= self.within
    }

    pub fn offer(&mut self, hash: u64) {
        if self.may_take(hash) {
            self.take(Neighbour::of(self.search.target, hash));
        }
    }

    #[cold]
    fn take(&mut self, neighbour: Neighbour) {
        if self.search.from.is_some_and(|from| neighbour < from) || self.search.limit == 0 {
            return;
        }
        self.found.push(neighbour);
        if self.found.len() > self.search.limit {
            self.found.pop();
            self.within = self.found.peek().map_or(self.within, |farthest| farthest.distance);
        }
    }

    pub fn in_order(self) -> Vec<Neighbour> {
        self.found.into_sorted_vec()
    }
}
