//! Who came in, and what they see.

use std::collections::BTreeMap;

use crate::time::UnixSeconds;

/// What kind of user the `sub` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewerKind {
    /// Made from the claims.
    Embed,
    /// Has an account of the organization.
    Internal,
}

/// A verified embed URL, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The user's address.
    pub(crate) sub: String,
    /// First and last name, where the token has them.
    pub(crate) names: Vec<String>,
    /// Embed or internal.
    pub(crate) kind: ViewerKind,
    /// Teams of the token.
    pub(crate) teams: Vec<String>,
    /// Account type of the token; `None` for an embed user means the highest.
    pub(crate) account_type: Option<String>,
    /// Attributes of the token.
    pub(crate) user_attributes: BTreeMap<String, String>,
    /// The path after the organization, decoded.
    pub(crate) document: String,
    /// Interface parameters, with their colon, without `:jwt`.
    pub(crate) parameters: Vec<(String, String)>,
    /// Control values.
    pub(crate) controls: Vec<(String, String)>,
    /// The token's id.
    pub(crate) jti: String,
    /// When the session ends.
    pub(crate) expires_at: UnixSeconds,
}

impl Opening {
    /// Whether an embed user came without an account type, and so with the highest one.
    #[must_use]
    pub(crate) const fn is_highest_by_omission(&self) -> bool {
        matches!(self.kind, ViewerKind::Embed) && self.account_type.is_none()
    }
}
