//! What stands ahead of a part: which field it is, and whether it is a file.

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Of the field.
    pub name: String,
    /// Of the file, as its sender calls it; none of what is no file.
    pub file_name: Option<String>,
}

impl Head {
    /// Of the lines ahead of a part. None where they do not say which field it is.
    pub fn parse(lines: &[u8]) -> Option<Self> {
        let lines = std::str::from_utf8(lines).ok()?;
        let mut dispositions = lines.split("\r\n").filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        });
        let (only, None) = (dispositions.next()?, dispositions.next()) else { return None };
        let (kind, mut rest) = only.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return None;
        }
        let (mut field, mut file_name) = (None, None);
        while !rest.trim().is_empty() {
            let (name, value, others) = parameter(rest)?;
            let known = match name.to_ascii_lowercase().as_str() {
                "name" => &mut field,
                "filename" => &mut file_name,
                // RFC 7578, 4.2 forbids it. Who sends it nevertheless sends the other one, too.
                _ => &mut None,
            };
            if known.replace(value).is_some() {
                return None;
            }
            rest = others;
        }
        Some(Self { name: field?, file_name })
    }
}

/// `name=value` or `name="value"`, and what follows the semicolon behind it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let Some(quoted) = rest.trim_start().strip_prefix('"') else {
        let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
        return Some((name.trim(), value.trim().to_owned(), rest));
    };
    let end = end_of_quoted(quoted)?;
    let rest = quoted[end + 1..].trim_start();
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(';')? };
    Some((name.trim(), unquoted(&quoted[..end]), rest))
}

fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Browsers write quotes and line ends as %22, %0D and %0A (HTML, 4.10.21.8), others a backslash ahead of quotes.
fn unquoted(text: &str) -> String {
    let text = text.replace("\\\"", "\"").replace("\\\\", "\\");
    text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_which_field_it_is_and_what_its_file_is_called() {
        let head = |text: &str| Head::parse(text.as_bytes());
        let of = |name: &str, file_name: Option<&str>| {
            Some(Head { name: name.to_owned(), file_name: file_name.map(str::to_owned) })
        };
        for (text, expected) in [
            ("Content-Disposition: form-data; name=\"a\"", of("a", None)),
            ("content-disposition:FORM-DATA;name=a;filename=b.jpg", of("a", Some("b.jpg"))),
            (
                "X: y\r\nContent-Disposition: form-data; filename=\"b;\\\"%22.jpg\"; name=\"a\"\r\n",
                of("a", Some("b;\"\".jpg")),
            ),
            ("Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''b", of("a", None)),
            ("Content-Disposition: form-data; name=\"ä\"", of("ä", None)),
            ("Content-Disposition: form-data; name=\"a\"; name=\"b\"", None),
            (
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"",
                None,
            ),
            ("Content-Disposition: form-data; name=\"a", None),
            ("Content-Disposition: form-data; filename=\"a\"", None),
            ("Content-Disposition: attachment; name=\"a\"", None),
            ("Content-Disposition: form-data", None),
            ("Content-Type: text/plain", None),
            ("", None),
        ] {
            assert_eq!(head(text), expected, "{text}");
        }
        assert_eq!(Head::parse(b"Content-Disposition: form-data; name=\"\xFF\""), None);
    }
}
