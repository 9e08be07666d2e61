//! Bytes of a host application as text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// What these bytes say: UTF-8, and where they are none, what an old application meant, so that Sigma is told the letter that was
/// written.
pub(in crate::rewrite) fn utf8_or_old(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The same of a page that names its charset, or names none.
pub(in crate::rewrite) fn text<'b>(bytes: &'b [u8], charset: Option<&'static Encoding>) -> Cow<'b, str> {
    match charset.filter(|charset| *charset != UTF_8) {
        Some(charset) => charset.decode_without_bom_handling(bytes).0,
        None => utf8_or_old(bytes),
    }
}

/// The charset that `<?xml … encoding="…"?>` names (HTML 13.2.3.2, "get an XML encoding").
pub(in crate::rewrite) fn of_declaration(declaration: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(declaration).ok()?.strip_prefix("<?xml")?;
    let value = text.split_once("encoding")?.1.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf_8_are_what_old_applications_write() {
        for (bytes, charset, expected) in [
            (&b"Z\xC3\xBC"[..], None, "Zü"),
            (b"Z\xFC", None, "Zü"),
            (b"Z\xFC\x80", Some(UTF_8), "Zü€"),
            (b"Z\xFC", Some(encoding_rs::KOI8_R), "ZЭ"),
            (b"\x93\xFA", Some(encoding_rs::SHIFT_JIS), "日"),
        ] {
            assert_eq!(text(bytes, charset), expected);
        }
    }

    #[test]
    fn the_charset_of_an_xml_declaration_is_found_as_browsers_find_it() {
        for (declaration, expected) in [
            ("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>", Some("iso-8859-1")),
            ("<?xml version='1.0' encoding\n=\n'Shift_JIS' standalone='yes'?>", Some("Shift_JIS")),
            ("<?xml encoding=latin1?>", None),
            ("<?xml encoding=\"latin1?>", None),
            ("<?xml version=\"1.0\"?>", None),
            ("<?php encoding=\"latin1\"?>", None),
        ] {
            assert_eq!(of_declaration(declaration.as_bytes()), expected, "{declaration}");
        }
    }
}
