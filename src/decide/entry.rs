//! Who may use an endpoint of our own: one table over endpoint, method and Fetch Metadata (a resource isolation policy); and
//! how a visit is told to sign in.

use http::Method;

use super::Asker;
use crate::{
    embed::{OpenAs, Openings},
    policy::{PersonCheck, Unproven},
    reason::Reason,
    request::{Destination, FetchSite, Visit, VisitKind},
};

/// An endpoint, as far as it matters who may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// `{sign_in}/start`
    SignInStart,
    /// `{sign_in}/callback`
    Callback {
        /// Whether the provider posts its answers (`response_mode = "form_post"`).
        takes_forms: bool,
    },
    /// `{sign_in}/sign_out`
    SignOut,
    /// `{sign_in}/signed_out`
    SignedOut,
    /// `{sign_in}/userinfo`
    UserInfo,
    /// The stable link of an embed, by name or by a Sigma URL, or a route that answers as one; with what the embed says about it.
    StableLink(Openings),
    /// The embed API.
    EmbedApi,
    /// `{sigma}/api/events`
    Events,
    /// The style.
    Style,
    /// The script of pages that write Sigma URLs themselves.
    Script,
    /// The keys of the site's assertions.
    AssertionKeys,
}

/// What an endpoint of our own does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    /// A sign-in begins.
    BeginSignIn,
    /// A sign-in ends.
    EndSignIn,
    /// A posted answer waits for the page that goes on to the end of its sign-in.
    KeepAnswer,
    /// The session ends.
    SignOut,
    /// The person confirms first that they want to sign out.
    ConfirmSignOut,
    /// Whoever has signed out is told so.
    SignedOut,
    /// The visitor is told of themselves.
    UserInfo,
    /// The embed page of the place's embed, with a signed URL in it.
    EmbedPage,
    /// The embed page without a URL, which asks for one once somebody looks.
    EmbedPageWithoutUrl,
    /// The way to Sigma: a redirect to a signed URL of the place's embed.
    EmbedRedirect,
    /// A signed URL of the place's embed, as JSON.
    EmbedApi,
    /// The style.
    Style,
    /// The script of pages that write Sigma URLs themselves.
    Script,
    /// The keys of the site's assertions.
    AssertionKeys,
    /// A report of the script is taken.
    TakeReport,
}

/// What becomes of a visit of an own endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The endpoint answers, and does this.
    Serve(Own),
    /// No sign-in begins here: the answer has a link to one.
    OfferSignIn,
    /// Refused with a reason.
    Refuse(Reason),
}

/// How somebody who must sign in is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// A redirect to the provider, which leads back here.
    Redirect,
    /// The page of a sign-out that has ended at the provider: nobody is signed in again unasked.
    SignedOut,
    /// A refusal with a link.
    Link {
        /// Why the request is refused.
        reason: Reason,
        /// Where the sign-in leads.
        back: WayBack,
    },
}

/// Where a sign-in leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WayBack {
    /// To this request.
    Here,
    /// To the page that this was asked from.
    Referrer,
    /// To what the parameter `rd` says.
    Parameter,
    /// To `/`.
    Root,
}

impl SignIn {
    /// What `{sign_in}/start` says where no sign-in begins.
    #[must_use]
    pub(crate) const fn of_start() -> Self {
        Self::Link { reason: Reason::NotSignedIn, back: WayBack::Parameter }
    }
}

/// The table.
#[must_use]
pub(crate) fn entry(door: Door, visit: &Visit) -> Entry {
    if !door.methods().contains(&visit.method) {
        return Entry::Refuse(Reason::MethodNotAllowed);
    }
    match door {
        Door::SignInStart => start(visit),
        Door::Callback { .. } => callback(visit),
        Door::SignOut => sign_out(visit),
        Door::SignedOut => Entry::Serve(Own::SignedOut),
        Door::UserInfo => user_info(visit),
        Door::StableLink(opening) => stable_link(opening, visit),
        Door::EmbedApi => embed_api(visit),
        Door::Events => events(visit),
        Door::Style => Entry::Serve(Own::Style),
        Door::Script => Entry::Serve(Own::Script),
        // For programs, whoever runs them: there is nothing secret in it.
        Door::AssertionKeys => Entry::Serve(Own::AssertionKeys),
    }
}

impl Door {
    /// The methods that it takes; any other is a 405.
    #[must_use]
    pub(super) const fn methods(self) -> &'static [Method] {
        match self {
            Self::SignInStart | Self::Callback { takes_forms: false } | Self::SignedOut | Self::UserInfo => {
                &[Method::GET]
            }
            Self::Callback { takes_forms: true } | Self::SignOut | Self::EmbedApi => &[Method::GET, Method::POST],
            Self::StableLink(_) | Self::Style | Self::Script | Self::AssertionKeys => &[Method::GET, Method::HEAD],
            Self::Events => &[Method::POST],
        }
    }
}

/// How somebody of whom nobody knows who they are is told to sign in: a redirect for a top-level GET, a page for a form and the
/// like, an answer for what no person sees as a page.
#[must_use]
pub(crate) fn sign_in(asker: &Asker, visit: &Visit) -> SignIn {
    let back = match visit.kind {
        // Where the session has no address to compare, signing in again mends nothing by itself, and would go round.
        VisitKind::Navigation
            if visit.method == Method::GET && asker.person != PersonCheck::Nobody(Unproven::NoAddress) =>
        {
            return if asker.has_signed_out { SignIn::SignedOut } else { SignIn::Redirect };
        }
        VisitKind::Navigation | VisitKind::Form => WayBack::Here,
        VisitKind::Frame | VisitKind::Fetch | VisitKind::WebSocket | VisitKind::Prefetch => WayBack::Referrer,
    };
    SignIn::Link { reason: asker.why_nobody(), back }
}

