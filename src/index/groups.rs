//! Which hashes are one another's duplicates.
//!
//! A group is a leader, the best of it, and all that is within the distance of the leader and of no better leader. Chains,
//! in which each resembles the next and the ends do not resemble one another, so do not become one group.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::resume_unwind;
use std::thread;

use super::bands::{Band, reaches};
use super::directory::Directory;
use super::near::{BANDS, Hashes};
use super::nearest::Search;
use crate::metadata::Checksum;

/// Several images that look the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The leader's first, then ascending.
    pub hashes: Vec<u64>,
    /// At least two.
    pub images: u64,
    /// Of flat pictures, whose hashes say nothing: all are the same, byte for byte.
    pub checksum: Option<Checksum>,
}

/// Where a group stands among others: the largest first, and of equals in an order that is the same at all times.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupPlace {
    pub images: Reverse<u64>,
    pub hash: u64,
    pub checksum: Option<[u8; 32]>,
}

/// All groups, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Duplicates(Vec<Group>);

impl Duplicates {
    /// Of the hashes of pictures that are not flat, the best picture's first, and of flat pictures that are there more than
    /// once, byte for byte.
    pub fn new(ranked: &[u64], flat: Vec<(Checksum, u64)>, within: u32) -> Self {
        let flat = flat.into_iter().map(|(checksum, images)| Group {
            hashes: vec![FLAT],
            images,
            checksum: Some(checksum),
        });
        let mut groups: Vec<_> = groups(&counted(ranked), within).into_iter().chain(flat).collect();
        groups.sort_by_cached_key(Group::place);
        Self(groups)
    }

    pub fn all(&self) -> &[Group] {
        &self.0
    }

    /// Those behind a place.
    pub fn after(&self, place: Option<&GroupPlace>) -> &[Group] {
        let start = place.map_or(0, |place| self.0.partition_point(|group| group.place() <= *place));
        &self.0[start..]
    }
}

impl Group {
    pub fn place(&self) -> GroupPlace {
        let hash = self.hashes.first().copied().unwrap_or(FLAT);
        GroupPlace { images: Reverse(self.images), hash, checksum: self.checksum.map(|checksum| checksum.0) }
    }
}

/// Bits. Different pictures start at about 16, and finding groups within 10 of a million takes 20 s.
pub const MAX_WITHIN: u32 = 10;

/// The hash of a picture without structure.
const FLAT: u64 = 0;

/// A hash, and how many images have it.
#[derive(Debug, Clone, Copy)]
struct Counted {
    hash: u64,
    images: u64,
}

/// Each hash once, where it stood first.
fn counted(hashes: &[u64]) -> Vec<Counted> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut counted: Vec<Counted> = Vec::new();
    for hash in hashes {
        match places.entry(*hash) {
            Entry::Occupied(place) => counted[*place.get()].images += 1,
            Entry::Vacant(place) => {
                place.insert(counted.len());
                counted.push(Counted { hash: *hash, images: 1 });
            }
        }
    }
    counted
}

/// The groups of hashes, the best first, in the order of their leaders.
fn groups(ranked: &[Counted], within: u32) -> Vec<Group> {
    let ranks = (0..).zip(ranked).map(|(rank, counted)| (counted.hash, rank)).collect();
    let near = near_another(ranked, within);
    let company = ranked.iter().zip(&near).filter(|(_, near)| **near).map(|(one, _)| one.hash).collect();
    let hashes = Hashes::with_tables(company, FEW);
    let mut leaders = Leaders { ranked, ranks, within, hashes, taken: vec![false; ranked.len()] };
    (0..ranked.len()).filter_map(|rank| leaders.group(rank, near[rank])).collect()
}

/// Up to so many are looked at one by one for each of them.
const FEW: usize = 4_096;

struct Leaders<'a> {
    ranked: &'a [Counted],
    ranks: HashMap<u64, usize>,
    within: u32,
    /// Of those that are near another.
    hashes: Hashes,
    taken: Vec<bool>,
}

impl Leaders<'_> {
    /// The group that one leads, if that is any.
    fn group(&mut self, leader: usize, has_company: bool) -> Option<Group> {
        if self.taken[leader] {
            return None;
        }
        let mut members = vec![leader];
        if has_company {
            members.extend(self.free_within(leader));
        }
        members.iter().for_each(|member| self.taken[*member] = true);
        let images = members.iter().map(|member| self.ranked[*member].images).sum();
        let hashes = members.into_iter().map(|member| self.ranked[member].hash).collect();
        (images > 1).then_some(Group { hashes, images, checksum: None })
    }

    fn free_within(&self, leader: usize) -> Vec<usize> {
        let target = self.ranked[leader].hash;
        let search = Search { target, within: self.within, from: None, limit: usize::MAX };
        let mut found: Vec<_> = self.hashes.search(&search).into_iter().map(|found| found.hash()).collect();
        found.sort_unstable();
        let ranks = found.into_iter().filter_map(|hash| self.ranks.get(&hash).copied());
        ranks.filter(|rank| *rank != leader && !self.taken[*rank]).collect()
    }
}

