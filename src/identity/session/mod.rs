//! The session: who is signed in, sealed into one cookie.
//!
//! The plain text is what it kept (a count and as many 32-bit hashes, ascending) and then a JSON array.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Claims, CookieJar, CookieName, EmailAddress, EmailVerification, Identity, OidcSettings, Projection, ProviderName,
    Purpose, SealKeys, claims::LeftOut, short_hash::short_hash,
};
use crate::{
    limits::{CLOCK_LEEWAY, COOKIE_BYTES_MAX},
    reason::Reason,
    time::UnixSeconds,
};

/// A session that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub identity: Identity,
    /// When the sign-in ended.
    pub signed_in_at: UnixSeconds,
    /// When the session ends in any case.
    pub ends_at: UnixSeconds,
}

/// A `[[revoke]]`: who signed in before that moment signs in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Whose sessions.
    pub whose: Revoked,
    /// The moment.
    pub signed_in_before: UnixSeconds,
}

/// Whom a `[[revoke]]` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// By the verified address, without regard to ASCII case.
    Email(String),
    /// By the provider's id of the person, byte for byte: it also reaches those without a verified address.
    Subject {
        /// The id, as audit lines have it.
        subject: String,
        /// Ids are unique per provider; none: whoever has this id at any of them.
        provider: Option<ProviderName>,
    },
}

/// Who somebody is, whatever the provider is called: an issuer (its hash), and its id of the person (OIDC Core 5.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    issuer: u32,
    subject: String,
}

/// A provider that is configured today, with a hash of what made its word good: issuer, client, e-mail rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownProvider {
    name: ProviderName,
    hash: u32,
    issuer: u32,
}

/// What makes a session good today.
#[derive(Debug, Clone)]
pub struct SessionRules {
    /// First seals, all open.
    pub keys: SealKeys,
    /// How long a session lasts.
    pub max_age: Duration,
    /// Everyone who signed in earlier signs in again.
    pub not_before: Option<UnixSeconds>,
    /// Single people who sign in again.
    pub revocations: Vec<Revocation>,
    /// What today's rules look at.
    pub projection: Projection,
    /// Who may vouch today.
    pub providers: Vec<KnownProvider>,
}

/// Why there is no session. The caller treats all alike, but for the log: the visitor is signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The request has no session cookie.
    #[error("there is no session cookie")]
    Missing,
    /// Forged, foreign, truncated, oversized, of another site or sealed with an unknown key.
    #[error("session cookie does not open")]
    Sealed,
    /// Two that are good: nobody can say whose request it is.
    #[error("two session cookies are good")]
    Several,
    /// Past its end.
    #[error("session has ended")]
    Ended,
    /// Of a sign-in that is yet to come, by more than the clocks of replicas may differ.
    #[error("session is from the future")]
    Future,
    /// Signed in before `not_before` or a `[[revoke]]`.
    #[error("session is revoked")]
    Revoked,
    /// Today's rules look at something that this session did not keep, or its provider has changed.
    #[error("session lacks what today's rules need")]
    Outdated,
    /// More than fits into one cookie.
    #[error("session does not fit into one cookie")]
    TooLarge,
}

impl KnownProvider {
    /// The provider of these settings. A change of anything but secret and scopes asks its people to sign in again.
    #[must_use]
    pub fn of(settings: &OidcSettings) -> Self {
        let flag;
        let verified = match &settings.email_verified {
            EmailVerification::Required => "required",
            EmailVerification::TrustedIssuer => "trusted-issuer",
            EmailVerification::Claim(path) => {
                flag = format!("claim {}", path.as_str());
                &flag
            }
        };
        let mut domains: Vec<&str> = settings.email_domains.iter().map(super::EmailDomain::as_str).collect();
        domains.sort_unstable();
        let mut parts = vec![settings.issuer.as_str(), &settings.client_id, settings.email.as_str(), verified];
        if !settings.email.is_email() {
            // Sessions from when `email_verified` vouched for any claim are not good any more.
            parts.push("not email");
        }
        parts.extend(domains);
        Self { name: settings.name.clone(), hash: short_hash(&parts), issuer: short_hash(&[&settings.issuer]) }
    }
}

