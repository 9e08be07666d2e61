//! Where in a host application's answers a mint may happen: one table over surface, method, status and fetch metadata. Who may
//! use our own endpoints that mint is `decide`'s.
//!
//! A signed URL works once and for whoever holds it: it goes only into an answer that a browser shows now, to a person
//! who did not come through a frame or fetch of another site. `no-transform` is not looked at here: the rewriter
//! passes such an answer before it asks.

use http::{Method, StatusCode};

use crate::request::{Destination, FetchSite, Visit, VisitKind};

/// How a site's answers carry embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The stable link goes into the answer.
    Link,
    /// The signed URL itself goes into the answer.
    Signed,
}

/// Where an embed URL would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The frame slots of a page of the host application.
    HtmlFrame(Delivery),
    /// The link (`a href`) slots of a page of the host application.
    HtmlAnchor(Delivery),
    /// A `Location` of the host application.
    Location(Delivery),
    /// A URL in a JSON answer of the host application.
    Json(Delivery),
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MintOutcome {
    /// Mint.
    Mint,
    /// No mint: the stable link goes there.
    Link,
    /// The answer passes untouched.
    Untouched,
}

/// The table. `status` is the host application's.
#[must_use]
pub(crate) fn mint_outcome(surface: Surface, visit: &Visit, status: StatusCode) -> MintOutcome {
    match surface {
        Surface::Location(delivery) => location(delivery, visit, status),
        Surface::HtmlFrame(_) | Surface::HtmlAnchor(_) | Surface::Json(_) if passes(surface, visit, status) => {
            MintOutcome::Untouched
        }
        // A link may be clicked later, twice, or in a new tab: never a signed URL.
        Surface::HtmlAnchor(_) | Surface::HtmlFrame(Delivery::Link) | Surface::Json(Delivery::Link) => {
            MintOutcome::Link
        }
        Surface::HtmlFrame(Delivery::Signed) => mint_if(is_fresh_get(visit, status) && is_seen_page(visit)),
        Surface::Json(Delivery::Signed) => mint_if(is_fresh_get(visit, status) && is_same_origin_fetch(visit)),
    }
}

/// A redirect: with `deliver = "signed"` Sigma itself, for whoever navigates.
fn location(delivery: Delivery, visit: &Visit, status: StatusCode) -> MintOutcome {
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return MintOutcome::Untouched;
    }
    let is_navigation = match visit.kind {
        // A script, or a service worker, which may keep what it gets.
        VisitKind::Navigation if visit.destination == Destination::Empty => false,
        VisitKind::Navigation | VisitKind::Frame | VisitKind::Form => true,
        VisitKind::Fetch | VisitKind::Prefetch | VisitKind::WebSocket => false,
    };
    match delivery {
        Delivery::Link => MintOutcome::Link,
        Delivery::Signed => {
            let is_shown = is_navigation && !visit.is_prefetch && visit.method != Method::HEAD;
            mint_if(is_shown && !is_foreign_frame(visit) && !is_foreign_unknown(visit))
        }
    }
}

const fn mint_if(may_mint: bool) -> MintOutcome {
    if may_mint { MintOutcome::Mint } else { MintOutcome::Link }
}

/// Answers that have no body to rewrite, or only a part of one. A head may send a browser on without one.
fn passes(surface: Surface, visit: &Visit, status: StatusCode) -> bool {
    let is_in_head = matches!(surface, Surface::HtmlAnchor(_));
    (visit.method == Method::HEAD && !is_in_head)
        || status == StatusCode::PARTIAL_CONTENT
        || status == StatusCode::NOT_MODIFIED
}

fn is_fresh_get(visit: &Visit, status: StatusCode) -> bool {
    visit.method == Method::GET && status == StatusCode::OK && !visit.is_prefetch
}

/// A page that a person sees now, and not within a page of another site.
fn is_seen_page(visit: &Visit) -> bool {
    match visit.destination {
        Destination::Document => true,
        Destination::Frame => !is_foreign_frame(visit),
        Destination::Absent => visit.kind == VisitKind::Navigation && !is_foreign_unknown(visit),
        Destination::Empty | Destination::Other => false,
    }
}

/// A frame in a page of another site, or of one that the browser does not name.
fn is_foreign_frame(visit: &Visit) -> bool {
    visit.destination == Destination::Frame && (is_foreign(visit) || visit.site == FetchSite::Absent)
}

/// Asked for by another site, which does not say whether as a page or as a frame: a browser that names the one names the other.
fn is_foreign_unknown(visit: &Visit) -> bool {
    visit.destination == Destination::Absent && is_foreign(visit)
}

fn is_foreign(visit: &Visit) -> bool {
    matches!(visit.site, FetchSite::SameSite | FetchSite::CrossSite)
}

fn is_same_origin_fetch(visit: &Visit) -> bool {
    visit.destination == Destination::Empty && visit.site == FetchSite::SameOrigin
}
