//! What a silent round is about: a session whose provider is asked again whether it still vouches.

use serde::{Deserialize, Serialize};

use super::{rules::Owner, rules::SessionRules, session::Session};
use crate::{identity::EmailAddress, limits::RECHECK_GRACE, time::UnixSeconds};

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

/// A session that its provider is to be asked about (`session.recheck`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueCheck {
    /// The session.
    pub(crate) held: HeldSession,
    /// Which provider vouches for it.
    pub(crate) provider: crate::identity::ProviderName,
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