impl SessionError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Missing
            | Self::Sealed
            | Self::Several
            | Self::Ended
            | Self::Future
            | Self::Revoked
            | Self::Outdated => Reason::NotSignedIn,
            Self::TooLarge => Reason::SessionTooLarge,
        }
    }
}

impl Session {
    /// A session that starts now.
    #[must_use]
    pub const fn begin(identity: Identity, rules: &SessionRules, now: UnixSeconds) -> Self {
        Self { identity, signed_in_at: now, ends_at: now.plus(rules.max_age) }
    }

    /// Seals the session into the value of the session cookie of a site (its host name).
    ///
    /// `rules` are those that the claims were projected with.
    ///
    /// # Errors
    /// [`SessionError::TooLarge`], or [`SessionError::Outdated`] where the rules do not know the provider.
    pub fn seal(&self, rules: &SessionRules, site: &str, nonce: [u8; 12]) -> Result<String, SessionError> {
        let provider = rules.provider(&self.identity.provider).ok_or(SessionError::Outdated)?;
        let Identity { provider: name, subject, email, claims } = &self.identity;
        let email = email.as_ref().map_err(|reason| reason.as_str());
        // In the order of `SealedSession`.
        let (begun, ends) = (self.signed_in_at, self.ends_at);
        let sealed = (name, provider.hash, subject, email, claims, begun, ends, &claims.1, provider.issuer);
        let mut plain = encode_kept(rules.projection.needs()).ok_or(SessionError::TooLarge)?;
        plain.extend(serde_json::to_vec(&sealed).map_err(|_| SessionError::TooLarge)?);
        let text = rules.keys.seal(Purpose::Session, site, &plain, nonce);
        let cookie_bytes = CookieName::Session.to_string().len() + 1 + text.len();
        if cookie_bytes <= COOKIE_BYTES_MAX { Ok(text) } else { Err(SessionError::TooLarge) }
    }

    /// The session of a request: of several session cookies none is trusted unless exactly one is good.
    ///
    /// # Errors
    /// See [`SessionError`]; the visitor is signed out.
    pub fn of(jar: &CookieJar<'_>, rules: &SessionRules, site: &str, now: UnixSeconds) -> Result<Self, SessionError> {
        let mut found = Err(SessionError::Missing);
        for text in jar.session_values() {
            found = match (found, Self::open(text, rules, site, now)) {
                (Ok(_), Ok(_)) => return Err(SessionError::Several),
                (Ok(session), Err(_)) | (Err(_), Ok(session)) => Ok(session),
                (Err(_), Err(error)) => Err(error),
            };
        }
        found
    }

    /// Who the browser proves to have been signed in last, also where the session is not good any more.
    #[must_use]
    pub fn owner(jar: &CookieJar<'_>, rules: &SessionRules, site: &str) -> Option<Owner> {
        let mut values = jar.session_values();
        let (Some(text), None) = (values.next(), values.next()) else { return None };
        let plain = rules.keys.open(Purpose::Session, site, text).ok()?;
        let sealed: SealedSession = serde_json::from_slice(decode_kept(&plain)?.1).ok()?;
        Some(Owner { issuer: sealed.issuer_hash?, subject: sealed.subject })
    }

