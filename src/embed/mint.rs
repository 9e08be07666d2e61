//! Minting: the one place where a signed URL comes into being.

use super::{Embed, EmbedName, Organization, View};
use crate::{
    identity::EmailAddress,
    policy::{Granted, MappingName},
    reason::Reason,
    seed::SeedStream,
    time::UnixSeconds,
};

/// Who is looking, and what today's rules say about them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The verified address and the mapping result, or why there is none.
    pub standing: Result<(EmailAddress, Granted), Reason>,
    /// `given_name` and `family_name`, where the claims have both.
    pub names: Option<(String, String)>,
    /// The end of the gateway's session: no token outlives it.
    pub session_ends_at: UnixSeconds,
}

/// A signed URL: a bearer secret that works once. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

/// What the audit log says about a mint: never the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintRecord {
    /// `sub`.
    pub email: String,
    /// Which embed.
    pub embed: EmbedName,
    /// Sigma's id of the document that was opened.
    pub document: String,
    /// The mappings that gave the grant.
    pub mappings: Vec<MappingName>,
    /// Teams; empty for an internal user.
    pub teams: Vec<String>,
    /// The account type; none for an internal user.
    pub account_type: Option<String>,
    /// The token's id.
    pub jti: String,
    /// The token's (and the embed session's) end.
    pub expires_at: UnixSeconds,
}

/// A signed URL with its audit record.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The URL.
    pub url: SignedUrl,
    /// The record.
    pub record: MintRecord,
}

/// Why nothing is minted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// Switched off.
    #[error("embed {0:?} is disabled")]
    Disabled(EmbedName),
    /// The viewer has no grant.
    #[error("viewer has no grant: {0}")]
    NoGrant(Reason),
    /// The viewer's mappings are not among those that may see the embed.
    #[error("embed {0:?} is not for the viewer's mappings")]
    NotAllowed(EmbedName),
    /// The URL would be too long.
    #[error("signed URL is {0} bytes long")]
    TooLong(usize),
    /// The session has ended.
    #[error("session has ended")]
    SessionEnded,
}

impl EmbedError {
    /// The stable reason.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Disabled(_) => Reason::EmbedDisabled,
            Self::NoGrant(reason) => *reason,
            Self::NotAllowed(_) => Reason::EmbedNotAllowed,
            Self::TooLong(_) => Reason::UrlTooLong,
            Self::SessionEnded => Reason::NotSignedIn,
        }
    }
}

impl SignedUrl {
    /// The URL itself, for the answer to the viewer's browser only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedUrl(redacted)")
    }
}

/// Mints a signed URL for one view of an embed.
///
/// # Errors
/// See [`EmbedError`]; nothing is signed then.
pub fn mint(
    _organization: &Organization,
    _embed: &Embed,
    _view: &View,
    _viewer: &Viewer,
    _stream: &mut SeedStream,
    _now: UnixSeconds,
) -> Result<Minted, EmbedError> {
    todo!()
}
