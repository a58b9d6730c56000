//! How long and how deeply nested a document is, before anything parses it.
//!
//! async-graphql's parser recurses: a literal nested some 1,400 deep (2.8 KB) overflows its stack and ends the
//! process. One linear scan, aware of strings and comments, refuses such a document first.

use super::within;
use crate::config::Documents;
use crate::error::{Error, Result};

/// Bytes of a name or a number. Errors quote them, and the parser takes 100 ns for each byte.
const MAX_WORD: usize = 128;

/// Refuses a document that is too long, has too many tokens or nests too deeply.
pub fn check(document: &str, limits: &Documents) -> Result<()> {
    within(document.len(), limits.max_document_bytes, "bytes of a document")?;
    let mut rest = document.as_bytes();
    let (mut tokens, mut nesting) = (0_usize, 0_usize);
    while let Some((first, after)) = rest.split_first() {
        rest = match first {
            // GraphQL sections 2.1.2 to 2.1.5: what stands between tokens.
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                rest = after_comment(after);
                continue;
            }
            b'"' => after_string(rest).ok_or(OPEN_STRING)?,
            // A spread of three dots is one.
            b'.' => after_all(after, |byte| byte == b'.'),
            first if first.is_ascii_digit() || *first == b'-' => after_word(rest, is_of_number)?,
            first if is_of_name(*first) => after_word(rest, is_of_name)?,
            _ => after,
        };
        match first {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        tokens += 1;
        within(nesting, limits.max_nesting, "levels of nesting")?;
        within(tokens, limits.max_tokens, "tokens")?;
    }
    Ok(())
}

/// The name of the operation that is to be run comes beside the document.
pub fn check_name(name: &str) -> Result<()> {
    within(name.len(), MAX_WORD, "bytes of a name or a number")
}

/// The parser would read all that follows twice to see that.
const OPEN_STRING: Error = Error::BadRequest("a string of the document does not end");

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// With exponents and their signs.
fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+')
}

fn after_all(rest: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    let end = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
    &rest[end..]
}

fn after_word(rest: &[u8], belongs: impl Fn(u8) -> bool) -> Result<&[u8]> {
    let after = after_all(rest, belongs);
    within(rest.len() - after.len(), MAX_WORD, "bytes of a name or a number")?;
    Ok(after)
}

/// GraphQL section 2.1.4: a comment ends with its line.
fn after_comment(rest: &[u8]) -> &[u8] {
    after_all(rest, |byte| !matches!(byte, b'\n' | b'\r'))
}

/// GraphQL section 2.9.4: `"` to `"` with `\"` escaped, or a block from `"""` to `"""` with `\"""` escaped.
fn after_string(rest: &[u8]) -> Option<&[u8]> {
    if rest.starts_with(br#"""""#) { after_block(&rest[3..]) } else { after_quoted(&rest[1..]) }
}

fn after_quoted(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b'\\', _, after @ ..] => after,
            [b'"', after @ ..] => return Some(after),
            [b'\n' | b'\r', ..] | [] => return None,
            [_, after @ ..] => after,
        };
    }
}

fn after_block(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b'\\', b'"', b'"', b'"', after @ ..] => after,
            [b'"', b'"', b'"', after @ ..] => return Some(after),
            [_, after @ ..] => after,
            [] => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(document: &str) -> Result<()> {
        check(document, &Documents::default())
    }

    fn nested(open: &str, depth: usize) -> String {
        format!("{{ a(b: {}", open.repeat(depth))
    }

    #[test]
    fn deep_literals_of_any_kind_are_refused() {
        for open in ["[", "{a:", "[{a:", "(", "{"] {
            assert!(judge(&nested(open, 20)).is_ok(), "{open}");
            let refused = Error::QueryTooCostly { what: "levels of nesting", limit: 64 };
            assert_eq!(judge(&nested(open, 500)), Err(refused), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let brackets = "[".repeat(100);
        for text in [
            format!("{{ a(b: \"{brackets}\") }}"),
            format!("{{ a(b: \"\\\"{brackets}\") }}"),
            format!("{{ a(b: \"\"\"\n \" \\\"\"\" {brackets}\"\"\") }}"),
            format!("# {brackets}\n{{ a }}"),
        ] {
            assert!(judge(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn strings_and_comments_do_not_hide_what_follows_them() {
        let brackets = "[".repeat(100);
        for text in ["\"\"", "\"a\"", "\"\"\"a\"\"\"", "\"\\\\\"", "# \"\n", "\"\"\"\"\"\""] {
            assert!(judge(&format!("{text}{brackets}")).is_err(), "{text}");
        }
    }

    /// How many tokens a text has: as many as have to be allowed.
    fn count(document: &str) -> usize {
        let allows = |max_tokens: &usize| {
            check(document, &Documents { max_tokens: *max_tokens, ..Documents::default() }).is_ok()
        };
        (0..100).find(allows).unwrap()
    }

    #[test]
    fn tokens_are_counted_as_the_specification_has_them() {
        for (document, tokens) in [
            ("", 0),
            (" ,\n# a b c\n", 0),
            ("{ a }", 3),
            ("{ a1: b(c: -1.5e+3, d: \"x y\") ...f }", 15),
            ("query($v: [I!]! = [{a: \"\"\"b \"c\" d\"\"\"}]) @skip(if: true)", 26),
        ] {
            assert_eq!(count(document), tokens, "{document}");
        }
    }

    #[test]
    fn a_hundred_aliases_of_ten_fields_pass_and_a_hundred_thousand_directives_do_not() {
        let alias = |n| format!("a{n}: file(id: \"x\") {{ a b c d e f g h i j }} ");
        assert_eq!(judge(&format!("{{ {} }}", (0..100).map(alias).collect::<String>())), Ok(()));
        assert!(judge(&format!("{{ a {} }}", "@b ".repeat(100_000))).is_err());
    }

    #[test]
    fn long_documents_long_words_and_strings_without_an_end_never_reach_the_parser() {
        for (document, limit, what) in [
            (format!("{{ a }} # {}", "b".repeat(64 << 10)), 64 << 10, "bytes of a document"),
            (format!("{{ {} }}", "a".repeat(129)), 128, "bytes of a name or a number"),
            (format!("{{ a(b: -{}) }}", "1".repeat(128)), 128, "bytes of a name or a number"),
        ] {
            assert_eq!(judge(&document), Err(Error::QueryTooCostly { what, limit }), "{what}");
        }
        assert_eq!(judge(&format!("{{ {}(b: {}) }}", "a".repeat(128), "1".repeat(128))), Ok(()));
        for open in ["\"a", "\"", "\"a\\\"", "\"a\n\"", "\"a\r\"", "\"\"\"", "\"\"\"a\"\"", "\"\"\"\\\"\"\""]
        {
            assert_eq!(judge(&format!("{{ a(b: {open}")), Err(OPEN_STRING), "{open}");
        }
    }
}
