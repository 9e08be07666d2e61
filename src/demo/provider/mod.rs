//! IO.
//! The provider stand-in: OpenID Connect with the authorization code flow and PKCE, for one client and five people.
//!
//! It is strict where a real provider is, keeps no sign-in session (it always asks who), and can be told to misbehave.

mod authorize;
mod fault;
mod id_token;
mod keys;
mod logout;
mod metadata;
mod server;
#[cfg(test)]
mod tests;
mod token;

pub use fault::Fault;
pub(crate) use server::{ProviderOptions, ProviderStandIn};
