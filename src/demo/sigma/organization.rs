//! What exists in Sigma, as far as embedding sees it.

use std::collections::BTreeSet;

use crate::secret::Secret;

/// A Sigma organization, as far as embedding sees it.
#[derive(Debug, Clone)]
pub struct SigmaOrganization {
    /// Its name in URLs.
    pub slug: String,
    /// The embed client id.
    pub client_id: String,
    /// The embed secret; signs as text.
    pub secret: Secret,
    /// Teams that exist.
    pub teams: BTreeSet<String>,
    /// User attributes that exist.
    pub user_attributes: BTreeSet<String>,
    /// Addresses of people with an account of their own.
    pub internal_users: BTreeSet<String>,
}
