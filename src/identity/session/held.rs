//! What a silent round is about: a session whose provider is asked again whether it still vouches.

use serde::{Deserialize, Serialize};

use super::{
    rules::{Owner, SessionRules},
    session::Session,
};
use crate::{
    identity::{EmailAddress, Identity, ProviderName},
    limits::RECHECK_GRACE,
    time::UnixSeconds,
};

/// What of a session a silent round keeps: whose it is, and its beginning and end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeldSession {
    /// Of whom.
    #[serde(rename = "o")]
    pub(crate) owner: Owner,
    /// When the sign-in ended.
    #[serde(rename = "b")]
    pub(crate) signed_in_at: UnixSeconds,
    /// When the session ends in any case.
    #[serde(rename = "e")]
    pub(crate) ends_at: UnixSeconds,
}

impl HeldSession {
    /// The session again, where the provider vouches for the same person: it begins and ends as before.
    #[must_use]
    pub(crate) const fn checked(&self, identity: Identity, now: UnixSeconds) -> Session {
        Session { identity, signed_in_at: self.signed_in_at, checked_at: now, ends_at: self.ends_at }
    }
}

/// A session that its provider is to be asked about (`session.recheck`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueCheck {
    /// The session.
    pub(crate) held: HeldSession,
    /// Which provider vouches for it.
    pub(crate) provider: ProviderName,
    /// The person's address, where it is known: a provider at which several are signed in needs a name (`login_hint`).
    pub(crate) hint: Option<String>,
}

impl DueCheck {
    /// Where the provider was not asked for as long as the rules say.
    #[must_use]
    pub(crate) fn of(session: &Session, rules: &SessionRules, now: UnixSeconds) -> Option<Self> {
        let due_at = session.checked_at.plus(rules.recheck?);
        (now >= due_at).then(|| Self::about(session, rules)).flatten()
    }

    /// Whenever it was asked last; `None` where the provider is not one of today's.
    #[must_use]
    pub(crate) fn about(session: &Session, rules: &SessionRules) -> Option<Self> {
        let (signed_in_at, ends_at) = (session.signed_in_at, session.ends_at);
        Some(Self {
            held: HeldSession { owner: rules.owner(&session.identity)?, signed_in_at, ends_at },
            provider: session.identity.provider.clone(),
            hint: session.identity.email.as_ref().ok().map(EmailAddress::as_str).map(str::to_owned),
        })
    }
}

impl SessionRules {
    /// Until when a session vouches for somebody: to its end, and no longer than the grace after its provider should have been
    /// asked.
    #[must_use]
    pub(crate) fn vouches_until(&self, session: &Session) -> UnixSeconds {
        let checked_until = |recheck| session.checked_at.plus(recheck).plus(RECHECK_GRACE);
        self.recheck.map_or(session.ends_at, |recheck| session.ends_at.min(checked_until(recheck)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        identity::{
            Purpose, SessionError,
            session::session::tests::{ann, open, resealed, rules},
            testing::{NOW, SITE},
        },
        limits::CLOCK_LEEWAY,
    };

    #[test]
    fn a_session_that_was_checked_since_keeps_its_beginning_and_end_and_says_when() {
        let rules = rules(&["finance"]);
        let (held, at) = (DueCheck::about(&ann(&rules), &rules).unwrap().held, NOW.plus(Duration::from_secs(600)));
        let checked = held.checked(ann(&rules).identity, at);
        assert_eq!((checked.signed_in_at, checked.ends_at, checked.checked_at), (NOW, ann(&rules).ends_at, at));
        let sealed = checked.seal(&rules, SITE, [7; 12]).unwrap();
        assert_eq!(Session::open(&sealed, &rules, SITE, at), Ok(checked));
        assert_eq!(Session::open(&sealed, &rules, SITE, ann(&rules).ends_at), Err(SessionError::Ended));
        let early = at.minus(CLOCK_LEEWAY).minus(Duration::from_secs(1));
        assert_eq!(
            Session::open(&sealed, &rules, SITE, early),
            Err(SessionError::Future),
            "checked in the time to come"
        );
        let plain = rules.keys.open(Purpose::Session, SITE, &sealed).unwrap();
        assert_eq!(plain[0], 17, "only such a session has the newer form: replicas of before read all others");
        let without = resealed(&rules, |plain| plain[0] = 17);
        assert_eq!(open(&without, &rules), Err(SessionError::Sealed));
    }

    #[test]
    fn a_session_is_due_when_recheck_is_over_and_only_where_there_is_one() {
        let mut rules = rules(&["finance"]);
        let due =
            |rules: &SessionRules, after: u64| DueCheck::of(&ann(rules), rules, NOW.plus(Duration::from_secs(after)));
        assert_eq!(due(&rules, 3_000), None);
        rules.recheck = Some(Duration::from_secs(900));
        assert_eq!(due(&rules, 899), None);
        assert_eq!(due(&rules, 900).map(|due| due.hint.unwrap()).as_deref(), Some("Ann@example.com"));
    }
}
