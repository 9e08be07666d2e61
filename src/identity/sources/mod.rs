//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod jws;
mod oidc;
mod source;

#[cfg(test)]
pub(crate) use assertion::testing::{AssertionDraft, of as assertion_settings_of};
pub(crate) use assertion::{
    AssertionError, AssertionSettings, IapPeople, KeyPlace, Preset, ReadAssertion, TokenMark, VerifiedAssertion,
};
pub(crate) use jws::SignatureAlgorithm;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use oidc::IdTokenError;
pub(crate) use oidc::VerifiedToken;
pub(crate) use oidc::{
    AnswerMode, AtSignOut, CallbackParameters, ClientAuth, ClientCredentials, ClientProof, CodeExchange, DocumentError,
    FailedLogin, KeyFault, KeySet, LoginError, LoginPurpose, LoginStart, NamedEndpoints, OF_THE_SIGN_IN, OidcSettings,
    PassedOver, PendingLogin, PostedAnswer, ProviderDocuments, ProviderMetadata, ProviderWords, ReadBy, SignOutForm,
    SignOutMethod, SignedIn, TokenAnswer, TokenAnswerError, Tokens, UserInfo, UserInfoAnswer, UserInfoError,
    UserInfoQuestion, UserInfoUse, end_session_fields,
};
#[cfg(test)]
pub(crate) use oidc::{IdTokenHint, TokenFault};
pub(crate) use source::Source;
