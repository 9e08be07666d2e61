//! What a rewritten answer's head says: nothing about the bytes that it no longer has.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What was, or may still be, done to the body (or to `Location`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Stable links: for this person, and to be asked for again.
    Links,
    /// Signed URLs: kept nowhere.
    Minted,
}

/// Validators, ranges, digests and lifetimes belong to the host application's bytes (RFC 9110 7.7, RFC 9530).
const LOST: &[&str] = &[
    "etag",
    "last-modified",
    "accept-ranges",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
    "signature",
    "signature-input",
    "expires",
    "pragma",
    "age",
    "surrogate-control",
    "surrogate-key",
    "cdn-cache-control",
    "content-length",
];

/// Makes a head fit a changed body; `length` is the new `Content-Length`, if it is known. `Content-Encoding` stays: a gzip
/// page goes on as gzip.
pub fn change_head(headers: &mut HeaderMap, change: Change, length: Option<usize>) {
    let is_stored_nowhere = change == Change::Minted || says_no_store(headers);
    for name in LOST {
        headers.remove(HeaderName::from_static(name));
    }
    let lifetime = if is_stored_nowhere { "no-store" } else { "private, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Whether a directive is among those of `Cache-Control`.
pub(super) fn has_cache_directive(headers: &HeaderMap, directive: &str) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case(directive))
}

fn says_no_store(headers: &HeaderMap) -> bool {
    has_cache_directive(headers, "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in LOST {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
        }
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static("public, s-maxage=600"));
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static("immutable"));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
        headers
    }

    fn changed(change: Change, length: Option<usize>) -> Vec<(String, String)> {
        let mut headers = head();
        change_head(&mut headers, change, length);
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        lines.sort();
        lines
    }

    fn line(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_minted_answer_is_stored_nowhere_and_loses_what_described_the_old_bytes() {
        let expected = vec![line("cache-control", "no-store"), line("content-encoding", "gzip"), line("set-cookie", "a=b")];
        assert_eq!(changed(Change::Minted, None), expected);
    }

    #[test]
    fn an_answer_with_links_is_private_and_asked_for_again() {
        let lines = changed(Change::Links, Some(42));
        assert_eq!(lines[0], line("cache-control", "private, no-cache"));
        assert!(lines.contains(&line("content-length", "42")));
        assert!(!lines.iter().any(|(name, _)| name == "etag"));
    }

    #[test]
    fn a_stricter_host_application_keeps_its_no_store() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, No-Store"));
        change_head(&mut headers, Change::Links, None);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
}
