//! Images -> groups of those that look alike, by the rules of `duplicateGroups`.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::index::groups::{Duplicates, Group};
use crate::index::{Facts, Rank};
use crate::metadata::{Checksum, PHash};

/// An image that has a hash.
pub struct Seen {
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    pub p_hash: PHash,
    pub facts: Facts,
    pub format: Option<String>,
}

/// What was found.
pub struct Found {
    /// How many were compared.
    pub images: usize,
    /// Each with its best first, the largest group first.
    pub groups: Vec<Vec<Seen>>,
}

impl Seen {
    /// Of a picture that is not flat its hash; of a flat one all of its bytes.
    fn likeness(&self) -> (u64, Option<Checksum>) {
        let checksum = self.facts.checksum.filter(|_| self.p_hash.is_low_entropy());
        (self.p_hash.bits(), checksum)
    }
}

impl Found {
    /// The groups within a distance in bits.
    pub fn new(mut seen: Vec<Seen>, within: u32) -> Self {
        seen.sort_by_cached_key(|image| Rank::new(&image.path, image.size, &image.facts));
        let hashes = seen.iter().map(|image| image.p_hash).filter(|hash| !hash.is_low_entropy());
        let ranked: Vec<_> = hashes.map(PHash::bits).collect();
        let duplicates = Duplicates::new(&ranked, flat_copies(&seen), within);
        Self { images: seen.len(), groups: members(seen, duplicates.all()) }
    }
}

/// Flat pictures that are there more than once, byte for byte, and how often.
fn flat_copies(seen: &[Seen]) -> Vec<(Checksum, u64)> {
    let mut copies = HashMap::new();
    for checksum in seen.iter().filter_map(|image| image.likeness().1) {
        *copies.entry(checksum).or_insert(0) += 1;
    }
    copies.into_iter().filter(|(_, images)| *images > 1).collect()
}

/// Those of each group, the best first as they are.
fn members(seen: Vec<Seen>, groups: &[Group]) -> Vec<Vec<Seen>> {
    let mut places = HashMap::new();
    for (place, group) in groups.iter().enumerate() {
        places.extend(group.hashes.iter().map(|hash| ((*hash, group.checksum), place)));
    }
    let mut members: Vec<_> = groups.iter().map(|_| Vec::new()).collect();
    for image in seen {
        if let Some(place) = places.get(&image.likeness()) {
            members[*place].push(image);
        }
    }
    members
}

/// Bytes of all but the best.
pub fn spare_bytes(group: &[Seen]) -> u64 {
    group.iter().skip(1).fold(0, |bytes, image| bytes.saturating_add(image.size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, hash: u64, width: u64, checksum: u8) -> Seen {
        let p_hash = PHash::new(hash);
        let facts = Facts {
            p_hash: Some(p_hash),
            width: Some(width),
            height: Some(10),
            quality: None,
            checksum: Some(Checksum([checksum; 32])),
        };
        Seen { path: name.into(), size: width, p_hash, facts, format: None }
    }

    fn names(found: &Found) -> Vec<Vec<&str>> {
        let name = |image| -> &str {
            let image: &Seen = image;
            image.path.to_str().unwrap()
        };
        found.groups.iter().map(|group| group.iter().map(name).collect()).collect()
    }

    #[test]
    fn groups_are_within_the_distance_of_their_best_and_the_largest_comes_first() {
        let images = || {
            vec![
                seen("far", 0xff00, 10, 1),
                seen("small", 0x0f0f_0001, 10, 1),
                seen("large", 0x0f0f_0003, 30, 2),
                seen("middle", 0x0f0f_0003, 20, 3),
                seen("other", u64::MAX, 10, 4),
                seen("like other", u64::MAX - 1, 10, 5),
            ]
        };
        let found = Found::new(images(), 1);
        assert_eq!(names(&found), [vec!["large", "middle", "small"], vec!["like other", "other"]]);
        assert_eq!((found.images, spare_bytes(&found.groups[0])), (6, 30));
        assert_eq!(names(&Found::new(images(), 0)), [["large", "middle"]]);
    }

    #[test]
    fn flat_pictures_are_copies_only_byte_for_byte() {
        let found = Found::new(
            vec![seen("a", 0, 10, 1), seen("b", 0, 20, 2), seen("c", 0, 30, 1), seen("d", 1, 10, 1)],
            8,
        );
        assert_eq!(names(&found), [["c", "a"]]);
    }
}