/// Whether each is within the distance of another.
fn near_another(ranked: &[Counted], within: u32) -> Vec<bool> {
    let hashes: Vec<_> = ranked.iter().map(|counted| counted.hash).collect();
    if hashes.len() <= FEW {
        let is_near =
            |hash: &u64| hashes.iter().filter(|other| (*other ^ hash).count_ones() <= within).count() > 1;
        return hashes.iter().map(is_near).collect();
    }
    let hashes = &hashes;
    // Each takes as long as the others.
    let found: Vec<Vec<bool>> = thread::scope(|scope| {
        let bands = BANDS.into_iter().zip(reaches::<3>(within));
        let joins =
            bands.map(|(band, reach)| scope.spawn(move || Join::new(band, hashes, within).near(reach)));
        let joins: Vec<_> = joins.collect();
        joins.into_iter().map(|join| join.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    (0..hashes.len()).map(|hash| found.iter().any(|near| near[hash])).collect()
}

/// All hashes against all, where one band leads.
struct Join {
    directory: Directory,
    /// By the value of the band, which so lie side by side.
    hashes: Vec<u64>,
    /// Values that any hash has.
    values: Vec<usize>,
    within: u32,
}

impl Join {
    fn new(band: Band, hashes: &[u64], within: u32) -> Self {
        let directory = Directory::new(band, hashes);
        let hashes: Vec<_> = directory.places().iter().map(|place| hashes[*place as usize]).collect();
        let mut values: Vec<_> = hashes.iter().map(|hash| band.of(*hash)).collect();
        values.dedup();
        Self { directory, hashes, values, within }
    }

    fn near(&self, reach: u32) -> Vec<bool> {
        let mut near = vec![false; self.hashes.len()];
        for difference in self.directory.band.differences(reach) {
            for value in &self.values {
                // Each pair once.
                if value ^ difference >= *value {
                    self.compare(*value, value ^ difference, &mut near);
                }
            }
        }
        near
    }

    fn compare(&self, one: usize, two: usize, near: &mut [bool]) {
        let (ones, twos) = (self.directory.span_of(one), self.directory.span_of(two));
        for a in ones {
            let start = if one == two { a + 1 } else { twos.start };
            for b in start..twos.end {
                if (self.hashes[a] ^ self.hashes[b]).count_ones() <= self.within {
                    near[self.directory.places()[a] as usize] = true;
                    near[self.directory.places()[b] as usize] = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// In the order of their leaders' hashes, where all are as large.
    fn grouped(hashes: &[u64], within: u32) -> Vec<Vec<u64>> {
        Duplicates::new(hashes, Vec::new(), within).0.into_iter().map(|group| group.hashes).collect()
    }

    /// Each in turn takes all that are free and near.
    fn by_brute_force(hashes: &[u64], within: u32) -> Vec<Vec<u64>> {
        let mut free = hashes.to_vec();
        let mut groups = Vec::new();
        while !free.is_empty() {
            let leader = free.remove(0);
            let is_near = |hash: &u64| (hash ^ leader).count_ones() <= within;
            let (mut near, far): (Vec<u64>, Vec<u64>) = free.into_iter().partition(is_near);
            free = far;
            near.sort_unstable();
            groups.push([vec![leader], near].concat());
        }
        groups.retain(|group| group.len() > 1);
        groups.sort_by_key(|group| (Reverse(group.len()), group[0]));
        groups
    }

    #[test]
    fn a_chain_is_no_group() {
        // Each is 4 bits from the next, the ends 8 from one another.
        assert_eq!(grouped(&[0x0f, 0x00, 0xff], 4), [[0x0f, 0x00, 0xff]]);
        assert_eq!(grouped(&[0x00, 0x0f, 0xff], 4), [[0x00, 0x0f]]);
    }

    #[test]
    fn images_of_one_hash_are_a_group_and_the_largest_comes_first() {
        let hashes =
            [7 << 50, 7, 1 << 40, 1 << 40, 0xffff_0000, 0xffff_0001, 0xffff_0003, 0xffff_0003, 7 << 50];
        let flat = vec![(Checksum([1; 32]), 2), (Checksum([2; 32]), 3)];
        let duplicates = Duplicates::new(&hashes, flat, 1);
        let first: Vec<_> = duplicates.all().iter().map(|group| (group.hashes[0], group.images)).collect();
        assert_eq!(first, [(0, 3), (0, 2), (0xffff_0000, 2), (0xffff_0003, 2), (1 << 40, 2), (7 << 50, 2)]);
        let second = duplicates.all()[1].place();
        assert_eq!(duplicates.after(Some(&second)), &duplicates.all()[2..]);
        assert_eq!(duplicates.after(None).len(), 6);
    }

    #[test]
    fn none_of_nothing() {
        assert_eq!(grouped(&[], 8), [[0; 0]; 0]);
        assert_eq!(grouped(&[5], 8), [[0; 0]; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn groups_are_those_that_brute_force_finds(
            centres in prop::collection::vec(any::<u64>(), 1..8),
            flips in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(0..64_u32, 0..9)), 0..150),
            within in 0..=10_u32,
        ) {
            let flipped = |(centre, bits): (prop::sample::Index, Vec<u32>)| {
                bits.into_iter().fold(*centre.get(&centres), |hash, bit| hash ^ 1 << bit)
            };
            let mut seen = std::collections::HashSet::new();
            let hashes: Vec<_> = flips.into_iter().map(flipped).filter(|hash| seen.insert(*hash)).collect();
            prop_assert_eq!(grouped(&hashes, within), by_brute_force(&hashes, within));
        }
    }
}
