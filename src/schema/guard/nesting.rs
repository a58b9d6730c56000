//! How deeply a document nests, before anything parses it.
//!
//! async-graphql's parser recurses: a literal nested some 1,400 deep (2.8 KB) overflows its stack and ends the
//! process. One linear scan, aware of strings and comments, refuses such a document first.

use crate::error::{Error, Result};

/// Brackets of any kind that may be open at once. Queries that people write stay below 20.
const MAX_NESTING: usize = 64;

/// Refuses a document that is nested too deeply.
pub fn check(document: &str) -> Result<()> {
    let mut rest = document.as_bytes();
    let mut nesting = 0_usize;
    while let Some((first, after)) = rest.split_first() {
        rest = match first {
            b'"' => after_string(rest),
            b'#' => after_comment(after),
            _ => after,
        };
        match first {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > MAX_NESTING {
            return Err(Error::QueryTooCostly("it is nested too deeply"));
        }
    }
    Ok(())
}

/// GraphQL section 2.1.4: a comment ends with its line.
fn after_comment(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    &rest[end..]
}

/// GraphQL section 2.9.4: `"` to `"` with `\"` escaped, or a block from `"""` to `"""` with `\"""` escaped.
fn after_string(rest: &[u8]) -> &[u8] {
    if rest.starts_with(br#"""""#) { after_block(&rest[3..]) } else { after_quoted(&rest[1..]) }
}

fn after_quoted(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [b'\\', _, after @ ..] => after,
            // An unterminated string ends with its line; the parser will refuse it.
            [b'"' | b'\n' | b'\r', after @ ..] => return after,
            [_, after @ ..] => after,
            [] => return rest,
        };
    }
}

fn after_block(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [b'\\', b'"', b'"', b'"', after @ ..] => after,
            [b'"', b'"', b'"', after @ ..] => return after,
            [_, after @ ..] => after,
            [] => return rest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(open: &str, depth: usize) -> String {
        format!("{{ a(b: {}", open.repeat(depth))
    }

    #[test]
    fn deep_literals_of_any_kind_are_refused() {
        for open in ["[", "{a:", "[{a:", "(", "{"] {
            assert!(check(&nested(open, 20)).is_ok(), "{open}");
            assert!(matches!(check(&nested(open, 2_000)), Err(Error::QueryTooCostly(_))), "{open}");
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
            assert!(check(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn strings_and_comments_do_not_hide_what_follows_them() {
        let brackets = "[".repeat(100);
        for text in ["\"\"", "\"a\"", "\"\"\"a\"\"\"", "\"\\\\\"", "# \"\n", "\"open\n", "\"\"\"\"\"\""] {
            assert!(check(&format!("{text}{brackets}")).is_err(), "{text}");
        }
    }
}
