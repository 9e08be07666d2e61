//! The host application's head on its way to the browser.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, header::Entry, response::Parts};
use url::Url;

use super::{AnswerHead, ForwardSettings};
use crate::{
    identity::sets_ours,
    request::{is_hop_by_hop, nominated, set_websocket_upgrade},
};

/// Why an answer cannot be passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResponseHeadError {
    /// Each reader would take another of the lines: the gateway, a cache, a browser.
    #[error("host application's answer has different `{0}` lines")]
    Contradiction(HeaderName),
}

/// Makes the head of an answer to `method` the site's: no hop-by-hop field, no framing, no cookie with our names, the
/// upstream's own absolute URLs and cookie domains mapped. Everything else passes as it is.
///
/// # Errors
/// See [`ResponseHeadError`].
pub(crate) fn response_head(
    parts: Parts,
    method: &Method,
    settings: &ForwardSettings,
) -> Result<AnswerHead, ResponseHeadError> {
    let mut head = AnswerHead::of(parts, method);
    let is_switch = head.status() == StatusCode::SWITCHING_PROTOCOLS;
    let headers = head.headers_mut();
    remove_hop_by_hop(headers);
    settle_content_type(headers);
    // One walk finds what is there: most answers have none of these.
    let has_any = headers.keys().any(|name| LOOKED_AT.contains(name));
    if has_any {
        for name in SINGLE {
            unite(headers, &name)?;
        }
        for name in [header::LOCATION, header::CONTENT_LOCATION] {
            map_value(headers, &name, |text| map_url(text, settings));
        }
        map_value(headers, &header::REFRESH, |text| map_refresh(text, settings));
        map_cookies(headers, settings);
    }
    if is_switch {
        set_websocket_upgrade(headers);
    }
    Ok(head)
}

/// Equal lines become one. Browsers refuse different ones too, as a sign of a head that somebody else wrote a line of.
fn unite(headers: &mut HeaderMap, name: &HeaderName) -> Result<(), ResponseHeadError> {
    let mut lines = headers.get_all(name).iter();
    let Some(first) = lines.next() else { return Ok(()) };
    let mut has_more = false;
    for line in lines {
        if line.as_bytes().trim_ascii() != first.as_bytes().trim_ascii() {
            return Err(ResponseHeadError::Contradiction(name.clone()));
        }
        has_more = true;
    }
    if has_more {
        let first = first.clone();
        headers.insert(name, first);
    }
    Ok(())
}

/// Of several types, the one that browsers take (Fetch 2.2.6: the last, and an earlier charset of the same type): what is
/// rewritten here as a page is one there.
fn settle_content_type(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::CONTENT_TYPE);
    if lines.iter().nth(1).is_none() {
        return;
    }
    let essence = |line: &HeaderValue| {
        let essence = line.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().to_ascii_lowercase()
    };
    let has_charset =
        |line: &HeaderValue| line.as_bytes().to_ascii_lowercase().windows(8).any(|word| word == b"charset=");
    let mut chosen: Option<&HeaderValue> = None;
    for line in lines.iter().filter(|line| essence(line).contains(&b'/') && essence(line) != b"*/*") {
        let keeps =
            |before: &&HeaderValue| essence(before) == essence(line) && has_charset(before) && !has_charset(line);
        chosen = chosen.filter(keeps).or(Some(line));
    }
    if let Some(chosen) = chosen.cloned() {
        headers.insert(header::CONTENT_TYPE, chosen);
    }
}

/// RFC 9110 7.6.1, for answers; and the header by which our own answers are told from the host application's.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let nominated = nominated(headers);
    let is_ours_or_of_the_hop = |name: &&HeaderName| is_hop_by_hop(name.as_str()) || name.as_str() == OUR_MARK;
    let others: Vec<HeaderName> = headers.keys().filter(is_ours_or_of_the_hop).cloned().collect();
    for name in nominated.into_iter().chain(others) {
        headers.remove(name);
    }
}

