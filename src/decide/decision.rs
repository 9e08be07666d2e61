//! What follows from where a request leads, who asks, and how.

use http::Method;

use super::{
    Asker, Door, Entry, Own, Part, Place, SignIn, WayBack,
    entry::{entry, sign_in},
};
use crate::{
    policy::{Access, AccessDecision, access},
    reason::Reason,
    request::{Destination, Endpoint, Visit, VisitKind},
};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// An endpoint of our own answers.
    Own(Own),
    /// The host application answers.
    Forward {
        /// Whom it is told of.
        as_whom: AsWhom,
    },
    /// Somebody has to sign in first.
    SignIn(SignIn),
    /// Somebody is signed in, and may not have this: on the record.
    Deny(Reason),
    /// No; on the record where the place has an embed.
    Refuse(Reason),
}

/// Whom the host application is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AsWhom {
    /// Nobody.
    Nobody,
    /// The visitor.
    Visitor,
}

/// Decides what a request becomes.
#[must_use]
pub(crate) fn decide(place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    // Before all else: what is attached and does not verify is never passed over.
    if let Some(reason) = asker.front.refusal() {
        return Decision::Refuse(reason);
    }
    match &place.part {
        Part::Endpoint(endpoint) => at_endpoint(endpoint, place, asker, visit),
        // Browsers send the cookies along, whatever page opens it (RFC 6455 10.2).
        Part::Route(_) | Part::Ambiguous if visit.is_foreign_websocket(&place.site.origin) => {
            Decision::Refuse(Reason::CrossSite)
        }
        Part::Ambiguous => Decision::Refuse(Reason::BadPath),
        Part::Route(_) if place.is_of_application() && !place.is_forwarded() => Decision::Refuse(Reason::NoUpstream),
        Part::Route(_) => at_route(place, asker, visit),
    }
}

fn at_endpoint(endpoint: &Endpoint, place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    let link = |back| Some(SignIn::Link { reason: asker.why_nobody(), back });
    let (door, for_nobody) = match endpoint {
        Endpoint::StableLink { .. } | Endpoint::To => return at_embed(place, asker, visit),
        Endpoint::EmbedApi { .. } if place.embed.is_none() => return Decision::Refuse(Reason::EmbedUnknown),
        Endpoint::EmbedApi { .. } => (Door::EmbedApi, link(WayBack::Referrer)),
        Endpoint::SignInStart | Endpoint::Callback | Endpoint::SignOut | Endpoint::SignedOut
            if place.site.sign_in.is_empty() =>
        {
            return Decision::Refuse(Reason::NoSignIn);
        }
        Endpoint::SignInStart => (Door::SignInStart, None),
        Endpoint::Callback => (Door::Callback { takes_forms: place.site.takes_form_answers }, None),
        Endpoint::SignOut => (Door::SignOut, None),
        Endpoint::SignedOut => (Door::SignedOut, None),
        Endpoint::UserInfo => (Door::UserInfo, link(WayBack::Root)),
        Endpoint::Events => (Door::Events, link(WayBack::Referrer)),
        Endpoint::Style => (Door::Style, None),
        Endpoint::Script => (Door::Script, None),
        Endpoint::AssertionKeys => (Door::AssertionKeys, None),
        Endpoint::Unknown => return Decision::Refuse(Reason::NotFound),
    };
    behind(door, for_nobody, place, asker, visit)
}

/// The stable link, by name or by a Sigma URL, or a route that answers as one.
fn at_embed(place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    if is_checked_first(place, asker, visit) {
        return Decision::SignIn(SignIn::Redirect);
    }
    match &place.embed {
        Some(embed) => {
            behind(Door::StableLink(embed.opening), Some(for_nobody_at(place, asker, visit)), place, asker, visit)
        }
        None => Decision::Refuse(Reason::EmbedUnknown),
    }
}

/// How nobody is told to sign in at an embed or a route.
fn for_nobody_at(place: &Place, asker: &Asker, visit: &Visit) -> SignIn {
    // Passed on by a service worker, which does not say whether for a frame: no provider lets itself be framed.
    let is_perhaps_framed = place.embed.is_some() && visit.destination == Destination::Empty;
    if is_perhaps_framed {
        return SignIn::Link { reason: asker.why_nobody(), back: WayBack::Referrer };
    }
    sign_in(asker, visit)
}

