//! Where hashes are, by the value of one band.

use std::ops::Range;

use super::bands::Band;

/// The places of hashes by the value of one band.
#[derive(Debug)]
pub struct Directory {
    pub band: Band,
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Directory {
    /// Sorts by counting.
    pub fn new(band: Band, hashes: &[u64]) -> Self {
        let mut next = starts(band, hashes);
        let starts = next.clone();
        let mut places = vec![0; hashes.len()];
        for (place, hash) in (0..).zip(hashes) {
            let at = &mut next[band.of(*hash)];
            places[*at as usize] = place;
            *at += 1;
        }
        Self { band, starts, places }
    }

    /// Places, by the value that the hash there has.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    pub fn places_of(&self, value: usize) -> &[u32] {
        &self.places[self.span_of(value)]
    }

    /// Bytes of memory.
    pub fn footprint(&self) -> usize {
        (self.starts.len() + self.places.len()) * 4
    }

    /// Which of the places are those of a value.
    pub fn span_of(&self, value: usize) -> Range<usize> {
        self.starts[value] as usize..self.starts[value + 1] as usize
    }
}

/// How many hashes have a lower value, for each value and one more.
pub fn starts(band: Band, hashes: &[u64]) -> Vec<u32> {
    let mut starts = vec![0; band.values() + 1];
    hashes.iter().for_each(|hash| starts[band.of(*hash) + 1] += 1);
    for value in 1..starts.len() {
        starts[value] += starts[value - 1];
    }
    starts
}
