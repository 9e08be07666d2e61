//! What exists in Sigma, as far as embedding sees it.

use std::collections::BTreeSet;

use crate::secret::Secret;

/// A Sigma organization, as far as embedding sees it.
#[derive(Debug, Clone)]
pub(crate) struct SigmaOrganization {
    /// Its name in URLs.
    pub(crate) slug: String,
    /// The embed client id.
    pub(crate) client_id: String,
    /// The embed secret; signs as text.
    pub(crate) secret: Secret,
    /// Teams that exist.
    pub(crate) teams: BTreeSet<String>,
    /// User attributes that exist.
    pub(crate) user_attributes: BTreeSet<String>,
    /// Addresses of people with an account of their own.
    pub(crate) internal_users: BTreeSet<String>,
}
