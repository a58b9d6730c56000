//! What a scan has seen of the storage: eight bytes a file.

use std::hash::{BuildHasher, RandomState};

use super::file::Listed;

/// Files by hashes of their paths, sizes and times. One that is mistaken for another is found by the next process, which hashes
/// differently.
#[derive(Default)]
pub struct Seen {
    hasher: RandomState,
    /// Ascending, once they are all there.
    files: Vec<u64>,
}

impl Seen {
    /// One that hashes as another does.
    pub fn like(other: &Self) -> Self {
        Self { hasher: other.hasher.clone(), files: Vec::new() }
    }

    pub fn note(&mut self, file: &Listed) {
        self.files.push(self.hash(file));
    }

    /// All are noted.
    pub fn end(&mut self) {
        self.files.sort_unstable();
        self.files.shrink_to_fit();
    }

    pub fn has(&self, file: &Listed) -> bool {
        self.files.binary_search(&self.hash(file)).is_ok()
    }

    pub fn is_same(&self, other: &Self) -> bool {
        self.files == other.files
    }

    fn hash(&self, file: &Listed) -> u64 {
        self.hasher.hash_one((&file.path, file.size, file.modified))
    }
}
