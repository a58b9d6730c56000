//! A provider's list, as it is sent, without the keys that are no file's.

use bytes::Bytes;

use super::keys::is_plain;

/// What stands in a list for each object, and in it for its key: S3's and Google's, Azure's.
const OBJECTS: [(&str, &str); 2] = [("Contents", "Key"), ("Blob", "Name")];
/// The same for folders, whose keys end with a slash.
const FOLDERS: [(&str, &str); 2] = [("CommonPrefixes", "Prefix"), ("BlobPrefix", "Name")];

/// A list without the objects whose keys `object_store` would take for others', or for which it would give up the list.
/// Folders of such are left out as well, and keys that Azure has to encode (`<Name Encoded="true">`).
pub fn without_odd_keys(list: &[u8]) -> Bytes {
    let Ok(text) = str::from_utf8(list) else { return Bytes::copy_from_slice(list) };
    let is_folder = |key: &str| key.strip_suffix('/').is_some_and(is_plain);
    let text =
        OBJECTS.iter().fold(text.to_owned(), |text, (object, key)| without(&text, object, key, is_plain));
    FOLDERS.iter().fold(text, |text, (folder, key)| without(&text, folder, key, is_folder)).into()
}

/// In XML a `<` begins a tag wherever it stands but in sections of CDATA, which no provider sends.
fn without(text: &str, object: &str, key: &str, is_good: impl Fn(&str) -> bool) -> String {
    let (start, end) = (format!("<{object}>"), format!("</{object}>"));
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(&start) {
        let Some((inner, after)) = behind.split_once(&end) else { break };
        kept.push_str(before);
        if text_of(inner, key).is_some_and(|key| is_good(&key)) {
            kept.extend([&start, inner, &end]);
        }
        rest = after;
    }
    kept + rest
}

fn text_of(element: &str, name: &str) -> Option<String> {
    let (_, behind) = element.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once(&format!("</{name}>"))?;
    Some(unescaped(text))
}

/// XML 1.0, 4.1 and 4.6. What is no character becomes one that no key of ours has.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').unwrap_or(("", part));
        plain.push(character(name).unwrap_or('\0'));
        plain.push_str(rest);
    }
    plain
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn a_list_is_given_without_keys_that_are_no_paths() {
        let object = |key: &str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
        let good =
            ["a.jpg", "a/b c/d+%2F.jpg", "&lt;&amp;&#39;&#x41;.jpg", "\u{e4}/b", "..a"].map(object).concat();
        let bad =
            ["", "a//b", "/a", "a/", "./a", "a/../b", "a&#10;b", "a&#x1;", "a&b;", "a\u{7f}", "&#xD800;"];
        let list = |objects: &str| format!("<L><Prefix>a//b</Prefix>{objects}<KeyCount>5</KeyCount></L>");
        let mixed = list(&bad.map(|key| object(key) + &good).concat());
        assert_eq!(without_odd_keys(mixed.as_bytes()), list(&good.repeat(bad.len())));
        let azure = |name: &str| format!("<Blob><Name>{name}</Name></Blob>");
        assert_eq!(without_odd_keys((azure("a/") + &azure("b")).as_bytes()), azure("b"));
        let encoded = "<Blob><Name Encoded=\"true\">a%01</Name></Blob>";
        assert_eq!(without_odd_keys((encoded.to_owned() + &azure("b")).as_bytes()), azure("b"));
        let folder = |prefix: &str| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>");
        assert_eq!(without_odd_keys((folder("a//") + &folder("b/")).as_bytes()), folder("b/"));
    }

    proptest! {
        #[test]
        fn of_any_text_no_more_is_left_than_there_was(
            parts in vec(select(&["<Contents>", "</Contents>", "<Key>", "</Key>", "<Blob>", "a", "/", "&", "&#", ";"][..]), 0..40),
        ) {
            let text = parts.concat();
            let left = without_odd_keys(text.as_bytes());
            prop_assert!(left.len() <= text.len());
        }
    }

    #[test]
    fn what_is_no_list_stays_what_it_is() {
        for text in [&b"\xff"[..], b"", b"<Contents>", b"<Contents><Key>a//b</Key>"] {
            assert_eq!(without_odd_keys(text), text);
        }
    }
}
