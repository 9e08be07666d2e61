//! What a proxy in front is told that keeps a request and asks about it: the same decision as of a request that came by itself.

use super::{AsWhom, Asker, Decision, Part, Place, SignIn, decision::at_route};
use crate::{reason::Reason, request::Visit};

/// What a proxy is told of a request that it asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// It may go on to the host application.
    Allow {
        /// Whom the host application is told of.
        as_whom: AsWhom,
    },
    /// Somebody has to sign in first, and can be sent there.
    SignIn,
    /// Somebody comes back from a sign-out, and is not signed in again unasked.
    SignedOut,
    /// Somebody is signed in, and may not have this: on the record.
    Deny(Reason),
    /// No.
    Refuse(Reason),
}

/// Decides what is said of a request that a proxy asks about.
///
/// What the gateway itself answers is routed to it and never asked about: let pass, it would reach the host application by nobody's
/// leave; sent to sign in, the sign-in itself would never begin.
#[must_use]
pub(crate) fn ruling(place: &Place, asker: &Asker, visit: &Visit) -> Ruling {
    if let Some(reason) = asker.front.refusal() {
        return Ruling::Refuse(reason);
    }
    match &place.part {
        Part::Endpoint(_) => return Ruling::Refuse(Reason::ForwardAuthOwn),
        Part::Route(_) | Part::Ambiguous if visit.is_foreign_websocket(&place.site.origin) => {
            return Ruling::Refuse(Reason::CrossSite);
        }
        Part::Ambiguous => return Ruling::Refuse(Reason::BadPath),
        Part::Route(_) if !place.is_of_application() => return Ruling::Refuse(Reason::ForwardAuthOwn),
        Part::Route(_) => {}
    }
    match at_route(place, asker, visit) {
        Decision::Forward { as_whom } => Ruling::Allow { as_whom },
        Decision::SignIn(SignIn::Redirect) => Ruling::SignIn,
        Decision::SignIn(SignIn::SignedOut) => Ruling::SignedOut,
        Decision::SignIn(SignIn::Link { reason, .. }) | Decision::Refuse(reason) => Ruling::Refuse(reason),
        Decision::Deny(reason) => Ruling::Deny(reason),
        Decision::Own(_) => Ruling::Refuse(Reason::ForwardAuthOwn),
    }
}
