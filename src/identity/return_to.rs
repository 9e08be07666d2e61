//! Where a person goes after signing in or out: a place on the same site, whatever was asked for.

use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::limits::{RETURN_TO_BYTES_MAX, RETURN_TO_DECODINGS_MAX};

/// A path and query on the site, safe in a `Location`: it starts with one `/` and never leaves the origin. Its `Debug`
/// shows the path alone: a query may hold a code of the application.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// The place that an `rd` parameter names on the site, or `/` for everything that is not plainly one.
    ///
    /// Anybody can write such a parameter, so a path with `//` in it and a query that names another site are not plain.
    /// `sign_in` is the prefix of the sign-in endpoints: nobody is sent back into a sign-in.
    #[must_use]
    pub(crate) fn parse(text: &str, site: &Url, sign_in: &str) -> Self {
        let is_plain = |text: &str| is_plain(text, site, sign_in);
        on_site(text, site).filter(|target| is_plain(text) && is_plain(target)).map_or_else(Self::default, Self)
    }

    /// The place that a request was for, or `/` where a browser could read it as another site.
    #[must_use]
    pub(crate) fn of_request(target: &str, site: &Url) -> Self {
        on_site(target, site).map_or_else(Self::default, Self)
    }

    /// Path and query.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ReturnTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.0.split('?').next().unwrap_or_default();
        f.debug_tuple("ReturnTo").field(&path).finish()
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

/// The oracle is the URL parser that browsers have (WHATWG): what it makes of `text` on the site must be on the site.
fn on_site(text: &str, site: &Url) -> Option<String> {
    let is_path = text.len() <= RETURN_TO_BYTES_MAX && text.starts_with('/') && !is_suspicious(text);
    if !is_path || decodings(text.split(['?', '#']).next()?).any(|path| is_suspicious(&path)) {
        return None;
    }
    let target = site.join(text).ok()?;
    let path = target[Position::BeforePath..Position::AfterFragment].to_owned();
    // The spelling that goes out is judged again: `/.//x` is only now `//x`.
    let stays = !is_suspicious(&path) && path.len() <= RETURN_TO_BYTES_MAX;
    let again = site.join(&path).ok()?;
    (stays && target.origin() == site.origin() && again.origin() == site.origin()).then_some(path)
}

/// What some browser, proxy or framework reads as the beginning of another host, or as the end of a header.
fn is_suspicious(text: &str) -> bool {
    let is_odd = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
    text.starts_with("//") || text.chars().any(is_odd)
}

/// The path as the next ones may decode it, while that still changes it.
fn decodings(path: &str) -> impl Iterator<Item = String> {
    let next = |text: &String| {
        let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
        (decoded != *text).then_some(decoded)
    };
    std::iter::successors(next(&path.to_owned()), next).take(RETURN_TO_DECODINGS_MAX)
}

fn is_plain(target: &str, site: &Url, sign_in: &str) -> bool {
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut spellings = std::iter::once(path.to_owned()).chain(decodings(path));
    let leads_away = |value: &str| {
        (value.starts_with("//") || value.contains("://"))
            && site.join(value).map_or(true, |url| url.origin() != site.origin())
    };
    spellings.all(|path| !path.contains("//") && !is_below(&path, sign_in))
        && !url::form_urlencoded::parse(query.as_bytes()).any(|(_, value)| leads_away(&value))
}

fn is_below(path: &str, prefix: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let rest = path.strip_prefix(&prefix.to_ascii_lowercase());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> String {
        ReturnTo::parse(text, &Url::parse("https://crm.example.com").unwrap(), "/oauth2").0
    }

    #[test]
    fn a_path_and_query_of_the_site_is_kept() {
        for text in [
            "/",
            "/a/b.aspx?x=1&y=%2Fz",
            "/x?next=https%3A%2F%2Fcrm.example.com%2F",
            "/caf%C3%A9",
            "/sigma/embed/revenue",
            "/a%252f",
        ] {
            assert_eq!(parse(text), text);
        }
        assert_eq!(parse("/x?url=https%3A%2F%2Fexample.org"), "/");
        let request = ReturnTo::of_request("/a//b?url=https://x", &Url::parse("https://crm.example.com").unwrap());
        assert_eq!(request.as_str(), "/a//b?url=https://x");
        assert_eq!(parse("/a?b=1#/part"), "/a?b=1#/part", "a route of the page's own script");
        assert_eq!(parse("/a/../b"), "/b");
        assert_eq!(parse("/oauth2-app/x"), "/oauth2-app/x");
    }

    #[test]
    fn its_debug_text_has_the_path_and_no_query() {
        let site = Url::parse("https://crm.example.com").unwrap();
        let target = ReturnTo::of_request("/a?code=marker", &site);
        assert_eq!((format!("{target:?}").as_str(), target.as_str()), (r#"ReturnTo("/a")"#, "/a?code=marker"));
    }

    #[test]
    fn what_leads_elsewhere_becomes_the_front_page() {
        for text in include_str!("return_to_foreign.txt").lines() {
            assert_eq!(parse(text), "/", "{text:?}");
            let decoded = percent_decode_str(text).decode_utf8_lossy();
            assert_eq!(parse(&decoded), "/", "{decoded:?}");
        }
        for text in ["", "/\t/evil.test", "/\u{b}/evil.test", "/a\r\nSet-Cookie: x=1", "/a\0", "/\u{2028}a"] {
            assert_eq!(parse(text), "/", "{text:?}");
        }
    }

    #[test]
    fn own_sign_in_endpoints_are_no_place_to_return_to() {
        for text in [
            "/oauth2",
            "/oauth2/sign_out",
            "/oauth2/callback?code=x",
            "/OAuth2/start",
            "/oauth2%2fstart",
            "/x/../oauth2/",
        ] {
            assert_eq!(parse(text), "/", "{text}");
        }
    }

    #[test]
    fn a_target_over_the_limit_is_refused_and_not_cut() {
        let of = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
        assert_eq!(parse(&of(RETURN_TO_BYTES_MAX)), of(RETURN_TO_BYTES_MAX));
        assert_eq!(parse(&of(RETURN_TO_BYTES_MAX + 1)), "/");
        assert_eq!(parse(&format!("/{}", "é".repeat(500))), "/", "its escapes are over the limit");
    }

    #[test]
    fn published_open_redirects_are_refused_and_as_requests_stay_on_the_site() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora/open_redirects.txt");
        let Ok(corpus) = std::fs::read(path) else {
            assert!(option_env!("CI").is_none(), "CI needs {path}");
            eprintln!("skipped: no {path}");
            return;
        };
        for text in String::from_utf8_lossy(&corpus).lines().filter(|line| !line.is_empty()) {
            let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
            assert_eq!((parse(text).as_str(), parse(&decoded).as_str()), ("/", "/"), "{text:?}");
            for text in [text, &decoded] {
                let site = Url::parse("https://crm.example.com").unwrap();
                let target = ReturnTo::of_request(text, &site).0;
                assert_eq!(site.join(&target).unwrap().origin(), site.origin(), "{text:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_asked_for_the_answer_stays_on_the_site(text in "[/\\\\.%:@?#a-z0-9 \t]{0,40}|.{0,40}") {
            let site = Url::parse("https://crm.example.com").unwrap();
            let answer = parse(&text);
            proptest::prop_assert!(answer.starts_with('/') && !answer.starts_with("//"));
            proptest::prop_assert_eq!(site.join(&answer).unwrap().origin(), site.origin());
            proptest::prop_assert_eq!(parse(&answer), answer);
        }
    }
}
