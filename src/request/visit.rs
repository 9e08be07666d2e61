//! What kind of visit a request is, from Fetch Metadata where the browser sends it.

use http::{HeaderMap, HeaderName, Method, header};

/// `Sec-Fetch-Dest`, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// `document`
    Document,
    /// `iframe`, `frame`, `embed`, `object`
    Frame,
    /// `empty`: fetch and XHR
    Empty,
    /// Anything else: image, script, style, …
    Other,
    /// The header is missing (an older browser, curl).
    Absent,
}

/// `Sec-Fetch-Site`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchSite {
    /// `same-origin`
    SameOrigin,
    /// `same-site`
    SameSite,
    /// `cross-site`, or a value nobody knows
    CrossSite,
    /// `none`: typed, bookmarked
    None,
    /// The header is missing.
    Absent,
}

/// Who is served how when nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitKind {
    /// A top-level GET (or HEAD) that a person sees.
    Navigation,
    /// A GET for a frame.
    Frame,
    /// A navigation that sends a form (POST and the like).
    Form,
    /// fetch, XHR, images, scripts, anything a program reads.
    Fetch,
    /// A prefetch or prerender.
    Prefetch,
    /// A WebSocket handshake.
    WebSocket,
}

/// The facts about a visit that decisions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The method.
    pub method: Method,
    /// What the answer is for.
    pub destination: Destination,
    /// Which site asked.
    pub site: FetchSite,
    /// Whether `Sec-Purpose` or `Purpose` says that nobody has asked for it yet.
    pub is_prefetch: bool,
    /// The kind that follows from all of it.
    pub kind: VisitKind,
}

impl Visit {
    /// Reads the visit off a request head.
    ///
    /// Without `Sec-Fetch-*`: a GET whose `Accept` has `text/html`, without `X-Requested-With`, is a navigation.
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let destination = destination(headers);
        let is_prefetch = is_prefetch(headers);
        let kind = if is_prefetch {
            VisitKind::Prefetch
        } else if is_websocket(method, headers) {
            VisitKind::WebSocket
        } else {
            kind_by_destination(method, destination, headers)
        };
        Self { method: method.clone(), destination, site: fetch_site(headers), is_prefetch, kind }
    }
}

fn kind_by_destination(method: &Method, destination: Destination, headers: &HeaderMap) -> VisitKind {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    match destination {
        Destination::Empty | Destination::Other => VisitKind::Fetch,
        Destination::Absent if !asks_for_a_page(headers) => VisitKind::Fetch,
        Destination::Frame if is_read => VisitKind::Frame,
        Destination::Document | Destination::Absent if is_read => VisitKind::Navigation,
        Destination::Document | Destination::Frame | Destination::Absent => VisitKind::Form,
    }
}

/// What an older browser shows of a navigation.
fn asks_for_a_page(headers: &HeaderMap) -> bool {
    let accepts_html = headers.get_all(header::ACCEPT).iter().any(|value| contains(value.as_bytes(), b"text/html"));
    accepts_html && !headers.contains_key("x-requested-with")
}

fn destination(headers: &HeaderMap) -> Destination {
    match single(headers, "sec-fetch-dest") {
        None => Destination::Absent,
        Some(b"document") => Destination::Document,
        Some(b"iframe" | b"frame" | b"embed" | b"object") => Destination::Frame,
        Some(b"empty") => Destination::Empty,
        Some(_) => Destination::Other,
    }
}

fn fetch_site(headers: &HeaderMap) -> FetchSite {
    match single(headers, "sec-fetch-site") {
        None => FetchSite::Absent,
        Some(b"same-origin") => FetchSite::SameOrigin,
        Some(b"same-site") => FetchSite::SameSite,
        Some(b"none") => FetchSite::None,
        Some(_) => FetchSite::CrossSite,
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    PURPOSE_HEADERS.iter().flat_map(|name| headers.get_all(*name)).any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        contains(&value, b"prefetch") || contains(&value, b"prerender") || contains(&value, b"preview")
    })
}

fn is_websocket(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::GET
        && has_token(headers, header::CONNECTION, "upgrade")
        && has_token(headers, header::UPGRADE, "websocket")
}

/// Whether a comma-separated header holds a token, in any case.
fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    })
}

/// The value of a header that comes once; of a doubled one a value that nobody knows.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.as_bytes();
    Some(if values.next().is_some() { b"doubled" } else { first })
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// `Sec-Purpose` is today's; the others are what older browsers sent.
const PURPOSE_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(method: &Method, headers: &[(&'static str, &'static str)]) -> Visit {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Visit::of(method, &map)
    }

    #[test]
    fn the_kind_follows_from_fetch_metadata() {
        let kind = |method, dest| visit(&method, &[("sec-fetch-dest", dest)]).kind;
        assert_eq!(kind(Method::GET, "document"), VisitKind::Navigation);
        assert_eq!(kind(Method::HEAD, "document"), VisitKind::Navigation);
        assert_eq!(kind(Method::POST, "document"), VisitKind::Form);
        assert_eq!(kind(Method::GET, "iframe"), VisitKind::Frame);
        assert_eq!(kind(Method::GET, "empty"), VisitKind::Fetch);
        assert_eq!(kind(Method::GET, "image"), VisitKind::Fetch);
    }

    #[test]
    fn without_fetch_metadata_the_accept_header_decides() {
        let html = ("accept", "text/html,*/*;q=0.8");
        assert_eq!(visit(&Method::GET, &[html]).kind, VisitKind::Navigation);
        assert_eq!(visit(&Method::POST, &[html]).kind, VisitKind::Form);
        assert_eq!(visit(&Method::GET, &[html, ("x-requested-with", "XMLHttpRequest")]).kind, VisitKind::Fetch);
        assert_eq!(visit(&Method::GET, &[("accept", "*/*")]).kind, VisitKind::Fetch);
        assert_eq!(visit(&Method::GET, &[]).kind, VisitKind::Fetch);
    }

    #[test]
    fn a_prefetch_is_a_prefetch_whatever_its_destination() {
        for purpose in [("sec-purpose", "prefetch;prerender"), ("purpose", "Prefetch"), ("x-moz", "prefetch")] {
            let visit = visit(&Method::GET, &[purpose, ("sec-fetch-dest", "document")]);
            assert!(visit.is_prefetch && visit.kind == VisitKind::Prefetch, "{purpose:?}");
        }
        assert!(!visit(&Method::GET, &[("sec-fetch-dest", "document")]).is_prefetch);
    }

    #[test]
    fn a_doubled_or_unknown_site_counts_as_another_site() {
        let site = |values: &[&'static str]| {
            visit(&Method::GET, &values.iter().map(|value| ("sec-fetch-site", *value)).collect::<Vec<_>>()).site
        };
        assert_eq!(site(&[]), FetchSite::Absent);
        assert_eq!(site(&["same-origin"]), FetchSite::SameOrigin);
        assert_eq!(site(&["same-site"]), FetchSite::SameSite);
        assert_eq!(site(&["none"]), FetchSite::None);
        assert_eq!(site(&["same-origin", "cross-site"]), FetchSite::CrossSite);
        assert_eq!(site(&["same origin"]), FetchSite::CrossSite);
    }

    #[test]
    fn a_websocket_handshake_names_upgrade_in_both_headers() {
        let both = [("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")];
        assert_eq!(visit(&Method::GET, &both).kind, VisitKind::WebSocket);
        assert_eq!(visit(&Method::POST, &both).kind, VisitKind::Fetch);
        assert_eq!(visit(&Method::GET, &both[1..]).kind, VisitKind::Fetch);
    }
}
