//! What was learnt, kept for a while. Knows no source.

mod entry;
mod memory;

pub use entry::Entry;
pub use memory::MemoryCache;
