//! What kind of visit a request is, from Fetch Metadata where the browser sends it.

use http::{HeaderMap, HeaderValue, Method};

/// `Sec-Fetch-Dest`, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `document`
    Document,
    /// `iframe`, `frame`, `embed`, `object`
    Frame,
    /// `empty`: fetch and XHR
    Empty,
    /// Anything else: image, script, style, the ping of a link, …
    Other,
    /// The header is missing (an older browser, curl).
    Absent,
}

/// `Sec-Fetch-Site`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchSite {
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
pub(crate) enum VisitKind {
    /// A top-level GET (or HEAD) that a person sees; also where the page's service worker asks in the browser's place.
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
pub(crate) struct Visit {
    /// The method.
    pub(crate) method: Method,
    /// What the answer is for.
    pub(crate) destination: Destination,
    /// Which site asked.
    pub(crate) site: FetchSite,
    /// Whether `X-Requested-With` says that a script asks: no form or link can, and a script of another origin has to ask first.
    pub(crate) is_scripted: bool,
    /// Whether `Sec-Purpose` or `Purpose` says that nobody has asked for it yet.
    pub(crate) is_prefetch: bool,
    /// The kind that follows from all of it.
    pub(crate) kind: VisitKind,
    /// The origin of the page that asks, as the browser says it: of an admitted WebSocket handshake, and where there is no `Sec-Fetch-Site`.
    pub(crate) opener: Option<HeaderValue>,
}

impl Visit {
    /// Whether it is a WebSocket handshake of a page of another origin than this one (`https://crm.example.com`).
    ///
    /// Browsers send one anywhere, with cookies, and always say whose page opens it (RFC 6455 4.1, 10.2): without an `Origin` it is no
    /// page's, unless something else says that a browser asks for another site.
    #[must_use]
    pub(crate) fn is_foreign_websocket(&self, origin: &str) -> bool {
        let is_foreign = match &self.opener {
            Some(opener) => opener.as_bytes() != origin.as_bytes(),
            None => matches!(self.site, FetchSite::CrossSite | FetchSite::SameSite),
        };
        self.kind == VisitKind::WebSocket && is_foreign
    }

    /// The same as an older browser means it at this origin: without `Sec-Fetch-Site`, another origin than this one is another site.
    /// Browsers name one with every form that is posted and with every script's request to another origin; `null` is also what a page of
    /// this origin says that lets no referrer out.
    #[must_use]
    pub(crate) fn of_another_origin(&self, origin: &str) -> Option<Self> {
        let opener = self.opener.as_ref().filter(|_| self.site == FetchSite::Absent)?.as_bytes();
        let is_foreign = opener != origin.as_bytes() && opener != b"null";
        is_foreign.then(|| Self { site: FetchSite::CrossSite, ..self.clone() })
    }

    /// Reads the visit off a request head.
    ///
    /// Without `Sec-Fetch-*`: a GET whose `Accept` has `text/html`, without `X-Requested-With`, is a navigation. So is what a
    /// service worker of the site's passes on of one.
    #[must_use]
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let seen = Seen::in_headers(headers);
        let destination = seen.destination();
        let kind = if seen.is_prefetch {
            VisitKind::Prefetch
        } else if *method == Method::GET && seen.asks_for_upgrade && seen.offers_websocket {
            VisitKind::WebSocket
        } else {
            kind_by_destination(method, destination, &seen)
        };
        Self {
            method: method.clone(),
            destination,
            site: seen.site(),
            is_scripted: seen.is_scripted,
            is_prefetch: seen.is_prefetch,
            kind,
            opener: None,
        }
    }
}

