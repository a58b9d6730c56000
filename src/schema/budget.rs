//! How long an answer may get.
//!
//! Fields are counted before a document runs (`guard`), but a field may be a whole EXIF block, and be asked for
//! under many names. Each image that an answer shows is charged for what its selection can print of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{Context, SelectionField};

use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Metadata};

/// Bytes, near enough. A hundred images with all their tags take a tenth of it.
const MAX_ANSWER: usize = 16 << 20;

/// Bytes of a field beside its text: name, quotes, or a number.
const FIELD: usize = 64;

/// What the requests of one body may still print.
pub struct Budget(AtomicUsize);

/// What a selection prints of an image.
#[derive(Debug, Default, Clone, Copy)]
pub struct Printed {
    fields: usize,
    /// How often the most repeated field stands there, if tags are printed at all.
    repeats: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicUsize::new(MAX_ANSWER))
    }
}

impl Printed {
    /// Of the selection below a field of type `Image`.
    pub fn by(field: SelectionField<'_>) -> Self {
        let mut names = HashMap::new();
        count(field, &mut names);
        let tags = names.contains_key("exif") || names.contains_key("raw");
        let repeats = names.values().copied().max().filter(|_| tags).unwrap_or_default();
        Self { fields: names.values().sum(), repeats }
    }

    /// Charges the request for one image.
    pub fn charge(self, ctx: &Context<'_>, image: &ImageRef, metadata: &Metadata) -> Result<()> {
        let text = image.id().len() + metadata.path.as_ref().map_or(0, String::len);
        let fields = self.fields.saturating_mul(text + FIELD);
        let tags = if self.repeats > 0 { self.repeats.saturating_mul(metadata.footprint()) } else { 0 };
        ctx.data_unchecked::<Arc<Budget>>().spend(fields.saturating_add(tags))
    }
}

impl Budget {
    fn spend(&self, bytes: usize) -> Result<()> {
        let left = |left: usize| left.checked_sub(bytes);
        let spent = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        spent
            .map(drop)
            .map_err(|_| Error::QueryTooCostly { what: "bytes of answer", limit: MAX_ANSWER as u64 })
    }
}

fn count<'a>(field: SelectionField<'a>, names: &mut HashMap<&'a str, usize>) {
    for inner in field.selection_set() {
        *names.entry(inner.name()).or_default() += 1;
        count(inner, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone_and_what_is_too_much_is_not_spent() {
        let budget = Budget::default();
        assert_eq!(budget.spend(MAX_ANSWER - 1), Ok(()));
        assert!(budget.spend(2).is_err());
        assert_eq!(budget.spend(1), Ok(()));
        assert!(budget.spend(1).is_err());
        assert!(budget.spend(usize::MAX).is_err());
    }
}
