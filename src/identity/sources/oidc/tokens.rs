//! What a token endpoint gives, unverified.

use crate::secret::Secret;

/// What the token endpoint gave.
pub(crate) struct Tokens {
    /// The ID token, unverified.
    pub(crate) id_token: String,
    /// The access token, where there is one: `at_hash` is held against it, and UserInfo is asked with it.
    pub(crate) access_token: Option<Secret>,
    /// What the access token is called, where that is no bearer token (RFC 6749 7.1).
    pub(crate) other_type: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(redacted)")
    }
}
