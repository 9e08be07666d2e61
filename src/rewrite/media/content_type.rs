//! `Content-Type`, as far as it decides about rewriting, read as browsers read it.

use encoding_rs::Encoding;

use crate::rewrite::Syntax;

/// What kind of body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) enum Media {
    /// `text/html`, `application/xhtml+xml`, Turbo's streams
    Html,
    /// `text/xml`, `application/xml`, `…+xml`: a document of these may have XHTML in it
    Xml,
    /// `application/json`, `text/json`, `…+json`
    Json,
    /// What applications send JSON as that is called otherwise; it counts on a path that a rule names.
    MaybeJson,
    /// No type, or none that says anything: browsers look at the first bytes.
    Unknown,
    /// Anything else.
    Other,
}

/// The charset parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) enum Charset {
    /// There is none, or none that browsers know: the page may name one itself.
    Absent,
    /// A superset of ASCII.
    Known(&'static Encoding),
    /// Not a superset of ASCII (UTF-16), or with states (ISO-2022-JP, and those that browsers replace): slots cannot be found in it,
    /// unless the mark of UTF-8 stands before it.
    Unusable(&'static Encoding),
}

/// The media type.
pub(in crate::rewrite) fn media(value: &str) -> Media {
    let Some(essence) = types(value).last().map(essence) else { return Media::Unknown };
    let is = |names: &[&str]| names.iter().any(|name| essence.eq_ignore_ascii_case(name));
    let begins = |start: &str| essence.get(..start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start));
    let ends = |end: &str| {
        let at = essence.len().checked_sub(end.len());
        at.and_then(|at| essence.get(at..)).is_some_and(|part| part.eq_ignore_ascii_case(end))
    };
    match () {
        () if is(&["text/html", "application/xhtml+xml", TURBO_STREAM]) => Media::Html,
        () if is(&["application/json", "text/json"]) || ends("+json") => Media::Json,
        () if is(&["text/xml", "application/xml"]) || ends("+xml") => Media::Xml,
        () if is(UNKNOWN) => Media::Unknown,
        () if is(NEVER_JSON) => Media::Other,
        () if begins("text/") || is(MAYBE_JSON) || names_json(essence) => Media::MaybeJson,
        () => Media::Other,
    }
}

/// Whether a type that nobody has registered says that it is JSON (`application/json-rpc`, `application/jsonrequest`).
fn names_json(essence: &str) -> bool {
    essence.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"json"))
}

/// Parts of a page, which Turbo's script puts in.
const TURBO_STREAM: &str = "text/vnd.turbo-stream.html";
/// Chromium looks at the bytes of these too (MIME Sniffing 5).
const UNKNOWN: &[&str] = &["unknown/unknown", "application/unknown"];
const EVENT_STREAM: &str = "text/event-stream";
/// Text that is no JSON; an event stream is never held.
const NEVER_JSON: &[&str] = &[EVENT_STREAM, "text/css", "text/csv", "text/calendar", "text/vtt"];
const MAYBE_JSON: &[&str] = &[
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "application/octet-stream",
    "binary/octet-stream",
    "application/text",
    "application/plain",
    "application/html",
    "application/x-httpd-php",
    // What a script has asked in, said again of the answer.
    "application/x-www-form-urlencoded",
    "multipart/form-data",
];

/// Whether it is XML of no kind that has a name, which answers to scripts are.
pub(in crate::rewrite) fn is_nameless_xml(value: &str) -> bool {
    let essence = types(value).last().map(essence).unwrap_or_default();
    ["text/xml", "application/xml"].iter().any(|name| essence.eq_ignore_ascii_case(name))
}

/// Whether it is a stream of events.
pub(in crate::rewrite) fn is_event_stream(value: &str) -> bool {
    types(value).last().map(essence).is_some_and(|essence| essence.eq_ignore_ascii_case(EVENT_STREAM))
}

