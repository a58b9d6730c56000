//! The smallest of many, without holding the many.

use std::cmp::Ordering;

/// Holds up to twice as many as are kept: so each costs no more than a comparison or two.
pub struct Smallest<T, F> {
    keep: usize,
    held: Vec<T>,
    /// Those that are kept stand before the others, the largest of them last.
    parted: bool,
    compare: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> Smallest<T, F> {
    pub fn new(keep: usize, compare: F) -> Self {
        Self { keep, held: Vec::new(), parted: false, compare }
    }

    pub fn add(&mut self, item: T) {
        let is_beyond = |largest: &T| (self.compare)(&item, largest).is_ge();
        if self.keep == 0 || (self.parted && self.held.get(self.keep - 1).is_some_and(is_beyond)) {
            return;
        }
        self.held.push(item);
        if self.held.len() >= self.keep.saturating_mul(2) {
            self.part();
        }
    }

    fn part(&mut self) {
        if self.held.len() > self.keep {
            self.held.select_nth_unstable_by(self.keep - 1, &self.compare);
            self.held.truncate(self.keep);
            self.parted = true;
        }
    }

    /// The smallest first.
    pub fn sorted(mut self) -> Vec<T> {
        self.part();
        self.held.sort_unstable_by(&self.compare);
        self.held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_smallest_are_the_first_of_all_that_are_sorted(keep in 0_usize..20, mut items: Vec<u8>) {
            let mut smallest = Smallest::new(keep, u8::cmp);
            for item in &items {
                smallest.add(*item);
                prop_assert!(smallest.held.len() <= 2 * keep);
            }
            items.sort_unstable();
            items.truncate(keep);
            prop_assert_eq!(smallest.sorted(), items);
        }
    }
}
