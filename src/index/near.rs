//! Hashes in memory, and which of them are nearest to one: exact, at 16 bytes a hash.
//!
//! Few are looked at one by one, which is fast as they lie side by side. Of many it is only looked where their bands lead:
//! in three bands of 22, 21 and 21 bits (`docs/decisions/022-the-index.md` says why not four of 16).

use std::collections::HashSet;

use super::bands::{Band, reaches};
use super::directory::{Directory, starts};
use super::nearest::{Nearest, Neighbour, Search};

pub const BANDS: [Band; 3] = [Band::new(42, 22), Band::new(21, 21), Band::new(0, 21)];

/// Up to so many are looked at one by one: in a millisecond, without the 33 MB of the bands' tables.
const FEW: usize = 1 << 19;

/// How much longer it takes to look at one hash anywhere than at the next of a row, near enough.
const ANYWHERE: f64 = 12.0;

/// A set of hashes.
#[derive(Debug, Default)]
pub struct Hashes {
    /// Ascending, each once: what is near in the first band is near here.
    sorted: Vec<u64>,
    /// Where the values of the first band begin in `sorted`; empty where there are few.
    first: Vec<u32>,
    others: Vec<Directory>,
    /// What came since.
    late: HashSet<u64>,
}

impl Hashes {
    pub fn new(hashes: Vec<u64>) -> Self {
        Self::with_tables(hashes, FEW)
    }

    /// With tables of the bands where there are more than so few.
    pub fn with_tables(mut hashes: Vec<u64>, few: usize) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        // A place has 32 bits. Beyond four thousand million hashes all are looked at.
        let many = hashes.len() > few && u32::try_from(hashes.len()).is_ok();
        let first = if many { starts(BANDS[0], &hashes) } else { Vec::new() };
        let others = BANDS[1..].iter().filter(|_| many).map(|band| Directory::new(*band, &hashes)).collect();
        Self { sorted: hashes, first, others, late: HashSet::new() }
    }

    /// Bytes of memory.
    pub fn footprint(&self) -> usize {
        let others: usize = self.others.iter().map(Directory::footprint).sum();
        self.sorted.capacity() * 8 + self.late.capacity() * 9 + self.first.len() * 4 + others
    }

    /// Adds some. What came late is looked at one by one, until it is so much that all is put in order anew.
    pub fn add(&mut self, hashes: impl IntoIterator<Item = u64>) {
        let (sorted, late) = (&self.sorted, &mut self.late);
        late.extend(hashes.into_iter().filter(|hash| sorted.binary_search(hash).is_err()));
        if self.late.len() > FEW / 8 + self.sorted.len() / 16 {
            // The tables go first: they would be there twice.
            let Self { mut sorted, late, .. } = std::mem::take(self);
            sorted.extend(late);
            *self = Self::new(sorted);
        }
    }

    /// The nearest, nearest first.
    pub fn search(&self, search: &Search) -> Vec<Neighbour> {
        let mut nearest = Nearest::new(search);
        let reaches = reaches::<3>(search.within);
        if self.others.is_empty() || self.price(reaches) * ANYWHERE > self.sorted.len() as f64 {
            self.sorted.iter().for_each(|hash| nearest.offer(*hash));
        } else {
            self.look_up(search.target, reaches, &mut nearest);
        }
        self.late.iter().for_each(|hash| nearest.offer(*hash));
        nearest.in_order()
    }

    /// How many places are looked at where the bands lead, if hashes are spread evenly.
    fn price(&self, reaches: [u32; 3]) -> f64 {
        let each = |(band, reach): (&Band, u32)| {
            band.count(reach) as f64 * (1.0 + self.sorted.len() as f64 / band.values() as f64)
        };
        BANDS.iter().zip(reaches).map(each).sum()
    }

    fn look_up(&self, target: u64, reaches: [u32; 3], nearest: &mut Nearest) {
        for difference in BANDS[0].differences(reaches[0]) {
            let value = BANDS[0].of(target) ^ difference;
            let found = &self.sorted[self.first[value] as usize..self.first[value + 1] as usize];
            found.iter().for_each(|hash| nearest.offer(*hash));
        }
        for (at, other) in self.others.iter().enumerate() {
            // What an earlier band has led to is not offered again.
            let (before, reach) = (&BANDS[..=at], reaches[at + 1]);
            let is_new = |hash: u64| {
                !before.iter().zip(reaches).any(|(band, reach)| band.reaches(hash, target, reach))
            };
            for difference in other.band.differences(reach) {
                for place in other.places_of(other.band.of(target) ^ difference) {
                    let hash = self.sorted[*place as usize];
                    if nearest.may_take(hash) && is_new(hash) {
                        nearest.offer(hash);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_brute_force(hashes: &[u64], search: &Search) -> Vec<Neighbour> {
        let all = hashes.iter().map(|hash| Neighbour::of(search.target, *hash));
        let from = search.from.unwrap_or(Neighbour::of(search.target, search.target));
        let mut near: Vec<_> = all.filter(|near| near.distance <= search.within).collect();
        near.sort_unstable();
        near.dedup();
        near.retain(|near| search.from.is_none() || *near >= from);
        near.truncate(search.limit);
        near
    }

    /// Some anywhere, and some around one place, without which next to none would be near another.
    fn crowd(around: u64) -> impl Strategy<Value = Vec<u64>> {
        let near = prop::collection::vec(0..64_u32, 0..20)
            .prop_map(move |bits| bits.into_iter().fold(around, |hash, bit| hash ^ 1 << bit));
        prop::collection::vec(prop_oneof![any::<u64>(), near], 0..200)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_nearest_are_those_that_brute_force_finds(
            (target, hashes) in any::<u64>().prop_flat_map(|target| (Just(target), crowd(target))),
            late in prop::collection::vec(any::<u64>(), 0..20),
            within in 0..=20_u32,
            from in prop::option::of((0..10_u32, any::<i64>())),
            limit in 0..100_usize,
        ) {
            let from = from.map(|(distance, hash)| Neighbour { distance, hash });
            let search = Search { target, within, from, limit };
            let mut all = Hashes::with_tables(hashes.clone(), 0);
            all.add(late.iter().copied());
            let expected = by_brute_force(&[hashes.clone(), late].concat(), &search);
            prop_assert_eq!(all.search(&search), expected);
            // The bands lead to the same, and to each but once, although few are looked at one by one.
            let search = Search { within: within.min(12), ..search };
            let mut found = Nearest::new(&search);
            if !hashes.is_empty() {
                all.look_up(target, reaches(search.within), &mut found);
            }
            prop_assert_eq!(found.in_order(), by_brute_force(&hashes, &search));
        }
    }

    #[test]
    fn what_comes_late_is_put_in_order_when_it_is_much() {
        let mut all = Hashes::new((0..1000).collect());
        all.add(500..2000);
        assert_eq!((all.sorted.len(), all.late.len()), (1000, 1000));
        all.add(2000..80_000);
        assert_eq!((all.sorted.len(), all.late.len()), (80_000, 0));
        let search = Search { target: 79_999, within: 0, from: None, limit: 9 };
        assert_eq!(all.search(&search), [Neighbour::of(79_999, 79_999)]);
    }
}
