//! Which visits our own endpoints let in: one table over endpoint, method and Fetch Metadata (a resource isolation
//! policy), and how a visit is told to sign in.
//!
//! The endpoints that mint have their table in `embed`: here they are open.

use http::Method;

use super::{Destination, Endpoint, FetchSite, Visit, VisitKind};
use crate::reason::Reason;

/// What becomes of a visit of an own endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The endpoint answers.
    Serve,
    /// No sign-in begins here: the answer has a link to one.
    OfferSignIn,
    /// The person confirms first.
    Confirm,
    /// Refused with a reason.
    Refuse(Reason),
}

/// How somebody who must be signed in is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOffer {
    /// A redirect to the provider.
    Redirect,
    /// A page whose link leads back to this request.
    BackHere,
    /// An answer whose link leads back to the page that this was asked from.
    BackToReferrer,
}

/// The table.
#[must_use]
pub fn entry(endpoint: &Endpoint, visit: &Visit) -> Entry {
    match endpoint {
        Endpoint::StableLink { .. } | Endpoint::EmbedApi { .. } | Endpoint::Unknown => Entry::Serve,
        Endpoint::SignInStart => taking(&[Method::GET], visit, start),
        Endpoint::Callback => taking(&[Method::GET], visit, |_| Entry::Serve),
        Endpoint::SignOut => taking(&[Method::GET, Method::POST], visit, sign_out),
        Endpoint::UserInfo => taking(&[Method::GET], visit, user_info),
        Endpoint::Events => taking(&[Method::POST], visit, events),
        Endpoint::Script | Endpoint::Style => taking(&[Method::GET, Method::HEAD], visit, |_| Entry::Serve),
    }
}

/// A redirect for a top-level GET, a page for a form and the like, an answer for what no person sees as a page.
#[must_use]
pub fn sign_in_offer(visit: &Visit) -> SignInOffer {
    match visit.kind {
        VisitKind::Navigation if visit.method == Method::GET => SignInOffer::Redirect,
        VisitKind::Navigation | VisitKind::Form => SignInOffer::BackHere,
        VisitKind::Frame | VisitKind::Fetch | VisitKind::WebSocket | VisitKind::Prefetch => SignInOffer::BackToReferrer,
    }
}

fn taking(methods: &[Method], visit: &Visit, then: fn(&Visit) -> Entry) -> Entry {
    if methods.contains(&visit.method) { then(visit) } else { Entry::Refuse(Reason::MethodNotAllowed) }
}

/// A login never starts in a frame, nor ahead of time.
const fn start(visit: &Visit) -> Entry {
    match visit.kind {
        VisitKind::Navigation => Entry::Serve,
        VisitKind::Frame | VisitKind::Form | VisitKind::Fetch | VisitKind::Prefetch | VisitKind::WebSocket => {
            Entry::OfferSignIn
        }
    }
}

fn sign_out(visit: &Visit) -> Entry {
    match (visit.site, visit.kind) {
        (_, VisitKind::Prefetch) => Entry::Refuse(Reason::Prefetch),
        // A stored `<img>` or `<a ping>` must not sign anybody out.
        (_, VisitKind::Fetch | VisitKind::WebSocket) if visit.destination == Destination::Other => {
            Entry::Refuse(Reason::WrongDestination)
        }
        // Nor must a stored `<iframe>`, of whatever site: the link of the page opens at the top.
        (_, _) if visit.destination == Destination::Frame || visit.kind == VisitKind::Frame => Entry::Confirm,
        (FetchSite::CrossSite | FetchSite::SameSite, VisitKind::Navigation | VisitKind::Form) => Entry::Confirm,
        (FetchSite::CrossSite | FetchSite::SameSite, _) => Entry::Refuse(Reason::ConfirmSignOut),
        // Nor must a stored `<link rel=preload as=fetch>`: a script of the page sends a POST.
        (FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent, _)
            if visit.destination == Destination::Empty && visit.method == Method::GET =>
        {
            Entry::Refuse(Reason::WrongDestination)
        }
        (FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent, _) => Entry::Serve,
    }
}

/// What it says is for the person's own pages, and for whoever types its address.
const fn user_info(visit: &Visit) -> Entry {
    match visit.site {
        FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent => Entry::Serve,
        FetchSite::SameSite | FetchSite::CrossSite => Entry::Refuse(Reason::CrossSite),
    }
}

/// Only our own script reports.
fn events(visit: &Visit) -> Entry {
    let is_script = visit.site == FetchSite::SameOrigin && visit.kind == VisitKind::Fetch;
    if is_script { Entry::Serve } else { Entry::Refuse(Reason::CrossSite) }
}
