//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod oidc;
mod source;

pub(crate) use assertion::AssertionSettings;
#[cfg(test)]
pub(crate) use oidc::SignatureAlgorithm;
pub(crate) use oidc::VerifiedToken;
pub(crate) use oidc::{
    CallbackParameters, CodeExchange, DocumentError, IdTokenError, KeyFault, KeySet, LoginError, LoginStart,
    OF_THE_SIGN_IN, OidcSettings, PendingLogin, ProviderDocuments, ProviderMetadata, SignedIn, TokenAnswerError,
    Tokens, UserInfo, UserInfoAnswer, UserInfoError, UserInfoQuestion, UserInfoUse, end_session_url,
};
pub(crate) use source::Source;
