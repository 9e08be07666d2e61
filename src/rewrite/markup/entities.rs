//! Attribute values between HTML's spelling and the text they mean.

use std::{borrow::Cow, collections::HashMap, num::ParseIntError, sync::LazyLock};

use encoding_rs::WINDOWS_1252;

use crate::limits::REFERENCE_BYTES_MAX;

/// The named references of HTML (13.5), those that end with a semicolon: a name and its characters by number, on each line.
static NAMED: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let lines = include_str!("references.txt").lines().filter_map(|line| line.split_once(' '));
    let meant =
        |numbers: &str| numbers.split(' ').filter_map(|number| character(u32::from_str_radix(number, 16))).collect();
    lines.map(|(name, numbers)| (name, meant(numbers))).collect()
});
/// Names that HTML also knows without the semicolon.
const LEGACY: &[&str] = &[
    "AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring", "Atilde", "Auml", "COPY", "Ccedil", "ETH", "Eacute", "Ecirc",
    "Egrave", "Euml", "GT", "Iacute", "Icirc", "Igrave", "Iuml", "LT", "Ntilde", "Oacute", "Ocirc", "Ograve", "Oslash",
    "Otilde", "Ouml", "QUOT", "REG", "THORN", "Uacute", "Ucirc", "Ugrave", "Uuml", "Yacute", "aacute", "acirc",
    "acute", "aelig", "agrave", "amp", "aring", "atilde", "auml", "brvbar", "ccedil", "cedil", "cent", "copy",
    "curren", "deg", "divide", "eacute", "ecirc", "egrave", "eth", "euml", "frac12", "frac14", "frac34", "gt",
    "iacute", "icirc", "iexcl", "igrave", "iquest", "iuml", "laquo", "lt", "macr", "micro", "middot", "nbsp", "not",
    "ntilde", "oacute", "ocirc", "ograve", "ordf", "ordm", "oslash", "otilde", "ouml", "para", "plusmn", "pound",
    "quot", "raquo", "reg", "sect", "shy", "sup1", "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc",
    "ugrave", "uml", "uuml", "yacute", "yen", "yuml",
];

/// The text that an attribute value stands for.
pub(in crate::rewrite) fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, meant) = reference(rest).unwrap_or((1, Meant::One('&')));
        match meant {
            Meant::One(character) => text.push(character),
            Meant::Text(characters) => text.push_str(characters),
        }
        rest = &rest[length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// What a reference stands for.
enum Meant {
    One(char),
    Text(&'static str),
}

/// Whether what follows a `&` may stand for a character of a host, or for a `%` that escapes one: such a text is read as a whole. At most
/// [`REFERENCE_BYTES_MAX`] bytes of it are looked at.
pub(in crate::rewrite) fn may_spell_a_host(after: &[u8]) -> bool {
    match after {
        [b'#', b'x' | b'X', digits @ ..] => is_of_host(digits, 16),
        [b'#', digits @ ..] => is_of_host(digits, 10),
        [b'p' | b'l' | b'U' | b'f', ..] => {
            [&b"period"[..], b"percnt", b"lowbar", b"UnderBar", b"fjlig"].iter().any(|name| after.starts_with(name))
        }
        _ => false,
    }
}

/// More digits than anybody writes count as well.
fn is_of_host(digits: &[u8], radix: u32) -> bool {
    let digits = digits.iter().map_while(|byte| char::from(*byte).to_digit(radix)).take(REFERENCE_BYTES_MAX - 2);
    let (count, number) = digits
        .fold((0, 0_u32), |(count, number), digit| (count + 1, number.saturating_mul(radix).saturating_add(digit)));
    let meant = u8::try_from(number).unwrap_or_default();
    count == REFERENCE_BYTES_MAX - 2 || meant.is_ascii_alphanumeric() || matches!(meant, b'.' | b'-' | b'_' | b'%')
}

/// The length and the meaning of the reference at the start of `text`, which is `&`.
fn reference(text: &str) -> Option<(usize, Meant)> {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        return numeric(number).map(|(length, meant)| (2 + length, Meant::One(meant)));
    }
    let length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, after) = body.split_at(length);
    let is_ended = after.starts_with(';');
    // In attributes, a name without its semicolon counts only where no `=` or alphanumeric follows (HTML 13.2.5.73).
    if name.is_empty() || (!is_ended && (after.starts_with('=') || !LEGACY.contains(&name))) {
        return None;
    }
    let meant = if name == "amp" { "&" } else { NAMED.get(name)? };
    Some((1 + length + usize::from(is_ended), Meant::Text(meant)))
}