fn kind_by_destination(method: &Method, destination: Destination, seen: &Seen<'_>) -> VisitKind {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    // What an older browser shows of a navigation.
    let asks_for_a_page = seen.accepts_html && !seen.is_scripted;
    match destination {
        Destination::Empty if *method == Method::GET && seen.is_passed_on() => VisitKind::Navigation,
        Destination::Empty | Destination::Other => VisitKind::Fetch,
        Destination::Absent if !asks_for_a_page => VisitKind::Fetch,
        Destination::Frame if is_read => VisitKind::Frame,
        Destination::Document | Destination::Absent if is_read => VisitKind::Navigation,
        Destination::Document | Destination::Frame | Destination::Absent => VisitKind::Form,
    }
}

/// What a head says about the visit, gathered in one walk: a request has many headers, and most have none of these.
#[derive(Default)]
struct Seen<'h> {
    destination: Option<&'h [u8]>,
    mode: Option<&'h [u8]>,
    site: Option<&'h [u8]>,
    is_prefetch: bool,
    /// What `<a ping>` sends: nobody sees the answer, and no script has asked.
    is_ping: bool,
    accepts_html: bool,
    /// Whether `Accept` begins with `text/html`, as that of a navigation does.
    wants_html_first: bool,
    /// `X-Requested-With`, by which scripts made themselves known before there was Fetch Metadata.
    is_scripted: bool,
    asks_for_upgrade: bool,
    offers_websocket: bool,
}

impl<'h> Seen<'h> {
    fn in_headers(headers: &'h HeaderMap) -> Self {
        let mut seen = Self::default();
        for (name, value) in headers {
            let value = value.as_bytes();
            match name.as_str() {
                "sec-fetch-dest" => seen.destination = Some(only(seen.destination, value)),
                "sec-fetch-mode" => seen.mode = Some(only(seen.mode, value)),
                "sec-fetch-site" => seen.site = Some(only(seen.site, value)),
                // `Sec-Purpose` is today's; the others are what older browsers sent.
                "sec-purpose" | "purpose" | "x-purpose" | "x-moz" => seen.is_prefetch |= is_prefetch(value),
                "ping-to" | "ping-from" => seen.is_ping = true,
                "content-type" => seen.is_ping |= is_media_type(value, b"text/ping"),
                "accept" => {
                    seen.accepts_html |= contains(value, b"text/html");
                    seen.wants_html_first = value.starts_with(b"text/html");
                }
                "x-requested-with" => seen.is_scripted = true,
                "connection" => seen.asks_for_upgrade |= has_token(value, b"upgrade"),
                "upgrade" => seen.offers_websocket |= has_token(value, b"websocket"),
                _ => {}
            }
        }
        seen
    }

    /// A service worker of the site's passes a navigation on: Chromium says `navigate` for the mode, Firefox `same-origin`. A script
    /// that fetches a page (Turbo, pjax) says `cors`.
    fn is_passed_on(&self) -> bool {
        let is_own = matches!(self.site(), FetchSite::SameOrigin | FetchSite::None);
        let is_mode = matches!(self.mode, Some(b"navigate" | b"same-origin"));
        is_own && is_mode && self.wants_html_first && !self.is_scripted
    }

    fn destination(&self) -> Destination {
        if self.is_ping {
            return Destination::Other;
        }
        match self.destination {
            // The first browsers with Fetch Metadata said the mode alone.
            None => match self.mode {
                Some(b"nested-navigate") => Destination::Frame,
                Some(b"no-cors") => Destination::Other,
                Some(_) | None => Destination::Absent,
            },
            Some(b"document") => Destination::Document,
            Some(b"iframe" | b"frame" | b"embed" | b"object") => Destination::Frame,
            Some(b"empty") => Destination::Empty,
            Some(_) => Destination::Other,
        }
    }

    fn site(&self) -> FetchSite {
        match self.site {
            None => FetchSite::Absent,
            Some(b"same-origin") => FetchSite::SameOrigin,
            Some(b"same-site") => FetchSite::SameSite,
            Some(b"none") => FetchSite::None,
            Some(_) => FetchSite::CrossSite,
        }
    }
}

