//! The session: who is signed in, sealed into one cookie.

use super::{Claims, EmailAddress, Projection, ProviderName, SealKeys};
use crate::{reason::Reason, time::UnixSeconds};

/// Who is asking, as far as the rules may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Which source vouches.
    pub provider: ProviderName,
    /// The source's stable id of the person.
    pub subject: String,
    /// The verified address, or why there is none: then nothing is minted, the host application stays open.
    pub email: Result<EmailAddress, Reason>,
    /// The projected claims.
    pub claims: Claims,
}

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
    /// Whose sessions; compared without regard to ASCII case.
    pub email: String,
    /// The moment.
    pub signed_in_before: UnixSeconds,
}

/// What makes a session good today.
#[derive(Debug, Clone)]
pub struct SessionRules {
    /// First seals, all open.
    pub keys: SealKeys,
    /// How long a session lasts.
    pub max_age: std::time::Duration,
    /// Everyone who signed in earlier signs in again.
    pub not_before: Option<UnixSeconds>,
    /// Single people who sign in again.
    pub revocations: Vec<Revocation>,
    /// What today's rules look at.
    pub projection: Projection,
}

/// Why there is no session. The caller treats all alike, but for the log: the visitor is signed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Forged, foreign, truncated, oversized, of another site or sealed with an unknown key.
    #[error("session cookie does not open")]
    Sealed,
    /// Past its end.
    #[error("session has ended")]
    Ended,
    /// Signed in before `not_before` or a `[[revoke]]`.
    #[error("session is revoked")]
    Revoked,
    /// Today's rules look at something that this session did not keep.
    #[error("session lacks claims that today's rules need")]
    Outdated,
    /// More than fits into one cookie.
    #[error("session does not fit into one cookie")]
    TooLarge,
}