fn numeric(text: &str) -> Option<(usize, char)> {
    let (digits, radix, prefix) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let length = digits.chars().take_while(|c| c.is_digit(radix)).count();
    if length == 0 {
        return None;
    }
    // What is no character becomes the one for that (HTML 13.2.5.80).
    let meant = character(u32::from_str_radix(&digits[..length], radix)).unwrap_or(char::REPLACEMENT_CHARACTER);
    let semicolon = usize::from(digits[length..].starts_with(';'));
    Some((prefix + length + semicolon, meant))
}

/// The character of a number; those of the second control block are windows-1252's, for old editors wrote it so.
fn character(number: Result<u32, ParseIntError>) -> Option<char> {
    match number.ok()? {
        0 => None,
        number @ 0x80..=0x9F => {
            let byte = [u8::try_from(number).ok()?];
            WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next()
        }
        number => char::from_u32(number),
    }
}

/// A text as an attribute value between quotes of either kind, in ASCII: a page may be in any charset.
pub(in crate::rewrite) fn encode(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => value.push_str("&amp;"),
            '<' => value.push_str("&lt;"),
            '>' => value.push_str("&gt;"),
            '"' => value.push_str("&quot;"),
            '\'' => value.push_str("&#39;"),
            _ if c.is_ascii() => value.push(c),
            _ => value.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_read_as_browsers_read_them() {
        for (raw, meant) in [
            ("a=1&amp;b=2", "a=1&b=2"),
            ("https&#58;&#x2F;&#X2f;h", "https://h"),
            ("&#58h", ":h"),
            ("a&amp", "a&"),
            ("a&amp=1", "a&amp=1"),
            ("a&ampb", "a&ampb"),
            ("a&colon;b", "a:b"),
            ("a&colonb", "a&colonb"),
            ("a&region=x&&", "a&region=x&&"),
            ("&#;&#x;&#xz;&", "&#;&#x;&#xz;&"),
            ("&#xD800;&#99999999999;&#0;&#x110000;", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("Z&uuml;rich S&atilde;o&nbsp;Paulo", "Z\u{fc}rich S\u{e3}o\u{a0}Paulo"),
            ("Z&uuml rich&uuml&uumlrich&uuml=x", "Z\u{fc} rich\u{fc}&uumlrich&uuml=x"),
            ("&Ccaron;&Zcaron;&zcaron &fjlig;&bne;", "\u{10c}\u{17d}&zcaron fj=\u{20e5}"),
            ("a&AMP;b&AMP&LT;&lsqb;&bsol;&NewLine;&amp;lt;", "a&b&<[\\\n&lt;"),
            ("a&#150;b&#x80;&#x81;&#x9F;", "a\u{2013}b\u{20ac}\u{81}\u{178}"),
            ("&none;&;&", "&none;&;&"),
        ] {
            assert_eq!(decode(raw), meant, "{raw}");
        }
    }

    #[test]
    fn every_named_reference_that_may_stand_in_a_host_is_searched_for() {
        assert_eq!(NAMED.len(), 2125);
        for (name, meant) in NAMED.iter() {
            let may_be = meant.chars().any(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '%'));
            assert_eq!(may_spell_a_host(format!("{name};").as_bytes()), may_be, "{name}");
        }
        assert!(LEGACY.iter().all(|name| NAMED.contains_key(name)));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_to_the_same(text in "\\PC*") {
            let encoded = encode(&text);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded), text);
        }

        #[test]
        fn decoding_takes_any_text(text in "[&#x0-9a-z;=\\PC]*") {
            let _ = decode(&text);
        }
    }
}
