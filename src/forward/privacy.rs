//! What caches may keep of an answer that depends on who asks: nothing that is shared.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::list::elements;
use crate::policy::Access;

/// Whether answers of a route may be kept for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// As the host application says.
    Shared,
    /// As it says for images, scripts, styles and fonts; everything else is for one person.
    SharedAssets,
    /// All for one person.
    Private,
}

impl Privacy {
    /// What a route's rule asks for. An optional sign-in counts: what such a route answers depends on who asks.
    #[must_use]
    pub(crate) const fn of(access: &Access, shared_assets: bool) -> Self {
        match access {
            Access::Public => Self::Shared,
            Access::Optional | Access::SignedIn | Access::When(_) if shared_assets => Self::SharedAssets,
            Access::Optional | Access::SignedIn | Access::When(_) => Self::Private,
        }
    }
}

/// Makes a host application's answer private where it was for everybody, or said nothing; `sent` are the headers of the
/// request. `private` and `no-store` stay as they are, byte for byte.
pub(crate) fn keep_private(status: StatusCode, headers: &mut HeaderMap, privacy: Privacy, sent: &HeaderMap) {
    let is_kept = match privacy {
        Privacy::Shared => false,
        Privacy::SharedAssets => !is_asset(status, headers, sent),
        Privacy::Private => true,
    };
    // No answer of a request: a connection.
    if !is_kept || status == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    remove_targeted(headers);
    if let Some(line) = private_line(headers) {
        headers.insert(header::CACHE_CONTROL, line);
    }
}

/// An image, script, style or font, which is the same for everybody; one that sets a cookie is not, nor is a redirect or an
/// error, whatever its type.
///
/// The answer's own type counts: what a browser asks for as an image may be a report. Only a 304, which has none as a rule,
/// goes by what it was asked for.
fn is_asset(status: StatusCode, headers: &HeaderMap, sent: &HeaderMap) -> bool {
    let is_itself = matches!(
        status,
        StatusCode::OK
            | StatusCode::NON_AUTHORITATIVE_INFORMATION
            | StatusCode::PARTIAL_CONTENT
            | StatusCode::NOT_MODIFIED
    );
    if !is_itself || headers.contains_key(header::SET_COOKIE) {
        return false;
    }
    let mut content_types = headers.get_all(header::CONTENT_TYPE).iter();
    match (content_types.next(), content_types.next()) {
        (Some(content_type), None) => is_asset_type(content_type),
        // Browsers go by one of them, and nobody knows by which.
        (Some(_), Some(_)) => false,
        (None, _) => {
            let destination = sent.get("sec-fetch-dest").map(HeaderValue::as_bytes);
            status == StatusCode::NOT_MODIFIED
                && destination.is_some_and(|destination| ASSET_DESTINATIONS.contains(&destination))
        }
    }
}

/// A comma makes two types of a line, and browsers go by the last.
fn is_asset_type(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let is_one = !text.contains(',') && !essence.contains([' ', '\t']);
    let is_of = |family: &&str| essence.strip_prefix(*family).is_some_and(|rest| !rest.is_empty());
    is_one && (ASSET_FAMILIES.iter().any(is_of) || ASSET_TYPES.contains(&essence))
}

/// What is meant for shared caches alone (RFC 9213, Edge Architecture 1.0, and what nginx and CDNs made of it): some heed
/// it against `Cache-Control`.
fn remove_targeted(headers: &mut HeaderMap) {
    let is_targeted = |name: &&HeaderName| {
        let name = name.as_str();
        TARGETED.contains(&name) || TARGETED_ENDS.iter().any(|end| name.ends_with(end))
    };
    let targeted: Vec<HeaderName> = headers.keys().filter(is_targeted).cloned().collect();
    for name in targeted {
        headers.remove(name);
    }
    // No cache ever understood it, but applications send it beside `Cache-Control: public`.
    let says_public = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"public");
    if headers.get_all(header::PRAGMA).iter().any(says_public) {
        let others: Vec<_> =
            headers.get_all(header::PRAGMA).iter().filter(|value| !says_public(value)).cloned().collect();
        headers.remove(header::PRAGMA);
        for value in others {
            headers.append(header::PRAGMA, value);
        }
    }
}

/// The `Cache-Control` that makes it private; `None` where it is private as it is.
fn private_line(headers: &HeaderMap) -> Option<HeaderValue> {
    const PRIVATE: HeaderValue = HeaderValue::from_static("private");
    if !headers.contains_key(header::CACHE_CONTROL) {
        return Some(PRIVATE);
    }
    let mut directives = Vec::new();
    for line in headers.get_all(header::CACHE_CONTROL) {
        // What cannot be taken apart, caches may take apart in any way.
        let Some(mut found) = directives_of(line) else { return Some(PRIVATE) };
        directives.append(&mut found);
    }
    let has = |wanted: &str| directives.iter().any(|directive| directive.eq_ignore_ascii_case(wanted));
    // RFC 9111 5.2.2.3: where `must-understand` is beside it, a cache may pass over `no-store`.
    let is_closed = has("private") || (has("no-store") && !has("must-understand"));
    let is_opening = |directive: &&str| {
        let name = directive.split('=').next().unwrap_or_default().trim();
        // `private="set-cookie"` lets everybody have the rest (5.2.2.7).
        let is_partly_private = name.eq_ignore_ascii_case("private") && name.len() < directive.len();
        is_partly_private || SHARING.iter().any(|sharing| name.eq_ignore_ascii_case(sharing))
    };
    if is_closed && !directives.iter().any(is_opening) {
        return None;
    }
    let mut kept: Vec<&str> = directives.iter().copied().filter(|directive| !is_opening(directive)).collect();
    if !is_closed {
        kept.push("private");
    }
    Some(HeaderValue::from_str(&kept.join(", ")).unwrap_or(PRIVATE))
}

