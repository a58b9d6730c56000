//! Memory for answers, of all requests together.
//!
//! What an answer takes is charged while it is being made (`budget`) and again, by its true length, until its client has
//! read it: who asks for much and reads nothing would fill the memory otherwise.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::permits::{Permit, Permits, Pool, kibibytes};

/// Bytes that each answer may have without asking for room: they hold as many as there are connections.
const FREE: usize = 64 << 10;

const FULL: Error = Error::Overloaded("too much is being answered or has not been read");

#[derive(Clone)]
pub struct Room(Arc<Permits>);

impl Room {
    pub fn new(max_bytes: u64) -> Self {
        Self(Arc::new(Permits::new(Pool::UnreadKibibytes, kibibytes(max_bytes) as usize)))
    }

    /// Room for an answer of this length, for as long as it is held; `None` is held by a short one.
    pub fn hold(&self, bytes: usize) -> Result<Option<Permit>> {
        self.extend(0, bytes)
    }

    /// Room for an answer that grows by so many bytes.
    pub fn extend(&self, bytes: usize, more: usize) -> Result<Option<Permit>> {
        let beyond = bytes.saturating_add(more).saturating_sub(bytes.max(FREE));
        if beyond == 0 {
            return Ok(None);
        }
        self.0.try_acquire_many(kibibytes(beyond as u64)).map(Some).ok_or(FULL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_free_part_takes_room_until_it_is_let_go() {
        let room = Room::new(100 << 10);
        let long = room.hold(FREE + (60 << 10)).unwrap();
        assert!(long.is_some());
        assert_eq!(room.hold(FREE + (41 << 10)).err(), Some(FULL));
        assert!(room.hold(FREE).unwrap().is_none(), "a short one is always told");
        assert!(room.hold(FREE + (40 << 10)).is_ok());
        drop(long);
        assert!(room.hold(FREE + (100 << 10)).is_ok());
        assert_eq!(room.hold(usize::MAX).err(), Some(FULL));
    }

    #[test]
    fn one_that_grows_takes_what_one_of_its_length_takes() {
        let room = Room::new(10 << 10);
        let first = room.extend(0, FREE).unwrap();
        let second = room.extend(FREE, 10 << 10).unwrap();
        assert!(first.is_none() && second.is_some());
        assert_eq!(room.extend(FREE + (10 << 10), 1).err(), Some(FULL));
    }
}