/// Replaces the values of a header, each by itself. Bytes beyond ASCII are a character each, and stay as they are.
fn map_value(headers: &mut HeaderMap, name: &HeaderName, map: impl Fn(&str) -> Option<String>) {
    let Entry::Occupied(mut lines) = headers.entry(name) else { return };
    for line in lines.iter_mut() {
        let text: Cow<'_, str> = match line.to_str() {
            Ok(text) => text.into(),
            Err(_) => line.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
        };
        let mapped = map(&text).map(|text| text.chars().filter_map(|c| u8::try_from(c).ok()).collect::<Vec<u8>>());
        if let Some(value) = mapped.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
            *line = value;
        }
    }
}

/// The site's spelling of an absolute URL that is the upstream's own; `None` for every other text.
fn map_url(text: &str, settings: &ForwardSettings) -> Option<String> {
    let (is_relative_to_scheme, rest) = match text.strip_prefix("//") {
        Some(rest) => (true, rest),
        None => (false, text.split_once("://")?.1),
    };
    let absolute =
        if is_relative_to_scheme { format!("{}:{text}", settings.upstream.url.scheme()) } else { text.to_owned() };
    let url = Url::parse(&absolute).ok()?;
    if !settings.upstream_origins.contains(&url.origin()) || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let after_authority = rest.find(['/', '?', '#', '\\']).map_or("", |at| &rest[at..]);
    Some(format!("{}{after_authority}", settings.site_origin))
}

/// `5; url=http://…`, with or without quotes.
fn map_refresh(text: &str, settings: &ForwardSettings) -> Option<String> {
    let at = text.to_ascii_lowercase().find("url=")? + "url=".len();
    let (before, url) = text.split_at(at);
    let quote = if url.starts_with(['"', '\'']) { &url[..1] } else { "" };
    let bare = url.trim_start_matches(quote).trim_end_matches(quote);
    map_url(bare, settings).map(|url| format!("{before}{quote}{url}{quote}"))
}

fn map_cookies(headers: &mut HeaderMap, settings: &ForwardSettings) {
    if !headers.contains_key(header::SET_COOKIE) {
        return;
    }
    let lines: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in lines {
        if !sets_ours(&line) {
            headers.append(header::SET_COOKIE, without_upstream_domain(&line, settings).unwrap_or(line));
        }
    }
}

/// The line without `Domain=<upstream>`, so that the cookie is the site's; `None` where there is no such attribute.
fn without_upstream_domain(line: &HeaderValue, settings: &ForwardSettings) -> Option<HeaderValue> {
    let upstream = settings.upstream.url.host_str()?;
    let names_upstream = |attribute: &[u8]| {
        let Ok(attribute) = std::str::from_utf8(attribute) else { return false };
        let Some((name, domain)) = attribute.split_once('=') else { return false };
        let domain = domain.trim();
        name.trim().eq_ignore_ascii_case("domain")
            && domain.strip_prefix('.').unwrap_or(domain).eq_ignore_ascii_case(upstream)
    };
    let parts: Vec<&[u8]> = line.as_bytes().split(|byte| *byte == b';').collect();
    let (pair, attributes) = parts.split_first()?;
    if !attributes.iter().any(|attribute| names_upstream(attribute)) {
        return None;
    }
    let kept = attributes.iter().copied().filter(|attribute| !names_upstream(attribute));
    let kept: Vec<&[u8]> = std::iter::once(*pair).chain(kept).collect();
    HeaderValue::from_bytes(&kept.join(&b';')).ok()
}

