//! Certificates and keys as checked values: PEM text in, what a TLS connection is made of out. Pure; who connects is
//! `listen` and `connect`.

mod chain;
mod identity;
mod roots;

#[cfg(test)]
pub(crate) mod testing;

pub use chain::{CertificateChain, ChainError};
pub use identity::{TlsIdentity, TlsIdentityError};
pub use roots::{RootsError, TrustedRoots};
