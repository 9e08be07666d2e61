//! Who is asking: claims and e-mail, sealed cookies, and the sources that vouch for people.
//!
//! In: cookies, callback parameters, tokens, documents, `now`, randomness. Out: a [`Visitor`] with an [`Identity`], or an error
//! that names its [`Reason`](crate::reason::Reason). Never: IO, or a claim from a token that has not been verified.

mod cause;
mod claims;
mod doubt;
mod email;
mod fold;
mod jws_key;
mod likeness;
mod named_address;
mod pattern;
mod person;
mod projection;
mod question;
#[cfg(test)]
pub(crate) mod reads;
mod return_to;
mod session;
mod settings;
mod short_hash;
mod sign_in_with;
mod sources;
mod strict_json;
#[cfg(test)]
pub(crate) mod testing;
mod visitor;
mod wanted;

pub(crate) use claims::{ClaimPath, Claims, Scalar};
pub(crate) use doubt::Doubt;
pub(crate) use email::{EmailAddress, EmailDomain, EmailError};
pub(crate) use jws_key::{JwsKey, SigningAlgorithm};
pub(crate) use named_address::NamedAddress;
pub(crate) use pattern::{GlobPattern, ValuePattern};
pub(crate) use person::{Identity, IdentityError};
pub(crate) use projection::{Keep, Projection};
pub(crate) use question::{Absent, Question};
pub(crate) use return_to::ReturnTo;
pub(crate) use session::{
    AttemptId, CookieName, Cookies, DueCheck, HeldSession, HostCookie, Idleness, KnownProvider, LastOwner, LoginLoop,
    LoginRounds, Owner, Purpose, Revocation, Revoked, SealKey, SealKeys, Session, SessionError, SessionMark,
    SessionReading, SessionRules, SetCookie, sets_ours,
};
pub(crate) use settings::{EmailVerification, Outsiders, ProviderName, SourceSettings};
pub(crate) use sign_in_with::{Chosen, SignInWith};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use sources::IdTokenError;
pub(crate) use sources::VerifiedToken;
pub(crate) use sources::{
    AnswerMode, AtSignOut, CallbackParameters, ClientAuth, ClientCredentials, ClientProof, CodeExchange, DocumentError,
    FailedLogin, KeyFault, KeySet, LoginError, LoginPurpose, LoginStart, NamedEndpoints, OF_THE_SIGN_IN, OidcSettings,
    PassedOver, PendingLogin, PostedAnswer, ProviderDocuments, ProviderMetadata, ProviderWords, ReadBy, SignOutForm,
    SignOutMethod, SignedIn, Source, TokenAnswer, TokenAnswerError, Tokens, UserInfo, UserInfoAnswer, UserInfoError,
    UserInfoQuestion, UserInfoUse, end_session_fields,
};
pub(crate) use sources::{
    AssertionError, AssertionSettings, IapPeople, KeyPlace, Preset, ReadAssertion, SignatureAlgorithm, TokenMark,
    VerifiedAssertion,
};
#[cfg(test)]
pub(crate) use sources::{IdTokenHint, TokenFault};
pub(crate) use visitor::{Visitor, VisitorSource};
pub(crate) use wanted::WantedClaims;
