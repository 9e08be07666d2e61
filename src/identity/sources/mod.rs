//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod oidc;
mod source;

pub(crate) use assertion::AssertionSettings;
pub(crate) use oidc::{
    CallbackParameters, CodeExchange, DocumentError, KeyFault, KeySet, LoginError, LoginStart, OidcSettings,
    PassedOver, PendingLogin, ProviderDocuments, ProviderMetadata, SignedIn, TokenAnswer, TokenAnswerError, Tokens,
    end_session_url,
};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use oidc::{IdTokenError, VerifiedToken};
#[cfg(test)]
pub(crate) use oidc::{SignatureAlgorithm, TokenFault};
pub(crate) use source::Source;