    /// Opens the value of a session cookie and holds it against today's rules.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn open(text: &str, rules: &SessionRules, site: &str, now: UnixSeconds) -> Result<Self, SessionError> {
        let plain = rules.keys.open(Purpose::Session, site, text).map_err(|_| SessionError::Sealed)?;
        let (kept, json) = decode_kept(&plain).ok_or(SessionError::Sealed)?;
        let sealed: SealedSession = serde_json::from_slice(json).map_err(|_| SessionError::Sealed)?;
        // Another replica's clock may be a little ahead, as for a login attempt.
        if sealed.signed_in_at > now.plus(CLOCK_LEEWAY) {
            return Err(SessionError::Future);
        }
        // A `max_age` that was shortened since counts at once.
        let ends_at = sealed.ends_at.min(sealed.signed_in_at.plus(rules.max_age));
        if now >= ends_at {
            return Err(SessionError::Ended);
        }
        if rules.revokes(&sealed) {
            return Err(SessionError::Revoked);
        }
        let known = rules.provider(&sealed.provider).is_some_and(|known| known.hash == sealed.provider_hash);
        if !known || !contains_all(kept, rules.projection.needs()) {
            return Err(SessionError::Outdated);
        }
        Ok(Self { signed_in_at: sealed.signed_in_at, ends_at, identity: sealed.into_identity() })
    }
}

impl SessionRules {
    fn provider(&self, name: &ProviderName) -> Option<&KnownProvider> {
        self.providers.iter().find(|known| known.name == *name)
    }

    /// Who somebody with this identity is; `None` where the provider is not one of today's.
    #[must_use]
    pub fn owner(&self, identity: &Identity) -> Option<Owner> {
        let provider = self.provider(&identity.provider)?;
        Some(Owner { issuer: provider.issuer, subject: identity.subject.clone() })
    }

    fn revokes(&self, session: &SealedSession) -> bool {
        let is_before = |moment: UnixSeconds| session.signed_in_at < moment;
        let names = |revocation: &Revocation| is_before(revocation.signed_in_before) && revocation.whose.names(session);
        self.not_before.is_some_and(is_before) || self.revocations.iter().any(names)
    }
}

impl Revoked {
    fn names(&self, session: &SealedSession) -> bool {
        match self {
            Self::Email(whose) => {
                let is_theirs = |email: &EmailAddress| email.as_str().trim().eq_ignore_ascii_case(whose.trim());
                session.email.as_ref().is_ok_and(is_theirs)
            }
            Self::Subject { subject, provider } => {
                *subject == session.subject && provider.as_ref().is_none_or(|name| *name == session.provider)
            }
        }
    }
}

/// What is sealed: an array without names, because it is a cookie and is read with every request.
#[derive(Deserialize)]
struct SealedSession {
    provider: ProviderName,
    provider_hash: u32,
    subject: String,
    email: Result<EmailAddress, String>,
    claims: Claims,
    signed_in_at: UnixSeconds,
    ends_at: UnixSeconds,
    #[serde(default)]
    left_out: LeftOut,
    /// Sessions of earlier versions have none.
    #[serde(default)]
    issuer_hash: Option<u32>,
}

impl SealedSession {
    fn into_identity(self) -> Identity {
        let reason = |name: String| Reason::ALL.iter().copied().find(|reason| reason.as_str() == name);
        let email = self.email.map_err(|name| reason(name).unwrap_or(Reason::EmailMissing));
        let claims = Claims(self.claims.0, self.left_out);
        Identity { provider: self.provider, subject: self.subject, email, claims }
    }
}

fn encode_kept(needs: &[u32]) -> Option<Vec<u8>> {
    let mut bytes = u16::try_from(needs.len()).ok()?.to_be_bytes().to_vec();
    bytes.extend(needs.iter().flat_map(|need| need.to_be_bytes()));
    Some(bytes)
}

fn decode_kept(plain: &[u8]) -> Option<(&[[u8; 4]], &[u8])> {
    let (count, rest) = plain.split_first_chunk::<2>()?;
    let (kept, json) = rest.split_at_checked(usize::from(u16::from_be_bytes(*count)) * 4)?;
    Some((kept.as_chunks().0, json))
}

/// Both ascend, so one walk is enough.
fn contains_all(kept: &[[u8; 4]], needs: &[u32]) -> bool {
    let mut kept = kept.iter().map(|bytes| u32::from_be_bytes(*bytes));
    needs.iter().all(|need| kept.by_ref().find(|hash| hash >= need) == Some(*need))
}

#[cfg(test)]
mod tests;
