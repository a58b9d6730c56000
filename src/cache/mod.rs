//! What was learnt, kept for a while. Knows no source.

mod memory;

pub use memory::{Key, MemoryCache};
