//! Who is asking: claims and e-mail, sealed cookies, and the sources that vouch for people.
//!
//! In: cookies, callback parameters, tokens, documents, `now`, randomness. Out: a [`Visitor`] with an [`Identity`], or an error
//! that names its [`Reason`](crate::reason::Reason). Never: IO, or a claim from a token that has not been verified.

mod claims;
mod doubt;
mod email;
mod fold;
mod likeness;
mod pattern;
mod person;
mod projection;
mod question;
mod return_to;
mod session;
mod settings;
mod short_hash;
mod sources;
mod strict_json;
#[cfg(test)]
pub(crate) mod testing;
mod visitor;

pub use claims::{ClaimPath, ClaimPathError, Claims, Scalar};
pub use doubt::Doubt;
pub use email::{EmailAddress, EmailDomain, EmailError};
pub use pattern::{GlobPattern, ValuePattern};
pub use person::{Identity, IdentityError};
pub use projection::{Keep, Projection};
pub use question::{Absent, Question};
pub use return_to::ReturnTo;
pub use session::{
    AttemptId, CookieName, Cookies, HostCookie, HostCookieError, KnownProvider, LastOwner, LoginLoop, LoginRounds,
    Owner, Purpose, Revocation, Revoked, SealError, SealKey, SealKeyError, SealKeys, Session, SessionError,
    SessionMark, SessionReading, SessionRules, SetCookie, sets_ours,
};
pub use settings::{EmailVerification, ProviderName, SourceSettings};
pub use sources::{
    AssertionSettings, AuthorizationRedirect, CallbackParameters, CodeExchange, DocumentError, IdTokenError, KeyFault,
    KeySet, LoginError, LoginStart, OidcSettings, PassedOver, PendingLogin, ProviderDocuments, ProviderMetadata,
    SignatureAlgorithm, SignedIn, Source, Tokens, VerifiedToken, end_session_url,
};
pub use strict_json::StrictJsonError;
pub use visitor::{Visitor, VisitorSource};
