//! The tags of a file, as they are sent and shown.

use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Characters of all tags of a file: ImageKit's bound.
const MAX_CHARACTERS: usize = 500;

const WRONG: Error = Error::BadRequest(
    "tags are a list, in JSON or with commas, of 500 characters at most, without % and control characters",
);

/// Each once, in the order in which they are sent.
pub fn parse(text: &str, tags: &mut Vec<String>) -> Result<()> {
    let listed: Vec<String> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(|_| WRONG)?,
        false => text.split(',').map(str::to_owned).collect(),
    };
    for tag in listed.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
        if tag.contains(|sign: char| sign == '%' || sign.is_control()) {
            return Err(WRONG);
        }
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    let characters: usize = tags.iter().map(|tag| tag.chars().count()).sum();
    if characters > MAX_CHARACTERS { Err(WRONG) } else { Ok(()) }
}

/// ImageKit has null for none.
pub fn shown(tags: &[String]) -> Value {
    if tags.is_empty() { Value::Null } else { json!(tags) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_in_a_list_of_either_kind() {
        let read = |text: &str| {
            let mut tags = Vec::new();
            parse(text, &mut tags).map(|()| tags)
        };
        for (text, tags) in [
            ("a, b c,,ä,a", &["a", "b c", "ä"][..]),
            ("[\"a,b\", \"c\"]", &["a,b", "c"]),
            ("", &[]),
            ("[]", &[]),
        ] {
            assert_eq!(read(text).unwrap(), tags);
        }
        let long = "a".repeat(501);
        for text in ["[1]", "[\"a\"", "a%b", "a\nb", long.as_str()] {
            assert_eq!(read(text), Err(WRONG), "{text}");
        }
    }
}