/// The header that only our own answers have.
const OUR_MARK: &str = "sigma-gateway";
/// Headers that say one thing. Different lines of others are read alike by everybody, or mislead nobody.
const SINGLE: [HeaderName; 3] = [header::LOCATION, header::CONTENT_DISPOSITION, header::CONTENT_RANGE];
/// Those, and headers whose values may name the upstream, or us.
const LOOKED_AT: [HeaderName; 6] = [
    header::LOCATION,
    header::CONTENT_DISPOSITION,
    header::CONTENT_RANGE,
    header::CONTENT_LOCATION,
    header::REFRESH,
    header::SET_COOKIE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        forward::{HeaderPreset, SendHost},
        request::HostName,
    };

    fn settings(site_url: &str, site: &str, upstream: &str) -> ForwardSettings {
        let (url, name) = (Url::parse(site_url).unwrap(), HostName::parse(site).unwrap());
        let upstream = Url::parse(upstream).unwrap().into();
        ForwardSettings::new(&url, &name, upstream, &HeaderPreset::None.into(), SendHost::Browser)
    }

    fn mapped(headers: &[(&str, &str)]) -> Vec<String> {
        let settings = settings("https://crm.example.com", "crm.example.com", "http://app.internal:8000");
        let mut builder = http::Response::builder();
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let parts = builder.body(()).unwrap().into_parts().0;
        let head = response_head(parts, &Method::GET, &settings).unwrap();
        head.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    fn location(value: &str) -> String {
        mapped(&[("location", value)]).remove(0)["location: ".len()..].to_owned()
    }

    #[test]
    fn the_upstreams_own_absolute_urls_become_the_sites() {
        for (value, expected) in [
            ("http://app.internal:8000/a?b#c", "https://crm.example.com/a?b#c"),
            ("HTTP://App.Internal:8000", "https://crm.example.com"),
            ("http://app.internal:8000?x", "https://crm.example.com?x"),
            ("//app.internal:8000/a%2Fb", "https://crm.example.com/a%2Fb"),
            ("http://crm.example.com/login", "https://crm.example.com/login"),
            // As nginx has it, which adds the port that it listens on.
            ("http://crm.example.com:8000/a/", "https://crm.example.com/a/"),
            ("https://CRM.example.com:8000/a/?b", "https://crm.example.com/a/?b"),
        ] {
            assert_eq!(location(value), expected, "{value}");
        }
    }

    #[test]
    fn every_other_location_passes_as_it_is() {
        for value in [
            "/a",
            "a?next=http://app.internal:8000/",
            "https://app.internal:8000/",
            "http://app.internal/",
            "http://app.internal:8000.evil.example/",
            "http://u@app.internal:8000/",
            "https://crm.example.com/a",
            "http://crm.example.com:8001/",
            "http://other.example.com:8000/",
            "javascript:alert(1)",
            "http://",
        ] {
            assert_eq!(location(value), value);
        }
    }

    /// Behind a site with a port of its own, that of every scheme is somebody else's.
    #[test]
    fn a_port_that_nobody_writes_is_not_the_upstreams_own() {
        let settings = settings("https://crm.example.com:8443", "crm.example.com", "https://app.internal");
        assert_eq!(map_url("https://crm.example.com/", &settings), None);
        assert_eq!(map_url("https://app.internal/a", &settings).as_deref(), Some("https://crm.example.com:8443/a"));
    }

    /// Another line than a text's may name the upstream as well.
    #[test]
    fn a_location_with_bytes_beyond_ascii_is_mapped_and_keeps_them() {
        for (value, expected) in [
            (&b"http://app.internal:8000/caf\xe9"[..], &b"https://crm.example.com/caf\xe9"[..]),
            (b"http://app.internal:8000/?a=\xc3\xa9", b"https://crm.example.com/?a=\xc3\xa9"),
            (b"http://app.internal.\xe9:8000/", b"http://app.internal.\xe9:8000/"),
            (b"/caf\xe9", b"/caf\xe9"),
        ] {
            let (mut parts, ()) = http::Response::new(()).into_parts();
            parts.headers.insert(header::LOCATION, HeaderValue::from_bytes(value).unwrap());
            let settings = settings("https://crm.example.com", "crm.example.com", "http://app.internal:8000");
            let head = response_head(parts, &Method::GET, &settings).unwrap();
            assert_eq!(head.headers()[header::LOCATION].as_bytes(), expected);
        }
    }

    #[test]
    fn content_location_and_refresh_are_mapped_too() {
        let sent =
            [("content-location", "http://app.internal:8000/a"), ("refresh", "5; URL='http://app.internal:8000/b'")];
        assert_eq!(
            mapped(&sent),
            ["content-location: https://crm.example.com/a", "refresh: 5; URL='https://crm.example.com/b'"]
        );
        assert_eq!(mapped(&[("refresh", "5")]), ["refresh: 5"]);
    }

    #[test]
    fn cookies_of_the_upstreams_domain_become_the_sites_and_stay_on_their_own_lines() {
        let sent = [
            ("set-cookie", "a=1; Path=/; Domain=.App.Internal; Secure"),
            ("set-cookie", "b=2; domain=other.example"),
            ("set-cookie", "odd cookie without pair;;; Expires=Wed, 09 Jun 2027 10:18:14 GMT"),
        ];
        assert_eq!(
            mapped(&sent),
            [
                "set-cookie: a=1; Path=/; Secure",
                "set-cookie: b=2; domain=other.example",
                "set-cookie: odd cookie without pair;;; Expires=Wed, 09 Jun 2027 10:18:14 GMT",
            ]
        );
    }

    #[test]
    fn an_upstream_can_neither_set_our_cookies_nor_speak_as_the_gateway() {
        let sent = [
            ("set-cookie", "__Host-sg=x"),
            ("set-cookie", " __HOST-SG-l-1=x"),
            ("set-cookie", "= __Host-sg=x"),
            ("sigma-gateway", "not_signed_in"),
        ];
        assert!(mapped(&sent).is_empty());
        assert_eq!(mapped(&[("set-cookie", "__Host-other=x")]), ["set-cookie: __Host-other=x"]);
    }

    #[test]
    fn hop_by_hop_fields_end_here() {
        let sent =
            [("connection", "close, x-hop"), ("x-hop", "1"), ("keep-alive", "5"), ("upgrade", "h2"), ("server", "app")];
        assert_eq!(mapped(&sent), ["server: app"]);
    }

    #[test]
    fn an_accepted_upgrade_says_websocket() {
        let settings = settings("http://crm.localhost:8080", "crm.localhost", "http://127.0.0.1:1");
        let parts =
            http::Response::builder().status(101).header("upgrade", "WebSocket").body(()).unwrap().into_parts().0;
        let head = response_head(parts, &Method::GET, &settings).unwrap();
        assert_eq!(head.headers()[header::UPGRADE], "websocket");
        assert_eq!(head.headers()[header::CONNECTION], "Upgrade");
    }

    #[test]
    fn equal_lines_of_what_comes_once_are_one_and_different_ones_are_refused() {
        let settings = settings("https://crm.example.com", "crm.example.com", "http://app.internal:8000");
        let head = |name: &HeaderName, values: [&str; 2]| {
            let builder = http::Response::builder().header(name, values[0]).header(name, values[1]);
            response_head(builder.body(()).unwrap().into_parts().0, &Method::GET, &settings)
        };
        for name in SINGLE {
            let same = head(&name, ["a", "a"]).unwrap();
            assert_eq!(same.headers().get_all(&name).iter().collect::<Vec<_>>(), ["a"], "{name}");
            assert_eq!(head(&name, ["a", "b"]).unwrap_err(), ResponseHeadError::Contradiction(name));
        }
        assert!(head(&header::VARY, ["a", "b"]).is_ok());
        // The log line names the header, and never what it held.
        let error = ResponseHeadError::Contradiction(header::LOCATION).to_string();
        assert_eq!(error, "host application's answer has different `location` lines");
    }

    #[test]
    fn of_several_content_types_the_one_that_browsers_take_is_sent() {
        for (sent, expected) in [
            (&["text/plain", "text/html"][..], &["content-type: text/html"][..]),
            (&["text/html; charset=koi8-r", "text/html"], &["content-type: text/html; charset=koi8-r"]),
            (&["text/html; charset=koi8-r", "Text/HTML; CharSet=utf-8"], &["content-type: Text/HTML; CharSet=utf-8"]),
            (&["text/html; charset=koi8-r", "text/plain"], &["content-type: text/plain"]),
            (&["text/html", "", "*/*", "html"], &["content-type: text/html"]),
            (&["html", "plain"], &["content-type: html", "content-type: plain"]),
        ] {
            let lines: Vec<_> = sent.iter().map(|value| ("content-type", *value)).collect();
            assert_eq!(mapped(&lines), expected, "{sent:?}");
        }
    }

    #[test]
    fn every_line_of_a_header_is_mapped() {
        let sent = [("refresh", "5; url=http://app.internal:8000/a"), ("refresh", "9; url=http://app.internal:8000/b")];
        let expected = ["refresh: 5; url=https://crm.example.com/a", "refresh: 9; url=https://crm.example.com/b"];
        assert_eq!(mapped(&sent), expected);
    }
}
