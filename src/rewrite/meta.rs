//! What the `content` of a `<meta>` says: the URL of a refresh, which a `Refresh` header has too (HTML 4.2.5.3, "shared declarative
//! refresh steps"), and the name of a charset (HTML 2.5.2).

use std::ops::Range;

/// Where in the text the URL stands; `None` where there is none.
pub(super) fn refresh_url(text: &str) -> Option<Range<usize>> {
    let rest = text.trim_ascii_start();
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let time = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if time.len() == rest.len() {
        return None;
    }
    let separator = time.trim_ascii_start();
    let after = separator.strip_prefix([';', ',']).unwrap_or(separator);
    if after.len() == time.len() {
        return None;
    }
    let url = without_label(after.trim_ascii_start());
    let (start, quote) = match url.chars().next() {
        Some(quote @ ('"' | '\'')) => (text.len() - url.len() + 1, Some(quote)),
        Some(_) | None => (text.len() - url.len(), None),
    };
    let length = quote.and_then(|quote| text[start..].find(quote)).unwrap_or(text[start..].trim_ascii_end().len());
    (length > 0).then_some(start..start + length)
}

/// What follows `url=`, where that is there.
fn without_label(text: &str) -> &str {
    let after = text.get(..3).filter(|label| label.eq_ignore_ascii_case("url")).map(|_| text[3..].trim_ascii_start());
    after.and_then(|after| after.strip_prefix('=')).map_or(text, str::trim_ascii_start)
}

/// The name of the charset in a `content` that is like a `Content-Type`.
pub(super) fn charset_label(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let mut labels = lower.match_indices("charset").map(|(at, word)| text[at + word.len()..].trim_ascii_start());
    let label = labels.find_map(|rest| rest.strip_prefix('=')).map(str::trim_ascii_start)?;
    match label.chars().next() {
        Some(quote @ ('"' | '\'')) => label[1..].split_once(quote).map(|(label, _)| label),
        Some(_) | None => label.split(|c: char| c.is_ascii_whitespace() || c == ';').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_refresh_is_found_as_browsers_find_it() {
        for (text, expected) in [
            ("0;url=https://h/x", Some("https://h/x")),
            ("5; URL = 'https://h/x' rest", Some("https://h/x")),
            (" 0 , https://h/x ", Some("https://h/x")),
            ("0.5;url=\"https://h/x", Some("https://h/x")),
            ("0 url=https://h/x", Some("https://h/x")),
            (".5;/x", Some("/x")),
            ("0;urlx", Some("urlx")),
            ("0", None),
            ("0;", None),
            ("0x;url=/y", None),
            ("url=/x", None),
            ("", None),
            ("0;url=''", None),
        ] {
            assert_eq!(refresh_url(text).map(|place| &text[place]), expected, "{text}");
        }
    }

    #[test]
    fn the_charset_of_a_content_type_is_found_as_browsers_find_it() {
        for (text, expected) in [
            ("text/html; charset=Shift_JIS", Some("Shift_JIS")),
            ("text/html;CHARSET = 'utf-8';x", Some("utf-8")),
            ("charset; charset=latin1 x", Some("latin1")),
            ("text/html; charset=\"utf-8", None),
            ("text/html", None),
        ] {
            assert_eq!(charset_label(text), expected, "{text}");
        }
    }
}
