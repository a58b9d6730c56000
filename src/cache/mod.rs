//! What was learnt, kept for a while. Knows no source.

mod entry;
mod memory;
mod shared;
mod stored;

pub use entry::Entry;
pub use memory::MemoryCache;
pub use shared::{Lead, Shared, SharedCache};
