//! Memory of all requests together.
//!
//! What a body may take is known before it is read, what its fields may take before they run, what an answer takes while it
//! is made (`budget`) and, by its true length, until its client has read it. Each is bounded by itself. Whoever holds room for
//! a body may wait for that of its fields, and nobody who holds the latter waits: so there is an end to all waiting.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use crate::config::Limits;
use crate::error::{Error, Result};
use crate::permits::{Permit, Permits, Pool, kibibytes};

/// Bytes that everybody has without asking for room: they hold as many as there are connections.
const FREE: usize = 64 << 10;

const FULL: Error = Error::Overloaded("too much is being asked or has not been read");

/// Where there may be so much of.
#[derive(Clone)]
pub struct Rooms {
    /// Of bodies that are read, and what they have become.
    pub bodies: Room,
    /// Of fields that run.
    pub fields: Room,
    /// Of answers.
    pub answers: Room,
}

#[derive(Clone)]
pub struct Room(Arc<Permits>);

impl Rooms {
    pub fn new(limits: &Limits) -> Self {
        Self {
            bodies: Room::new(Pool::BodyKibibytes, limits.max_running_bytes),
            fields: Room::new(Pool::FieldKibibytes, limits.max_running_bytes),
            answers: Room::new(Pool::UnreadKibibytes, limits.max_unread_bytes),
        }
    }
}

impl Room {
    fn new(pool: Pool, max_bytes: u64) -> Self {
        Self(Arc::new(Permits::new(pool, kibibytes(max_bytes) as usize)))
    }

    /// Room for so many bytes, for as long as it is held; `None` is held by a few.
    pub fn hold(&self, bytes: usize) -> Result<Option<Permit>> {
        self.extend(0, bytes)
    }

    /// Room for what grows by so many bytes.
    pub fn extend(&self, bytes: usize, more: usize) -> Result<Option<Permit>> {
        match kibibytes_beyond(bytes, more) {
            0 => Ok(None),
            wanted => self.0.try_acquire_many(wanted).map(Some).ok_or(FULL),
        }
    }

    /// The same, waited for. What takes more than there is has all of it.
    pub async fn wait(&self, bytes: usize, until: Instant) -> Result<Option<Permit>> {
        let wanted = kibibytes_beyond(0, bytes).min(self.0.count());
        if wanted == 0 {
            return Ok(None);
        }
        timeout_at(until, self.0.acquire_many(wanted)).await.unwrap_or(Err(FULL)).map(Some)
    }
}

fn kibibytes_beyond(bytes: usize, more: usize) -> u32 {
    kibibytes(bytes.saturating_add(more).saturating_sub(bytes.max(FREE)) as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_beyond_the_free_part_takes_room_until_it_is_let_go() {
        let room = Room::new(Pool::UnreadKibibytes, 100 << 10);
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
        let room = Room::new(Pool::UnreadKibibytes, 10 << 10);
        let first = room.extend(0, FREE).unwrap();
        let second = room.extend(FREE, 10 << 10).unwrap();
        assert!(first.is_none() && second.is_some());
        assert_eq!(room.extend(FREE + (10 << 10), 1).err(), Some(FULL));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_comes_when_there_is_room_or_not_at_all() {
        let room = Room::new(Pool::BodyKibibytes, 10 << 10);
        let soon = || Instant::now() + Duration::from_secs(1);
        let held = room.wait(FREE + (10 << 10), soon()).await.unwrap();
        assert!(room.wait(FREE, soon()).await.unwrap().is_none());
        assert_eq!(room.wait(FREE + 1, soon()).await.err(), Some(FULL));
        let waiting = room.wait(FREE + 1, soon());
        let (waited, ()) = tokio::join!(waiting, async { drop(held) });
        let held = waited.unwrap();
        assert!(held.is_some());
        drop(held);
        let all = room.wait(FREE + (20 << 10), soon()).await.unwrap();
        assert!(all.is_some() && room.hold(FREE + 1).is_err());
    }
}
