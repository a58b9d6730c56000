use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::metadata::{ExtraSet, Extras, Metadata, Question};

/// What a source said of an image.
#[derive(Debug, Clone)]
pub struct Entry {
    /// It is an answer to whoever asks for no more.
    pub answered: Question,
    /// `None` for an image that is not there.
    pub metadata: Option<Arc<Metadata>>,
    /// When the source said so.
    pub asked: SystemTime,
    /// How long it is given again without asking anew.
    pub fresh_for: Duration,
}

impl Entry {
    /// A clock that was set back makes nothing younger than new.
    pub fn age(&self) -> Duration {
        self.asked.elapsed().unwrap_or_default()
    }

    pub fn is_fresh(&self) -> bool {
        self.age() < self.fresh_for
    }

    /// How long it is kept from now on, that is for `stale` beyond the time that it is fresh.
    pub fn time_left(&self, stale: Duration) -> Duration {
        self.fresh_for.saturating_add(stale).saturating_sub(self.age())
    }

    /// The same without these facts, which could not be had.
    pub fn lacking(self, extras: ExtraSet, error: &Error) -> Self {
        let lacking = |known: Arc<Metadata>| {
            let extras = known.extras.clone().or(&Extras::lacking(extras, error));
            Arc::new(Metadata { extras, ..(*known).clone() })
        };
        Self { metadata: self.metadata.map(lacking), ..self }
    }

    /// The same with what another knows, where that is of the same file: of the same version, or of the same answer
    /// of ImageKit's.
    pub fn and(self, other: &Self) -> Self {
        let (Some(ours), Some(theirs)) = (&self.metadata, &other.metadata) else { return self };
        let same_version = ours.version == theirs.version && !ours.version.is_unknown();
        if !same_version && self.asked != other.asked {
            return self;
        }
        let metadata = Some(Arc::new((**ours).clone().or(theirs)));
        Self { answered: self.answered.and(other.answered), metadata, ..self }
    }

    /// Nobody is to be told this again: its server does not want it, or what is missing is missing for a passing
    /// reason.
    pub fn is_for_once(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.no_store || metadata.lacks_for_now().is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Level, PHash, Version};

    fn entry(answered: impl Into<Question>, etag: Option<&str>, seconds: u64) -> Entry {
        let answered = answered.into();
        let metadata = Metadata {
            path: None,
            p_hash: (answered.level == Level::Pixels).then(|| Ok(PHash::new(7))),
            extras: Extras {
                frames: answered.extras.contains(ExtraSet::FRAMES).then_some(Ok(3)),
                ..Extras::default()
            },
            version: Version { etag: etag.map(str::to_owned), last_modified: None },
            ..Metadata::listed(String::new())
        };
        let asked = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        Entry { answered, metadata: Some(Arc::new(metadata)), asked, fresh_for: Duration::ZERO }
    }

    #[test]
    fn entries_of_one_version_or_of_one_answer_are_united_and_others_not() {
        for (ours, theirs, seconds, united) in [
            (Some("a"), Some("a"), 9, true),
            (Some("a"), Some("b"), 9, false),
            (Some("a"), None, 9, false),
            (None, None, 9, false),
            (None, None, 5, true),
        ] {
            let both = entry(ExtraSet::FRAMES, ours, 5).and(&entry(Level::Pixels, theirs, seconds));
            let question = Question::from(Level::Pixels).and(ExtraSet::FRAMES);
            assert_eq!(both.answered.covers(question), united, "{ours:?} {theirs:?} {seconds}");
            let metadata = both.metadata.unwrap();
            assert_eq!((metadata.p_hash.is_some(), metadata.extras.frames.is_some()), (united, true));
            assert_eq!(both.asked, SystemTime::UNIX_EPOCH + Duration::from_secs(5));
        }
    }
}
