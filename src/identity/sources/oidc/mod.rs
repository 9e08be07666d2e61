//! An OpenID provider: its documents and keys, the login as states that consume each other, and the checks of an ID token.

mod client;
mod id_token;
mod jwk;
mod listed;
mod login;
mod named_endpoints;
mod pem_key;
mod provider;
mod provider_words;
mod roca;
mod settings;
mod sign_out;
mod token_answer;
mod tokens;
mod user_info;

pub(crate) use client::{ClientAuth, ClientCredentials, ClientProof};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use id_token::IdTokenError;
#[cfg(test)]
pub(crate) use id_token::TokenFault;
pub(crate) use id_token::VerifiedToken;
pub(crate) use jwk::{KeyFault, PassedOver};
#[cfg(test)]
pub(crate) use login::IdTokenHint;
pub(crate) use login::{
    CallbackParameters, CodeExchange, FailedLogin, LoginError, LoginPurpose, LoginStart, PendingLogin, PostedAnswer,
    SignedIn,
};
pub(crate) use named_endpoints::NamedEndpoints;
pub(crate) use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub(crate) use provider_words::ProviderWords;
pub(crate) use settings::{AnswerMode, OidcSettings, ReadBy, SignOutForm, SignOutMethod, UserInfoUse};
pub(crate) use sign_out::{AtSignOut, end_session_fields};
pub(crate) use token_answer::{TokenAnswer, TokenAnswerError};
pub(crate) use tokens::Tokens;
pub(crate) use user_info::{OF_THE_SIGN_IN, UserInfo, UserInfoAnswer, UserInfoError, UserInfoQuestion};
