//! The session: who is signed in, sealed into one cookie.

use super::{
    cookies::{CookieName, Cookies},
    form::{self, SealedSession},
    rules::{Owner, SessionRules},
    seal::Purpose,
};
use crate::{
    identity::Identity,
    limits::{CLOCK_LEEWAY, COOKIE_BYTES_MAX},
    reason::Reason,
    time::UnixSeconds,
};

/// A session that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Who.
    pub(crate) identity: Identity,
    /// When the sign-in ended.
    pub(crate) signed_in_at: UnixSeconds,
    /// When the provider vouched last: at the sign-in, or in a silent round since.
    pub(crate) checked_at: UnixSeconds,
    /// When the session ends in any case.
    pub(crate) ends_at: UnixSeconds,
}

/// What the session cookies of a request say, each opened once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionReading {
    /// The session: of several cookies none is trusted unless exactly one is good. The caller treats all errors alike, but for
    /// the log: the visitor is signed out.
    pub(crate) session: Result<Session, SessionError>,
    /// Whose it was, also where it is not good any more.
    pub(crate) last: LastOwner,
}

/// Whom the only session cookie of a request proves to have been signed in last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastOwner(LastKnown);

#[derive(Debug, Clone, PartialEq, Eq)]
enum LastKnown {
    /// Nobody, or several.
    Nobody,
    /// The person of the session that is good, at this issuer (its hash): the subject is there, and not copied.
    OfSession(u32),
    /// Of a session that is not good any more.
    Of(Owner),
}

/// Why there is no session. The caller treats all alike, but for the log: the visitor is signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SessionError {
    /// The request has no session cookie.
    #[error("there is no session cookie")]
    Missing,
    /// Forged, foreign, truncated, oversized, of another site, sealed with an unknown key, or of a form that this version
    /// does not know.
    #[error("session cookie does not open")]
    Sealed,
    /// Two that are good: nobody can say whose request it is.
    #[error("two session cookies are good")]
    Several,
    /// Past its end.
    #[error("session has ended")]
    Ended,
    /// Nobody was seen for longer than `idle`.
    #[error("nobody was seen for too long")]
    Idle,
    /// Of a sign-in that is yet to come, by more than the clocks of replicas may differ.
    #[error("session is from the future")]
    Future,
    /// Signed in before `not_before` or a `[[revoke]]`.
    #[error("session is revoked")]
    Revoked,
    /// Today's rules look at something that this session did not keep, or its provider has changed.
    #[error("session lacks what today's rules need")]
    Outdated,
    /// The provider was not asked for longer than `recheck` and its grace: a silent round may mend it.
    #[error("session was not checked with its provider for too long")]
    Unchecked,
    /// More than fits into one cookie.
    #[error("session does not fit into one cookie")]
    TooLarge,
}

impl SessionError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(self) -> Reason {
        match self {
            Self::Missing
            | Self::Sealed
            | Self::Several
            | Self::Ended
            | Self::Idle
            | Self::Future
            | Self::Revoked
            | Self::Outdated => Reason::NotSignedIn,
            Self::Unchecked => Reason::RecheckDue,
            Self::TooLarge => Reason::SessionTooLarge,
        }
    }

    /// Why a cookie that came is no session here, in a word for access lines and metrics; none where none came.
    #[must_use]
    pub(crate) const fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Missing | Self::TooLarge => return None,
            Self::Sealed => "unreadable",
            Self::Several => "several",
            Self::Ended => "ended",
            Self::Idle => "idle",
            Self::Future => "future",
            Self::Revoked => "revoked",
            Self::Outdated => "outdated",
            Self::Unchecked => "unchecked",
        })
    }
}

impl Session {
    /// A session that starts now.
    #[must_use]
    pub(crate) const fn begin(identity: Identity, rules: &SessionRules, now: UnixSeconds) -> Self {
        Self { identity, signed_in_at: now, checked_at: now, ends_at: now.plus(rules.max_age) }
    }

    /// Seals the session into the value of the session cookie of a site (its host name).
    ///
    /// `rules` are those that the claims were projected with.
    ///
    /// # Errors
    /// [`SessionError::TooLarge`], or [`SessionError::Outdated`] where the rules do not know the provider.
    pub(crate) fn seal(&self, rules: &SessionRules, site: &str, nonce: [u8; 12]) -> Result<String, SessionError> {
        let provider = rules.provider(&self.identity.provider).ok_or(SessionError::Outdated)?;
        let Identity { provider: name, subject, email, claims } = &self.identity;
        let email = email.as_ref().map_err(|reason| reason.as_str());
        // In the order of `SealedSession`.
        let (begun, ends) = (self.signed_in_at, self.ends_at);
        let checked = (self.checked_at != begun).then_some(self.checked_at);
        let sealed = (name, provider.hash, subject, email, claims, begun, ends, &claims.1, provider.issuer);
        let needs = rules.projection_of(name).needs();
        let plain = form::encode(needs, &sealed, checked).ok_or(SessionError::TooLarge)?;
        let text = rules.keys.seal(Purpose::Session, site, &plain, nonce);
        let cookie_bytes = CookieName::Session.to_string().len() + 1 + text.len();
        if cookie_bytes <= COOKIE_BYTES_MAX { Ok(text) } else { Err(SessionError::TooLarge) }
    }

