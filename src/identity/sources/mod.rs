//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod oidc;
mod source;

pub(crate) use assertion::AssertionSettings;
#[cfg(test)]
pub(crate) use oidc::SignatureAlgorithm;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use oidc::VerifiedToken;
pub(crate) use oidc::{
    AnswerMode, CallbackParameters, ClientAuth, ClientCredentials, ClientKey, ClientProof, CodeExchange, DocumentError,
    IdTokenError, KeyFault, KeySet, LoginError, LoginStart, NamedEndpoints, OidcSettings, PendingLogin, PostedAnswer,
    ProviderDocuments, ProviderMetadata, ReadBy, SignedIn, Tokens, end_session_url,
};
pub(crate) use source::Source;
