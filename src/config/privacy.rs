//! What of an image is not for everybody.

use super::ConfigError;

/// What may be withheld from a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Private {
    /// Where the picture was taken.
    Location,
    /// Those of camera and lens, by which all pictures of one camera are found.
    SerialNumbers,
    /// Whose camera it is. Who made the picture and who has the rights is meant to be read.
    OwnerNames,
}

impl Private {
    pub const ALL: [Self; 3] = [Self::Location, Self::SerialNumbers, Self::OwnerNames];

    /// As settings and headers spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::SerialNumbers => "serial_numbers",
            Self::OwnerNames => "owner_names",
        }
    }
}

/// What is withheld: each once, in their order.
pub(super) fn withheld(
    setting: &'static str,
    names: Option<Vec<String>>,
) -> Result<Option<Vec<Private>>, ConfigError> {
    let Some(names) = names else { return Ok(None) };
    let wrong = |name: String| ConfigError::Wrong {
        setting,
        value: name,
        wanted: "`location`, `serial_numbers` or `owner_names`",
    };
    let known = |name: String| {
        Private::ALL.into_iter().find(|private| private.name() == name).ok_or_else(|| wrong(name))
    };
    let mut withheld = names.into_iter().map(known).collect::<Result<Vec<_>, _>>()?;
    withheld.sort_unstable();
    withheld.dedup();
    Ok(Some(withheld))
}
