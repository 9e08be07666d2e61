//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod oidc;
mod source;

pub(crate) use assertion::AssertionSettings;
pub(crate) use oidc::{
    AtSignOut, CallbackParameters, CodeExchange, DocumentError, KeyFault, KeySet, LoginError, LoginPurpose, LoginStart,
    OidcSettings, PassedOver, PendingLogin, ProviderDocuments, ProviderMetadata, SignOutForm, SignOutMethod, SignedIn,
    TokenAnswer, TokenAnswerError, Tokens, end_session_fields,
};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use oidc::{IdTokenError, VerifiedToken};
#[cfg(test)]
pub(crate) use oidc::{IdTokenHint, SignatureAlgorithm, TokenFault};
pub(crate) use source::Source;
