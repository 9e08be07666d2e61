//! Who asks, as far as it counts at a place.

use super::Place;
use crate::{
    identity::{CookieJar, CookieName, Identity, Session, SessionError, SessionRules},
    policy::{PersonCheck, Unproven, same_person},
    reason::Reason,
    request::Asserted,
    time::UnixSeconds,
};

/// Who asks for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The visitor: who is signed in, as far as that counts here.
    pub visitor: Option<Session>,
    /// Whether it is the person whom the proxy in front has signed in.
    pub person: PersonCheck,
    /// Whose session is set aside, because of what `person` says.
    pub set_aside: Option<Identity>,
    /// Why the cookies hold no session.
    pub fault: Option<SessionError>,
    /// Whether the browser has a counter of sign-in rounds.
    pub counts_rounds: bool,
}

/// Reads it off the cookies and what a proxy in front says.
#[must_use]
pub fn identify(
    place: &Place,
    rules: &SessionRules,
    jar: &CookieJar<'_>,
    asserted: &Asserted,
    now: UnixSeconds,
) -> Asker {
    let counts_rounds = jar.has(&CookieName::LoginRounds);
    let session = match session_at(place, rules, jar, now) {
        Ok(session) => session,
        // Every cause is the same to the visitor: signed out.
        Err(fault) => {
            return Asker { fault: Some(fault), counts_rounds, ..Asker::of(None) };
        }
    };
    let person = match asserted {
        Asserted::Unasked => PersonCheck::Unasked,
        Asserted::Said(_) | Asserted::Unsaid(_) if !place.compares_persons() => PersonCheck::Exempt,
        Asserted::Said(_) | Asserted::Unsaid(_) => same_person(&session.identity, asserted),
    };
    let (visitor, set_aside) =
        if person.is_session_good() { (Some(session), None) } else { (None, Some(session.identity)) };
    Asker { visitor, person, set_aside, fault: None, counts_rounds }
}

/// The session of the cookies at a place.
///
/// # Errors
/// See [`SessionError`]: [`SessionError::Outdated`] also where the site names another provider now.
pub(super) fn session_at(
    place: &Place,
    rules: &SessionRules,
    jar: &CookieJar<'_>,
    now: UnixSeconds,
) -> Result<Session, SessionError> {
    let session = Session::of(jar, rules, place.site_name(), now)?;
    // A site trusts the provider that it names, also when it named another one yesterday.
    if session.identity.provider == place.site.sign_in { Ok(session) } else { Err(SessionError::Outdated) }
}

impl Asker {
    /// Somebody of whom nothing is compared, or nobody.
    #[must_use]
    pub const fn of(visitor: Option<Session>) -> Self {
        Self { visitor, person: PersonCheck::Unasked, set_aside: None, fault: None, counts_rounds: false }
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.visitor.as_ref().map(|visitor| &visitor.identity)
    }

    /// Two session cookies are good: none is believed.
    #[must_use]
    pub fn has_two_sessions(&self) -> bool {
        self.fault == Some(SessionError::Several)
    }

    /// Whether somebody else is signed in at the proxy in front.
    #[must_use]
    pub fn is_somebody_else(&self) -> bool {
        self.person == PersonCheck::Differs
    }

    /// Whether a sign-in has brought a session that is of use: it ends the count of rounds.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        self.visitor.is_some() && self.person.is_proven()
    }

    /// Why a request of nobody is refused.
    #[must_use]
    pub const fn why_nobody(&self) -> Reason {
        match self.person {
            PersonCheck::Differs | PersonCheck::Nobody(Unproven::NoAddress) => Reason::IdentityConflict,
            PersonCheck::Unasked
            | PersonCheck::Exempt
            | PersonCheck::Same
            | PersonCheck::Nobody(Unproven::Unsaid(_)) => Reason::NotSignedIn,
        }
    }
}
