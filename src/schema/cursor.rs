//! Cursors of pages that stand in an order of the index, as text that means nothing to a client.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};
use crate::index::Place;
use crate::index::groups::GroupPlace;

const BAD: Error = Error::BadRequest("after is no cursor of such a page");

/// Of a file among those that look like a target: its hash, 8 bytes, and its path.
pub fn of_place(place: &Place) -> String {
    let mut bytes = place.hash().to_be_bytes().to_vec();
    bytes.extend(place.path.as_os_str().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The other way; the distance is that from the target.
pub fn place(cursor: &str, target: u64) -> Result<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BAD)?;
    let (hash, path) = bytes.split_first_chunk().ok_or(BAD)?;
    let path = OsString::from_vec(path.to_vec());
    Ok(Place::new(target, u64::from_be_bytes(*hash), path.into()))
}

/// Of a group: how many images it has and its leader's hash, 8 bytes each, and the checksum if there is one.
pub fn of_group(place: &GroupPlace) -> String {
    let mut bytes = [place.images.0.to_be_bytes(), place.hash.to_be_bytes()].concat();
    bytes.extend(place.checksum.iter().flatten());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The other way.
pub fn group(cursor: &str) -> Result<GroupPlace> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BAD)?;
    let (images, rest) = bytes.split_first_chunk().ok_or(BAD)?;
    let (hash, rest) = rest.split_first_chunk().ok_or(BAD)?;
    let checksum = if rest.is_empty() { None } else { Some(rest.try_into().map_err(|_| BAD)?) };
    Ok(GroupPlace { images: Reverse(u64::from_be_bytes(*images)), hash: u64::from_be_bytes(*hash), checksum })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_is_that_of_its_place(
            target: u64, hash: u64, path in "[a-z/é]{1,20}", images: u64, checksum: Option<[u8; 32]>,
        ) {
            let first = Place::new(target, hash, path.into());
            prop_assert_eq!(place(&of_place(&first), target), Ok(first));
            let first = GroupPlace { images: Reverse(images), hash, checksum };
            prop_assert_eq!(group(&of_group(&first)), Ok(first));
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,80}") {
            let _ = (place(&text, 5), group(&text));
        }
    }
}