/// The provider's page posts its answer in the whole tab; nothing is decided by it.
fn callback(visit: &Visit) -> Entry {
    if visit.method == Method::GET {
        return Entry::Serve(Own::EndSignIn);
    }
    match visit.kind {
        VisitKind::Form if visit.destination != Destination::Frame => Entry::Serve(Own::KeepAnswer),
        VisitKind::Form
        | VisitKind::Navigation
        | VisitKind::Frame
        | VisitKind::Fetch
        | VisitKind::Prefetch
        | VisitKind::WebSocket => Entry::Refuse(Reason::WrongDestination),
    }
}

/// A login never starts in a frame, nor ahead of time.
const fn start(visit: &Visit) -> Entry {
    match visit.kind {
        VisitKind::Navigation => Entry::Serve(Own::BeginSignIn),
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
        // Nor must a stored `<iframe>`, of whatever site: the form of the page is sent at the top.
        (_, _) if visit.destination == Destination::Frame || visit.kind == VisitKind::Frame => {
            Entry::Serve(Own::ConfirmSignOut)
        }
        (FetchSite::CrossSite | FetchSite::SameSite, VisitKind::Navigation | VisitKind::Form) => {
            Entry::Serve(Own::ConfirmSignOut)
        }
        (FetchSite::CrossSite | FetchSite::SameSite, _) => Entry::Refuse(Reason::ConfirmSignOut),
        // Passed on by a service worker, which does not say whether for a frame.
        (FetchSite::SameOrigin | FetchSite::None, VisitKind::Navigation) if visit.destination == Destination::Empty => {
            Entry::Serve(Own::ConfirmSignOut)
        }
        // Nor must a stored `<link rel=preload as=fetch>`: a script of the page sends a POST.
        (FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent, _)
            if visit.destination == Destination::Empty && visit.method == Method::GET =>
        {
            Entry::Refuse(Reason::WrongDestination)
        }
        (FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent, _) => Entry::Serve(Own::SignOut),
    }
}

/// What it says is for the person's own pages, and for whoever types its address.
const fn user_info(visit: &Visit) -> Entry {
    match visit.site {
        FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent => Entry::Serve(Own::UserInfo),
        FetchSite::SameSite | FetchSite::CrossSite => Entry::Refuse(Reason::CrossSite),
    }
}

/// A signed URL works once and for whoever holds it: it is for a person of whom the browser says that they look at it now, and who did
/// not come through a frame of another site. `Sec-Fetch-Site` says which page has the frame, so the embed page needs no
/// `frame-ancestors`, and an application within a portal keeps its embeds.
fn stable_link(opening: Openings, visit: &Visit) -> Entry {
    use FetchSite::{Absent, CrossSite, None, SameOrigin, SameSite};
    let own = match (visit.destination, visit.site) {
        (Destination::Document, SameOrigin | None) => shown(opening.at_top),
        // Another site opened the tab, perhaps behind somebody's back.
        (Destination::Document, SameSite | CrossSite | Absent)
        // A service worker that passes a navigation on, and may keep the answer; or a script, to which it is of no use.
        | (Destination::Empty, SameOrigin | None) => Own::EmbedPageWithoutUrl,
        (Destination::Frame, SameOrigin | None) => shown(opening.in_frame),
        // Without `Sec-Fetch-Dest` (an older browser, curl) nobody knows: only another site is refused.
        (Destination::Absent, SameOrigin | None | Absent) => Own::EmbedRedirect,
        (Destination::Frame | Destination::Empty, SameSite | CrossSite | Absent)
        | (Destination::Absent, SameSite | CrossSite) => return Entry::Refuse(Reason::CrossSite),
        (Destination::Other, _) => return Entry::Refuse(Reason::WrongDestination),
    };
    let is_looked_at = visit.method == Method::GET && !visit.is_prefetch;
    Entry::Serve(if is_looked_at { own } else { Own::EmbedPageWithoutUrl })
}

const fn shown(how: OpenAs) -> Own {
    match how {
        OpenAs::Page => Own::EmbedPage,
        OpenAs::Redirect => Own::EmbedRedirect,
    }
}

/// The embed page asks by POST, and says that it is a script: a cache-first service worker may store a GET for ever, and a form of
/// another site can send neither. GET is that of Sigma's own guide.
fn embed_api(visit: &Visit) -> Entry {
    use FetchSite::{Absent, CrossSite, None, SameOrigin, SameSite};
    if visit.is_prefetch {
        return Entry::Refuse(Reason::Prefetch);
    }
    if visit.method == Method::POST && !visit.is_scripted {
        return Entry::Refuse(Reason::CrossSite);
    }
    match (visit.destination, visit.site) {
        (Destination::Empty | Destination::Absent, SameOrigin) | (Destination::Absent, Absent) => {
            Entry::Serve(Own::EmbedApi)
        }
        (_, SameSite | CrossSite) | (Destination::Empty, None | Absent) | (Destination::Absent, None) => {
            Entry::Refuse(Reason::CrossSite)
        }
        (Destination::Document | Destination::Frame | Destination::Other, SameOrigin | None | Absent) => {
            Entry::Refuse(Reason::WrongDestination)
        }
    }
}

/// Only our own script reports.
fn events(visit: &Visit) -> Entry {
    let is_script = visit.site == FetchSite::SameOrigin && visit.kind == VisitKind::Fetch;
    if is_script { Entry::Serve(Own::TakeReport) } else { Entry::Refuse(Reason::CrossSite) }
}