/// By which rules browsers read a page of this type; of several in one line the last counts (Fetch 2.2.6).
pub(in crate::rewrite) fn syntax(value: &str) -> Syntax {
    match types(value).last().map(essence) {
        Some(essence) if essence.eq_ignore_ascii_case("application/xhtml+xml") => Syntax::Xml,
        _ if media(value) == Media::Xml => Syntax::AnyXml,
        Some(_) | None => Syntax::Html,
    }
}

/// The charset. Of two parameters the first counts, as in browsers (MIME Sniffing 4.4); of several types in one line the last
/// counts, with the charset of an earlier one that is the same (Fetch 2.2.6).
pub(in crate::rewrite) fn charset(value: &str) -> Charset {
    let mut found: (&str, Option<&str>) = ("", None);
    for one in types(value) {
        let earlier = found.1.filter(|_| essence(one).eq_ignore_ascii_case(found.0));
        found = (essence(one), label(one).or(earlier));
    }
    found.1.map_or(Charset::Absent, of_label)
}

/// The types of a line, those that say nothing left out.
fn types(value: &str) -> impl Iterator<Item = &str> {
    // Most lines have one, and need not be taken apart.
    let (one, several) = if value.contains(',') { (None, Some(parts(value))) } else { (Some(value), None) };
    let says_something = |one: &&str| {
        let essence = essence(one);
        essence.contains('/') && essence != "*/*"
    };
    one.into_iter().chain(several.into_iter().flatten()).filter(says_something)
}

/// What commas part that are in no quotes.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    value.split(move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    })
}

/// Type and subtype; a blank ends them as a semicolon does.
fn essence(one: &str) -> &str {
    let one = one.trim();
    let end = one.bytes().position(|byte| matches!(byte, b';' | b' ' | b'\t' | b'('));
    end.map_or(one, |end| &one[..end])
}

fn label(one: &str) -> Option<&str> {
    let mut parameters = parameters(one).filter_map(|part| part.split_once('='));
    let label = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    label.map(|(_, label)| label.trim().trim_matches('"'))
}

/// What semicolons part that are in no quoted value (MIME Sniffing 4.4).
fn parameters(one: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut last) = (false, ';');
    one.trim().strip_prefix(essence(one)).unwrap_or_default().split(move |c: char| {
        match (c, is_quoted) {
            ('"', true) => is_quoted = last == '\\',
            ('"', false) => is_quoted = last == '=',
            (_, _) => {}
        }
        if !c.is_ascii_whitespace() {
            last = c;
        }
        c == ';' && !is_quoted
    })
}

/// The labels are those of the Encoding standard: what is none of them is none to browsers.
fn of_label(label: &str) -> Charset {
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if is_usable(encoding) => Charset::Known(encoding),
        Some(encoding) => Charset::Unusable(encoding),
        None => Charset::Absent,
    }
}

/// Whether a charset that a page names in a `<meta>` ends the looking for slots. UTF-16 there is UTF-8 to browsers, for it could be
/// read (HTML 13.2.3.2).
pub(in crate::rewrite) fn ends_reading(label: &str) -> bool {
    let ends = |encoding| encoding == encoding_rs::ISO_2022_JP || encoding == encoding_rs::REPLACEMENT;
    Encoding::for_label(label.as_bytes()).is_some_and(ends)
}

