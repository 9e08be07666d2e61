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
mod user_info;

#[cfg(test)]
pub(crate) use algorithms::SignatureAlgorithm;
pub(crate) use id_token::IdTokenError;
pub(crate) use id_token::VerifiedToken;
pub(crate) use jwk::KeyFault;
pub(crate) use login::{
    CallbackParameters, CodeExchange, LoginError, LoginStart, PendingLogin, SignedIn, TokenAnswerError, Tokens,
};
pub(crate) use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub(crate) use settings::OidcSettings;
pub(crate) use sign_out::end_session_url;
pub(crate) use user_info::{OF_THE_SIGN_IN, UserInfo, UserInfoAnswer, UserInfoError, UserInfoQuestion, UserInfoUse};
