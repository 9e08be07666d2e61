//! Who came in, and what they see.

use std::collections::BTreeMap;

use crate::time::UnixSeconds;

/// What kind of user the `sub` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewerKind {
    /// Made from the claims.
    Embed,
    /// Has an account of the organization.
    Internal,
}

/// A verified embed URL, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The user's address.
    pub sub: String,
    /// First and last name, where the token has them.
    pub names: Vec<String>,
    /// Embed or internal.
    pub kind: ViewerKind,
    /// Teams of the token.
    pub teams: Vec<String>,
    /// Account type of the token; `None` for an embed user means the highest.
    pub account_type: Option<String>,
    /// Attributes of the token.
    pub user_attributes: BTreeMap<String, String>,
    /// The path after the organization, decoded.
    pub document: String,
    /// Interface parameters, with their colon, without `:jwt`.
    pub parameters: Vec<(String, String)>,
    /// Control values.
    pub controls: Vec<(String, String)>,
    /// The token's id.
    pub jti: String,
    /// When the session ends.
    pub expires_at: UnixSeconds,
}

impl Opening {
    /// Whether an embed user came without an account type, and so with the highest one.
    #[must_use]
    pub const fn is_highest_by_omission(&self) -> bool {
        matches!(self.kind, ViewerKind::Embed) && self.account_type.is_none()
    }
}
