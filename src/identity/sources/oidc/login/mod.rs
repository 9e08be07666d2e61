//! A sign-in as states that consume each other: [`PendingLogin`] → [`CodeExchange`] → [`SignedIn`].
//!
//! The pending login travels in a sealed cookie of its own, so several tabs can sign in at once and the gateway keeps
//! nothing. Authorization code with PKCE S256, `state` and `nonce` (RFC 9700 2.1.1).

mod callback;
mod code;
mod error;
mod pending;
mod posted;
#[cfg(test)]
mod tests;

pub(crate) use callback::CallbackParameters;
pub(crate) use code::{CodeExchange, IdTokenHint, SignedIn};
pub(crate) use error::{FailedLogin, LoginError};
pub(crate) use pending::{LoginPurpose, LoginStart, PendingLogin};
pub(crate) use posted::PostedAnswer;
