//! What kind of visit a request is, from Fetch Metadata where the browser sends it.

use http::{HeaderMap, Method};

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
    pub fn of(_method: &Method, _headers: &HeaderMap) -> Self {
        todo!()
    }
}
