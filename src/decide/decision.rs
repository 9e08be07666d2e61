//! What follows from where a request leads, who asks, and how.

use super::{
    Asker, Door, Entry, Part, Place, SignIn,
    entry::{entry, sign_in},
};
use crate::{
    embed::EmbedName,
    policy::{AccessDecision, access},
    reason::Reason,
    request::{Endpoint, Visit},
};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The endpoint of the place answers.
    Endpoint,
    /// The person confirms first that they want to sign out.
    ConfirmSignOut,
    /// The host application answers.
    Forward {
        /// Whom it is told of.
        as_whom: AsWhom,
    },
    /// The place answers as the stable link of this embed.
    StableLink(EmbedName),
    /// Somebody has to sign in first.
    SignIn(SignIn),
    /// Somebody is signed in, and may not have this: on the record.
    Deny(Reason),
    /// No.
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

/// Decides what a request becomes. What the stable link and the embed API let in depends on the embed, which they find: they ask
/// [`entry`] themselves.
#[must_use]
pub(crate) fn decide(place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    match &place.part {
        Part::Endpoint(endpoint) => at_endpoint(endpoint, visit),
        // Browsers send the cookies along, whatever page opens it (RFC 6455 10.2).
        Part::Route(_) | Part::Ambiguous if visit.is_foreign_websocket(&place.site.origin) => {
            Decision::Refuse(Reason::CrossSite)
        }
        Part::Ambiguous => Decision::Refuse(Reason::BadPath),
        Part::Route(_) => at_route(place, asker, visit),
    }
}

fn at_endpoint(endpoint: &Endpoint, visit: &Visit) -> Decision {
    let door = match endpoint {
        Endpoint::SignInStart => Door::SignInStart,
        Endpoint::Callback => Door::Callback,
        Endpoint::SignOut => Door::SignOut,
        Endpoint::UserInfo => Door::UserInfo,
        Endpoint::Script | Endpoint::Style => Door::Asset,
        Endpoint::Events => Door::Events,
        Endpoint::Unknown => return Decision::Refuse(Reason::NotFound),
        // What they let in depends on the embed: they ask the table themselves.
        Endpoint::StableLink { .. } | Endpoint::EmbedApi { .. } => return Decision::Endpoint,
    };
    match entry(door, visit) {
        Entry::Serve | Entry::Page => Decision::Endpoint,
        Entry::Confirm => Decision::ConfirmSignOut,
        Entry::OfferSignIn => Decision::SignIn(SignIn::of_start()),
        Entry::Refuse(reason) => Decision::Refuse(reason),
    }
}

fn at_route(place: &Place, asker: &Asker, visit: &Visit) -> Decision {
    let as_whom = match access(place.access(), asker.identity()) {
        AccessDecision::SignIn => return Decision::SignIn(sign_in(asker, visit)),
        AccessDecision::Deny => return Decision::Deny(Reason::AccessDenied),
        AccessDecision::Unknown => return Decision::Deny(Reason::ClaimUnknown),
        AccessDecision::AllowAnonymous => AsWhom::Nobody,
        AccessDecision::Allow => AsWhom::Visitor,
    };
    match place.embed() {
        Some(name) => Decision::StableLink(name.clone()),
        None => Decision::Forward { as_whom },
    }
}
