//! What the operator says of an OpenID provider.

use crate::{
    identity::{KnownProvider, SourceSettings},
    secret::Secret,
    tls::TrustedRoots,
};

/// A checked `[identity.NAME]` table of type `oidc`.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// What every source has.
    pub source: SourceSettings,
    /// The issuer, compared byte for byte with what tokens and documents say (OIDC Discovery 4.3).
    pub issuer: String,
    /// Our client id at the provider.
    pub client_id: String,
    /// Our client secret at the provider.
    pub client_secret: Secret,
    /// Scopes asked for; `openid` is among them.
    pub scopes: Vec<String>,
    /// The only CAs that may vouch for the provider's servers; `None`: those of the operating system.
    pub roots: Option<TrustedRoots>,
}

impl OidcSettings {
    /// The provider as sessions know it. A change of anything but secret, scopes and CAs asks its people to sign in again.
    #[must_use]
    pub fn known(&self) -> KnownProvider {
        KnownProvider::of(&self.source, &self.issuer, &self.client_id)
    }
}
