//! `Content-Type`, as far as it decides about rewriting.

use encoding_rs::Encoding;

use super::Syntax;

/// What kind of body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `text/html`, `application/xhtml+xml`
    Html,
    /// `application/json`, `…+json`
    Json,
    /// Anything else.
    Other,
}

/// The charset parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// There is none: the page may name one itself.
    Absent,
    /// A superset of ASCII.
    Known(&'static Encoding),
    /// Unknown, or not a superset of ASCII (UTF-16, ISO-2022-JP): slots cannot be found in it.
    Unusable,
}

/// The media type.
pub(super) fn media(value: &str) -> Media {
    let essence = value.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| essence.eq_ignore_ascii_case(name);
    let suffix = essence.len().checked_sub("+json".len()).and_then(|at| essence.get(at..));
    if is("text/html") || is("application/xhtml+xml") {
        Media::Html
    } else if is("application/json") || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json")) {
        Media::Json
    } else {
        Media::Other
    }
}

/// By which rules browsers read a page of this type.
pub(super) fn syntax(value: &str) -> Syntax {
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/xhtml+xml") { Syntax::Xml } else { Syntax::Html }
}

/// The charset; of two parameters the first counts, as in browsers (WHATWG MIME Sniffing 4.4).
pub(super) fn charset(value: &str) -> Charset {
    let mut parameters = value.split(';').skip(1).filter_map(|part| part.split_once('='));
    let label = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    label.map_or(Charset::Absent, |(_, label)| of_label(label.trim().trim_matches('"')))
}

fn of_label(label: &str) -> Charset {
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) if encoding.is_ascii_compatible() => Charset::Known(encoding),
        Some(_) | None => Charset::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_and_json_are_told_from_the_rest() {
        for (value, media) in [
            ("text/html", Media::Html),
            ("Text/HTML; charset=utf-8", Media::Html),
            ("application/xhtml+xml", Media::Html),
            ("application/json;", Media::Json),
            ("application/vnd.api+json", Media::Json),
            ("text/event-stream", Media::Other),
            ("text/plain; charset=text/html", Media::Other),
            ("", Media::Other),
        ] {
            assert_eq!(super::media(value), media, "{value}");
        }
    }

    #[test]
    fn a_charset_counts_only_where_ascii_is_a_part_of_it() {
        for (value, expected) in [
            ("text/html", Charset::Absent),
            ("text/html; charset=\"UTF-8\"", Charset::Known(encoding_rs::UTF_8)),
            ("text/html;charset=Shift_JIS", Charset::Known(encoding_rs::SHIFT_JIS)),
            ("text/html; charset=latin1; charset=utf-16", Charset::Known(encoding_rs::WINDOWS_1252)),
            ("text/html; charset=utf-16le", Charset::Unusable),
            ("text/html; charset=iso-2022-jp", Charset::Unusable),
            ("text/html; charset=utf-7", Charset::Unusable),
            ("text/html; charset=bogus", Charset::Unusable),
            ("text/html; charset=", Charset::Unusable),
        ] {
            assert_eq!(charset(value), expected, "{value}");
        }
    }
}
