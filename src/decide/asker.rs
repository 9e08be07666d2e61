//! Who asks, as far as it counts at a place.

use super::{FrontCheck, Place};
use crate::{
    identity::{
        CookieName, Cookies, DueCheck, Identity, Idleness, LastOwner, Owner, Session, SessionError, SessionReading,
        SessionRules, Visitor,
    },
    policy::{PersonCheck, Unproven, same_person},
    reason::Reason,
    request::Asserted,
    time::UnixSeconds,
};

/// Who asks for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The visitor: who is signed in, as far as that counts here.
    pub(crate) visitor: Option<Visitor>,
    /// Whether it is the person whom the proxy in front has signed in.
    pub(crate) person: PersonCheck,
    /// What follows of what it has attached.
    pub(crate) front: FrontCheck,
    /// Whose session is set aside, because of what `person` or `front` says.
    pub(crate) set_aside: Option<Identity>,
    /// Why the cookies hold no session.
    pub(crate) fault: Option<SessionError>,
    /// Whose the session cookie was, also where it is not good any more.
    pub(crate) last: LastOwner,
    /// The session that its provider is to be asked about, also where it vouches for nobody until then.
    pub(crate) due: Option<Box<DueCheck>>,
    /// Whether the browser is to be told that the person was seen now.
    pub(crate) renews_last_seen: bool,
    /// Whether the browser has a counter of sign-in rounds.
    pub(crate) counts_rounds: bool,
    /// Whether the browser comes back from a sign-out at the provider.
    pub(crate) has_signed_out: bool,
}

/// Reads it off the cookies and what a proxy in front says; what it has attached comes then ([`attest`](super::attest)).
#[must_use]
pub(crate) fn identify(
    place: &Place,
    rules: &SessionRules,
    cookies: &Cookies,
    asserted: &Asserted,
    now: UnixSeconds,
) -> Asker {
    let asker = Asker {
        counts_rounds: cookies.has(&CookieName::LoginRounds),
        has_signed_out: cookies.has(&CookieName::SignedOut),
        ..Asker::of(None)
    };
    let SessionReading { session, last } = session_at(place, rules, cookies, now);
    let session = match session {
        Ok(session) => session,
        // Every cause is the same to the visitor: signed out.
        Err(fault) => {
            return Asker { fault: Some(fault), last, ..asker };
        }
    };
    let person = match asserted {
        Asserted::Unasked => PersonCheck::Unasked,
        Asserted::Said(_) | Asserted::Unsaid(_) if !place.compares_persons() => PersonCheck::Exempt,
        Asserted::Said(_) | Asserted::Unsaid(_) => same_person(&session.identity, asserted),
    };
    if !person.is_session_good() {
        let set_aside = Some(session.identity);
        return Asker { person, set_aside, last, ..asker };
    }
    let idleness = rules.idleness(&session, cookies, place.site_name(), now);
    if idleness == Idleness::Over {
        return Asker { fault: Some(SessionError::Idle), last: owner_of(session, last), ..asker };
    }
    let renews_last_seen = idleness == Idleness::ToBeRenewed;
    let due = DueCheck::of(&session, rules, now).map(Box::new);
    if now >= rules.vouches_until(&session) {
        return Asker { fault: Some(SessionError::Unchecked), last: owner_of(session, last), due, ..asker };
    }
    Asker { visitor: Some(Visitor::of(session, rules)), person, last, due, renews_last_seen, ..asker }
}

/// Whose a session was that counts no more, as far as `last` proves it.
fn owner_of(session: Session, last: LastOwner) -> LastOwner {
    SessionReading { session: Ok(session), last }.refused(SessionError::Ended).last
}

/// Whom a session vouches for now: nobody where its provider should have been asked long since.
pub(super) fn vouched(session: Session, rules: &SessionRules, now: UnixSeconds) -> Result<Visitor, SessionError> {
    let visitor = Visitor::of(session, rules);
    if now < visitor.ends_at { Ok(visitor) } else { Err(SessionError::Unchecked) }
}

/// The session of the cookies at a place: [`SessionError::Outdated`] also where the site does not name its provider any more.
pub(super) fn session_at(place: &Place, rules: &SessionRules, cookies: &Cookies, now: UnixSeconds) -> SessionReading {
    let reading = Session::read(cookies, rules, place.site_name(), now);
    // A site trusts the providers that it names, also when it named others yesterday.
    let is_foreign =
        reading.session.as_ref().is_ok_and(|session| !place.site.sign_in.contains(&session.identity.provider));
    if is_foreign { reading.refused(SessionError::Outdated) } else { reading }
}

impl Asker {
    /// Somebody of whom nothing is compared, or nobody.
    #[must_use]
    pub(crate) const fn of(visitor: Option<Visitor>) -> Self {
        Self {
            visitor,
            person: PersonCheck::Unasked,
            front: FrontCheck::Unasked,
            set_aside: None,
            fault: None,
            last: LastOwner::NOBODY,
            due: None,
            renews_last_seen: false,
            counts_rounds: false,
            has_signed_out: false,
        }
    }

    /// Whether the provider is asked, silently, before anything else: once, for where a round has just been, another one would mend
    /// nothing.
    #[must_use]
    pub(crate) const fn is_to_be_checked(&self) -> bool {
        self.due.is_some() && !self.counts_rounds
    }

    /// Who it is.
    #[must_use]
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.visitor.as_ref().map(|visitor| &visitor.identity)
    }

    /// Whom the browser proves to have been signed in last.
    #[must_use]
    pub(crate) fn owner(&self) -> Option<Owner> {
        self.last.owner(self.identity().or(self.set_aside.as_ref()))
    }

    /// Two session cookies are good: none is believed.
    #[must_use]
    pub(crate) fn has_two_sessions(&self) -> bool {
        self.fault == Some(SessionError::Several)
    }

    /// Whether somebody else is signed in at the proxy in front.
    #[must_use]
    pub(crate) fn is_somebody_else(&self) -> bool {
        match self.front {
            FrontCheck::Conflict { .. } => true,
            FrontCheck::Unasked | FrontCheck::Missing | FrontCheck::Vouches | FrontCheck::Refused(_) => {
                self.person == PersonCheck::Differs
            }
        }
    }

    /// Whether a sign-in has brought a session that is of use: it ends the count of rounds.
    #[must_use]
    pub(crate) const fn is_proven(&self) -> bool {
        self.visitor.is_some() && self.person.is_proven()
    }

    /// Why a request of nobody is refused.
    #[must_use]
    pub(crate) const fn why_nobody(&self) -> Reason {
        match self.person {
            PersonCheck::Differs | PersonCheck::Nobody(Unproven::NoAddress) => Reason::IdentityConflict,
            PersonCheck::Unasked
            | PersonCheck::Exempt
            | PersonCheck::Same
            | PersonCheck::Nobody(Unproven::Unsaid(_)) => match self.due {
                Some(_) => Reason::RecheckDue,
                None => Reason::NotSignedIn,
            },
        }
    }
}
