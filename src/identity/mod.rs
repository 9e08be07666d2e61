//! Who is asking: claims and e-mail, sealed cookies, the provider's documents and keys, the checks of an ID token, and
//! the login as states that consume each other.
//!
//! In: cookies, callback parameters, tokens, documents, `now`, randomness. Out: an [`Identity`], or an error that
//! names its [`Reason`](crate::reason::Reason). Never: IO, or a claim from a token that has not been verified.

mod algorithms;
mod claims;
mod cookies;
mod doubt;
mod email;
mod fold;
mod id_token;
mod jwk;
mod likeness;
mod login;
mod pattern;
mod person;
mod projection;
mod provider;
mod question;
mod return_to;
mod roca;
mod seal;
mod session;
mod session_mark;
mod short_hash;
mod sign_out;
mod strict_json;
#[cfg(test)]
pub(crate) mod testing;

pub use claims::{ClaimPath, ClaimPathError, Claims, Scalar};
pub use cookies::{AttemptId, CookieJar, CookieName, HostCookie, HostCookieError, SetCookie, sets_ours, strip_ours};
pub use doubt::Doubt;
pub use email::{EmailAddress, EmailDomain, EmailError};
pub use id_token::{ExpectedToken, IdTokenError, VerifiedToken, verify_id_token};
pub use jwk::{KeyFault, PassedOver};
pub use login::{
    AuthorizationRedirect, CallbackParameters, CodeExchange, LoginError, LoginRounds, LoginStart, PendingLogin,
    SignedIn, Tokens,
};
pub use pattern::{GlobPattern, ValuePattern};
pub use person::{Identity, IdentityError};
pub use projection::{Keep, Projection};
pub use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub use question::{Absent, Question};
pub use return_to::ReturnTo;
pub use seal::{Purpose, SealError, SealKey, SealKeyError, SealKeys};
pub use session::{KnownProvider, Owner, Revocation, Revoked, Session, SessionError, SessionRules};
pub use session_mark::SessionMark;
pub use sign_out::end_session_url;
pub use strict_json::StrictJsonError;

use crate::{name::kind_of_name, secret::Secret, tls::TrustedRoots};

kind_of_name! {
    /// The name of a `[identity.NAME]` table.
    ProviderName
}

/// What must say that an address is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailVerification {
    /// The claim `email_verified` must be the boolean `true`. It speaks of the claim `email` only (OIDC Core 5.1): of an
    /// address at another place it proves nothing.
    Required,
    /// The claim at this path must be the boolean `true`: the flag of the place where the address is.
    Claim(ClaimPath),
    /// The operator vouches for the issuer: no claim is looked at.
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
    /// What must say that it is verified.
    pub email_verified: EmailVerification,
    /// The only CAs that may vouch for the provider's servers; `None`: those of the operating system.
    pub roots: Option<TrustedRoots>,
}
