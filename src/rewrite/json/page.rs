//! Whether what an application calls a page is JSON: many never say what they send, and the scripts that ask know it.

use super::GUARDS;
use crate::rewrite::markup::BYTE_ORDER_MARK;

/// Whether a body begins as JSON does and as no markup does; `None` where these bytes do not say. A template's `{{…}}`, `{% … %}` and
/// `[…]` are markup.
pub(in crate::rewrite) fn is_json(first: &[u8]) -> Option<bool> {
    let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii_start();
    let guard = GUARDS.iter().find(|guard| text.starts_with(guard.as_bytes()));
    if guard.is_none() && GUARDS.iter().any(|guard| guard.as_bytes().starts_with(text)) {
        return None;
    }
    let text = &text[guard.map_or(0, |guard| guard.len())..];
    let lists = text.iter().take_while(|byte| **byte == b'[' || byte.is_ascii_whitespace()).count();
    let is_list = text[..lists].contains(&b'[');
    let (one, behind) = text[lists..].split_first()?;
    match one {
        b'{' => behind.trim_ascii_start().first().map(|next| matches!(next, b'"' | b'}')),
        b'"' | b']' if is_list => Some(true),
        // A text in quotes that is markup.
        b'"' => behind.first().map(|next| *next == b'<'),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_markup_by_how_it_begins() {
        for (text, expected) in [
            ("{\"html\":1}", Some(true)),
            ("\u{feff} {\r\n \"html\"", Some(true)),
            ("{ }", Some(true)),
            ("[{\"a\"", Some(true)),
            ("[ [ {}", Some(true)),
            ("[\"<p>\"]", Some(true)),
            ("[]", Some(true)),
            ("\"<p>x</p>\"", Some(true)),
            (")]}',\n{\"a\"", Some(true)),
            ("while(1);[{\"a\"", Some(true)),
            ("/*{\"a\":1}*/", Some(true)),
            ("<p>{\"a\"}", Some(false)),
            ("{{title}}<p>", Some(false)),
            ("{% if x %}", Some(false)),
            ("{title}", Some(false)),
            ("[[Main Page]]", Some(false)),
            ("[1] <a>", Some(false)),
            ("\"Great\", they say", Some(false)),
            ("/* x */ <p>", Some(false)),
            ("for all of <b>", Some(false)),
            ("", None),
            (" \n", None),
            ("{", None),
            ("[ [", None),
            ("{ \n", None),
            (")]}", None),
            ("whi", None),
            ("\"", None),
        ] {
            assert_eq!(is_json(text.as_bytes()), expected, "{text}");
        }
    }
}
