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

pub use algorithms::SignatureAlgorithm;
pub use id_token::{IdTokenError, VerifiedToken};
pub use jwk::{KeyFault, PassedOver};
pub use login::{
    AuthorizationRedirect, CallbackParameters, CodeExchange, LoginError, LoginStart, PendingLogin, SignedIn, Tokens,
};
pub use provider::{DocumentError, KeySet, ProviderDocuments, ProviderMetadata};
pub use settings::OidcSettings;
pub use sign_out::end_session_url;
