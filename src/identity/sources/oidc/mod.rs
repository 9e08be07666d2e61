//! An OpenID provider: its documents and keys, the login as states that consume each other, and the checks of an ID token.

mod algorithms;
mod id_token;
mod jwk;
mod login;
mod provider;
mod public_key;
mod roca;
mod settings;
mod sign_out;

#[cfg(test)]
pub(crate) use algorithms::SignatureAlgorithm;
pub(crate) use id_token::IdTokenError;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use id_token::VerifiedToken;
pub(crate) use jwk::KeyFault;
pub(crate) use login::{
    CallbackParameters, CodeExchange, LoginError, LoginStart, PendingLogin, SignedIn, TokenAnswerError, Tokens,
};
pub(crate) use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub(crate) use settings::OidcSettings;
pub(crate) use sign_out::end_session_url;
