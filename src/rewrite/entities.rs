//! Attribute values between HTML's spelling and the text they mean.

use std::borrow::Cow;

use crate::limits::REFERENCE_BYTES_MAX;

/// Named references that can stand for a character of a URL. Others stay as they are: such a value is no Sigma URL.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("colon", ':'),
    ("sol", '/'),
    ("quest", '?'),
    ("equals", '='),
    ("num", '#'),
    ("lowbar", '_'),
    ("period", '.'),
    ("percnt", '%'),
    ("plus", '+'),
    ("comma", ','),
    ("semi", ';'),
    ("ast", '*'),
    ("commat", '@'),
    ("lpar", '('),
    ("rpar", ')'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
];
/// Names that HTML also knows without the semicolon.
const LEGACY: &[&str] = &["amp", "lt", "gt", "quot"];

/// The text that an attribute value stands for.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, meant) = reference(rest).unwrap_or((1, '&'));
        text.push(meant);
        rest = &rest[length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Whether what follows a `&` may stand for a character of a host, or for a `%` that escapes one: such a text is read as a whole. At most
/// [`REFERENCE_BYTES_MAX`] bytes of it are looked at.
pub(super) fn may_spell_a_host(after: &[u8]) -> bool {
    match after {
        [b'#', b'x' | b'X', digits @ ..] => is_of_host(digits, 16),
        [b'#', digits @ ..] => is_of_host(digits, 10),
        [b'p' | b'l', ..] => [&b"period"[..], b"percnt", b"lowbar"].iter().any(|name| after.starts_with(name)),
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
fn reference(text: &str) -> Option<(usize, char)> {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        return numeric(number).map(|(length, meant)| (2 + length, meant));
    }
    let length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, after) = body.split_at(length);
    if after.starts_with(';') {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, meant)| (2 + length, *meant));
    }
    // In attributes, a name without its semicolon counts only where no `=` or alphanumeric follows (WHATWG HTML 13.2.5.73).
    let stands_alone = LEGACY.contains(&name) && !after.starts_with('=');
    let meant = NAMED.iter().find(|(known, _)| *known == name).filter(|_| stands_alone)?;
    Some((1 + length, meant.1))
}

fn numeric(text: &str) -> Option<(usize, char)> {
    let (digits, radix, prefix) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let length = digits.chars().take_while(|c| c.is_digit(radix)).count();
    let meant = u32::from_str_radix(&digits[..length], radix).ok().and_then(char::from_u32)?;
    let semicolon = usize::from(digits[length..].starts_with(';'));
    Some((prefix + length + semicolon, meant))
}

/// A text as an attribute value between quotes of either kind.
pub(super) fn encode(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => value.push_str("&amp;"),
            '<' => value.push_str("&lt;"),
            '>' => value.push_str("&gt;"),
            '"' => value.push_str("&quot;"),
            '\'' => value.push_str("&#39;"),
            _ => value.push(c),
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
            ("&#;&#x;&#xD800;&#99999999999;&", "&#;&#x;&#xD800;&#99999999999;&"),
        ] {
            assert_eq!(decode(raw), meant, "{raw}");
        }
    }

    #[test]
    fn every_named_reference_that_may_stand_in_a_host_is_searched_for() {
        for (name, meant) in NAMED {
            let may_be = meant.is_ascii_alphanumeric() || matches!(meant, '.' | '-' | '_' | '%');
            assert_eq!(may_spell_a_host(format!("{name};").as_bytes()), may_be, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_to_the_same(text in "\\PC*") {
            let encoded = encode(&text);
            prop_assert_eq!(decode(&encoded), text);
        }

        #[test]
        fn decoding_takes_any_text(text in "[&#x0-9a-z;=\\PC]*") {
            let _ = decode(&text);
        }
    }
}