/// The value of a header that comes once; of a doubled one a value that nobody knows.
fn only<'h>(before: Option<&'h [u8]>, value: &'h [u8]) -> &'h [u8] {
    if before.is_some() { b"doubled" } else { value }
}

fn is_prefetch(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    contains(&value, b"prefetch") || contains(&value, b"prerender") || contains(&value, b"preview")
}

/// Whether a comma-separated value holds a token, in any case.
fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

fn is_media_type(value: &[u8], essence: &[u8]) -> bool {
    let found = value.split(|byte| *byte == b';').next().unwrap_or_default();
    found.trim_ascii().eq_ignore_ascii_case(essence)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

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
    fn what_a_service_worker_passes_on_of_a_navigation_is_one() {
        let (empty, own) = (("sec-fetch-dest", "empty"), ("sec-fetch-site", "same-origin"));
        let page = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let kind = |headers: &[(&'static str, &'static str)]| visit(&Method::GET, headers).kind;
        let navigate = ("sec-fetch-mode", "navigate");
        for mode in ["navigate", "same-origin"] {
            assert_eq!(kind(&[empty, own, page, ("sec-fetch-mode", mode)]), VisitKind::Navigation);
        }
        assert_eq!(kind(&[empty, ("sec-fetch-site", "none"), page, navigate]), VisitKind::Navigation);
        for headers in [
            &[empty, own, page, navigate, ("x-requested-with", "XMLHttpRequest")][..],
            &[empty, own, navigate, ("accept", "*/*")],
            &[empty, own, navigate, ("accept", "text/vnd.turbo-stream.html, text/html")],
            // What a script fetches by itself, as Turbo does.
            &[empty, own, page, ("sec-fetch-mode", "cors")],
            &[empty, own, page],
            &[empty, navigate, ("sec-fetch-site", "cross-site"), page],
            &[empty, navigate, ("sec-fetch-site", "same-site"), page],
            &[empty, navigate, page],
        ] {
            assert_eq!(kind(headers), VisitKind::Fetch, "{headers:?}");
        }
        assert_eq!(visit(&Method::POST, &[empty, own, page, navigate]).kind, VisitKind::Fetch);
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
    fn a_ping_is_for_nothing_that_anybody_sees() {
        let empty = ("sec-fetch-dest", "empty");
        for ping in [("ping-to", "/"), ("ping-from", "/"), ("content-type", "Text/Ping ; charset=utf-8")] {
            for headers in [&[ping][..], &[ping, empty], &[ping, ("sec-fetch-dest", "document")]] {
                let visit = visit(&Method::POST, headers);
                assert_eq!((visit.destination, visit.kind), (Destination::Other, VisitKind::Fetch), "{headers:?}");
            }
        }
        for kind in ["text/plain", "text/pingpong", "application/json"] {
            assert_eq!(visit(&Method::POST, &[("content-type", kind), empty]).destination, Destination::Empty);
        }
    }

    /// Chrome 76 to 79 sent the mode without a destination; Node's fetch sends `cors` alone.
    #[test]
    fn without_a_destination_the_mode_says_what_is_a_frame_or_a_part_of_a_page() {
        let of = |mode| visit(&Method::GET, &[("sec-fetch-mode", mode), ("accept", "text/html")]);
        let seen = |mode| (of(mode).destination, of(mode).kind);
        assert_eq!(seen("nested-navigate"), (Destination::Frame, VisitKind::Frame));
        assert_eq!(seen("no-cors"), (Destination::Other, VisitKind::Fetch));
        for mode in ["navigate", "cors", "same-origin"] {
            assert_eq!(seen(mode), (Destination::Absent, VisitKind::Navigation), "{mode}");
        }
        let both = [("sec-fetch-mode", "nested-navigate"), ("sec-fetch-dest", "image")];
        assert_eq!(visit(&Method::GET, &both).destination, Destination::Other);
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
