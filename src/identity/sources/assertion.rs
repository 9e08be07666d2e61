//! An identity that a proxy in front has attached to each request, as a signed assertion.
//!
//! Its types alone so far: `[identity]` takes type `"oidc"` only, and says so.

use http::HeaderName;

use crate::identity::SourceSettings;

/// A checked `[identity.NAME]` table of a type that reads an assertion.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "`[identity]` takes type \"oidc\" alone so far")]
pub(crate) struct AssertionSettings {
    /// What every source has.
    pub(crate) source: SourceSettings,
    /// Who signs, compared byte for byte.
    pub(crate) issuer: String,
    /// Whom the assertion must be for: any of these.
    pub(crate) audiences: Vec<String>,
    /// The one header line that holds it.
    pub(crate) header: HeaderName,
}
