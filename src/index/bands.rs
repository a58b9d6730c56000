//! How a search by Hamming distance is narrowed down without missing anything.
//!
//! The 64 bits of a hash are cut into bands, and each band is given a reach. Where every band of two hashes differs by its
//! reach or more, the hashes differ by the sum of all reaches or more. So with reaches whose sum exceeds the distance asked
//! for, every hash that is near enough has a band that differs by less than its reach, and it is enough to look where such
//! bands lead (Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space With Multi-Index Hashing, 2014).

/// Where a band lies in a hash, from the least significant bit on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    shift: u32,
    bits: u32,
}

impl Band {
    pub const fn new(shift: u32, bits: u32) -> Self {
        Self { shift, bits }
    }

    /// How many values it has.
    pub fn values(self) -> usize {
        1 << self.bits
    }

    pub fn of(self, hash: u64) -> usize {
        (hash >> self.shift) as usize & (self.values() - 1)
    }

    /// Whether two hashes differ in it by less than a reach.
    pub fn reaches(self, one: u64, two: u64, reach: u32) -> bool {
        ((self.of(one) ^ self.of(two)).count_ones()) < reach
    }

    /// What its values may differ in within a reach: nothing, each one bit, each two ...
    pub fn differences(self, reach: u32) -> impl Iterator<Item = usize> {
        let end = self.values();
        (0..reach.min(self.bits + 1)).flat_map(move |bits| Combinations::new(bits, end))
    }

    /// How many differences there are within a reach.
    pub fn count(self, reach: u32) -> u64 {
        (0..reach.min(self.bits + 1)).map(|bits| binomial(self.bits.into(), bits.into())).sum()
    }
}

/// The least reaches that miss nothing within a distance. A band of reach 0 need not be looked at.
pub fn reaches<const BANDS: usize>(within: u32) -> [u32; BANDS] {
    let bands = BANDS as u32;
    std::array::from_fn(|band| (within + bands - band as u32) / bands)
}

/// Values below an end with so many bits set, in ascending order.
struct Combinations {
    next: Option<usize>,
    end: usize,
}

impl Combinations {
    fn new(bits: u32, end: usize) -> Self {
        Self { next: Some((1 << bits) - 1), end }
    }
}

impl Iterator for Combinations {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let this = self.next.filter(|value| *value < self.end)?;
        self.next = following(this);
        Some(this)
    }
}

/// The next higher value with as many bits (HAKMEM 175); none follows zero.
fn following(value: usize) -> Option<usize> {
    let lowest = value & value.wrapping_neg();
    let carried = value.checked_add(lowest).filter(|carried| *carried != value)?;
    Some(carried | (((value ^ carried) >> 2) / lowest))
}

fn binomial(of: u64, choose: u64) -> u64 {
    (0..choose).fold(1, |product, at| product * (of - at) / (at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reaches_exceed_the_distance_by_no_more_than_they_must() {
        for within in 0..=64 {
            let (three, four) = (reaches::<3>(within), reaches::<4>(within));
            assert_eq!(three.iter().sum::<u32>(), within + 1);
            assert_eq!(four.iter().sum::<u32>(), within + 1);
            assert!(four[0] - four[3] <= 1);
        }
        assert_eq!(reaches::<4>(7), [2, 2, 2, 2]);
        assert_eq!(reaches::<4>(8), [3, 2, 2, 2]);
        assert_eq!(reaches::<4>(0), [1, 0, 0, 0]);
    }

    #[test]
    fn differences_are_each_value_of_few_bits_once() {
        let band = Band::new(3, 10);
        for reach in 0..=12 {
            let mut found: Vec<_> = band.differences(reach).collect();
            found.sort_unstable();
            let all: Vec<_> = (0..1024_usize).filter(|value| value.count_ones() < reach).collect();
            assert_eq!(found, all);
            assert_eq!(band.count(reach), all.len() as u64);
        }
    }

    #[test]
    fn a_band_is_a_part_of_the_bits() {
        let band = Band::new(21, 22);
        assert_eq!(band.of(0x1f_ffff), 0);
        assert_eq!(band.of(u64::MAX), band.values() - 1);
        assert!(band.reaches(0, 7 << 21, 4) && !band.reaches(0, 7 << 21, 3));
        assert!(!band.reaches(5, 5, 0));
    }
}
