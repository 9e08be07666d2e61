//! Who is asking: claims and e-mail, sealed cookies, the provider's documents and keys, the checks of an ID token, and
//! the login as states that consume each other.
//!
//! In: cookies, callback parameters, tokens, documents, `now`, randomness. Out: an [`Identity`], or an error that
//! names its [`Reason`](crate::reason::Reason). Never: IO, or a claim from a token that has not been verified.

mod algorithms;
mod claims;
mod cookies;
mod email;
mod id_token;
mod jwk;
mod login;
mod person;
mod projection;
mod provider;
mod return_to;
mod seal;
mod session;
mod short_hash;
mod sign_out;
mod strict_json;
#[cfg(test)]
pub(crate) mod testing;

pub use claims::{ClaimPath, ClaimPathError, Claims, Scalar};
pub use cookies::{AttemptId, CookieJar, CookieName, HostCookie, HostCookieError, SetCookie, sets_ours, strip_ours};
pub use email::{EmailAddress, EmailDomain, EmailError};
pub use id_token::{ExpectedToken, IdTokenError, VerifiedToken, verify_id_token};
pub use login::{
    AuthorizationRedirect, CallbackParameters, CodeExchange, LoginError, LoginRounds, LoginStart, PendingLogin,
    SignedIn, Tokens,
};
pub use person::{Identity, IdentityError};
pub use projection::{Keep, Projection, ValuePattern};
pub use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub use return_to::ReturnTo;
pub use seal::{Purpose, SealError, SealKey, SealKeyError, SealKeys};
pub use session::{KnownProvider, Owner, Revocation, Revoked, Session, SessionError, SessionRules};
pub use sign_out::end_session_url;
pub use strict_json::StrictJsonError;

use crate::{secret::Secret, tls::TrustedRoots};

/// The name of a `[identity.NAME]` table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct ProviderName(pub String);

/// Whether a provider's `email_verified` claim must be `true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerification {
    /// The claim must be the boolean `true`.
    Required,
    /// The operator vouches for the issuer: the claim is not looked at.
    TrustedIssuer,
}

/// A checked `[identity.NAME]` table of type `oidc`.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// The table's name.
    pub name: ProviderName,
    /// The issuer, compared byte for byte with what tokens and documents say (OIDC Discovery 4.3).
    pub issuer: String,
    /// Our client id at the provider.
    pub client_id: String,
    /// Our client secret at the provider.
    pub client_secret: Secret,
    /// Scopes asked for; `openid` is among them.
    pub scopes: Vec<String>,
    /// Whose addresses this source may vouch for.
    pub email_domains: Vec<EmailDomain>,
    /// Where the e-mail address is.
    pub email: ClaimPath,
    /// What is asked of `email_verified`.
    pub email_verified: EmailVerification,
    /// The only CAs that may vouch for the provider's servers; `None`: those of the operating system.
    pub roots: Option<TrustedRoots>,
}
