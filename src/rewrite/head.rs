//! What a rewritten answer's head says: nothing of the bytes that it no longer has.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What was, or may still be, done to the body (or to `Location`); the later ones ask for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// A page's anchors got stable links, which are the same for everybody: it is kept for as long as it would be.
    Anchors,
    /// A page's frames got stable links, or may have got some: the same.
    Frames,
    /// Stable links in JSON or `Location`: for this person, and to be asked for again.
    Links,
    /// Signed URLs: stored nowhere, and the page's own address is told to no other site.
    Signed,
}

/// Validators, ranges and digests belong to the host application's bytes (RFC 9110 7.7, RFC 9530).
const LOST: &[&str] = &[
    "etag",
    "last-modified",
    "accept-ranges",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
    "unencoded-digest",
    "signature",
    "signature-input",
];

/// Lifetimes, which go with the `Cache-Control` that said the same.
const LIFETIMES: &[&str] = &[
    "expires",
    "pragma",
    "age",
    "surrogate-control",
    "surrogate-key",
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "x-accel-expires",
];

/// Makes a head fit a changed answer. `Content-Encoding` stays: a gzip page goes on as gzip. The length is no header's affair
/// (see [`AnswerHead`](crate::forward::AnswerHead)).
pub(crate) fn change_head(headers: &mut HeaderMap, change: Change) {
    for name in LOST {
        headers.remove(HeaderName::from_static(name));
    }
    if change <= Change::Frames {
        return;
    }
    let is_stored_nowhere = change == Change::Signed || has_cache_directive(headers, "no-store");
    for name in LIFETIMES {
        headers.remove(HeaderName::from_static(name));
    }
    let lifetime = if is_stored_nowhere { "no-store" } else { "private, no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    if change == Change::Signed && !tells_other_sites_nothing(headers) {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(REFERRER_POLICY));
    }
}

/// Browsers take the last word that they know (Referrer Policy 8.1). `no-referrer` alone would send forms of the page with
/// `Origin: null`, which applications take for a forgery: decision 0014.
const REFERRER_POLICY: &str = "no-referrer, same-origin";

/// Whether the host application's own policy is as strict already.
fn tells_other_sites_nothing(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::REFERRER_POLICY).iter().filter_map(|value| value.to_str().ok());
    let words = lines.flat_map(|line| line.split(',')).map(|word| word.trim().to_ascii_lowercase());
    words.rev().find(|word| !word.is_empty()).is_some_and(|word| word == "no-referrer" || word == "same-origin")
}

/// Whether a directive is among those of `Cache-Control`.
pub(super) fn has_cache_directive(headers: &HeaderMap, directive: &str) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case(directive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in LOST.iter().chain(LIFETIMES) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
        }
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static("public, s-maxage=600"));
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static("immutable"));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
        headers
    }

    fn changed(change: Change) -> Vec<(String, String)> {
        let mut headers = head();
        change_head(&mut headers, change);
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
        let expected = [
            line("cache-control", "no-store"),
            line("content-encoding", "gzip"),
            line("referrer-policy", "no-referrer, same-origin"),
            line("set-cookie", "a=b"),
        ];
        assert_eq!(changed(Change::Signed), expected);
    }

    #[test]
    fn a_page_with_links_is_kept_for_as_long_as_the_application_says_and_loses_its_validators() {
        let mut expected: Vec<_> = LIFETIMES.iter().map(|name| line(name, "1")).collect();
        expected.extend([
            line("cache-control", "public, s-maxage=600"),
            line("cache-control", "immutable"),
            line("content-encoding", "gzip"),
            line("set-cookie", "a=b"),
        ]);
        expected.sort();
        for change in [Change::Anchors, Change::Frames] {
            let mut found = changed(change);
            found.sort();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn an_answer_with_links_is_private_and_asked_for_again() {
        let lines = changed(Change::Links);
        assert_eq!(lines[0], line("cache-control", "private, no-cache"));
        assert!(!lines.iter().any(|(name, _)| name == "etag"));
    }

    #[test]
    fn a_minted_answer_tells_other_sites_no_referrer_and_a_policy_as_strict_stays() {
        for (own, expected) in [
            (&[][..], "no-referrer, same-origin"),
            (&["no-referrer"], "no-referrer"),
            (&["Same-Origin"], "Same-Origin"),
            (&["unsafe-url", "origin, same-origin"], "unsafe-url|origin, same-origin"),
            (&["same-origin, strict-origin-when-cross-origin"], "no-referrer, same-origin"),
            (&["no-referrer", "unsafe-url"], "no-referrer, same-origin"),
            (&["strict-origin"], "no-referrer, same-origin"),
            (&[""], "no-referrer, same-origin"),
            (&["no-referrer, some-later-word"], "no-referrer, same-origin"),
        ] {
            for (change, expected) in [(Change::Signed, expected.to_owned()), (Change::Frames, own.join("|"))] {
                let mut headers = HeaderMap::new();
                for line in own {
                    headers.append(header::REFERRER_POLICY, HeaderValue::from_static(line));
                }
                change_head(&mut headers, change);
                let lines = headers.get_all(header::REFERRER_POLICY).iter();
                let found: Vec<&str> = lines.map(|line| line.to_str().unwrap()).collect();
                assert_eq!(found.join("|"), expected, "{own:?} {change:?}");
            }
        }
    }

    #[test]
    fn a_stricter_host_application_keeps_its_no_store() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, No-Store"));
        change_head(&mut headers, Change::Links);
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
}