/// Somebody is needed, and nobody is known: they sign in, where there is a sign-in. Where a proxy in front signs people in, it has not
/// done so, and a redirect would only come back.
fn for_nobody_of(place: &Place, asker: &Asker, how: SignIn) -> Decision {
    if !place.site.sign_in.is_empty() {
        return Decision::SignIn(how);
    }
    let why = asker.why_nobody();
    Decision::Refuse(if why == Reason::IdentityConflict { why } else { Reason::AssertionMissing })
}

/// Whether the provider is asked about the session before anything is given: only a navigation of the whole tab can go there and come
/// back.
fn is_checked_first(place: &Place, asker: &Asker, visit: &Visit) -> bool {
    let is_of_tab = visit.kind == VisitKind::Navigation && visit.destination != Destination::Empty;
    is_of_tab && visit.method == Method::GET && asker.is_to_be_checked() && !matches!(place.access(), Access::Public)
}

/// An endpoint of ours; `for_nobody`: how somebody is told to sign in whom it needs to know.
fn behind(door: Door, for_nobody: Option<SignIn>, place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    let is_hidden = || place.embed.as_ref().is_some_and(|embed| !place.site.shows(&embed.name));
    let foreign = visit.of_another_origin(&place.site.origin);
    match (entry(door, foreign.as_ref().unwrap_or(visit)), for_nobody) {
        (Entry::Refuse(reason), _) => Decision::Refuse(reason),
        (Entry::OfferSignIn, _) => Decision::SignIn(SignIn::of_start()),
        (Entry::Serve(_), Some(how)) if asker.visitor.is_none() => for_nobody_of(place, asker, how),
        (Entry::Serve(_), _) if is_hidden() => Decision::Refuse(Reason::EmbedNotAllowed),
        (Entry::Serve(own), _) => Decision::Own(own),
    }
}

/// A route, or a path that none has: whether it is the host application's, and whom that is told of.
pub(super) fn at_route(place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    if is_checked_first(place, asker, visit) {
        return Decision::SignIn(SignIn::Redirect);
    }
    let admitted = |needed: &Access| match access(needed, asker.identity()) {
        AccessDecision::SignIn => Err(for_nobody_of(place, asker, for_nobody_at(place, asker, visit))),
        AccessDecision::Deny => Err(Decision::Deny(Reason::AccessDenied)),
        AccessDecision::Unknown => Err(Decision::Deny(Reason::ClaimUnknown)),
        AccessDecision::AllowAnonymous => Ok(AsWhom::Nobody),
        AccessDecision::Allow => Ok(AsWhom::Visitor),
    };
    // Whoever copies or moves needs both ends, and is told of at either.
    let second = match place.second_access() {
        Ok(needed) => needed.map(admitted),
        Err(reason) => return Decision::Refuse(reason),
    };
    let as_whom = match (admitted(place.access()), second) {
        (Err(decision), _) | (Ok(_), Some(Err(decision))) => return decision,
        (Ok(AsWhom::Visitor), _) | (_, Some(Ok(AsWhom::Visitor))) => AsWhom::Visitor,
        (Ok(AsWhom::Nobody), None | Some(Ok(AsWhom::Nobody))) => AsWhom::Nobody,
    };
    if place.is_of_application() { Decision::Forward { as_whom } } else { at_embed(place, asker, visit) }
}

/// What the place takes, where that is not every method: what a 405 names in `Allow` (RFC 9110 15.5.6).
#[must_use]
pub(crate) fn allowed_methods(place: &Place) -> &'static [Method] {
    let of_link = || place.embed.as_ref().map_or(&[][..], |embed| Door::StableLink(embed.opening).methods());
    match &place.part {
        Part::Endpoint(endpoint) => match endpoint {
            Endpoint::StableLink { .. } | Endpoint::To => of_link(),
            Endpoint::EmbedApi { .. } => Door::EmbedApi.methods(),
            Endpoint::SignInStart => Door::SignInStart.methods(),
            Endpoint::Callback => Door::Callback { takes_forms: place.site.takes_form_answers }.methods(),
            Endpoint::SignOut => Door::SignOut.methods(),
            Endpoint::SignedOut => Door::SignedOut.methods(),
            Endpoint::UserInfo => Door::UserInfo.methods(),
            Endpoint::Events => Door::Events.methods(),
            Endpoint::Style => Door::Style.methods(),
            Endpoint::Script => Door::Script.methods(),
            Endpoint::AssertionKeys => Door::AssertionKeys.methods(),
            Endpoint::Unknown => &[],
        },
        Part::Route(_) => of_link(),
        Part::Ambiguous => &[],
    }
}