    /// Reads the session cookies of a request: the session, and whose the cookie was.
    #[must_use]
    pub(crate) fn read(cookies: &Cookies, rules: &SessionRules, site: &str, now: UnixSeconds) -> SessionReading {
        #[cfg(test)]
        crate::identity::reads::CountedRead::Session.count();
        let mut values = cookies.session_values();
        let Some(text) = values.next() else {
            return SessionReading { session: Err(SessionError::Missing), last: LastOwner::NOBODY };
        };
        let first = SessionReading::of(text, rules, site, now);
        // Of several cookies none says who was here last.
        values.fold(first, |before, text| SessionReading {
            session: match (before.session, Self::open(text, rules, site, now)) {
                (Ok(_), Ok(_)) | (Err(SessionError::Several), _) => Err(SessionError::Several),
                (Ok(session), Err(_)) | (Err(_), Ok(session)) => Ok(session),
                (Err(_), Err(error)) => Err(error),
            },
            last: LastOwner::NOBODY,
        })
    }

    /// Opens the value of a session cookie and holds it against today's rules.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub(crate) fn open(text: &str, rules: &SessionRules, site: &str, now: UnixSeconds) -> Result<Self, SessionError> {
        SessionReading::of(text, rules, site, now).session
    }
}

impl SessionReading {
    /// The reading of a site that does not take the session that rules would: whose it was stays known.
    #[must_use]
    pub(crate) fn refused(self, error: SessionError) -> Self {
        let last = match (self.last.0, self.session) {
            (LastKnown::OfSession(issuer), Ok(session)) => {
                LastKnown::Of(Owner { issuer, subject: session.identity.subject })
            }
            (last @ (LastKnown::Nobody | LastKnown::OfSession(_) | LastKnown::Of(_)), _) => last,
        };
        Self { session: Err(error), last: LastOwner(last) }
    }

    fn of(text: &str, rules: &SessionRules, site: &str, now: UnixSeconds) -> Self {
        let plain = rules.keys.open(Purpose::Session, site, text).ok();
        let needs = |provider: &_| rules.projection_of(provider).needs();
        let opened = plain.and_then(|plain| form::decode(&plain, needs));
        let Some((sealed, has_needs)) = opened else {
            return Self { session: Err(SessionError::Sealed), last: LastOwner::NOBODY };
        };
        match good_until(&sealed, has_needs, rules, now) {
            Ok(ends_at) => Self {
                last: LastOwner(sealed.issuer_hash.map_or(LastKnown::Nobody, LastKnown::OfSession)),
                session: Ok(Session {
                    signed_in_at: sealed.signed_in_at,
                    checked_at: sealed.checked_at(),
                    ends_at,
                    identity: sealed.into_identity(),
                }),
            },
            Err(error) => Self {
                session: Err(error),
                last: LastOwner(
                    sealed
                        .issuer_hash
                        .map_or(LastKnown::Nobody, |issuer| LastKnown::Of(Owner { issuer, subject: sealed.subject })),
                ),
            },
        }
    }
}

impl LastOwner {
    /// No cookie proves anybody.
    pub(crate) const NOBODY: Self = Self(LastKnown::Nobody);

    /// Who it was; `identity` is that of the session which was read with it, where that one is good.
    #[must_use]
    pub(crate) fn owner(&self, identity: Option<&Identity>) -> Option<Owner> {
        match &self.0 {
            LastKnown::Nobody => None,
            LastKnown::OfSession(issuer) => {
                identity.map(|identity| Owner { issuer: *issuer, subject: identity.subject.clone() })
            }
            LastKnown::Of(owner) => Some(owner.clone()),
        }
    }
}

/// When a session ends that today's rules take.
fn good_until(
    sealed: &SealedSession,
    has_needs: bool,
    rules: &SessionRules,
    now: UnixSeconds,
) -> Result<UnixSeconds, SessionError> {
    // Another replica's clock may be a little ahead, as for a login attempt.
    if sealed.signed_in_at.max(sealed.checked_at()) > now.plus(CLOCK_LEEWAY) {
        return Err(SessionError::Future);
    }
    // A `max_age` that was shortened since counts at once.
    let ends_at = sealed.ends_at.min(sealed.signed_in_at.plus(rules.max_age));
    if now >= ends_at {
        return Err(SessionError::Ended);
    }
    if rules.revokes(sealed) {
        return Err(SessionError::Revoked);
    }
    let known =
        rules.provider(&sealed.provider).is_some_and(|known| known.hash == sealed.provider_hash && known.takes(sealed));
    if known && has_needs { Ok(ends_at) } else { Err(SessionError::Outdated) }
}

#[cfg(test)]
pub(super) mod tests;
