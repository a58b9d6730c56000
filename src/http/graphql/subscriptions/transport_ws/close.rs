//! Why a connection ends, in codes and words that clients know.

use super::Id;

/// Why a connection is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Close {
    GoingAway,
    BadFrame,
    NotText,
    TooBig,
    Invalid(&'static str),
    Unauthorized,
    Forbidden,
    TooLate,
    Exists(Id),
    TooManyInits,
    /// There is no place now, or the caller comes too often.
    TryLater,
}

impl Close {
    /// RFC 6455 section 7.4.1, and the protocol's own.
    pub fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::BadFrame => 1002,
            Self::NotText => 1007,
            Self::TooBig => 1009,
            // Registered with IANA beside those of the RFC. Clients come again after a while.
            Self::TryLater => 1013,
            Self::Invalid(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::TooLate => 4408,
            Self::Exists(_) => 4409,
            Self::TooManyInits => 4429,
        }
    }

    pub fn reason(&self) -> String {
        match self {
            Self::GoingAway => "Going away".to_owned(),
            Self::BadFrame => "Invalid frame".to_owned(),
            Self::NotText => "Invalid UTF-8".to_owned(),
            Self::TooBig => "Message too big".to_owned(),
            Self::TryLater => "Try again later".to_owned(),
            Self::Invalid(why) => (*why).to_owned(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Forbidden => "Forbidden".to_owned(),
            Self::TooLate => "Connection initialisation timeout".to_owned(),
            Self::Exists(id) => format!("Subscriber for {id} already exists"),
            Self::TooManyInits => "Too many initialisation requests".to_owned(),
        }
    }
}
