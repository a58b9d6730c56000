use serde::{Deserialize, Serialize};

use super::Level;

/// What is asked of an image, or was answered.
///
/// Redis compares the two as the first bytes of an entry (`cache::shared`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    pub level: Level,
    pub extras: ExtraSet,
}

/// Facts that ImageKit does not state, each asked for by itself: their costs have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExtraSet(u8);

impl Question {
    /// More than this cannot be asked.
    pub const EVERYTHING: Self = Self { level: Level::Pixels, extras: ExtraSet::ALL };

    /// Whether its answer also is one to the other question.
    pub fn covers(self, other: Self) -> bool {
        self.level >= other.level && self.extras.contains(other.extras)
    }

    /// What answers both questions.
    pub fn and(self, other: impl Into<Self>) -> Self {
        let other = other.into();
        Self { level: self.level.max(other.level), extras: self.extras.and(other.extras) }
    }
}

impl From<Level> for Question {
    fn from(level: Level) -> Self {
        Self { level, extras: ExtraSet::NONE }
    }
}

impl From<ExtraSet> for Question {
    fn from(extras: ExtraSet) -> Self {
        Self { level: Level::Header, extras }
    }
}

impl ExtraSet {
    pub const NONE: Self = Self(0);
    /// Whether a pixel lets anything through.
    pub const OPACITY: Self = Self(1);
    /// How many frames or pages there are.
    pub const FRAMES: Self = Self(1 << 1);
    /// The digest of all bytes.
    pub const CHECKSUM: Self = Self(1 << 2);
    /// What the colours are.
    pub const COLOURS: Self = Self(1 << 3);
    /// The words that it carries beside EXIF.
    pub const TEXT: Self = Self(1 << 4);
    const ALL: Self = Self(0b1_1111);

    /// All of the others.
    pub fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// As Redis compares them.
    pub fn bits(self) -> u8 {
        self.0
    }
}
