//! How long an answer may get.
//!
//! Fields are counted before a document runs (`guard`), but a field may be a whole EXIF block, and be asked for
//! under many names. Each image that an answer shows is charged for what its selection can print of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{Context, SelectionField};

use super::colours::MAX_PREVIEW;
use super::room::Room;
use crate::error::{Error, Result};
use crate::metadata::colours::MAX_COLOURS;
use crate::metadata::{ImageRef, Metadata};
use crate::permits::Permit;

/// Bytes, near enough. A hundred images with all their tags take a fifth of it.
const MAX_ANSWER: usize = 8 << 20;

/// Bytes of a field beside its text: name, quotes, or a number.
const FIELD: usize = 64;

/// What the requests of one body print, and the room that it takes.
pub struct Budget {
    room: Room,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    bytes: usize,
    held: Vec<Permit>,
}

/// What a selection prints of an image.
#[derive(Debug, Default, Clone, Copy)]
pub struct Printed {
    fields: usize,
    /// Bytes of what is longer than any field is counted for.
    long: usize,
    /// How often the most repeated field stands there, if tags are printed at all.
    repeats: usize,
}

impl Printed {
    /// Of the selection below a field of type `Image`.
    pub fn by(field: SelectionField<'_>) -> Self {
        let (mut names, mut colours) = (Vec::new(), 0);
        collect(field, &mut names, &mut colours);
        let printed = Self::of(&names);
        Self { long: printed.long + colours * FIELD, ..printed }
    }

    /// Of fields with these names, but for colours of palettes.
    pub fn of(names: &[&str]) -> Self {
        let tags = names.iter().any(|name| matches!(*name, "exif" | "raw" | "camera" | "text"));
        let long = names.iter().map(|name| longer_by(name)).sum();
        Self { fields: names.len(), long, repeats: if tags { most_repeated(names) } else { 0 } }
    }

    /// Charges the request for one image.
    pub fn charge(self, budget: &Budget, image: &ImageRef, metadata: &Metadata) -> Result<()> {
        let text = image.id().len() + metadata.path.as_ref().map_or(0, String::len);
        let fields = self.fields.saturating_mul(text + FIELD);
        let tags = if self.repeats > 0 { self.repeats.saturating_mul(metadata.printed()) } else { 0 };
        budget.spend(fields.saturating_add(tags).saturating_add(self.long))
    }
}

impl Budget {
    /// That of a field's request.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    pub fn new(room: Room) -> Self {
        Self { room, spent: Mutex::default() }
    }

    /// Gives back the room of what is made: whoever has it now holds room for its length.
    pub fn hand_over(&self) {
        self.spent().held.clear();
    }

    /// Charges the request for a text that it shows beside its images.
    pub fn charge_text(&self, text: &str) -> Result<()> {
        self.spend(text.len() + FIELD)
    }

    fn spend(&self, bytes: usize) -> Result<()> {
        let mut spent = self.spent();
        if bytes > MAX_ANSWER - spent.bytes {
            return Err(Error::QueryTooCostly { what: "bytes of answer", limit: MAX_ANSWER as u64 });
        }
        let room = self.room.extend(spent.bytes, bytes)?;
        spent.held.extend(room);
        spent.bytes += bytes;
        Ok(())
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of fields, and how many there may be of colours.
fn collect<'a>(field: SelectionField<'a>, names: &mut Vec<&'a str>, colours: &mut usize) {
    for inner in field.selection_set() {
        names.push(inner.name());
        if inner.name() == "palette" {
            *colours += MAX_COLOURS * inner.selection_set().count();
        }
        collect(inner, names, colours);
    }
}

/// What a field may print beyond what every field is counted for.
fn longer_by(name: &str) -> usize {
    match name {
        "lqip" => MAX_PREVIEW,
        "blurHash" => 2 * FIELD,
        "checksum" => FIELD,
        _ => 0,
    }
}

fn most_repeated(names: &[&str]) -> usize {
    let mut counts = HashMap::<_, usize>::new();
    names.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    counts.into_values().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use crate::schema::room::Rooms;

    fn room(max_unread_bytes: u64) -> Room {
        Rooms::new(&Limits { max_unread_bytes, ..Limits::default() }).answers
    }

    #[test]
    fn what_is_spent_is_gone_and_what_is_too_much_is_not_spent() {
        let budget = Budget::new(room(1 << 30));
        assert_eq!(budget.spend(MAX_ANSWER - 1), Ok(()));
        assert!(budget.spend(2).is_err());
        assert_eq!(budget.spend(1), Ok(()));
        assert!(budget.spend(1).is_err());
        assert!(budget.spend(usize::MAX).is_err());
    }

    #[test]
    fn what_is_spent_takes_room_for_as_long_as_the_budget_is_there() {
        let room = room(1 << 20);
        let budget = Budget::new(room.clone());
        assert_eq!(budget.spend(1 << 20), Ok(()));
        let other = Budget::new(room);
        assert!(matches!(other.spend(1 << 20), Err(Error::Overloaded(_))));
        drop(budget);
        assert_eq!(other.spend(1 << 20), Ok(()));
    }
}
