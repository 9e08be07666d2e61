//! What the operator says of an OpenID provider.

use url::Url;

use super::{
    client::{ClientCredentials, CredentialKinds},
    named_endpoints::NamedEndpoints,
};
use crate::{
    identity::{KnownProvider, SourceSettings, WantedClaims},
    proxy::OutboundProxy,
    tls::TrustedRoots,
};

/// How the provider's answer comes back to the callback (OAuth 2.0 Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerMode {
    /// In the query of a redirect.
    Query,
    /// In a form that the browser posts; an answer by query is taken too.
    FormPost,
}

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
    /// What may stand in `aud` beside our client id.
    pub(crate) audiences: Vec<String>,
    /// What we show at the token endpoint.
    pub(crate) credentials: ClientCredentials,
    /// Scopes asked for; `openid` is among them.
    pub(crate) scopes: Vec<String>,
    /// How the provider is told of a sign-out.
    pub(crate) sign_out: SignOutForm,
    /// Parameters that every authorization request has besides; none of them is one of ours.
    pub(crate) authorization: Vec<(String, String)>,
    /// How the answer comes back.
    pub(crate) response_mode: AnswerMode,
    /// Endpoints that the operator names in place of the documents.
    pub(crate) endpoints: NamedEndpoints,
    /// When UserInfo is asked.
    pub(crate) userinfo: UserInfoUse,
    /// The claims that rules, templates and headers read of this provider's people: the assembly's to fill in.
    pub(crate) wanted: WantedClaims,
    /// The only CAs that may vouch for the provider's servers; `None`: those of the operating system.
    pub(crate) roots: Option<TrustedRoots>,
    /// What the provider is asked through; `None`: nothing.
    pub(crate) proxy: Option<OutboundProxy>,
}

/// What the documents of an issuer are read by: read by other settings they say something else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ReadBy {
    credentials: CredentialKinds,
    endpoints: NamedEndpoints,
}

/// How a provider is told of a sign-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignOutForm {
    /// OpenID Connect RP-Initiated Logout 1.0: at the endpoint of the provider's documents, or at this one.
    RpInitiated {
        /// In place of the documents' `end_session_endpoint`.
        url: Option<Url>,
        /// How the browser is sent there; `None`: as its address says ([`SignOutMethod::fitting`]).
        method: Option<SignOutMethod>,
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

impl SignOutMethod {
    /// How an endpoint takes an ID token, where the operator does not say it: by a form, as RP-Initiated Logout 1.0 has it, but for
    /// servers that are known by their path to take none.
    #[must_use]
    pub(super) fn fitting(endpoint: &Url) -> Self {
        if TAKE_NO_FORM.iter().any(|end| endpoint.path().ends_with(end)) { Self::Get } else { Self::Post }
    }
}

/// How the paths of such servers end. `oidc-provider` and what is built on it answer a form with 404 unless they are told otherwise, and
/// their `Lax` cookies do not come along with one; ADFS takes GET alone.
const TAKE_NO_FORM: [&str; 2] = ["/session/end", "/adfs/oauth2/logout"];

impl OidcSettings {
    /// The provider as sessions know it. A change of what every source has, of issuer or client id asks its people to sign in again.
    #[must_use]
    pub(crate) fn known(&self) -> KnownProvider {
        KnownProvider::of(&self.source, &self.issuer, &self.client_id)
    }

    /// What its documents are read by.
    #[must_use]
    pub(crate) fn read_by(&self) -> ReadBy {
        ReadBy { credentials: self.credentials.kinds(), endpoints: self.endpoints.clone() }
    }
}
