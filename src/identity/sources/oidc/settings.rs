//! What the operator says of an OpenID provider.

use url::Url;

use crate::{
    identity::{KnownProvider, SourceSettings, WantedClaims},
    secret::Secret,
    tls::TrustedRoots,
};

/// When UserInfo is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserInfoUse {
    /// Where the ID token lacks a claim that something reads.
    WhenNeeded,
    /// At every sign-in.
    Always,
    /// At none.
    Never,
}

/// A checked `[identity.NAME]` table of type `oidc`.
#[derive(Debug, Clone)]
pub(crate) struct OidcSettings {
    /// What every source has.
    pub(crate) source: SourceSettings,
    /// The issuer, compared byte for byte with what tokens and documents say (OIDC Discovery 4.3).
    pub(crate) issuer: String,
    /// Our client id at the provider.
    pub(crate) client_id: String,
    /// Our client secret at the provider.
    pub(crate) client_secret: Secret,
    /// Scopes asked for; `openid` is among them.
    pub(crate) scopes: Vec<String>,
    /// How the provider is told of a sign-out.
    pub(crate) sign_out: SignOutForm,
    /// When UserInfo is asked.
    pub(crate) userinfo: UserInfoUse,
    /// The claims that rules, templates and headers read of this provider's people: the assembly's to fill in.
    pub(crate) wanted: WantedClaims,
    /// The only CAs that may vouch for the provider's servers; `None`: those of the operating system.
    pub(crate) roots: Option<TrustedRoots>,
}

/// How a provider is told of a sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignOutForm {
    /// OpenID Connect RP-Initiated Logout 1.0: at the endpoint of the provider's documents, or at this one.
    RpInitiated {
        /// In place of the documents' `end_session_endpoint`.
        url: Option<Url>,
        /// How the browser is sent there.
        method: SignOutMethod,
    },
    /// Amazon Cognito: `client_id` and `logout_uri` at this address.
    Cognito {
        /// The address.
        url: Url,
    },
    /// Not at all.
    Local,
}

/// How the browser hands an ID token over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignOutMethod {
    /// By a form, so that it is in no address, history or log.
    Post,
    /// In the address, for a provider that takes no form.
    Get,
}

impl OidcSettings {
    /// The provider as sessions know it. A change of anything but secret, scopes, UserInfo and CAs asks its people to sign in again.
    #[must_use]
    pub(crate) fn known(&self) -> KnownProvider {
        KnownProvider::of(&self.source, &self.issuer, &self.client_id)
    }
}