/// The directives of a line; `None` where it is no text, or a quoted one has no end.
fn directives_of(line: &HeaderValue) -> Option<Vec<&str>> {
    line.to_str().ok()?;
    elements(line.as_bytes())?.into_iter().map(|directive| std::str::from_utf8(directive).ok()).collect()
}

/// Directives that let shared caches keep an answer (RFC 9111 5.2.2.9 and 5.2.2.10).
const SHARING: &[&str] = &["public", "s-maxage"];
const TARGETED: &[&str] = &["surrogate-control", "edge-control", "x-accel-expires"];
/// `CDN-Cache-Control`, `Fastly-Surrogate-Control` and their kin.
const TARGETED_ENDS: &[&str] = &["-cache-control", "-surrogate-control", "-edge-control"];
const ASSET_FAMILIES: &[&str] = &["image/", "font/", "application/font-", "application/x-font-"];
/// With the JavaScript MIME types of WHATWG's MIME Sniffing.
const ASSET_TYPES: &[&str] = &[
    "text/css",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/ecmascript",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "application/wasm",
    "application/vnd.ms-fontobject",
];
const ASSET_DESTINATIONS: &[&[u8]] = &[b"image", b"script", b"style", b"font"];

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(privacy: Privacy, headers: &[(&str, &str)], sent: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut builder = http::Response::builder();
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let mut parts = builder.body(()).unwrap().into_parts().0;
        let sent = sent.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        keep_private(parts.status, &mut parts.headers, privacy, &sent.collect());
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        let mut lines: Vec<String> = parts.headers.iter().map(line).collect();
        lines.sort();
        lines
    }

    fn cache_control(lines: &[&str]) -> Vec<String> {
        let lines: Vec<_> = lines.iter().map(|line| ("cache-control", *line)).collect();
        let kept = kept(Privacy::Private, &lines, &[]);
        kept.into_iter().map(|line| line["cache-control: ".len()..].to_owned()).collect()
    }

    #[test]
    fn what_is_private_or_stored_nowhere_stays_byte_for_byte() {
        for lines in [
            &["private"][..],
            &["Private,max-age=60"],
            &["no-store"],
            &["no-cache,no-store , must-revalidate"],
            &["max-age=0", "private"],
            &["private, no-cache=\"public, s-maxage=9\""],
        ] {
            assert_eq!(cache_control(lines), lines, "{lines:?}");
        }
    }

    #[test]
    fn what_is_public_or_silent_becomes_private() {
        for (lines, expected) in [
            (&[][..], "private"),
            (&[""], "private"),
            (&["public"], "private"),
            (&["public, max-age=60"], "max-age=60, private"),
            (&["PUBLIC,Max-Age=60, immutable"], "Max-Age=60, immutable, private"),
            (&["max-age=60"], "max-age=60, private"),
            (&["no-cache"], "no-cache, private"),
            (&["no-transform"], "no-transform, private"),
            (&["s-maxage=60"], "private"),
            (&["S-MaxAge = 60, max-age=5"], "max-age=5, private"),
            (&["public=\"x, private\", max-age=1"], "max-age=1, private"),
            (&["private=\"set-cookie\", max-age=9"], "max-age=9, private"),
            (&["max-age=60", "public"], "max-age=60, private"),
            (&["x=\"a\\\", b\", public"], "x=\"a\\\", b\", private"),
            // They contradict themselves: the stricter half stays.
            (&["private, public"], "private"),
            (&["private", "s-maxage=60"], "private"),
            (&["no-store, public"], "no-store"),
            (&["no-store, must-understand, max-age=60"], "no-store, must-understand, max-age=60, private"),
            // Nobody knows where its directives end.
            (&["max-age=60, x=\"public"], "private"),
        ] {
            assert_eq!(cache_control(lines), [expected], "{lines:?}");
        }
    }

    #[test]
    fn what_is_said_to_shared_caches_alone_goes_also_beside_private() {
        let sent = [
            ("cache-control", "private"),
            ("surrogate-control", "max-age=60"),
            ("cdn-cache-control", "max-age=60"),
            ("cloudflare-cdn-cache-control", "public"),
            ("x-accel-expires", "600"),
            ("fastly-surrogate-control", "max-age=60"),
            ("x-surrogate-control", "max-age=60"),
            ("x-litespeed-cache-control", "public"),
            ("pragma", "public"),
            ("expires", "Wed, 09 Jun 2027 10:18:14 GMT"),
            ("vary", "cookie"),
        ];
        let expected = ["cache-control: private", "expires: Wed, 09 Jun 2027 10:18:14 GMT", "vary: cookie"];
        assert_eq!(kept(Privacy::Private, &sent, &[]), expected);
        assert_eq!(kept(Privacy::Shared, &sent, &[]).len(), sent.len());
        assert_eq!(
            kept(Privacy::Private, &[("pragma", "no-cache")], &[]),
            ["cache-control: private", "pragma: no-cache"]
        );
    }

    #[test]
    fn an_answer_with_bytes_that_are_no_text_is_private() {
        let mut parts = http::Response::new(()).into_parts().0;
        parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_bytes(b"public, x=\xff").unwrap());
        keep_private(parts.status, &mut parts.headers, Privacy::Private, &HeaderMap::new());
        assert_eq!(parts.headers[header::CACHE_CONTROL], "private");
    }

    #[test]
    fn shared_assets_are_told_by_their_own_type_and_without_one_by_what_was_asked_for() {
        let public = ("cache-control", "public, max-age=60");
        let is_shared = |headers: &[(&str, &str)], sent: &[(&'static str, &'static str)]| {
            let lines = kept(Privacy::SharedAssets, &[&[public], headers].concat(), sent);
            lines.contains(&"cache-control: public, max-age=60".to_owned())
        };
        for content_type in [
            "image/png",
            "Image/SVG+XML",
            "text/css; charset=utf-8",
            "text/javascript",
            "application/javascript;x",
            "text/x-javascript",
            "text/jscript",
            "text/ecmascript",
            "text/x-ecmascript",
            "application/x-ecmascript",
            "Text/JavaScript1.5 ; charset=utf-8",
            "text/livescript",
            "font/woff2",
        ] {
            assert!(is_shared(&[("content-type", content_type)], &[]), "{content_type}");
        }
        let image = [("sec-fetch-dest", "image")];
        for content_type in [
            "text/html",
            "application/json",
            "text/plain",
            "application/pdf",
            "",
            "image/",
            "image/png, text/html",
            "image/png;a=b, text/html",
            "text/html, image/png",
            "image/png text/html",
            "text/javascript2",
        ] {
            assert!(!is_shared(&[("content-type", content_type)], &image), "{content_type}");
        }
        assert!(!is_shared(&[("content-type", "image/png"), ("set-cookie", "a=b")], &image));
        assert!(!is_shared(&[("content-type", "image/png"), ("content-type", "text/html")], &image));
        assert!(!is_shared(&[], &image));
        let is_shared_304 = |sent: &HeaderMap| {
            let mut parts = http::Response::builder()
                .status(304)
                .header("cache-control", "public")
                .body(())
                .unwrap()
                .into_parts()
                .0;
            keep_private(parts.status, &mut parts.headers, Privacy::SharedAssets, sent);
            parts.headers[header::CACHE_CONTROL] == "public"
        };
        let asked =
            |what| HeaderMap::from_iter([(HeaderName::from_static("sec-fetch-dest"), HeaderValue::from_static(what))]);
        assert!(is_shared_304(&asked("image")) && is_shared_304(&asked("font")));
        assert!(
            !is_shared_304(&asked("document")) && !is_shared_304(&asked("empty")) && !is_shared_304(&HeaderMap::new())
        );
        assert_eq!(kept(Privacy::SharedAssets, &[("content-type", "image/png")], &[]), ["content-type: image/png"]);
    }

    #[test]
    fn only_an_answer_that_is_the_asset_is_shared_not_a_redirect_or_an_error() {
        for (status, is_shared) in [
            (200, true),
            (203, true),
            (206, true),
            (304, true),
            (201, false),
            (204, false),
            (300, false),
            (301, false),
            (302, false),
            (307, false),
            (401, false),
            (403, false),
            (404, false),
            (410, false),
            (500, false),
        ] {
            let builder = http::Response::builder().status(status);
            let builder = builder.header("content-type", "image/png").header("cache-control", "public");
            let mut parts = builder.body(()).unwrap().into_parts().0;
            keep_private(parts.status, &mut parts.headers, Privacy::SharedAssets, &HeaderMap::new());
            assert_eq!(parts.headers[header::CACHE_CONTROL] == "public", is_shared, "{status}");
        }
    }

    #[test]
    fn a_connection_that_was_taken_over_says_nothing_of_caches() {
        let mut parts = http::Response::builder().status(101).body(()).unwrap().into_parts().0;
        keep_private(parts.status, &mut parts.headers, Privacy::Private, &HeaderMap::new());
        assert!(parts.headers.is_empty());
    }

    #[test]
    fn only_a_public_route_is_for_everybody() {
        assert_eq!(Privacy::of(&Access::Public, false), Privacy::Shared);
        for access in [Access::Optional, Access::SignedIn] {
            assert_eq!(Privacy::of(&access, false), Privacy::Private);
            assert_eq!(Privacy::of(&access, true), Privacy::SharedAssets);
        }
    }
}