/// Whether a byte of ASCII means itself, wherever it stands.
pub(in crate::rewrite) fn is_usable(encoding: &'static Encoding) -> bool {
    encoding.is_ascii_compatible() && encoding != encoding_rs::REPLACEMENT
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
            ("text/html charset=utf-8", Media::Html),
            ("text/vnd.turbo-stream.html; charset=utf-8", Media::Html),
            ("text/html, text/html", Media::Html),
            ("text/html; charset=utf-8,text/html", Media::Html),
            ("text/html,charset=utf-8", Media::Html),
            ("text/plain, text/html", Media::Html),
            ("text/html, */*", Media::Html),
            ("text/html, text/plain", Media::MaybeJson),
            ("text/x; a=\"b, text/html\"", Media::MaybeJson),
            ("text/xml; charset=utf-8", Media::Xml),
            ("Application/XML", Media::Xml),
            ("image/svg+xml", Media::Xml),
            ("application/json;", Media::Json),
            ("application/vnd.api+json", Media::Json),
            ("text/json", Media::Json),
            ("application/x-ndjson", Media::MaybeJson),
            ("application/javascript", Media::MaybeJson),
            ("application/json-rpc; charset=utf-8", Media::MaybeJson),
            ("application/JSONRequest", Media::MaybeJson),
            ("application/x-www-form-urlencoded", Media::MaybeJson),
            ("binary/octet-stream", Media::MaybeJson),
            ("application/text; charset=utf-8", Media::MaybeJson),
            ("multipart/form-data; boundary=x", Media::MaybeJson),
            ("text/event-stream", Media::Other),
            ("text/css", Media::Other),
            ("image/png", Media::Other),
            ("application/pdf", Media::Other),
            ("text/plain; charset=text/html", Media::MaybeJson),
            ("", Media::Unknown),
            ("html", Media::Unknown),
            ("*/*", Media::Unknown),
            (";text/html", Media::Unknown),
            ("Unknown/Unknown", Media::Unknown),
            ("\"text/html\"", Media::Other),
            ("text/", Media::MaybeJson),
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
            ("text/html;charset = utf8", Charset::Known(encoding_rs::UTF_8)),
            ("text/html charset=latin1", Charset::Known(encoding_rs::WINDOWS_1252)),
            ("text/html; charset=latin1; charset=utf-16", Charset::Known(encoding_rs::WINDOWS_1252)),
            ("text/html; charset=utf-16le", Charset::Unusable(encoding_rs::UTF_16LE)),
            ("text/html; x=\";charset=utf-16\"; charset=utf-8", Charset::Known(encoding_rs::UTF_8)),
            ("text/html; x=\"\\\";charset=utf-16\"; charset=\"utf-8\"", Charset::Known(encoding_rs::UTF_8)),
            ("text/html; x=5\";charset=utf-8", Charset::Known(encoding_rs::UTF_8)),
            ("text/html; x=\";charset=utf-16", Charset::Absent),
            ("text/html; charset=iso-2022-jp", Charset::Unusable(encoding_rs::ISO_2022_JP)),
            ("text/html; charset=iso-2022-kr", Charset::Unusable(encoding_rs::REPLACEMENT)),
            ("text/html; charset=hz-gb-2312", Charset::Unusable(encoding_rs::REPLACEMENT)),
        ] {
            assert_eq!(charset(value), expected, "{value}");
        }
    }

    /// Browsers know the labels of the Encoding standard, and take no other for one.
    #[test]
    fn a_label_that_browsers_do_not_know_is_none() {
        for label in [
            "utf-7",
            "bogus",
            "",
            "en",
            "ansi",
            "none",
            "latin-1",
            "win-1252",
            "iso-8859-12",
            "ISO8859_1",
            "cp932",
            "'utf-8'",
            "utf-32",
            "ucs-4",
            "text/html",
            "UTF_8",
            "%%ENCODING%%",
        ] {
            assert_eq!(charset(&format!("text/html; charset={label}")), Charset::Absent, "{label}");
        }
    }

    #[test]
    fn of_several_types_in_a_line_the_charset_is_that_of_the_last() {
        for (value, expected) in [
            ("text/html; charset=latin1,text/html", Charset::Known(encoding_rs::WINDOWS_1252)),
            ("text/plain; charset=latin1, text/html", Charset::Absent),
            ("text/html; charset=latin1, text/html; charset=utf-8", Charset::Known(encoding_rs::UTF_8)),
            ("text/html; charset=utf-16, text/html; charset=utf-8", Charset::Known(encoding_rs::UTF_8)),
        ] {
            assert_eq!(charset(value), expected, "{value}");
        }
    }
}
