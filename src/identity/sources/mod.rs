//! The sources of identities: who may vouch for people, and how each of them does it.

mod assertion;
mod oidc;
mod source;

pub use assertion::AssertionSettings;
pub use oidc::{
    AuthorizationRedirect, CallbackParameters, CodeExchange, DocumentError, IdTokenError, KeyFault, KeySet, LoginError,
    LoginStart, OidcSettings, PassedOver, PendingLogin, ProviderDocuments, ProviderMetadata, SignatureAlgorithm,
    SignedIn, Tokens, VerifiedToken, end_session_url,
};
pub use source::Source;
