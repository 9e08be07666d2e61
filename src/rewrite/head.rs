//! What a rewritten answer's head says: nothing about the bytes that it no longer has.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What was, or may still be, done to the body (or to `Location`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Stable links outside frames: for this person, and to be asked for again.
    Links,
    /// Signed URLs, or frames: stored nowhere. A stored page would give its frame the same `name` after Back, and the
    /// browser's history would load the used URL into it (decision 0004).
    Embeds,
}

/// How long the body is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// As it was: only `Location` changed.
    Same,
    /// So many bytes.
    Known(usize),
    /// It streams: nobody knows yet.
    Unknown,
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
    "cloudflare-cdn-cache-control",
    "x-accel-expires",
];

/// Makes a head fit a changed answer. `Content-Encoding` stays: a gzip page goes on as gzip.
pub fn change_head(headers: &mut HeaderMap, change: Change, length: Length) {
    let is_stored_nowhere = change == Change::Embeds || says_no_store(headers);
    for name in LOST {
        headers.remove(HeaderName::from_static(name));
    }
    let lifetime = if is_stored_nowhere { "no-store" } else { "private, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    match length {
        Length::Same => {}
        Length::Known(length) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        Length::Unknown => {
            headers.remove(header::CONTENT_LENGTH);
        }
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
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("7"));
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
        headers
    }

    fn changed(change: Change, length: Length) -> Vec<(String, String)> {
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
        let expected =
            vec![line("cache-control", "no-store"), line("content-encoding", "gzip"), line("set-cookie", "a=b")];
        assert_eq!(changed(Change::Embeds, Length::Unknown), expected);
    }

    #[test]
    fn an_answer_with_links_is_private_and_asked_for_again() {
        let lines = changed(Change::Links, Length::Known(42));
        assert_eq!(lines[0], line("cache-control", "private, no-cache"));
        assert!(lines.contains(&line("content-length", "42")));
        assert!(!lines.iter().any(|(name, _)| name == "etag"));
    }

    #[test]
    fn a_redirect_keeps_the_length_of_its_body() {
        assert!(changed(Change::Embeds, Length::Same).contains(&line("content-length", "7")));
    }

    #[test]
    fn a_stricter_host_application_keeps_its_no_store() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, No-Store"));
        change_head(&mut headers, Change::Links, Length::Unknown);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
}
